"""When the sides met: a row per country, or per level of one country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from bilatdata import package
from bilatdata.charts.style import COLOURS, GREY, WIDTH, counted, inline, require_country, styled
from bilatdata.errors import BilatdataError
from bilatdata.loading import arrow_table
from bilatdata.wording.terms import Terms, country_names, read_terms

LEVELS = {
    "Heads of state or government": ("head_of_state", "head_of_government", "deputy_head"),
    "Ministers": ("foreign_minister", "minister", "deputy_minister"),
    "Parliaments, security, commissions": ("parliament", "security_official", "commission"),
    "Envoys, agencies, companies": ("adviser", "ambassador", "agency_or_company", "other"),
}
"""Levels that share a colour."""
HELD, NOT_HELD = "held", "not held or not sure"
"""What the shape of a point says; planned, cancelled and unconfirmed meetings are told together."""


def draw(code: str | None) -> Any:
    """The meetings of all countries, or those of one."""
    rows = arrow_table("meetings").to_pylist()
    name = None
    if code is not None:
        code, name = require_country(code)
        rows = [row for row in rows if code in (row["country_a_code"], row["country_b_code"])]
    terms, names = read_terms(package.installed()), country_names(package.installed(), "en")
    placed = [_point(row, terms, names) for row in rows if row["date_earliest"] and row["date_latest"]]
    if not placed:
        raise BilatdataError(f"no meeting with {name or 'any country'} has a date: there is nothing to draw")
    field = "country" if name is None else "level"
    heading = f"Meetings of Russia and {name}" if name else "Meetings of Russia with Latin America and the Caribbean"
    subtitle = f"{len(placed):,} meetings, calls and sessions; a line is a date that the sources give as a span"
    return styled(_drawing(placed, field), heading, subtitle, counted(len(rows) - len(placed), "without a date"))


def _point(row: dict[str, Any], terms: Terms, names: Mapping[str, str]) -> dict[str, Any]:
    first, last = row["date_earliest"], row["date_latest"]
    return {
        "id": row["meeting_id"],
        "country": names[row["country_b_code"]],
        "level": terms.label("level", row["level_code"]),
        "rank": terms.codes("level").index(row["level_code"]),
        "group": next(group for group, levels in LEVELS.items() if row["level_code"] in levels),
        "status": HELD if row["status_code"] == "held" else NOT_HELD,
        "stated": row["date"],
        "first": first.isoformat(),
        "last": last.isoformat(),
        "middle": (first + (last - first) / 2).isoformat(),
        "span": (last - first).days,
        "outcome": row["outcome"] or "",
    }


def _drawing(points: list[dict[str, Any]], field: str) -> Any:
    order = (
        alt.EncodingSortField("rank", order="descending")
        if field == "level"
        else alt.EncodingSortField("id", "count", order="descending")
    )
    y = alt.Y(f"{field}:N", sort=order, title=None, axis=alt.Axis(grid=True))
    groups = list(LEVELS)
    colour = alt.Color("group:N", title=None, sort=groups, scale=alt.Scale(domain=groups, range=[*COLOURS[:3], GREY]))
    base = alt.Chart(inline(points)).encode(y=y, color=colour)
    spans = base.transform_filter("datum.span > 20").mark_rule(strokeWidth=2, opacity=0.35)
    shapes = alt.Shape(
        "status:N",
        title=None,
        scale=alt.Scale(domain=[HELD, NOT_HELD], range=["circle", "M-1,-1L1,1M1,-1L-1,1"]),
    )
    marks = base.mark_point(size=42, opacity=0.75, strokeWidth=1.5).encode(
        x=alt.X("middle:T", title=None),
        shape=shapes,
        fill=alt.condition(f"datum.status == '{HELD}'", colour, alt.value("transparent")),
        tooltip=["id:N", "country:N", "stated:N", "level:N", "status:N", "outcome:N"],
    )
    drawn = spans.encode(x=alt.X("first:T", title=None), x2="last:T") + marks
    return drawn.properties(width=WIDTH, height=alt.Step(20 if field == "country" else 26))
