"""`bilatdata chart` writes a picture, and says what keeps it from doing so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_it_writes_a_picture_whole_or_not_at_all(run: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "trade.svg"
    assert run("chart", "trade", "MEX", "--out", out).out == f"{out}\n"
    assert "exists already" in run("chart", "trade", "MEX", "--out", out).error
    assert run("chart", "trade", "BRA", "--out", out, "--overwrite").code == 0
    assert "ends in .svg, .png, .json" in run("chart", "trade", "MEX", "--out", tmp_path / "x.gif").error
    assert "cannot be written" in run("chart", "trade", "MEX", "--out", out / "below.svg").error
    assert "did you mean 'stages'" in run("chart", "stage", "CON-0010", "--out", out).error
    assert [path.name for path in tmp_path.iterdir()] == ["trade.svg"]
