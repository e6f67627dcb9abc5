"""Every kind of change is found where it was made, alone, and calls for the number that its rule says."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bilatdata.errors import BilatdataError
from bilatdata.history.calls import call_of, kinds, next_version, version_call
from bilatdata.history.changes import Change, changes, read_line
from bilatdata.history.diff import diff

CASES = tomllib.loads(
    (Path(__file__).resolve().parents[1] / "fixtures" / "versions" / "cases.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_change_is_of_its_kind_and_calls_for_its_number(
    case: dict[str, Any], base: Path, edited: Callable[..., Path]
) -> None:
    call = version_call(diff(base, edited(*case["edits"])))
    assert (call.version, dict(call.counts)) == (case["calls_for"], case["kinds"])


def test_every_kind_has_its_fixture() -> None:
    assert set(CASES) - {"nothing"} == set(kinds())
    assert all(case["kinds"].get(name) for name, case in CASES.items() if name != "nothing")


@pytest.mark.parametrize(
    ("version", "level", "after"),
    [
        ("1.2.3", "MAJOR", "2.0.0"),
        ("1.2.3", "MINOR", "1.3.0"),
        ("1.2.3", "PATCH", "1.2.4"),
        ("1.2.3", None, "1.2.3"),
        ("0.9.4", "MAJOR", "0.10.0"),
        ("0.9.4", "MINOR", "0.10.0"),
        ("0.9.4", "PATCH", "0.9.5"),
    ],
)
def test_next_versions(version: str, level: Any, after: str) -> None:
    assert next_version(version, level) == after


def test_the_greatest_change_decides_and_is_named() -> None:
    call = call_of("0.4.1", [Change("cell_revised", "t"), Change("term_removed", "t"), Change("row_added", "t")])
    assert call.sentence == "0.5.0 (MAJOR, which before 1.0.0 raises the second number: 1 × term removed)"
    assert call_of("1.0.0", []).sentence == "1.0.0 (nothing changed)"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_lines_tell_changes_again(case: dict[str, Any], base: Path, edited: Callable[..., Path]) -> None:
    for change in changes(diff(base, edited(*case["edits"]))):
        told = change.because("For the test.")
        assert read_line(told.line(), "here:1") == told


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"change": "x"}', '{"change": "x", "table": "t", "colour": 1}'])
def test_a_line_that_tells_no_change_is_one_clear_error(line: str) -> None:
    with pytest.raises(BilatdataError, match=r"^changes/1\.0\.0\.jsonl:7: tells no change \(.*\): expected JSON with"):
        read_line(line, "changes/1.0.0.jsonl:7")
