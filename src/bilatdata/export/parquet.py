"""Parquet as it lies in the package: typed columns, zstd."""

from __future__ import annotations

from bilatdata import package

MEDIA_TYPE = "application/vnd.apache.parquet"


def table_bytes(name: str) -> bytes:
    """The content of a table's file."""
    return package.installed().verified_bytes(name, "parquet")
