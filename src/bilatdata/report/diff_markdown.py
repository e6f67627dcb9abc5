"""A comparison as Markdown: for a pull request, and for the tables in CHANGELOG.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bilatdata.history.calls import version_call
from bilatdata.history.model import PackageDiff, TableDiff
from bilatdata.report import diff_view as view


def render(diff: PackageDiff, *, limit: int | None = 50) -> str:
    """The comparison as Markdown that ends in a line feed; `limit` is as for text."""
    call = version_call(diff)
    lines = [f"# {diff.package} {diff.old.version} → {diff.new.version}", ""]
    if not diff:
        return "\n".join([*lines, "Nothing changed.", ""])
    lines += [f"Calls for **{call.version}** {escaped(call.sentence.removeprefix(call.version))}.", ""]
    lines += [f"- {kind.title}: {kind.why}" for kind, _ in call.reasons]
    lines += ["", *count_table(diff)]
    for table in diff.tables:
        if table and table.name != "evidence":
            lines += ["", f"## {table.name}", *_table(diff, table, limit)]
    return "\n".join(lines) + "\n"


def count_table(diff: PackageDiff) -> Iterator[str]:
    """The lines of a table of counts, a row per table that changed."""
    yield f"| table | {' | '.join(view.COLUMNS)} |"
    yield f"|---|{'---:|' * len(view.COLUMNS)}"
    for table in diff.tables:
        if table:
            yield f"| `{table.name}` | {' | '.join(view.counts(table))} |"


def schema_list(diff: PackageDiff) -> Iterator[str]:
    """The changes of schemas and vocabularies, and the records that are gone, as lines of a list."""
    codes = {rename.old: rename.new for rename in diff.renamed_terms}
    for table in diff.tables:
        for kind, text in view.schema_lines(table, codes):
            if kind.name != "described":
                yield f"- `{table.name}`, {kind.title}: {escaped(text)}"
        if table.status == "kept" and table.name != "evidence":
            for key, name, where in view.departure_text(table):
                yield f"- `{table.name}` {escaped(view.key_text(key))}{_named(name)}: {escaped(where)}"


def escaped(text: str) -> str:
    """Text that says the same in Markdown, in a cell of a table too."""
    plain = " ".join(text.split())
    plain = re.sub(r"[\\`*\[\]<>|#~]", r"\\\g<0>", plain)
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", plain)  # within a word it is no mark


def _table(diff: PackageDiff, table: TableDiff, limit: int | None) -> Iterator[str]:
    codes = {rename.old: rename.new for rename in diff.renamed_terms}
    yield from _listed([f"{kind.title}: {escaped(text)}" for kind, text in view.schema_lines(table, codes)], None)
    gone = [f"gone: {view.key_text(key)}{_named(name)}: {where}" for key, name, where in view.departure_text(table)]
    yield from _listed(gone, limit)
    yield from _listed(
        [f"added: {view.key_text(row.key)}{_named(view.record_name(row.cells))}" for row in table.added], limit
    )
    cells = [(record, change) for record in view.records(diff, table) for change in record.cells]
    if cells:
        yield from ("", "| record | field | old | new | evidence |", "|---|---|---|---|---|")
        for record, change in cells if limit is None else cells[:limit]:
            told = "; ".join(map(view.evidence_text, record.evidence.get(change.field, ())))
            values = (view.key_text(record.key), change.field, change.old or "", change.new or "", told)
            yield f"| {' | '.join(map(escaped, values))} |"
        yield from _more(len(cells), limit)


def _listed(items: list[str], limit: int | None) -> Iterator[str]:
    if items:
        yield ""
        yield from (f"- {item}" for item in (items if limit is None else items[:limit]))
        yield from _more(len(items), limit)


def _more(count: int, limit: int | None) -> Iterator[str]:
    if limit is not None and count > limit:
        yield from ("", f"… and {count - limit:,} more.")


def _named(name: str) -> str:
    return f" ({escaped(name)})" if name else ""
