"""A comparison as one page for a reviewer: opens from a file, asks no server for anything, light and dark."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from importlib import resources

from bilatdata.history.calls import version_call
from bilatdata.history.model import CellChange, EvidenceChange, PackageDiff, Row, TableDiff
from bilatdata.report import diff_view as view

MOST_ROWS = 1000
"""Rows of one kind in one table that the page lists; the rest are counted, and stand in the JSON."""
PROSE = 40
"""Characters from which two texts are compared word by word."""
KINDS = {
    "revised": "revised",
    "filled": "filled",
    "emptied": "emptied",
    "added": "added",
    "gone": "gone",
    "evidence": "evidence alone",
}
_TOKENS = re.compile(r"[;\s]+|[^;\s]+")


def render(diff: PackageDiff) -> str:
    """The comparison as an HTML document."""
    title = f"{diff.package} {diff.old.version} → {diff.new.version}"
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    sections = [_section(diff, table) for table in diff.tables if table and table.name != "evidence"]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>\n{_asset('diff_page.css')}</style>\n</head>\n<body>",
            _header(diff),
            f"<main>\n{_axes(diff)}\n{_overview(diff)}\n{_filter()}",
            *sections,
            _other_evidence(diff),
            "</main>",
            "<footer>Cells are compared by key, as text in their canonical form. "
            "<code>bilatdata diff OLD NEW --format json</code> gives every change to a program.</footer>",
            f"<script>\n{_asset('diff_page.js')}</script>\n</body>\n</html>\n",
        ]
    )


def _asset(name: str) -> str:
    return resources.files("bilatdata.report").joinpath(name).read_text(encoding="utf-8")


def _header(diff: PackageDiff) -> str:
    call = version_call(diff)
    why = escape(call.sentence.removeprefix(call.version))
    reasons = "".join(
        f'<li><span class="tag {kind.level}">{kind.level}</span>{escape(kind.title)}: {escape(kind.why)}</li>'
        for kind, _ in call.reasons
    )
    return f"""<header><div>
<h1>{escape(diff.package)} {escape(diff.old.version)} <span class="arrow">→</span> {escape(diff.new.version)}</h1>
<p class="soft">From <code>{escape(diff.old.place)}</code> to <code>{escape(diff.new.place)}</code></p>
<p class="call {(call.level or "none").lower()}">Calls for <b>{call.version}</b>{why}</p>
<ul class="reasons">{reasons}</ul>
</div></header>"""


def _axes(diff: PackageDiff) -> str:
    """Coverage and revision apart, and beside them evidence and contract."""
    cells = Counter(change.axis for table in diff.tables for change in table.cells if table.name != "evidence")
    facts = [table for table in diff.tables if table.name != "evidence"]
    evidence = Counter(change.kind for change in diff.evidence)
    codes = {rename.old: rename.new for rename in diff.renamed_terms}
    contract = Counter(kind.level for table in diff.tables for kind, _ in view.schema_lines(table, codes))
    boxes = {
        "Coverage": {
            "rows added": sum(len(table.added) for table in facts),
            "rows gone": sum(len(table.removed) for table in facts),
            "cells filled": cells["filled"],
            "cells emptied": cells["emptied"],
        },
        "Revision": {"values revised": cells["revised"]},
        "Evidence": {kind: evidence[kind] for kind in ("added", "withdrawn", "changed")},
        "Schemas": {f"{level} changes": contract[level] for level in ("MAJOR", "MINOR", "PATCH")},
    }
    told = "".join(
        f"<div><dt>{name}</dt>"
        + "".join(f"<dd><span>{word}</span><b>{count:,}</b></dd>" for word, count in figures.items())
        + "</div>"
        for name, figures in boxes.items()
    )
    return f'<dl class="axes">{told}</dl>'


def _overview(diff: PackageDiff) -> str:
    head = "".join(f'<th scope="col" class="number">{column}</th>' for column in view.COLUMNS)
    rows = "".join(
        f'<tr><th scope="row">{_link(table.name)}</th>'
        + "".join(f'<td class="number">{count}</td>' for count in view.counts(table))
        + "</tr>"
        for table in diff.tables
        if table
    )
    if not rows:
        return "<p>Nothing changed.</p>"
    head = f'<thead><tr><th scope="col">table</th>{head}</tr></thead>'
    return f'<div class="scroll"><table>{head}<tbody>{rows}</tbody></table></div>'


def _link(table: str) -> str:
    return f'<a href="#{escape(table)}"><code>{escape(table)}</code></a>'


def _filter() -> str:
    boxes = "".join(
        f'<label><input type="checkbox" name="kind" value="{kind}" checked> {word}</label>'
        for kind, word in KINDS.items()
    )
    search = '<input type="search" name="words" placeholder="Find an id, a field, a word" aria-label="Find">'
    return f'<form class="filter" hidden>{search}{boxes}<output class="soft"></output></form>'


def _section(diff: PackageDiff, table: TableDiff) -> str:
    codes = {rename.old: rename.new for rename in diff.renamed_terms}
    contract = "".join(
        f'<li><span class="tag {kind.level}">{kind.level}</span>{escape(kind.title)}: {escape(text)}</li>'
        for kind, text in view.schema_lines(table, codes)
    )
    gone = [
        f'<li data-kinds="gone"><del class="key">{escape(view.key_text(key))}</del> {escape(name)} '
        f'<span class="soft">{escape(where)}</span></li>'
        for key, name, where in view.departure_text(table)
    ]
    changed = [_record(record) for record in view.records(diff, table)]
    parts = [
        f'<ul class="reasons">{contract}</ul>' if contract else "",
        _listed("Gone", gone, is_open=True),
        _listed("Added", [_added(row) for row in table.added], is_open=len(table.added) <= PROSE),
        "".join(changed[:MOST_ROWS]) + _more(changed),
    ]
    return f'<section id="{escape(table.name)}"><h2><code>{escape(table.name)}</code></h2>{"".join(parts)}</section>'


def _listed(title: str, items: Sequence[str], *, is_open: bool) -> str:
    if not items:
        return ""
    opened = " open" if is_open else ""
    shown = f'<ul class="rows">{"".join(items[:MOST_ROWS])}</ul>{_more(items)}'
    return f"<details{opened}><summary>{title}: {len(items):,}</summary>{shown}</details>"


def _more(items: Sequence[str]) -> str:
    left = len(items) - MOST_ROWS
    return f'<p class="soft">… and {left:,} more; the JSON has all.</p>' if left > 0 else ""


def _added(row: Row) -> str:
    name = escape(view.record_name(row.cells))
    return f'<li data-kinds="added"><ins class="key">{escape(view.key_text(row.key))}</ins> {name}</li>'


def _record(record: view.RecordChange) -> str:
    kinds = " ".join(sorted({change.axis for change in record.cells}))
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(change.field)}</code></th>'
        f"<td>{_cell(change)}{_evidence(record.evidence.get(change.field, ()))}</td></tr>"
        for change in record.cells
    )
    whole = _evidence(record.evidence.get(None, ()))
    name = f' <span class="soft">{escape(record.name)}</span>' if record.name else ""
    key = escape(view.key_text(record.key))
    return (
        f'<article class="record" data-kinds="{kinds}"><h4><span class="key">{key}</span>{name}</h4>{whole}'
        f"<table><tbody>{rows}</tbody></table></article>"
    )


def _cell(change: CellChange) -> str:
    if change.old is None or change.new is None:
        mark, text, word = ("ins", change.new, "filled") if change.old is None else ("del", change.old, "emptied")
        return f'<{mark}>{escape(text or "")}</{mark}> <span class="soft">({word})</span>'
    if min(len(change.old), len(change.new)) >= PROSE or ";" in change.old + change.new:
        return "".join(_words(change.old, change.new))
    return f'<del class="whole">{escape(change.old)}</del> → <ins>{escape(change.new)}</ins>'


def _words(old: str, new: str) -> Iterator[str]:
    """The new text with the words that came marked, and those that went where they were."""
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    for _, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        went, came = escape("".join(before[start:end])), escape("".join(after[new_start:new_end]))
        if went == came:
            yield came
        else:
            yield (f"<del>{went}</del>" if went else "") + (f"<ins>{came}</ins>" if came else "")


def _evidence(items: Iterable[EvidenceChange]) -> str:
    told = "".join(f"<li>{escape(view.evidence_text(item))}</li>" for item in items)
    return f'<ul class="evidence">{told}</ul>' if told else ""


def _other_evidence(diff: PackageDiff) -> str:
    """Evidence for what did not change itself, by the table that it is about."""
    by_table: dict[str, list[str]] = {}
    for item in view.other_evidence(diff):
        field = f" <code>{escape(item.field)}</code>" if item.field else ""
        about = f'<span class="key">{escape(item.record_id)}</span>{field}'
        told = f'<li data-kinds="evidence">{about} <span class="soft">{escape(view.evidence_text(item))}</span></li>'
        by_table.setdefault(item.table, []).append(told)
    parts = "".join(
        _listed(f"About <code>{escape(table)}</code>", rows, is_open=False) for table, rows in by_table.items()
    )
    if not parts:
        return ""
    what = "For records and cells that did not change themselves, new records among them."
    return f'<section id="evidence"><h2><code>evidence</code></h2><p class="soft">{what}</p>{parts}</section>'
