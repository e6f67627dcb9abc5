"""Strict readers of text cells, following Table Schema v2 (https://datapackage.org/standard/table-schema/).

A reader turns a String column into a typed one; what cannot be read becomes null. Two deviations from the standard,
both on the strict side: `NaN`, `INF` and `-INF` are no numbers (nothing in the record is one), and numbers beyond 64
bits are refused because every reader of the Parquet files would round them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bilatdata import dates
from bilatdata.contract.table_schema import Field

if TYPE_CHECKING:
    import polars as pl

_EXPECTED = {
    "string": "text",
    "any": "text",
    "integer": "a whole number such as 1200",
    "number": "a number such as 1200.5",
    "boolean": "true or false",
    "date": "a day that exists, YYYY-MM-DD",
    "datetime": "a date and time that exist, YYYY-MM-DDThh:mm:ss",
    "time": "a time, hh:mm:ss",
    "year": "a year, YYYY",
    "yearmonth": "a month, YYYY-MM",
}
TRUE = ("true", "True", "TRUE", "1")
FALSE = ("false", "False", "FALSE", "0")
_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_DATETIME = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?\z"
_TIME = r"\A(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\z"
# XML Schema 1.0: a sign, more than four digits where needed, and no year zero
_YEAR_DIGITS = r"-?(?:[1-9][0-9]{3,}|0[0-9]{2}[1-9]|0[0-9][1-9]0|0[1-9]00)"
_YEAR = rf"\A{_YEAR_DIGITS}\z"
_YEARMONTH = rf"\A{_YEAR_DIGITS}-(?:0[1-9]|1[0-2])\z"


def is_readable(type: str) -> bool:
    """Whether there is a reader for fields of this Table Schema type."""
    return type in _EXPECTED


def expected(field: Field) -> str:
    """What a cell of the field must look like, in words."""
    return dates.PROFILE_TEXT if field.is_edtf else _EXPECTED[field.type]


def dtype(field: Field) -> pl.DataType:
    """The polars type of a field in typed frames."""
    import polars as pl

    types: dict[str, pl.DataType] = {
        "integer": pl.Int64(),
        "year": pl.Int64(),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
    }
    return types.get(field.type, pl.String())


def reader(field: Field) -> pl.Expr:
    """The expression that reads a field's String column into its type; null where a cell is empty or cannot be read.

    Types without a column type of their own in typed frames (`datetime`, `time`, `yearmonth`) stay text, checked.

    Raises:
        ValueError: the field has a type that tables of this package do not use (`object`, `array`, `geojson` …).
    """
    import polars as pl

    text = pl.col(field.name)
    if field.type in ("string", "any"):
        return text
    if field.type == "integer":
        return text.cast(pl.Int64, strict=False)
    if field.type == "number":
        return _finite(text.cast(pl.Float64, strict=False)).alias(field.name)
    if field.type == "boolean":
        return (
            pl.when(text.is_in(TRUE)).then(pl.lit(True)).when(text.is_in(FALSE)).then(pl.lit(False)).alias(field.name)
        )
    if field.type == "date":
        return _existing(_matching(text, _DATE).str.to_date("%Y-%m-%d", strict=False, cache=False)).alias(field.name)
    if field.type == "datetime":
        day = _existing(text.str.head(10).str.to_date("%Y-%m-%d", strict=False, cache=False))
        in_range = text.str.slice(11, 8).str.contains(_TIME)
        return pl.when(text.str.contains(_DATETIME) & day.is_not_null() & in_range).then(text).alias(field.name)
    if field.type == "time":
        return _matching(text, _TIME).alias(field.name)
    if field.type == "year":
        return _matching(text, _YEAR).cast(pl.Int64, strict=False).alias(field.name)
    if field.type == "yearmonth":
        return _matching(text, _YEARMONTH).alias(field.name)
    raise ValueError(f"field '{field.name}' has type '{field.type}', which no table of this package uses")


def edtf_bounds(values: pl.Series) -> pl.DataFrame:
    """Read EDTF dates: the distinct values with their bounds.

    Returns:
        Columns `value` (String), `earliest` and `latest` (Date, null where open) and `ok` (Boolean): one row per
        distinct value that is not null.
    """
    import polars as pl

    distinct = values.drop_nulls().unique().to_list()
    rows = []
    for value in distinct:
        try:
            rows.append((value, *dates.bounds(value), True))
        except ValueError:
            rows.append((value, None, None, False))
    schema = {"value": pl.String, "earliest": pl.Date, "latest": pl.Date, "ok": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _matching(text: pl.Expr, pattern: str) -> pl.Expr:
    import polars as pl

    return pl.when(text.str.contains(pattern)).then(text)


def _finite(number: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.when(number.is_finite()).then(number)


def _existing(day: pl.Expr) -> pl.Expr:
    """Null for the year 0000, which neither Python nor the proleptic calendar of ISO 8601 readers agree on."""
    import polars as pl

    return pl.when(day.dt.year() > 0).then(day)
