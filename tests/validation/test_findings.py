import json
import subprocess
import sys

import pytest

from bilatdata.errors import BilatdataError
from bilatdata.validation import Finding, Report, ValidationError
from bilatdata.validation.findings import place, printable, quoted


def finding(line=1, severity="error", **more):
    return Finding("T101", severity, "It is wrong.", table="meetings", file="m.csv", line=line, column=3, **more)


def report(*findings):
    return Report.of(findings, files=["m.csv"], tables=["meetings"], rows=1204)


def test_findings_are_in_the_order_of_the_file():
    first, second, third = finding(2), finding(10), finding(10, field="x")
    assert report(third, second, first).findings == (first, second, third)


def test_warnings_do_not_make_data_invalid():
    judged = report(finding(severity="warning"))
    assert judged.valid
    assert (len(judged.errors), len(judged.warnings), len(judged)) == (0, 1, 1)
    judged.raise_for_findings()
    with pytest.raises(ValidationError):
        judged.raise_for_findings(strict=True)


def test_a_report_is_true_even_without_findings():
    assert report()
    assert list(report()) == []


def test_the_error_lists_the_first_few_and_counts_the_rest():
    judged = report(*(finding(line, value=f"v{line}\x1b[31m") for line in range(1, 9)))
    with pytest.raises(BilatdataError) as error:
        judged.raise_for_findings()
    text = str(error.value)
    assert text.startswith("8 errors in 1 file, 1,204 rows: m.csv:1:3: T101 It is wrong. Found 'v1\\x1b[31m'.;")
    assert text.endswith("and 3 more")
    assert "\n" not in text
    assert error.value.report is judged


def test_repr():
    assert (
        repr(report(finding(), finding(2, "warning")))
        == "<Report: not valid, 1 error, 1 warning in 1 file, 1,204 rows>"
    )
    assert repr(report()) == "<Report: valid, 0 errors in 1 file, 1,204 rows>"


def test_as_pandas():
    frame = report(finding(5, value="NA"), Finding("S112", "warning", "m")).to_pandas()
    assert frame["line"].fillna(-1).tolist() == [-1, 5]
    assert str(frame.dtypes["line"]) == str(frame.dtypes["row"]) == "Int64"
    assert frame["value"].dropna().tolist() == ["NA"]
    assert list(report().to_pandas().columns) == list(frame.columns)


def test_as_dict():
    content = report(finding(5)).to_dict()
    assert content["summary"] == {
        "valid": False, "errors": 1, "warnings": 0, "files": ["m.csv"], "tables": ["meetings"], "rows": 1204,
        "known": 0, "gone": 0,
    }  # fmt: skip
    assert content["findings"][0]["line"] == 5
    assert json.loads(report(finding(5)).to_json()) == content


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (finding(2), "m.csv:2:3"),
        (Finding("T101", "error", "m", table="t", row=4), "<t>:row 4"),
        (Finding("T101", "error", "m", table="t", file="x.parquet", row=4), "x.parquet:row 4"),
        (Finding("S112", "warning", "m", file="x.csv"), "x.csv"),
        (Finding("S112", "warning", "m"), "<data>"),
    ],
)
def test_places(item, text):
    assert place(item) == text


def test_cells_cannot_steer_a_terminal():
    assert printable("é\x1b]0;x\x07\n\u202e") == "é\\x1b]0;x\\x07\\n\\u202e"
    assert quoted("x" * 100) == "'" + "x" * 59 + "…'"


def test_importing_the_package_of_findings_loads_no_heavy_library():
    code = "import bilatdata.validation, sys; print({'pandas', 'polars', 'pandera', 'numpy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
