"""Set-up for the tests of the engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_tables import PLACES, READINGS, SCHEMAS

from bilatdata.package import DataPackage


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> DataPackage:
    """Two tables, `places` and `readings`, with a field of every kind and valid rows."""
    root = tmp_path_factory.mktemp("package")
    for folder in ("data", "schemas"):
        (root / folder).mkdir()
    for name, schema in SCHEMAS.items():
        (root / "schemas" / f"{name}.json").write_text(json.dumps({"name": name, **schema}))
    (root / "data" / "places.csv").write_text(PLACES)
    (root / "data" / "readings.csv").write_text(READINGS)
    resources = [{"name": name, "path": f"data/{name}.csv"} for name in SCHEMAS]
    (root / "datapackage.json").write_text(json.dumps({"name": "small", "version": "1.2.3", "resources": resources}))
    return DataPackage(root)


@pytest.fixture
def write(tmp_path: Path):
    """Writes a file of text or bytes into the test's folder and gives its path."""

    def writer(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return writer
