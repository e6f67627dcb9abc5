"""CSV and JSON Lines with labels in the place of codes, and schemas that such files keep."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import frictionless
import pytest

import bilatdata as bd
from bilatdata.export import export
from bilatdata.package import DataPackage


@pytest.mark.parametrize("language", ["en", "es", "ru"])
def test_csv_with_labels_is_a_valid_package(tiny: DataPackage, tmp_path: Path, language: str) -> None:
    out = tmp_path / "out"
    export(out, "csv", ["meetings", "countries", "trade_products", "hs_products"], labels=language)
    with (out / "data/meetings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = bd.load("meetings", "arrow", labels=language).to_pylist()
    assert [row["status_code"] for row in rows] == [row["status_code"] for row in wanted]
    assert rows[0]["topic_codes"] == wanted[0]["topic_codes"]
    assert rows[0]["country_b_code"] == {"en": "Bolivia", "es": "Bolivia", "ru": "Боливия"}[language]
    assert json.loads((out / "datapackage.json").read_text(encoding="utf-8"))["labels"] == language
    report = frictionless.Package(str(out / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "message"])


def test_json_lines_with_labels(tiny: DataPackage, tmp_path: Path) -> None:
    export(tmp_path / "out", "jsonl", ["meetings"], labels="ru")
    first = json.loads((tmp_path / "out/data/meetings.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (first["meeting_id"], first["country_b_code"]) == ("MTG-0001", "Боливия")


@pytest.mark.parametrize(
    ("format", "labels", "message"),
    [
        ("csv", "de", "no labels in 'de': expected one of en, es, ru"),
        ("sqlite", "es", "sqlite has views such as meetings_es, and takes no labels"),
        ("parquet", "es", "parquet has the codes as they are, and takes no labels"),
    ],
)
def test_labels_that_cannot_be_are_refused(
    tiny: DataPackage, tmp_path: Path, format: str, labels: str, message: str
) -> None:
    with pytest.raises(bd.BilatdataError) as caught:
        export(tmp_path / "out", format, labels=labels)
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "out").exists()


def test_the_csv_of_record_is_true_to_the_byte_whatever_a_cell_begins_with(hostile: list[str], tmp_path: Path) -> None:
    export(tmp_path / "out", "csv", ["organisations"])
    assert (tmp_path / "out/data/organisations.csv").read_bytes() == bd.path("organisations").read_bytes()
    export(tmp_path / "labelled", "csv", ["organisations"], labels="en")
    with (tmp_path / "labelled/data/organisations.csv").open(encoding="utf-8", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)][-len(hostile) :] == hostile
