"""tables, describe, path, export, cite."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from bilatdata.package import installed
from bilatdata.wording.coverage import read_coverage
from bilatdata.wording.terms import read_terms


def test_tables_lists_each_table_once(run):
    result = run("tables")
    assert (result.code, result.err) == (0, "")
    header, *rows = result.out.splitlines()
    assert header.split() == ["table", "rows", "countries", "years", "what", "it", "holds"]
    assert [row.split()[0] for row in rows] == installed().table_names
    counts = {row.split()[0]: int(row.split()[1]) for row in rows}
    for name in ("meetings", "terms"):
        with installed().data_path(name, "csv").open(encoding="utf-8", newline="") as file:
            assert counts[name] == sum(1 for _ in csv.DictReader(file))


def test_tables_as_json(run):
    listed = json.loads(run("tables", "--format", "json").out)
    assert [table["name"] for table in listed] == installed().table_names
    assert listed[0]["start"] < listed[0]["end"]
    assert listed[0]["columns"] == len(installed().schema("meetings")["fields"])


def coverage_of(table):
    with installed().data_path("coverage", "csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["table_name"] == table]


def test_tables_counts_the_countries_that_a_table_covers(run):
    shown = {line.split()[0]: line.split()[2] for line in run("tables").out.splitlines()}
    rows = coverage_of("concessions")
    assert shown["concessions"] == str(sum(row["completeness_code"] != "none" for row in rows))
    assert not shown["terms"].isdigit(), "coverage does not speak of it"
    listed = {
        table["name"]: table["countries_by_completeness"] for table in json.loads(run("tables", "--format", "json").out)
    }
    assert sum(listed["concessions"].values()) == len(rows)
    assert listed["terms"] is None


@pytest.mark.parametrize("table", ["meetings", "concessions"])
def test_describe_says_what_absence_means(run, table):
    lines = run("describe", table).out.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("coverage    "))
    rows = coverage_of(table)
    told = {(row["completeness_code"], row["absence_meaning"]) for row in rows}
    section = lines[start : start + len(told)]
    for completeness, absence in told:
        (line,) = (line for line in section if line[12:].startswith(f"{completeness}: ") and line.endswith(absence))
        countries = [
            row for row in rows if (row["completeness_code"], row["absence_meaning"]) == (completeness, absence)
        ]
        assert f"{len(countries)} countries" in line or line.split(". ")[0].count(",") >= len(countries) - 1
    assert lines[start + len(told)] == ""


@pytest.mark.parametrize(
    ("table", "parent"),
    [("meeting_participants", "meetings"), ("concession_holders", "concessions"), ("concession_events", "concessions")],
)
def test_a_companion_is_covered_as_the_table_that_it_follows(run, table, parent):
    shown = {line.split()[0]: line.split()[2] for line in run("tables").out.splitlines()}
    assert shown[table] == shown[parent]
    (line,) = (line for line in run("describe", table).out.splitlines() if line.startswith("coverage    "))
    assert f"that of {parent} ('bilatdata describe {parent}')" in line
    assert line.endswith(installed().schema(table)["coverage"]["absence"])


def test_a_package_may_have_no_coverage(tiny):
    resources = {name: resource for name, resource in tiny.resources.items() if name != "coverage"}
    tiny.__dict__["resources"] = resources
    assert read_coverage(tiny, read_terms(tiny)) == {}


def test_describe_gives_every_field_on_one_line_in_a_pipe(run):
    result = run("describe", "asset_exits")
    assert (result.code, result.err) == (0, "")
    fields = [field["name"] for field in installed().schema("asset_exits")["fields"]]
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines[-len(fields) :]] == fields
    by_field = {line.split()[0]: line for line in lines[-len(fields) :]}
    assert "number in USD" in by_field["value_usd"]
    assert "EDTF date" in by_field["entry_date"]
    assert "One of: announced, agreed, completed" in by_field["status_code"]
    assert "From least to most: low, medium, high." in by_field["confidence_code"]
    assert "concessions (concession_id)" in result.out
    assert "X101" in result.out


def test_describe_gives_codes_of_lists_too(run):
    line = next(line for line in run("describe", "meetings").out.splitlines() if line.startswith("topic_codes"))
    assert "Any of: " in line
    assert "lithium_mining" in line


def test_describe_as_json_is_the_table_schema(run):
    assert json.loads(run("describe", "meetings", "--format", "json").out) == installed().schema("meetings")


@pytest.mark.parametrize("verb", ["describe", "show", "path"])
def test_an_unknown_table_is_answered_with_the_nearest(run, verb):
    assert "no table 'meeting' (did you mean 'meetings'?): expected one of meetings" in run(verb, "meeting").error


def test_path_is_a_file_of_the_format_asked_for(run):
    assert run("path", "meetings").out == f"{installed().data_path('meetings', 'csv')}\n"
    parquet = Path(run("path", "meetings", "--format", "parquet").out.strip())
    assert parquet.read_bytes()[:4] == b"PAR1"
    assert "(did you mean 'csv'?)" in run("path", "meetings", "--format", "cvs").error


def test_export_prints_what_it_writes(run, tmp_path):
    result = run("export", tmp_path / "out", "--table", "terms", "--table", "countries", "--format", "jsonl")
    assert (result.code, result.err) == (0, "")
    written = [Path(line) for line in result.out.splitlines()]
    assert sorted(written) == sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    rows = [json.loads(line) for line in (tmp_path / "out/data/countries.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == installed().resources["countries"]["rowCount"]


def test_export_leaves_what_is_there_alone(run, tmp_path):
    assert run("export", tmp_path / "out", "--table", "terms").code == 0
    kept = (tmp_path / "out/data/terms.csv").read_bytes()
    assert "overwrite" in run("export", tmp_path / "out", "--table", "terms").error
    assert run("export", tmp_path / "out", "--table", "terms", "--overwrite").code == 0
    assert (tmp_path / "out/data/terms.csv").read_bytes() == kept


def test_export_of_an_unknown_table_writes_nothing(run, tmp_path):
    assert "did you mean 'terms'?" in run("export", tmp_path / "out", "--table", "trems").error
    assert not (tmp_path / "out").exists()


def test_export_into_a_file_is_refused(run, tmp_path):
    (tmp_path / "out").write_text("mine")
    assert "out" in run("export", tmp_path / "out").error
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("target", [[], ["meetings"], ["BOL"]])
def test_cite_names_the_version(run, target):
    result = run("cite", *target)
    assert (result.code, result.err) == (0, "")
    assert installed().version in result.out
    assert result.out.endswith("\n")
    assert not result.out.endswith("\n\n")


def test_cite_for_reference_managers(run):
    assert run("cite", "meetings", "--format", "bibtex").out.startswith("@")
    assert json.loads(run("cite", "meetings", "--format", "csl-json").out)[0]["version"] == installed().version


def test_cite_of_an_unknown_target(run):
    assert "metings" in run("cite", "metings").error
