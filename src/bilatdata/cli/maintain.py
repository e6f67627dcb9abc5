"""The verbs of those who keep the record: check, build."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bilatdata.cli.output import Console, plural
from bilatdata.cli.validate import add_report_options, print_report
from bilatdata.cli.verb import EXIT_FINE, Group, Verb
from bilatdata.errors import BilatdataError
from bilatdata.package import DESCRIPTOR

_ROOT_HELP = f"folder that holds {DESCRIPTOR} (default: the nearest one from here upwards)"


def _check_arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("root", metavar="ROOT", type=Path, nargs="?", help=_ROOT_HELP)
    add_report_options(options)


def _check(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.release.check import check

    report = check(_root(options.root))
    code = print_report(report, options, console)
    if report.state and options.output_format == "text":
        from bilatdata.cli.state_text import state_lines

        console.out.line()
        console.out.lines(state_lines(report.state, console.out))
    return code


def _build_arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("root", metavar="ROOT", type=Path, nargs="?", help=_ROOT_HELP)


def _build(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.release.build import build

    written = build(_root(options.root))
    console.out.lines(path.as_posix() for path in written)
    console.note(
        f"{plural(len(written), 'file')} written" if written else "nothing to do: all that is derived is up to date"
    )
    return EXIT_FINE


def _root(given: Path | None) -> Path:
    """The folder of a data package: the one given, or the nearest from the working directory upwards."""
    if given is not None:
        if (given / DESCRIPTOR).is_file():
            return given
        raise BilatdataError(f"{given}: no data package here (expected a folder with {DESCRIPTOR})")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / DESCRIPTOR).is_file():
            return Path(os.path.relpath(folder))
    raise BilatdataError(f"no {DESCRIPTOR} in {here} or above it: go to the repository, or name its folder")


VERBS = (
    Verb(
        name="check",
        purpose="Check all that this repository must satisfy before a release",
        usage="[ROOT] [options]",
        description="Runs every rule of 'validate', and those that only a whole release can satisfy: "
        "evidence for every record, canonical bytes, derived columns, Parquet equal to CSV, "
        "hashes in the descriptor, the floors in floors.toml. Ends with the state of the record: how "
        "many of its records and cells have evidence, and how good it is.",
        examples=(
            ("The repository around the working directory", "bilatdata check"),
            ("Another one, for a script", "bilatdata check ../bilatdata --output-format json | jq .summary"),
        ),
        exit_codes=(
            (0, "ready for a release"),
            (1, "there are findings"),
            (2, "no data package there, or it cannot be read"),
        ),
        add_arguments=_check_arguments,
        run=_check,
    ),
    Verb(
        name="build",
        purpose="Regenerate all that is derived from the tables in data/",
        usage="[ROOT] [options]",
        description="Rewrites the derived columns, the canonical form of each CSV file, the Parquet files, "
        "the vocabularies in the schemas and the descriptor. Prints the files that changed; a "
        "fault leaves all of them as they were.",
        examples=(
            ("After an edit of data/meetings.csv", "bilatdata build && bilatdata check"),
            ("In another folder", "bilatdata build ../bilatdata"),
        ),
        exit_codes=(
            (0, "all that is derived is up to date"),
            (2, "a table or schema cannot be read; nothing was written"),
        ),
        add_arguments=_build_arguments,
        run=_build,
    ),
)
