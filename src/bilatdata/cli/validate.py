"""The verbs for files of any origin that follow the contract: validate, rules."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bilatdata.cli.output import Console
from bilatdata.cli.rules import RULES
from bilatdata.cli.verb import EXIT_FINDINGS, EXIT_FINE, Group, Verb, one_of

if TYPE_CHECKING:
    from bilatdata.validation.findings import Report


def add_report_options(options: Group) -> None:
    """Add the options that say how a report is printed and what counts as a failure."""
    options.add_argument(
        "--output-format",
        type=one_of("text", "json"),
        default="text",
        metavar="FORMAT",
        help="text (the default, for people) or json (every finding, for machines)",
    )
    options.add_argument("--strict", action="store_true", help="let warnings fail too")


def print_report(report: Report, options: argparse.Namespace, console: Console) -> int:
    """Print a report and give the exit code that follows from it."""
    if options.output_format == "json":
        from bilatdata.report import json

        console.out.line(json.render(report).rstrip("\n"))
    else:
        from bilatdata.report import text

        console.out.line(text.render(report, color=console.out.color, width=console.out.page_width).rstrip("\n"))
    failed = report.errors or (options.strict and report.findings)
    return EXIT_FINDINGS if failed else EXIT_FINE


def _validate_arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument(
        "paths",
        metavar="PATH",
        type=Path,
        nargs="+",
        help="CSV or Parquet file, folder of them, datapackage.json, zip of one, or - for standard input",
    )
    options.add_argument(
        "--table",
        metavar="NAME",
        help="table that the files hold (default: what the file name says, as in meetings.csv)",
    )
    options.add_argument(
        "--extra-columns",
        action="store_true",
        help="allow columns that the contract does not know; they are not judged",
    )
    add_report_options(options)


def _validate(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.validation import validate

    report = validate(options.paths, table=options.table, extra_columns=options.extra_columns)
    return print_report(report, options, console)


VALIDATE = Verb(
    name="validate",
    purpose="Check your own files against the contract of this package",
    usage="PATH... [options]",
    description="Finds every fault of structure, type, key and rule, and says in which line and column "
    "it is. Files given together are judged together: a key may refer to a record in any of "
    "them or in this package. A descriptor of yours may declare columns that ours lack, and tables of "
    "its own: they are judged by its schemas.",
    examples=(
        ("One file; its name says which table it is", "bilatdata validate my/meetings.csv"),
        ("A folder of tables, with columns of your own", "bilatdata validate extension/ --extra-columns"),
        (
            "What another command writes; its table is named",
            "xz -dc meetings.csv.xz | bilatdata validate - --table meetings",
        ),
        (
            "The codes that occur, most frequent first",
            "bilatdata validate my/ --output-format json | jq -r '.findings[].code' | sort | uniq -c | sort -rn",
        ),
    ),
    exit_codes=(
        (0, "valid (warnings may have been printed)"),
        (1, "there are errors; with --strict: errors or warnings"),
        (2, "could not judge: a file cannot be read, or it is not clear which table it is"),
    ),
    add_arguments=_validate_arguments,
    run=_validate,
)

VERBS = (VALIDATE, RULES)
