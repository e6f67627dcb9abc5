"""The verbs for files of any origin that follow the contract: validate, rules."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bilatdata.cli.output import Console, plural
from bilatdata.cli.progress import StatusLine
from bilatdata.cli.rules import RULES
from bilatdata.cli.verb import EXIT_FINDINGS, EXIT_FINE, Group, Verb, names, one_of
from bilatdata.errors import BilatdataError
from bilatdata.files import write_whole
from bilatdata.report import FORMATS

if TYPE_CHECKING:
    from bilatdata.validation.findings import Report
    from bilatdata.validation.settings import Settings


class OutputFormat(NamedTuple):
    """How a report is rendered, and the file it goes to; None for standard output."""

    name: str
    path: Path | None


def add_report_options(options: Group) -> None:
    """Add the options that say how a report is printed and what counts as a failure."""
    listed = ", ".join(f"{name} ({purpose})" for name, purpose in FORMATS.items())
    options.add_argument(
        "--output-format",
        type=_output_format,
        action="append",
        metavar="FORMAT[=FILE]",
        help=f"print the report in a format, or write it to a file; may be given several times: {listed}",
    )
    options.add_argument("--strict", action="store_true", help="count warnings as errors")


def _output_format(text: str) -> OutputFormat:
    """An argument type for `FORMAT` and `FORMAT=FILE`."""
    name, separator, path = text.partition("=")
    if separator and not path:
        raise argparse.ArgumentTypeError(f"'{text}' names no file: expected such as {name}=report.{name}")
    return OutputFormat(one_of(*FORMATS)(name), Path(path) if path else None)


def printed_formats(options: argparse.Namespace) -> list[str]:
    """The formats that are printed: text, unless others are asked for without a file."""
    return [wanted.name for wanted in options.output_format or () if wanted.path is None] or ["text"]


def print_report(report: Report, options: argparse.Namespace, console: Console) -> int:
    """Print a report, write it to the files that are asked for, and give the exit code that follows from it."""
    from bilatdata.report import render

    if options.strict:
        report = report.strictly()
    judged = {Path(file).resolve() for file in report.files}
    for wanted in options.output_format or ():
        if wanted.path is not None:
            if wanted.path.resolve() in judged:
                raise BilatdataError(f"{wanted.path}: is one of the files that were judged: choose another name")
            _write(wanted.path, render(report, wanted.name).encode(errors="surrogateescape"))
    for name in printed_formats(options):
        console.out.stream.write(render(report, name, color=console.out.color, width=console.out.page_width))
    return EXIT_FINDINGS if report.errors else EXIT_FINE


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; what is no plain file, such as a pipe, is written to as it is."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_bytes(content)
    else:
        write_whole(path, content)


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

    if options.write_baseline:
        _require_baseline(options)
    settings = _settings(options)
    options.strict = options.strict or settings.strict
    paths = options.paths or _paths(settings)
    if not paths:
        raise BilatdataError("nothing to validate: name a file or folder, or set 'paths' in bilatdata.toml")
    with StatusLine(console.err) as status:
        report = validate(
            paths,
            table=options.table,
            extra_columns=options.extra_columns or settings.extra_columns,
            select=options.select or settings.select,
            ignore=settings.ignore if options.ignore is None else options.ignore,
            baseline=None if options.write_baseline else options.baseline or settings.baseline,
            progress=lambda rows: status.show(f"validating: {plural(rows, 'row')}"),
        )
    if options.write_baseline:
        return _write_baseline(report, options.write_baseline, console)
    if report.gone:
        console.note(f"the baseline holds {plural(report.gone, 'finding')} that no longer occur: write it anew")
    return print_report(report, options, console)


def _paths(settings: Settings) -> list[Path]:
    """The files and folders that the settings name."""
    for path in settings.paths:
        if not path.exists():
            raise BilatdataError(f"{settings.file}: paths names {path}, which does not exist")
    return list(settings.paths)


def _require_baseline(options: argparse.Namespace) -> None:
    """Refuse to replace a file that is no baseline, such as a table whose name was meant as PATH."""
    from bilatdata.validation.baseline import Baseline

    path: Path = options.write_baseline
    if options.output_format:
        raise BilatdataError("--write-baseline prints no report: leave out --output-format")
    if path.exists():
        try:
            Baseline.read(path)
        except BilatdataError as error:
            raise BilatdataError(f"{path}: exists and is no baseline: choose another name, or remove it") from error


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
            "In CI: text in the log, and a file for code scanning",
            "bilatdata validate my/ --output-format sarif=my.sarif",
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
