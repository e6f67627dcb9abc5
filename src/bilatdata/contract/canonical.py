"""The one way to write a table as CSV, so that reviews see facts and nothing else.

UTF-8, LF, minimal quoting, columns in the order of the schema, rows sorted by key, numbers without needless zeros.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from bilatdata.contract.table_schema import Field, TableSchema
from bilatdata.errors import BilatdataError


@dataclass
class TextTable:
    """A table as text: the header and one list of cells per row, all of the header's length."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    """Physical line on which each row begins, 1-based."""

    def column(self, name: str) -> list[str]:
        """The cells of a column, top to bottom."""
        position = self.header.index(name)
        return [row[position] for row in self.rows]

    def records(self) -> list[dict[str, str]]:
        """The rows as dicts by column name."""
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]


def read_text_table(path: Path) -> TextTable:
    """Read one of our own CSV files, all cells as text.

    Raises:
        BilatdataError: the file cannot be read, is not UTF-8, is empty, or a row has not the header's number of cells.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BilatdataError(f"{path}: cannot be read ({error.strerror or error})") from error
    return text_table(content, path)


def text_table(content: bytes, path: Path) -> TextTable:
    """Read the bytes of one of our own CSV files, all cells as text; `path` is what to call them.

    Raises:
        BilatdataError: they are not UTF-8, are empty, or a row has not the header's number of cells.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BilatdataError(f"{path}: is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        header = next(reader, None)
        if not header:
            raise BilatdataError(f"{path}: is empty: expected a header row")
        start = reader.line_num + 1
        for row in reader:
            if len(row) != len(header):
                raise BilatdataError(f"{path}:{start}: has {len(row)} cells, the header has {len(header)}")
            rows.append(row)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise BilatdataError(f"{path}:{reader.line_num}: is not CSV ({error})") from error
    return TextTable(header, rows, lines)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The bytes of a CSV file in UTF-8 with LF and minimal quoting."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


def canonical_cell(text: str, field: Field) -> str:
    """The cell as it is to be written; text that is not of the field's type stays for the checks to find."""
    if field.type not in ("number", "integer") or not text:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain.removeprefix("-") if not number else plain


def canonical_table(table: TextTable, schema: TableSchema, source: Path) -> TextTable:
    """The table with columns in schema order, rows sorted by key and numbers written plainly.

    Derived columns that the table lacks come empty; `lines` still says where a row stood in the file.

    Raises:
        BilatdataError: a column is missing that is not derived, one is not in the schema, or a cell holds a carriage
            return, which not every writer of CSV quotes.
    """
    known = [field.name for field in schema.fields]
    if unknown := [name for name in table.header if name not in known]:
        raise BilatdataError(f"{source}: has columns that the schema does not know: {', '.join(unknown)}")
    for row, line in zip(table.rows, table.lines, strict=True):
        if any("\r" in cell for cell in row):
            raise BilatdataError(f"{source}:{line}: a cell holds a carriage return: replace it with a space")
    positions = {name: table.header.index(name) for name in known if name in table.header}
    if missing := [field.name for field in schema.fields if field.name not in positions and not field.derived]:
        raise BilatdataError(f"{source}: lacks the columns {', '.join(missing)}")
    rows = [
        [
            canonical_cell(row[positions[field.name]], field) if field.name in positions else ""
            for field in schema.fields
        ]
        for row in table.rows
    ]
    key = [known.index(name) for name in schema.primary_key]
    order = sorted(range(len(rows)), key=lambda index: [rows[index][position] for position in key])
    return TextTable(known, [rows[index] for index in order], [table.lines[index] for index in order])
