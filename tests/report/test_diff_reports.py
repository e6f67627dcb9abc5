"""A comparison in every form that it is printed in: what a reader finds in it, and that cells cannot break it."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bilatdata.history.calls import kinds
from bilatdata.history.changes import changes, read_line
from bilatdata.history.diff import diff
from bilatdata.history.model import PackageDiff
from bilatdata.report import diff_html, diff_json, diff_markdown, diff_text

BASE = Path(__file__).resolve().parents[1] / "fixtures" / "versions" / "base"
HOSTILE = '<script>alert(1)</script> | **b** \x1b[31m "q"'


@pytest.fixture
def found(tmp_path: Path) -> PackageDiff:
    """A record each that came, went, and changed, with evidence; a cell that tries to break every format."""
    new = shutil.copytree(BASE, tmp_path / "new")
    visits = (new / "data/visits.csv").read_text(encoding="utf-8")
    hostile = HOSTILE.replace('"', '""')
    visits = visits.replace("VIS-0002,2024-06,planned,,trade,", f'VIS-0002,2024-06-09,planned,,trade,"{hostile}"')
    visits = visits.replace("VIS-0003,2025,planned,30,,\n", "").replace(
        "Two lines,\nand a comma", "Two lines,\nand commas"
    )
    (new / "data/visits.csv").write_text(visits + "VIS-0005,2026,,,,\n", encoding="utf-8")
    evidence = (new / "data/evidence.csv").read_text(encoding="utf-8")
    lines = "EVI-0003,visits,VIS-0002,date,SRC-0001,2024-06-09,supports\nEVI-0004,visits,VIS-0004,,SRC-0001,,supports\n"
    (new / "data/evidence.csv").write_text(evidence + lines, encoding="utf-8")
    return diff(BASE, new)


class Page(HTMLParser):
    """The tags and the text of a page, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_text_says_what_changed_and_what_that_calls_for(found: PackageDiff) -> None:
    text = diff_text.render(found)
    assert text.startswith("example 1.2.3 → 1.2.3\ncalls for 2.0.0 (MAJOR: 1 × record gone without a word)\n")
    lines = [line.strip() for line in text.splitlines()]
    for line in [
        "− VIS-0003  2025  gone, and retired_ids does not say where",
        "+ VIS-0005  2026",
        "~ VIS-0002  2024-06-09",
        "date: 2024-06 → 2024-06-09",
        '+ SRC-0001 supports "2024-06-09"',
        "VIS-0004 (record)  + SRC-0001 supports",
    ]:
        assert line in lines
    assert re.search(r"^visits +4 +1 +1 +2 +1$", text, re.MULTILINE)
    assert "\x1b" not in text
    assert "\x1b[" in diff_text.render(found, color=True)


def test_text_counts_what_it_does_not_list(found: PackageDiff) -> None:
    assert "… and 1 more" in diff_text.render(found, limit=1)
    assert "more" not in diff_text.render(found, limit=None)


def test_long_cells_are_shown_where_they_part(tmp_path: Path) -> None:
    new = shutil.copytree(BASE, tmp_path / "new")
    path = new / "data/sources.csv"
    opening = "A title that goes on and on, much longer than a line can show, until it says "
    for root, end in ((old := shutil.copytree(BASE, tmp_path / "old"), "one thing"), (new, "another")):
        path = root / "data/sources.csv"
        path.write_text(f'source_id,title\nSRC-0001,"{opening}{end}"\n', encoding="utf-8")
    assert "title: …, until it says one thing → …, until it says another" in diff_text.render(diff(old, new))


def test_json_has_every_change_as_the_change_files_do(found: PackageDiff) -> None:
    told = json.loads(diff_json.render(found))
    assert told["calls_for"]["version"] == "2.0.0"
    assert told["tables"]["visits"] == {
        **{"status": "kept", "rows": [4, 4], "added": 1, "gone": 1},
        **{"revised": 2, "filled": 1, "emptied": 0},
    }
    assert [read_line(json.dumps(change), "") for change in told["changes"]] == list(changes(found))


def test_markdown_keeps_its_tables_whatever_is_in_the_cells(found: PackageDiff) -> None:
    text = diff_markdown.render(found)
    assert '| VIS-0002 | date | 2024-06 | 2024-06-09 | + SRC-0001 supports "2024-06-09" |' in text
    assert r"\<script\>alert(1)\</script\> \| \*\*b\*\*" in text
    for line in text.splitlines():
        if line.startswith("| VIS"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 6


def test_the_page_is_whole_and_asks_nobody_for_anything(found: PackageDiff) -> None:
    text = diff_html.render(found)
    page = Page(text)
    assert page.open == []
    assert {tag for tag, _ in page.tags} & {"link", "img", "iframe"} == set()
    assert [attributes for _, attributes in page.tags if {"src", "onclick", "style"} & set(attributes)] == []
    assert all(str(attributes["href"]).startswith("#") for tag, attributes in page.tags if tag == "a")
    assert not re.search(r"https?://|@import|url\(", text)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "alert(1)" in page.words
    for part in ["VIS-0003", "2024-06-09", "Calls for ", "record gone without a word", "SRC-0001 supports"]:
        assert part in page.words
    names = {attributes.get("id") for tag, attributes in page.tags if tag == "section"}
    assert {str(attributes["href"])[1:] for tag, attributes in page.tags if tag == "a"} <= names


def test_words_that_changed_are_marked_in_long_texts(found: PackageDiff) -> None:
    words = "".join(
        diff_html._words("Frozen by a court in May; under review", "Frozen by a court in June; under review")
    )
    assert words == "Frozen by a court in <del>May</del><ins>June</ins>; under review"


@pytest.mark.parametrize("render", [diff_text.render, diff_markdown.render, diff_html.render, diff_json.render])
def test_no_change_is_said_in_every_form(render: object) -> None:
    assert callable(render)
    text = render(diff(BASE, BASE))
    assert "othing changed" in text or json.loads(text)["changes"] == []


def test_every_kind_has_words_for_people() -> None:
    assert all(kind.title and kind.why.endswith(".") for kind in kinds().values())
