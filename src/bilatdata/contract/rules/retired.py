"""Rules about ids that are no longer used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bilatdata.contract.rule import CATALOGUE, Context, Fault, RowCheck
from bilatdata.contract.rules._expressions import col, text
from bilatdata.contract.rules._rows import with_ours
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    import polars as pl

_PREFIX = 3
"""Letters at the beginning of an id, which are those of its table."""


@CATALOGUE.rule(
    "I101",
    "retired-id-in-use",
    scope="package",
    tables=("retired_ids",),
    all_tables=True,
    summary="A record has an id that was retired.",
    explanation="Ids are never used again: whoever has cited the old record would be led to the new one.",
    fix="Give the record an id that was never used, or take the id out of `retired_ids` if it was retired by mistake.",
)
def retired_ids_are_not_used(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Records whose key is a retired id."""
    retired = _successors(tables, context)
    for name, frame in tables.items():
        key = context.schemas[name].primary_key[0]
        if name == "retired_ids":
            continue
        for position, value in enumerate(frame[key]):
            if value in retired:
                yield Fault(name, position, key, "an id that was not retired")


def _successors(tables: Mapping[str, pl.DataFrame], context: Context) -> dict[str, str | None]:
    """Successors by retired id; None where the record was withdrawn."""
    retired = with_ours("retired_ids", tables, context).drop_nulls("retired_id")
    return dict(retired.select("retired_id", "successor_id").iter_rows())


@CATALOGUE.rule(
    "I102",
    "successor-missing",
    scope="package",
    tables=("retired_ids",),
    all_tables=True,
    summary="The successor of a retired id does not exist.",
    explanation="A reader who follows an old citation arrives nowhere.",
    fix="Correct `successor_id`, or empty it if the record was withdrawn.",
)
def successors_exist(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Successors that are neither in the tables at hand nor in ours; retired ones are I104's."""
    prefixes = _tables_by_prefix(context)
    known: dict[str, set[str]] = {}
    retired = set(_successors(tables, context))
    for position, successor in enumerate(tables["retired_ids"]["successor_id"]):
        name = prefixes.get((successor or "")[:_PREFIX])
        if name is None or successor in retired or name not in tables.keys() | context.package_tables.keys():
            continue
        if name not in known:
            known[name] = set(with_ours(name, tables, context)[context.schemas[name].primary_key[0]])
        if successor not in known[name]:
            yield Fault("retired_ids", position, "successor_id", f"a record of {name}")


def _tables_by_prefix(context: Context) -> dict[str, str]:
    """Tables by the letters that their ids begin with."""
    prefixes = {}
    for name, schema in context.schemas.items():
        pattern = schema.by_name[schema.primary_key[0]].pattern or ""
        if pattern[1 + _PREFIX : 2 + _PREFIX] == "-":
            prefixes[pattern[1 : 1 + _PREFIX]] = name
    return prefixes


@CATALOGUE.rule(
    "I103",
    "retired-id-cited",
    scope="package",
    tables=("retired_ids",),
    all_tables=True,
    summary="A row refers to an id that was retired.",
    explanation="The record is now under another id, or was withdrawn; what refers to the old one is lost to whoever "
    "joins the tables.",
    fix="Refer to the successor, or drop the reference if the record was withdrawn.",
)
def retired_ids_are_not_cited(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Foreign keys and evidence that name a retired id."""
    successors = _successors(tables, context)
    for name, frame in tables.items():
        fields = {key.fields[0] for key in context.schemas[name].foreign_keys}
        fields |= {"record_id"} if name == "evidence" else set()
        for field in sorted(fields):
            for position, value in enumerate(frame[field]):
                if value in successors:
                    expected = successors[value] or "no reference, as the record was withdrawn"
                    yield Fault(name, position, field, expected)


@CATALOGUE.rule(
    "I104",
    "successor-retired",
    scope="table",
    tables=("retired_ids",),
    summary="The successor of a retired id was retired itself.",
    explanation="One step must lead from any old id to the record of today; chains have to be followed, and a circle "
    "never ends.",
    fix="Name the record of today as successor of both ids.",
)
def successors_are_current(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Successors that are in the list of retired ids."""
    successors = dict(frame.drop_nulls("retired_id").select("retired_id", "successor_id").iter_rows())
    for position, successor in enumerate(frame["successor_id"]):
        if successor in successors:
            last, seen = successors[successor], {successor}
            while last in successors and last not in seen:
                seen.add(last)
                last = successors[last]
            current = last if last not in successors else None
            yield Fault("retired_ids", position, "successor_id", current or "an id that is in use, or an empty cell")


@CATALOGUE.rule(
    "I105",
    "successor-of-another-kind",
    scope="row",
    tables=("retired_ids",),
    summary="The id belongs to no table, or its successor is of another kind.",
    explanation="The letters of an id are those of its table. A record of facts may move to another table of facts, as "
    "ranks moved from the facts of countries to the rankings; a meeting is not followed by an organisation.",
    fix="Correct the id; the successor is of the same table, or both are records with evidence of their own.",
)
def ids_are_of_one_table(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A retired id begins with the letters of a table, and its successor with the same or both with those of facts."""
    prefixes = _tables_by_prefix(context)
    of_facts = [prefix for prefix, table in prefixes.items() if context.schemas[table].evidence]
    ok = col("retired_id").str.head(_PREFIX).is_in(list(prefixes))
    yield RowCheck("retired_id", ok, f"an id that begins with one of {', '.join(sorted(prefixes))}")
    old, new = (col(field).str.head(_PREFIX) for field in ("retired_id", "successor_id"))
    ok = (old == new) | (old.is_in(of_facts) & new.is_in(of_facts))
    yield RowCheck("successor_id", ok, text("an id of the same kind as {}", "retired_id"))
