"""The raw files keep their names, sums and dictionary, and every snippet of `data/README.md` reads them alike."""

from __future__ import annotations

import csv
import re
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

import bilatdata as bd
from bilatdata.contract.table_schema import read_table_schema
from bilatdata.package import DataPackage
from bilatdata.release.build import build
from bilatdata.release.check import check

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
SNIPPETS = dict(re.findall(r"^## (\w+)\n\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def answer() -> tuple[int, float]:
    """Meetings held and the sum of values, as our own loader gives them."""
    return int((bd.load("meetings").status_code == "held").sum()), float(bd.load("trade_products").value_usd.sum())


def test_there_are_snippets_for_every_program_named() -> None:
    assert set(SNIPPETS) == {"pandas", "polars", "DuckDB", "R"}
    assert "## Excel" in GUIDE


@pytest.mark.parametrize("program", ["pandas", "polars"])
def test_python_snippets_read_what_the_loader_reads(
    program: str, answer: tuple[int, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(SNIPPETS[program], names)
    assert (int(names["held"]), float(names["value"])) == pytest.approx(answer)
    assert str(names["products"]["hs_code"].dtype).lower() == "string"


def test_the_duckdb_snippet_reads_what_the_loader_reads(
    answer: tuple[int, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert duckdb.sql(SNIPPETS["DuckDB"]).fetchall()[0] == pytest.approx(answer)


def test_every_csv_in_the_folder_is_a_table_and_every_table_is_there() -> None:
    for format in ("csv", "parquet"):
        assert {path.stem for path in (ROOT / "data").glob(f"*.{format}")} == set(bd.tables())


def test_the_sums_are_those_of_the_files(package_copy: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=package_copy / "data").returncode == 0
    (package_copy / "data/people.csv").write_bytes(b"person_id\n")
    assert subprocess.run(command, cwd=package_copy / "data", capture_output=True).returncode == 1


def test_the_dictionary_has_every_field() -> None:
    with (ROOT / "schemas" / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    package = DataPackage(ROOT)
    wanted = [
        (name, field.name, field.description)
        for name in package.table_names
        for field in read_table_schema(package.schema(name)).fields
    ]
    assert [(row["table_name"], row["field_name"], row["description"]) for row in rows] == wanted


@pytest.mark.parametrize("file", ["data/SHA256SUMS", "schemas/dictionary.csv"])
def test_check_finds_lists_that_are_not_current_and_build_mends_them(package_copy: Path, file: str) -> None:
    path = package_copy / file
    path.write_text(path.read_text(encoding="utf-8").replace("meetings", "gatherings"), encoding="utf-8")
    assert [finding.file for finding in check(package_copy).findings if finding.code == "R113"] == [str(path)]
    assert build(package_copy) == [Path(file)]


def test_no_text_of_the_record_begins_like_a_formula() -> None:
    """So that the CSV files are safe in a spreadsheet as they are; numbers with a sign are what they seem."""
    begin = ("=", "+", "-", "@", "\t", "\n", "\r")
    for name in bd.tables():
        with bd.path(name).open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                odd = [cell for cell in row if cell.startswith(begin) and not re.fullmatch(r"-[0-9.]+", cell)]
                assert not odd, (name, number)
