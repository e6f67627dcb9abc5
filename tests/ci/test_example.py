"""The example project's own CI script, with the built wheel."""

from __future__ import annotations

from junitparser import JUnitXml


def test_good_tables_pass(newsroom, shell):
    done = shell("bash", "ci.sh", cwd=newsroom)
    assert (done.returncode, done.stdout, done.stderr) == (0, "All good: 3 files, 6 rows\n", "")
    report = JUnitXml.fromfile(str(newsroom / "reports/tables.xml"))
    assert (report.failures, report.tests > 100) == (0, True)


def test_bad_tables_fail_where_the_fault_is(newsroom, spoil, shell):
    spoil()
    done = shell("bash", "ci.sh", cwd=newsroom)
    assert done.returncode == 1
    assert done.stderr == ""
    assert "error[D101]" in done.stdout
    assert "  --> tables/meetings.csv:2:18  date of MTG-9001\n" in done.stdout
    assert "  --> tables/meetings.csv:3:121  reporter of MTG-9002\n" in done.stdout
    report = JUnitXml.fromfile(str(newsroom / "reports/tables.xml"))
    failed = {case.name.split()[0] for suite in report for case in suite if case.is_failure}
    assert {"D101", "T103"} <= failed


def test_tables_that_cannot_be_judged_are_another_exit_code(newsroom, shell):
    (newsroom / "tables/sources.csv").unlink()
    done = shell("bash", "ci.sh", cwd=newsroom)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1


def test_its_own_tests_can_be_the_check(newsroom, spoil, shell):
    spoil()
    done = shell("python", "-m", "pytest", "-q", "--bilatdata", "datapackage.json", cwd=newsroom)
    assert done.returncode == 1
    assert "FAILED bilatdata::meetings" in done.stdout
    assert "tables/meetings.csv:2:18: D101 date: " in done.stdout
    assert "1 failed, 2 passed" in done.stdout  # that the evidence no longer agrees with the date is no second fault
