"""Set-up that several tests share."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from shell import commit, git, run

from bilatdata import package
from bilatdata.checksums import write_sums
from bilatdata.package import DataPackage
from bilatdata.release.archive import zip_bytes
from bilatdata.release.build import build
from bilatdata.release.changes import REASONS
from bilatdata.release.fetch import fetch

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

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


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit of the files that git tracks here (or would), and a reason for all that changed."""
    target = tmp_path_factory.mktemp("repository")
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    with (target / REASONS).open("a", encoding="utf-8") as reasons:
        reasons.write('\n[[reason]]\ntext = "For a test."\n')
    git(target, "init", "--quiet")
    commit(target)
    return target


@pytest.fixture(scope="session")
def release_folder(repository: Path) -> Path:
    """The release of that commit; what cutting it wrote into the repository is committed."""
    run(sys.executable, "-m", "bilatdata", "release", repository)
    commit(repository)
    return repository / "dist"


@pytest.fixture(scope="session")
def older_release(tiny_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the release 0.0.9 of the tiny package; Bolivia has another Russian name there."""
    root = Path(shutil.copytree(tiny_root, tmp_path_factory.mktemp("older") / "package"))
    for file, before, after in [
        ("datapackage.json", f'"version": "{DataPackage(root).version}"', '"version": "0.0.9"'),
        ("data/countries.csv", "Боливия", "Кульасуйу"),
    ]:
        text = (root / file).read_text(encoding="utf-8")
        (root / file).write_text(text.replace(before, after), encoding="utf-8")
    build(root)
    release = root.with_name("release")
    release.mkdir()
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    (release / "bilatdata-0.0.9-data.zip").write_bytes(zip_bytes(files, datetime(2026, 1, 31)))
    write_sums(release, ["bilatdata-0.0.9-data.zip"])
    return release


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's versions are cached; nothing is there yet."""
    monkeypatch.setenv("BILATDATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("BILATDATA_RELEASES", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def older(tiny: DataPackage, older_release: Path, cache: Path) -> DataPackage:
    """The package 0.0.9, fetched into the cache beside the tiny one that is installed."""
    return DataPackage(fetch("0.0.9", older_release))


def _write_with_all_columns(file: Path, root: Path) -> None:
    """Write a fixture with the columns of its schema; those that the fixture leaves out come empty."""
    schema = json.loads((root / "schemas" / file.name).with_suffix(".json").read_text(encoding="utf-8"))
    target = root / "data" / file.name
    with file.open(encoding="utf-8", newline="") as read, target.open("w", encoding="utf-8", newline="") as write:
        writer = csv.DictWriter(write, [field["name"] for field in schema["fields"]], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(csv.DictReader(read, strict=True))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print what the clients of `tests/clients` answered, a line each."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, ())]
    told = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == "client"]
    if not told:
        return
    terminalreporter.section("clients and their answers")
    line = "{:<16} {:<26} {:>8} {:>7} {:>8} {:>19} {:>8} {:>7}"
    terminalreporter.line(
        line.format("client", "version", "meetings", "no city", "products", "sum of value_usd", "no value", "codes 0…")
    )
    for client, version, answer in sorted(told):
        figures = [answer[name] for name in ("meetings", "no_city", "products", "value_usd", "no_value")]
        cells = [f"{figure:,.2f}" if isinstance(figure, float) else f"{figure:,}" for figure in figures]
        terminalreporter.line(line.format(client, version, *cells, len(answer["leading_zeros"])))
