"""What notebooks show: everything that a record says, escaped, legible on light and on dark."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

import bilatdata as bd
from bilatdata.html import markup
from bilatdata.loading import tables
from bilatdata.package import DataPackage
from bilatdata.records import Record

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\" onmouseover='alert(3)' & </style></div>"
VOID = {"meta", "br", "img"}


class Page(HTMLParser):
    """Collects elements, attributes and text; fails where tags do not match."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words += f" {data}"


def shown(value: object) -> Page:
    return Page(value._repr_html_())  # type: ignore[attr-defined]


@pytest.mark.parametrize("id", ["EXT-0002", "CON-0010", "MTG-0120", "BOL", "ORG-0012", "PER-0267", "SRC-0001"])
def test_a_record_says_what_it_holds(id: str) -> None:
    record = bd.record(id)
    page = shown(record)
    assert id in page.words
    assert bd.__version__ in page.words
    for source in record.sources.values():
        assert " ".join(source["title"].split()) in page.words
        assert ("href", source["url"]) in page.attributes
    assert page.words.count("≠") >= len(record.disputes)


def test_values_are_spelled_and_disputes_stand_beside_them() -> None:
    words = " ".join(shown(bd.record("EXT-0002")).words.split())
    assert "Area 7,856.25 km² [2,10] ≠ 4,800 km² [1]" in words
    assert "5 disagreements" in words


def hostile(record: Record) -> Record:
    """The record with markup in every text cell, evidence and sources too."""
    values = {
        name: HOSTILE if isinstance(value, str) and " " in value else value for name, value in record.values.items()
    }
    source = {
        name: HOSTILE if name in ("title", "publisher") else value for name, value in record.sources["SRC-0001"].items()
    }
    source["url"] = f"javascript:{HOSTILE}"
    evidence = tuple(replace(item, note=HOSTILE, locator=HOSTILE, reported_value=HOSTILE) for item in record.evidence)
    names = dict.fromkeys(record.names, HOSTILE)
    sources = {**record.sources, "SRC-0001": source}
    return replace(record, values=values, evidence=evidence, names=names, sources=sources)


def test_a_cell_with_markup_is_text() -> None:
    record = bd.record("EXT-0002")
    clean, dirty = shown(record), shown(hostile(record))
    assert set(dirty.elements) <= set(clean.elements)
    assert {name for name, _ in dirty.attributes} <= {name for name, _ in clean.attributes}
    assert not [value for name, value in dirty.attributes if name == "href" and not str(value).startswith("http")]
    assert "alert(1)" in dirty.words


def test_a_description_with_markup_is_text() -> None:
    frame = bd.describe("meetings")
    usual = shown(frame)
    frame.loc[:, ["description", "title", "codes", "key", "unit"]] = HOSTILE
    assert set(shown(frame).elements) <= {*usual.elements, "details", "summary"}
    assert not [name for name, _ in shown(frame).attributes if name.startswith("on")]


def test_every_table_has_a_description_with_all_its_fields() -> None:
    for table in tables():
        page = shown(bd.describe(table))
        assert all(name in page.words for name in bd.describe(table)["name"]), table


def test_a_part_of_a_description_is_a_plain_frame() -> None:
    part = bd.describe("meetings").head(3)
    assert "dataframe" in part.to_html()
    assert not isinstance(part, type(bd.describe("meetings")))


def test_long_lists_are_cut_and_say_where_the_rest_is(tiny: DataPackage) -> None:
    record = bd.record("MTG-0001")
    rows = record.children["meeting_participants"] * 100
    page = shown(replace(record, children={"meeting_participants": rows}))
    assert f"and {len(rows) - 50:,} more in" in page.words
    assert 'record("MTG-0001").children["meeting_participants"]' in page.words


@pytest.mark.parametrize("palette", [markup._LIGHT, markup._DARK])
def test_colours_can_be_read(palette: str) -> None:
    # Contrast of text of WCAG 2.2, success criterion 1.4.3 (AA).
    colours = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]+)", palette))
    for name in ("ink", "soft", "link", "no", "high", "medium", "low"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    assert contrast(colours["no"], colours["no-paper"]) >= 4.5
    assert contrast(colours["link"], colours["no-paper"]) >= 4.5


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted(map(luminance, (first, second)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
