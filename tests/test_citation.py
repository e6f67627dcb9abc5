"""Citations name what was used, with its version, and nothing that the package does not say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import bilatdata as bd
from bilatdata.citation import FORMATS
from bilatdata.package import DataPackage

ROOT = Path(__file__).resolve().parents[1]
TITLE = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["title"]
CREATED = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["created"]
YEAR = CREATED[:4]


def bibtex_fields(entry: str) -> dict[str, str]:
    """The fields of one entry, read by counting braces as BibTeX does."""
    opening = re.match(r"@misc\{([A-Za-z0-9.-]+),", entry)
    assert opening, entry
    depth, start, fields, name = 0, 0, {}, ""
    for position, character in enumerate(entry):
        if character == "{":
            depth += 1
            if depth == 2:
                start = position + 1
                name = re.search(r"(\w+) = $", entry[:position])[1]
        elif character == "}":
            depth -= 1
            assert depth >= 0
            if depth == 1:
                fields[name] = entry[start:position]
    assert depth == 0
    return fields


def test_text(tiny: DataPackage) -> None:
    whole = f"{TITLE}, version {tiny.version} [data set]."
    assert bd.cite() == f"The bilatdata contributors ({YEAR}). {whole}"
    assert bd.cite("meetings") == f"The bilatdata contributors ({YEAR}). Meetings (table meetings). In: {whole}"
    azero = f"The bilatdata contributors ({YEAR}). Azero block (CON-0001 in table concessions). In: {whole}"
    assert bd.cite("CON-0001") == azero
    nameless = f"The bilatdata contributors ({YEAR}). MPA-00001 (table meeting_participants). In: {whole}"
    assert bd.cite("MPA-00001") == nameless


@pytest.mark.parametrize("target", [None, "trade_products", "MTG-0001", "MPA-00001", "ORG-0003", "RUS"])
def test_bibtex_is_one_readable_entry(tiny: DataPackage, target: str | None) -> None:
    fields = bibtex_fields(bd.cite(target, "bibtex"))
    assert fields["author"] == "{The bilatdata contributors}"
    assert fields["year"] == YEAR and fields["version"] == tiny.version
    assert tiny.version in fields["note"]
    if target and "_" not in target:
        assert target in fields["note"]


def test_bibtex_escapes_what_tex_would_read(tiny: DataPackage) -> None:
    title = bibtex_fields(bd.cite("ORG-0003", "bibtex"))["title"]
    escaped = (
        r'Gazprom "EP" 50\% \& \textbraceleft{}Co\textbraceright{}\_\$\#\textasciitilde{}\textasciicircum{}'
        r"\textbackslash{}x"
    )
    assert title == f"{{{escaped}. In: {TITLE}}}"
    assert r"table trade\_products" in bd.cite("trade_products", "bibtex")


@pytest.mark.parametrize("target", [None, "meetings", "SRC-0001"])
def test_csl_json_holds_one_item(tiny: DataPackage, target: str | None) -> None:
    (item,) = json.loads(bd.cite(target, "csl-json"))
    assert item["type"] == "dataset" and item["version"] == tiny.version
    assert item["author"] == [{"literal": "The bilatdata contributors"}]
    assert item["issued"] == {"date-parts": [[int(part) for part in CREATED[:10].split("-")]]}
    known = {"id", "type", "title", "author", "issued", "version", "container-title", "note"}
    assert set(item) <= known, "names of CSL-JSON variables"
    assert item["title"] == {None: TITLE, "meetings": "Meetings", "SRC-0001": "Переговоры"}[target]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("target", [None, "meetings", "SRC-0001"])
def test_no_address_is_made_up(tiny: DataPackage, target: str | None, format: str) -> None:
    assert not re.search("https?:|doi", bd.cite(target, format), re.IGNORECASE)


@pytest.mark.parametrize(
    ("target", "format", "message"),
    [
        (None, "bibtx", "no citation format 'bibtx' (did you mean 'bibtex'?): expected one of text, bibtex, csl-json"),
        ("meting", "text", "no table or record 'meting' (did you mean 'meetings'?): expected one of meetings, "),
        ("MTG-0099", "text", "no record 'MTG-0099' in meetings: the nearest id is MTG-0007"),
        ("", "text", "no record '': expected an id such as MTG-0001 (meetings), "),
    ],
)
def test_what_cannot_be_cited(tiny: DataPackage, target: str | None, format: str, message: str) -> None:
    with pytest.raises(bd.BilatdataError) as caught:
        bd.cite(target, format)
    assert str(caught.value).startswith(message)
