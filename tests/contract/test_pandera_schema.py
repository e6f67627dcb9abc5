"""pandera really enforces what the compiler gives it: for each constraint a value that passes and one that must not."""

import re
from datetime import date

import pandera.polars as pa
import polars as pl
import pytest

from bilatdata.contract import cells
from bilatdata.contract.pandera_schema import compile_table, polars_schema
from bilatdata.contract.rule import Catalogue, Context, RowCheck, Rule
from bilatdata.contract.table_schema import EDTF_TYPE, Field, TableSchema

CONTEXT = Context(date(2026, 1, 1), {}, {})


def table(*fields: Field, key: tuple[str, ...] = ()) -> TableSchema:
    return TableSchema("t", "T", "", fields, key)


def failures(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> list[tuple[str, str, int]]:
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        rows = error.failure_cases.select("check", "column", "index").rows()
        return sorted((re.split("[: ]", check)[0], column, index) for check, column, index in rows)
    return []


def judge(field: Field, values: list[object]) -> list[tuple[str, int]]:
    schema = table(field)
    compiled = compile_table(schema, (), CONTEXT, {field.name})
    frame = pl.DataFrame({field.name: values}, schema={field.name: cells.dtype(field)})
    return [(code, index) for code, _, index in failures(compiled.schema, frame)]


DAY = date(2000, 1, 1)
CASES = [
    ("not_nullable", Field("x", "string", required=True), ["a", "NA"], [None]),
    ("T103", Field("x", "string", pattern="a|b"), ["a", "b", None], ["aZ", "Zb", "b\n", ""]),
    ("T103", Field("x", "string", pattern="^P[0-9]{2}$"), ["P12", None], ["P123", "P١٢", "P12\n", " P12"]),
    ("T104", Field("x", "string", enum=("a", "NA")), ["a", "NA", None], ["A", "a "]),
    ("T104", Field("x", "integer", enum=("1", "2")), [1, 2, None], [3]),
    ("T105", Field("x", "integer", minimum=1), [1, None], [0]),
    ("T105", Field("x", "number", exclusive_minimum=0), [0.1, None], [0.0]),
    ("T105", Field("x", "number", maximum=100), [100.0, None], [100.1]),
    ("T105", Field("x", "integer", exclusive_maximum=9), [8, None], [9]),
    ("T105", Field("x", "date", minimum="2000-01-01"), [DAY, None], [date(1999, 12, 31)]),  # type: ignore[arg-type]
    ("T105", Field("x", "string", min_length=2), ["éé", None], ["é"]),
    ("T105", Field("x", "string", max_length=2), ["éé", None], ["ééé"]),
]


@pytest.mark.parametrize(("code", "field", "right", "wrong"), CASES)
def test_constraints_are_enforced(code, field, right, wrong):
    assert judge(field, right) == []
    assert judge(field, right + wrong) == [(code, len(right) + index) for index in range(len(wrong))]


def test_the_key_is_required_even_where_the_schema_does_not_say_so():
    schema = table(Field("x", "string"), key=("x",))
    compiled = compile_table(schema, (), CONTEXT, {"x"})
    assert failures(compiled.schema, pl.DataFrame({"x": ["a", None]})) == [("not_nullable", "x", 1)]


def test_the_pattern_of_an_edtf_field_is_left_to_the_reader_of_dates():
    assert judge(Field("x", "string", pattern="never", rdf_type=EDTF_TYPE), ["2024"]) == []


def test_absent_fields_are_not_judged():
    schema = table(Field("x", "string", required=True), Field("y", "string", required=True))
    compiled = compile_table(schema, (), CONTEXT, {"x"})
    assert failures(compiled.schema, pl.DataFrame({"x": ["a"]})) == []


def rule(*checks: RowCheck, tables: tuple[str, ...] = ()) -> Rule:
    catalogue = Catalogue()
    words = {"summary": "", "explanation": "", "fix": ""}
    catalogue.rule("X999", "test", scope="row", tables=tables, **words)(lambda schema, context: checks)
    return catalogue["X999"]


def test_row_rules_are_checks_and_null_is_right():
    schema = table(Field("x", "integer"), Field("y", "integer"))
    check = RowCheck("y", pl.col("x") <= pl.col("y"), "more")
    frame = pl.DataFrame({"x": [1, 2, None, 3], "y": [1, 1, 1, None]})
    compiled = compile_table(schema, [rule(check)], CONTEXT, {"x", "y"})
    assert failures(compiled.schema, frame) == [("X999", "y", 1)]
    assert failures(compile_table(schema, [rule(check)], CONTEXT, {"y"}).schema, frame) == []
    assert failures(compile_table(schema, [rule(check, tables=("other",))], CONTEXT, {"x", "y"}).schema, frame) == []


def test_a_wrong_column_type_does_not_pass():
    compiled = compile_table(table(Field("x", "integer")), (), CONTEXT, {"x"})
    assert failures(compiled.schema, pl.DataFrame({"x": ["1"]}))


def test_the_polars_schema_judges_a_frame_as_it_is_loaded():
    schema = table(
        Field("k", "string"),
        Field("d", "string", rdf_type=EDTF_TYPE),
        Field("level", "string", enum=("low", "high"), ordered=True),
        key=("k",),
    )
    levels = pl.Enum(["low", "high", "other"])
    frame = pl.DataFrame(
        {"k": ["a", "b"], "d": ["2024", None], "level": ["low", None]}, schema_overrides={"level": levels}
    )
    judged = polars_schema(schema, [rule(RowCheck("d", pl.col("d.earliest") > DAY, "later"))], CONTEXT)
    assert failures(judged, frame) == []
    assert failures(judged, frame.with_columns(d=pl.lit("2024-13"))) == [("D101", "d", 0), ("D101", "d", 1)]
    assert failures(judged, frame.with_columns(level=pl.lit("other", dtype=levels)))[0][0] == "T104"
    assert failures(judged, frame.with_columns(k=pl.lit("a")))
