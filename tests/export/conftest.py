"""A package with cells that programs like to misread."""

from __future__ import annotations

import csv

import pytest

from bilatdata import package
from bilatdata.package import DataPackage
from bilatdata.release.build import build

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\ttab",
    "\nline",
    '=HYPERLINK("https://example.org", "click")',
    "007",
    "1e5",
    "2024-01-02",
    "TRUE",
    "NA",
    "_x0041_",
    "{=1}",
    "https://example.org/",
    "internal:Sheet1!A1",
    "Łódź 中文 🙂",
    "'quoted",
    'a"b',
]
"""Texts that must arrive as they are."""


@pytest.fixture
def hostile(tiny: DataPackage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of `HOSTILE`; in the tiny package each is name and note of an organisation from ORG-0100 on."""
    path = tiny.root / "data" / "organisations.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, text in enumerate(HOSTILE, start=100):
        row = {"organisation_id": f"ORG-0{number}", "name": text, "country_code": "RUS", "kind_code": "ministry"}
        rows.append({**dict.fromkeys(rows[0], ""), **row, "note": text})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    build(tiny.root)
    data = DataPackage(tiny.root)
    monkeypatch.setattr(package, "installed", lambda: data)
    return HOSTILE
