from pathlib import Path

import pytest

from bilatdata.report.excerpts import BUFFER, WINDOW, excerpts
from bilatdata.validation import Finding, validate


def finding(line, column=1, code="T101", **more):
    return Finding(code, "error", "Wrong.", **{"file": "a.csv", "line": line, "column": column, "field": "x", **more})


@pytest.fixture
def excerpt(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def excerpt(content: bytes, item: Finding):
        Path("a.csv").write_bytes(content)
        ((same, found),) = excerpts([item])
        assert same is item
        return found

    return excerpt


@pytest.mark.parametrize(
    ("content", "place", "marked"),
    [
        (b"a,b\n1,two,3\n", (2, 3), "two"),
        (b"a,b\r\n1,two\r\n", (2, 3), "two"),
        (b"a,b\n1,two", (2, 3), "two"),  # no line end
        (b'a,b\n1,"x, ""y""",3\n', (2, 3), '"x, ""y"""'),
        ("\ufeffa,b\n".encode(), (1, 3), "b"),  # columns do not count the byte-order mark
        ("á中,b\n".encode(), (1, 4), "b"),  # columns are characters
        (b"a,b\n1,,3\n", (2, 3), ""),
        (b"a,b\n1,two", (1, 1), "a"),
    ],
)
def test_the_cell_is_marked(excerpt, content, place, marked):
    found = excerpt(content, finding(*place))
    assert found.text[found.start : found.end] == marked
    assert (found.end_line, found.end_column) == (place[0], place[1] + len(marked))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_cell_that_spans_lines_ends_in_the_last(excerpt, end):
    found = excerpt(f'a,b{end}1,"two{end}and{end}three",4{end}'.encode(), finding(2, 3))
    assert found.text == '1,"two'
    assert found.text[found.start : found.end] == '"two'
    assert (found.end_line, found.end_column) == (4, 7)


@pytest.mark.parametrize(
    ("code", "marked"), [("S106", "3,4"), ("S108", "3,4"), ("S109", "3"), ("S107", "3"), ("T101", "3")]
)
def test_a_mark_is_as_long_as_what_the_rule_is_about(excerpt, code, marked):
    found = excerpt(b"a,b\n1,2,3,4\n", finding(2, 5, code))
    assert found.text[found.start : found.end] == marked


@pytest.mark.parametrize(
    ("content", "item"),
    [
        (b"a,b\n", finding(7)),  # no such line any more
        (b"a,b\n1,2\n", finding(2, 40)),  # no such column any more
        (b"a,b\n", finding(1, file="gone.csv")),
        (b"a,b\n", finding(1, file="<stdin>")),
        (b"a,b\n", finding(1, file=".")),
        (b"a,b\n", finding(1, file="\0")),
        (b"a,b\n", finding(1, file=None)),
        (b"a,b\n", finding(None, None, row=3)),
        (b"x" * (WINDOW + 9) + b",y\n", finding(1, WINDOW + 11)),  # too far out in a long line
    ],
)
def test_what_cannot_be_shown_is_left_out(excerpt, content, item):
    assert excerpt(content, item) is None


def test_a_line_behind_a_very_long_one_is_found(excerpt):
    found = excerpt(b"x" * (3 * BUFFER) + b"\n1,two\n", finding(2, 3))
    assert found.text[found.start : found.end] == "two"


def test_a_quote_that_is_never_closed_marks_the_rest_of_its_line(excerpt):
    found = excerpt(b'a,b\n1,"two,3\n4,5\n', finding(2, 3))
    assert found.text[found.start : found.end] == '"two,3'


def test_places_of_the_engine_and_excerpts_agree(ten_faults):
    seen = {finding.code: excerpt for finding, excerpt in excerpts(ten_faults.findings)}
    marked = {code: excerpt.text[excerpt.start : excerpt.end] for code, excerpt in seen.items()}
    assert marked == {
        "D101": "2024-02-30",
        "K101": "MTG-9001",
        "N102": '"Told by',
        "S105": "",
        "S106": "",  # the cell that is too many is empty
        "S107": "\N{REPLACEMENT CHARACTER}",
        "S109": '"',
        "T102": "",
        "T103": "MTG9002",
        "T104": "presidents",
    }
    assert (seen["N102"].end_line, len(ten_faults)) == (8, 10)


def test_many_findings_take_one_pass_in_whatever_order(tmp_path):
    path = tmp_path / "countries.csv"
    path.write_text("country_code,name_en\n" + "".join(f"c{number},x\n" for number in range(3000)), encoding="utf-8")
    findings = [item for item in validate(path).findings if item.code == "T103"]
    for order in (findings, findings[::-1]):
        found = list(excerpts(order))
        assert len(found) == 3000
        assert all(excerpt.text[excerpt.start : excerpt.end] == item.value for item, excerpt in found)
