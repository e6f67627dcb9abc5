"""What a record says in words, for whatever shows it: values, marks of their sources, contradictions, evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from bilatdata.contract.table_schema import Field
from bilatdata.loading import table_schema, tables
from bilatdata.package import installed
from bilatdata.wording.layout import CHILD_FIELDS, FIGURE_OF, FIGURES, GROUPS, PROSE, TITLES, inline_title
from bilatdata.wording.shown import Row, Said, Shown
from bilatdata.wording.spelling import Speller, spell_date
from bilatdata.wording.terms import country_names, read_terms
from bilatdata.wording.text import clean, number_text

Numbers = tuple[int, ...]
"""Numbers of sources in a text, in order."""

_COVERAGE = {"searched": "period", "completeness": "completeness_code", "a missing row means": "absence_meaning"}
"""Columns that say how completely a table covers a country, and the fields that they come from."""


class Claim(NamedTuple):
    """What one or several sources say alike."""

    about: str
    says: str
    disputes: bool
    where: str
    how: str
    numbers: Numbers


@dataclass(frozen=True)
class RecordWords:
    """A record, with what spells it."""

    record: Shown
    speller: Speller
    numbers: Mapping[str, int]
    """Number of each source, by its id."""

    @classmethod
    def of(cls, record: Shown, language: str = "en") -> RecordWords:
        """A record whose codes are spelled with the installed vocabularies, in one of their languages."""
        numbers = {source_id: number for number, source_id in enumerate(record.sources, start=1)}
        names = record.names if language == "en" else {**record.names, **country_names(installed(), language)}
        return cls(record, Speller(read_terms(installed(), language), names), numbers)

    def title(self) -> str:
        """What the record is called."""
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

    def prose(self) -> Iterator[tuple[str, Numbers]]:
        """The sentences that open the record, with their sources."""
        for name in PROSE:
            if text := self.record.values.get(name):
                yield clean(text), self.supporting(self.record.table, self.record.values, [name])

    def groups(self) -> list[list[Field]]:
        """The fields that have a value and are shown on a line of their own, in groups that belong together."""
        filled = [field for field in self._own_fields() if self.record.values[field.name] is not None]
        groups = [[field for field in filled if belongs(field)] for belongs in GROUPS]
        return [group for group in groups if group]

    def empty(self) -> list[str]:
        """Titles of the fields that are empty."""
        return [inline_title(field) for field in self._own_fields() if self.record.values[field.name] is None]

    def _own_fields(self) -> list[Field]:
        return [field for field in table_schema(self.record.table).fields if not self._is_elsewhere(field)]

    def _is_elsewhere(self, field: Field) -> bool:
        """Whether a field of the record is shown in the head, behind a figure, or follows from other fields."""
        values = self.record.values
        figure = FIGURE_OF.get(field.name)
        behind = figure and figure in values and (values[figure] is not None or values[field.name] is None)
        return (
            bool(field.derived)
            or bool(behind)
            or values[field.name] == self.record.id
            or field.name in (*PROSE, "confidence_code")
        )

    def value(self, table_name: str, row: Row, name: str) -> tuple[str, Numbers]:
        """A cell with what says how to read it, and the sources that give either."""
        return self.text(table_name, row, name), self.supporting(table_name, row, [name, *FIGURES.get(name, ())])

    def text(self, table_name: str, row: Row, name: str) -> str:
        """A cell with what says how to read it."""
        text = self.speller.cell(table_name, name, row[name])
        for companion, template in FIGURES.get(name, {}).items():
            if row.get(companion) is not None:
                text += template.format(self.speller.cell(table_name, companion, row[companion]))
        return text

    def supporting(self, table_name: str, row: Row, names: Sequence[str]) -> Numbers:
        """The sources that support any of these cells."""
        return self._numbers(item for item in self._about(table_name, row, names) if item.stance == "supports")

    def contradictions(self, table_name: str, row: Row, name: str) -> list[tuple[str, Numbers]]:
        """What sources give instead of a cell or of what says how to read it; sources that agree are told together."""
        told: dict[str, list[Said]] = {}
        for item in self._about(table_name, row, [name, *FIGURES.get(name, ())]):
            if item.stance == "disputes":
                told.setdefault(self.reported(item), []).append(item)
        return [(text, self._numbers(items)) for text, items in told.items()]

    def _about(self, table_name: str, row: Row, names: Sequence[str]) -> list[Said]:
        key = row[table_schema(table_name).primary_key[0]]
        return [
            item
            for item in self.record.evidence
            if item.table == table_name and item.record_id == key and item.field in names
        ]

    def _numbers(self, evidence: Iterable[Said]) -> Numbers:
        return tuple(sorted({self.numbers[item.source_id] for item in evidence}))

    def reported(self, item: Said) -> str:
        """What a piece of evidence gives, spelled like the cells of its field."""
        if item.field is None or item.reported_value is None:
            return clean(item.reported_value or "")
        return self.speller.reported(item.table, item.field, item.reported_value)

    # The records that refer to this one.

    def kinship(self, table_name: str) -> str:
        """What to call the rows of a table that hang on this record."""
        if self.record.table == table_name == "meetings":
            return "Meetings of the same visit"
        if self.record.table == "meetings" and table_name == "meeting_participants":
            return "Participants"
        return "Log of events" if table_name == "concession_events" else table_schema(table_name).title

    def child_rows(self, table_name: str) -> Sequence[Row]:
        """The rows of a table that hang on this record, a log in the order of its days."""
        rows = self.record.children[table_name]
        return sorted(rows, key=_first_day) if table_name == "concession_events" else rows

    def child_fields(self, table_name: str, rows: Sequence[Row]) -> list[Field]:
        """What is shown of these rows: fields that say something beyond the record itself."""
        return [
            field
            for field in self._child_fields(table_name)
            if any(row[field.name] not in (None, self.record.id) for row in rows)
        ]

    def _child_fields(self, table_name: str) -> list[Field]:
        schema = table_schema(table_name)
        if table_name in CHILD_FIELDS:
            return [schema.by_name[name] for name in CHILD_FIELDS[table_name]]
        links = {name for key in schema.foreign_keys if key.table == self.record.table for name in key.fields}
        hidden = {*schema.primary_key, *links, *FIGURE_OF}
        return [field for field in schema.fields if not field.derived and field.name not in hidden]

    def child_heading(self, table_name: str, field: Field) -> str:
        """The heading of a column of such rows."""
        return "id" if field.name == table_schema(table_name).primary_key[0] else inline_title(field)

    def child_cell(self, table_name: str, row: Row, name: str) -> tuple[str, list[tuple[str, Numbers]]]:
        """A cell of such a row, and what contradicts it."""
        if row[name] is None:
            return "", []
        if name in (table_schema(table_name).primary_key[0], "record_id"):
            return str(row[name]), []
        return self.text(table_name, row, name), self.contradictions(table_name, row, name)

    def holdings(self) -> tuple[list[str], list[list[str]]]:
        """Of a country: what each table holds of it and how completely, as headings and rows."""
        children = self.record.children
        coverage = {row["table_name"]: row for row in children.get("coverage", ())}
        told = _COVERAGE if coverage else {}
        rows = []
        for name in tables():
            if name != "coverage" and (name in children or name in coverage):
                row = coverage.get(name, {})
                cells = [self.speller.cell("coverage", field, row[field]) if row else "" for field in told.values()]
                rows.append([name, number_text(len(children.get(name, ())), grouped=True), *cells])
        return ["table", "rows", *told], rows

    # The evidence and its sources.

    def as_a_whole(self) -> Numbers:
        """The sources that simply support the record as a whole."""
        return self._numbers(item for item in self.record.evidence if self._is_plain(item))

    def claims(self) -> list[Claim]:
        """All other evidence; sources that say the same are told together."""
        told: dict[tuple[str, str, bool, str, str], list[Said]] = {}
        for item in sorted(self.record.evidence, key=self._place):
            if not self._is_plain(item):
                told.setdefault(self._claim(item), []).append(item)
        return [Claim(*claim, self._numbers(items)) for claim, items in told.items()]

    def _is_plain(self, item: Said) -> bool:
        said = (item.field, item.reported_value, item.locator, item.note)
        return item.record_id == self.record.id and item.stance == "supports" and not any(said)

    def _place(self, item: Said) -> tuple[bool, str, str, int, bool]:
        """Sort key: the record before its companions, fields in the order of the schema, support before dispute."""
        fields = list(table_schema(item.table).by_name)
        position = fields.index(item.field) if item.field in fields else -1
        return (item.record_id != self.record.id, item.table, item.record_id, position, item.stance == "disputes")

    def _claim(self, item: Said) -> tuple[str, str, bool, str, str]:
        about = inline_title(table_schema(item.table).by_name[item.field]) if item.field else "the whole"
        if item.record_id != self.record.id:
            about = f"{item.record_id} {about}"
        how = "; ".join(filter(None, (item.basis, clean(item.note or ""))))
        return about, self.reported(item), item.stance == "disputes", clean(item.locator or ""), how

    def source_facts(self, source: Row) -> list[str]:
        """Publisher, author, date, kind, id and origin of a source."""
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
        if carried := source.get("origin_publisher"):
            facts.append(f"carries {carried}")
        return [clean(fact) for fact in facts if fact]


def _first_day(event: Row) -> date:
    day: date | None = event["date_earliest"]
    return day or date.min
