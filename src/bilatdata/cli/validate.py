"""The verbs for files of any origin that follow the contract: validate, rules."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bilatdata.cli.output import Console, plural
from bilatdata.cli.rules import RULES
from bilatdata.cli.verb import EXIT_FINDINGS, EXIT_FINE, Group, Verb, names, one_of
from bilatdata.errors import BilatdataError

if TYPE_CHECKING:
    from bilatdata.validation.findings import Report
    from bilatdata.validation.settings import Settings


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
        nargs="*",
        help="CSV or Parquet file, folder of them, datapackage.json, zip of one, or - for standard input "
        "(default: what the settings name)",
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
    options.add_argument(
        "--select", type=names, metavar="RULES", help="rules that count: codes, beginnings of codes or names (M,T101)"
    )
    options.add_argument("--ignore", type=names, metavar="RULES", help="rules that do not count")
    options.add_argument("--baseline", type=Path, metavar="FILE", help="leave out the findings that this file knows")
    options.add_argument(
        "--write-baseline", type=Path, metavar="FILE", help="write all findings to this file, as known from now on"
    )
    options.add_argument(
        "--config", type=Path, metavar="FILE", help="settings to use (default: the nearest in or above this folder)"
    )
    options.add_argument("--isolated", action="store_true", help="use no settings but these options")
    add_report_options(options)


def _validate(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.validation import validate

    settings = _settings(options)
    options.strict = options.strict or settings.strict
    paths = options.paths or list(settings.paths)
    if not paths:
        raise BilatdataError("nothing to validate: name a file or folder, or set 'paths' in bilatdata.toml")
    report = validate(
        paths,
        table=options.table,
        extra_columns=options.extra_columns or settings.extra_columns,
        select=options.select or settings.select,
        ignore=settings.ignore if options.ignore is None else options.ignore,
        baseline=None if options.write_baseline else options.baseline or settings.baseline,
    )
    if options.write_baseline:
        return _write_baseline(report, options.write_baseline, console)
    if report.gone:
        console.note(f"the baseline holds {plural(report.gone, 'finding')} that no longer occur: write it anew")
    return print_report(report, options, console)


def _settings(options: argparse.Namespace) -> Settings:
    """The settings of the project, those that are named, or none."""
    from bilatdata.validation.settings import Settings, find_settings, read_settings

    if options.isolated:
        return Settings()
    if options.config is None:
        return find_settings(Path.cwd())
    found = read_settings(options.config)
    if found is None:
        raise BilatdataError(f"{options.config}: has no [tool.bilatdata]: expected the settings of a project")
    return found


def _write_baseline(report: Report, path: Path, console: Console) -> int:
    from bilatdata.files import write_whole
    from bilatdata.validation.baseline import Baseline

    write_whole(path, Baseline.of(report).to_bytes())
    console.note(f"{plural(len(report), 'finding')} written to {path}: --baseline {path} leaves them out from now on")
    return EXIT_FINE


VALIDATE = Verb(
    name="validate",
    purpose="Check your own files against the contract of this package",
    usage="[PATH...] [options]",
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
