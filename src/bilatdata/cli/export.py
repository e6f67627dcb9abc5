"""The verb `export`: copies of the data in a folder or in one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from bilatdata.cli.output import Console
from bilatdata.cli.progress import StatusLine
from bilatdata.cli.verb import EXIT_FINE, Group, Verb, one_of
from bilatdata.export import FORMATS


def _arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("dest", metavar="DEST", type=Path, help="folder or file to write; made if need be")
    options.add_argument(
        "--format",
        type=one_of(*FORMATS),
        metavar="FORMAT",
        help="csv, parquet or jsonl (a folder), sqlite, duckdb or xlsx (a file); by default as DEST is named, else csv",
    )
    options.add_argument(
        "--table", metavar="TABLE", action="append", dest="tables", help="only this table; may be given several times"
    )
    options.add_argument(
        "--labels",
        metavar="LANG",
        help="labels instead of codes, in en, es or ru (csv, jsonl, xlsx)",
    )
    options.add_argument(
        "--overwrite", "--force", action="store_true", help="replace the file, or an earlier export in the folder"
    )


def _export(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.export import export

    with StatusLine(console.err) as status:
        written = export(
            options.dest,
            options.format,
            options.tables,
            labels=options.labels,
            overwrite=options.overwrite,
            progress=lambda step: status.show(f"export: {step}"),
        )
    console.out.lines(str(path) for path in written)
    return EXIT_FINE


EXPORT = Verb(
    name="export",
    purpose="Copy the data out, with its schemas and descriptor",
    usage="DEST [options]",
    description="Into a folder (csv, parquet, jsonl): data/<table>.<format>, schemas/<table>.json and "
    "datapackage.json. The folder must be new or empty, or hold an earlier export that --overwrite may replace. "
    "Into one file: sqlite and duckdb have all tables with their keys, the data dictionary, and views with labels for "
    "codes and names for ids (meetings_en, meetings_es, meetings_ru); sqlite also full-text search (SELECT record_id, "
    "title FROM search('litio Bolivia')). xlsx is a workbook with a sheet per table, in which no cell is ever taken "
    "for a formula; CSV cells are true to the byte. All is written whole or not at all; the paths are printed.",
    examples=(
        ("Everything, as CSV", "bilatdata export bilatdata-csv"),
        ("All in one SQLite file", "bilatdata export bilatdata.sqlite"),
        ("A workbook for Excel, with labels in Spanish", "bilatdata export bilatdata.xlsx --labels es"),
        ("Two tables as JSON lines", "bilatdata export out --format jsonl --table meetings --table evidence"),
    ),
    exit_codes=(
        (0, "all files were written"),
        (2, "no such table, or DEST cannot be written; nothing was left half done"),
    ),
    add_arguments=_arguments,
    run=_export,
)
