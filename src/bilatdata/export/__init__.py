"""Copies of the data package, or of some of its tables, in a folder of the user's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

Format = Literal["csv", "parquet", "jsonl"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "jsonl")


def export(
    dest: str | Path, format: Format = "csv", tables: Sequence[str] | None = None, *, overwrite: bool = False
) -> list[Path]:
    """Write the tables with their schemas and a `datapackage.json` into a folder, whole or not at all.

    Returns:
        The files written: `datapackage.json`, `data/<table>.<format>`, `schemas/<table>.json`, below `dest`.

    Raises:
        BilatdataError: no such table or format, `dest` is a file, holds something already, or cannot be written.
    """
    raise NotImplementedError
