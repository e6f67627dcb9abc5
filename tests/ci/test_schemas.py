"""The files that CI systems read are what those systems accept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/newsroom"
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["check-jsonschema", "--builtin-schema", "vendor.github-actions", ROOT / "action.yml"],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", EXAMPLE / ".github/workflows/tables.yml"],
        ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", EXAMPLE / ".gitlab-ci.yml"],
        ["pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"],
        ["pre-commit", "validate-config", EXAMPLE / ".pre-commit-config.yaml"],
        ["zizmor", "--offline", "--no-progress", "--pedantic", ROOT / "action.yml"],
        # an example cannot know the hashes of releases to come
        [
            *("zizmor", "--offline", "--no-progress", "--config", ROOT / "tests/fixtures/zizmor.yml"),
            EXAMPLE / ".github/workflows/tables.yml",
        ],
    ],
    ids=lambda command: " ".join(str(part).removeprefix(f"{ROOT}/") for part in command),
)
def test_the_file_is_accepted(command):
    done = subprocess.run([BIN / command[0], *command[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
