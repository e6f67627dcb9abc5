"""A record as text: what it says, what contradicts it, and where both come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bilatdata.cli.output import (
    GAP,
    Column,
    Output,
    Style,
    hang,
    pad,
    plural,
    table,
    wrap,
)
from bilatdata.contract.table_schema import Field
from bilatdata.loading import table_schema, tables
from bilatdata.package import installed
from bilatdata.screen import text_width
from bilatdata.wording.layout import (
    CHILD_FIELDS,
    FIGURE_OF,
    FIGURES,
    GROUPS,
    PROSE,
    TITLES,
    inline_title,
    is_bare_number,
)
from bilatdata.wording.spelling import Speller, spell_date
from bilatdata.wording.terms import country_names, read_terms
from bilatdata.wording.text import clean, number_text

if TYPE_CHECKING:
    from bilatdata.records import Evidence, Record, Row

CHILDREN_ON_TERMINAL = 30
_COVERAGE = {"searched": "period", "completeness": "completeness_code", "a missing row means": "absence_meaning"}
"""Columns that say how completely a table covers a country, and the fields that they come from."""
CONFIDENCE: Mapping[str, Style] = {"high": "green", "medium": "yellow", "low": "red"}


@dataclass(frozen=True)
class RecordText:
    """Lays a record out for one output."""

    record: Record
    out: Output
    speller: Speller
    numbers: Mapping[str, int]
    """Number of each source in this text, by its id."""

    @classmethod
    def of(cls, record: Record, out: Output, language: str = "en") -> RecordText:
        """The layout of a record whose codes are spelled with the installed vocabularies, in one of their languages."""
        numbers = {source_id: number for number, source_id in enumerate(record.sources, start=1)}
        names = record.names if language == "en" else {**record.names, **country_names(installed(), language)}
        return cls(record, out, Speller(read_terms(installed(), language), names), numbers)

    def lines(self) -> Iterator[str]:
        """All lines of the text."""
        yield from self._head()
        children = dict(self.record.children)
        if participants := children.pop("meeting_participants", None) if self.record.table == "meetings" else None:
            yield from self._section("Participants")
            yield from self._children("meeting_participants", participants)
        yield from self._values()
        if self.record.table == "countries":
            yield from self._section("What the tables hold")
            yield from self._holdings()
        else:
            for table_name, rows in children.items():
                yield from self._section(f"{self._kinship(table_name)} ({len(rows):,})")
                yield from self._children(table_name, rows)
        if self.record.evidence:
            yield from self._section("Evidence")
            yield from self._evidence()
        if self.record.sources:
            yield from self._section("Sources")
            for source_id, source in self.record.sources.items():
                yield from self._source(self.numbers[source_id], source)

    def _section(self, title: str) -> Iterator[str]:
        yield ""
        yield self.out.paint(title, "bold")

    # The head: which record this is, and what it says in a sentence.

    def _head(self) -> Iterator[str]:
        record, out = self.record, self.out
        titled = GAP + out.paint(title, "bold") if (title := self._title()) else ""
        yield from wrap(out.paint(record.id, "cyan", "bold") + titled, out.width)
        facts = [table_schema(record.table).title]
        if code := record.values.get("confidence_code"):
            facts.append(f"{out.paint(code, CONFIDENCE[code])} confidence")
        if record.disputes:
            facts.append(out.paint(plural(len(record.disputes), "disagreement"), "yellow"))
        yield from wrap(" · ".join([*facts, f"bilatdata {record.version}"]), out.width)
        for name in PROSE:
            if text := record.values.get(name):
                yield ""
                yield from wrap(clean(text) + self._marks(record.table, record.values, [name]), out.width)

    def _title(self) -> str:
        record, names = self.record, self.speller.names
        if record.table not in TITLES:
            return clean(names.get(record.id, ""))
        words = {name: str(value) for name, value in record.values.items() if value is not None}
        words = {
            name: names.get(word) or self.speller.cell(record.table, name, record.values[name])
            for name, word in words.items()
        }
        if record.table == "meeting_participants":
            words.setdefault("person_id", words.get("organisation_id", ""))
        return TITLES[record.table].format_map(dict.fromkeys(record.values, "") | words).rstrip(", ")

    # The values, with marks that point at their sources, and what contradicts them.

    def _values(self) -> Iterator[str]:
        values = self.record.values
        fields = [field for field in table_schema(self.record.table).fields if not self._is_elsewhere(field)]
        filled = [field for field in fields if values[field.name] is not None]
        empty = [inline_title(field) for field in fields if values[field.name] is None]
        width = max((text_width(field.title) for field in filled), default=0)
        for group in GROUPS:
            members = [field for field in filled if group(field)]
            if members:
                yield ""
            for field in members:
                yield from self._labelled(field.title, width, self._value(self.record.table, values, field.name))
                for line in self._contradictions(self.record.table, values, field.name):
                    yield from self._labelled("", width, line)
        if empty:
            yield ""
            yield from self._labelled("Empty", width, self.out.paint(", ".join(empty), "dim"))

    def _labelled(self, label: str, width: int, text: str) -> list[str]:
        return hang(GAP + pad(self.out.paint(label, "dim"), width) + GAP, text, self.out.width)

    def _is_elsewhere(self, field: Field) -> bool:
        """Whether a field of the record is shown in the head, behind a figure, or follows from other fields."""
        values = self.record.values
        figure = FIGURE_OF.get(field.name)
        behind = figure in values and (values[figure] is not None or values[field.name] is None)
        return (
            bool(field.derived)
            or behind
            or values[field.name] == self.record.id
            or field.name in (*PROSE, "confidence_code")
        )

    def _value(self, table_name: str, row: Row, name: str) -> str:
        """A cell, what says how to read it, and the marks of the sources that give either."""
        return self._text(table_name, row, name) + self._marks(table_name, row, [name, *FIGURES.get(name, ())])

    def _text(self, table_name: str, row: Row, name: str) -> str:
        text = self.speller.cell(table_name, name, row[name])
        for companion, template in FIGURES.get(name, {}).items():
            if row.get(companion) is not None:
                text += template.format(self.speller.cell(table_name, companion, row[companion]))
        return text

    def _marks(self, table_name: str, row: Row, names: Sequence[str]) -> str:
        supporting = [item for item in self._about(table_name, row, names) if item.stance == "supports"]
        return f" {self._mark(supporting)}" if supporting else ""

    def _contradictions(self, table_name: str, row: Row, name: str) -> Iterator[str]:
        """What sources give instead of a cell or of what says how to read it; sources that agree share a line."""
        told: dict[str, list[Evidence]] = {}
        for item in self._about(table_name, row, [name, *FIGURES.get(name, ())]):
            if item.stance == "disputes":
                told.setdefault(self._reported(item), []).append(item)
        for text, items in told.items():
            yield f"{self.out.paint(f'≠ {text}', 'yellow')} {self._mark(items)}"

    def _about(self, table_name: str, row: Row, names: Sequence[str]) -> list[Evidence]:
        key = row[table_schema(table_name).primary_key[0]]
        return [
            item
            for item in self.record.evidence
            if item.table == table_name and item.record_id == key and item.field in names
        ]

    def _mark(self, evidence: Iterable[Evidence]) -> str:
        numbers = sorted({self.numbers[item.source_id] for item in evidence})
        return self.out.paint(f"[{','.join(map(str, numbers))}]", "blue")

    def _reported(self, item: Evidence) -> str:
        if item.field is None or item.reported_value is None:
            return clean(item.reported_value or "")
        return self.speller.reported(item.table, item.field, item.reported_value)

    # The records that refer to this one.

    def _children(self, table_name: str, rows: Sequence[Row]) -> Iterator[str]:
        rows = sorted(rows, key=_first_day) if table_name == "concession_events" else rows
        shown = rows[:CHILDREN_ON_TERMINAL] if self.out.is_terminal else rows
        fields = [
            field
            for field in self._child_fields(table_name)
            if any(row[field.name] not in (None, self.record.id) for row in shown)
        ]
        key = table_schema(table_name).primary_key[0]
        columns = [
            Column("id" if field.name == key else inline_title(field), right=is_bare_number(field), wrap=True)
            for field in fields
        ]
        cells = [[self._child_cell(table_name, row, field.name) for field in fields] for row in shown]
        yield from table(columns, cells, self.out, indent=GAP)
        if len(shown) < len(rows):
            yield GAP + self.out.paint(f"… and {len(rows) - len(shown):,} more, which a pipe or a file gets", "dim")

    def _kinship(self, table_name: str) -> str:
        """What to call the rows of a table that hang on this record."""
        if self.record.table == table_name == "meetings":
            return "Meetings of the same visit"
        return "Log of events" if table_name == "concession_events" else table_schema(table_name).title

    def _holdings(self) -> Iterator[str]:
        """What each table holds of a country, and how completely."""
        children = self.record.children
        coverage = {row["table_name"]: row for row in children.get("coverage", ())}
        told = _COVERAGE if coverage else {}
        columns = [Column("table"), Column("rows", right=True), *(Column(name, wrap=True) for name in told)]
        rows = []
        for name in tables():
            if name != "coverage" and (name in children or name in coverage):
                row = coverage.get(name, {})
                cells = [self.speller.cell("coverage", field, row[field]) if row else "" for field in told.values()]
                rows.append([name, number_text(len(children.get(name, ())), grouped=True), *cells])
        yield from table(columns, rows, self.out, indent=GAP)
        hint = f"'bilatdata record {self.record.id} --format json' gives the rows themselves."
        yield from wrap(GAP + self.out.paint(hint, "dim"), self.out.width)

    def _child_fields(self, table_name: str) -> list[Field]:
        schema = table_schema(table_name)
        if table_name in CHILD_FIELDS:
            return [schema.by_name[name] for name in CHILD_FIELDS[table_name]]
        links = {name for key in schema.foreign_keys if key.table == self.record.table for name in key.fields}
        hidden = {*schema.primary_key, *links, *FIGURE_OF}
        return [field for field in schema.fields if not field.derived and field.name not in hidden]

    def _child_cell(self, table_name: str, row: Row, name: str) -> str:
        if row[name] is None:
            return ""
        if name in (table_schema(table_name).primary_key[0], "record_id"):
            return str(row[name])
        return "\n".join([self._text(table_name, row, name), *self._contradictions(table_name, row, name)])

    # The evidence: who says what, where and how.

    def _evidence(self) -> Iterator[str]:
        plain = [item for item in self.record.evidence if self._is_plain(item)]
        if plain:
            yield from hang(f"{GAP}the record as a whole{GAP}", self._mark(plain), self.out.width)
        told: dict[tuple[str, ...], list[Evidence]] = {}
        for item in sorted(self.record.evidence, key=self._place):
            if item not in plain:
                told.setdefault(self._claim(item), []).append(item)
        if plain and told:
            yield ""
        columns = [Column(name, wrap=True) for name in ("about", "says", "source", "where", "how")]
        rows = [[about, says, self._mark(items), *rest] for (about, says, *rest), items in told.items()]
        if rows:
            yield from table(columns, rows, self.out, indent=GAP)

    def _is_plain(self, item: Evidence) -> bool:
        """Whether a source simply supports the record as a whole."""
        said = (item.field, item.reported_value, item.locator, item.note)
        return item.record_id == self.record.id and item.stance == "supports" and not any(said)

    def _place(self, item: Evidence) -> tuple[bool, str, str, int, bool]:
        """Sort key: the record before its companions, fields in the order of the schema, support before dispute."""
        fields = list(table_schema(item.table).by_name)
        position = fields.index(item.field) if item.field in fields else -1
        return (item.record_id != self.record.id, item.table, item.record_id, position, item.stance == "disputes")

    def _claim(self, item: Evidence) -> tuple[str, ...]:
        """What a piece of evidence says: about, value, where, how; sources that say the same share a line."""
        about = inline_title(table_schema(item.table).by_name[item.field]) if item.field else "the whole"
        if item.record_id != self.record.id:
            about = f"{item.record_id} {about}"
        says = self._reported(item)
        if item.stance == "disputes":
            says = self.out.paint(f"≠ {says}", "yellow")
        how = "; ".join(filter(None, (item.basis, clean(item.note or ""))))
        return about, says, clean(item.locator or ""), how

    # The sources.

    def _source(self, number: int, source: Row) -> Iterator[str]:
        out = self.out
        label = f"{GAP}{out.paint(f'[{number}]', 'blue')} "
        yield from hang(label, clean(source["title"]), out.width)
        published = source.get("published_date")
        facts = [
            source["publisher"],
            source.get("author"),
            spell_date(published) if published else "undated",
            self.speller.cell("sources", "kind_code", source["kind_code"]),
            source["source_id"],
        ]
        if origin := source.get("origin_source_id"):
            facts.append(f"retells [{self.numbers[origin]}]" if origin in self.numbers else f"retells {origin}")
        indent = " " * text_width(label)
        yield from hang(indent, out.paint(" · ".join(clean(fact) for fact in facts if fact), "dim"), out.width)
        yield indent + clean(source["url"])


def _first_day(event: Row) -> date:
    return event["date_earliest"] or date.min
