"""A record as HTML: what it says, what contradicts it, and where both come from."""

from __future__ import annotations

from collections.abc import Iterable

from bilatdata.contract.table_schema import Field
from bilatdata.html.markup import card, element, link, section, table, text
from bilatdata.loading import table_schema
from bilatdata.wording.layout import is_bare_number
from bilatdata.wording.record_words import Numbers, RecordWords
from bilatdata.wording.shown import Row, Shown
from bilatdata.wording.text import clean

MOST_ROWS = 50
"""Rows of another table that are shown; the others are counted."""
OPEN_ROWS = 12
"""Tables with more rows come folded."""


def record_html(record: Shown) -> str:
    """The record as one piece of HTML, in English."""
    words = RecordWords.of(record)
    participants = ["meeting_participants"] if record.table == "meetings" else []
    others = [name for name in record.children if name not in participants]
    return card(
        _head(words),
        *(_children(words, name) for name in participants if name in record.children),
        _values(words),
        *([_holdings(words)] if record.table == "countries" else [_children(words, name) for name in others]),
        _evidence(words),
        _sources(words),
    )


def _head(words: RecordWords) -> str:
    record = words.record
    facts = [text(table_schema(record.table).title)]
    if code := record.values.get("confidence_code"):
        facts.append(element("span", f"{text(code)} confidence", text(code)))
    if count := len(record.disputes):
        facts.append(element("span", f"{count} disagreement{'s' * (count > 1)}", "medium"))
    facts.append(f"bilatdata {text(record.version)}")
    return (
        element("h3", text(words.title() or record.id))
        + element("div", " · ".join([element("code", text(record.id)), *facts]), "soft")
        + "".join(element("p", text(sentence) + _mark(words, numbers)) for sentence, numbers in words.prose())
    )


def _values(words: RecordWords) -> str:
    record = words.record
    fields = [field for group in words.groups() for field in group]
    rows = "".join(
        element("tr", element("th", text(field.title), scope="row") + element("td", _value(words, field)))
        for field in fields
    )
    empty = words.empty()
    said = element("p", f"Empty: {text(', '.join(empty))}", "soft") if empty else ""
    return (element("table", rows, "values") if record.values else "") + said


def _value(words: RecordWords, field: Field) -> str:
    record = words.record
    told, numbers = words.value(record.table, record.values, field.name)
    contradictions = words.contradictions(record.table, record.values, field.name)
    return text(told) + _mark(words, numbers) + _disputed(words, contradictions)


def _disputed(words: RecordWords, contradictions: Iterable[tuple[str, Numbers]]) -> str:
    return "".join(element("div", f"≠ {text(told)}{_mark(words, numbers)}", "no") for told, numbers in contradictions)


def _mark(words: RecordWords, numbers: Numbers) -> str:
    """Numbers of sources; pointing at them shows which these are."""
    if not numbers:
        return ""
    named = (
        clean(f"[{number}] {source['publisher']}: {source['title']}") for number, source in _numbered(words, numbers)
    )
    return element("span", f"[{','.join(map(str, numbers))}]", "mark", title="\n".join(named))


def _numbered(words: RecordWords, numbers: Numbers) -> list[tuple[int, Row]]:
    sources = list(words.record.sources.values())
    return [(number, sources[number - 1]) for number in numbers]


def _children(words: RecordWords, table_name: str) -> str:
    rows = words.child_rows(table_name)
    shown = rows[:MOST_ROWS]
    fields = words.child_fields(table_name, shown)
    cells = ([_child_cell(words, table_name, row, field.name) for field in fields] for row in shown)
    headings = [words.child_heading(table_name, field) for field in fields]
    inner = table(headings, cells, [is_bare_number(field) for field in fields])
    if len(rows) > len(shown):
        where = f'record("{words.record.id}").children["{table_name}"]'
        inner += element("p", f"… and {len(rows) - len(shown):,} more in {element('code', text(where))}", "soft")
    return section(f"{words.kinship(table_name)} ({len(rows):,})", inner, folded=len(rows) > OPEN_ROWS)


def _child_cell(words: RecordWords, table_name: str, row: Row, name: str) -> str:
    told, contradictions = words.child_cell(table_name, row, name)
    return text(told) + _disputed(words, contradictions)


def _holdings(words: RecordWords) -> str:
    headings, rows = words.holdings()
    right = [name == "rows" for name in headings]
    return section("What the tables hold", table(headings, ([text(cell) for cell in row] for row in rows), right))


def _evidence(words: RecordWords) -> str:
    whole, claims = words.as_a_whole(), words.claims()
    said = element("p", f"The record as a whole{_mark(words, whole)}", "soft") if whole else ""
    rows = [
        [
            text(claim.about),
            element("div", f"≠ {text(claim.says)}", "no") if claim.disputes else text(claim.says),
            _mark(words, claim.numbers),
            text(claim.where),
            text(claim.how),
        ]
        for claim in claims
    ]
    told = table(["about", "says", "source", "where", "how"], rows) if rows else ""
    return section(f"Evidence ({len(words.record.evidence):,})", said + told, folded=True) if said or told else ""


def _sources(words: RecordWords) -> str:
    items = [
        element(
            "li",
            text(clean(source["title"]))
            + element("div", text(" · ".join(words.source_facts(source))), "soft")
            + link(clean(source["url"])),
        )
        for source in words.record.sources.values()
    ]
    inner = element("ol", "".join(items))
    return section(f"Sources ({len(items):,})", inner, folded=len(items) > OPEN_ROWS) if items else ""
