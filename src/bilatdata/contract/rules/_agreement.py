"""Whether what a source reports agrees with the cell that it is evidence for."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bilatdata.contract.rules._rows import fold
from bilatdata.contract.table_schema import Field
from bilatdata.dates import Bounds, bounds

Agreement = Literal["agrees", "differs", "unreadable", "not compared"]

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Cell:
    """A cell with what is needed to compare it."""

    field: Field
    value: object
    names: Collection[str] | None
    """Folded names of the row that an id refers to; None where there is no such row at hand."""
    is_reference: bool
    place: tuple[str, int, str] | None = None
    """Table, position in the rows at hand and then ours, and field."""


def agreement(reported: str, cell: Cell) -> Agreement:
    """Compare a reported value, written as the field writes it, with the cell.

    Numbers and codes agree if they are equal, dates if every day that the cell allows is one that the report allows,
    lists if the report names only items of the cell, ids if the report gives the id or a name of what it refers to.
    Free text agrees if it is the same and is not compared otherwise: it is in our words.
    """
    if cell.field.type in ("number", "integer"):
        return _numbers(reported, cell.value)
    if cell.field.is_edtf:
        return _dates(reported, cell.value)
    if cell.value is None:
        return "differs"
    value = str(cell.value)
    if reported == value:
        return "agrees"
    if cell.is_reference:
        return _references(reported, cell)
    if cell.field.separator:
        return _lists(reported, value, cell.field)
    is_code = cell.field.pattern or cell.field.enum or cell.field.vocabulary
    return "differs" if is_code else "not compared"


def _numbers(reported: str, value: object) -> Agreement:
    if not _NUMBER.fullmatch(reported):
        return "unreadable"
    return "agrees" if isinstance(value, int | float) and float(reported) == value else "differs"


def _dates(reported: str, value: object) -> Agreement:
    try:
        wide = bounds(reported)
    except ValueError:
        return "unreadable"
    try:
        narrow = bounds(str(value)) if value else None
    except ValueError:
        return "not compared"  # the cell itself is at fault, and D101 says so
    return "agrees" if narrow and _within(narrow, wide) else "differs"


def _within(narrow: Bounds, wide: Bounds) -> bool:
    first, last = date.min, date.max
    return (wide.earliest or first) <= (narrow.earliest or first) and (narrow.latest or last) <= (wide.latest or last)


def _references(reported: str, cell: Cell) -> Agreement:
    if cell.names is not None:
        return "agrees" if fold(reported) in cell.names else "differs"
    is_id = cell.field.pattern is not None and re.fullmatch(cell.field.pattern, reported, re.ASCII)
    return "differs" if is_id else "not compared"


def _lists(reported: str, value: str, field: Field) -> Agreement:
    separator = field.separator or ";"
    if {fold(item) for item in reported.split(separator)} <= {fold(item) for item in value.split(separator)}:
        return "agrees"
    return "differs" if field.vocabulary else "not compared"
