"""The state of the record as a table for people."""

from __future__ import annotations

from collections.abc import Iterator

from bilatdata.cli.output import Column, Output, table, wrap
from bilatdata.contract.state import RecordState, TableState
from bilatdata.wording.text import number_text

COLUMNS = ("records", "sourced", "cells", "by two", "disputes", "low", "other")
LEGEND = (
    "sourced: share of records with evidence. cells: share of cells with evidence that names their field, of those "
    "that can have it; by two: from two independent sources. low: share of records of low confidence. other: share of "
    "the code 'other' in the column that has most of it."
)


def state_lines(state: RecordState, out: Output) -> Iterator[str]:
    """One line per table of facts, their total, and what the columns mean."""
    yield out.paint("State of the record", "bold")
    columns = [Column("table", styles=("bold",)), *(Column(name, right=True) for name in COLUMNS)]
    rows = [_row(name, figures) for name, figures in state.tables.items()]
    yield from table(columns, [*rows, _row("total", state.total)], out)
    yield from (out.paint(line, "dim") for line in wrap(LEGEND, out.page_width))


def _row(name: str, state: TableState) -> list[str]:
    shares = state.rounded_shares()
    return [
        name,
        number_text(state.records, grouped=True),
        _share(shares["records_with_evidence_pct"]),
        _share(shares["cells_with_evidence_pct"]),
        _share(shares["cells_with_two_sources_pct"]),
        number_text(state.disputes, grouped=True),
        _share(shares["low_confidence_pct"]),
        _share(shares["other_pct"]),
    ]


def _share(percent: float | None) -> str:
    return "" if percent is None else f"{percent:.1f}%"
