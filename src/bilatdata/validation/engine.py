"""Judging sources of rows: structure, types, constraints, rules and keys, in one pass over bounded batches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from bilatdata.contract import cells
from bilatdata.contract.rule import Fault, KeyCheck, Rule
from bilatdata.contract.rules import CATALOGUE
from bilatdata.contract.rules.structure import (
    COLUMN_TYPE,
    FOREIGN_KEY,
    MISSING_COLUMN,
    NOT_JUDGED,
    PRIMARY_KEY,
    REQUIRED,
    UNIQUE,
    UNJUDGED_COLUMN,
    UNKNOWN_COLUMN,
)
from bilatdata.contract.selection import EVERYTHING, selected_codes
from bilatdata.contract.table_schema import TableSchema
from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.package import DataPackage, did_you_mean
from bilatdata.validation.baseline import Baseline
from bilatdata.validation.contract import Contract, sees
from bilatdata.validation.findings import Finding, Judged, Report
from bilatdata.validation.keys import References, RowKeys
from bilatdata.validation.reader import BATCH_BYTES
from bilatdata.validation.sources import Batch, Place, Source, StructureFault
from bilatdata.validation.typed import TypedBatch, type_columns, type_text

if TYPE_CHECKING:
    import polars as pl

    from bilatdata.contract.pandera_schema import Claim, CompiledTable

T = TypeVar("T")


class Hit(NamedTuple):
    """A wrong row; the row counts through all sources of its table."""

    code: str
    row: int
    field: str
    expected: str | None
    value: str | None = None
    """What to show in place of the cell."""


class TableRun:
    """The judging of one table, source after source."""

    def __init__(self, schema: TableSchema, contract: Contract, *, keep_rows: bool, extra_columns: bool) -> None:
        self.schema = schema
        self.findings: list[Finding] = []
        self.rows = 0
        self._contract = contract
        self._extra_columns = extra_columns
        self._sources: list[tuple[int, Source]] = []
        self._next_row = 0
        self._absent: set[str] = set()
        self._bad: set[tuple[int, str]] = set()
        self._mismatched: list[tuple[range, str]] = []
        """Rows of sources in which a column is of a wrong physical type."""
        self._frames: list[pl.DataFrame] | None = [] if keep_rows else None
        self._keys = {fields: RowKeys(_columns(fields)) for fields in self._key_fields()}
        self._rule_keys = [
            (rule.code, check, RowKeys(check.parts, null_counts=True))
            for rule in contract.rules_of(schema.name)
            if rule.scope == "key" and rule.applies_to(schema.name)
            for check in cast("Iterable[KeyCheck]", rule.function(schema, contract.context))
        ]
        self._references = [References(key, contract.known_keys(key)) for key in schema.foreign_keys]

    def _key_fields(self) -> set[tuple[str, ...]]:
        """Fields whose values are needed beyond their batch: keys of this table, and what others refer to."""
        needed: set[tuple[str, ...]] = {(field.name,) for field in self.schema.fields if field.unique}
        needed |= {self.schema.primary_key} if self.schema.primary_key else set()
        for schema in self._contract.schemas.values():
            needed |= {key.reference_fields for key in schema.foreign_keys if key.table == self.schema.name}
        return needed

    def read(self, source: Source) -> Iterator[None]:
        """Judge all that shows in a source by itself; yields after every batch.

        Raises:
            BilatdataError: the source cannot be read to its end.
        """
        from bilatdata.contract.pandera_schema import compile_table

        self._sources.append((self._next_row, source))
        for fault in source.header_faults:
            self._add_fault(source, fault)
        present = self._judge_header(source)
        compiled = compile_table(
            self.schema, self._contract.rules_of(self.schema.name), self._contract.context, present
        )
        mismatched: dict[str, str] = {}
        for batch in ahead(source.batches()):
            typed, mismatches = self._type(batch)
            self.rows += batch.records
            for fault in batch.faults:
                self._add_fault(source, fault)
            mismatched = mismatches | mismatched
            self._judge(compiled, typed, mismatches.keys())
            yield
        for name, physical in mismatched.items():
            expected = cells.expected(self.schema.by_name[name])
            self._add(COLUMN_TYPE, source, field=name, value=physical, expected=expected)

    def _judge_header(self, source: Source) -> set[str]:
        """Report missing and unknown columns; the fields that are judged."""
        names = set(source.names)
        for name in () if self._extra_columns else source.names:
            if name not in self.schema.by_name:
                line, column = source.name_place(name)
                expected = f"a field of {self.schema.name}{did_you_mean(name, list(self.schema.by_name))}"
                self._add(UNKNOWN_COLUMN, source, line=line, column=column, value=name or "no name", expected=expected)
        absent = {field.name for field in self.schema.fields if field.derived is None and field.name not in names}
        for field in self.schema.fields:
            if field.name in absent:
                line, column = source.name_place(None)
                expected = f"a column '{field.name}'"
                self._add(MISSING_COLUMN, source, line=line, column=column, field=field.name, expected=expected)
            elif field.unjudged:
                line, column = source.name_place(field.name)
                self._add(UNJUDGED_COLUMN, source, line=line, column=column, field=field.name, value=field.unjudged)
        self._absent |= absent
        # a derived field that is absent is judged as what it derives from
        return {field.name for field in self.schema.fields if field.name in names or field.derived is not None}

    def _type(self, batch: Batch) -> tuple[TypedBatch, dict[str, str]]:
        known = batch.frame.select(name for name in batch.frame.columns if name in self.schema.by_name)
        return (type_text(known, self.schema), {}) if batch.is_text else type_columns(known, self.schema)

    def _judge(self, compiled: CompiledTable, typed: TypedBatch, mismatched: Set[str]) -> None:
        """Judge the rows of a batch, and keep what later steps need of them.

        A column of a wrong physical type is one finding; what its cells would break as well is not told again.
        """
        first = self._next_row
        self._next_row += typed.frame.height
        bad = {(cell.row, cell.field) for cell in typed.bad}
        hits = [
            Hit(cell.code, first + cell.row, cell.field, cells.expected(self.schema.by_name[cell.field]))
            for cell in typed.bad
        ]
        hits += [hit._replace(row=first + hit.row) for hit in judge_batch(compiled, typed.frame, bad)]
        self._bad |= {(first + row, field) for row, field in bad}
        self._mismatched += [(range(first, self._next_row), field) for field in mismatched]
        self.add_hits(hit for hit in hits if hit.field not in mismatched)
        for keys in self._keys.values():
            keys.add(typed.frame)
        for _, check, keys in self._rule_keys:
            keys.add(typed.frame, sorted({row for row, field in bad if field in check.fields}))
        for references in self._references:
            if mismatched.isdisjoint(references.key.fields):
                references.add(typed.frame, first)
        if self._frames is not None:
            self._frames.append(typed.frame)

    def frame(self) -> pl.DataFrame:
        """All rows in their types; only for a run that keeps them."""
        import polars as pl

        if self._frames:
            return pl.concat(self._frames)
        return type_text(pl.DataFrame(), self.schema).frame

    def keys(self, fields: tuple[str, ...]) -> RowKeys:
        """The keys that foreign keys refer to."""
        return self._keys[fields]

    def judge_keys(self, runs: Mapping[str, TableRun]) -> None:
        """Report repeated keys, and references to rows that are neither in the package nor in the tables judged."""
        for fields, keys in self._keys.items():
            code = PRIMARY_KEY if fields == self.schema.primary_key else UNIQUE
            if code == PRIMARY_KEY or self.schema.by_name[fields[0]].unique:
                self._add_repeats(code, fields[0], "a value that no other row has", keys.repeats())
        for code, check, keys in self._rule_keys:
            if not check.fields & self._absent:
                self._add_repeats(code, check.field, check.expected, keys.repeats())
        for references in self._references:
            key = references.key
            target = runs.get(key.table)
            dangling = references.dangling(target.keys(key.reference_fields) if target else None)
            expected = f"a {' + '.join(key.reference_fields)} of {key.table}"
            self.add_hits(Hit(FOREIGN_KEY, row, key.fields[0], expected) for row in dangling)

    def _add_repeats(self, code: str, field: str, expected: str, repeats: Iterable[tuple[int, int]]) -> None:
        pairs = list(repeats)
        firsts = sorted({first for _, first in pairs})
        where = {
            first: (f"line {place.line}" if place.line is not None else f"row {place.row}")
            + (f" of {source.file}" if len(self._sources) > 1 else "")
            for first, (source, place) in zip(firsts, self._places([(row, None) for row in firsts]), strict=True)
        }
        self.add_hits(Hit(code, row, field, f"{expected}; the first is in {where[first]}") for row, first in pairs)

    def is_unreadable(self, row: int, field: str) -> bool:
        """Whether a cell, or its whole column, was found to be unreadable: a fault of its own."""
        return (row, field) in self._bad or any(field == name and row in rows for rows, name in self._mismatched)

    def add_faults(self, code: str, faults: Iterable[Fault], runs: Mapping[str, TableRun]) -> None:
        """Report what a table or package rule found, except what follows from cells that are unreadable or absent."""
        self.add_hits(
            Hit(code, fault.row, fault.field, fault.expected, fault.value)
            for fault in faults
            if not self.is_unreadable(fault.row, fault.field)
            and fault.field not in self._absent
            and not _follows(fault, runs)
        )

    def add_hits(self, hits: Iterable[Hit]) -> None:
        """Turn hits into findings; in the order of rows, so that every block of a file is opened once."""
        ordered = sorted(hits, key=lambda hit: hit.row)
        places = self._places([(hit.row, hit.field) for hit in ordered])
        for hit, (source, place) in zip(ordered, places, strict=True):
            self._add(
                hit.code,
                source,
                line=place.line,
                column=place.column,
                row=place.row,
                field=hit.field,
                key=place.key,
                value=place.value if hit.value is None else hit.value,
                expected=hit.expected,
            )

    def _places(self, cells: list[tuple[int, str | None]]) -> Iterator[tuple[Source, Place]]:
        """The places of cells by row and field, in the order of rows."""
        begins = [bisect_left(cells, first, key=lambda cell: cell[0]) for first, _ in self._sources]
        for (first, source), begin, end in zip(self._sources, begins, [*begins[1:], len(cells)], strict=True):
            inside = [(row - first, field) for row, field in cells[begin:end]]
            for place in source.places(inside, self.schema.primary_key) if inside else ():
                yield source, place

    def _add_fault(self, source: Source, fault: StructureFault) -> None:
        self._add(fault.code, source, line=fault.line, column=fault.column, value=fault.value, expected=fault.expected)

    def _add(self, code: str, source: Source, **details: Any) -> None:
        self.findings.append(finding(code, self.schema.name, source.file, **details))


def _columns(fields: Iterable[str]) -> list[pl.Expr]:
    import polars as pl

    return [pl.col(name) for name in fields]


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, each made in another thread while the one before is used."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


def judge_batch(compiled: CompiledTable, frame: pl.DataFrame, bad: set[tuple[int, str]]) -> Iterator[Hit]:
    """Run what may fail of the pandera schema over a typed batch.

    Args:
        compiled: the schema and its claims.
        frame: the batch.
        bad: cells by row and field that could not be read; what is claimed of them is not judged.

    Yields:
        The rows where a claim fails, counted from the beginning of the batch.
    """
    import polars as pl

    doubtful = compiled.doubtful(frame)
    if doubtful is None:
        return
    from pandera.config import ValidationDepth, config_context
    from pandera.errors import SchemaErrors

    try:
        # the environment can switch pandera off or down; a validator must not pass data silently
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            doubtful.schema.validate(frame, lazy=True)
        return
    except SchemaErrors as error:
        failures = error.failure_cases
    for (name, field), part in failures.group_by("check", "column", maintain_order=True):
        claim = compiled.claims.get(str(name))
        if part["index"].has_nulls() or (claim is None and name != "not_nullable"):
            raise RuntimeError(f"check {name} of {field} could not be run: {part['failure_case'][0]}")
        rows = part["index"].cast(pl.Int64).to_list()
        yield from _hits(claim, str(field), frame, rows, bad)


def _hits(
    claim: Claim | None, field: str, frame: pl.DataFrame, rows: list[int], bad: set[tuple[int, str]]
) -> Iterator[Hit]:
    if claim is None:
        yield from (Hit(REQUIRED, row, field, "a value") for row in rows if (row, field) not in bad)
        return
    judged = [row for row in rows if not any((row, looked_at) in bad for looked_at in claim.fields)] if bad else rows
    if isinstance(claim.expected, str):
        expected: list[str] = [claim.expected] * len(judged)
    else:
        expected = frame[judged].select(claim.expected.alias("expected"))["expected"].to_list()
    for row, words in zip(judged, expected, strict=True):
        yield Hit(claim.code, row, claim.field, words)


def finding(code: str, table: str | None, file: str | None, **details: Any) -> Finding:
    """A finding with the words of its rule."""
    rule = CATALOGUE[code]
    return Finding(code, rule.severity, rule.summary, table=table, file=file, hint=rule.fix, **details)


def validate(
    source: Any,
    *,
    table: str | None = None,
    extra_columns: bool = False,
    as_of: date | None = None,
    package: DataPackage | None = None,
    select: Iterable[str] = EVERYTHING,
    ignore: Iterable[str] = (),
    baseline: str | Path | None = None,
    progress: Callable[[int], None] | None = None,
    batch_bytes: int = BATCH_BYTES,
) -> Report:
    """See `bilatdata.validation.validate`."""
    from bilatdata.package import installed
    from bilatdata.validation.inputs import resolve

    _require_extras()
    codes = selected_codes(tuple(CATALOGUE), select, ignore)
    if not codes:
        raise BilatdataError("no rule is left to judge by: 'ignore' takes away all that 'select' names")
    known = None if baseline is None else Baseline.read(Path(baseline))
    contract = Contract.of(package or installed(), as_of or date.today(), codes)
    resolved = resolve(source, table, contract.schemas, batch_bytes)
    inputs, contract = resolved.inputs, contract.with_schemas(resolved.schemas)
    names = list(dict.fromkeys(item.table for item in inputs if item.table is not None))
    rules = contract.frame_rules(names)
    runs: dict[str, TableRun] = {}
    findings: list[Finding] = []
    for item in inputs:
        if item.table is None:
            findings.append(
                finding(NOT_JUDGED, None, item.source.file, expected=f"one of {', '.join(contract.schemas)}")
            )
            continue
        if item.table not in runs:
            keep = any(not rule.tables or rule.all_tables or item.table in rule.tables for rule in rules)
            runs[item.table] = TableRun(
                contract.schemas[item.table], contract, keep_rows=keep, extra_columns=extra_columns
            )
        for _ in runs[item.table].read(item.source):
            if progress:
                progress(sum(run.rows for run in runs.values()))
    _judge_frames(rules, runs, contract)
    for run in runs.values():
        run.judge_keys(runs)
        findings += run.findings
    files = [item.source.file or f"<{item.table}>" for item in inputs]
    judged = [
        Judged(item.source.file, item.table, contract.codes(item.table, names) if item.table else (NOT_JUDGED,))
        for item in inputs
    ]
    selected = (finding for finding in findings if finding.code in codes)
    rows = sum(run.rows for run in runs.values())
    report = Report.of(selected, files=files, tables=names, rows=rows, judged=judged)
    return report if known is None else known.left_out(report)


def _judge_frames(rules: list[Rule], runs: Mapping[str, TableRun], contract: Contract) -> None:
    """Run the rules that see whole tables."""
    known = contract.package.resources
    frames = {
        name: run.frame() for name, run in runs.items() if name in known and any(sees(rule, name) for rule in rules)
    }
    context = contract.context
    for rule in rules:
        seen = {name: frame for name, frame in frames.items() if sees(rule, name)}
        if rule.scope == "table":
            for name, frame in seen.items():
                runs[name].add_faults(rule.code, _faults(rule.function(frame, contract.schemas[name], context)), runs)
            continue
        by_table: dict[str, list[Fault]] = {}
        for fault in _faults(rule.function(seen, context)):
            by_table.setdefault(fault.table, []).append(fault)
        for name, faults in by_table.items():
            runs[name].add_faults(rule.code, faults, runs)


def _follows(fault: Fault, runs: Mapping[str, TableRun]) -> bool:
    """Whether the fault is only that another cell, which is reported already, cannot be read."""
    if fault.compared is None:
        return False
    table, row, field = fault.compared
    return table in runs and runs[table].is_unreadable(row, field)


def _faults(found: Iterable[object]) -> Iterator[Fault]:
    for fault in found:
        assert isinstance(fault, Fault), fault
        yield fault


def _require_extras() -> None:
    from importlib.util import find_spec

    # pandera takes a second to import, and a table without faults never needs it
    if any(find_spec(name) is None for name in ("pandera", "polars", "numpy")):
        raise missing_extra("validate", "validating")
