"""A second reader of CSV, one character at a time, slow and obviously right: what the engine's reader is held against.

It says what `bilatdata.validation.reader` must say of any bytes: the records, their cells, the line and column of each,
and the faults of structure. A misplaced quote ends its record on the line on which its cell begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

COMMA, QUOTE, CR, LF = b",", b'"', b"\r", b"\n"


class Cell(NamedTuple):
    line: int
    column: int
    text: str | None
    """None where it is empty."""


class Fault(NamedTuple):
    code: str
    line: int
    column: int


@dataclass
class Record:
    line: int
    cells: list[Cell] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class _Misplaced(Exception):
    def __init__(self, code: str, at: int, cell: int) -> None:
        super().__init__(code)
        self.code, self.at, self.cell = code, at, cell


def read(content: bytes) -> tuple[list[str], list[Record]]:
    """The names in the header, and the records below it; the header must be well-formed."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.endswith(LF):
        content += LF
    cells, start = _cells(content, 0)
    names = [str(_text(content[first:last])) or "" for first, last in cells]
    records = []
    while start < len(content):
        record, start = _record(content, start, len(names))
        records.append(record)
    return names, records


def _record(content: bytes, start: int, width: int) -> tuple[Record, int]:
    record = Record(_line(content, start))
    found: list[tuple[int, str]] = []
    try:
        cells, end = _cells(content, start)
    except _Misplaced as quote:
        end = content.index(LF, quote.cell) + 1
        found.append((quote.at, quote.code))
    else:
        if content[start:end] in (b"\n", b"\r\n"):
            found.append((start, "S105"))
        elif len(cells) != width:
            found.append((cells[width][0] if len(cells) > width else start, "S106"))
        found += _carriage_returns(content, cells)
    if b"\0" in content[start:end]:
        found.append((content.index(b"\0", start), "S110"))
    try:
        content[start:end].decode()
    except UnicodeDecodeError as error:
        found.append((start + error.start, "S107"))
    record.faults = [Fault(code, _line(content, at), _column(content, at)) for at, code in sorted(found)]
    if not found:
        record.cells = [
            Cell(_line(content, first), _column(content, first), _text(content[first:last])) for first, last in cells
        ]
    return record, end


def _cells(content: bytes, start: int) -> tuple[list[tuple[int, int]], int]:
    """First byte and byte after the last of every cell of the record that begins here, and where the next begins."""
    cells = []
    while True:
        end = _quoted_end(content, start) if content[start : start + 1] == QUOTE else _plain_end(content, start)
        cells.append((start, end))
        if content[end : end + 1] != COMMA:
            return cells, content.index(LF, end) + 1
        start = end + 1


def _quoted_end(content: bytes, start: int) -> int:
    at = start + 1
    while at < len(content):
        if content[at : at + 1] != QUOTE:
            at += 1
        elif content[at + 1 : at + 2] == QUOTE:
            at += 2
        elif content[at + 1 : at + 2] in (COMMA, LF) or content[at + 1 : at + 3] == CR + LF:
            return at + 1
        elif LF in content[start:at]:
            raise _Misplaced("S108", start, start)
        else:
            raise _Misplaced("S109", at, start)
    raise _Misplaced("S108", start, start)


def _plain_end(content: bytes, start: int) -> int:
    at = start
    while content[at : at + 1] not in (COMMA, LF) and content[at : at + 2] != CR + LF:
        if content[at : at + 1] == QUOTE:
            raise _Misplaced("S109", at, start)
        at += 1
    return at


def _carriage_returns(content: bytes, cells: list[tuple[int, int]]) -> list[tuple[int, str]]:
    """The first carriage return in a cell that is not quoted."""
    places = [
        first + content[first:last].index(CR)
        for first, last in cells
        if CR in content[first:last] and content[first : first + 1] != QUOTE
    ]
    return [(min(places), "S111")] if places else []


def _text(cell: bytes) -> str | None:
    if cell.startswith(QUOTE):
        cell = cell[1:-1].replace(QUOTE + QUOTE, QUOTE)
    return cell.decode(errors="replace") or None


def _line(content: bytes, at: int) -> int:
    return content.count(LF, 0, at) + 1


def _column(content: bytes, at: int) -> int:
    return len(content[content.rfind(LF, 0, at) + 1 : at].decode(errors="replace")) + 1
