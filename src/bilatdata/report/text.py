"""A report for people: by file and rule, each fault in its line with the cell marked, as compilers show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from bilatdata.contract.rules.structure import CELL_COUNT
from bilatdata.report.excerpts import Excerpt, excerpts
from bilatdata.report.words import expected, found
from bilatdata.screen import character_width, text_width
from bilatdata.validation.findings import Finding, Report, counted, judged, place, plural, printable

SHOWN_PER_RULE = 3
"""Findings of one rule in one file that are shown; the rest are counted."""
SHOWN_AT_MOST = 60
"""Findings of all rules and files that are shown; what comes after is counted by rule and file."""
NARROWEST = 40
ROOM_FOR_WORDS = 60
"""Columns that words under a cell should have; they begin further to the left where there are fewer."""
ELLIPSIS = "…"
Painter = Callable[[str, str], str]
Shown = dict[Finding, Excerpt | None]
_STYLES = {
    "place": "1",
    "error": "1;31",
    "warning": "1;33",
    "error words": "31",
    "warning words": "33",
    "good": "1;32",
    "frame": "1;34",
    "help": "1;36",
    "dim": "2",
}


def render(report: Report, *, color: bool = False, width: int = 100) -> str:
    """The report as text that ends in a line feed.

    Args:
        report: what was found.
        color: use ANSI colours.
        width: columns of the terminal; lines of a file are cut around the cell to fit, words are wrapped, and only
            places and messages may be longer.
    """
    paint = painter(color)
    groups = _groups(report.findings)
    shown = _chosen(groups)
    lines: list[str] = []
    for group in groups:
        lines += _Group(group, shown, max(width, NARROWEST), paint).lines()
    lines.append(summary(report, paint))
    if report.findings:
        lines.append(paint(f"'bilatdata rules {report.findings[0].code}' explains a rule.", "dim"))
    return "\n".join(lines) + "\n"


def summary(report: Report, paint: Painter) -> str:
    """The last word of a report: how many findings there are in how much data."""
    if not report.findings:
        return f"{paint('All good', 'good')}: {judged(report)}"
    return paint(counted(report), "error" if report.errors else "warning")


def painter(color: bool) -> Painter:
    """How text is put in a style."""
    return _paint if color else _plain


def _groups(findings: Sequence[Finding]) -> list[list[Finding]]:
    """The findings by file and rule, in the order in which they first occur."""
    groups: dict[tuple[str | None, str | None, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.file, finding.table, finding.code), []).append(finding)
    return list(groups.values())


def _chosen(groups: Sequence[Sequence[Finding]]) -> Shown:
    """The findings that are shown, with their lines."""
    first = [finding for group in groups for finding in group[:SHOWN_PER_RULE]][:SHOWN_AT_MOST]
    return dict(excerpts(sorted(first, key=lambda finding: finding.order)))


class _Group:
    """The findings of one rule in one file, on their way to lines."""

    def __init__(self, findings: Sequence[Finding], shown: Shown, width: int, paint: Painter) -> None:
        self._first = findings[0]
        self._shown = [(finding, shown[finding]) for finding in findings[:SHOWN_PER_RULE] if finding in shown]
        self._hidden = len(findings) - len(self._shown)
        self._paint = paint
        numbers = [finding.line for finding, _ in self._shown if finding.line is not None]
        self._gutter = len(str(max(numbers, default=0))) + 1
        self._room = width - self._gutter - len(" | ")
        self._marked: set[tuple[int | None, int | None]] = set()
        self._said: tuple[str | None, str] | None = None

    def lines(self) -> Iterator[str]:
        """The rule, its findings, how many more there are, and how to mend them."""
        severity = self._first.severity
        kind = self._paint(f"{severity}[{self._first.code}]", severity)
        title = f"{kind}: {self._paint(printable(self._first.message), 'place')}"
        if not self._shown:
            more = f"({plural(self._hidden, 'finding')}, the first at {printable(place(self._first))})"
            yield f"{title} {self._paint(more, 'dim')}"
            yield ""
            return
        yield title
        for finding, excerpt in self._shown:
            yield from self._finding(finding, excerpt)
        if self._hidden:
            yield from self._note(f"{self._hidden:,} more in this file", "dim")
        if self._first.hint:
            yield from self._note(printable(self._first.hint), None, label="help: ")
        yield ""

    def _finding(self, finding: Finding, excerpt: Excerpt | None) -> Iterator[str]:
        """Its place, and under it its line, or else what was found."""
        subject = [printable(part) for part in (finding.field, finding.key and f"of {finding.key}") if part]
        arrow = self._paint("-->", "frame")
        about = "  " + self._paint(" ".join(subject), "dim") if subject else ""
        yield f"{' ' * self._gutter}{arrow} {printable(place(finding))}{about}"
        if excerpt is None or (finding.line, finding.column) in self._marked:
            yield from self._note(", ".join(filter(None, (found(finding), expected(finding)))), None)
            return
        self._marked.add((finding.line, finding.column))
        yield self._framed("")
        yield from self._excerpt(finding, excerpt)
        yield self._framed("")

    def _excerpt(self, finding: Finding, excerpt: Excerpt) -> Iterator[str]:
        """The line, the marker under its cell, and what is expected there, unless that was said above."""
        words_style = f"{finding.severity} words"
        cut = _cut(excerpt, self._room)
        yield self._framed(cut.text, number=finding.line)
        words = _words(finding, excerpt)
        if (finding.field, words) == self._said:
            words = ""
        self._said = self._said if not words else (finding.field, words)
        marker = "" if excerpt.start is None else self._paint("^" * cut.marker, finding.severity)
        indent = cut.indent
        if words and indent + cut.marker + 1 + text_width(words) <= self._room:
            marker, words = f"{marker} {self._paint(words, words_style)}", ""
        if marker:
            yield self._framed(f"{' ' * indent}{marker}")
        indent = max(0, min(indent, self._room - min(text_width(words), ROOM_FOR_WORDS)))
        for line in wrap(words, self._room - indent):
            yield self._framed(f"{' ' * indent}{self._paint(line, words_style)}")

    def _framed(self, text: str, *, number: int | None = None) -> str:
        label = "" if number is None else str(number)
        return f"{self._paint(f'{label:>{self._gutter}} |', 'frame')} {text}".rstrip()

    def _note(self, text: str, style: str | None, *, label: str = "") -> Iterator[str]:
        """Words that belong to no line."""
        if not text:
            return
        bar = self._paint(f"{'':>{self._gutter}} =", "frame")
        for number, line in enumerate(wrap(text, self._room - len(label))):
            front = f"{bar} {self._paint(label, 'help')}" if number == 0 else f"{'':>{self._gutter + 3 + len(label)}}"
            yield front + (self._paint(line, style) if style else line)


def _words(finding: Finding, excerpt: Excerpt) -> str:
    """What to say under a cell that is seen: what was found only where that is not what one sees."""
    parts = [expected(finding)]
    seen = excerpt.text[excerpt.start or 0 : excerpt.end].removeprefix('"').removesuffix('"').replace('""', '"')
    if finding.value is None:
        parts.insert(0, "" if seen or not finding.field else "empty")
    elif finding.line == excerpt.end_line and seen != finding.value and (finding.field or finding.code == CELL_COUNT):
        parts.insert(0, found(finding))
    if finding.line != excerpt.end_line:
        parts.append(f"the cell ends in line {excerpt.end_line}")
    return ", ".join(filter(None, parts))


class _Cut(NamedTuple):
    """A line as it is shown, and where its marker goes; widths are columns of the terminal."""

    text: str
    indent: int
    marker: int


def _cut(excerpt: Excerpt, room: int) -> _Cut:
    """The line, with what would steer the terminal escaped, cut around the mark where it is too long."""
    pieces = [printable(character) for character in excerpt.text]
    widths = [sum(map(character_width, piece)) for piece in pieces]
    start, end = excerpt.start or 0, excerpt.end
    if sum(widths) <= room:
        return _Cut("".join(pieces), sum(widths[:start]), max(sum(widths[start:end]), 1))
    first = _leftmost(widths, start, max(room // 3, room - sum(widths[start:]) - 2))
    head = ELLIPSIS if first else ""
    last = _rightmost(widths, first, room - len(head))
    tail = ELLIPSIS if last < len(pieces) else ""
    marker = sum(widths[start : min(end, last)]) + (len(tail) if end > last else 0)
    return _Cut(f"{head}{''.join(pieces[first:last])}{tail}", len(head) + sum(widths[first:start]), max(marker, 1))


def _leftmost(widths: Sequence[int], start: int, room: int) -> int:
    """The first character shown, with at most `room` columns before `start`; never a combining one."""
    first, used = start, 0
    for index in range(start - 1, -1, -1):
        used += widths[index]
        if used > room:
            break
        if widths[index]:
            first = index
    return first


def _rightmost(widths: Sequence[int], first: int, room: int) -> int:
    """The character after the last one shown, with a column left for the ellipsis if there are more."""
    if sum(widths[first:]) <= room:
        return len(widths)
    used = 0
    for index in range(first, len(widths)):
        used += widths[index]
        if used >= room:
            return index
    return len(widths)


def _paint(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if text else ""


def _plain(text: str, style: str) -> str:
    return text
