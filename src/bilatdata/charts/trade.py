"""Trade by year and direction, reporters side by side, bounds told by shapes."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import altair as alt

from bilatdata.charts.style import COLOURS, GREY, WIDTH, counted, inline, require_country, styled
from bilatdata.errors import BilatdataError
from bilatdata.loading import arrow_table

NAMED = 5
"""Reporters with a colour of their own, those with most figures; all others share one."""
OTHERS = "other reporters"
BOUNDS = {"exact": "circle", "approximate": "diamond", "at_least": "triangle-up", "at_most": "triangle-down"}
"""Shape of each bound."""


def draw(code: str) -> Any:
    """The totals of trade between Russia and a country."""
    code, name = require_country(code)
    rows = [
        row for row in arrow_table("trade_totals").to_pylist() if code in (row["country_a_code"], row["country_b_code"])
    ]
    measures = {
        "exports_a_to_b": f"Russia to {name}",
        "exports_b_to_a": f"{name} to Russia",
        "turnover": "Both together",
    }
    drawn = [row for row in rows if row["measure_code"] in measures and _is_drawn(row)]
    if not drawn:
        raise BilatdataError(f"no total of trade with {name} for a single year: there is nothing to draw")
    ranked = [reporter for reporter, _ in Counter(row["reporter"] for row in drawn).most_common(NAMED)]
    points = _with_segments([_point(row, measures, ranked) for row in drawn])
    many = len({row["reporter"] for row in drawn})
    subtitle = f"Totals by year in US dollars, as {many} reporters give them; nothing is averaged"
    left_out = counted(
        len(rows) - len(drawn), "totals for other periods or parts of trade, without a figure, or balances"
    )
    return styled(_drawing(points, list(measures.values()), ranked), f"Trade of Russia and {name}", subtitle, left_out)


def _is_drawn(row: dict[str, Any]) -> bool:
    return row["value_usd"] is not None and row["scope"] is None and re.fullmatch("[0-9]{4}", row["period"]) is not None


def _point(row: dict[str, Any], measures: dict[str, str], ranked: list[str]) -> dict[str, Any]:
    return {
        "id": row["trade_total_id"],
        "year": int(row["period"]),
        "direction": measures[row["measure_code"]],
        "usd": row["value_usd"],
        "bound": (row["bound_code"] or "exact").replace("_", " "),
        "reporter": row["reporter"],
        "group": row["reporter"] if row["reporter"] in ranked else OTHERS,
    }


def _with_segments(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numbers the runs of years without a gap, so that no line leads over years that nobody reports."""
    points = sorted(points, key=lambda point: (point["direction"], point["reporter"], point["year"]))
    before: dict[str, Any] = {}
    segment = 0
    for point in points:
        follows = (point["direction"], point["reporter"]) == (before.get("direction"), before.get("reporter"))
        segment += not (follows and point["year"] - before["year"] <= 1)
        point["segment"] = segment
        before = point
    return points


def _drawing(points: list[dict[str, Any]], directions: list[str], ranked: list[str]) -> Any:
    present = [direction for direction in directions if any(point["direction"] == direction for point in points)]
    reporters = [*ranked, *([OTHERS] if any(point["group"] == OTHERS for point in points) else [])]
    colours = [*COLOURS[: len(ranked)], GREY][: len(reporters)]
    bounds = [bound.replace("_", " ") for bound in BOUNDS]
    base = alt.Chart(inline(points)).encode(
        x=alt.X(
            "year:Q",
            title=None,
            axis=alt.Axis(format="d", grid=False),
            scale=alt.Scale(zero=False, nice=False, padding=8),
        ),
        y=alt.Y(
            "usd:Q",
            title=None,
            axis=alt.Axis(
                format="$.2~s", labelExpr="replace(replace(datum.label, 'G', ' bn'), 'M', ' m')", tickCount=5
            ),
        ),
        color=alt.Color(
            "group:N",
            title="Reporter",
            sort=reporters,
            scale=alt.Scale(domain=reporters, range=colours),
            legend=alt.Legend(columns=1),
        ),
        detail=["reporter:N", "segment:N"],
    )
    lines = base.transform_filter(f"datum.group != '{OTHERS}'").mark_line(strokeWidth=1.5, opacity=0.7)
    marks = base.mark_point(size=46, filled=False, strokeWidth=1.5, opacity=0.9).encode(
        shape=alt.Shape(
            "bound:N",
            title="The figure is",
            sort=bounds,
            scale=alt.Scale(domain=bounds, range=list(BOUNDS.values())),
            legend=alt.Legend(columns=1),
        ),
        tooltip=["id:N", "year:Q", "usd:Q", "bound:N", "reporter:N"],
    )
    return (
        (lines + marks)
        .properties(width=WIDTH, height=170)
        .facet(
            row=alt.Row("direction:N", sort=present, title=None, header=alt.Header(labelAngle=0, labelOrient="top")),
            spacing=14,
        )
        .resolve_scale(y="independent")
    )
