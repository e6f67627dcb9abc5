"""`bilatdata metadata` prints or writes a description, and says what keeps it from doing so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bilatdata.metadata import FILE_NAMES


def test_it_prints(run: Callable[..., Any]) -> None:
    result = run("metadata", "--format", "croissant")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["conformsTo"] == "http://mlcommons.org/croissant/1.1"


def test_it_writes_a_file_a_folder_and_all(run: Callable[..., Any], tmp_path: Path) -> None:
    one = tmp_path / "deep" / "mine.json"
    assert run("metadata", "--format", "datacite", "--out", one).out == f"{one}\n"
    assert run("metadata", "--format", "datacite", "--out", tmp_path).out == f"{tmp_path / 'datacite.json'}\n"
    assert one.read_bytes() == (tmp_path / "datacite.json").read_bytes()
    assert len(run("metadata", "--format", "all", "--out", tmp_path / "all").out.splitlines()) == len(FILE_NAMES)


def test_mistakes_are_one_clear_line(run: Callable[..., Any], tmp_path: Path) -> None:
    present = tmp_path / "present.json"
    present.write_text("mine", encoding="utf-8")
    assert "did you mean 'croissant'?" in run("metadata", "--format", "crossaint").error
    assert "--format" in run("metadata").error
    assert "name a folder with --out" in run("metadata", "--format", "all").error
    assert "is a file: expected a folder" in run("metadata", "--format", "all", "--out", present).error
    assert (
        "exists already: choose another name, or replace it with --overwrite"
        in run("metadata", "--format", "csvw", "--out", present).error
    )
    assert "cannot be written" in run("metadata", "--format", "csvw", "--out", present / "below.json").error
    assert present.read_text(encoding="utf-8") == "mine"
    assert run("metadata", "--format", "csvw", "--out", present, "--overwrite").code == 0
