"""Rules about traded products and the codes of the Harmonized System; some hold for totals and rankings too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bilatdata.contract.rule import CATALOGUE, Context, KeyCheck, RowCheck
from bilatdata.contract.rules._expressions import (
    NOTHING,
    among,
    col,
    earliest,
    empty,
    filled,
    implies,
    other_country,
    text,
)
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    pass

FIGURES = ("value_usd", "quantity", "share_pct")
BOUNDED = {"trade_products": FIGURES, "trade_totals": ("value_usd",)}
"""Figures that `bound_code` is about."""
HS_DIGITS = {"chapter": 2, "heading": 4, "subheading": 6}


@CATALOGUE.rule(
    "P101",
    "exporter-is-importer",
    scope="row",
    tables=("trade_products",),
    summary="Exporter and importer are the same country.",
    explanation="A flow goes from one state to another; with one of them wrong its direction is lost.",
    fix="Correct `exporter_code` or `importer_code`.",
)
def partners_differ(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Exporter and importer differ."""
    yield other_country("importer_code", than="exporter_code")


@CATALOGUE.rule(
    "P102",
    "quantified-without-figure",
    scope="row",
    tables=("trade_products",),
    summary="A quantified row has no figure.",
    explanation="`basis_code` tells users which rows they can compute with; an empty figure there is a lost value.",
    fix="Fill `value_usd`, `quantity` or `share_pct`, or set `basis_code` to qualitative.",
)
def quantified_has_figure(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A quantified row has a value, a quantity or a share."""
    ok = implies(among("basis_code", "quantified"), filled(*FIGURES))
    yield RowCheck("basis_code", ok, "qualitative, or a figure in value_usd, quantity or share_pct")


@CATALOGUE.rule(
    "P103",
    "qualitative-with-figure",
    scope="row",
    tables=("trade_products",),
    summary="A qualitative row has a figure.",
    explanation="Users who select quantified rows would miss the figure.",
    fix="Set `basis_code` to quantified, or empty the figure.",
)
def qualitative_has_none(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A qualitative row has neither value, nor quantity, nor share."""
    for field in FIGURES:
        ok = implies(among("basis_code", "qualitative"), empty(field))
        yield RowCheck(field, ok, f"{NOTHING}, or basis_code quantified")


@CATALOGUE.rule(
    "P104",
    "hs-code-incomplete",
    scope="row",
    tables=("trade_products",),
    summary="HS code, edition and basis do not come together.",
    explanation="A code means different goods in different editions, and one that we propose must not pass for one "
    "that the source states.",
    fix="Give `hs_code`, `hs_edition` and `hs_basis_code` all three, or none.",
)
def hs_code_is_complete(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Edition and basis are there exactly when the code is."""
    import polars as pl

    for field in ("hs_edition", "hs_basis_code"):
        expected = (
            pl.when(filled("hs_code"))
            .then(pl.lit("a value, as there is an hs_code"))
            .otherwise(pl.lit(f"{NOTHING}, as there is no hs_code"))
        )
        yield RowCheck(field, filled(field) == filled("hs_code"), expected)


@CATALOGUE.rule(
    "P105",
    "quantity-without-unit",
    scope="row",
    tables=("trade_products",),
    summary="Quantity and unit do not come together.",
    explanation="A quantity without its unit cannot be compared with anything.",
    fix="Give `quantity` and `quantity_unit_code` both, or neither.",
)
def quantity_has_unit(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The unit is there exactly when the quantity is."""
    ok = implies(filled("quantity"), filled("quantity_unit_code"))
    yield RowCheck("quantity_unit_code", ok, "a unit, as there is a quantity")
    ok = implies(filled("quantity_unit_code"), filled("quantity"))
    yield RowCheck("quantity", ok, text("a quantity in {}", "quantity_unit_code"))


@CATALOGUE.rule(
    "P106",
    "figure-without-bound",
    scope="row",
    tables=tuple(BOUNDED),
    summary="Figure and bound do not come together.",
    explanation="`bound_code` keeps a source's hedge: about, at least, at most. Without it a guess reads as a count.",
    fix="Fill `bound_code` where there is a figure (exact if the source does not hedge), empty it where there is none.",
)
def figure_has_bound(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A bound is there exactly when there is a figure."""
    import polars as pl

    figure = filled(*BOUNDED[schema.name])
    expected = pl.when(figure).then(pl.lit("how the figure is to be read")).otherwise(pl.lit(NOTHING))
    yield RowCheck("bound_code", filled("bound_code") == figure, expected)


@CATALOGUE.rule(
    "P107",
    "period-in-the-future",
    scope="row",
    tables=("trade_products", "trade_rankings", "trade_totals"),
    summary="The period begins after the day of the release.",
    explanation="Trade is reported after it took place; a later period is a slip or a forecast, which this table does "
    "not hold.",
    fix="Correct `period`, or delete a row that only tells of a forecast.",
)
def period_has_begun(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The period does not begin after the day of the release."""
    yield RowCheck("period", earliest("period") <= context.as_of, f"a period that begins by {context.as_of}")


@CATALOGUE.rule(
    "P108",
    "valuation-without-value",
    scope="row",
    tables=("trade_products", "trade_totals"),
    summary="A valuation is given and there is no value.",
    explanation="`fob` and `cif` say where a value in money is taken; they say nothing of quantities and shares.",
    fix="Fill `value_usd`, or set `valuation_code` to unknown.",
)
def valuation_has_value(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A known valuation needs a value."""
    ok = implies(among("valuation_code", "fob", "cif"), filled("value_usd"))
    yield RowCheck("valuation_code", ok, "unknown, or a value_usd")


@CATALOGUE.rule(
    "P109",
    "flow-twice",
    scope="key",
    severity="warning",
    tables=("trade_products",),
    summary="One reporter gives one flow of one product in one period twice.",
    explanation="Sums count the flow twice. Figures of different reporters are kept apart on purpose, and so are the "
    "two ends of a range.",
    fix="Merge the rows; keep what differs between sources as evidence with stance disputes.",
)
def flows_once(schema: TableSchema, context: Context) -> Iterator[KeyCheck]:
    """Partners, period, product, bound and reporter; a stated code names the product."""
    import polars as pl

    stated = col("hs_basis_code").eq_missing(pl.lit("stated"))
    product = pl.when(stated).then("hs_code").otherwise(col("product_name").str.to_lowercase())
    parts = (
        *map(col, ("exporter_code", "importer_code", "period", "bound_code")),
        product,
        pl.when(stated).then("hs_edition"),
        col("reporter").str.to_lowercase(),
    )
    yield KeyCheck("product_name", parts, "one row for this flow")


@CATALOGUE.rule(
    "P110",
    "hs-level-wrong",
    scope="row",
    tables=("hs_products",),
    summary="The level is not that of the code's number of digits.",
    explanation="Users pick chapters, headings or subheadings by level; a wrong one mixes totals with their parts.",
    fix="Set `hs_level_code` to chapter (2 digits), heading (4) or subheading (6).",
)
def level_fits_code(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Two digits are a chapter, four a heading, six a subheading."""
    import polars as pl

    digits = col("hs_code").str.len_chars().cast(pl.Int64)
    level = digits.replace_strict({number: name for name, number in HS_DIGITS.items()}, default=None)
    yield RowCheck("hs_level_code", col("hs_level_code") == level, level)
