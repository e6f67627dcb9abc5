"""A comparison for a terminal or a log: what is called for and why, a table of counts, then record by record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bilatdata.history.calls import version_call
from bilatdata.history.model import PackageDiff, TableDiff
from bilatdata.report import diff_view as view
from bilatdata.report.text import Painter, painter
from bilatdata.validation.findings import printable

INDENT = "    "


def render(diff: PackageDiff, *, color: bool = False, limit: int | None = 10) -> str:
    """The comparison as text that ends in a line feed.

    Args:
        diff: what changed.
        color: mark additions and removals with ANSI colours.
        limit: records of a table that are shown for each way to change; the rest are counted. None shows all.
    """
    paint = painter(color)
    lines = [*_head(diff, paint), "", *_counts(diff, paint)] if diff else [*_head(diff, paint)]
    for table in diff.tables:
        if table and table.name != "evidence":
            lines += ["", *_table(diff, table, paint, limit)]
    if others := view.other_evidence(diff):
        lines += ["", paint("evidence for what did not change itself", "place")]
        lines += _some(
            [f"{item.record_id} {item.field or '(record)'}  {view.evidence_text(item)}" for item in others],
            limit,
            paint,
        )
    return "\n".join(lines) + "\n"


def _head(diff: PackageDiff, paint: Painter) -> Iterator[str]:
    call = version_call(diff)
    yield paint(f"{diff.package} {diff.old.version} → {diff.new.version}", "place")
    if not diff:
        yield "nothing changed"
        return
    style = "error" if call.level == "MAJOR" else "good"
    yield f"calls for {paint(call.version, style)}{call.sentence.removeprefix(call.version)}"
    yield from (f"{INDENT}{kind.title}: {kind.why}" for kind, _ in call.reasons)


def _counts(diff: PackageDiff, paint: Painter) -> Iterator[str]:
    rows = [(table.name, *view.counts(table)) for table in diff.tables if table]
    head = ("table", *view.COLUMNS)
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    yield paint(_aligned(head, widths), "dim")
    yield from (_aligned(row, widths) for row in rows)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]).rstrip()


def _table(diff: PackageDiff, table: TableDiff, paint: Painter, limit: int | None) -> Iterator[str]:
    yield paint(table.name, "place")
    codes = {rename.old: rename.new for rename in diff.renamed_terms}
    yield from (f"{INDENT}{kind.title}: {printable(text)}" for kind, text in view.schema_lines(table, codes))
    gone = [f"− {view.key_text(key)}  {printable(name)}  {where}" for key, name, where in view.departure_text(table)]
    yield from _some(gone, limit, paint, "error")
    added = [f"+ {view.key_text(row.key)}  {printable(view.record_name(row.cells))}" for row in table.added]
    yield from _some(added, limit, paint, "good")
    yield from _some([_record(record, paint) for record in view.records(diff, table)], limit, paint)


def _record(record: view.RecordChange, paint: Painter) -> str:
    lines = [f"~ {view.key_text(record.key)}  {printable(record.name)}".rstrip()]
    for change in record.cells:
        old, new = map(printable, view.cell_pair(change))
        lines.append(f"{INDENT * 2}{change.field}: {paint(old, 'error')} → {paint(new, 'good')}")
        lines += [
            f"{INDENT * 3}{printable(view.evidence_text(item))}" for item in record.evidence.get(change.field, ())
        ]
    lines += [f"{INDENT * 2}{printable(view.evidence_text(item))}" for item in record.evidence.get(None, ())]
    return "\n".join(lines)


def _some(items: Sequence[str], limit: int | None, paint: Painter, style: str | None = None) -> Iterable[str]:
    shown = items if limit is None else items[:limit]
    yield from (f"{INDENT}{paint(item, style) if style else item}" for item in shown)
    if len(shown) < len(items):
        yield paint(f"{INDENT}… and {len(items) - len(shown):,} more", "dim")
