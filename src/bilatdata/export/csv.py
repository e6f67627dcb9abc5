"""CSV as it lies in the package: UTF-8, LF, minimal quoting, empty cells for what is not known."""

from __future__ import annotations

from bilatdata import package

MEDIA_TYPE = "text/csv"


def table_bytes(name: str) -> bytes:
    """The content of a table's file."""
    return package.installed().verified_bytes(name, "csv")
