"""Keys across batches and files: primary keys, unique fields, foreign keys.

Only the key columns of valid data are held. Row numbers count through all sources of a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bilatdata.contract.table_schema import ForeignKey

if TYPE_CHECKING:
    import polars as pl

ROW = "_row"
FIRST = "_first"


class KeyColumns:
    """Collects the values of fields from all the rows of a table, batch after batch."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields
        self._parts: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Take the next rows."""
        self._parts.append(_columns(frame, self.fields))

    def values(self) -> pl.DataFrame | None:
        """The values of all rows so far, in order; None if there are no rows."""
        import polars as pl

        return pl.concat(self._parts) if self._parts else None

    def repeats(self) -> Iterator[tuple[int, int]]:
        """The rows that repeat an earlier one, each with the first such row; rows with an empty part do not count."""
        import polars as pl

        values = self.values()
        if values is None:
            return
        if _increasing(values) or values.drop_nulls().is_unique().all():
            return
        numbered = values.with_row_index(ROW).drop_nulls().filter(pl.struct(self.fields).is_duplicated())
        groups = numbered.with_columns(pl.col(ROW).min().over(self.fields).alias(FIRST))
        yield from groups.filter(pl.col(ROW) != pl.col(FIRST)).select(ROW, FIRST).iter_rows()


class References:
    """Collects the values of a foreign key that are not yet known to exist."""

    def __init__(self, key: ForeignKey, known: pl.DataFrame | None) -> None:
        self.key = key
        self._known = known
        """Values that certainly exist, a column per reference field; None if there are none."""
        self._open: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame, first_row: int) -> None:
        """Take the rows of a typed batch; those that refer to a known row, or have an empty part, are done with."""
        import polars as pl

        values = _columns(frame, self.key.fields)
        if any(column.null_count() == values.height for column in values.get_columns()):
            return
        # a column by itself is made distinct several times faster than a frame
        distinct = values.to_series().unique().to_frame() if values.width == 1 else values.unique()
        unknown = self._missing(distinct.drop_nulls(), self._known)
        if unknown.height:
            numbered = values.with_columns(pl.int_range(first_row, first_row + pl.len()).alias(ROW))
            self._open.append(numbered.join(unknown, on=self.key.fields, how="semi"))

    def dangling(self, validated: pl.DataFrame | None) -> list[int]:
        """The rows whose reference does not exist among the known values nor among those of the validated table."""
        import polars as pl

        if not self._open:
            return []
        return self._missing(pl.concat(self._open), validated)[ROW].sort().to_list()

    def _missing(self, values: pl.DataFrame, known: pl.DataFrame | None) -> pl.DataFrame:
        if known is None or not values.height:
            return values
        return values.join(known, left_on=self.key.fields, right_on=self.key.reference_fields, how="anti")


def _columns(frame: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    """The columns of these fields, without going through a query."""
    return type(frame)([frame[name] for name in fields])


def _increasing(values: pl.DataFrame) -> bool:
    """Whether every row has a greater value than the one before: the quickest proof that no two are the same."""
    if values.width != 1 or values.to_series().has_nulls():
        return False
    column = values.to_series()
    return bool((column.slice(1) > column.slice(0, max(len(column) - 1, 0))).all())
