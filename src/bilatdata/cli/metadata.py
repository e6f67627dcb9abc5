"""The verb `metadata`: the package described for catalogues, search engines and other tools."""

from __future__ import annotations

import argparse
from pathlib import Path

from bilatdata.cli.output import Console
from bilatdata.cli.verb import EXIT_FINE, Group, Verb, one_of
from bilatdata.errors import BilatdataError
from bilatdata.metadata import ALL, FILE_NAMES, FORMATS, metadata, write_metadata


def _arguments(arguments: Group, options: Group) -> None:
    options.add_argument(
        "--format",
        type=one_of(*FORMATS, ALL),
        required=True,
        metavar="FORMAT",
        help=f"{', '.join(FORMATS)}, or all (with --out)",
    )
    options.add_argument(
        "--out",
        metavar="PATH",
        type=Path,
        help="write here instead of printing: a file, or a folder (for all: a folder)",
    )
    options.add_argument("--overwrite", action="store_true", help="replace a file that exists")


def _run(options: argparse.Namespace, console: Console) -> int:
    if options.out is not None:
        written = write_metadata(options.format, options.out, overwrite=options.overwrite)
        console.out.lines(str(path) for path in written)
    elif options.format == ALL:
        raise BilatdataError("--format all writes several files: name a folder with --out")
    else:
        console.out.lines(metadata(options.format).splitlines())
    return EXIT_FINE


METADATA = Verb(
    name="metadata",
    purpose="Describe the package in the format of a catalogue, a search engine or a tool",
    usage="--format FORMAT [options]",
    description="Everything comes from datapackage.json and the schemas. croissant: Croissant 1.1, for machine "
    "learning tools. csvw: CSV on the Web. dcat-ap, dcat-ap-ttl: DCAT-AP 3 in JSON-LD and Turtle, for data portals. "
    "schema-org: schema.org Dataset, for search engines. datacite: DataCite 4.5, for whoever registers a DOI. cff: "
    "CITATION.cff. The package has no address and no DOI, and none is made up: paths are relative, so put the "
    f"files beside datapackage.json, under the names that a folder as --out gives them ({FILE_NAMES['csvw']} …). In a "
    "folder with an exported copy, just the tables and files of the copy are described (csvw needs CSV files, the "
    "record sets of croissant Parquet files).",
    examples=(
        ("For a data portal", "bilatdata metadata --format dcat-ap-ttl"),
        (
            "Beside an exported copy, for a validator of CSVW",
            "bilatdata export out && bilatdata metadata --format csvw --out out",
        ),
        ("All of them", "bilatdata metadata --format all --out out"),
    ),
    exit_codes=((0, "fine"), (2, "no such format, or the file exists or cannot be written")),
    add_arguments=_arguments,
    run=_run,
)
