"""Known findings stay out of the report; new ones do not."""

import json

import pytest
from small_tables import PLACES

from bilatdata.errors import BilatdataError
from bilatdata.validation.baseline import Baseline
from bilatdata.validation.engine import validate

OLD = PLACES + "P3,west,three,\nP4,north,x,\n\n"


@pytest.fixture
def known(write, package):
    """A baseline of the findings in `OLD`."""
    return write("known.json", Baseline.of(validate(write("places.csv", OLD), package=package)).to_bytes())


def found(report):
    return [(item.code, item.line) for item in report]


def test_known_findings_are_left_out_wherever_their_lines_have_moved(write, package, known):
    text = OLD.replace("P1,", "P0,south,new,\nP1,", 1)
    assert found(validate(write("places.csv", text), package=package)) == [("T104", 5), ("T105", 6), ("S105", 7)]
    report = validate(write("places.csv", text), package=package, baseline=known)
    assert (found(report), report.known, report.gone, report.valid) == ([], 3, 0, True)


def test_a_new_finding_is_reported(write, package, known):
    report = validate(write("other/places.csv", OLD + "P5,east,five,\n\n"), package=package, baseline=known)
    assert (found(report), report.known, report.gone) == ([("T104", 7), ("S105", 8)], 3, 0)


def test_another_value_in_the_same_cell_is_new(write, package, known):
    report = validate(write("places.csv", OLD.replace("west", "east")), package=package, baseline=known)
    assert (found(report), report.known, report.gone) == ([("T104", 4)], 2, 1)


def test_mended_findings_are_counted(write, package, known):
    report = validate(write("places.csv", PLACES), package=package, baseline=known)
    assert (found(report), report.known, report.gone) == ([], 0, 3)


def test_the_file_can_be_reviewed(known, write, package):
    again = Baseline.of(validate(write("places.csv", OLD), package=package)).to_bytes()
    assert known.read_bytes() == again
    lines = known.read_text().splitlines()
    assert sum("T104" in line and '"west"' in line and '"P3"' in line for line in lines) == 1
    assert json.loads(known.read_text())["version"] == 1
    assert Baseline.read(known).to_bytes() == again


def test_without_findings(write):
    path = write("known.json", Baseline.of([]).to_bytes())
    assert Baseline.read(path).counts.total() == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "expected a JSON object"),
        ("{}", "is no baseline"),
        ('{"version": 2, "findings": []}', "is no baseline"),
        ('{"version": 1, "findings": [3]}', "finding 1 is not as"),
        ('{"version": 1, "findings": [{"table": "x"}]}', "finding 1 is not as"),
        ('{"version": 1, "findings": [{"code": "T101", "line": 3}]}', "finding 1 is not as"),
        ('{"version": 1, "findings": [{"code": "T101", "count": true}]}', "finding 1 is not as"),
        ('{"version": 1, "findings": [{"code": "T101", "count": 0}]}', "finding 1 is not as"),
    ],
)
def test_a_file_that_is_no_baseline(write, package, content, words):
    with pytest.raises(BilatdataError, match=words):
        validate(write("places.csv", PLACES), package=package, baseline=write("known.json", content))


def test_a_baseline_that_is_not_there(write, package, tmp_path):
    with pytest.raises(BilatdataError, match=r"none.json: cannot be read"):
        validate(write("places.csv", PLACES), package=package, baseline=tmp_path / "none.json")
