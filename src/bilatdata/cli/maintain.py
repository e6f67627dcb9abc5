"""The verbs of those who keep the record: check, build, release."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bilatdata.checksums import SUMS
from bilatdata.cli.output import Console, plural
from bilatdata.cli.progress import StatusLine
from bilatdata.cli.validate import add_report_options, print_report, printed_formats
from bilatdata.cli.verb import EXIT_FINDINGS, EXIT_FINE, Group, Verb, day
from bilatdata.errors import BilatdataError
from bilatdata.package import DESCRIPTOR
from bilatdata.versions import require_version

_ROOT_HELP = f"folder that holds {DESCRIPTOR} (default: the nearest one from here upwards)"


def _check_arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("root", metavar="ROOT", type=Path, nargs="?", help=_ROOT_HELP)
    add_report_options(options)


def _check(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.release.check import check

    report = check(_root(options.root))
    code = print_report(report, options, console)
    if report.state and printed_formats(options) == ["text"]:
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


def _release_arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("root", metavar="ROOT", type=Path, nargs="?", help=_ROOT_HELP)
    options.add_argument(
        "--version", type=require_version, metavar="VERSION", help="what to call it (default: as in pyproject.toml)"
    )
    options.add_argument("--date", type=day, metavar="DAY", help="from when it is (default: as in datapackage.json)")
    options.add_argument("--out", type=Path, metavar="FOLDER", help="where to write it (default: ROOT/dist)")


def _release(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.release.cut import release

    root = _root(options.root)
    with StatusLine(console.err) as status:
        cut = release(
            root,
            version=options.version,
            day=options.date,
            out=options.out,
            say=lambda doing: status.show(f"{doing} ..."),
        )
    if not cut.sums:
        from bilatdata.report import text

        console.out.line(text.render(cut.report, color=console.out.color, width=console.out.page_width).rstrip("\n"))
        console.note("nothing was written: a release must pass all checks")
        return EXIT_FINDINGS
    console.out.lines(str(cut.folder / name) for name in (*cut.sums, SUMS))
    console.note(f"{cut.stamp.version} of {cut.stamp.day.isoformat()}: {plural(len(cut.sums), 'file')} and their sums")
    if cut.written:
        console.note(f"what changed, version and day are now in {', '.join(path.as_posix() for path in cut.written)}")
        console.note(f"next: git add -A && git commit -m 'Release {cut.stamp.version}' && git tag v{cut.stamp.version}")
    return EXIT_FINE


def _changes_arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("root", metavar="ROOT", type=Path, nargs="?", help=_ROOT_HELP)
    options.add_argument("--date", metavar="DAY", type=day, help="day of the release (default: that of the descriptor)")


def _changes(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.release.changes import record

    recorded = record(_root(options.root), options.date)
    console.out.lines(path.as_posix() for path in recorded.written)
    console.note(f"{plural(recorded.changes, 'change')} recorded; they call for {recorded.call.sentence}")
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
    Verb(
        name="changes",
        purpose="Record what changed since the last release, for the next one",
        usage="[ROOT] [options]",
        description="Compares the tables with the last release and writes changes/VERSION.jsonl (every change with "
        "its reason), the entry of the register changes/releases.toml, and the tables of the version's "
        "entry in CHANGELOG.md, whose summary a person has written. Reasons come from changes/next.toml: "
        "[[reason]] with text, and with kind, table, field or ids where it is not for all; the first that "
        "fits counts. Refuses a version that is lower than the changes call for.",
        examples=(
            ("Before a release is cut", "bilatdata changes --date 2027-01-31 && git add changes && git commit --all"),
            ("What is there to give reasons for?", "bilatdata diff 0.3.0 . --limit all"),
        ),
        exit_codes=(
            (0, "recorded"),
            (2, "a reason or the summary is missing, or the version too low; nothing written"),
        ),
        add_arguments=_changes_arguments,
        run=_changes,
    ),
    Verb(
        name="release",
        purpose="Cut a release from the last commit",
        usage="[ROOT] [options]",
        description="Works in a copy of the commit: records what changed as 'changes' does, where that is not done, "
        "checks, and makes wheel, sdist, the zip of the data, the SQLite file, the page that shows what changed, and "
        "SHA256SUMS, whole or not at all. The same commit gives the same bytes, on any machine with the versions in "
        "constraints.txt. Nothing may be uncommitted. What it records and stamps is written in the repository too, "
        "for you to commit; a further run changes nothing.",
        examples=(
            ("The version and day that are committed", "bilatdata release"),
            (
                "A new version, for review elsewhere",
                "bilatdata release --version 0.2.0 --date 2026-12-01 --out /tmp/new",
            ),
        ),
        exit_codes=(
            (0, "the release was cut"),
            (1, "a check found something; nothing was written"),
            (2, "something is uncommitted, unexplained or not installed; nothing was written"),
        ),
        add_arguments=_release_arguments,
        run=_release,
    ),
)
