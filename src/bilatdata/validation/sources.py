"""What the engine needs of any source of rows: its columns, its rows in batches, and the place of a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import polars as pl


class Place(NamedTuple):
    """Where a cell is, and what stands in it."""

    line: int | None
    column: int | None
    row: int | None
    value: str | None
    """The cell's text; None where it is empty."""
    key: str | None
    """The record's primary key, its parts joined by `;`."""


@dataclass(frozen=True)
class StructureFault:
    """A fault that the reader itself found; `column` counts characters from 1."""

    code: str
    line: int
    column: int
    value: str | None = None
    expected: str | None = None


@dataclass(frozen=True)
class Batch:
    """Consecutive rows of a source."""

    first_row: int
    """Number of the first row among the well-formed rows of the source, from 0."""
    frame: pl.DataFrame
    """The well-formed rows, a column per name in `Source.names`; text for CSV, the source's own types otherwise."""
    records: int
    """Rows read, malformed ones included."""
    is_text: bool = False
    """Whether the cells are text that has still to be read."""
    faults: list[StructureFault] = field(default_factory=list)


class Source(Protocol):
    """A file or frame with the rows of one table."""

    file: str | None
    """Path as it was given; None for a frame."""
    header_faults: list[StructureFault]
    """Faults of the file as a whole and of its header."""

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns, each once."""
        ...

    def name_place(self, name: str | None) -> tuple[int | None, int | None]:
        """Line and column at which a column's name stands; for None those at which the header begins."""
        ...

    def batches(self) -> Iterator[Batch]:
        """The rows in order; may be asked for once."""
        ...

    def places(self, cells: Sequence[tuple[int, str | None]], key: Sequence[str]) -> Iterator[Place]:
        """Where cells are, each given by its well-formed row and its field (None: the row), in the order of rows.

        Every place comes with the cell's text, and with the values of the key's fields.
        """
        ...
