"""Rules about codes: lists of them in a cell, and the agreement of `terms` with the schemas."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bilatdata.contract.canonical import TextTable, read_text_table
from bilatdata.contract.rule import CATALOGUE, Context, Fault, ReleaseFault, RowCheck
from bilatdata.contract.rules._expressions import col
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    import polars as pl

    from bilatdata.package import DataPackage


@CATALOGUE.rule(
    "V101",
    "schema-not-terms",
    scope="release",
    summary="The codes that a schema allows are not those of `terms`.",
    explanation="`terms` explains every code in three languages and the schemas enforce them; readers of either must "
    "find the same codes in the same order.",
    fix="Make `enum` (and `categories`) of the field equal to the codes of its vocabulary in `terms`, by position.",
)
def schemas_equal_terms(package: DataPackage) -> Iterator[ReleaseFault]:
    """Fields whose `enum` or `categories` differ from their vocabulary, and vocabularies without terms."""
    if "terms" not in package.resources:
        return
    codes = _codes(read_text_table(package.data_path("terms", "csv")))
    for table, field in _coded_fields(package):
        wanted = codes.get(field["vocabulary"], [])
        found = {"categories": field["categories"]} if "categories" in field else {}
        if "separator" not in field:  # Table Schema has no constraint for the items of a list; V102 judges them
            found["enum"] = field.get("constraints", {}).get("enum", [])
        if not wanted:
            yield _schema_fault(table, field, f"terms of the vocabulary {field['vocabulary']}", None)
        for name, listed in found.items():
            if wanted and listed != wanted:
                yield _schema_fault(table, field, f"{name}: {', '.join(wanted)}", ", ".join(listed))


def _schema_fault(table: str, field: dict[str, Any], expected: str, value: str | None) -> ReleaseFault:
    return ReleaseFault(f"schemas/{table}.json", expected, table=table, field=field["name"], value=value)


def _codes(terms: TextTable) -> dict[str, list[str]]:
    """The codes of each vocabulary in the order of their positions."""
    placed: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in terms.records():
        placed[row["vocabulary"]].append((int(row["position"]), row["code"]))
    return {vocabulary: [code for _, code in sorted(places)] for vocabulary, places in placed.items()}


def _coded_fields(package: DataPackage) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in package.table_names:
        for field in package.schema(table)["fields"]:
            if "vocabulary" in field:
                yield table, field


@CATALOGUE.rule(
    "V102",
    "item-not-in-vocabulary",
    scope="row",
    summary="A list holds an item that is not a code of its vocabulary.",
    explanation="Whoever filters by topic misses the record: nobody looks for a code that is not listed.",
    fix="Use the codes that `bilatdata describe` lists for the field; a new one is a row in `terms` first.",
)
def items_are_codes(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Items of list fields with a vocabulary are codes of it."""
    import polars as pl

    for field in schema.fields:
        codes = sorted(context.vocabularies.get(field.vocabulary or "", ()))
        if not field.separator or not codes:
            continue
        code = f"(?:{'|'.join(re.escape(code) for code in codes)})"
        separator = re.escape(field.separator)
        # Spaces around items and empty items are N101's.
        ok = col(field.name).str.contains(
            rf"\A[ {separator}]*{code}?(?: *{separator}[ {separator}]*{code})*[ {separator}]*\z"
        )
        items = col(field.name).str.split(field.separator).list.eval(pl.element().str.strip_chars())
        strangers = items.list.eval(pl.element().filter(~pl.element().is_in([*codes, ""]))).list.join(", ")
        yield RowCheck(field.name, ok, pl.format(f"codes of the vocabulary {field.vocabulary}, not: {{}}", strangers))


@CATALOGUE.rule(
    "V103",
    "vocabulary-unused",
    scope="release",
    summary="No field of any schema uses the vocabulary.",
    explanation="A vocabulary that nothing uses is a leftover or stands under a name that a schema misspells.",
    fix="Name the vocabulary in the field that uses it, or take its rows out of `terms`.",
)
def vocabularies_are_used(package: DataPackage) -> Iterator[ReleaseFault]:
    """Vocabularies of `terms` that no schema names, each at its first row."""
    if "terms" not in package.resources:
        return
    used = {field["vocabulary"] for _, field in _coded_fields(package)}
    terms = read_text_table(package.data_path("terms", "csv"))
    seen = set(used)
    for vocabulary, line in zip(terms.column("vocabulary"), terms.lines, strict=True):
        if vocabulary not in seen:
            seen.add(vocabulary)
            expected = "a vocabulary that a schema names"
            yield ReleaseFault(
                "data/terms.csv", expected, table="terms", line=line, field="vocabulary", value=vocabulary
            )


@CATALOGUE.rule(
    "V104",
    "positions-not-in-sequence",
    scope="table",
    tables=("terms",),
    summary="The positions of a vocabulary are not 1, 2, 3 and so on.",
    explanation="Positions order the codes in schemas, frames and lists; with one twice or left out the order is not "
    "settled.",
    fix="Number the codes of the vocabulary from 1 without gaps.",
)
def positions_run_on(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Terms whose position is taken, or is above the number of codes of the vocabulary."""
    sizes: dict[str, int] = defaultdict(int)
    for vocabulary in frame["vocabulary"]:
        sizes[vocabulary] += 1
    taken: dict[tuple[str, int], str] = {}
    cells = frame.select("vocabulary", "code", "position").iter_rows()
    for place, (vocabulary, code, position) in enumerate(cells):
        if position is None:
            continue
        holder = taken.setdefault((vocabulary, position), code)
        if holder != code:
            yield Fault("terms", place, "position", f"a position that {holder} does not have")
        elif position > sizes[vocabulary]:
            yield Fault("terms", place, "position", f"a number up to {sizes[vocabulary]}, the codes of {vocabulary}")
