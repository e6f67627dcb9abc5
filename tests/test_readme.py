"""Every snippet of the README runs, and what it shows is what a reader sees.

A `python` block runs as it stands, after those above it. In a `console` block each `$ command` runs in a shell and must
print the lines under it; a line `...` stands for any lines, and a command without output shown must only succeed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\S*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PYTHON = [body for language, body in BLOCKS if language == "python"]
COMMANDS = [
    (command, shown)
    for language, body in BLOCKS
    if language == "console"
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE)
]
RUN_BY_CI = ("make ",)
RUN_BY_INSTALL_TESTS = ("pip install ",)


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    """The folder of a reader who has the raw files, a table of their own, and a bulk trade file."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    (tmp_path / "my").mkdir()
    rows = (ROOT / "data/meetings.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "my/meetings.csv").write_text("".join(rows[:4]), encoding="utf-8")
    (tmp_path / "BACI_HS17_Y2023_V202501.csv").write_text("t,i,j,k,v,q\n2023,643,76,310420,120.5,305.5\n")
    (tmp_path / "product_codes_HS17_V202501.csv").write_text("code,description\n310420,Potassium chloride\n")
    return tmp_path


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "COLUMNS": "120", "NO_COLOR": "1"}


def test_the_readme_has_snippets_of_the_two_kinds_and_no_others() -> None:
    assert {language for language, _ in BLOCKS} == {"python", "console"}
    assert len(PYTHON) >= 3
    assert len(COMMANDS) >= 8


def test_python_snippets_run(reader: Path) -> None:
    script = "\n".join(PYTHON)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=reader, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("command", "shown"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_console_snippets_print_what_is_shown(command: str, shown: str, reader: Path) -> None:
    if command.startswith(RUN_BY_CI):
        assert command in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
        return
    if command.startswith(RUN_BY_INSTALL_TESTS):
        assert command.split()[2].strip("'\"").startswith((".", "bilatdata")), "test_install installs these forms"
        return
    done = subprocess.run(["bash", "-c", command], cwd=reader, env=environment(), capture_output=True, text=True)
    if shown.strip():
        pattern = ".*\n".join(re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE))
        assert re.fullmatch(pattern, done.stdout + done.stderr, re.DOTALL), done.stdout + done.stderr
    else:
        assert done.returncode == 0, done.stderr
