"""The tables of the installed data package as frames, files, fields and views."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

Backend = Literal["pandas", "polars", "arrow", "duckdb"]
BACKENDS: tuple[Backend, ...] = ("pandas", "polars", "arrow", "duckdb")


def tables() -> list[str]:
    """Names of the tables, headline tables first."""
    raise NotImplementedError


def load(name: str, backend: Backend = "pandas", columns: Sequence[str] | None = None) -> Any:
    """Load a table, or some of its columns in the order asked for.

    Raises:
        BilatdataError: no such table, column or backend, a missing extra, or an installed file that cannot be read.
    """
    raise NotImplementedError


def describe(name: str) -> pd.DataFrame:
    """The fields of a table, one row each.

    Columns: name, type (Table Schema), format ("EDTF", "list separated by ;" or ""), unit, vocabulary, required (bool),
    key ("primary key", or the "table.field" it refers to, or ""), title, description, codes (allowed codes joined by ", ").
    """
    raise NotImplementedError


def path(name: str, format: Literal["csv", "parquet"] = "csv") -> Path:
    """Path of a table's file inside the installed package."""
    raise NotImplementedError


def schema(name: str, as_: Literal["dict", "pandera"] = "dict") -> Any:
    """The Table Schema of a table as a dict, or its pandera schema (extra `validate`)."""
    raise NotImplementedError


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory with every table as a view over its Parquet file (extra `duckdb`)."""
    raise NotImplementedError
