"""Names and texts as SQL quotes them."""

from __future__ import annotations


def identifier(name: str) -> str:
    """The name of a table, a column or a type."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text."""
    return "'" + text.replace("'", "''") + "'"
