"""The verb `record`: one record with its companions, its evidence, its disagreements and its sources."""

from __future__ import annotations

import argparse
import json

from bilatdata.cli.output import Console
from bilatdata.cli.verb import EXIT_FINE, LABELS_HELP, Group, Verb, one_of


def _arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("id", metavar="ID", help="id of a record, such as MTG-0001, CON-0003, ORG-0012 or BOL")
    options.add_argument(
        "--format", type=one_of("text", "json"), default="text", metavar="FORMAT", help="text (the default) or json"
    )
    options.add_argument("--labels", metavar="LANG", default="en", help=f"{LABELS_HELP} (default: en)")


def _run(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.loading import require_language
    from bilatdata.records import record

    language = require_language(options.labels)
    found = record(options.id)
    if found.former_id:
        console.note(f"{found.former_id} was retired: its record is {found.id} now")
    if options.format == "json":
        console.out.line(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    else:
        from bilatdata.cli.record_text import RecordText

        console.out.lines(RecordText.of(found, console.out.page(), language).lines())
    return EXIT_FINE


RECORD = Verb(
    name="record",
    purpose="Show one record with its evidence, its sources and their disagreements",
    usage="ID [options]",
    description="Codes and ids are spelled out. [1] behind a value points at the source that gives it; a "
    "line that begins with ≠ says what another source gives instead. Values without a mark rest "
    "on the evidence for the record as a whole. Of a country it says how many rows each table has "
    "and how complete they are.",
    examples=(
        ("A meeting: who took part, what came of it, who says so", "bilatdata record MTG-0001"),
        ("A contract: its holders, its log, what is disputed", "bilatdata record CON-0010"),
        ("A company, and all that it takes part in", "bilatdata record ORG-0012"),
        ("The addresses of a record's sources", "bilatdata record EXT-0002 --format json | jq -r '.sources[].url'"),
    ),
    exit_codes=((0, "fine"), (2, "no record has this id, or there are no labels in this language")),
    add_arguments=_arguments,
    run=_run,
)
