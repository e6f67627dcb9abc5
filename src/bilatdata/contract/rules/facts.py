"""Rules about facts of countries and areas of cooperation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from bilatdata.contract.rule import CATALOGUE, Context, Fault, KeyCheck, RowCheck
from bilatdata.contract.rules._expressions import (
    NOTHING,
    among,
    can_precede,
    col,
    filled,
    implies,
    other_country,
    text,
)
from bilatdata.contract.rules._rows import POSITION, numbered
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    import polars as pl

COUNTED = ("rank", "documents", "companies", "places_per_year")
"""Units of which there are only whole ones."""
SUCCESSIVE = ("ambassador_to_russia", "russian_ambassador", "brics_status", "visa_regime")
"""Subjects of which a country has one at a time."""


@CATALOGUE.rule(
    "F101",
    "figure-incomplete",
    scope="row",
    tables=("country_facts",),
    summary="Number, unit and bound of a fact do not come together.",
    explanation="A number without its unit cannot be compared, one without its bound hides the source's hedge, and "
    "either of them without a number says nothing.",
    fix="Give `value_number`, `value_unit_code` and `bound_code` all three, or none.",
)
def figure_is_complete(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Unit and bound are there exactly when the number is."""
    import polars as pl

    for field in ("value_unit_code", "bound_code"):
        expected = (
            pl.when(filled("value_number"))
            .then(pl.lit("a code, as there is a value_number"))
            .otherwise(pl.lit(f"{NOTHING}, as there is no value_number"))
        )
        yield RowCheck(field, filled(field) == filled("value_number"), expected)


@CATALOGUE.rule(
    "F102",
    "fact-reversed",
    scope="row",
    tables=("country_facts",),
    summary="A fact ceases to hold before it begins to.",
    explanation="Readers ask what held on a day; a reversed span holds on none. Coarse dates fail only if no day that "
    "they allow would do.",
    fix="Correct `valid_from_date` or `valid_until_date`.",
)
def fact_begins_before_it_ends(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The beginning of a fact allows its end."""
    yield can_precede("valid_from_date", "valid_until_date")


@CATALOGUE.rule(
    "F103",
    "count-not-whole",
    scope="row",
    tables=("country_facts",),
    summary="A rank or a count is not a whole number, or is below what it can be.",
    explanation="Ranks begin at 1, and documents, companies and places are counted in whole ones from 0 on.",
    fix="Correct `value_number` or `value_unit_code`.",
)
def counts_are_whole(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Ranks are whole and at least 1, counts whole and at least 0."""
    number = col("value_number")
    ok = implies(among("value_unit_code", *COUNTED), (number == number.floor()) & (number >= 0))
    ok &= implies(among("value_unit_code", "rank"), number >= 1)
    yield RowCheck("value_number", ok, text("a whole number, as the unit is {}", "value_unit_code"))


@CATALOGUE.rule(
    "F104",
    "fact-twice",
    scope="key",
    severity="warning",
    tables=("country_facts",),
    summary="One fact of one country is given twice.",
    explanation="A fact that two sources give is one row with two pieces of evidence.",
    fix="Merge the rows and let the evidence of both point at the one that stays.",
)
def facts_once(schema: TableSchema, context: Context) -> Iterator[KeyCheck]:
    """Country, subject, value and beginning."""
    parts = (*map(col, ("country_code", "subject_code", "valid_from_date")), col("value").str.to_lowercase())
    yield KeyCheck("value", parts, "one row for this fact")


@CATALOGUE.rule(
    "F105",
    "status-not-ended",
    scope="table",
    severity="warning",
    tables=("country_facts",),
    summary="A country has two ambassadors, or two statuses of one kind, at one time.",
    explanation="One follows the other: where the first has no end, or ends after the second has begun, whoever asks "
    "what holds today is told both.",
    fix="Fill or correct `valid_until_date` of the earlier one, coarse if need be, or `valid_from_date` of the later.",
)
def statuses_follow_one_another(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Facts of successive subjects that surely still hold when the next of their country begins."""
    import polars as pl

    facts = numbered(frame).filter(pl.col("subject_code").is_in(SUCCESSIVE) & pl.col("valid_from_date").is_not_null())
    for _, group in facts.group_by("country_code", "subject_code", maintain_order=True):
        spans = sorted(_spans(group), key=lambda span: span.begun)
        for at, span in enumerate(spans):
            following = (other for other in spans[at + 1 :] if other.value != span.value and other.begun > span.begun)
            other = next((other for other in following if other.begun < min(span.ended, other.ended)), None)
            if other is not None:
                expected = f"a date up to {other.start}, when {other.value} follows ({other.key})"
                yield Fault("country_facts", span.position, "valid_until_date", expected)


class _Span(NamedTuple):
    """When a fact surely holds: from the last day on which it may begin to the first on which it may end."""

    position: int
    key: str
    value: str
    start: str
    begun: date
    ended: date


def _spans(facts: pl.DataFrame) -> Iterator[_Span]:
    """The spans of facts; one that may have ended at any time is over when it begins."""
    for row in facts.iter_rows(named=True):
        begun = row["valid_from_date.latest"] or date.max
        open_end = date.max if row["valid_until_date"] is None else date.min
        ended = row["valid_until_date.earliest"] or open_end
        yield _Span(row[POSITION], row["country_fact_id"], row["value"], row["valid_from_date"], begun, ended)


@CATALOGUE.rule(
    "F106",
    "cooperation-with-itself",
    scope="row",
    tables=("cooperation_areas",),
    summary="Both sides of the cooperation are the same country.",
    explanation="The table holds what two states do, or might do, together.",
    fix="Set `country_b_code` to the other side.",
)
def cooperating_countries_differ(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The two countries differ."""
    yield other_country("country_b_code", than="country_a_code")


@CATALOGUE.rule(
    "F107",
    "area-twice",
    scope="key",
    severity="warning",
    tables=("cooperation_areas",),
    summary="One statement about one field of cooperation is given twice.",
    explanation="What one person said once and two sources retell is one row with two pieces of evidence.",
    fix="Merge the rows and let the evidence of both point at the one that stays.",
)
def areas_once(schema: TableSchema, context: Context) -> Iterator[KeyCheck]:
    """Countries, topic, state, date and words."""
    same = ("country_a_code", "country_b_code", "topic_code", "state_code", "date")
    parts = (*map(col, same), col("description").str.to_lowercase())
    yield KeyCheck("description", parts, "one row for this statement")
