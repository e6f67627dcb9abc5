"""Keys across batches and files: primary keys, unique fields, other keys, foreign keys.

Of each row only 128 bits of hash are held for a key. That two of a billion different rows have the same ones is less
likely than one in 10^20. Row numbers count through all sources of a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bilatdata.contract.table_schema import ForeignKey

if TYPE_CHECKING:
    import polars as pl

ROW = "_row"
FIRST = "_first"
SEEDS = {"_hash": 1, "_check": 2}
HASHES = list(SEEDS)


class RowKeys:
    """The hashes of a key of all the rows of a table, batch after batch.

    Args:
        parts: expressions on the typed frame that make up the key.
        null_counts: whether rows with an empty part count, and null equals null; otherwise they have no key.
    """

    def __init__(self, parts: Sequence[pl.Expr], *, null_counts: bool = False) -> None:
        self._parts = parts
        self._null_counts = null_counts
        self._hashes: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame, without: Sequence[int] = ()) -> None:
        """Take the next rows; those without a key are named by their positions."""
        hashes = hash_rows(frame, self._parts, null_counts=self._null_counts)
        if without:
            column = hashes["_hash"].scatter(list(without), None)
            hashes = hashes.with_columns(column)
        self._hashes.append(hashes)

    def hashes(self) -> pl.DataFrame | None:
        """Columns `_hash` and `_check` (UInt64) for each row, the first null where it has no key; None without rows."""
        import polars as pl

        return pl.concat(self._hashes) if self._hashes else None

    def repeats(self) -> Iterator[tuple[int, int]]:
        """The rows that repeat an earlier one, each with the first such row."""
        import polars as pl

        hashes = self.hashes()
        if hashes is None:
            return
        column = hashes["_hash"]
        if column.n_unique() == len(column) - column.null_count() + bool(column.null_count()):
            return
        keyed = hashes.with_row_index(ROW).filter(pl.col("_hash").is_not_null() & pl.col("_hash").is_duplicated())
        groups = keyed.with_columns(pl.col(ROW).min().over(HASHES).alias(FIRST))
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

        values = type(frame)([frame[name] for name in self.key.fields])
        if any(column.null_count() == values.height for column in values.get_columns()):
            return
        # a column by itself is made distinct several times faster than a frame
        distinct = values.to_series().unique().to_frame() if values.width == 1 else values.unique()
        unknown = self._unknown(distinct.drop_nulls())
        if unknown.height:
            numbered = values.with_columns(pl.int_range(first_row, first_row + pl.len()).alias(ROW))
            self._open.append(numbered.join(unknown, on=self.key.fields, how="semi"))

    def dangling(self, validated: RowKeys | None) -> list[int]:
        """The rows whose reference does not exist among the known values nor among those of the validated table."""
        import polars as pl

        if not self._open:
            return []
        rows = pl.concat(self._open)
        hashes = None if validated is None else validated.hashes()
        if hashes is not None:
            wanted = hash_rows(rows, [pl.col(name) for name in self.key.fields]).with_columns(rows[ROW])
            rows = wanted.join(hashes, on=HASHES, how="anti")
        return rows[ROW].sort().to_list()

    def _unknown(self, values: pl.DataFrame) -> pl.DataFrame:
        if self._known is None or not values.height:
            return values
        return values.join(self._known, left_on=self.key.fields, right_on=self.key.reference_fields, how="anti")


def hash_rows(frame: pl.DataFrame, parts: Sequence[pl.Expr], *, null_counts: bool = False) -> pl.DataFrame:
    """Two hashes of the parts of every row, the first null where a part is (unless `null_counts`).

    Whole numbers and the text that writes them are the same part, for the two ends of a foreign key may differ in type.
    """
    import polars as pl

    named = [part.cast(pl.String).alias(str(number)) for number, part in enumerate(parts)]
    key = pl.struct(named)
    hashes = frame.select(key.hash(seed).alias(name) for name, seed in SEEDS.items())
    if null_counts:
        return hashes
    empty = frame.select(pl.any_horizontal(part.is_null() for part in parts)).to_series()
    return hashes.with_columns(hashes["_hash"].set(empty, None)) if empty.any() else hashes
