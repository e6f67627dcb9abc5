"""How text reaches a terminal, a pipe or a file: width, colour, alignment, wrapping.

A terminal gets colour and lines that fit it. Anything else gets plain text that is never cut.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Literal, TextIO

from bilatdata.screen import PAINT, character_width, text_width

ColorChoice = Literal["auto", "always", "never"]
Style = Literal["bold", "dim", "red", "green", "yellow", "blue", "cyan"]

_SGR: dict[Style, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
_PLAIN = "\x1b[0m"
ELLIPSIS = "…"
GAP = "  "
PAGE_WIDTH = 100
NARROWEST = 8
"""No column is cut below this many cells, whatever the terminal."""
READABLE = 21
"""Cells that a column should have: an interval of two days in EDTF is that long."""


class Output:
    """One stream and what it can show."""

    def __init__(self, stream: TextIO, color: ColorChoice = "auto") -> None:
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.color = _wants_color(self.is_terminal, color)
        self.width = shutil.get_terminal_size().columns if self.is_terminal else None
        """Columns of the terminal; None where lines may be of any length."""

    @property
    def page_width(self) -> int:
        """A comfortable width for text that is read like a page, wherever it goes."""
        return min(self.width or PAGE_WIDTH, PAGE_WIDTH)

    def page(self) -> Output:
        """The same stream with its lines wrapped to `page_width`."""
        page = copy(self)
        page.width = self.page_width
        return page

    def line(self, text: str = "") -> None:
        """Write one line."""
        self.stream.write(text + "\n")

    def lines(self, texts: Iterable[str]) -> None:
        """Write several lines."""
        for text in texts:
            self.line(text)

    def paint(self, text: str, *styles: Style) -> str:
        """The text in these styles, or as it is where the stream shows no colour."""
        if not (self.color and text and styles):
            return text
        return f"\x1b[{';'.join(_SGR[style] for style in styles)}m{text}{_PLAIN}"


@dataclass(frozen=True)
class Console:
    """Where a verb writes: results to `out`, everything said about them to `err`."""

    out: Output
    err: Output

    def note(self, text: str) -> None:
        """Say something that is not part of the result."""
        self.err.lines(self.err.paint(line, "dim") for line in wrap(text, self.err.width))


def _wants_color(is_terminal: bool, choice: ColorChoice) -> bool:
    if choice != "auto":
        return choice == "always"
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text filled with spaces to a width; `right` moves it to the right."""
    space = " " * (width - text_width(text))
    return space + text if right else text + space


def cut(text: str, width: int) -> str:
    """The text, ended by `…` where it is wider than the width."""
    if text_width(text) <= width:
        return text
    head, _ = _split(text, width - 1)
    return head.rstrip() + ELLIPSIS


def _split(text: str, width: int) -> tuple[str, str]:
    used = 0
    for position, character in enumerate(text):
        used += character_width(character)
        if used > width:
            return text[:position], text[position:]
    return text, ""


def wrap(text: str, width: int | None) -> list[str]:
    """The text broken at spaces into lines of at most this width; a longer word stands on a line of its own."""
    if width is None or text_width(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and text_width(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return _paint_each([*lines, line]) if "\x1b" in text else [*lines, line]


def _paint_each(lines: Iterable[str]) -> list[str]:
    """The lines with each colour that runs over an end of line ended there and begun anew."""
    painted = []
    running = ""
    for line in lines:
        line = running + line
        last = PAINT.findall(line)[-1:]
        running = "" if last in ([], [_PLAIN]) else last[0]
        painted.append(line + _PLAIN if running else line)
    return painted


def hang(label: str, text: str, width: int | None) -> list[str]:
    """The text wrapped to the right of a label, whose own width sets the indent."""
    indent = text_width(label)
    room = None if width is None else max(width - indent, 2 * NARROWEST)
    first, *others = wrap(text, room)
    return [label + first, *(" " * indent + line for line in others)]


@dataclass(frozen=True)
class Column:
    """A column of a printed table."""

    name: str
    right: bool = False
    """Whether its cells stand to the right and are never cut, as numbers must be."""
    wrap: bool = False
    """Whether cells that do not fit take several lines instead of being cut; such a cell may hold line breaks."""
    most: int | None = None
    """Greatest width on a terminal."""
    styles: tuple[Style, ...] = ()


def natural_widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """Width that each column needs to show its name and all its cells."""
    widths = [text_width(column.name) for column in columns]
    for row in rows:
        widths = [max(width, *map(text_width, cell.split("\n"))) for width, cell in zip(widths, row, strict=True)]
    return widths


def least_widths(columns: Sequence[Column], naturals: Sequence[int]) -> list[int]:
    """Width below which each column would stop being useful: its name in full, and enough of its cells."""
    return [
        natural if column.right else max(text_width(column.name), min(natural, READABLE))
        for column, natural in zip(columns, naturals, strict=True)
    ]


def fit(
    columns: Sequence[Column], naturals: Sequence[int], width: int | None, floors: Sequence[int] | None = None
) -> list[int]:
    """Widths that fit a terminal: columns that want most give way first, numbers never.

    `floors` are the widths to start from where not even the least widths fit.
    """
    if width is None:
        return list(naturals)
    wanted = [min(natural, column.most or natural) for column, natural in zip(columns, naturals, strict=True)]
    room = width - len(GAP) * (len(columns) - 1)
    widths = least_widths(columns, wanted)
    if sum(widths) > room:
        floors = floors or [NARROWEST] * len(columns)
        widths = [
            want if column.right else min(want, floor)
            for column, want, floor in zip(columns, wanted, floors, strict=True)
        ]
    room -= sum(widths)
    order = sorted(range(len(columns)), key=lambda index: wanted[index] - widths[index])
    for position, index in enumerate(order):
        more = min(wanted[index] - widths[index], max(room, 0) // (len(columns) - position))
        widths[index] += more
        room -= more
    return widths


def _floors(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """Narrowest useful width of each column: one that wraps shows its longest word whole."""
    floors = [NARROWEST] * len(columns)
    for row in rows:
        for index, column in enumerate(columns):
            if column.wrap:
                longest = max(map(text_width, row[index].split()), default=0)
                floors[index] = max(floors[index], min(longest, READABLE))
    return floors


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], out: Output, *, header: bool = True, indent: str = ""
) -> Iterator[str]:
    """Lines of an aligned table; cells are cut or wrapped only where the output has a width.

    Cells from data must have gone through `bilatdata.wording.text.clean`.
    """
    naturals = natural_widths(columns if header else [Column("") for _ in columns], rows)
    width = None if out.width is None else out.width - len(indent)
    widths = fit(columns, naturals, width, _floors(columns, rows))
    if header:
        titles = [cut(column.name, width) for column, width in zip(columns, widths, strict=True)]
        yield indent + _join(columns, titles, widths, out, ("dim",))
    for row in rows:
        for line in _row_lines(columns, row, widths, out):
            yield indent + line


def _row_lines(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int], out: Output) -> Iterator[str]:
    cells = [
        _wrapped_cell(cell, width) if column.wrap and out.width else [cut(cell, width)]
        for column, cell, width in zip(columns, row, widths, strict=True)
    ]
    for index in range(max(map(len, cells))):
        yield _join(columns, [cell[index] if index < len(cell) else "" for cell in cells], widths, out)


def _wrapped_cell(cell: str, width: int) -> list[str]:
    return [line for part in cell.split("\n") for line in wrap(part, width)]


def _join(
    columns: Sequence[Column],
    cells: Sequence[str],
    widths: Sequence[int],
    out: Output,
    styles: tuple[Style, ...] | None = None,
) -> str:
    last = max((index for index, cell in enumerate(cells) if cell), default=-1)
    parts = []
    for index, (column, cell, width) in enumerate(zip(columns, cells, widths, strict=True)):
        if index > last:
            break
        padded = cell if index == last and not column.right else pad(cell, width, right=column.right)
        parts.append(out.paint(padded, *(column.styles if styles is None else styles)) if cell else padded)
    return GAP.join(parts)


def plural(count: int, noun: str) -> str:
    """`1 row`, `1,204 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
