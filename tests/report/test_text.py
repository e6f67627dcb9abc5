import re
from pathlib import Path

import pytest

from bilatdata.report import text
from bilatdata.screen import text_width
from bilatdata.validation import Finding, Report, validate


def finding(line, code="T101", file="a.csv", **more):
    details = {"severity": "error", "message": "It is wrong.", "table": "meetings", "column": 3, "field": "date"} | more
    return Finding(code, file=file, line=line, **details)


def rendered(*findings, **options):
    return text.render(Report.of(findings, files=["a.csv", "b.csv"], tables=["meetings"], rows=1204), **options)


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """The line that holds a cell, and the line of its marker, in text of a width."""
    monkeypatch.chdir(tmp_path)

    def shown(line: str, column: int, width: int = 80, **more) -> tuple[str, str]:
        Path("a.csv").write_text(f"a,b\n{line}\n", encoding="utf-8")
        lines = rendered(finding(2, column=column, **more), width=width).splitlines()
        assert lines[2] == "   |"
        assert lines[3].startswith(" 2 | ")
        assert all(text_width(text) <= width for text in lines[1:-2])
        return lines[3].removeprefix(" 2 | "), lines[4].removeprefix("   | ")

    return shown


def test_all_good():
    assert rendered() == "All good: 2 files, 1,204 rows\n"


def test_a_finding_shows_its_line_and_how_to_mend_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("id,date,x\nMTG-0001,NA,1\n")
    item = finding(2, column=10, value="NA", expected="a date", hint="Write a date.", key="MTG-0001")
    assert rendered(item).splitlines() == [
        "error[T101]: It is wrong.",
        "  --> a.csv:2:10  date of MTG-0001",
        "   |",
        " 2 | MTG-0001,NA,1",
        "   |          ^^ expected a date",
        "   |",
        "   = help: Write a date.",
        "",
        "1 error in 2 files, 1,204 rows",
        "'bilatdata rules T101' explains a rule.",
    ]


def test_without_the_line_the_finding_says_what_was_found():
    item = finding(None, column=None, row=3, value="NA", expected="a date", file="a.parquet")
    assert rendered(item).splitlines()[1:3] == [
        "  --> a.parquet:row 3  date",
        "   = found 'NA', expected a date",
    ]


def test_an_empty_cell_is_called_so(shown):
    assert shown("1,,3", 3, expected="a value", key="k") == ("1,,3", "  ^ empty, expected a value")


def test_what_was_found_is_told_where_it_is_not_what_one_sees(shown):
    assert shown('1,"a ""b""",3', 3, value='a "b"')[1].strip(" ^") == ""
    assert shown("1,2,3", 3, value="2 and 3")[1] == "  ^ found '2 and 3'"


@pytest.mark.parametrize(
    ("line", "column", "marked"),
    [
        ("Ñandú,b", 7, "b"),
        ("中国铝业,b", 6, "b"),  # twice as wide
        ("中国铝业,中国", 6, "中国"),
        ("N\u0303andu\u0301,b", 9, "b"),  # combining characters take no room
        ("a\tz,b", 5, "b"),  # a tab is written as two characters
        ("\x1b[31m,b", 7, "b"),
        ("a\u00a0,b", 4, "b"),
    ],
)
def test_the_marker_is_under_the_cell_whatever_stands_before_it(shown, line, column, marked):
    shown_line, marker = shown(line, column)
    assert shown_line.isprintable()
    before = text_width(shown_line[: shown_line.rindex(marked)])
    assert marker == " " * before + "^" * text_width(marked)


@pytest.mark.parametrize("width", [40, 60, 100, 140])
@pytest.mark.parametrize("filler", ["x", "中", "o\u0301", "\t"])
@pytest.mark.parametrize(("before", "after"), [(0, 300), (150, 150), (300, 0)])
def test_long_lines_are_cut_around_the_cell(shown, width, filler, before, after):
    shown_line, marker = shown(f"{filler * before},CELL,{filler * after}", len(filler) * before + 2, width)
    assert shown_line.startswith("…") == (before > 0)
    assert shown_line.endswith("…") == (after > 0)
    start = text_width(shown_line[: shown_line.index("CELL")])
    assert marker == " " * start + "^^^^"


def test_of_a_long_cell_its_beginning_is_shown(shown):
    line, marker = shown(f"1,{'x' * 500},3", 3, 60)
    assert line.startswith("1,xxx")
    assert line.endswith("x…")
    assert marker == "  " + "^" * (len(line) - 2)


def test_a_cell_over_several_lines_says_where_it_ends(shown):
    line, marker = shown('1,"two\nthree",4', 3)
    assert (line, marker) == ('1,"two', "  ^^^^ the cell ends in line 3")


def test_findings_are_grouped_by_rule_and_the_rest_counted():
    many = [finding(line) for line in range(1, 1008)]
    others = [finding(1, code="T102"), finding(1, file="b.csv"), finding(2, file="b.csv", severity="warning")]
    lines = rendered(*many, *others).splitlines()
    assert sum("--> a.csv:" in line for line in lines) == text.SHOWN_PER_RULE + 1
    assert sum(line.startswith("error[T101]") for line in lines) == 2
    assert f"   = {1007 - text.SHOWN_PER_RULE:,} more in this file" in lines
    assert "1,009 errors, 1 warning in 2 files, 1,204 rows" in lines


def test_many_faulty_files_stay_readable():
    many = [
        finding(line, code, f"{file:03}.csv") for file in range(300) for code in ("T101", "T102") for line in (1, 2)
    ]
    lines = rendered(*many).splitlines()
    assert sum(" --> " in line for line in lines) == text.SHOWN_AT_MOST
    assert "error[T102]: It is wrong. (2 findings, the first at 299.csv:1:3)" in lines
    assert len(lines) < 2000


def test_the_hint_is_given_once_per_rule():
    assert rendered(finding(1, hint="Mend it."), finding(2, hint="Mend it.")).count("help: Mend it.") == 1


def test_what_was_expected_is_not_told_twice(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("a,b\n1,2\n1,2\n")
    assert rendered(finding(2, expected="one of a, b"), finding(3, expected="one of a, b")).count("one of a, b") == 1


def test_explanations_are_wrapped_and_places_are_not():
    item = finding(1, file="a/" + "long" * 40 + ".csv", expected="word " * 60)
    lines = rendered(item, width=60).splitlines()
    assert lines[1].startswith("  --> a/long")
    assert all(len(line) <= 60 for line in lines[2:-2])


def test_colour_only_if_asked_for(ten_faults):
    plain = text.render(ten_faults)
    coloured = text.render(ten_faults, color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_no_cell_steers_the_terminal(tmp_path):
    path = tmp_path / "countries.csv"
    rows = "NAM,Namibia\n" * 20
    path.write_text(f"country_code,name_en\n\x1b[31mX\u202e,\x07\n{rows}", encoding="utf-8")
    assert all(line.isprintable() for line in text.render(validate(path)).splitlines())
