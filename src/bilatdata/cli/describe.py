"""The verb `describe`: what a table holds, field by field, and which rules judge it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence

from bilatdata.cli.output import Column, Console, Output, hang, plural, table, wrap
from bilatdata.cli.verb import EXIT_FINE, TABLE_HELP, Group, Verb, one_of
from bilatdata.contract.table_schema import Field, TableSchema
from bilatdata.loading import summaries, table_schema, tables
from bilatdata.package import installed
from bilatdata.wording.coverage import coverage_lines
from bilatdata.wording.terms import Terms, read_terms

_LABEL_WIDTH = 12


def _arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("table", metavar="TABLE", help=TABLE_HELP)
    options.add_argument(
        "--format",
        type=one_of("text", "json"),
        default="text",
        metavar="FORMAT",
        help="text (the default) or json, which is the Table Schema itself",
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    if options.format == "json":
        console.out.line(json.dumps(installed().schema(options.table), indent=2, ensure_ascii=False))
        return EXIT_FINE
    schema = table_schema(options.table)
    console.out.lines(_head(schema, console.out))
    console.out.line()
    terms = read_terms(installed())
    facts = [*_facts(schema, [table_schema(name) for name in tables()]), *_coverage(schema.name, terms)]
    for label, text in facts:
        label = console.out.paint(label.ljust(_LABEL_WIDTH), "dim")
        console.out.lines(hang(label, text, console.out.width))
    console.out.line()
    console.out.lines(_fields(schema, terms, console.out))
    return EXIT_FINE


def _head(schema: TableSchema, out: Output) -> Iterator[str]:
    summary = next(summary for summary in summaries() if summary.name == schema.name)
    size = f"{plural(summary.rows, 'row')}, {plural(summary.columns, 'column')}"
    yield f"{out.paint(schema.name, 'bold', 'cyan')}  {out.paint(size, 'dim')}"
    yield from wrap(schema.description, out.width)


def _facts(schema: TableSchema, schemas: Sequence[TableSchema]) -> Iterator[tuple[str, str]]:
    yield "key", ", ".join(schema.primary_key)
    if schema.foreign_keys:
        yield "refers to", ", ".join(f"{key.table} ({', '.join(key.fields)})" for key in schema.foreign_keys)
    users = [
        f"{other.name} ({', '.join(key.fields)})"
        for other in schemas
        for key in other.foreign_keys
        if key.table == schema.name and other is not schema
    ]
    if users:
        yield "used by", ", ".join(users)
    if schema.evidence:
        parent = schema.evidence.get("inherits")
        yield "evidence", "every record needs it" + (f", its own or that of its {parent['field']}" if parent else "")
    own, common = _rules(schema.name)
    if own:
        yield "rules", f"{' '.join(own)} (and {common} that judge every table; 'bilatdata rules CODE' explains one)"


def _coverage(table_name: str, terms: Terms) -> Iterator[tuple[str, str]]:
    for position, text in enumerate(coverage_lines(installed(), terms, table_name)):
        yield "coverage" if position == 0 else "", text


def _rules(table_name: str) -> tuple[list[str], int]:
    """Codes of the rules made for a table, and the number of those that judge every table."""
    from bilatdata.contract.rules import CATALOGUE

    rules = [rule for rule in CATALOGUE if rule.scope != "release" and rule.applies_to(table_name)]
    own = [rule.code for rule in rules if rule.tables]
    return own, len(rules) - len(own)


def _fields(schema: TableSchema, terms: Terms, out: Output) -> Iterator[str]:
    columns = [Column("field", styles=("bold",)), Column("type", wrap=True, most=22), Column("definition", wrap=True)]
    rows = [[field.name, _type(field), _definition(field, terms.codes(field.vocabulary))] for field in schema.fields]
    return table(columns, rows, out)


def _type(field: Field) -> str:
    kind = "EDTF date" if field.is_edtf else "list" if field.separator else field.type
    parts = [f"{kind} in {field.unit}" if field.unit else kind]
    parts += ["derived"] * bool(field.derived) + ["required"] * field.required + ["unique"] * field.unique
    return ", ".join(parts)


def _definition(field: Field, codes: Sequence[str]) -> str:
    if not codes:
        return field.description
    how = "From least to most" if field.ordered else "Any of" if field.separator else "One of"
    return f"{field.description} {how}: {', '.join(codes)}."


DESCRIBE = Verb(
    name="describe",
    purpose="Say what a table holds: its fields, their types, units, codes, coverage and rules",
    usage="TABLE [options]",
    description="The same contract that 'bilatdata validate' enforces. Dates are EDTF: 2025, 2025-04 or "
    "2025-04-29, as precise as the sources are; '~' means about, '?' means uncertain, and "
    "2024-05/2024-07 is an interval. Coverage says for how many countries the table is how complete, "
    "in which years, and what a reader may conclude from a missing row.",
    examples=(
        ("The fields of a table", "bilatdata describe meetings"),
        ("Only those that hold money", "bilatdata describe asset_exits | grep USD"),
        ("The Table Schema, for other tools", "bilatdata describe concessions --format json > concessions.schema.json"),
    ),
    exit_codes=((0, "fine"), (2, "no such table")),
    add_arguments=_arguments,
    run=_run,
)
