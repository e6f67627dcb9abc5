"""Words that row rules are made of, as polars expressions; polars is loaded when a rule is asked for, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from bilatdata.contract.rule import RowCheck

NOTHING = "an empty cell"


def col(field: str) -> pl.Expr:
    """The cells of a field."""
    import polars as pl

    return pl.col(field)


def earliest(field: str) -> pl.Expr:
    """First day that an EDTF field allows; null where it is open or empty."""
    return col(f"{field}.earliest")


def latest(field: str) -> pl.Expr:
    """Last day that an EDTF field allows; null where it is open or empty."""
    return col(f"{field}.latest")


def filled(*fields: str) -> pl.Expr:
    """Whether any of the fields has a value."""
    import polars as pl

    return pl.any_horizontal(col(field).is_not_null() for field in fields)


def empty(*fields: str) -> pl.Expr:
    """Whether none of the fields has a value."""
    return ~filled(*fields)


def among(field: str, *codes: str) -> pl.Expr:
    """Whether the field holds one of the codes; null where it is empty."""
    return col(field).is_in(codes)


def implies(premise: pl.Expr, conclusion: pl.Expr) -> pl.Expr:
    """False only where the premise holds and the conclusion does not."""
    return ~premise | conclusion


def text(template: str, *fields: str) -> pl.Expr:
    """The template with each `{}` replaced by a cell, or by a dash where the cell is empty."""
    import polars as pl

    return pl.format(template, *(col(field).cast(pl.String).fill_null("–") for field in fields))


def can_precede(first: str, second: str) -> RowCheck:
    """A claim that `first` is not surely later than `second`, both EDTF fields.

    It fails only where even the earliest day of `first` lies after the latest day of `second`.
    """
    from bilatdata.contract.rule import RowCheck

    return RowCheck(second, earliest(first) <= latest(second), text(f"a date from {first} {{}} on", first))


def other_country(field: str, than: str) -> RowCheck:
    """A claim that two cells of a row name two countries."""
    from bilatdata.contract.rule import RowCheck

    return RowCheck(field, col(field) != col(than), text("a country other than {}", than))
