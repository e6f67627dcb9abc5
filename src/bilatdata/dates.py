"""The EDTF profile of this package and the days that a date allows.

The profile is the part of the Extended Date/Time Format (https://www.loc.gov/standards/datetime/) that the record
needs: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, each with an optional `?`, `~` or `%`; trailing `X` for digits that are not
known; intervals `A/B`, open ones as `../B` and `A/..`. Everything wider is refused.

It is read here and not by a library because a general EDTF parser takes milliseconds a date, which a file with
thousands of different dates would feel; the tests hold it against two such parsers.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import NamedTuple

PROFILE_TEXT = "YYYY, YYYY-MM or YYYY-MM-DD (with ?, ~ or %), trailing X, or an interval A/B, ../B, A/.."

_POINT = re.compile(
    r"(?P<year>\d{4}|\d{3}X|\d{2}XX)"
    r"(?:-(?P<month>\d{2}|XX)(?:-(?P<day>\d{2}|XX))?)?"
    r"[?~%]?",
    re.ASCII,
)


class Bounds(NamedTuple):
    """First and last day that an EDTF date allows; None where the interval is open."""

    earliest: date | None
    latest: date | None


@lru_cache(maxsize=65536)
def bounds(text: str) -> Bounds:
    """Read an EDTF date of the profile and give the first and last day that it allows.

    Qualifiers (`?`, `~`, `%`) say how sure a source is and do not widen the bounds.

    Raises:
        ValueError: the text lies outside the profile, names a day that does not exist, or runs backwards.
    """
    start, slash, end = text.partition("/")
    if not slash:
        return Bounds(*_point(start))
    if start == end:
        raise ValueError("both ends of the interval are the same: write the date once, or leave the cell empty")
    first = None if start == ".." else _point(start)
    last = None if end == ".." else _point(end)
    if first and last and first[0] > last[1]:
        raise ValueError("the interval runs backwards: put the earlier date first")
    return Bounds(first[0] if first else None, last[1] if last else None)


def _point(text: str) -> tuple[date, date]:
    """First and last day of a single date."""
    match = _POINT.fullmatch(text)
    if match is None or not _unknown_digits_trail(match):
        raise ValueError(f"not a date of the EDTF profile: {PROFILE_TEXT}")
    year, month, day = match["year"], match["month"], match["day"]
    try:
        if month in (None, "XX"):
            return date(int(year.replace("X", "0")), 1, 1), date(int(year.replace("X", "9")), 12, 31)
        if day in (None, "XX"):
            return date(int(year), int(month), 1), date(int(year), int(month), monthrange(int(year), int(month))[1])
        exact = date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueError("no such day, month or year in the calendar") from error
    return exact, exact


def _unknown_digits_trail(match: re.Match[str]) -> bool:
    """Whether nothing known follows an `X`, and an `X` comes without a qualifier."""
    year, month, day = match["year"], match["month"], match["day"]
    if "X" in year:
        return month is None and match[0] == year
    if month == "XX":
        return day in (None, "XX") and match[0][-1] == "X"
    return day != "XX" or match[0][-1] == "X"
