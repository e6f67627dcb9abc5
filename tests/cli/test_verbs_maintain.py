"""check, build."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("verb", ["check", "build"])
def test_a_folder_without_a_package_is_refused(run, verb, tmp_path):
    assert run(verb, tmp_path).error == f"{tmp_path}: no data package here (expected a folder with datapackage.json)"


@pytest.mark.parametrize("verb", ["check", "build"])
def test_outside_of_any_package_it_says_where_to_go(run, verb, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(verb).error.startswith(f"no datapackage.json in {tmp_path} or above it")


def test_build_prints_what_it_wrote_and_then_has_nothing_to_do(run, tiny):
    path = tiny.root / "data/terms.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    written = run("build", tiny.root)
    assert (written.code, written.out, written.err) == (0, "data/terms.csv\n", "1 file written\n")
    assert path.read_text(encoding="utf-8").splitlines(keepends=True) == lines
    again = run("build", tiny.root)
    assert again == (0, "", "nothing to do: all that is derived is up to date\n")


def test_build_and_check_find_the_package_from_a_folder_within(run, tiny, monkeypatch):
    monkeypatch.chdir(tiny.root / "data")
    assert run("build").code == 0


def test_build_of_a_broken_table_writes_nothing(run, tiny):
    (tiny.root / "data/meetings.csv").write_bytes(b"\xff\xfe not text")
    before = {path: path.read_bytes() for path in tiny.root.rglob("*") if path.is_file()}
    assert "meetings.csv" in run("build", tiny.root).error
    assert {path: path.read_bytes() for path in tiny.root.rglob("*") if path.is_file()} == before


def test_check_finds_what_a_release_must_not_have(run, tiny):
    assert "R101" not in run("check", tiny.root).out
    path = tiny.root / "data/terms.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("\n", "\r\n"), encoding="utf-8", newline="")
    result = run("check", tiny.root)
    assert result.code == 1
    assert "R101" in result.out
    findings = json.loads(run("check", tiny.root, "--output-format", "json").out)["findings"]
    assert {"R101", "R104"} <= {finding["code"] for finding in findings}


def test_check_ends_with_the_state_of_the_record(run, tiny):
    lines = run("check", tiny.root).out.splitlines()
    start = next(index for index, line in enumerate(lines) if line == "State of the record")
    rows = [line.split() for line in lines[start + 1 :] if "%" in line]
    told = {row[0]: row[1:] for row in rows}
    assert told["concessions"] == ["2", "50.0%", "5.0%", "0.0%", "2", "50.0%", "0.0%"]
    assert told["meeting_participants"][-1] == "0.0%"
    state = json.loads(run("check", tiny.root, "--output-format", "json").out)["state"]
    assert state["tables"]["concessions"]["cells"] == 20
    assert told["total"][0] == str(state["total"]["records"])
