"""The evidence of a record as a matrix: fields down, sources across, disputes in a colour of their own."""

from __future__ import annotations

from typing import Any

import altair as alt

from bilatdata.charts.style import COLOURS, DISPUTED, GREY, inline, styled
from bilatdata.errors import BilatdataError
from bilatdata.loading import table_schema
from bilatdata.records import Evidence, Record, record
from bilatdata.wording.record_words import RecordWords

WHOLE = "The record as a whole"
BASES = {"stated": COLOURS[0], "derived": COLOURS[5], "inferred": GREY, "disputes": DISPUTED}
"""Colours by how a source gives a value; a source that gives another one is told apart first of all."""
_CELL = 26
_PUBLISHER = 28


def draw(id: str) -> Any:
    """The evidence of one record; that of its companions stands with theirs."""
    shown = record(id)
    own = [item for item in shown.evidence if (item.table, item.record_id) == (shown.table, shown.id)]
    if not own:
        raise BilatdataError(f"{shown.id} has no evidence of its own: there is nothing to draw")
    words = RecordWords.of(shown)
    cells = [_cell(item, shown, words) for item in own]
    disputed = sum(cell["kind"] == "disputes" for cell in cells)
    sources = len({item.source_id for item in own})
    subtitle = f"{len(own)} pieces of evidence of {sources} sources, {disputed} of them against what the cell says"
    return styled(_drawing(cells, _fields(shown, cells)), f"{shown.id}  {words.title()}", subtitle)


def _cell(item: Evidence, shown: Record, words: RecordWords) -> dict[str, Any]:
    publisher = shown.sources[item.source_id]["publisher"]
    if len(publisher) > _PUBLISHER:
        publisher = publisher[: _PUBLISHER - 1] + "…"
    fields = table_schema(item.table).by_name
    return {
        "field": fields[item.field].title if item.field else WHOLE,
        "source": f"[{words.numbers[item.source_id]}] {publisher}",
        "number": words.numbers[item.source_id],
        "kind": "disputes" if item.stance == "disputes" else item.basis,
        "sign": "≠" if item.stance == "disputes" else "",
        "says": words.reported(item),
        "note": item.note or "",
    }


def _fields(shown: Record, cells: list[dict[str, Any]]) -> list[str]:
    """The fields that have evidence, in the order of the schema."""
    told = {cell["field"] for cell in cells}
    return [title for title in (WHOLE, *(field.title for field in table_schema(shown.table).fields)) if title in told]


def _drawing(cells: list[dict[str, Any]], fields: list[str]) -> Any:
    kinds = [kind for kind in BASES if any(cell["kind"] == kind for cell in cells)]
    base = alt.Chart(inline(cells)).encode(
        x=alt.X(
            "source:N",
            title=None,
            sort=alt.EncodingSortField("number"),
            axis=alt.Axis(labelAngle=-40, orient="top", grid=True, labelOverlap=False),
        ),
        y=alt.Y("field:N", title=None, sort=fields, axis=alt.Axis(grid=True)),
        tooltip=["field:N", "source:N", "kind:N", "says:N", "note:N"],
    )
    squares = base.mark_square(size=330, opacity=1).encode(
        color=alt.Color(
            "kind:N",
            title="The source",
            sort=kinds,
            scale=alt.Scale(domain=kinds, range=[BASES[kind] for kind in kinds]),
            legend=alt.Legend(columns=4),
        )
    )
    signs = base.mark_text(color="white", fontSize=14, fontWeight="bold").encode(text="sign:N")
    return (squares + signs).properties(width=alt.Step(_CELL), height=alt.Step(_CELL - 3))
