"""The pre-commit hook, run by pre-commit on a repository that uses it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from shell import commit, git

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """A repository with our hook, to be run with the commands on the path instead of an environment of its own."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook.pop("additional_dependencies") == [".[validate]"]
    hook["language"] = "system"
    folder = tmp_path / "hooks"
    folder.mkdir()
    (folder / ".pre-commit-hooks.yaml").write_text(yaml.safe_dump([hook]), encoding="utf-8")
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


@pytest.fixture
def try_hook(hooks, newsroom, shell, tmp_path):
    """Runs the hook on the files that are staged."""
    (newsroom / ".pre-commit-config.yaml").unlink()
    git(newsroom, "init", "--quiet")
    pre_commit = Path(sys.executable).with_name("pre-commit")

    def try_hook():
        git(newsroom, "add", "--all")
        home = str(tmp_path / "home")
        return shell(pre_commit, "try-repo", hooks, "bilatdata-validate", cwd=newsroom, PRE_COMMIT_HOME=home)

    return try_hook


def test_good_tables_may_be_committed(try_hook):
    done = try_hook()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_a_bad_table_may_not(try_hook, spoil):
    spoil()
    done = try_hook()
    assert done.returncode == 1
    assert "Failed" in done.stdout
    assert "--> tables/meetings.csv:2:18" in done.stdout


def test_a_commit_without_tables_is_not_held_up(try_hook, newsroom, spoil):
    spoil()
    commit(newsroom)
    (newsroom / "README.md").write_text("Other words.\n", encoding="utf-8")
    done = try_hook()
    assert done.returncode == 0
    assert "Skipped" in done.stdout
