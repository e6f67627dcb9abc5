"""validate: rules that count, settings of a project, and findings that are known."""

from __future__ import annotations

import json

import pytest

HEADER = "country_code,alpha2_code,m49_code,name_en,name_es,name_pt,name_ru\n"
BAD = "bolivia,BO,068,Bolivia,Bolivia,Bolívia,Боливия\nNAM,NA,,Namibia,Namibia,Namíbia,Намибия\n"


@pytest.fixture
def countries(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "countries.csv").write_text(HEADER + BAD, encoding="utf-8")
    return "countries.csv"


def codes(result) -> list[str]:
    return [item["code"] for item in json.loads(result.out)["findings"]]


def test_select_and_ignore(run, countries):
    def judged(*options: str) -> list[str]:
        return codes(run("validate", countries, "--output-format", "json", *options))

    everything = judged()
    assert {"T102", "T103"} <= set(everything)
    assert judged("--select", "T") == [code for code in everything if code.startswith("T")]
    assert judged("--select", "T", "--ignore", "T103") == ["T102"]
    assert judged("--ignore", "required,T103") == [code for code in everything if code not in ("T102", "T103")]
    assert run("validate", countries, "--select", "T999").error.startswith("no rule 'T999'")


def test_a_run_without_findings_that_count_is_fine(run, countries):
    assert run("validate", countries, "--select", "D,N").code == 0


def test_a_run_without_rules_is_refused(run, countries):
    """It would pass whatever the files hold."""
    assert run("validate", countries, "--ignore", "ALL").error.startswith("no rule is left to judge by")
    assert run("validate", countries, "--ignore", "ALL", "--select", "D").code == 0


def test_settings_of_the_project(run, countries, tmp_path):
    assert run("validate").error.startswith("nothing to validate: name a file or folder, or set 'paths'")
    settings = tmp_path / "bilatdata.toml"
    settings.write_text('paths = ["countries.csv"]\nselect = ["T102"]\n')
    assert codes(run("validate", "--output-format", "json")) == ["T102"]
    assert codes(run("validate", "--output-format", "json", "--select", "T103")) == ["T103"]
    assert len(codes(run("validate", countries, "--isolated", "--output-format", "json"))) > 1
    other = tmp_path / "other.toml"
    other.write_text('select = ["T103"]\n')
    assert codes(run("validate", countries, "--config", other, "--output-format", "json")) == ["T103"]
    settings.write_text("selekt = []\n")
    assert "did you mean 'select'?" in run("validate").error
    settings.write_text("[tool.bilatdata]\nstrict = true\n")
    assert "which is for pyproject.toml" in run("validate").error
    settings.write_text('paths = ["gone.csv"]\n')
    assert run("validate").error == f"{settings}: paths names gone.csv, which does not exist"
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert "has no [tool.bilatdata]" in run("validate", countries, "--config", "pyproject.toml").error


def test_strict_may_be_a_setting(run, countries, tmp_path):
    (tmp_path / "countries.csv").write_text("\ufeff" + HEADER, encoding="utf-8")
    assert run("validate", countries).code == 0
    (tmp_path / "bilatdata.toml").write_text("strict = true\n")
    assert run("validate", countries).code == 1


def test_a_baseline_lets_nothing_new_in(run, countries, tmp_path):
    written = run("validate", countries, "--write-baseline", "known.json")
    assert (written.code, written.out) == (0, "")
    assert "written to known.json" in written.err
    known = run("validate", countries, "--baseline", "known.json")
    assert known.code == 0
    assert "in the baseline" in known.out
    (tmp_path / "bilatdata.toml").write_text('baseline = "known.json"\n')
    with (tmp_path / "countries.csv").open("a", encoding="utf-8") as file:
        file.write("chile,CL,152,Chile,Chile,Chile,Чили\n")
    result = run("validate", countries)
    assert result.code == 1
    assert "countries.csv:4:1" in result.out
    assert "countries.csv:2" not in result.out
    (tmp_path / "countries.csv").write_text(HEADER, encoding="utf-8")
    assert "no longer occur" in run("validate", countries).err
    error = run("validate", countries, "--write-baseline", "countries.csv/known.json").error
    assert error == "countries.csv/known.json: cannot be written (countries.csv is a file): choose another place"


def test_a_baseline_replaces_baselines_alone(run, countries, tmp_path):
    """`--write-baseline` is easily taken for a switch, and what follows for PATH."""
    before = (tmp_path / countries).read_bytes()
    assert "exists and is no baseline" in run("validate", countries, "--write-baseline", countries).error
    assert (tmp_path / countries).read_bytes() == before
    for _ in range(2):
        assert run("validate", countries, "--write-baseline", "known.json").code == 0
    both = ("--write-baseline", "known.json", "--output-format", "json")
    assert "leave out --output-format" in run("validate", countries, *both).error


def test_a_report_does_not_replace_what_it_reports_on(run, countries, tmp_path):
    before = (tmp_path / countries).read_bytes()
    result = run("validate", countries, "--output-format", f"json=../{tmp_path.name}/{countries}")
    assert "is one of the files that were judged" in result.error
    assert (tmp_path / countries).read_bytes() == before
