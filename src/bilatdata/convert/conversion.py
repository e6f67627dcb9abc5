"""From bulk files to `trade_products`, batch by batch: flows are selected and mapped, nothing is lost in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bilatdata.convert.codes import Pair, code_lists, numeric_codes
from bilatdata.convert.layouts import Layout, layout_of
from bilatdata.convert.tables import Output, batches, product_names
from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.package import DataPackage, did_you_mean, installed

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["comtrade", "baci"]
KINDS: tuple[Kind, ...] = ("comtrade", "baci")
DEFAULT_PAIR = "RUS-LATAM"
FIRST_NUMBER = 1_000_001
"""Ids of converted rows begin here, far from those of the record."""
HS_CODE = r"\A(?:[0-9]{2}){1,3}\z"
HS_LABEL = ("hs_code", "hs_edition", "label")
PERIOD = r"\A([12][0-9]{3})(0[1-9]|1[0-2])?\z"


@dataclass
class Conversion:
    """What became of the rows of some files."""

    files: tuple[Path, ...] = ()
    """The Parquet files: `trade_products` one a year, and the HS codes that the record lacks. A `datapackage.json`
    beside them makes them a package."""
    left_out_files: tuple[Path, ...] = ()
    """The rows that could not be mapped, as they stand in their files, each with the reason."""
    read: int = 0
    written: int = 0
    outside: int = 0
    """Rows about other states than those asked for."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Rows that could not be mapped, by reason."""
    without_quantity: Counter[str] = field(default_factory=Counter)
    """Rows whose quantity has a unit that the vocabulary lacks, by that unit: the net weight stands in its place, or
    nothing where there is none."""


def convert(
    kind: Kind,
    files: Sequence[str | Path],
    out: str | Path,
    *,
    pair: str = DEFAULT_PAIR,
    products: str | Path | None = None,
    package: DataPackage | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Conversion:
    """Convert bulk trade files into `trade_products`-shaped Parquet files, one a year.

    Args:
        kind: `comtrade` (UN Comtrade bulk files, since 2022 or before) or `baci` (CEPII BACI).
        files: CSV or tab-separated files in one of the documented layouts, compressed with gzip or not.
        out: folder to make; must not exist, or be empty.
        pair: flows to select, in both directions: `RUS-LATAM`, `RUS-BOL`, `RUS-ALL`.
        products: CSV file with the columns `code` and `description`, for the names of products (BACI comes with one).
        package: whose countries, HS codes and schemas count; the installed one if not given.
        progress: called with the bytes read so far and those of all files.

    Returns:
        What was written, and what was left out and why.

    Raises:
        BilatdataError: a file cannot be read or has another layout, `out` cannot be written, or the extra `validate` is
            missing; nothing is written then.
    """
    if kind not in KINDS:
        raise BilatdataError(f"no layout '{kind}'{did_you_mean(kind, list(KINDS))}: expected one of {', '.join(KINDS)}")
    if not files:
        raise BilatdataError("nothing to convert: expected at least one file")
    try:
        import polars  # noqa: F401
    except ImportError as error:
        raise missing_extra("validate", "converting") from error
    data = package or installed()
    mapping = Mapping.of(data, pair, None if products is None else Path(products))
    result = Conversion()
    with Output(Path(out), data, f"trade-products-{kind}") as output:
        for file, batch in batches([Path(file) for file in files], progress):
            layout = layout_of(kind, batch.columns, file)
            _convert_batch(layout, file, batch, mapping, output, result)
    result.files, result.left_out_files = tuple(output.files), tuple(output.left_out_files)
    return result


@dataclass(frozen=True)
class Mapping:
    """What codes and names are mapped by."""

    countries: dict[str, str]
    """Alpha-3 codes by numeric codes."""
    country_names: dict[str, str]
    pair: Pair
    products: dict[str, str]
    """Names of products by HS code, from the file that was given."""
    labels: dict[str, str]
    """Labels of the HS codes of the record, by code and edition as in `310420/2017`."""

    @classmethod
    def of(cls, data: DataPackage, pair: str, products: Path | None) -> Mapping:
        """The mapping to the codes of a data package."""
        import polars as pl

        rows = pl.read_csv(data.data_path("countries", "csv"), infer_schema=False)
        m49 = dict(rows.select("country_code", "m49_code").iter_rows())
        names = dict(rows.select("country_code", "name_en").iter_rows())
        hs_products = pl.read_csv(data.data_path("hs_products", "csv"), infer_schema=False)
        labels = {f"{code}/{edition}": label for code, edition, label in hs_products.select(HS_LABEL).iter_rows()}
        given = {} if products is None else product_names(products)
        return cls(numeric_codes(m49), names, Pair.read(pair, m49), given, labels)


def _convert_batch(
    layout: Layout, file: Path, batch: pl.DataFrame, mapping: Mapping, output: Output, result: Conversion
) -> None:
    """Select and map the rows of a batch; write them, and those that cannot be mapped."""
    import polars as pl

    neutral = batch.select(**layout.neutral(batch.columns, file))
    mapped = neutral.with_columns(**_in_our_codes(mapping))
    selected = mapped.select(_is_meant(mapping.pair)).to_series()
    reasons = mapped.select(_reason()).to_series()
    wrong = selected & reasons.is_not_null()
    result.read += batch.height
    result.outside += int((~selected).sum())
    result.left_out.update(reasons.filter(wrong).to_list())
    if wrong.any():
        output.leave_out(file, pl.DataFrame([reasons]).hstack(batch.get_columns()).filter(wrong))
    right = mapped.filter(selected & ~wrong)
    result.without_quantity.update(right.filter(_has_lost_its_unit())["unit"].to_list())
    output.write(right.select(**_flow(mapping, layout.publisher, FIRST_NUMBER + result.written)))
    result.written += right.height


def _in_our_codes(mapping: Mapping) -> dict[str, pl.Expr]:
    """The neutral columns in our codes and types, null where they cannot be mapped."""
    import polars as pl

    lists = code_lists()
    return {
        "exporter_code": _state("exporter", mapping.countries),
        "importer_code": _state("importer", mapping.countries),
        "our_period": pl.when(pl.col("period").str.contains(PERIOD)).then(_edtf("period")),
        "our_hs_code": pl.when(pl.col("hs_code").str.contains(HS_CODE)).then("hs_code"),
        "our_edition": pl.col("edition").replace_strict(lists["editions"], default=None),
        "our_value": _amount("value_usd", more_than=-1),
        "our_quantity": _amount("quantity", more_than=0),  # nothing, and -1, are how an unknown quantity is written
        "our_weight": _amount("weight_kg", more_than=0),
        "our_unit": pl.col("unit").replace_strict({**lists["units"], "t": "t"}, default=None),
    }


def _edtf(period: str) -> pl.Expr:
    """`202301` as `2023-01`; a year as it is."""
    import polars as pl

    return pl.col(period).str.replace(r"\A(.{4})(..)\z", "$1-$2")


def _state(side: str, countries: dict[str, str]) -> pl.Expr:
    return _numeric(side).replace_strict(countries, default=None)


def _numeric(side: str) -> pl.Expr:
    """A numeric code without leading zeros; the World's is 0."""
    import polars as pl

    return pl.col(side).str.strip_chars().str.replace(r"^0+([0-9])", "$1")


def _amount(name: str, more_than: float) -> pl.Expr:
    import polars as pl

    amount = pl.col(name).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(amount.is_finite() & (amount > more_than) & (amount >= 0)).then(amount)


def _is_meant(pair: Pair) -> pl.Expr:
    """Whether the row is a flow of the pair, or might be: of a side that is no state of ours the other one decides."""
    import polars as pl

    sets = (pair.left, pair.right, pair.left | pair.right)
    left, right, either = (pl.Series(sorted(states)).implode() for states in sets)
    exporter, importer = pl.col("exporter_code"), pl.col("importer_code")
    selected = (exporter.is_in(left) & importer.is_in(right)) | (exporter.is_in(right) & importer.is_in(left))
    known = pl.coalesce(exporter, importer)
    both = exporter.is_not_null() & importer.is_not_null()
    return pl.when(both).then(selected).otherwise(known.is_in(either)).fill_null(True).alias("selected")


def _reason() -> pl.Expr:
    """Why a row cannot be mapped; null where it can."""
    import polars as pl

    aggregates = pl.Series(code_lists()["aggregates"]["codes"]).implode()
    is_sum = _numeric("exporter").is_in(aggregates) | _numeric("importer").is_in(aggregates)
    obstacles: list[tuple[pl.Expr, pl.Expr]] = [(pl.col("flow").is_not_null(), pl.format("flow: {}", "flow"))]
    obstacles.append((is_sum, pl.lit("partner that is no state")))
    for name, ours, words in (
        ("exporter", "exporter_code", "country code"),
        ("importer", "importer_code", "country code"),
        ("period", "our_period", "period"),
        ("hs_code", "our_hs_code", "commodity code"),
        ("edition", "our_edition", "classification"),
        ("value_usd", "our_value", "value"),
    ):
        obstacles.append((pl.col(ours).is_null(), pl.format(words + ": {}", pl.col(name).fill_null("none"))))
    return pl.coalesce(pl.when(stands).then(told) for stands, told in obstacles).alias("reason")


def _has_lost_its_unit() -> pl.Expr:
    import polars as pl

    return pl.col("our_quantity").is_not_null() & pl.col("our_unit").is_null()


def _flow(mapping: Mapping, publisher: str, first_number: int) -> dict[str, pl.Expr]:
    """The columns of `trade_products`, by name."""
    import polars as pl

    code, period = pl.col("our_hs_code"), pl.col("our_period")
    by_quantity = pl.col("our_quantity").is_not_null() & pl.col("our_unit").is_not_null()
    by_weight = ~by_quantity & pl.col("our_weight").is_not_null()
    named = pl.coalesce(
        code.replace_strict(mapping.products, default=None, return_dtype=pl.String),
        pl.col("product").str.replace_all(r"\s+", " ").str.strip_chars(),
        pl.format("{}/{}", code, "our_edition").replace_strict(mapping.labels, default=None, return_dtype=pl.String),
        pl.format("HS {}", code),
    )
    reporter = _state("reporter", mapping.countries).replace_strict(mapping.country_names, default=None)
    number = pl.int_range(first_number, first_number + pl.len())
    return {
        "trade_product_id": pl.format("TRP-{}", number),
        "exporter_code": pl.col("exporter_code"),
        "importer_code": pl.col("importer_code"),
        "period": period,
        "period_earliest": _first_day(period),
        "period_latest": _last_day(period),
        "product_name": named,
        "hs_code": code,
        "hs_edition": pl.col("our_edition"),
        "hs_basis_code": pl.lit("stated"),
        "value_usd": pl.col("our_value"),
        "quantity": pl.when(by_quantity).then("our_quantity").when(by_weight).then("our_weight"),
        "quantity_unit_code": pl.when(by_quantity).then("our_unit").when(by_weight).then(pl.lit("kg")),
        "basis_code": pl.lit("quantified"),
        "valuation_code": pl.col("valuation"),
        "bound_code": pl.lit("exact"),
        "reporter": pl.coalesce(pl.format(publisher + " (reporter {})", reporter), pl.lit(publisher)),
        # a national customs office reports to UN Comtrade; BACI reconciles what two of them report
        "confidence_code": pl.lit("medium" if publisher == "CEPII BACI" else "high"),
    }


def _first_day(period: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.format("{}-01-01", period).str.head(10).str.to_date("%Y-%m-%d")


def _last_day(period: pl.Expr) -> pl.Expr:
    import polars as pl

    last_month = pl.when(period.str.len_chars() == 4).then(pl.format("{}-12", period)).otherwise(period)
    return _first_day(last_month).dt.month_end()
