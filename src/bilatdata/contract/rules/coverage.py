"""Rules about coverage: which countries a table covers, and for what time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from bilatdata.contract.rule import CATALOGUE, Context, Fault, RowCheck
from bilatdata.contract.rules._expressions import among
from bilatdata.contract.rules._rows import POSITION, numbered, with_ours
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    import polars as pl


class Covered(NamedTuple):
    """Where a table says which countries its rows are about, and when."""

    countries: tuple[str, ...]
    date: str | None = None


COVERED = {
    "agreements": Covered(("country_a_code", "country_b_code"), "signed_date"),
    "asset_exits": Covered(("asset_country_code",)),
    "concessions": Covered(("host_country_code", "investor_country_code")),
    "cooperation_areas": Covered(("country_a_code", "country_b_code"), "date"),
    "country_facts": Covered(("country_code",)),
    "meetings": Covered(("country_a_code", "country_b_code"), "date"),
    "trade_products": Covered(("exporter_code", "importer_code"), "period"),
    "trade_rankings": Covered(("country_code", "partner_of_code"), "period"),
    "trade_totals": Covered(("country_a_code", "country_b_code"), "period"),
}
"""Tables that `coverage` may speak of; the others are read through one of these."""
HOME = "RUS"
"""The side that all tables have in common; `coverage` is of the countries on the other side."""


@CATALOGUE.rule(
    "F108",
    "coverage-of-no-table",
    scope="row",
    tables=("coverage",),
    summary="The table does not exist, or its rows are not about countries.",
    explanation="Coverage is shown beside the table that it names; under any other name nobody sees it. Participants, "
    "holders and events are covered as their meetings and concessions are.",
    fix="Name a table whose rows are about countries.",
)
def covered_table_exists(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The table is one that coverage may speak of."""
    yield RowCheck("table_name", among("table_name", *COVERED), f"one of {', '.join(COVERED)}")


@CATALOGUE.rule(
    "F109",
    "none-but-rows",
    scope="package",
    tables=("coverage",),
    all_tables=True,
    summary="The table is said to hold nothing of the country and has rows of it.",
    explanation="`none` tells readers that nobody looked; the rows show that somebody did.",
    fix="Set `completeness_code` to what the search covered, and `period` and `absence_meaning` with it.",
)
def nothing_means_no_rows(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Coverage `none` of a table and country that has rows at hand."""
    counts: dict[tuple[str, str], int] = {}
    for name in COVERED.keys() & tables.keys():
        sides = _sides(name, tables)
        if name == "asset_exits":
            sides = sides.vstack(_homes_of_companies(tables, context))
        rows = sides.unique()["country_code"].value_counts()
        counts |= {(name, country): number for country, number in rows.iter_rows()}
    cells = tables["coverage"].select("table_name", "country_code", "completeness_code").iter_rows()
    for position, (table, country, completeness) in enumerate(cells):
        if completeness == "none" and (table, country) in counts:
            expected = f"another code, as {table} has {counts[table, country]} rows of {country}"
            yield Fault("coverage", position, "completeness_code", expected)


@CATALOGUE.rule(
    "F110",
    "country-not-covered",
    scope="package",
    tables=("coverage",),
    all_tables=True,
    summary="The table has rows of a country, and coverage does not speak of it.",
    explanation="Without a row in `coverage` nobody can tell whether a missing record means that there was nothing. "
    "One of a row's countries, Russia aside, must be covered; the first row of each that is not is shown. "
    "Tables that coverage does not mention at all are not judged.",
    fix="Add a row for the table and the country to `coverage`.",
)
def countries_are_covered(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """First rows of countries of which none is covered for the table."""
    import polars as pl

    coverage = with_ours("coverage", tables, context)
    for name in sorted(COVERED.keys() & set(coverage["table_name"]) & tables.keys()):
        covered = coverage.filter(pl.col("table_name") == name)["country_code"]
        sides = _sides(name, tables).filter(pl.col("country_code") != HOME)
        is_covered = pl.col("country_code").is_in(covered.implode())
        strangers = sides.filter(~is_covered.any().over(POSITION)).group_by(POSITION, maintain_order=True)
        told: set[str] = set()
        for position, countries in strangers.agg("country_code").iter_rows():
            missing = " or ".join(dict.fromkeys(countries))
            if missing not in told:
                told.add(missing)
                field = COVERED[name].countries[-1]
                yield Fault(name, position, field, f"coverage of {name} for {missing}")


@CATALOGUE.rule(
    "F111",
    "row-outside-coverage",
    scope="package",
    severity="warning",
    tables=("coverage",),
    all_tables=True,
    summary="The row lies outside the period that coverage gives for its table and country.",
    explanation="`period` says what was searched; a row outside it shows that more was, or that a date is wrong.",
    fix="Widen `period` in `coverage` if the search went that far, or correct the date.",
)
def rows_lie_within_coverage(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Rows whose date surely lies outside every period covered for one of their countries."""
    import polars as pl

    coverage = with_ours("coverage", tables, context).select(
        "table_name",
        "country_code",
        pl.col("period").alias("covered"),
        pl.col("period.earliest").alias("covered.earliest"),
        pl.col("period.latest").alias("covered.latest"),
    )
    for name in sorted(COVERED.keys() & tables.keys()):
        field = COVERED[name].date
        if field is None:
            continue
        periods = coverage.filter(pl.col("table_name") == name)
        dated = numbered(tables[name]).select(POSITION, f"{field}.earliest", f"{field}.latest")
        rows = _sides(name, tables).join(dated, on=POSITION, maintain_order="left")
        outside = (pl.col(f"{field}.latest") < pl.col("covered.earliest")) | (
            pl.col(f"{field}.earliest") > pl.col("covered.latest")
        )
        joined = rows.join(periods, on="country_code", maintain_order="left")
        wrong = joined.filter(outside.fill_null(False).all().over(POSITION)).unique(POSITION, maintain_order=True)
        for position, country, covered in wrong.select(POSITION, "country_code", "covered").iter_rows():
            yield Fault(name, position, field, f"a date within {covered}, which was searched for {country}")


def _sides(name: str, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The countries that the rows of a table name: `_position` and `country_code`, a row for each country."""
    import polars as pl

    frame = numbered(tables[name])
    columns = [frame.select(POSITION, pl.col(field).alias("country_code")) for field in COVERED[name].countries]
    return pl.concat(columns).drop_nulls().sort(POSITION, maintain_order=True)


def _homes_of_companies(tables: Mapping[str, pl.DataFrame], context: Context) -> pl.DataFrame:
    """As `_sides`, the countries of the companies of exits: an exit from Russia is about the country of the company."""
    import polars as pl

    exits = numbered(tables["asset_exits"])
    if "organisations" not in tables.keys() | context.package_tables.keys():
        return exits.select(POSITION, pl.col("asset_country_code").alias("country_code")).clear()
    known = with_ours("organisations", tables, context).select("organisation_id", "country_code")
    joined = exits.join(known.unique("organisation_id"), left_on="company_id", right_on="organisation_id")
    return joined.select(POSITION, "country_code").drop_nulls()
