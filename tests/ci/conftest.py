"""The example of a downstream project, and an environment in which the built wheel runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
from shell import run, user_environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def wheel_bin(release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a fresh environment with the built wheel.

    What the wheel needs comes from the environment of the tests: installing it anew would take most of a minute.
    """
    venv = tmp_path_factory.mktemp("wheel") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    python = venv / "bin" / "python"
    wheel = next(release_folder.glob("*.whl"))
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel)
    own = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (own / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    loaded = run(python, "-c", "import bilatdata; print(bilatdata.__file__)", cwd=venv)
    assert Path(loaded.strip()).is_relative_to(own), "the wheel is what runs"
    return python.parent


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    """A copy of the example, which a test may damage."""
    ignored = shutil.ignore_patterns("reports")
    return Path(shutil.copytree(ROOT / "examples/newsroom", tmp_path / "newsroom", ignore=ignored))


@pytest.fixture
def spoil(newsroom: Path) -> Callable[[], None]:
    """Puts two faults into the example: a month that does not exist, and initials that its own schema forbids."""

    def spoil() -> None:
        path = newsroom / "tables/meetings.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("2025-04-29", "2025-13-29").replace('since.",AV', 'since.",a'), encoding="utf-8")

    return spoil


@pytest.fixture
def shell(wheel_bin: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command with the wheel's commands on the path, and does not mind how it ends."""

    def shell(*command: object, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = user_environment()
        environment["PATH"] = f"{wheel_bin}:{environment['PATH']}"
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={**environment, **variables},
            capture_output=True,
            text=True,
        )

    return shell
