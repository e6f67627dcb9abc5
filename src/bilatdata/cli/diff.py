"""The verb `diff`: what changed between two versions of the data."""

from __future__ import annotations

import argparse

from bilatdata.cli.output import Console
from bilatdata.cli.verb import EXIT_FINE, Group, Verb, count, one_of

DEFAULT_LIMIT = 10
ALL = -1


def _arguments(arguments: Group, options: Group) -> None:
    what = "a folder with datapackage.json, a zip, a wheel, a version, or a git revision"
    arguments.add_argument("old", metavar="OLD", help=f"the version to start from: {what}")
    arguments.add_argument("new", metavar="NEW", help="the version to compare with it: the same")
    options.add_argument(
        "--format",
        type=one_of("text", "markdown", "json", "html"),
        default="text",
        metavar="FORMAT",
        help="text (the default), markdown, json (every change) or html (a page to review)",
    )
    options.add_argument(
        "--limit",
        metavar="N",
        type=_limit,
        default=None,
        help=f"changes of one kind to list per table, or 'all' (default: {DEFAULT_LIMIT}; in text and markdown)",
    )


def _limit(text: str) -> int:
    return ALL if text == "all" else count(text)


def _run(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.history.diff import diff
    from bilatdata.report import diff_html, diff_json, diff_markdown, diff_text

    found = diff(options.old, options.new)
    limit = DEFAULT_LIMIT if options.limit is None else None if options.limit == ALL else options.limit
    if options.format == "text":
        console.out.stream.write(diff_text.render(found, color=console.out.color, limit=limit))
    elif options.format == "markdown":
        console.out.stream.write(diff_markdown.render(found, limit=limit))
    else:
        console.out.stream.write((diff_json if options.format == "json" else diff_html).render(found))
    return EXIT_FINE


DIFF = Verb(
    name="diff",
    purpose="Show what changed between two versions, and the version number it calls for",
    usage="OLD NEW [options]",
    description="Compares by key: tables, fields and their types, units, vocabularies and constraints; rows that came, "
    "went, or moved to another id; cells; the evidence for them. A value that was revised and a cell that was "
    "filled or emptied are counted apart: revision and coverage. Cells are compared as text in their canonical "
    "form, so 1.50 and 1.5 are one number. Git revisions are looked up in the repository around the working "
    "directory; a version (0.2.0) needs neither git nor the network.",
    examples=(
        ("What will the next release say?", "bilatdata diff 0.2.0 ."),
        ("Between two releases, for a script", "bilatdata diff 0.1.0 0.2.0 --format json | jq .calls_for"),
        ("A page for the review of a branch", "bilatdata diff main . --format html > diff.html"),
        ("An archive somebody sent", "bilatdata diff old.zip bilatdata-0.2.0-py3-none-any.whl"),
    ),
    exit_codes=(
        (0, "compared, whether or not anything changed"),
        (2, "one is not there, was altered or cannot be read, or is of another package"),
    ),
    add_arguments=_arguments,
    run=_run,
)
