"""From a batch as it was read to the typed frame that constraints and rules are judged on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bilatdata.contract import cells
from bilatdata.contract.rules.structure import CELL_TYPE, EDTF
from bilatdata.contract.table_schema import Field, TableSchema

if TYPE_CHECKING:
    import polars as pl


class BadCell(NamedTuple):
    """A cell that cannot be read; the row counts from the beginning of the batch."""

    code: str
    row: int
    field: str


@dataclass(frozen=True)
class TypedBatch:
    """Rows in the types of their schema."""

    frame: pl.DataFrame
    """Every field, null where a cell is empty, absent or unreadable; for EDTF fields `x.earliest`, `x.latest` too."""
    bad: list[BadCell]


@dataclass(frozen=True)
class Converted:
    """A column of a data frame in its field's type."""

    values: pl.Series
    """Null where a value cannot be read."""
    bad: pl.Series | None = None
    """True where a value could not be read."""
    mismatch: str | None = None
    """The physical type, where it is not one of those that hold such a field."""


def type_text(frame: pl.DataFrame, schema: TableSchema) -> TypedBatch:
    """Read the text cells of a CSV batch.

    Args:
        frame: String columns, null where a cell is empty, named by fields of the schema; fields may be absent.
        schema: the table.
    """
    present = [field for field in schema.fields if field.name in frame.columns]
    typed = frame.select(cells.reader(field) for field in present)
    bad: list[BadCell] = []
    for field in present:
        text, values = frame[field.name], typed[field.name]
        if values.null_count() > text.null_count():
            bad += _bad_cells(CELL_TYPE, field, values.is_null() & text.is_not_null())
    return _with_derived(typed, bad, schema)


def type_columns(frame: pl.DataFrame, schema: TableSchema) -> tuple[TypedBatch, dict[str, str]]:
    """Bring the columns of a Parquet batch or a data frame into the types of their fields.

    Returns:
        The typed batch, and the physical type of every column that has a wrong one.
    """
    present = [field for field in schema.fields if field.name in frame.columns]
    columns: list[pl.Series] = []
    bad: list[BadCell] = []
    mismatches: dict[str, str] = {}
    for field in present:
        converted = convert(frame[field.name], field)
        columns.append(converted.values.alias(field.name))
        if converted.bad is not None and converted.bad.any():
            bad += _bad_cells(CELL_TYPE, field, converted.bad)
        if converted.mismatch is not None:
            mismatches[field.name] = converted.mismatch
    return _with_derived(type(frame)(columns), bad, schema), mismatches


def convert(values: pl.Series, field: Field) -> Converted:
    """Bring a column into its field's type without changing what it says.

    Whole floats are integers (pandas makes floats of integers with gaps), a midnight is a day, categories are text, and
    text is read as the cells of a CSV file are. A number in place of text is a mismatch, and converted.
    """
    import polars as pl

    target, physical = cells.dtype(field), values.dtype
    if physical in (pl.Categorical, pl.Enum, pl.String):
        return _read_text(values.cast(pl.String), field)
    if values.null_count() == len(values):  # pandas makes floats of a column without values
        return Converted(_nulls(len(values), target))
    if isinstance(physical, pl.Decimal):
        values, physical = values.cast(pl.Float64), pl.Float64()
    if target == pl.String:
        return _to_text(values, field)
    if target == pl.Date and physical.is_temporal() and physical in (pl.Date, pl.Datetime):
        return _to_date(values)
    if target == pl.Boolean and physical == pl.Boolean:
        return Converted(values)
    if target.is_numeric() and physical.is_numeric():
        return _to_number(values, target)
    return Converted(_nulls(len(values), target), mismatch=str(physical))


def _read_text(text: pl.Series, field: Field) -> Converted:
    frame = text.to_frame(field.name)
    import polars as pl

    frame = frame.with_columns(pl.when(pl.col(field.name) != "").then(pl.col(field.name)).alias(field.name))
    read = frame.select(cells.reader(field))[field.name]
    return Converted(read, read.is_null() & frame[field.name].is_not_null())


def _to_text(values: pl.Series, field: Field) -> Converted:
    import polars as pl

    physical = values.dtype
    if physical == pl.Date:
        return Converted(values.dt.strftime("%Y-%m-%d"))
    if physical == pl.Datetime and field.type != "datetime":
        days = _to_date(values)
        return Converted(days.values.dt.strftime("%Y-%m-%d"), days.bad)
    if physical == pl.Datetime:
        return Converted(values.dt.strftime("%Y-%m-%dT%H:%M:%S"))
    if physical.is_float():
        whole = values.is_not_null() & values.is_finite() & (values == values.round())
        integers = values.set(~whole.fill_null(False), None).cast(pl.Int64, strict=False).cast(pl.String)
        return Converted(integers.zip_with(integers.is_not_null(), values.cast(pl.String)), mismatch=str(physical))
    if not (physical.is_numeric() or physical in (pl.Boolean, pl.Time)):
        return Converted(_nulls(len(values), pl.String()), mismatch=str(physical))
    return Converted(values.cast(pl.String), mismatch=str(physical))


def _to_date(values: pl.Series) -> Converted:
    import polars as pl

    days = values.cast(pl.Date)
    if values.dtype == pl.Date:
        return Converted(days)
    bad = (values.dt.time() != pl.Series([0], dtype=pl.Int64).cast(pl.Time)[0]).fill_null(False)
    return Converted(days.set(bad, None), bad)


def _to_number(values: pl.Series, target: pl.DataType) -> Converted:
    import polars as pl

    if target == pl.Float64:
        numbers = values.cast(pl.Float64)
        bad = (~numbers.is_finite()).fill_null(False)
        return Converted(numbers.set(bad, None), bad)
    if values.dtype.is_float():
        bad = (~(values.is_finite() & (values == values.round()))).fill_null(False)
        values = values.set(bad, None)
    numbers = values.cast(pl.Int64, strict=False)
    beyond = numbers.is_null() & values.is_not_null()
    return Converted(numbers, beyond if not values.dtype.is_float() else beyond | bad)


def _with_derived(typed: pl.DataFrame, bad: list[BadCell], schema: TableSchema) -> TypedBatch:
    """Add the bounds of EDTF fields, and the absent fields: what they derive from if a bound, otherwise null."""
    import polars as pl

    columns = {series.name: series for series in typed.get_columns()}
    for field in schema.edtf_fields:
        if field.name in columns:
            bad += _read_dates(columns, field)
        else:
            for bound in ("earliest", "latest"):
                columns[f"{field.name}.{bound}"] = _nulls(typed.height, pl.Date())
    for field in schema.fields:
        if field.name not in columns:
            derived = field.derived or {}
            source = columns.get(f"{derived.get('from')}.{derived.get('bound')}")
            empty = _nulls(typed.height, cells.dtype(field))
            columns[field.name] = empty if source is None else source
    ordered = [field.name for field in schema.fields]
    ordered += [name for name in columns if name not in schema.by_name]
    # columns in chunks of different sizes would be aligned anew by every query
    return TypedBatch(type(typed)([columns[name].alias(name) for name in ordered]).rechunk(), bad)


def _read_dates(columns: dict[str, pl.Series], field: Field) -> list[BadCell]:
    """Read an EDTF column into its bounds; cells that are no dates become null."""
    import polars as pl

    values = columns[field.name]
    table = cells.edtf_bounds(values)
    bad: list[BadCell] = []
    if not table["ok"].all():
        wrong = values.is_in(table.filter(~pl.col("ok"))["value"].implode()).fill_null(False)
        bad = _bad_cells(EDTF, field, wrong)
        columns[field.name] = values.set(wrong, None)
    bounds = values.to_frame("value").join(table, on="value", how="left", maintain_order="left")
    for bound in ("earliest", "latest"):
        columns[f"{field.name}.{bound}"] = bounds[bound]
    return bad


def _nulls(count: int, dtype: pl.DataType) -> pl.Series:
    import polars as pl

    return pl.Series(dtype=dtype).clear(count)


def _bad_cells(code: str, field: Field, mask: pl.Series) -> list[BadCell]:
    return [BadCell(code, row, field.name) for row in mask.arg_true().to_list()]
