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
from bilatdata.package import DESCRIPTOR, did_you_mean

Format = Literal["csv", "parquet", "jsonl", "sqlite", "duckdb"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "jsonl", "sqlite", "duckdb")
FILE_FORMATS: tuple[Format, ...] = ("sqlite", "duckdb")
"""Formats that hold all tables in one file; a module of the same name makes the bytes of each."""

_SUFFIXES: dict[str, Format] = {".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite", ".duckdb": "duckdb"}
"""Formats that the name of a file tells."""


def export(
    dest: str | Path,
    format: Format | None = None,
    tables: Sequence[str] | None = None,
    *,
    overwrite: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> list[Path]:
    """Write tables into a folder (CSV, Parquet, JSON Lines) or into one file (SQLite), whole or not at all.

    A folder gets `data/<table>.<format>`, `schemas/<table>.json` and a `datapackage.json` that describes what was
    exported and nothing else: foreign keys to tables that were left out are left out too. CSV and Parquet files are
    copies of those of the package; JSON Lines are typed. `bilatdata.export.sqlite` says what a database holds.

    Args:
        dest: the folder, made where it does not exist, or the file.
        format: `csv`, `parquet`, `jsonl` or `sqlite`; None takes it from the name of a file (`.sqlite`, `.db`), and is
            `csv` for any other name.
        tables: names of tables; None exports all of them.
        overwrite: whether to replace the file, or what an earlier export left in the folder.
        progress: called with a word or two before each step.

    Returns:
        The files written.

    Raises:
        BilatdataError: no such table or format, an installed file was altered, or `dest` holds something that may not
            be replaced, or cannot be written.
    """
    target = Path(dest).resolve()
    chosen = format or _SUFFIXES.get(target.suffix.lower(), "csv")
    if chosen not in FORMATS:
        nearest = did_you_mean(str(chosen), list(FORMATS))
        raise BilatdataError(f"no export format '{chosen}'{nearest}: expected one of {', '.join(FORMATS)}")
    names = _chosen(tables)
    if chosen not in FILE_FORMATS:
        return folder.write_folder(target, chosen, names, overwrite=overwrite, progress=progress)
    _require_place(target, overwrite)
    content = import_module(f"bilatdata.export.{chosen}").file_bytes(names, progress)
    write_whole(target, content)
    return [target]


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
