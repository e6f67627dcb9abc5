"""The pandera schema of a table for pandas frames: the claims of `pandera_schema`, judged by polars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from bilatdata.contract import cells
from bilatdata.contract.pandera_schema import Claim, is_required, standalone_claims, words
from bilatdata.contract.rule import Context, Rule
from bilatdata.contract.rules.structure import COLUMN_TYPE
from bilatdata.contract.table_schema import Field, TableSchema

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pandera.pandas as pa
    import polars as pl


def pandas_schema(schema: TableSchema, rules: Iterable[Rule], context: Context) -> pa.DataFrameSchema:
    """A pandera schema for a frame as `load(table)` gives it, usable without this package's engine.

    Columns need not have the very dtypes that `load` gives, but must hold what they hold: text that is text, whole
    numbers (floats where cells are empty), days. Frames with columns of one's own pass.
    """
    import pandera.pandas as pa

    claims = standalone_claims(schema, rules, context)
    columns = {
        field.name: pa.Column(
            None,
            checks=[
                _type_check(field),
                *(_column_check(name, claim, field) for name, claim in claims.items() if _is_of(claim, field)),
            ],
            nullable=not is_required(schema, field),
        )
        for field in schema.fields
    }
    checks = [
        _row_check(name, claim, schema)
        for name, claim in claims.items()
        if not _is_of(claim, schema.by_name[claim.field])
    ]
    return pa.DataFrameSchema(columns, checks=checks, name=schema.name, unique=list(schema.primary_key) or None)


def _is_of(claim: Claim, field: Field) -> bool:
    """Whether the claim looks at this field alone."""
    return claim.field == field.name and claim.columns == {field.name}


def _type_check(field: Field) -> pa.Check:
    import pandera.pandas as pa

    holds = _TYPES.get(field.type, _is_text)
    return pa.Check(
        holds,
        name=f"{COLUMN_TYPE}:{field.name}",
        title=COLUMN_TYPE,
        error=f"{COLUMN_TYPE} a column of {cells.expected(field)}",
    )


def _column_check(name: str, claim: Claim, field: Field) -> pa.Check:
    import pandas as pd
    import pandera.pandas as pa

    def evaluate(values: pd.Series[Any]) -> pd.Series[bool]:
        return pd.Series(_judge(claim, {field.name: values}, [field]), index=values.index)

    return pa.Check(evaluate, name=name, title=claim.code, error=words(claim))


def _row_check(name: str, claim: Claim, schema: TableSchema) -> pa.Check:
    """A check of whole rows; a failure is told of one cell: the claim's, or the key's where that is empty."""
    import pandas as pd
    import pandera.pandas as pa

    fields = [schema.by_name[column] for column in sorted(claim.columns)]

    def evaluate(frame: pd.DataFrame) -> pd.DataFrame:
        ok = _judge(claim, {field.name: frame[field.name] for field in fields}, fields)
        right = pd.DataFrame(True, index=frame.index, columns=frame.columns)
        told = frame[claim.field].notna().to_numpy()
        right[claim.field] = ok | ~told
        key = schema.primary_key[0] if schema.primary_key else claim.field
        right[key] = right[key].to_numpy() & (ok | told)
        return right

    return pa.Check(evaluate, name=name, title=claim.code, error=words(claim), ignore_na=False)


def _judge(claim: Claim, columns: Mapping[str, pd.Series[Any]], fields: Iterable[Field]) -> npt.NDArray[np.bool_]:
    """Which rows keep the claim; where there is nothing to judge they do."""
    import polars as pl

    frame = pl.DataFrame([_typed(columns[field.name], field) for field in fields])
    return frame.select(claim.ok.alias("ok"))["ok"].fill_null(True).to_numpy()


def _typed(values: pd.Series[Any], field: Field) -> pl.Series:
    """A column in its field's type; what is of another type becomes null, and the check of types tells it."""
    import polars as pl

    column = pl.Series(field.name, pl.from_pandas(values.reset_index(drop=True)))
    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    return column.cast(cells.dtype(field), strict=False)


def _is_text(values: pd.Series[Any]) -> bool:
    return _all_are(values, str)


def _is_whole(values: pd.Series[Any]) -> bool:
    import pandas as pd

    if pd.api.types.is_float_dtype(values.dtype):  # what pandas makes of whole numbers with gaps
        return bool((values.dropna() % 1 == 0).all())
    return pd.api.types.is_integer_dtype(values.dtype) or not len(values.dropna())


def _is_number(values: pd.Series[Any]) -> bool:
    import pandas as pd

    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    return numeric or not len(values.dropna())


def _is_boolean(values: pd.Series[Any]) -> bool:
    import pandas as pd

    return pd.api.types.is_bool_dtype(values.dtype) or _all_are(values, bool)


def _is_day(values: pd.Series[Any]) -> bool:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days = values.dropna()
        return bool((days == days.dt.normalize()).all())
    return _all_are(values, date)


def _all_are(values: pd.Series[Any], kind: type) -> bool:
    return all(isinstance(value, kind) for value in values.dropna())


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "integer": _is_whole,
    "year": _is_whole,
    "number": _is_number,
    "boolean": _is_boolean,
    "date": _is_day,
}
