"""The bytes of a CSV file: where its records lie, and which of them are malformed (RFC 4180).

Two ways of looking, both vectorised. `regular_end` only proves that a block is regular, with one bit per byte, and is
all that a valid file needs. `split` finds the place of every record and the faults, and is used where a block is not
regular or a place is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from bilatdata.contract.rules.structure import (
    BLANK_ROW,
    CARRIAGE_RETURN,
    CELL_COUNT,
    NOT_UTF8,
    NUL,
    STRAY_QUOTE,
    UNCLOSED_QUOTE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LF, CR, QUOTE, COMMA = b"\n"[0], b"\r"[0], b'"'[0], b","[0]
STRIDE = 1 << 18
"""Bytes looked at together, so that they stay in the cache of the processor; a multiple of 64."""
LONGEST_SHOWN = 80
LONGEST_CELL = 1 << 20
"""Bytes after which a quoted cell that runs over several lines counts as one whose quote was never closed."""

Bits = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
_ONE = np.uint64(1)
_TOP = np.uint64(63)
_CELL = re.compile(rb'"(?:[^"]++|"")*+"|(?:[^,\r\n]++|\r(?!\n))*+')


class Mark(NamedTuple):
    """A fault of structure: its rule, the byte it is at, and what was found and expected there."""

    code: str
    at: int
    value: str | None = None
    expected: str | None = None


@dataclass(frozen=True)
class Records:
    """The records of a block: record `i` is `data[starts[i]:ends[i]]`, its line end included."""

    starts: Places
    ends: Places
    marks: dict[int, list[Mark]]
    """The faults by record."""
    newlines: Places
    """Every line feed, those within quoted cells too."""

    @property
    def end(self) -> int:
        """Byte after the last complete record."""
        return int(self.ends[-1]) if len(self.ends) else 0


def regular_end(data: bytes, width: int) -> tuple[int, int] | None:
    """Prove that the complete records of a block are well-formed and have `width` cells each, as far as counting goes.

    Counting leaves one case open: a record with cells too many that makes up for one with cells too few. The parser
    refuses the first of these, so what both accept is regular.

    Returns:
        Byte after the last complete record, and the number of records; None where something is irregular, or where no
        record is complete.
    """
    if width == 1 or b"\0" in data:
        return None  # a blank line and an empty cell look the same where there is one column
    found = _outside_quotes(data)
    if found is None:
        return None
    lines, commas = found
    words = np.flatnonzero(lines)
    if not len(words):
        return None
    last = int(words[-1])
    bit = int(lines[last]).bit_length() - 1
    records = int(np.bitwise_count(lines).sum())
    upto = int(commas[last]) & ((1 << (bit + 1)) - 1)
    cells = int(np.bitwise_count(commas[:last]).sum()) + upto.bit_count() + records
    return (last * 64 + bit + 1, records) if cells == records * width else None


def _outside_quotes(data: bytes) -> tuple[Bits, Bits] | None:
    """Bits of the line feeds and commas outside quoted cells; None if a quote or carriage return is misplaced."""
    array = np.frombuffer(data, np.uint8)
    returns = b"\r" in data
    lines = np.empty(-(-len(array) // 64), np.uint64)
    commas = np.empty_like(lines)
    inside = 0
    for start in range(0, len(array), STRIDE):
        part = array[start : start + STRIDE]
        before = int(array[start - 1]) if start else LF
        after = int(array[start + STRIDE]) if start + STRIDE < len(array) else LF
        line, comma = _bits(part, LF), _bits(part, COMMA)
        within = None
        if inside or data.find(b'"', start, start + STRIDE) >= 0:
            quote = _bits(part, QUOTE)
            within = _running_parity(quote, inside)
            if _misplaced(quote, within, line | comma, _bits(part, CR), before, after, len(part)):
                return None
            inside = int(within[-1] >> _TOP)  # the padding of the last part repeats the state at its end
        if returns:
            followed = _moved_back(line, after == LF, len(part))
            lone = _bits(part, CR) & ~followed
            if (lone if within is None else lone & ~within).any():
                return None
        if within is not None:
            line, comma = line & ~within, comma & ~within
        here = slice(start // 64, start // 64 + len(line))
        lines[here], commas[here] = line, comma
    return lines, commas


def _bits(part: npt.NDArray[np.uint8], byte: int) -> Bits:
    """One bit per byte of the part, set where it is the given byte; padded with zeros to whole words."""
    packed = np.packbits(part == byte, bitorder="little")
    if len(packed) % 8:
        packed = np.pad(packed, (0, -len(packed) % 8))
    return packed.view("<u8").astype(np.uint64, copy=False)


def _running_parity(quote: Bits, inside: int) -> Bits:
    """Bits that are set from every opening quote up to the byte before the closing one."""
    within = quote.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        within ^= within << np.uint64(shift)
    ends = np.bitwise_xor.accumulate(within >> _TOP)
    carried = np.empty_like(ends)
    carried[0] = inside
    carried[1:] = ends[:-1] ^ np.uint64(inside)
    within ^= np.uint64(0) - carried
    return within


def _misplaced(quote: Bits, within: Bits, ends_cell: Bits, returns: Bits, before: int, after: int, length: int) -> bool:
    """Whether a quote opens in the middle of a cell, or closes before its end."""
    can_precede = ends_cell | quote
    preceded = can_precede << _ONE
    preceded[1:] |= can_precede[:-1] >> _TOP
    preceded[0] |= np.uint64(before in (LF, COMMA, QUOTE))
    followed = _moved_back(can_precede | returns, after in (LF, COMMA, QUOTE, CR), length)
    return bool((quote & within & ~preceded).any() or (quote & ~within & ~followed).any())


def _moved_back(bits: Bits, after: bool, length: int) -> Bits:
    """Bits set one byte before those given; `after` is the bit of the byte that follows the last of `length` bytes."""
    moved = bits >> _ONE
    moved[:-1] |= bits[1:] << _TOP
    if after:
        moved[-1] |= _ONE << np.uint64((length - 1) % 64)
    return moved


def split(data: bytes, width: int, at_end: bool) -> Records:
    """Find every complete record of a block that begins with one, and the faults of each.

    A misplaced quote costs one line and not the rest of the file: the line on which its cell begins ends the record,
    and the next line begins a new one.

    Args:
        data: bytes from the beginning of a record; at the end of a file they must end in a line feed.
        width: number of cells that every record must have; 0 asks for records alone.
        at_end: whether the file ends here; otherwise what follows the last complete record is left out.
    """
    array = np.frombuffer(data, np.uint8)
    newlines = np.flatnonzero(array == LF)
    quotes = np.flatnonzero(array == QUOTE)
    turns, broken = _turns(array, quotes, newlines, at_end)
    outside = _outside(newlines, quotes, turns)
    for _, last in broken:
        outside[last] = True
    ends = newlines[outside] + 1
    starts = np.concatenate(([0], ends[:-1])) if len(ends) else ends
    marks: dict[int, list[Mark]] = {}
    for mark, last in broken:
        marks[int(np.searchsorted(ends, newlines[last], side="right"))] = [mark]
    records = Records(starts, ends, marks, newlines)
    if width:
        for record, mark in _faults(array, data, records, quotes, turns, width):
            marks.setdefault(record, []).append(mark)
    return records


def regular_spans(data: bytes, newlines: Places) -> tuple[Places, Places]:
    """First bytes of the records of a block that is known to be regular, and the bytes after their last."""
    ends = newlines[outside_quotes(newlines, np.flatnonzero(np.frombuffer(data, np.uint8) == QUOTE))] + 1
    return np.append(0, ends[:-1]), ends


def outside_quotes(places: Places, quotes: Places) -> npt.NDArray[np.bool_]:
    """Which of the places lie outside quoted cells, where quotes open and close in turn."""
    outside: npt.NDArray[np.bool_] = np.searchsorted(quotes, places) % 2 == 0
    return outside


class _Turn(NamedTuple):
    """From byte `at` on, quotes open and close in turn beginning with quote number `quote`."""

    at: int
    quote: int


def _turns(
    array: npt.NDArray[np.uint8], quotes: Places, newlines: Places, at_end: bool
) -> tuple[list[_Turn], list[tuple[Mark, int]]]:
    """Follow the quotes through a block; each misplaced one ends its line, and a new turn begins after it.

    Returns:
        The turns, and the faults, each with the number of the line feed that ends its record.
    """
    turns = [_Turn(0, 0)]
    broken: list[tuple[Mark, int]] = []
    misplaced = _misplaced_by_phase(array, quotes, newlines)
    while True:
        turn = turns[-1]
        candidates = misplaced[turn.quote % 2]
        place = int(np.searchsorted(candidates, turn.quote))
        fault: tuple[Mark, int] | None = None
        if place < len(candidates):
            fault = _broken_at(int(candidates[place]), turn, quotes, newlines)
        elif (len(quotes) - turn.quote) % 2:
            opening = int(quotes[_opening(len(quotes) - 1, turn, quotes)])
            ended = np.searchsorted(newlines, opening) < len(newlines)
            if ended and (at_end or len(array) - opening > LONGEST_CELL):
                fault = Mark(UNCLOSED_QUOTE, opening), opening
        if fault is None:
            return turns, broken
        mark, opening = fault
        last = int(np.searchsorted(newlines, opening))
        if last == len(newlines):
            return turns, broken  # the line is not complete yet: it is judged with the next block
        broken.append((mark, last))
        following = int(newlines[last]) + 1
        turns.append(_Turn(following, int(np.searchsorted(quotes, following))))


def _misplaced_by_phase(
    array: npt.NDArray[np.uint8], quotes: Places, newlines: Places
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Numbers of the misplaced quotes if the even ones open cells, and if the odd ones do."""
    padded = np.pad(array, (1, 2), constant_values=LF)
    before, after, second = padded[quotes], padded[quotes + 2], padded[quotes + 3]
    cannot_open = ~np.isin(before, (LF, COMMA, QUOTE))
    cannot_close = ~(np.isin(after, (LF, COMMA, QUOTE)) | ((after == CR) & (second == LF)))
    if len(quotes) > 1:
        lines = np.searchsorted(newlines, quotes)
        cannot_close[1:] |= (np.diff(quotes) > LONGEST_CELL) & (np.diff(lines) > 0)
    even = np.arange(len(quotes)) % 2 == 0
    return (
        np.flatnonzero(np.where(even, cannot_open, cannot_close)),
        np.flatnonzero(np.where(even, cannot_close, cannot_open)),
    )


def _broken_at(number: int, turn: _Turn, quotes: Places, newlines: Places) -> tuple[Mark, int]:
    """The fault of a misplaced quote, and the byte at which its cell (or the quote itself) stands."""
    at = int(quotes[number])
    if (number - turn.quote) % 2 == 0:
        return Mark(STRAY_QUOTE, at), at
    opening = int(quotes[_opening(number - 1, turn, quotes)])
    if np.searchsorted(newlines, opening) == np.searchsorted(newlines, at):
        return Mark(STRAY_QUOTE, at), opening
    return Mark(UNCLOSED_QUOTE, opening), opening


def _opening(number: int, turn: _Turn, quotes: Places) -> int:
    """Number of the quote that opens the cell in which quote `number` opens, doubled quotes passed over."""
    while number - 2 >= turn.quote and quotes[number] - quotes[number - 1] == 1:
        number -= 2
    return number


def _outside(places: Places, quotes: Places, turns: list[_Turn]) -> npt.NDArray[np.bool_]:
    """Which of the places (sorted) lie outside quoted cells."""
    before = np.searchsorted(quotes, places)
    firsts = np.searchsorted(places, [turn.at for turn in turns])
    counts = np.diff(np.append(firsts, len(places)))
    phase = np.repeat([turn.quote for turn in turns], counts)
    outside: npt.NDArray[np.bool_] = (before - phase) % 2 == 0
    return outside


def _faults(
    array: npt.NDArray[np.uint8], data: bytes, records: Records, quotes: Places, turns: list[_Turn], width: int
) -> Iterator[tuple[int, Mark]]:
    """Faults of the records whose quotes are in order."""
    starts, ends = records.starts, records.ends
    counts = _cell_counts(np.flatnonzero(array == COMMA), records, quotes, turns)
    blank = (ends - starts == 1) | ((ends - starts == 2) & (array[starts] == CR))
    for record in np.flatnonzero((counts != width) | blank).tolist():
        if record in records.marks:
            continue
        start, count = int(starts[record]), int(counts[record])
        if blank[record]:
            yield record, Mark(BLANK_ROW, start)
        else:
            surplus = nth_cell(data[start : ends[record]], width) if count > width else 0
            yield record, Mark(CELL_COUNT, start + surplus, _cells(count), _cells(width))
    for byte, code in ((0, NUL), (CR, CARRIAGE_RETURN)):
        for record, at in _misplaced_bytes(array, records, quotes, turns, byte):
            yield record, Mark(code, at)
    for record, at in _not_utf8(array, data, records):
        yield record, Mark(NOT_UTF8, at, _as_windows_1252(data[starts[record] : ends[record]]), "UTF-8")


def _cell_counts(commas: Places, records: Records, quotes: Places, turns: list[_Turn]) -> Places:
    """Number of cells in every record."""
    edges = np.append(records.starts, records.ends[-1:])
    counts = np.diff(np.searchsorted(commas, edges)) + 1
    if len(quotes):
        opens, closes = _quoted(quotes, turns)
        quoted = np.searchsorted(commas, closes) - np.searchsorted(commas, opens)
        owners = np.searchsorted(records.ends, opens, side="right")
        counts -= np.bincount(owners, weights=quoted, minlength=len(counts) + 1)[: len(counts)].astype(np.int64)
    return counts


def _quoted(quotes: Places, turns: list[_Turn]) -> tuple[Places, Places]:
    """Where quoted stretches open and where they close; a quote that its turn leaves open is left out."""
    firsts = np.array([turn.quote for turn in turns] + [len(quotes)])
    lengths = np.diff(firsts)
    numbers = np.arange(len(quotes)) - np.repeat(firsts[:-1], lengths)
    paired = numbers < np.repeat(lengths // 2 * 2, lengths)
    opening = numbers % 2 == 0
    return quotes[paired & opening], quotes[paired & ~opening]


def cell_spans(record: bytes) -> Iterator[tuple[int, int]]:
    """First byte and byte after the last of every cell of a record, quotes included; the quotes must be in order."""
    position = 0
    while True:
        match = _CELL.match(record, position)
        assert match is not None  # the pattern matches the empty cell
        yield match.span()
        position = match.end()
        if record[position : position + 1] != b",":
            return
        position += 1


def nth_cell(record: bytes, number: int) -> int:
    """First byte of a cell of a record; cells are counted from 0."""
    return next(islice(cell_spans(record), number, None))[0]


def _misplaced_bytes(
    array: npt.NDArray[np.uint8], records: Records, quotes: Places, turns: list[_Turn], byte: int
) -> Iterator[tuple[int, int]]:
    """Records that hold the byte where it must not be, each with its first place; a carriage return may end a line."""
    places = np.flatnonzero(array[: records.end] == byte)
    if byte == CR and len(places):
        places = places[_outside(places, quotes, turns) & (array[places + 1] != LF)]
    holding, first = np.unique(np.searchsorted(records.ends, places, side="right"), return_index=True)
    for record, at in zip(holding.tolist(), places[first].tolist(), strict=True):
        if byte != CR or all(mark.code not in (STRAY_QUOTE, UNCLOSED_QUOTE) for mark in records.marks.get(record, ())):
            yield record, at


def _not_utf8(array: npt.NDArray[np.uint8], data: bytes, records: Records) -> Iterator[tuple[int, int]]:
    """Records that are not UTF-8, each with the first byte that is not."""
    try:
        str(memoryview(data)[: records.end], "utf-8")
        return
    except UnicodeDecodeError as error:
        first = int(np.searchsorted(records.ends, error.start, side="right"))
    # one by one, as every error that Python raises holds a copy of all the bytes it was given
    beyond_ascii = np.logical_or.reduceat(array[: records.end] >= 0x80, records.starts[first:])
    for record in (first + np.flatnonzero(beyond_ascii)).tolist():
        start = int(records.starts[record])
        try:
            data[start : records.ends[record]].decode()
        except UnicodeDecodeError as error:
            yield record, start + error.start


def _as_windows_1252(record: bytes) -> str:
    """The record as it would read in Windows-1252, for the eye of the person who has to find it."""
    line = record.rstrip(b"\r\n")
    shown = line[:LONGEST_SHOWN].decode("cp1252", errors="replace")
    return shown if len(line) <= LONGEST_SHOWN else shown[:-1] + "…"


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
