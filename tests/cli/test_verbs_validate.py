"""validate, rules."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from bilatdata.cli.rules import FAMILIES
from bilatdata.contract.rules import CATALOGUE
from bilatdata.history.calls import kinds
from bilatdata.package import installed

HEADER = "country_code,alpha2_code,m49_code,name_en,name_es,name_pt,name_ru\n"
NAMIBIA = "NAM,NA,516,Namibia,Namibia,Namíbia,Намибия\n"


@pytest.fixture
def countries(tmp_path: Path) -> Path:
    path = tmp_path / "countries.csv"
    path.write_text(HEADER + NAMIBIA, encoding="utf-8")
    return path


def test_valid_files_are_fine(run, countries):
    result = run("validate", countries)
    assert (result.code, result.err) == (0, "")
    assert result.out


def test_a_finding_has_its_place_and_its_rule(run, countries):
    countries.write_text(HEADER + NAMIBIA + "bolivia,BO,068,Bolivia,Bolivia,Bolívia,Боливия\n", encoding="utf-8")
    result = run("validate", countries)
    assert result.code == 1
    assert f"{countries}:3:1" in result.out
    assert "T103" in result.out
    report = json.loads(run("validate", countries, "--output-format", "json").out)
    assert [(item["code"], item["line"], item["column"]) for item in report["findings"]] == [("T103", 3, 1)]


def test_the_table_may_be_named(run, countries):
    other = countries.rename(countries.with_name("list.csv"))
    other.write_text("note\nsomething\n", encoding="utf-8")
    assert "which table" in run("validate", other).error
    assert "S102" in run("validate", other, "--table", "sources").out
    assert "did you mean 'countries'?" in run("validate", other, "--table", "countrys").error


def test_columns_of_ones_own_are_allowed_when_asked_for(run, countries):
    countries.write_text(HEADER.rstrip() + ",flag\n" + NAMIBIA.rstrip() + ",x\n", encoding="utf-8")
    assert "S103" in run("validate", countries).out
    assert run("validate", countries, "--extra-columns").code == 0


def test_warnings_fail_only_when_strict(run, countries):
    countries.write_text("\ufeff" + HEADER + NAMIBIA, encoding="utf-8")
    assert run("validate", countries).code == 0
    result = run("validate", countries, "--strict")
    assert result.code == 1
    assert "S101" in result.out


@pytest.mark.parametrize("name", ["missing.csv", "countries.xlsx", "."])
def test_what_cannot_be_judged_is_one_clear_line(run, tmp_path, name):
    (tmp_path / "countries.xlsx").write_bytes(b"PK\x03\x04")
    assert run("validate", tmp_path / name).error


def test_a_family_is_listed_by_the_beginning_of_its_codes(run):
    result = run("rules", "d1")
    listed = re.findall(r"^  ([A-Z][0-9]{3})  ", result.out, re.MULTILINE)
    assert listed == [rule.code for rule in CATALOGUE if rule.code.startswith("D1")]
    assert [rule["code"] for rule in json.loads(run("rules", "D", "--format", "json").out)] == listed
    assert run("rules", "").error.startswith("no rule ''")


def test_rules_are_listed_by_family(run):
    result = run("rules")
    assert (result.code, result.err) == (0, "")
    listed = re.findall(r"^  ([A-Z][0-9]{3})  (error|warning) +(\S.*)$", result.out, re.MULTILINE)
    assert {code: (severity, summary) for code, severity, summary in listed} == {
        rule.code: (rule.severity, rule.summary) for rule in CATALOGUE
    }
    titles = [line for line in result.out.splitlines() if line and not line.startswith(" ")]
    assert titles == [FAMILIES[family] for family in FAMILIES if any(rule.code[0] == family for rule in CATALOGUE)]


def test_every_rule_belongs_to_a_family():
    assert {rule.code[0] for rule in CATALOGUE} <= set(FAMILIES)


@pytest.mark.parametrize("code", [rule.code for rule in CATALOGUE])
def test_a_rule_is_explained(run, code):
    result = run("rules", code)
    assert (result.code, result.err) == (0, "")
    words = " ".join(result.out.split())
    for text in (CATALOGUE[code].summary, CATALOGUE[code].explanation, CATALOGUE[code].fix):
        assert " ".join(text.split()) in words
    assert run("rules", code.lower()) == run("rules", CATALOGUE[code].name) == result


def test_examples_mark_the_fault_and_show_what_differs(run):
    folder = installed().root / "tests/fixtures/rules/M101"
    with (folder / "fail/meeting_participants.csv").open(encoding="utf-8", newline="") as file:
        ids = [row["meeting_participant_id"] for row in csv.DictReader(file)]
    lines = json.loads((folder / "fail/expected.json").read_text(encoding="utf-8"))["findings"]
    shown = run("rules", "M101").out
    failing, passing = shown.split("\nPasses\n")
    assert re.findall(r"✗  (\S+)", failing) == [ids[finding["line"] - 2] for finding in lines]
    assert "side_country_code" in failing
    assert "✗" not in passing


def test_the_version_rule_shows_what_every_kind_of_change_calls_for(run):
    text = run("rules", "R109").out
    major, minor, patch = (text.index(f"\n{level}\n") for level in ("MAJOR", "MINOR", "PATCH"))
    assert major < text.index("  table removed") < minor < text.index("  table added") < patch
    assert [kind.title for kind in kinds().values() if f"\n  {kind.title}  " not in text] == []
    assert "No example: it judges a whole repository." in text


def test_rules_as_json(run):
    assert [rule["code"] for rule in json.loads(run("rules", "--format", "json").out)]
    rule = json.loads(run("rules", "X101", "--format", "json").out)
    assert (rule["code"], rule["name"]) == ("X101", CATALOGUE["X101"].name)


@pytest.mark.parametrize("code", ["X999", "nonsense", ""])
def test_an_unknown_rule_is_one_clear_line(run, code):
    assert run("rules", code).error.startswith(f"no rule '{code}'")


def test_an_unknown_rule_is_answered_with_the_nearest(run):
    name = CATALOGUE["X101"].name
    assert f"(did you mean '{name}'?)" in run("rules", name + "s").error
