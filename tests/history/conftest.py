"""Small packages that differ in one thing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "versions"
Edit = Mapping[str, str]
"""`file`, `find` and `put`; without `find` the file is written anew."""


def edit(root: Path, edits: Iterable[Edit]) -> Path:
    for item in edits:
        path = root / item["file"]
        if "find" in item:
            text = path.read_text(encoding="utf-8")
            assert text.count(item["find"]) == 1, f"{item['file']} must have {item['find']!r} once"
            path.write_text(text.replace(item["find"], item["put"]), encoding="utf-8")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(item["put"], encoding="utf-8")
    return root


@pytest.fixture
def base() -> Path:
    return FIXTURES / "base"


@pytest.fixture
def edited(base: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the base package after these edits."""

    def copy(*edits: Edit, name: str = "edited") -> Path:
        return edit(shutil.copytree(base, tmp_path / name), edits)

    return copy
