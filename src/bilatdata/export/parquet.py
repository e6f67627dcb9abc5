"""Parquet as it lies in the package: typed columns, zstd."""

from __future__ import annotations

from bilatdata.loading import verified_bytes

MEDIA_TYPE = "application/vnd.apache.parquet"


def table_bytes(name: str) -> bytes:
    """The content of a table's file."""
    return verified_bytes(name, "parquet")
