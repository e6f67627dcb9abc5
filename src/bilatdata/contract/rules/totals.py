"""Rules about totals of trade and about ranks of trading partners."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from bilatdata.contract.rule import CATALOGUE, Context, Fault, KeyCheck, RowCheck
from bilatdata.contract.rules._expressions import among, col, filled, implies, other_country
from bilatdata.contract.rules._rows import POSITION, numbered, repeats
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    import polars as pl

STATEMENT = ["country_a_code", "country_b_code", "period", "scope", "valuation_code", "reporter"]
"""Totals that agree in these are parts of one statement of one reporter."""
RANKING = ["partner_of_code", "ranked_group", "measure_code", "period", "product_name", "reporter"]
"""Ranks that agree in these are places in one list of one reporter."""


@CATALOGUE.rule(
    "P111",
    "total-with-itself",
    scope="row",
    tables=("trade_totals",),
    summary="Both sides of the total are the same country.",
    explanation="A total is of the trade between two states; with one of them wrong it is nobody's.",
    fix="Set `country_b_code` to the other side.",
)
def sides_of_total_differ(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The two countries differ."""
    yield other_country("country_b_code", than="country_a_code")


@CATALOGUE.rule(
    "P112",
    "total-without-figure",
    scope="row",
    tables=("trade_totals",),
    summary="A total has neither a value nor a growth.",
    explanation="Without a figure the row says nothing but that there was trade.",
    fix="Fill `value_usd` or `growth_pct`, or delete the row.",
)
def total_has_figure(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A total has a value, a growth or both."""
    yield RowCheck("value_usd", filled("value_usd", "growth_pct"), "a value, or a change in growth_pct")


@CATALOGUE.rule(
    "P113",
    "negative-total",
    scope="row",
    tables=("trade_totals",),
    summary="A total other than a balance is negative.",
    explanation="Goods that cross a border have a value; only the difference of two flows can fall below zero.",
    fix="Correct the sign, or set `measure_code` to balance.",
)
def only_balances_are_negative(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Turnover and exports are not below zero."""
    ok = implies(~among("measure_code", "balance"), col("value_usd") >= 0)
    yield RowCheck("value_usd", ok, "a value of 0 or more, or measure_code balance")


@CATALOGUE.rule(
    "P114",
    "total-twice",
    scope="key",
    severity="warning",
    tables=("trade_totals",),
    summary="One reporter gives one total of one period twice.",
    explanation="Whoever sums or plots the series counts the period twice. Figures of different reporters, scopes and "
    "valuations are kept apart on purpose, and so are the two ends of a range.",
    fix="Merge the rows; keep what differs between sources as evidence with stance disputes.",
)
def totals_once(schema: TableSchema, context: Context) -> Iterator[KeyCheck]:
    """All that makes a total one, the bound among it."""
    names = (*(name for name in STATEMENT if name not in ("scope", "reporter")), "measure_code", "bound_code")
    parts = (*map(col, names), col("scope").str.to_lowercase(), col("reporter").str.to_lowercase())
    yield KeyCheck("measure_code", parts, "one row for this total")


@CATALOGUE.rule(
    "P115",
    "turnover-not-sum",
    scope="table",
    severity="warning",
    tables=("trade_totals",),
    summary="A reporter's turnover is not the sum of the exports in the two directions.",
    explanation="Turnover is exports plus imports. Where one reporter gives all three for one period, scope and "
    "valuation they must add up, one unit in the last digit of each figure apart, for figures are rounded or cut. "
    "Figures that are only a bound are not compared.",
    fix="Correct the figure that is wrong; if the reporter's own figures do not add up, say so in the note.",
)
def turnover_is_the_sum(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Turnovers that differ from the sum of the two flows."""
    yield from _unlike_flows(frame, "turnover", sign=1, words="the sum of")


@CATALOGUE.rule(
    "P116",
    "balance-not-difference",
    scope="table",
    severity="warning",
    tables=("trade_totals",),
    summary="A reporter's balance is not the difference between the exports in the two directions.",
    explanation="The balance is what country A sells to country B less what it buys there; a slip of the sign turns a "
    "surplus into a deficit. Tolerance and what is compared are those of P115.",
    fix="Correct the figure or its sign; if the reporter's own figures do not agree, say so in the note.",
)
def balance_is_the_difference(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Balances that differ from the flow from A to B less the flow from B to A."""
    yield from _unlike_flows(frame, "balance", sign=-1, words="the difference between")


def _unlike_flows(frame: pl.DataFrame, measure: str, sign: int, words: str) -> Iterator[Fault]:
    """Rows of a measure that differ from the flow from A to B plus `sign` times the flow from B to A."""
    import polars as pl

    figures = numbered(frame).filter(
        pl.col("bound_code").is_in(["exact", "approximate"]), pl.col("period").is_not_null()
    )

    def of(code: str, key: str, value: str) -> pl.DataFrame:
        rows = figures.filter(pl.col("measure_code") == code, pl.col("value_usd").is_not_null())
        named = rows.select(*STATEMENT, POSITION, pl.col("trade_total_id").alias(key), pl.col("value_usd").alias(value))
        return named.unique(STATEMENT, keep="none", maintain_order=True)  # repeated totals are P114's

    there = of("exports_a_to_b", "there_id", "there").drop(POSITION)
    back = of("exports_b_to_a", "back_id", "back").drop(POSITION)
    joined = of(measure, "id", "value").join(there, on=STATEMENT, nulls_equal=True, maintain_order="left")
    joined = joined.join(back, on=STATEMENT, nulls_equal=True, maintain_order="left")
    for row in joined.iter_rows(named=True):
        wanted = row["there"] + sign * row["back"]
        tolerance = sum(last_digit(row[name]) for name in ("value", "there", "back"))
        if abs(row["value"] - wanted) > tolerance:
            expected = f"about {wanted:.15g}, {words} {row['there_id']} and {row['back_id']}"
            yield Fault("trade_totals", row[POSITION], "value_usd", expected)


def last_digit(value: float) -> float:
    """One unit in the last digit of a figure that is not zero: 100 million for 2.6 billion."""
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return 10.0**exponent if value and isinstance(exponent, int) else 0.0


@CATALOGUE.rule(
    "P117",
    "rank-twice",
    scope="table",
    tables=("trade_rankings",),
    summary="One list of one reporter has two countries at one rank, or one country at two ranks.",
    explanation="A list of partners by one measure in one period has every rank once; otherwise two lists were taken "
    "for one, or a rank is a slip.",
    fix="Correct `rank`, or tell the lists apart by `ranked_group`, `measure_code`, `period` or `product_name`.",
)
def ranks_once(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Later rows that repeat a rank or a country of their list."""
    import polars as pl

    words = [pl.col(field).str.to_lowercase() for field in ("ranked_group", "product_name", "reporter")]
    dated = numbered(frame).filter(pl.col("period").is_not_null() & pl.col("reporter").is_not_null())
    lists = dated.select(*RANKING, "country_code", "rank").with_columns(words)
    positions, ids = dated[POSITION], dated["trade_ranking_id"]
    same_rank = dict(repeats(lists, [*RANKING, "rank"]))
    for later, first in same_rank.items():
        yield Fault("trade_rankings", positions[later], "rank", f"a rank that {ids[first]} does not have")
    for later, first in repeats(lists, [*RANKING, "country_code"]):
        if later not in same_rank:
            expected = f"one rank in this list (first: {ids[first]})"
            yield Fault("trade_rankings", positions[later], "country_code", expected)


@CATALOGUE.rule(
    "P118",
    "ranked-among-itself",
    scope="row",
    tables=("trade_rankings",),
    summary="A country is ranked among its own partners.",
    explanation="`country_code` is the partner that has the rank, `partner_of_code` the country whose partners are "
    "listed.",
    fix="Correct `country_code` or `partner_of_code`.",
)
def ranked_is_a_partner(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The ranked country is another than the one whose partner it is."""
    yield other_country("partner_of_code", than="country_code")
