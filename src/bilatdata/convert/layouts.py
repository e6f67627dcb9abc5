"""The documented column layouts of bulk trade files, each read into the same neutral columns.

Neutral columns, all text: `exporter`, `importer` (numeric country codes), `period`, `edition` (HS edition as its
publisher writes it), `hs_code`, `product` (the publisher's words), `value_usd`, `quantity`, `unit` (of the publisher),
`weight_kg`, `valuation` (`fob`, `cif`), `reporter` (numeric code, or null), `flow` (null where the row is a flow as it
should be).

Sources: UN Comtrade, reference tables and data items of its API; CEPII, description of BACI.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bilatdata.convert.codes import code_lists
from bilatdata.errors import BilatdataError

if TYPE_CHECKING:
    import polars as pl

IMPORTS, EXPORTS = ("M", "1"), ("X", "2")


@dataclass(frozen=True)
class Layout:
    """One documented layout."""

    name: str
    """What it is called in messages."""
    publisher: str
    """What `reporter` begins with."""
    required: tuple[str, ...]
    """Columns by which the layout is known."""
    neutral: Callable[[Sequence[str], Path], dict[str, pl.Expr]]
    """Expressions of the neutral columns, given the columns there are and the file."""


def layout_of(kind: str, columns: Sequence[str], path: Path) -> Layout:
    """The layout of a file by its header.

    Raises:
        BilatdataError: it is none of those of this kind.
    """
    layouts = LAYOUTS[kind]
    for layout in layouts:
        if set(layout.required) <= set(columns):
            return layout
    known = "; or ".join(f"{layout.name}: {', '.join(layout.required)}" for layout in layouts)
    raise BilatdataError(f"{path}: its columns are {', '.join(columns[:8])} …: expected {known}")


def _comtrade(columns: Sequence[str], path: Path) -> dict[str, pl.Expr]:
    """UN Comtrade since 2022: bulk files and the API."""
    import polars as pl

    return _reported(
        flow=pl.col("flowCode"),
        reporter=pl.col("reporterCode"),
        partner=pl.col("partnerCode"),
        columns={
            "period": pl.col("period"),
            "edition": pl.col("classificationCode"),
            "hs_code": pl.col("cmdCode"),
            "product": _if_there("cmdDesc", columns),
            "value_usd": pl.col("primaryValue"),
            "quantity": pl.col("qty"),
            "unit": pl.col("qtyUnitCode"),
            "weight_kg": _if_there("netWgt", columns),
        },
        # a total has 0 for the second partner, for all means of transport and C00 for all customs procedures
        part=_is_part(columns, partner2Code="0", motCode="0", customsCode="C00", mosCode="0"),
    )


def _comtrade_until_2022(columns: Sequence[str], path: Path) -> dict[str, pl.Expr]:
    """The bulk CSV files of UN Comtrade's former site."""
    import polars as pl

    return _reported(
        flow=pl.col("Trade Flow Code"),
        reporter=pl.col("Reporter Code"),
        partner=pl.col("Partner Code"),
        columns={
            "period": pl.col("Period"),
            "edition": pl.col("Classification"),
            "hs_code": pl.col("Commodity Code"),
            "product": _if_there("Commodity", columns),
            "value_usd": pl.col("Trade Value (US$)"),
            "quantity": _if_there("Qty", columns),
            "unit": pl.col("Qty Unit Code"),
            "weight_kg": _if_there("Netweight (kg)", columns),
        },
        part=pl.lit(False),
    )


def _baci(columns: Sequence[str], path: Path) -> dict[str, pl.Expr]:
    """CEPII BACI: thousands of dollars, tonnes, free on board on both sides; the file's name says the edition."""
    import polars as pl

    found = re.search(r"HS\d\d", path.name)
    if not found or found[0] not in code_lists()["editions"]:
        raise BilatdataError(
            f"{path}: its name does not say the HS edition: expected BACI_HS17_Y2023_V202501.csv or so"
        )
    value = pl.col("v").str.strip_chars().cast(pl.Float64, strict=False)
    tonnes = pl.col("q").str.strip_chars().cast(pl.Float64, strict=False)
    return {
        "exporter": pl.col("i"),
        "importer": pl.col("j"),
        "period": pl.col("t"),
        "edition": pl.lit(found[0]),
        "hs_code": pl.col("k"),
        "product": pl.lit(None, pl.String),
        # thousands to single dollars, without the noise of binary fractions
        "value_usd": (value * 1000).round(3).cast(pl.String),
        "quantity": tonnes.cast(pl.String),
        "unit": pl.lit("t"),
        "weight_kg": pl.lit(None, pl.String),
        "valuation": pl.lit("fob"),
        "reporter": pl.lit(None, pl.String),
        "flow": pl.lit(None, pl.String),
    }


def _reported(
    flow: pl.Expr, reporter: pl.Expr, partner: pl.Expr, columns: dict[str, pl.Expr], part: pl.Expr
) -> dict[str, pl.Expr]:
    """What follows from who reports the flow: the direction, and where the value is taken (IMTS 2010, chapter 4)."""
    import polars as pl

    exports, imports = flow.is_in(EXPORTS), flow.is_in(IMPORTS)
    wrong = pl.when(part.fill_null(False)).then(pl.lit("part of a total")).when(~exports & ~imports).then(flow)
    return columns | {
        "exporter": pl.when(exports).then(reporter).otherwise(partner),
        "importer": pl.when(exports).then(partner).otherwise(reporter),
        "valuation": pl.when(exports).then(pl.lit("fob")).otherwise(pl.lit("cif")),
        "reporter": reporter,
        "flow": wrong,
    }


def _is_part(columns: Sequence[str], **totals: str) -> pl.Expr:
    """Whether a row is one of several that another row adds up; columns that are not there do not say so."""
    import polars as pl

    parts = [pl.col(name) != total for name, total in totals.items() if name in columns]
    return pl.any_horizontal(*parts) if parts else pl.lit(False)


def _if_there(name: str, columns: Sequence[str]) -> pl.Expr:
    import polars as pl

    return pl.col(name) if name in columns else pl.lit(None, pl.String)


LAYOUTS = {
    "comtrade": (
        Layout(
            "UN Comtrade",
            "UN Comtrade",
            ("period", "reporterCode", "flowCode", "partnerCode", "classificationCode", "cmdCode", "qtyUnitCode", "qty",
             "primaryValue"),
            _comtrade,
        ),
        Layout(
            "UN Comtrade until 2022",
            "UN Comtrade",
            ("Classification", "Period", "Trade Flow Code", "Reporter Code", "Partner Code", "Commodity Code",
             "Qty Unit Code", "Trade Value (US$)"),
            _comtrade_until_2022,
        ),
    ),
    "baci": (Layout("CEPII BACI", "CEPII BACI", ("t", "i", "j", "k", "v", "q"), _baci),),
}  # fmt: skip
