"""The pandera schema for pandas frames: passes what is loaded or read right, and finds what the engine would find."""

from datetime import date

import pandas as pd
import pandera.pandas as pa
import polars as pl
import pytest

import bilatdata as bd
from bilatdata.contract.pandera_pandas import pandas_schema
from bilatdata.contract.rule import Catalogue, Context, RowCheck
from bilatdata.contract.table_schema import EDTF_TYPE, Field, TableSchema

CONTEXT = Context(date(2026, 1, 1), {}, {})
FIELDS = (
    Field("k", "string", pattern="K[0-9]"),
    Field("d", "string", rdf_type=EDTF_TYPE),
    Field("level", "string", enum=("low", "high"), ordered=True),
    Field("count", "integer", minimum=1),
    Field("share", "number", maximum=100),
    Field("sure", "boolean", required=True),
    Field("day", "date"),
)
SCHEMA = TableSchema("t", "T", "", FIELDS, ("k",))


def rules():
    catalogue = Catalogue()
    check = RowCheck("share", pl.col("share") <= pl.col("count") * 10, "at most ten times the count")
    texts = {"summary": "", "explanation": "", "fix": ""}
    catalogue.rule("X999", "test", scope="row", **texts)(lambda schema, context: [check])
    return list(catalogue)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "k": ["K1", "K2", "K3"],
            "d": ["2024-02", None, "2024/2025"],
            "level": pd.Categorical(["low", None, "high"], ["low", "high"], ordered=True),
            "count": pd.array([1, None, 3], "Int64"),
            "share": [10.0, None, 0.5],
            "sure": [True, False, True],
            "day": pd.to_datetime(["2024-02-29", None, "2000-01-01"]),
            "own": [1, 2, 3],
        },
        index=[10, 20, 20],
    )


def failures(data: pd.DataFrame) -> list[tuple[str, object]]:
    try:
        pandas_schema(SCHEMA, rules(), CONTEXT).validate(data, lazy=True)
    except pa.errors.SchemaErrors as error:
        found = error.failure_cases
        return sorted(zip(found["check"].str.split().str[0], found["index"].fillna(-1), strict=True))
    return []


def test_what_is_right_passes_in_any_fitting_dtype():
    data = frame()
    assert failures(data) == []
    plain = data.astype({"k": object, "level": object, "count": float})
    plain["day"] = pd.Series([date(2024, 2, 29), None, date(2000, 1, 1)], index=data.index, dtype=object)
    assert failures(plain) == []


def changed(column: str, values: list[object]) -> pd.DataFrame:
    data = frame()
    data[column] = pd.Series(values, index=data.index, dtype=object)
    return data


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("k", ["K1", "K1\n", "K3"], [("T103", 20)]),
        ("k", ["K1", "K2", "K1"], [("multiple_fields_uniqueness", 10), ("multiple_fields_uniqueness", 20)]),
        ("d", ["2024-13", None, "2024"], [("D101", 10)]),
        ("level", ["low", "LOW", None], [("T104", 20)]),
        ("sure", [True, None, False], [("not_nullable", 20)]),
        ("k", [1, 2, 3], [("T106", -1), ("T103", 10), ("T103", 20), ("T103", 20)]),
        ("day", ["2024-02-29", None, None], [("T106", -1)]),
    ],
)
def test_what_is_wrong_is_found_at_its_row(column, values, expected):
    found = failures(changed(column, values))
    assert sorted(set(found)) == sorted(set(expected))


def test_numbers_and_rules_on_rows():
    data = frame()
    data["count"] = pd.array([0, None, 3], "Int64")
    assert failures(data) == [("T105", 10), ("X999", 10)]
    data = frame()
    data.loc[10, "share"] = 101.0
    assert failures(data) == [("T105", 10), ("X999", 10)]


def test_a_rule_whose_own_cell_is_empty_is_told_at_the_key():
    catalogue = Catalogue()
    texts = {"summary": "", "explanation": "", "fix": ""}
    check = RowCheck("share", pl.col("share").is_not_null() | pl.col("count").is_null(), "a share beside a count")
    catalogue.rule("X998", "test", scope="row", **texts)(lambda schema, context: [check])
    data = frame()
    data["share"] = None
    with pytest.raises(pa.errors.SchemaErrors) as error:
        pandas_schema(SCHEMA, list(catalogue), CONTEXT).validate(data, lazy=True)
    found = error.value.failure_cases
    assert found["index"].tolist() == [10, 20]
    assert found["check"].str.startswith("X998").all()


@pytest.mark.parametrize("table", bd.tables())
def test_the_package_itself_passes(table):
    data = bd.load(table)
    assert len(bd.schema(table, as_="pandera").validate(data, lazy=True)) == len(data)
