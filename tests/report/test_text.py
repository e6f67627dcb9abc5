import re

from bilatdata.report import text
from bilatdata.validation import Finding, Report


def finding(line, code="T101", file="a.csv", **more):
    details = {"severity": "error", "message": "It is wrong.", "table": "meetings", "column": 3, "field": "date"} | more
    return Finding(code, file=file, line=line, **details)


def rendered(*findings, **options):
    return text.render(Report.of(findings, files=["a.csv", "b.csv"], tables=["meetings"], rows=1204), **options)


def test_all_good():
    assert rendered() == "All good: 2 files, 1,204 rows\n"


def test_a_finding_says_where_what_and_how_to_mend_it():
    item = finding(4, value="NA", expected="a date", hint="Write a date.", key="MTG-0001")
    assert rendered(item).splitlines() == [
        "a.csv:4:3: T101 date: It is wrong.",
        "    found 'NA', expected a date (record MTG-0001)",
        "    hint: Write a date.",
        "",
        "1 error in 2 files, 1,204 rows",
        "'bilatdata rules T101' explains a rule.",
    ]


def test_an_empty_cell_is_called_so():
    assert "found an empty cell, expected a value" in rendered(finding(4, key="k", expected="a value"))


def test_each_rule_is_capped_per_file_and_the_rest_counted():
    many = [finding(line) for line in range(1, 1008)]
    others = [finding(1, code="T102"), finding(1, file="b.csv"), finding(2, file="b.csv", severity="warning")]
    lines = rendered(*many, *others).splitlines()
    assert sum(line.startswith("a.csv:") for line in lines) == text.SHOWN_PER_RULE + 1
    assert "    … and 1,002 more of T101 in this file" in lines
    assert "1,009 errors, 1 warning in 2 files, 1,204 rows" in lines


def test_the_hint_is_given_once_per_rule():
    assert rendered(finding(1, hint="Mend it."), finding(2, hint="Mend it.")).count("hint: Mend it.") == 1


def test_explanations_are_wrapped_and_places_are_not():
    item = finding(1, file="a/" + "long" * 40 + ".csv", expected="word " * 60)
    lines = rendered(item, width=60).splitlines()
    assert lines[0].startswith("a/long")
    assert all(len(line) <= 60 for line in lines[1:-2])


def test_colour_only_if_asked_for():
    item = finding(1, value="\x1b[31m", hint="Mend it.")
    assert "\x1b" not in rendered(item)
    coloured = rendered(item, color=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == rendered(item)
