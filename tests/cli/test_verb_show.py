"""show: rows for people and for pipes."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest

from bilatdata.loading import table_schema
from bilatdata.package import installed
from bilatdata.release.build import build


def records(table: str) -> list[dict[str, str]]:
    with installed().data_path(table, "csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", installed().table_names)
def test_csv_is_what_the_file_holds(run, table):
    result = run("show", table, "--format", "csv")
    assert (result.code, result.err) == (0, "")
    assert result.out == installed().data_path(table, "csv").read_text(encoding="utf-8")


def test_columns_come_in_the_order_asked_for(run):
    result = run("show", "countries", "--columns", "name_ru, country_code", "--format", "csv", "--limit", 1)
    first = records("countries")[0]
    assert result.out == f"name_ru,country_code\n{first['name_ru']},{first['country_code']}\n"


def test_json_keeps_types_and_nothing(run):
    rows = json.loads(run("show", "concessions", "--format", "json").out)
    expected = records("concessions")
    assert [row["concession_id"] for row in rows] == [row["concession_id"] for row in expected]
    for row, cells in zip(rows, expected, strict=True):
        assert row["area_km2"] == (float(cells["area_km2"]) if cells["area_km2"] else None)
        assert row["term_years"] == (int(cells["term_years"]) if cells["term_years"] else None)
    assert json.loads(run("show", "countries", "--where", "alpha2_code = 'NA'", "--format", "json").out) != [] or all(
        row["alpha2_code"] != "NA" for row in records("countries")
    )


def test_json_of_no_rows_is_an_empty_array(run):
    assert json.loads(run("show", "countries", "--where", "false", "--format", "json").out) == []


def test_markdown_is_a_table_whatever_the_cells_hold(run):
    result = run("show", "sources", "--columns", "source_id,title", "--format", "markdown")
    header, rule, *rows = result.out.splitlines()
    assert header == "| source_id | title |"
    assert rule == "| --- | --- |"
    assert len(rows) == len(records("sources"))
    assert all(row.replace("\\|", "").count("|") == 3 for row in rows)


def test_where_is_sql(run):
    result = run(
        "show", "countries", "--where", "name_es LIKE 'M%xico' OR country_code = 'BOL'", "--columns", "country_code"
    )
    assert result.out.splitlines() == ["country_code", "BOL", "MEX"]


def test_where_may_ask_other_tables(run):
    condition = "country_code IN (SELECT country_b_code FROM meetings)"
    result = run("show", "countries", "--where", condition, "--columns", "country_code", "--format", "csv")
    assert set(result.out.split()[1:]) == {row["country_b_code"] for row in records("meetings")}


@pytest.mark.parametrize(
    "condition",
    [
        "foo = 1",
        "date =",
        "1=1) UNION SELECT 1 --",
        "date > ",
        "sum(1) = 2",
        "1=1; DROP VIEW meetings",
        "level_code + 1 = 2",
    ],
)
def test_wrong_sql_is_one_clear_line(run, condition):
    message = run("show", "meetings", "--where", condition).error
    assert message.startswith("--where: ")
    assert condition in message
    assert "LINE 1" not in message


def test_where_without_duckdb_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert "pip install 'bilatdata[duckdb]'" in run("show", "meetings", "--where", "true").error


def test_no_row_is_no_failure(run):
    result = run("show", "countries", "--where", "false", "--columns", "country_code")
    assert result == (0, "country_code\n", "no row meets the condition\n")


@pytest.mark.parametrize(("limit", "shown"), [("3", 3), ("0", 0), ("all", None)])
def test_limit_says_how_many_there_are(run, limit, shown):
    total = len(records("countries"))
    result = run("show", "countries", "--limit", limit)
    assert len(result.out.splitlines()) - 1 == (total if shown is None else shown)
    assert (f"{shown} of {total} rows" in result.err) == (shown is not None)
    assert "--limit all" in result.err or shown is None


def test_an_unknown_column_is_answered_with_the_nearest(run):
    message = run("show", "meetings", "--columns", "date,citty").error
    assert message.startswith("no column 'citty' in meetings (did you mean 'city'?): expected some of meeting_id, ")


def test_leading_zeros_and_quotes_survive(run):
    rows = list(csv.DictReader(io.StringIO(run("show", "hs_products", "--format", "csv").out)))
    assert rows == records("hs_products")
    assert any(row["hs_code"].startswith("0") for row in rows)


def test_labels_stand_in_the_place_of_codes(run):
    columns = "meeting_id,country_b_code,level_code,confidence_code"
    result = run("show", "meetings", "--columns", columns, "--labels", "es", "--format", "csv")
    terms = {(row["vocabulary"], row["code"]): row["label_es"] for row in records("terms")}
    countries = {row["country_code"]: row["name_es"] for row in records("countries")}
    for shown, row in zip(csv.DictReader(io.StringIO(result.out)), records("meetings"), strict=True):
        assert shown == {
            "meeting_id": row["meeting_id"],
            "country_b_code": countries[row["country_b_code"]],
            "level_code": terms["level", row["level_code"]],
            "confidence_code": terms["confidence", row["confidence_code"]],
        }


def test_a_condition_is_about_codes_whatever_the_labels(run):
    options = ("--where", "confidence_code >= 'medium'::confidence AND country_b_code = 'MEX'", "--labels", "ru")
    result = run("show", "meetings", *options, "--columns", "country_b_code,confidence_code", "--format", "csv")
    assert set(result.out.splitlines()[1:]) == {"Мексика,средняя", "Мексика,высокая"}


def test_labels_in_a_language_without_any(run):
    assert run("show", "meetings", "--labels", "xx").error == "no labels in 'xx': expected one of en, es, ru"


def test_a_table_without_rows_shows_its_columns(run, tiny):
    path = tiny.root / "data" / "people.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    build(tiny.root)
    header = ",".join(table_schema("people").by_name)
    assert run("show", "people", "--format", "csv") == (0, header + "\n", "")
    shown = run("show", "people")
    assert (shown.out.split(), shown.err) == (header.split(","), "the table has no rows\n")
    assert run("show", "people", "--where", "name = 'x'").err == "no row meets the condition\n"
    assert json.loads(run("show", "people", "--format", "json", "--labels", "ru").out) == []
    assert len(run("show", "people", "--format", "markdown").out.splitlines()) == 2
    assert run("describe", "people").code == 0
