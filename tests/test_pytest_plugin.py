"""pytest --bilatdata: as a user's own test suite sees it."""

from __future__ import annotations

import pandera.polars  # noqa: F401  numpy and polars load once per process: before the runs within this one
import pytest

import bilatdata.validation.engine  # noqa: F401

pytest_plugins = ["pytester"]

COUNTRIES = "country_code,alpha2_code,m49_code,name_en,name_es,name_pt,name_ru\n"
NAMIBIA = "NAM,NA,516,Namibia,Namibia,Namíbia,Намибия\n"
SOURCES = "source_id,title\n"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with two tables, one of which lacks columns, and a test of its own."""
    pytester.makepyfile("def test_own(): pass")
    folder = pytester.mkdir("tables")
    (folder / "countries.csv").write_text(COUNTRIES + NAMIBIA, encoding="utf-8")
    (folder / "sources.csv").write_text(SOURCES, encoding="utf-8")
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess("-p", "no:xdist", "-p", "no:randomly", *arguments)


def test_a_test_per_table_and_findings_without_a_traceback(project):
    result = run(project, "--bilatdata", "tables", "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*test_own PASSED*", "bilatdata::countries PASSED*", "bilatdata::sources FAILED*"])
    result.stdout.fnmatch_lines(["tables/sources.csv:1:1: S102 *: *(expected a column '*')"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_every_finding_is_listed(project):
    (project.path / "tables/countries.csv").write_text(COUNTRIES + "bolivia,BO,068,B,B,B,Б\n" * 300, encoding="utf-8")
    result = run(project, "--bilatdata", "tables/countries.csv")
    # in CI, pytest repeats all of it in its summary
    lines = {line for line in result.outlines if line.startswith("tables/countries.csv:") and "T103" in line}
    assert len(lines) == 300


def test_tables_are_chosen_like_other_tests(project):
    run(project, "--bilatdata", "tables", "-k", "countries").assert_outcomes(passed=1, deselected=2)
    both = ("--bilatdata", "tables/countries.csv", "--bilatdata", "tables/sources.csv")
    run(project, *both, "-m", "bilatdata", "--strict-markers").assert_outcomes(passed=1, failed=1, deselected=1)


def test_without_the_option_nothing_happens_and_nothing_heavy_is_imported(project):
    project.makepyfile(
        """
        import sys

        def test_own():
            assert not {"pandas", "polars", "pyarrow", "numpy", "bilatdata.validation"} & set(sys.modules)
        """
    )
    project.runpytest_subprocess("-p", "no:xdist").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("path", "message"),
    [("nowhere", "there is no such file or folder"), ("test_own.py", "cannot tell which table it holds")],
)
def test_what_cannot_be_judged_is_one_clear_line(project, path, message):
    (project.path / "test_own.py").write_text("a,b\n", encoding="utf-8")
    result = run(project, "--bilatdata", path)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([f"{path}: *{message}*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_warnings_are_warnings(project):
    (project.path / "tables/countries.csv").write_text("\ufeff" + COUNTRIES + NAMIBIA, encoding="utf-8")
    result = run(project, "--bilatdata", "tables/countries.csv")
    result.assert_outcomes(passed=2, warnings=1)
    result.stdout.fnmatch_lines(["*FindingWarning: tables/countries.csv:1:1: S101 *"])
    failed = run(project, "--bilatdata", "tables/countries.csv", "-W", "error")
    failed.assert_outcomes(passed=1, failed=1)
    failed.stdout.no_fnmatch_line("*During handling*")


def test_the_settings_of_the_project_hold(project):
    (project.path / "bilatdata.toml").write_text('ignore = ["S102"]\n', encoding="utf-8")
    run(project, "--bilatdata", "tables").assert_outcomes(passed=3)


def test_files_of_no_table_are_told_of(project):
    (project.path / "tables/prices.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    result = run(project, "--bilatdata", "tables", "-v")
    result.stdout.fnmatch_lines(["bilatdata::other files PASSED*", "*FindingWarning: tables/prices.csv: *"])
