"""validate, check: how the report is printed and written to files."""

from __future__ import annotations

import json
import os
from xml.etree import ElementTree

import pytest

from bilatdata.report import FORMATS

HEADER = "country_code,alpha2_code,m49_code,name_en,name_es,name_pt,name_ru\n"


@pytest.fixture
def countries(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "countries.csv").write_text(HEADER + "bolivia,BO,068,Bolivia,Bolivia,Bolívia,Боливия\n", "utf-8")
    return "countries.csv"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_prints_the_finding_and_fails(run, countries, name):
    result = run("validate", countries, "--output-format", name)
    assert (result.code, result.err) == (1, "")
    assert "T103" in result.out


def test_a_file_beside_the_text_in_the_log(run, countries, tmp_path):
    plain = run("validate", countries)
    result = run("validate", countries, "--output-format", "sarif=out/my.sarif", "--output-format=junit=my.xml")
    assert result == plain
    assert json.loads((tmp_path / "out/my.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert ElementTree.parse(tmp_path / "my.xml").getroot().get("failures") == "1"


def test_formats_are_printed_in_the_order_asked_for(run, countries):
    text, github = (run("validate", countries, "--output-format", name).out for name in ("text", "github"))
    assert run("validate", countries, "--output-format", "github", "--output-format", "text").out == github + text


def test_a_pipe_is_written_to_and_not_replaced(run, countries, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    run("validate", countries, "--output-format", "concise=pipe")
    assert b"T103" in os.read(reader, 10_000)
    os.close(reader)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ("sarfi", "did you mean 'sarif'?"),
        ("sarfi=x", "did you mean 'sarif'?"),
        ("json=", "'json=' names no file: expected such as json=report.json"),
        ("json=countries.csv/x", "countries.csv/"),
    ],
)
def test_a_wrong_format_is_one_clear_line(run, countries, wanted, error):
    assert error in run("validate", countries, "--output-format", wanted).error


def test_strict_makes_warnings_errors_in_every_format(run, countries, tmp_path):
    (tmp_path / "countries.csv").write_text("\ufeff" + HEADER, encoding="utf-8")
    assert run("validate", countries, "--output-format", "github").out.startswith("::warning ")
    result = run("validate", countries, "--strict", "--output-format", "github")
    assert result.code == 1
    assert result.out.startswith("::error ")
