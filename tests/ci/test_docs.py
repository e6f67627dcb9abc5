"""What docs/ci.md tells people to copy is what the tools accept."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bilatdata.report import FORMATS
from bilatdata.validation.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", TEXT, re.MULTILINE))
BIN = Path(sys.executable).parent


def block(text: str, language: str) -> str:
    """The first block in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("section", "name", "command"),
    [
        ("GitLab", ".gitlab-ci.yml", ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"]),
        ("pre-commit", ".pre-commit-config.yaml", ["pre-commit", "validate-config"]),
    ],
)
def test_files_to_copy_are_valid(section, name, command, tmp_path):
    file = tmp_path / name
    file.write_text(block(SECTIONS[section], "yaml"), encoding="utf-8")
    done = subprocess.run([BIN / command[0], *command[1:], file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_has_the_inputs_that_are_told_of():
    given = yaml.safe_load(block(SECTIONS["GitHub Actions"], "yaml"))[1]["with"]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    assert given.keys() <= inputs.keys()
    assert all(f"`{name}`" in SECTIONS["GitHub Actions"] for name in inputs)


def test_the_settings_are_read(tmp_path):
    file = tmp_path / "bilatdata.toml"
    file.write_text(block(TEXT, "toml"), encoding="utf-8")
    assert read_settings(file).strict


def test_every_format_is_told_of():
    assert re.findall(r"^\| `(\w+)`", SECTIONS["Formats"], re.MULTILINE) == list(FORMATS)
