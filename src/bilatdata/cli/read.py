"""The verbs for readers of the record: tables, describe, show, record, path, export, fetch, metadata, chart, cite."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from bilatdata.cli.chart import CHART
from bilatdata.cli.describe import DESCRIBE
from bilatdata.cli.diff import DIFF
from bilatdata.cli.export import EXPORT
from bilatdata.cli.fetch import FETCH
from bilatdata.cli.metadata import METADATA
from bilatdata.cli.output import Column, Console, table
from bilatdata.cli.record import RECORD
from bilatdata.cli.serve import SERVE
from bilatdata.cli.show import SHOW
from bilatdata.cli.verb import EXIT_FINE, TABLE_HELP, Group, Verb, one_of
from bilatdata.loading import summaries
from bilatdata.package import FORMATS, installed
from bilatdata.wording.coverage import completeness_counts, covered, read_coverage
from bilatdata.wording.terms import read_terms
from bilatdata.wording.text import cell_text


def _tables_arguments(arguments: Group, options: Group) -> None:
    options.add_argument(
        "--format", type=one_of("table", "json"), default="table", metavar="FORMAT", help="table (the default) or json"
    )


def _tables(options: argparse.Namespace, console: Console) -> int:
    listed = summaries()
    coverage = read_coverage(installed(), read_terms(installed()))
    if options.format == "json":
        counts = {name: completeness_counts(groups) for name, groups in coverage.items()}
        told = [{**asdict(summary), "countries_by_completeness": counts.get(summary.name)} for summary in listed]
        console.out.line(json.dumps(told, indent=2, ensure_ascii=False))
        return EXIT_FINE
    columns = [
        Column("table", styles=("bold",)),
        Column("rows", right=True),
        Column("countries", right=True),
        Column("years"),
        Column("what it holds"),
    ]
    rows = [
        [
            summary.name,
            cell_text(summary.rows, grouped=console.out.is_terminal),
            str(covered(coverage[summary.name])) if summary.name in coverage else "",
            _years(summary.start, summary.end),
            _capitalised(summary.description.removeprefix("One row is ")),
        ]
        for summary in listed
    ]
    console.out.lines(table(columns, rows, console.out))
    return EXIT_FINE


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _years(first_day: str | None, last_day: str | None) -> str:
    if not (first_day and last_day):
        return ""
    first, last = first_day[:4], last_day[:4]
    return first if first == last else f"{first}–{last}"


def _path_arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("table", metavar="TABLE", help=TABLE_HELP)
    options.add_argument(
        "--format", type=one_of(*FORMATS), default="csv", metavar="FORMAT", help="csv (the default) or parquet"
    )


def _path(options: argparse.Namespace, console: Console) -> int:
    console.out.line(str(installed().data_path(options.table, options.format)))
    return EXIT_FINE


def _cite_arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument(
        "target", metavar="TARGET", nargs="?", help="name of a table or id of a record (default: the whole package)"
    )
    options.add_argument(
        "--format",
        type=one_of("text", "bibtex", "csl-json"),
        default="text",
        metavar="FORMAT",
        help="text (the default), bibtex or csl-json",
    )


def _cite(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.citation import cite

    console.out.line(cite(options.target, format=options.format).rstrip("\n"))
    return EXIT_FINE


TABLES = Verb(
    name="tables",
    purpose="List the tables: rows, the countries and years they cover",
    usage="[options]",
    description="The headline tables come first: meetings, trade_products, concessions, asset_exits. The "
    "others say who took part, what the codes mean and where each fact comes from. countries: how "
    "many countries besides Russia the table holds something of; 'bilatdata describe TABLE' says how "
    "completely.",
    examples=(
        ("What is there?", "bilatdata tables"),
        ("Names alone, for a loop in a shell", "bilatdata tables --format json | jq -r '.[].name'"),
    ),
    exit_codes=((0, "fine"), (2, "the data files of the package are missing")),
    add_arguments=_tables_arguments,
    run=_tables,
)

PATH = Verb(
    name="path",
    purpose="Say where the file of a table lies",
    usage="TABLE [options]",
    description="The files inside the package are for reading: any tool opens them at once. To change them, "
    "export a copy.",
    examples=(
        ("Straight into DuckDB", "duckdb -c \"FROM '$(bilatdata path meetings --format parquet)' LIMIT 5\""),
        ("Search the raw text", 'grep -i azero "$(bilatdata path asset_exits)"'),
    ),
    exit_codes=((0, "fine"), (2, "no such table, or its file is missing")),
    add_arguments=_path_arguments,
    run=_path,
)

CITE = Verb(
    name="cite",
    purpose="Say how to cite the package, a table or a record, with its version",
    usage="[TARGET] [options]",
    description="The version belongs in the citation: values may change between versions as better sources are found.",
    examples=(
        ("The whole package", "bilatdata cite"),
        ("A table, for LaTeX", "bilatdata cite meetings --format bibtex >> references.bib"),
        ("A record, for Zotero and others", "bilatdata cite CON-0003 --format csl-json"),
    ),
    exit_codes=((0, "fine"), (2, "no such table or record")),
    add_arguments=_cite_arguments,
    run=_cite,
)

VERBS = (TABLES, DESCRIBE, SHOW, RECORD, PATH, EXPORT, DIFF, FETCH, METADATA, CHART, SERVE, CITE)
