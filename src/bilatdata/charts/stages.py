"""A concession over time: the stages that it reached, and the other events of its log."""

from __future__ import annotations

from typing import Any

import altair as alt

from bilatdata import package
from bilatdata.charts.style import COLOURS, GREY, WIDTH, counted, inline, styled
from bilatdata.errors import BilatdataError
from bilatdata.loading import arrow_table, table_schema
from bilatdata.records import find_record
from bilatdata.wording.terms import Terms, read_terms


def draw(id: str) -> Any:
    """The log of a concession."""
    table, concession = find_record(id)
    if table != "concessions":
        raise BilatdataError(f"{id} is a record of {table}: expected a concession, such as CON-0010")
    terms = read_terms(package.installed())
    log = [
        row
        for row in arrow_table("concession_events").to_pylist()
        if row["concession_id"] == concession["concession_id"]
    ]
    events = sorted((_event(row, terms) for row in log if row["date_earliest"]), key=lambda event: event["date"])
    if not events:
        raise BilatdataError(f"no event of {id} has a date: there is nothing to draw")
    stage = terms.label(_vocabulary("stage_code"), concession["stage_code"])
    subtitle = f"{len(events)} dated events; latest known stage: {stage}. Blue: a stage is reached; grey: other events"
    left_out = counted(len(log) - len(events), "events without a date")
    return styled(_drawing(events, terms), concession["project_name"], subtitle, left_out)


def _vocabulary(field: str) -> str | None:
    return table_schema("concession_events").by_name[field].vocabulary


def _event(row: dict[str, Any], terms: Terms) -> dict[str, Any]:
    return {
        "date": row["date_earliest"].isoformat(),
        "until": (row["date_latest"] or row["date_earliest"]).isoformat(),
        "stated": row["date"],
        "stage": terms.label(_vocabulary("stage_code"), row["stage_code"]) if row["stage_code"] else None,
        "kind": terms.label(_vocabulary("event_type_code"), row["event_type_code"]),
        "told": row["description"],
    }


def _drawing(events: list[dict[str, Any]], terms: Terms) -> Any:
    stages, time = [event for event in events if event["stage"]], _time(events)
    upper = (
        _stages(
            stages,
            time,
            [terms.label(_vocabulary("stage_code"), code) for code in terms.codes(_vocabulary("stage_code"))],
        )
        if stages
        else None
    )
    lower = (
        alt.Chart(inline(events))
        .mark_point(filled=True, size=60, opacity=0.75)
        .encode(
            x=time,
            y=alt.Y(
                "kind:N", title="Kind of event", sort=alt.EncodingSortField("date", "min"), axis=alt.Axis(grid=True)
            ),
            color=alt.condition("datum.stage != null", alt.value(COLOURS[0]), alt.value(GREY)),
            tooltip=["stated:N", "kind:N", "stage:N", "told:N"],
        )
        .properties(width=WIDTH, height=alt.Step(20))
    )
    return alt.vconcat(upper, lower) if upper else alt.vconcat(lower)


def _stages(events: list[dict[str, Any]], time: alt.X, order: list[str]) -> Any:
    reached = [stage for stage in reversed(order) if any(event["stage"] == stage for event in events)]
    base = alt.Chart(inline(events)).encode(
        x=time, y=alt.Y("stage:N", title="Stage", sort=reached, axis=alt.Axis(grid=True))
    )
    way = base.mark_line(interpolate="step-after", color=COLOURS[0], strokeWidth=2)
    marks = base.mark_point(filled=True, size=80, color=COLOURS[0], opacity=1).encode(
        tooltip=["stated:N", "stage:N", "told:N"]
    )
    dates = base.mark_text(align="left", baseline="bottom", dx=5, dy=-4, fontSize=10, color=COLOURS[0]).encode(
        text="stated:N"
    )
    return (way + marks + dates).properties(width=WIDTH, height=alt.Step(34))


def _time(events: list[dict[str, Any]]) -> alt.X:
    """One axis of time for both parts."""
    days = [event["date"] for event in events]
    axis = alt.Axis(format="%b %Y" if days[-1][:4] < str(int(days[0][:4]) + 5) else "%Y", tickCount=8)
    return alt.X("date:T", title=None, axis=axis, scale=alt.Scale(domain=[days[0], days[-1]], padding=40))
