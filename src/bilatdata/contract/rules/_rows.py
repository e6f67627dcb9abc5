"""Helpers of rules that look at whole tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from bilatdata.contract.rule import Context

POSITION = "_position"


def with_ours(name: str, tables: Mapping[str, pl.DataFrame], context: Context) -> pl.DataFrame:
    """A table at hand, followed by the rows of the package whose keys it does not hold.

    Raises:
        KeyError: the table is neither at hand nor in the package.
    """
    import polars as pl

    if name not in tables:
        return context.package_tables[name]
    theirs, ours = tables[name], context.package_tables.get(name)
    if ours is None:
        return theirs
    others = ours.join(theirs, on=list(context.schemas[name].primary_key), how="anti")
    # a column that they add is empty in our rows
    known = [name for name in theirs.columns if name in others.columns]
    return pl.concat([theirs, others.select(known)], how="diagonal")


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the position of every row in the column `_position`."""
    return frame.with_row_index(POSITION)


def repeats(frame: pl.DataFrame, fields: list[str]) -> Iterator[tuple[int, int]]:
    """Positions of rows that repeat an earlier row in all the fields, each with the position of the first such row.

    Null equals null.
    """
    import polars as pl

    groups = numbered(frame).with_columns(pl.col(POSITION).min().over(fields).alias("_first"))
    yield from groups.filter(pl.col(POSITION) != pl.col("_first")).select(POSITION, "_first").iter_rows()


def fold(name: str) -> str:
    """A name without case, diacritics, punctuation and needless spaces, for telling whether two names are the same."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    kept = (letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join("".join(kept).split())


def on_cycles(parents: Mapping[str, str]) -> set[str]:
    """The keys that lead back to themselves when parents are followed; a key may be its own parent."""
    cyclic: set[str] = set()
    done: set[str] = set()
    for start in parents:
        path: dict[str, int] = {}
        key: str | None = start
        while key is not None and key not in done and key not in path:
            path[key] = len(path)
            key = parents.get(key)
        if key in path:
            cyclic.update(step for step, place in path.items() if place >= path[key])
        done.update(path)
    return cyclic


def cyclic_rows(frame: pl.DataFrame, key: str, parent: str) -> Iterator[int]:
    """Positions of the rows that lead back to themselves along `parent`."""
    import polars as pl

    linked = numbered(frame).filter(pl.col(key).is_not_null() & pl.col(parent).is_not_null())
    cyclic = on_cycles(dict(linked.select(key, parent).iter_rows()))
    for position, name in linked.select(POSITION, key).iter_rows():
        if name in cyclic:
            yield position
