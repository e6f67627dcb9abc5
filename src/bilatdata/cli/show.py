"""The verb `show`: rows of a table, for people and for pipes."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from bilatdata.cli.output import GAP, Column, Console, Output, least_widths, natural_widths, plural, table
from bilatdata.cli.verb import EXIT_FINE, LABELS_HELP, TABLE_HELP, Group, Verb, count, names, one_of
from bilatdata.errors import BilatdataError
from bilatdata.loading import require_language, table_schema, with_labels
from bilatdata.package import did_you_mean
from bilatdata.wording.spelling import NUMERIC
from bilatdata.wording.text import cell_text, clean

if TYPE_CHECKING:
    import pyarrow as pa

    from bilatdata.contract.table_schema import TableSchema

DEFAULT_LIMIT = 20
ALL = -1
Rows = Sequence[Sequence[Any]]


def _arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("table", metavar="TABLE", help=TABLE_HELP)
    options.add_argument("--where", metavar="SQL", help="condition that a row must meet, in SQL as DuckDB reads it")
    options.add_argument(
        "--changed-since", metavar="VERSION", help="only rows that this release did not have, or had otherwise"
    )
    options.add_argument("--columns", metavar="A,B", type=names, help="columns to show, in this order")
    options.add_argument(
        "--limit",
        metavar="N",
        type=_limit,
        help=f"number of rows, or 'all' (default: {DEFAULT_LIMIT} on a terminal, all elsewhere)",
    )
    options.add_argument("--labels", metavar="LANG", help=LABELS_HELP)
    options.add_argument(
        "--format",
        type=one_of("table", *_WRITERS),
        default="table",
        metavar="FORMAT",
        help="table (the default), csv, json or markdown",
    )


def _limit(text: str) -> int:
    return ALL if text == "all" else count(text)


def _run(options: argparse.Namespace, console: Console) -> int:
    schema = table_schema(options.table)
    chosen = _require_columns(schema, options.columns or list(schema.by_name))
    language = options.labels and require_language(options.labels)
    found = _select(options.table, chosen, options.where, options.changed_since)
    limit = options.limit if options.limit is not None else DEFAULT_LIMIT if console.out.is_terminal else ALL
    wanted = found if limit == ALL else found.slice(0, limit)
    wanted = with_labels(wanted, options.table, language) if language else wanted
    rows = [list(row.values()) for row in wanted.to_pylist()]
    if options.format in _WRITERS:
        _WRITERS[options.format](chosen, rows, console.out)
        shown = len(chosen)
    else:
        columns = [Column(name, right=schema.by_name[name].type in NUMERIC) for name in chosen]
        shown = _write_table(columns, rows, console.out, None if options.columns else _least_wanted(schema))
    if found.num_rows:
        _tell_what_is_hidden(console, (len(rows), found.num_rows), (shown, len(chosen)))
    elif options.where is not None or options.changed_since is not None:
        console.note("no row meets the condition")
    elif options.format == "table":
        console.note("the table has no rows")
    return EXIT_FINE


def _require_columns(schema: TableSchema, wanted: list[str]) -> list[str]:
    known = list(schema.by_name)
    for name in wanted:
        if name not in known:
            raise BilatdataError(
                f"no column '{name}' in {schema.name}{did_you_mean(name, known)}: expected some of {', '.join(known)}"
            )
    return list(dict.fromkeys(wanted))


def _least_wanted(schema: TableSchema) -> set[str]:
    """Columns that a terminal shows last: what is derived, and ids that say nothing without the table behind them.

    Companions such as participants are made of ids: there they are wanted.
    """
    derived = {field.name for field in schema.fields if field.derived}
    if "inherits" in (schema.evidence or {}):
        return derived
    return derived | {name for key in schema.foreign_keys for name in key.fields if name.endswith("_id")}


def _select(table_name: str, columns: list[str], where: str | None, changed_since: str | None) -> pa.Table:
    """These columns of the rows that meet the condition, and that changed since a release."""
    from bilatdata.loading import arrow_table, connect

    key = list(table_schema(table_name).primary_key)
    needed = list(dict.fromkeys([*columns, *(key if changed_since else [])]))
    if where is None:
        return _changed(arrow_table(table_name, columns=needed), table_name, columns, changed_since)
    connection = connect()
    import duckdb

    try:
        rows = connection.view(table_name).filter(where)
        found = rows.project(", ".join(f'"{name}"' for name in needed)).to_arrow_table()
    except duckdb.Error as error:
        raise BilatdataError(f"--where: {_first_lines(str(error))} (in {where!r})") from error
    return _changed(found, table_name, columns, changed_since)


def _changed(found: pa.Table, table_name: str, columns: list[str], version: str | None) -> pa.Table:
    """Of these rows those that a release did not have, or had otherwise; all of them where no release is named."""
    if version is None:
        return found
    from bilatdata.history.lives import changed_since
    from bilatdata.package import installed

    keys = changed_since(installed(), table_name, version)
    names = table_schema(table_name).primary_key
    rows = zip(*(found.column(name).to_pylist() for name in names), strict=True)
    return found.take([position for position, key in enumerate(rows) if key in keys]).select(columns)


def _first_lines(message: str) -> str:
    """DuckDB's message without the picture of the statement that it made from the condition."""
    return "; ".join(line.strip() for line in message.split("\n\nLINE ")[0].splitlines() if line.strip())


def _write_table(columns: Sequence[Column], rows: Rows, out: Output, least: Collection[str] | None) -> int:
    """Print an aligned table and give the number of columns shown.

    `least` names the columns that a reader misses least; None where every column was asked for by name.
    """
    cells = [[clean(cell_text(value, grouped=out.is_terminal)) for value in row] for row in rows]
    keep = list(range(len(columns)))
    if rows and out.width is not None and least is not None:
        keep = _readable(columns, cells, out.width, least)
    shown = [[row[index] for index in keep] for row in cells]
    out.lines(table([columns[index] for index in keep], shown, out))
    return len(keep)


def _readable(columns: Sequence[Column], cells: Rows, width: int, least: Collection[str]) -> list[int]:
    """The columns that a terminal can show legibly: none that are empty, the least wanted only if there is room."""
    needed = least_widths(columns, natural_widths(columns, cells))
    filled = [index for index in range(len(columns)) if any(row[index] for row in cells)]
    keep: list[int] = []
    room = width + len(GAP)
    for index in sorted(filled, key=lambda index: columns[index].name in least):
        room -= needed[index] + len(GAP)
        if keep and room < 0:
            break
        keep.append(index)
    return sorted(keep)


def _write_csv(names: Sequence[str], rows: Rows, out: Output) -> None:
    writer = csv.writer(out.stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([cell_text(value) for value in row] for row in rows)


def _write_json(names: Sequence[str], rows: Rows, out: Output) -> None:
    """Print an array with one object per line."""
    objects = (
        json.dumps(dict(zip(names, map(_plain, row), strict=True)), ensure_ascii=False, allow_nan=False) for row in rows
    )
    out.line("[" + ",".join(f"\n{item}" for item in objects) + "\n]")


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, str | int | float) else cell_text(value)


def _write_markdown(names: Sequence[str], rows: Rows, out: Output) -> None:
    out.line(f"| {' | '.join(names)} |")
    out.line(f"|{' --- |' * len(names)}")
    for row in rows:
        out.line(f"| {' | '.join(_markdown_cell(cell_text(value)) for value in row)} |")


def _markdown_cell(text: str) -> str:
    return clean(text).replace("\\", "\\\\").replace("|", "\\|")


_WRITERS: dict[str, Callable[[Sequence[str], Rows, Output], None]] = {
    "csv": _write_csv,
    "json": _write_json,
    "markdown": _write_markdown,
}


def _tell_what_is_hidden(console: Console, rows: tuple[int, int], columns: tuple[int, int]) -> None:
    """Say on standard error how much was left out; both pairs are shown and all."""
    if rows[0] == rows[1] and columns[0] == columns[1]:
        return
    parts = [f"{rows[0]:,} of {plural(rows[1], 'row')}"]
    remedies = ["--limit all"] if rows[0] < rows[1] else []
    if columns[0] < columns[1]:
        parts.append(f"{columns[0]} of {columns[1]} columns")
        remedies += ["--columns A,B", "--format csv"]
    console.note(f"{', '.join(parts)} (more: {', '.join(remedies)})")


SHOW = Verb(
    name="show",
    purpose="Show rows of a table",
    usage="TABLE [options]",
    description="On a terminal: the first rows, with as many columns as fit, long cells cut. In a pipe or a "
    "file: everything, nothing cut. Codes and ids stand as they are in the files; --labels "
    "prints words for the codes, and 'bilatdata record ID' spells out both. A condition is about "
    "the codes either way.",
    examples=(
        (
            "Meetings with Bolivia at the top",
            "bilatdata show meetings --where \"country_b_code = 'BOL' AND level_code = 'head_of_state'\"",
        ),
        (
            "Sums paid or lost, as CSV for another program",
            "bilatdata show asset_exits --where 'value_usd > 1e8' --columns asset_name,value_usd --format csv",
        ),
        (
            "What is new or was revised since a release",
            "bilatdata show concessions --changed-since 0.2.0",
        ),
        (
            "For a report in Spanish",
            "bilatdata show asset_exits --columns asset_name,status_code --labels es --format markdown",
        ),
    ),
    exit_codes=(
        (0, "fine, even where no row meets the condition"),
        (2, "no such table, column, release or language, or the condition is not SQL"),
    ),
    add_arguments=_arguments,
    run=_run,
)
