"""What docs/ci.md tells people to copy is what the tools accept."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from bilatdata.package import installed
from bilatdata.release.stamp import PIN, PINNED
from bilatdata.report import FORMATS
from bilatdata.validation import validate
from bilatdata.validation.settings import Settings, read_settings

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


def test_every_setting_is_told_of_with_its_option():
    told = re.findall(r"^\| `([\w-]+)` \| `(--[\w-]+|PATH\.\.\.)`", SECTIONS["Settings"], re.MULTILINE)
    names = {field.name.replace("_", "-") for field in fields(Settings)} - {"file"}
    assert {name for name, _ in told} == names
    assert all(option in (f"--{name}", "PATH...") for name, option in told)


def test_the_descriptor_declares_what_it_says(tmp_path):
    """A column and a table of one's own, with keys into both sides' tables."""
    descriptor = json.loads(block(SECTIONS["Columns and tables of your own"], "json"))
    (tmp_path / "tables").mkdir()
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    (tmp_path / "tables/meetings.csv").write_text("meeting_id,reporter\nMTG-9001,x\n", encoding="utf-8")
    rows = "interview_id,meeting_id,day\n1,MTG-0001,2025-01-31\n2,MTG-9001,2025-02-30\n3,MTG-9002,\n"
    (tmp_path / "tables/interviews.csv").write_text(rows, encoding="utf-8")
    found = {(item.code, item.line, item.field) for item in validate(tmp_path, select=["T101", "T103", "K"])}
    assert found == {("T103", 2, "reporter"), ("T101", 3, "day"), ("K103", 4, "meeting_id")}


@pytest.mark.parametrize("name", PINNED)
def test_what_people_copy_names_this_version(name):
    pins = re.findall(PIN + r"(\S+?)['\s]", (ROOT / name).read_text(encoding="utf-8"))
    assert pins
    assert {version for _, version in pins} == {installed().version}


def test_every_format_is_told_of():
    assert re.findall(r"^\| `(\w+)`", SECTIONS["Formats"], re.MULTILINE) == list(FORMATS)
