"""Commands as a user runs them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def user_environment() -> dict[str, str]:
    """The environment without what this test run put into it."""
    mine = ("PYTHON", "COV_", "PYTEST", "GIT_")
    return {name: value for name, value in os.environ.items() if not name.startswith(mine)}


def run(*command: object, cwd: Path | None = None, **variables: str) -> str:
    """Run a command as a user would, without the environment of this test run, and give what it prints."""
    environment = {**user_environment(), **variables}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def commit(repository: Path) -> None:
    """Commit all that lies in a repository, were it nothing new."""
    git(repository, "add", "--all")
    git(
        repository,
        "-c",
        "user.name=T",
        "-c",
        "user.email=t@example.org",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "State",
    )


def git(repository: Path, *arguments: str) -> str:
    """What a git command prints."""
    return run("git", "-C", repository, *arguments)
