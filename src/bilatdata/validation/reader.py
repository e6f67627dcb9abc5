"""Reading a CSV file in batches of text cells, every row with its physical place in the file."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from bilatdata.contract.rules.structure import BOM, DUPLICATE_COLUMN
from bilatdata.errors import BilatdataError
from bilatdata.validation.documents import Document, Piped, opened, readable
from bilatdata.validation.scan import (
    COMMA,
    LF,
    QUOTE,
    Mark,
    Places,
    Records,
    cell_spans,
    outside_quotes,
    regular_end,
    regular_spans,
    split,
)
from bilatdata.validation.sources import Batch, Place, StructureFault

if TYPE_CHECKING:
    import polars as pl

BATCH_BYTES = 32 << 20
"""Bytes read at once: large enough that the fixed cost of judging a batch does not count."""
LONGEST_RECORD = 64 << 20
"""Bytes after which a record is refused: a stream may have no line ends, and no end."""
HEAD_BYTES = 1 << 20
RECENT_BLOCKS = 2
BEGINNING = 4096
CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
"""Bytes that text hardly holds; of bytes at random they are a tenth."""
FEW_CONTROLS = 8
"""So many stand in a small table by mistake; its cells are judged, and the faults are shown."""
UTF8_BOM = b"\xef\xbb\xbf"
Offsets = npt.NDArray[np.integer[Any]]

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
    spans: _Spans | None
    """Where its well-formed records lie, kept if some are malformed; otherwise found anew when asked for."""


class _Spans(NamedTuple):
    """First bytes of records, and the bytes after their last."""

    starts: Offsets
    ends: Offsets


@dataclass(frozen=True)
class _Open:
    """A block with its bytes, for finding places in it."""

    data: bytes
    spans: _Spans
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
        self._version: tuple[int, ...] | None = None
        self._recent: dict[int, bytes] = {}
        """Bytes of the last blocks read, as the engine asks for places in them while the next one is read."""
        self._read_header()

    def _read_header(self) -> None:
        # a pipe may never end: its header comes before the rest is waited for
        head = self.path.beginning(HEAD_BYTES) if isinstance(self.path, Piped) else self._read(0, HEAD_BYTES)
        refuse_other_formats(self.path, head)
        bom = len(UTF8_BOM) if head.startswith(UTF8_BOM) else 0
        header, self._body_line = _first_record(self.path, head[bom:], at_end=len(head) < HEAD_BYTES)
        self._body = bom + len(header)
        cells = _header_cells(self.path, header)
        self._width = len(cells)
        self._columns: dict[str, int] = {}
        self._name_places: dict[str, tuple[int, int]] = {}
        if bom:
            self.header_faults.append(StructureFault(BOM, 1, 1, None, "no byte-order mark"))
        begins = _cell_begins(np.frombuffer(header, np.uint8), self._width)[0]
        lines, columns = _lines_and_columns(header, begins, np.zeros_like(begins))
        places = zip((lines + 1).tolist(), columns.tolist(), strict=True)
        for number, (name, place) in enumerate(zip(cells, places, strict=True)):
            if name in self._columns:
                self.header_faults.append(StructureFault(DUPLICATE_COLUMN, *place, name, "a name of its own"))
            else:
                self._columns[name] = number
                self._name_places[name] = place

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns in order; of columns with the same name the first."""
        return list(self._columns)

    def name_place(self, name: str | None) -> tuple[int, int]:
        """Line and column at which a column's name stands; for None those at which the header begins."""
        return (1, 1) if name is None else self._name_places[name]

    def batches(self) -> Iterator[Batch]:
        """The records in batches of about `batch_bytes`.

        Raises:
            BilatdataError: the file can no longer be read.
        """
        row, offset, line, pending = 0, self._body, self._body_line, b""
        with opened(self.path) as file:
            self._refuse_other_version(file)
            with readable(self.path):
                file.seek(self._body)
            while True:
                with readable(self.path):
                    chunk = file.read(self._batch_bytes)
                at_end = len(chunk) < self._batch_bytes
                data = pending + chunk
                if not at_end and b"\n" not in chunk and len(data) <= LONGEST_RECORD:
                    pending = data
                    continue
                if at_end and data and not data.endswith(b"\n"):
                    data += b"\n"
                batch, length, spans = self._batch(data, row, line, at_end)
                if length:
                    self._recent[len(self._blocks)] = data
                    self._recent.pop(len(self._blocks) - RECENT_BLOCKS, None)
                    self._blocks.append(_Block(row, offset, length, line, spans))
                    yield batch
                    row, offset = row + batch.frame.height, offset + length
                    line += int(np.count_nonzero(np.frombuffer(data, np.uint8, length) == ord("\n")))
                pending = data[length:]
                if at_end:
                    self._refuse_other_version(file)
                    return

    def _read(self, offset: int, length: int) -> bytes:
        with opened(self.path) as file, readable(self.path):
            self._refuse_other_version(file)
            file.seek(offset)
            return file.read(length)

    def _refuse_other_version(self, file: BinaryIO) -> None:
        """Rows are read once and places looked up later: in a file that has changed they would be wrong."""
        version = _version(file)
        if self._version not in (None, version):
            raise BilatdataError(f"{self.path}: has changed while it was read: validate it again")
        self._version = version

    def _batch(self, data: bytes, row: int, line: int, at_end: bool) -> tuple[Batch, int, _Spans | None]:
        """The complete records at the beginning of the data, their length in bytes, and their places if irregular."""
        if len(data) > LONGEST_RECORD and data.find(b"\n", 0, LONGEST_RECORD) < 0:
            raise self._endless(line)
        regular = regular_end(data, self._width) if len(data) <= LONGEST_RECORD else None
        # at the end of the file nothing may be left over: a quote that is never closed is a fault, not a rest to come
        if regular and not (at_end and regular[0] < len(data)):
            end, count = regular
            frame = self._parse(data[:end])
            if frame is not None and frame.height == count:
                return Batch(row, frame, count, is_text=True), end, None
        records = split(data, self._width, at_end)
        if (records.ends[0] if len(records.ends) else len(data)) > LONGEST_RECORD:
            raise self._endless(line)
        spans = _well_formed(records)
        frame = self._parse(_joined(data, spans))
        if frame is None or frame.height != len(spans.starts):
            raise BilatdataError(
                f"{self.path}: the records from line {line} on cannot be told apart: "
                "expected comma-separated values (RFC 4180); please report this file"
            )
        marks = sorted((mark for found in records.marks.values() for mark in found), key=lambda mark: mark.at)
        faults = _placed(marks, data, line, records.newlines)
        return Batch(row, frame, len(records.starts), True, faults), records.end, spans

    def _endless(self, line: int) -> BilatdataError:
        return BilatdataError(
            f"{self.path}: the record that begins in line {line} does not end within {LONGEST_RECORD >> 20} MiB: "
            "expected one record per line; is this a table?"
        )

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

    def places(self, cells: Sequence[tuple[int, str | None]], key: Sequence[str]) -> Iterator[Place]:
        """Lines and columns of cells, 1-based, with their text and the keys of their records.

        Raises:
            BilatdataError: the file can no longer be read.
        """
        for number, wanted in groupby(cells, lambda cell: self._block_of(cell[0])):
            yield from self._places_in(number, list(wanted), key)

    def _block_of(self, row: int) -> int:
        return bisect_right(self._blocks, row, key=lambda block: block.first_row) - 1

    def _places_in(self, number: int, cells: list[tuple[int, str | None]], key: Sequence[str]) -> Iterator[Place]:
        block, opened = self._blocks[number], self._open(number)
        rows, picked = np.unique([row - block.first_row for row, _ in cells], return_inverse=True)
        spans = _Spans(opened.spans.starts[rows], opened.spans.ends[rows])
        data = _joined(opened.data, spans)
        frame = self._parse(data)
        assert frame is not None  # the same records have been parsed before
        begins = _cell_begins(np.frombuffer(data, np.uint8), self._width)
        fields = [field if field in self._columns else None for _, field in cells]
        at = begins[picked, [0 if field is None else self._columns[field] for field in fields]]
        lines_before = np.searchsorted(opened.newlines, spans.starts)
        lines, columns = _lines_and_columns(data, at, begins[picked, 0])
        lines += block.line + lines_before[picked]
        texts = {field: frame[field].to_list() for field in set(fields) if field is not None}
        keys = _keys(frame, [name for name in key if name in self._columns])
        for row, field, line, column in zip(picked.tolist(), fields, lines.tolist(), columns.tolist(), strict=True):
            yield Place(line, column, None, None if field is None else texts[field][row], keys[row])

    def _open(self, number: int) -> _Open:
        """The block with its bytes; the one asked for last is kept."""
        if self._opened is None or self._opened[0] != number:
            block = self._blocks[number]
            recent = self._recent.get(number)
            data = self._read(block.offset, block.length) if recent is None else recent[: block.length]
            if not data.endswith(b"\n"):
                data += b"\n"
            newlines = np.flatnonzero(np.frombuffer(data, np.uint8) == LF)
            spans = _Spans(*regular_spans(data, newlines)) if block.spans is None else block.spans
            self._opened = number, _Open(data, spans, newlines)
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
    beginning = head[:BEGINNING]
    controls = len(beginning) - len(beginning.translate(None, CONTROLS))
    nuls = max(beginning[::2].count(0), beginning[1::2].count(0))
    wide = nuls * 4 > len(beginning)
    if wide or (controls > FEW_CONTROLS and controls * 20 > len(beginning)):
        kind = "UTF-16" if wide else "binary"
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
    cells = [_unquoted(header[start:end].decode()) for start, end in cell_spans(header)]
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(cells) == 1 and separator in cells[0]:
            raise BilatdataError(f"{path}: cells are separated by {name}: expected commas")
    return cells


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _version(file: BinaryIO) -> tuple[int, ...] | None:
    """What tells one state of a file from another; None for what is no file of its own, such as a member of a zip."""
    try:
        state = os.fstat(file.fileno())
    except OSError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns


def _well_formed(records: Records) -> _Spans:
    whole = np.ones(len(records.starts), bool)
    whole[list(records.marks)] = False
    # a block is far shorter than 4 GiB, and its spans are kept until the end
    return _Spans(records.starts[whole].astype(np.uint32), records.ends[whole].astype(np.uint32))


def _joined(data: bytes, spans: _Spans) -> bytes:
    """The bytes of some records in their order; those that follow one another are copied together."""
    if not len(spans.starts):
        return b""
    gaps = np.flatnonzero(spans.starts[1:] != spans.ends[:-1])
    firsts, lasts = spans.starts[np.append(0, gaps + 1)].tolist(), spans.ends[np.append(gaps, -1)].tolist()
    view = memoryview(data)
    return b"".join(view[start:end] for start, end in zip(firsts, lasts, strict=True))


def _cell_begins(array: npt.NDArray[np.uint8], width: int) -> Places:
    """First byte of every cell of well-formed records, a row per record."""
    quotes = np.flatnonzero(array == QUOTE)
    ends = np.flatnonzero((array == COMMA) | (array == LF))
    ends = ends[outside_quotes(ends, quotes)] + 1
    return np.append(0, ends[:-1]).reshape(-1, width)


def _lines_and_columns(data: bytes, at: Places, records: Places) -> tuple[Places, Places]:
    """For cells that begin at `at`, in records that begin at `records`: lines further on, and columns in characters."""
    array = np.frombuffer(data, np.uint8)
    newlines = np.flatnonzero(array == LF)
    before = np.searchsorted(newlines, at)
    lines = before - np.searchsorted(newlines, records)
    columns = at - np.append(-1, newlines)[before]
    if not data.isascii():
        continued = np.flatnonzero((array & 0xC0) == 0x80)  # bytes of a character after its first
        line_starts = np.append(0, newlines + 1)[before]
        columns -= np.searchsorted(continued, at) - np.searchsorted(continued, line_starts)
    return lines, columns


def _keys(frame: pl.DataFrame, key: Sequence[str]) -> list[str | None]:
    """The parts of each row's key joined by `;`; None where all are empty."""
    import polars as pl

    if not key:
        return [None] * frame.height
    parts = pl.col(key)
    joined = pl.when(pl.any_horizontal(parts.is_not_null())).then(pl.concat_str(parts.fill_null(""), separator=";"))
    return frame.select(joined.alias("key"))["key"].to_list()


def _placed(marks: list[Mark], data: bytes, first_line: int, newlines: Places) -> list[StructureFault]:
    """Marks with their lines and their columns in characters; what is not UTF-8 counts as a reader would show it."""
    before = np.searchsorted(newlines, [mark.at for mark in marks])
    line_starts = np.append(0, newlines + 1)[before]
    return [
        StructureFault(
            mark.code,
            first_line + number,
            len(data[start : mark.at].decode(errors="replace")) + 1,
            mark.value,
            mark.expected,
        )
        for mark, number, start in zip(marks, before.tolist(), line_starts.tolist(), strict=True)
    ]


def _without_empty(column: pl.Series) -> pl.Series:
    empty = column == ""
    return column.set(empty, None) if empty.any() else column
