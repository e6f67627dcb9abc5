"""Wheel and editable installs in an environment of their own, used from elsewhere; the sdist gives the same wheel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from shell import run

# One worker cuts the release that these tests, and those of tests/release/test_cut.py, install and open.
pytestmark = pytest.mark.xdist_group("release")
ROOT = Path(__file__).resolve().parents[1]
PROBE = """
import json, sys
import bilatdata as bd
light = not {"pandas", "pyarrow", "polars"} & set(sys.modules)
frame = bd.load("meetings")
seen = {"light": light, "rows": len(frame), "version": bd.__version__, "path": str(bd.path("meetings", format="csv"))}
print(json.dumps(seen))
"""


def fresh_python(folder: Path, python: str = sys.executable) -> Path:
    """An empty virtual environment's python."""
    run(python, "-m", "venv", folder)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(python: Path, *what: object) -> None:
    run(python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", *what)


@pytest.fixture(scope="module")
def installed(release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of an environment with the release and what it requires, nothing else."""
    python = fresh_python(tmp_path_factory.mktemp("install") / "venv")
    install(python, wheel_in(release_folder))
    return python


@pytest.mark.parametrize("form", ["wheel", "editable"])
def test_an_install_finds_its_data_from_an_unrelated_folder(
    form: str, installed: Path, release_folder: Path, repository: Path, tmp_path: Path
) -> None:
    what = {"wheel": [wheel_in(release_folder)], "editable": ["--editable", repository]}
    install(installed, "--no-deps", "--force-reinstall", *what[form])
    seen = json.loads(run(installed, "-c", PROBE, cwd=tmp_path))
    assert seen["light"], "importing bilatdata must not import pandas, pyarrow or polars"
    assert seen["rows"] == rows_of("meetings")
    assert seen["version"] == json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["version"]
    assert Path(seen["path"]).read_bytes() == (ROOT / "data/meetings.csv").read_bytes()

    command = installed.parent / "bilatdata"
    assert "MTG-0001" in run(command, "record", "MTG-0001", cwd=tmp_path)
    without_extra = subprocess.run([command, "validate", seen["path"]], cwd=tmp_path, capture_output=True, text=True)
    assert without_extra.returncode == 2
    assert "pip install 'bilatdata[validate]'" in without_extra.stderr
    assert "Traceback" not in without_extra.stderr


def test_the_sdist_builds_the_same_wheel(release_folder: Path, tmp_path: Path) -> None:
    sdist = next(release_folder.glob("*.tar.gz"))
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, sdist)
    assert files_of(wheel_in(tmp_path)) == files_of(wheel_in(release_folder))


def wheel_in(folder: Path) -> Path:
    return next(folder.glob("*.whl"))


def files_of(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rows_of(table: str) -> int:
    descriptor = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    return next(resource["rowCount"] for resource in descriptor["resources"] if resource["name"] == table)


OTHER_PYTHONS = sorted({"3.11", "3.12", "3.13"} - {f"{sys.version_info.major}.{sys.version_info.minor}"})


@pytest.mark.parametrize("version", OTHER_PYTHONS)
def test_the_wheel_runs_on_the_other_supported_pythons_found_here(
    version: str, release_folder: Path, tmp_path: Path
) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    fresh = fresh_python(tmp_path / "venv", python)
    install(fresh, wheel_in(release_folder))
    assert json.loads(run(fresh, "-c", PROBE, cwd=tmp_path))["rows"] == rows_of("meetings")


def find_python(version: str) -> str | None:
    """The Python of this version, if there is one; pyenv's shims need to be told which one is meant."""
    name = shutil.which(f"python{version}")
    if name is None:
        return None
    environment = {**os.environ, "PYENV_VERSION": version}
    done = subprocess.run(
        [name, "-c", "import sys; print(sys.executable)"], env=environment, capture_output=True, text=True
    )
    return done.stdout.strip() if done.returncode == 0 else None


def test_the_wheel_holds_the_whole_package_and_no_tests(release_folder: Path) -> None:
    names = set(files_of(wheel_in(release_folder)))
    descriptor = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        paths = [resource["path"], resource["schema"], *(other["path"] for other in resource["alternates"])]
        assert {f"bilatdata/_dp/{path}" for path in paths} <= names
    assert not [name for name in names if name.startswith("tests")]
