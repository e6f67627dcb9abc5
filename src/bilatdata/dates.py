"""The EDTF profile of this package and the days that a date allows.

The profile is the part of the Extended Date/Time Format (https://www.loc.gov/standards/datetime/) that the record
needs: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, each with an optional `?`, `~` or `%`; trailing `X` for digits that are not
known; intervals `A/B`, open ones as `../B` and `A/..`. Everything wider is refused.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from bilatdata.errors import missing_extra

_POINT = r"(?:\d{4}(?:-\d{2}(?:-\d{2})?)?[?~%]?|\d{3}X|\d{2}XX|\d{4}-XX(?:-XX)?|\d{4}-\d{2}-XX)"
_PROFILE = re.compile(rf"(?:{_POINT}|{_POINT}/{_POINT}|\.\./{_POINT}|{_POINT}/\.\.)", re.ASCII)

PROFILE_TEXT = "YYYY, YYYY-MM or YYYY-MM-DD (with ?, ~ or %), trailing X, or an interval A/B, ../B, A/.."


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
    if not _PROFILE.fullmatch(text):
        raise ValueError(f"not a date of the EDTF profile: {PROFILE_TEXT}")
    try:
        from undate import Undate, UndateInterval
    except ImportError as error:
        raise missing_extra("validate", "reading EDTF dates") from error
    try:
        parsed = Undate.parse(text, "EDTF")
    except Exception as error:  # undate raises its parser's own exceptions
        raise ValueError("no such day, month or interval") from error
    if not isinstance(parsed, UndateInterval):
        return Bounds(_day(parsed.earliest), _day(parsed.latest))
    return Bounds(
        _day(parsed.earliest.earliest) if parsed.earliest else None,
        _day(parsed.latest.latest) if parsed.latest else None,
    )


def _day(value: object) -> date:
    year, month, day = (int(part) for part in str(value).split("-"))
    return date(year, month, day)
