"""Cells as text."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

_SPACE = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1b\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text on one line, without characters that would steer a terminal."""
    if text.isprintable():
        return text
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _SPACE.sub(" ", text))


def number_text(value: int | float, *, grouped: bool) -> str:
    """A number written out, without exponent or needless `.0`; `grouped` separates thousands by commas."""
    digits = format(Decimal(repr(value)), ",f" if grouped else "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def cell_text(value: object, *, grouped: bool = False) -> str:
    """A value as its cell in the CSV files; empty for None and NaN."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value, grouped=grouped)
    return value.isoformat() if isinstance(value, date) else str(value)
