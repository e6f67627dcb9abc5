from datetime import date, datetime

import pandas as pd
import polars as pl
import pytest

from bilatdata.contract.table_schema import EDTF_TYPE, Field, TableSchema
from bilatdata.validation.columnar import to_polars
from bilatdata.validation.typed import convert, type_text

TEXT, INTEGER, NUMBER = Field("x", "string"), Field("x", "integer"), Field("x", "number")
BOOLEAN, DAY, EDTF = Field("x", "boolean"), Field("x", "date"), Field("x", "string", rdf_type=EDTF_TYPE)


@pytest.mark.parametrize(
    ("series", "field", "values", "bad", "mismatch"),
    [
        (pl.Series([None, None], dtype=pl.Float64), TEXT, [None, None], [], None),
        (pl.Series(["a", "", None]), TEXT, ["a", None, None], [], None),
        (pl.Series(["a", None], dtype=pl.Categorical), TEXT, ["a", None], [], None),
        (pl.Series(["a", None], dtype=pl.Enum(["a"])), TEXT, ["a", None], [], None),
        (pl.Series([76, None]), TEXT, ["76", None], [], "Int64"),
        (pl.Series([2022.0, None, 1.5]), TEXT, ["2022", None, "1.5"], [], "Float64"),
        (pl.Series([[1]]), TEXT, [None], [], "List(Int64)"),
        (pl.Series([1, None], dtype=pl.Int8), INTEGER, [1, None], [], None),
        (pl.Series([1.0, None, 1.5, float("nan")]), INTEGER, [1, None, None, None], [2, 3], None),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), INTEGER, [None], [0], None),
        (pl.Series(["1", "1.0", ""]), INTEGER, [1, None, None], [1], None),
        (pl.Series([True]), INTEGER, [None], [], "Boolean"),
        (pl.Series([1, None]), NUMBER, [1.0, None], [], None),
        (pl.Series([1.5, float("inf"), float("nan")]), NUMBER, [1.5, None, None], [1, 2], None),
        (pl.Series([True, None]), BOOLEAN, [True, None], [], None),
        (pl.Series(["true", "yes"]), BOOLEAN, [True, None], [1], None),
        (pl.Series([1]), BOOLEAN, [None], [], "Int64"),
        (pl.Series([date(2024, 1, 2), None]), DAY, [date(2024, 1, 2), None], [], None),
        (pl.Series([datetime(2024, 1, 2), datetime(2024, 1, 2, 3)]), DAY, [date(2024, 1, 2), None], [1], None),
        (pl.Series(["2024-01-02", "2024-01-32"]), DAY, [date(2024, 1, 2), None], [1], None),
        (pl.Series([20240102]), DAY, [None], [], "Int64"),
        (pl.Series([date(2024, 1, 2)]), EDTF, ["2024-01-02"], [], None),
        (pl.Series([datetime(2024, 1, 2), datetime(2024, 1, 2, 3)]), EDTF, ["2024-01-02", None], [1], None),
        (pl.Series([None, None]), INTEGER, [None, None], [], None),
    ],
)
def test_columns_of_frames_are_taken_for_what_they_mean(series, field, values, bad, mismatch):
    converted = convert(series, field)
    assert converted.values.to_list() == values
    assert ([] if converted.bad is None else converted.bad.arg_true().to_list()) == bad
    assert converted.mismatch == mismatch


def test_pandas_frames():
    frame = pd.DataFrame(
        {
            "integer": [1.0, None],
            "category": pd.Categorical(["a", None]),
            "day": pd.to_datetime(["2024-01-02", None]),
            "text": ["NA", None],
        },
        index=pd.Index(["k1", "k2"], name="key"),
    )
    converted = to_polars(frame)
    assert converted.columns == ["key", "integer", "category", "day", "text"]
    assert convert(converted["integer"], INTEGER).values.to_list() == [1, None]
    assert convert(converted["category"], TEXT).values.to_list() == ["a", None]
    assert convert(converted["day"], DAY).values.to_list() == [date(2024, 1, 2), None]
    assert convert(converted["text"], TEXT).values.to_list() == ["NA", None]
    assert frame.index.name == "key"


def test_a_bad_cell_becomes_null_and_leaves_the_others():
    derived = Field("e", "date", derived={"from": "d", "bound": "latest"})
    schema = TableSchema("t", "T", "", (Field("n", "integer"), Field("d", "string", rdf_type=EDTF_TYPE), derived))
    typed = type_text(pl.DataFrame({"n": ["1", "x", None], "d": ["2024", "2024-13", None]}), schema)
    assert [tuple(cell) for cell in typed.bad] == [("T101", 1, "n"), ("D101", 1, "d")]
    assert typed.frame.columns == ["n", "d", "e", "d.earliest", "d.latest"]
    assert typed.frame.rows() == [
        (1, "2024", date(2024, 12, 31), date(2024, 1, 1), date(2024, 12, 31)),
        (None, None, None, None, None),
        (None, None, None, None, None),
    ]
