"""CSV as it lies in the package: UTF-8, LF, minimal quoting, empty cells for what is not known; labels on request.

Cells are never changed for the sake of a spreadsheet: who needs that opens the workbook of `bilatdata.export.xlsx`.
"""

from __future__ import annotations

from bilatdata import package
from bilatdata.contract.canonical import csv_bytes
from bilatdata.loading import arrow_table
from bilatdata.wording.text import cell_text

MEDIA_TYPE = "text/csv"


def table_bytes(name: str, labels: str | None = None) -> bytes:
    """The content of a table's file; `labels` is the language of labels in the place of codes."""
    if labels is None:
        return package.installed().verified_bytes(name, "csv")
    rows = arrow_table(name, labels=labels)
    columns = ([cell_text(cell) for cell in column.to_pylist()] for column in rows.columns)
    return csv_bytes(rows.column_names, list(zip(*columns, strict=True)))
