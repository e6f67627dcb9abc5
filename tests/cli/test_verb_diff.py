"""The verb `diff`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[1] / "fixtures" / "versions" / "base"


@pytest.fixture
def new(tmp_path):
    root = shutil.copytree(BASE, tmp_path / "new")
    path = root / "data/visits.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Nothing", "Something"), encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("format", "opening"),
    [("text", "example 1.2.3 → 1.2.3\n"), ("markdown", "# example"), ("html", "<!doctype html>\n"), ("json", "{\n")],
)
def test_each_format(run, new, format, opening):
    result = run("diff", BASE, new, "--format", format)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(opening)
    assert "Something" in result.out


def test_the_version_called_for_is_for_scripts_too(run, new):
    assert json.loads(run("diff", BASE, new, "--format", "json").out)["calls_for"]["version"] == "1.2.4"


def test_the_installed_version_is_known_by_its_number(run, new):
    from bilatdata import __version__

    assert run("diff", __version__, __version__).out == f"bilatdata {__version__} → {__version__}\nnothing changed\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: OLD, NEW"),
        ((BASE, "nowhere"), "nowhere: no such file or folder, and"),
        ((BASE, "99.0.0"), "version 99.0.0 is not"),
        ((BASE, "gone.zip"), "gone.zip: no such file: expected an archive of the data package"),
        ((BASE, BASE / "data"), "data: no data package here: expected a folder with datapackage.json"),
        ((BASE, BASE / "data" / "visits.csv"), "visits.csv: is no zip archive or wheel that can be read"),
        ((BASE, BASE, "--format", "pdf"), "no choice 'pdf'"),
        ((BASE, BASE, "--limit", "few"), "expected a whole number from 0, found 'few'"),
    ],
)
def test_mistakes_are_one_clear_line(run, arguments, message):
    assert message in run("diff", *arguments).error


def test_versions_of_two_packages_are_refused(run):
    from bilatdata import __version__

    assert run("diff", BASE, __version__).error.endswith("expected two versions of one package")
