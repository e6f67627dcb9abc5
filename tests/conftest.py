"""Set-up that several tests share."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from bilatdata import package
from bilatdata.package import DataPackage
from bilatdata.release.build import build

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "fixtures"

# How long an example takes says more about the machine than about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture
def package_copy(tmp_path: Path) -> Path:
    """A copy of the data package (descriptor, data, schemas) that a test may damage."""
    target = tmp_path / "package"
    target.mkdir()
    shutil.copy2(ROOT / "datapackage.json", target)
    for folder in ("data", "schemas"):
        shutil.copytree(ROOT / folder, target / folder)
    return target


@pytest.fixture(scope="session")
def tiny_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built package of the rows in `fixtures/tiny` (`NA`, leading zeros, disputes), with the real schemas."""
    root = tmp_path_factory.mktemp("tiny")
    descriptor = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    names = [resource["name"] for resource in descriptor["resources"]]
    named = [{"name": name} for name in names if name == "terms" or (FIXTURES / "tiny" / f"{name}.csv").is_file()]
    (root / "datapackage.json").write_text(json.dumps({**descriptor, "resources": named}), encoding="utf-8")
    (root / "data").mkdir()
    (root / "schemas").mkdir()
    for resource in named:
        shutil.copy2(ROOT / "schemas" / f"{resource['name']}.json", root / "schemas")
    shutil.copy2(ROOT / "data" / "terms.csv", root / "data")
    for file in sorted((FIXTURES / "tiny").glob("*.csv")):
        _write_with_all_columns(file, root)
    build(root)
    return root


@pytest.fixture
def tiny(tiny_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataPackage:
    """A copy of the tiny package, which a test may damage, in the place of the installed one."""
    data = DataPackage(shutil.copytree(tiny_root, tmp_path / "tiny package"))
    monkeypatch.setattr(package, "installed", lambda: data)
    return data


def _write_with_all_columns(file: Path, root: Path) -> None:
    """Write a fixture with the columns of its schema; those that the fixture leaves out come empty."""
    schema = json.loads((root / "schemas" / file.name).with_suffix(".json").read_text(encoding="utf-8"))
    target = root / "data" / file.name
    with file.open(encoding="utf-8", newline="") as read, target.open("w", encoding="utf-8", newline="") as write:
        writer = csv.DictWriter(write, [field["name"] for field in schema["fields"]], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(csv.DictReader(read, strict=True))
