"""The lines that findings are in, read from their files again when a report is made.

Nothing here may fail: a file can be gone by now, or have been a pipe. Its findings then stand without their lines.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from bilatdata.contract.rules.structure import (
    BOM,
    CARRIAGE_RETURN,
    CELL_COUNT,
    MISSING_COLUMN,
    NOT_UTF8,
    NUL,
    STRAY_QUOTE,
    UNCLOSED_QUOTE,
)
from bilatdata.validation.findings import Finding

WINDOW = 1 << 14
"""Bytes read from the beginning of a line; a cell that begins or ends beyond them is not marked there."""
FARTHEST = 1 << 28
"""Bytes of a file that are searched for lines."""
BUFFER = 1 << 20

_QUOTED, _PLAIN = re.compile('"(?:[^"]|"")*"'), re.compile("[^,\r\n]*")
_TO_THE_END = {CELL_COUNT, MISSING_COLUMN, UNCLOSED_QUOTE}
"""Rules whose findings are about all that follows in the line."""
_ONE_CHARACTER = {BOM, CARRIAGE_RETURN, NOT_UTF8, NUL, STRAY_QUOTE}


@dataclass(frozen=True)
class Excerpt:
    """A physical line with what is marked in it; positions are characters."""

    text: str
    """The line without its end, up to the window."""
    start: int | None
    """Where the mark begins, from 0; None if the finding is about no column."""
    end: int
    """Where the mark ends in this line, from 0 and exclusive."""
    end_line: int
    end_column: int
    """Where the cell ends, 1-based and exclusive; in a later line if it holds line breaks."""


def excerpts(findings: Iterable[Finding]) -> Iterator[tuple[Finding, Excerpt | None]]:
    """Each finding with its line, in one pass over every file.

    Args:
        findings: sorted by file and line, as they are in a report.
    """
    for file, group in groupby(findings, key=lambda finding: finding.file):
        with ExitStack() as stack:
            lines = _opened(file, stack)
            for finding in group:
                yield finding, _excerpt(finding, lines)


class _Lines:
    """A file that is read forwards, line by line, with a look at what follows."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._number = 1
        self._start = 0

    def window(self, number: int) -> bytes:
        """What stands from the beginning of a line on; empty if the file has no such line within reach."""
        if number < self._number:
            self._number, self._start = 1, 0
        self._file.seek(self._start)
        while self._number < number:
            piece = self._file.readline(BUFFER)
            self._start += len(piece)
            if not piece or self._start > FARTHEST:
                return b""
            self._number += piece.endswith(b"\n")
        return self._file.read(WINDOW)


def _opened(file: str | None, stack: ExitStack) -> _Lines | None:
    try:
        path = Path(file or "")
        if file is None or not stat.S_ISREG(path.stat().st_mode):
            return None
        return _Lines(stack.enter_context(path.open("rb", buffering=BUFFER)))
    except (OSError, ValueError):
        return None


def _excerpt(finding: Finding, lines: _Lines | None) -> Excerpt | None:
    if lines is None or finding.line is None:
        return None
    try:
        text = lines.window(finding.line).decode(errors="replace")
    except OSError:
        return None
    if finding.line == 1:
        text = text.removeprefix("\ufeff")
    line = text.partition("\n")[0].removesuffix("\r")
    if finding.column is None:
        return Excerpt(line, None, 0, finding.line, len(line) + 1)
    start = finding.column - 1
    if start > len(line) or not text:
        return None
    marked = _marked(finding.code, text, start, len(line))
    breaks = marked.count("\n")
    end_column = len(marked) - marked.rfind("\n") if breaks else start + len(marked) + 1
    end = start + len(marked.partition("\n")[0].removesuffix("\r"))
    return Excerpt(line, start, end, finding.line + breaks, end_column)


def _marked(code: str, text: str, start: int, line_end: int) -> str:
    """The part of the text that a finding is about."""
    if code in _ONE_CHARACTER:
        return text[start : min(start + 1, line_end)]
    if code in _TO_THE_END:
        return text[start:line_end]
    cell = (_QUOTED if text.startswith('"', start) else _PLAIN).match(text, start)
    return cell[0] if cell else text[start:line_end]  # a quote that is closed nowhere near marks the rest of its line
