"""How much room text takes on a terminal."""

from __future__ import annotations

import re
import unicodedata

PAINT = re.compile(r"\x1b\[[0-9;]*m")
"""The escape sequences that colour text; they take no room."""


def text_width(text: str) -> int:
    """How many cells a terminal gives the text: 2 for East Asian wide characters, 0 for combining ones and colours."""
    if "\x1b" in text:
        text = PAINT.sub("", text)
    if text.isascii():
        return len(text)
    return sum(map(character_width, text))


def character_width(character: str) -> int:
    """How many cells a terminal gives one character."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
