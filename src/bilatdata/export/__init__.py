"""Copies of the data package, or of some of its tables: a folder with a file per table, or all in one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Literal

from bilatdata import package
from bilatdata.errors import BilatdataError
from bilatdata.export import folder
from bilatdata.files import require_new, write_whole
from bilatdata.loading import require_language
from bilatdata.package import DESCRIPTOR, did_you_mean

Format = Literal["csv", "parquet", "jsonl", "sqlite", "duckdb", "xlsx"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "jsonl", "sqlite", "duckdb", "xlsx")
FILE_FORMATS: tuple[Format, ...] = ("sqlite", "duckdb", "xlsx")
"""Formats that hold all tables in one file; a module of the same name makes the bytes of each."""

LABELLED: tuple[Format, ...] = ("csv", "jsonl", "xlsx")
"""Formats that may have labels in the place of codes; the databases have views for that."""

_SUFFIXES: dict[str, Format] = {
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
    ".xlsx": "xlsx",
}
"""Formats that the name of a file tells."""


def export(
    dest: str | Path,
    format: Format | None = None,
    tables: Sequence[str] | None = None,
    *,
    labels: str | None = None,
    overwrite: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> list[Path]:
    """Write tables into a folder (CSV, Parquet, JSON Lines) or a file (SQLite, DuckDB, Excel), whole or not at all.

    A folder gets `data/<table>.<format>`, `schemas/<table>.json` and a `datapackage.json` that describes what was
    exported and nothing else: foreign keys to tables that were left out are left out too. CSV and Parquet files are
    copies of those of the package, to the byte; JSON Lines are typed. The modules `bilatdata.export.sqlite`, `.duckdb`
    and `.xlsx` say what is in such a file.

    Text that begins with `=`, `+`, `-`, `@`, a tab or a line break is written as it is in every format. In a workbook
    it is text for certain; a CSV file cannot say so, and a spreadsheet that opens it may take it for a formula.

    Args:
        dest: the folder, made where it does not exist, or the file.
        format: one of `FORMATS`; None takes it from the name of a file (`.sqlite`, `.db`, `.duckdb`, `.xlsx`), and is
            `csv` for any other name.
        tables: names of tables; None exports all of them.
        labels: language of labels in the place of codes (csv, jsonl, xlsx), as `bilatdata.load` has them; the schemas
            then allow any text there.
        overwrite: whether to replace the file, or what an earlier export left in the folder.
        progress: called with a word or two before each step.

    Returns:
        The files written.

    Raises:
        BilatdataError: no such table, format or language, a missing extra, an installed file was altered, or `dest`
            holds something that may not be replaced, or cannot be written.
    """
    target = Path(dest).resolve()
    chosen = format or _SUFFIXES.get(target.suffix.lower(), "csv")
    if chosen not in FORMATS:
        nearest = did_you_mean(str(chosen), list(FORMATS))
        raise BilatdataError(f"no export format '{chosen}'{nearest}: expected one of {', '.join(FORMATS)}")
    _require_labels(chosen, labels)
    names = _chosen(tables)
    if chosen not in FILE_FORMATS:
        return folder.write_folder(target, chosen, names, labels, overwrite=overwrite, progress=progress)
    _require_place(target, overwrite)
    module = import_module(f"bilatdata.export.{chosen}")
    options = {"labels": labels} if chosen in LABELLED else {}
    write_whole(target, module.file_bytes(names, progress, **options))
    return [target]


def _require_labels(format: Format, labels: str | None) -> None:
    if labels is None:
        return
    require_language(labels)
    if format not in LABELLED:
        views = f"views such as meetings_{labels}" if format in FILE_FORMATS else "the codes as they are"
        raise BilatdataError(f"{format} has {views}, and takes no labels: expected one of {', '.join(LABELLED)}")


def _require_place(target: Path, overwrite: bool) -> None:
    """Refuse a place where a file may not be written, before the work rather than after it."""
    require_new([target], overwrite=overwrite)
    root = package.installed().root
    if any(target.is_relative_to(root / part) for part in (DESCRIPTOR, "data", "schemas")):
        raise BilatdataError(f"{target}: is a part of the installed data package: choose another name")


def _chosen(tables: Sequence[str] | None) -> list[str]:
    """The tables asked for, each once, in the order of the package."""
    data = package.installed()
    if tables is None:
        return data.table_names
    wanted = {data.require_table(name) for name in ([tables] if isinstance(tables, str) else tables)}
    return [name for name in data.table_names if name in wanted]
