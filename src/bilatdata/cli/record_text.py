"""A record as text: what it says, what contradicts it, and where both come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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
from bilatdata.history.calls import kinds
from bilatdata.loading import table_schema
from bilatdata.screen import text_width
from bilatdata.wording.layout import is_bare_number
from bilatdata.wording.record_words import Numbers, RecordWords
from bilatdata.wording.text import clean

if TYPE_CHECKING:
    from bilatdata.records import Record
    from bilatdata.wording.shown import Row

CHILDREN_ON_TERMINAL = 30
CONFIDENCE: Mapping[str, Style] = {"high": "green", "medium": "yellow", "low": "red"}


@dataclass(frozen=True)
class RecordText:
    """Lays a record out for one output."""

    words: RecordWords
    out: Output

    @classmethod
    def of(cls, record: Record, out: Output, language: str = "en") -> RecordText:
        """The layout of a record whose codes are spelled with the installed vocabularies, in one of their languages."""
        return cls(RecordWords.of(record, language), out)

    def lines(self) -> Iterator[str]:
        """All lines of the text."""
        record = self.words.record
        yield from self._head()
        participants = record.table == "meetings" and "meeting_participants" in record.children
        if participants:
            yield from self._section(self.words.kinship("meeting_participants"))
            yield from self._children("meeting_participants")
        yield from self._values()
        if record.table == "countries":
            yield from self._section("What the tables hold")
            yield from self._holdings()
        else:
            for table_name, rows in record.children.items():
                if not (participants and table_name == "meeting_participants"):
                    yield from self._section(f"{self.words.kinship(table_name)} ({len(rows):,})")
                    yield from self._children(table_name)
        if record.evidence:
            yield from self._section("Evidence")
            yield from self._evidence()
        if record.sources:
            yield from self._section("Sources")
            for source_id, source in record.sources.items():
                yield from self._source(self.words.numbers[source_id], source)
        if record.life.since:
            yield from self._section("History")
            yield from self._history()

    def _history(self) -> Iterator[str]:
        """The releases in which the record came and changed, and why."""
        life = self.words.record.life
        told = [f"in the record since {life.since}"] + ([f"revised in {life.revised}"] if life.revised else [])
        yield from wrap("  " + ", ".join(told), self.out.width)
        for version, change in life.changes:
            what = f"{change.field} {change.kind.removeprefix('cell_')}" if change.field else kinds()[change.kind].title
            why = f" ({change.reason})" if change.reason else ""
            yield from hang(f"  {version}  ", clean(what + why), self.out.width)

    def _section(self, title: str) -> Iterator[str]:
        yield ""
        yield self.out.paint(title, "bold")

    # The head: which record this is, and what it says in a sentence.

    def _head(self) -> Iterator[str]:
        record, out = self.words.record, self.out
        titled = GAP + out.paint(title, "bold") if (title := self.words.title()) else ""
        yield from wrap(out.paint(record.id, "cyan", "bold") + titled, out.width)
        facts = [table_schema(record.table).title]
        if code := record.values.get("confidence_code"):
            facts.append(f"{out.paint(code, CONFIDENCE[code])} confidence")
        if record.disputes:
            facts.append(out.paint(plural(len(record.disputes), "disagreement"), "yellow"))
        yield from wrap(" · ".join([*facts, f"bilatdata {record.version}"]), out.width)
        for text, numbers in self.words.prose():
            yield ""
            yield from wrap(text + self._behind(numbers), out.width)

    # The values, with marks that point at their sources, and what contradicts them.

    def _values(self) -> Iterator[str]:
        record, words = self.words.record, self.words
        groups, empty = words.groups(), words.empty()
        width = max((text_width(field.title) for group in groups for field in group), default=0)
        for group in groups:
            yield ""
            for field in group:
                text, numbers = words.value(record.table, record.values, field.name)
                yield from self._labelled(field.title, width, text + self._behind(numbers))
                for line in self._disputed(words.contradictions(record.table, record.values, field.name)):
                    yield from self._labelled("", width, line)
        if empty:
            yield ""
            yield from self._labelled("Empty", width, self.out.paint(", ".join(empty), "dim"))

    def _labelled(self, label: str, width: int, text: str) -> list[str]:
        return hang(GAP + pad(self.out.paint(label, "dim"), width) + GAP, text, self.out.width)

    def _disputed(self, contradictions: Iterable[tuple[str, Numbers]]) -> list[str]:
        return [f"{self.out.paint(f'≠ {text}', 'yellow')} {self._mark(numbers)}" for text, numbers in contradictions]

    def _behind(self, numbers: Numbers) -> str:
        return f" {self._mark(numbers)}" if numbers else ""

    def _mark(self, numbers: Numbers) -> str:
        return self.out.paint(f"[{','.join(map(str, numbers))}]", "blue")

    # The records that refer to this one.

    def _children(self, table_name: str) -> Iterator[str]:
        words, rows = self.words, self.words.child_rows(table_name)
        shown = rows[:CHILDREN_ON_TERMINAL] if self.out.is_terminal else rows
        fields = words.child_fields(table_name, shown)
        columns = [
            Column(words.child_heading(table_name, field), right=is_bare_number(field), wrap=True) for field in fields
        ]
        cells = [[self._child_cell(table_name, row, field.name) for field in fields] for row in shown]
        yield from table(columns, cells, self.out, indent=GAP)
        if len(shown) < len(rows):
            yield GAP + self.out.paint(f"… and {len(rows) - len(shown):,} more, which a pipe or a file gets", "dim")

    def _child_cell(self, table_name: str, row: Row, name: str) -> str:
        text, contradictions = self.words.child_cell(table_name, row, name)
        return "\n".join([text, *self._disputed(contradictions)])

    def _holdings(self) -> Iterator[str]:
        headings, rows = self.words.holdings()
        columns = [Column(name, right=name == "rows", wrap=name not in ("table", "rows")) for name in headings]
        yield from table(columns, rows, self.out, indent=GAP)
        hint = f"'bilatdata record {self.words.record.id} --format json' gives the rows themselves."
        yield from wrap(GAP + self.out.paint(hint, "dim"), self.out.width)

    # The evidence: who says what, where and how.

    def _evidence(self) -> Iterator[str]:
        whole, claims = self.words.as_a_whole(), self.words.claims()
        if whole:
            yield from hang(f"{GAP}the record as a whole{GAP}", self._mark(whole), self.out.width)
        if whole and claims:
            yield ""
        if claims:
            columns = [Column(name, wrap=True) for name in ("about", "says", "source", "where", "how")]
            rows = [
                [
                    claim.about,
                    self.out.paint(f"≠ {claim.says}", "yellow") if claim.disputes else claim.says,
                    self._mark(claim.numbers),
                    claim.where,
                    claim.how,
                ]
                for claim in claims
            ]
            yield from table(columns, rows, self.out, indent=GAP)

    # The sources.

    def _source(self, number: int, source: Row) -> Iterator[str]:
        out = self.out
        label = f"{GAP}{out.paint(f'[{number}]', 'blue')} "
        yield from hang(label, clean(source["title"]), out.width)
        indent = " " * text_width(label)
        yield from hang(indent, out.paint(" · ".join(self.words.source_facts(source)), "dim"), out.width)
        yield indent + clean(source["url"])
