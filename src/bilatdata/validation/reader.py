"""Reading a CSV file in batches of text cells, every row with its physical place in the file."""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bilatdata.contract.rules.structure import BOM, DUPLICATE_COLUMN
from bilatdata.errors import BilatdataError
from bilatdata.validation.documents import Document, opened, read, readable
from bilatdata.validation.scan import Mark, Places, Records, cell_spans, regular_end, split
from bilatdata.validation.sources import Batch, Place, StructureFault

if TYPE_CHECKING:
    import polars as pl

BATCH_BYTES = 32 << 20
"""Bytes read at once: large enough that the fixed cost of judging a batch does not count."""
HEAD_BYTES = 1 << 20
RECENT_BLOCKS = 2
UTF8_BOM = b"\xef\xbb\xbf"

_OTHER_FORMATS = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive", "save the table as 'CSV UTF-8'"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the table as 'CSV UTF-8'"),
    (b"\x1f\x8b", "compressed with gzip", "decompress it first"),
    (b"BZh", "compressed with bzip2", "decompress it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "decompress it first"),
    (b"%PDF", "a PDF document", "export the table as CSV"),
    (b"SQLite format 3\x00", "an SQLite database", "export the table as CSV"),
    (b"PAR1", "a Parquet file", "name it .parquet"),
    (b"\xff\xfe\x00\x00", "encoded in UTF-32", "save it as UTF-8"),
    (b"\xff\xfe", "encoded in UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "encoded in UTF-16", "save it as UTF-8"),
)


class _Block(NamedTuple):
    """A stretch of the file that begins and ends with a record."""

    first_row: int
    offset: int
    length: int
    line: int
    starts: Places | None
    """Where its well-formed records begin, kept if some are malformed; otherwise found anew when asked for."""


@dataclass(frozen=True)
class _Open:
    """A block with its bytes, for finding places in it."""

    data: bytes
    starts: Places
    ends: Places
    newlines: Places


class CsvFile:
    """A CSV file in UTF-8: comma, double quote, one header line.

    Raises:
        BilatdataError: the file cannot be read, is empty, is no CSV in UTF-8, or its header cannot be told.
    """

    def __init__(self, path: Document, batch_bytes: int = BATCH_BYTES) -> None:
        self.path = path
        self.file: str | None = str(path)
        self.header_faults: list[StructureFault] = []
        self._batch_bytes = batch_bytes
        self._blocks: list[_Block] = []
        self._opened: tuple[int, _Open] | None = None
        self._recent: dict[int, bytes] = {}
        """Bytes of the last blocks read, as the engine asks for places in them while the next one is read."""
        self._read_header()

    def _read_header(self) -> None:
        head = read(self.path, 0, HEAD_BYTES)
        refuse_other_formats(self.path, head)
        bom = len(UTF8_BOM) if head.startswith(UTF8_BOM) else 0
        header, self._body_line = _first_record(self.path, head[bom:], at_end=len(head) < HEAD_BYTES)
        self._body = bom + len(header)
        cells = _header_cells(self.path, header)
        self._width = len(cells)
        self._columns: dict[str, int] = {}
        self._name_columns: dict[str, int] = {}
        if bom:
            self.header_faults.append(StructureFault(BOM, 1, 1, None, "no byte-order mark"))
        for number, ((start, _), name) in enumerate(zip(cell_spans(header), cells, strict=True)):
            column = len(header[:start].decode()) + 1
            if name in self._columns:
                self.header_faults.append(StructureFault(DUPLICATE_COLUMN, 1, column, name, "a name of its own"))
            else:
                self._columns[name] = number
                self._name_columns[name] = column

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns in order; of columns with the same name the first."""
        return list(self._columns)

    def name_place(self, name: str | None) -> tuple[int, int]:
        """Line and column at which a column's name stands; for None those at which the header begins."""
        return 1, 1 if name is None else self._name_columns[name]

    def batches(self) -> Iterator[Batch]:
        """The records in batches of about `batch_bytes`.

        Raises:
            BilatdataError: the file can no longer be read.
        """
        row, offset, line, pending = 0, self._body, self._body_line, b""
        with opened(self.path) as file:
            with readable(self.path):
                file.seek(self._body)
            while True:
                with readable(self.path):
                    chunk = file.read(self._batch_bytes)
                at_end = len(chunk) < self._batch_bytes
                data = pending + chunk
                if at_end and data and not data.endswith(b"\n"):
                    data += b"\n"
                batch, length, starts = self._batch(data, row, line, at_end)
                if length:
                    self._recent[len(self._blocks)] = data
                    self._recent.pop(len(self._blocks) - RECENT_BLOCKS, None)
                    self._blocks.append(_Block(row, offset, length, line, starts))
                    yield batch
                    row, offset = row + batch.frame.height, offset + length
                    line += int(np.count_nonzero(np.frombuffer(data, np.uint8, length) == ord("\n")))
                pending = data[length:]
                if at_end:
                    return

    def _batch(self, data: bytes, row: int, line: int, at_end: bool) -> tuple[Batch, int, Places | None]:
        """The complete records at the beginning of the data, their length in bytes, and their places if irregular."""
        regular = regular_end(data, self._width)
        # at the end of the file nothing may be left over: a quote that is never closed is a fault, not a rest to come
        if regular and not (at_end and regular[0] < len(data)):
            end, count = regular
            frame = self._parse(data[:end])
            if frame is not None and frame.height == count:
                return Batch(row, frame, count, is_text=True), end, None
        records = split(data, self._width, at_end)
        whole = np.ones(len(records.starts), bool)
        whole[list(records.marks)] = False
        frame = self._parse(_joined(data, records, whole))
        if frame is None or frame.height != int(whole.sum()):
            raise BilatdataError(
                f"{self.path}: the records from line {line} on cannot be told apart: "
                "expected comma-separated values (RFC 4180); please report this file"
            )
        marks = sorted((mark for found in records.marks.values() for mark in found), key=lambda mark: mark.at)
        faults = [_placed(data, line, records, mark) for mark in marks]
        return Batch(row, frame, len(whole), True, faults), records.end, records.starts[whole]

    def _parse(self, data: bytes) -> pl.DataFrame | None:
        """The cells of well-formed records as text, null where empty; None if the parser refuses the data."""
        import polars as pl

        names = [str(number) for number in range(self._width)]
        # the parser would take this for a byte-order mark; a blank row before it keeps it a part of its cell
        shielded = data.startswith(UTF8_BOM)
        if shielded:
            data = b"," * (self._width - 1) + b"\n" + data
        try:
            frame = pl.read_csv(
                data,
                has_header=False,
                schema=dict.fromkeys(names, pl.String),
                infer_schema=False,
                raise_if_empty=False,
            )
        except pl.exceptions.PolarsError:
            return None
        if shielded:
            frame = frame.slice(1)
        columns = [frame.to_series(number).alias(name) for name, number in self._columns.items()]
        if b'""' in data:  # the parser takes a quoted empty cell for an empty text
            columns = [_without_empty(column) for column in columns]
        return pl.DataFrame(columns)

    def place(self, row: int, field: str | None, key: Sequence[str]) -> Place:
        """Line and column of a cell (`field` None: of the record), 1-based, with its text and the record's key."""
        number = bisect_right(self._blocks, row, key=lambda block: block.first_row) - 1
        block, opened = self._blocks[number], self._open(number)
        index = row - block.first_row
        start = int(opened.starts[index])
        record = opened.data[start : int(opened.ends[index])]
        spans = cell_spans(record)
        first_line = block.line + int(np.searchsorted(opened.newlines, start))
        keys = ";".join(_text(record, spans[self._columns[name]]) for name in key if name in self._columns)
        if field is None or field not in self._columns:
            return Place(first_line, 1, None, None, keys or None)
        span = spans[self._columns[field]]
        before = record[: span[0]]
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        return Place(first_line + before.count(b"\n"), column, None, _text(record, span) or None, keys or None)

    def _open(self, number: int) -> _Open:
        """The block with its bytes; the one asked for last is kept."""
        if self._opened is None or self._opened[0] != number:
            block = self._blocks[number]
            recent = self._recent.get(number)
            data = read(self.path, block.offset, block.length) if recent is None else recent[: block.length]
            if not data.endswith(b"\n"):
                data += b"\n"
            records = split(data, 0, at_end=True)
            starts = records.starts if block.starts is None else block.starts
            ends = records.ends if block.starts is None else np.append(starts[1:], len(data))
            self._opened = number, _Open(data, starts, ends, records.newlines)
        return self._opened[1]


def refuse_other_formats(path: Document | str, head: bytes) -> None:
    """Say what a file is that is not text in UTF-8.

    Raises:
        BilatdataError: it is empty, of another format, or in another encoding.
    """
    if not head.strip(b"\r\n" + UTF8_BOM):
        raise BilatdataError(f"{path}: the file is empty: expected a header line with the names of the columns")
    for magic, kind, mend in _OTHER_FORMATS:
        if head.startswith(magic):
            raise BilatdataError(f"{path}: the file is {kind}: expected CSV in UTF-8; {mend}")
    if head.lstrip().startswith((b'{"', b'[{"')):
        raise BilatdataError(f"{path}: the file is JSON: expected CSV in UTF-8; validate its CSV or Parquet form")
    beginning = head[:4096]
    if beginning.count(b"\0") * 10 > len(beginning):
        kind = (
            "UTF-16" if set(beginning[1::2]) == {0} or beginning[1::2].count(0) * 2 > len(beginning[1::2]) else "binary"
        )
        raise BilatdataError(f"{path}: the file seems to be {kind}: expected CSV in UTF-8; save it as UTF-8")


def _first_record(path: Document, head: bytes, at_end: bool) -> tuple[bytes, int]:
    """The header's bytes, and the physical line on which the next record begins."""
    if at_end and not head.endswith(b"\n"):
        head += b"\n"
    if b"\n" not in head.rstrip(b"\n") and b"\r" in head.rstrip(b"\r\n"):
        raise BilatdataError(
            f"{path}: lines end in a bare carriage return: expected LF or CR LF; save it with Unix line ends"
        )
    records = split(head, 0, at_end)
    if not len(records.ends):
        raise BilatdataError(
            f"{path}: no line ends within the first {len(head):,} bytes: expected CSV with a header line"
        )
    if 0 in records.marks:
        raise BilatdataError(f'{path}: the header has a misplaced quote: expected names such as name or "name"')
    header = head[: records.ends[0]]
    return header, 1 + header.count(b"\n")


def _header_cells(path: Document, header: bytes) -> list[str]:
    try:
        text = header.decode()
    except UnicodeDecodeError as error:
        raise BilatdataError(
            f"{path}: the header is not UTF-8 (byte {error.start + 1}): save the file as UTF-8"
        ) from error
    if not text.strip("\r\n"):
        raise BilatdataError(f"{path}: the first line is blank: expected a header with the names of the columns")
    cells = next(csv.reader(io.StringIO(text, newline="")))
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(cells) == 1 and separator in cells[0]:
            raise BilatdataError(f"{path}: cells are separated by {name}: expected commas")
    return cells


def _joined(data: bytes, records: Records, whole: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> bytes:
    """The bytes of the well-formed records."""
    if whole.all():
        return data[: records.end]
    edges = np.flatnonzero(np.diff(whole.astype(np.int8), prepend=0, append=0))
    view = memoryview(data)
    return b"".join(
        view[records.starts[first] : records.ends[last - 1]] for first, last in edges.reshape(-1, 2).tolist()
    )


def _placed(data: bytes, first_line: int, records: Records, mark: Mark) -> StructureFault:
    """A mark with its line and its character column."""
    number = int(np.searchsorted(records.newlines, mark.at))
    line_start = int(records.newlines[number - 1]) + 1 if number else 0
    column = len(data[line_start : mark.at].decode(errors="replace")) + 1
    return StructureFault(mark.code, first_line + number, column, mark.value, mark.expected)


def _without_empty(column: pl.Series) -> pl.Series:
    empty = column == ""
    return column.set(empty, None) if empty.any() else column


def _text(record: bytes, span: tuple[int, int]) -> str:
    """The text of a cell, without its quotes."""
    cell = record[slice(*span)].decode()
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell
