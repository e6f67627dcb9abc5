"""The GitHub Action: its steps, run as GitHub runs them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


@pytest.fixture
def action(shell, wheel_bin, tmp_path, newsroom):
    """Runs the step that validates, with inputs by name; gives the process and the job summary."""

    def action(**inputs: str):
        (tmp_path / "bilatdata").symlink_to(wheel_bin.parent)  # as the step before it leaves it
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        values = {name: given.pop(name, spec.get("default", "")) for name, spec in ACTION["inputs"].items()}
        assert not given, "an input that the action does not have"
        step = ACTION["runs"]["steps"][-1]
        variables = {
            name: values[text.removeprefix("${{ inputs.").removesuffix(" }}")] for name, text in step["env"].items()
        }
        summary = tmp_path / "summary.md"
        places = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary), "COLUMNS": "120"}
        # what GitHub runs for `shell: bash`
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = shell(*command, cwd=newsroom, **places, **variables)
        return done, summary.read_text(encoding="utf-8") if summary.exists() else ""

    return action


def test_good_tables(action):
    done, summary = action()
    assert (done.returncode, done.stdout) == (0, "All good: 3 files, 6 rows\n")
    assert summary == "### bilatdata validate\n\n    All good: 3 files, 6 rows\n"


def test_bad_tables_become_annotations_and_a_summary(action, spoil):
    spoil()
    done, summary = action()
    assert done.returncode == 1
    assert "::error file=tables/meetings.csv,line=2,col=18,endColumn=28,title=bilatdata D101 " in done.stdout
    assert "::notice title=bilatdata::" in done.stdout
    assert "--> tables/meetings.csv:2:18" in done.stdout
    assert "    error[D101]" in summary
    assert all(line.startswith("    ") or not line.strip() for line in summary.splitlines()[1:])


def test_its_inputs_reach_the_command(action, newsroom):
    (newsroom / "my table.csv").write_text("﻿source_id,url,title,publisher,language_code,kind_code\n", encoding="utf-8")
    done, _ = action(
        path="my table.csv\n", table="sources", strict="true", args="--ignore=S102\n--isolated", sarif_file="my.sarif"
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("::error ") == 1
    assert "title=bilatdata S101 " in done.stdout
    assert (newsroom / "my.sarif").is_file()


def test_what_cannot_be_judged_fails_with_one_clear_line(action):
    done, summary = action(path="100%/nowhere")
    line = "100%/nowhere: there is no such file or folder"
    assert (done.returncode, summary) == (2, f"### bilatdata validate\n\n    error: {line}\n")
    assert done.stdout == f"::error title=bilatdata could not judge::{line.replace('%', '%25')}\n"
    assert done.stderr.splitlines() == [f"error: {line}"]
