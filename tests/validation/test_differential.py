"""frictionless-py judges the same files; where the two differ, the specification is on our side.

The deviations, each with its reason:

1. ` 5`, `1_000`, `٣`: frictionless reads numbers with Python's `int` and `Decimal`; the standard has neither spaces nor
   underscores nor other digits.
2. `NaN` and `INF`: numbers for the standard, refused here (nothing in the record is one).
3. Whole numbers beyond 64 bits: numbers for the standard, refused here (Parquet readers would round them).
4. A quote in the middle of a cell is text for Python's csv module; RFC 4180 does not allow it.
5. A pattern `a|b` is `^a|b$` for frictionless and passes `aZ`; a trailing line feed passes too.
6. A blank row is an error here; frictionless calls it so as well, but judges keys of ragged rows all the same.
"""

import json

import pytest
from frictionless import Dialect, Resource, Schema, system
from frictionless.formats import CsvControl
from hypothesis import given, settings
from hypothesis import strategies as st

from bilatdata.package import DataPackage
from bilatdata.validation.engine import validate

SCHEMA = {
    "name": "t",
    "fields": [
        {"name": "k", "type": "integer", "constraints": {"required": True}},
        {"name": "s", "type": "string", "constraints": {"pattern": "[ab]+", "maxLength": 3}},
        {"name": "e", "type": "string", "constraints": {"enum": ["low", "high"]}},
        {"name": "n", "type": "number", "constraints": {"minimum": 0, "maximum": 100}},
        {"name": "b", "type": "boolean"},
        {"name": "d", "type": "date", "constraints": {"minimum": "2000-01-01"}},
        {"name": "u", "type": "string", "constraints": {"unique": True}},
    ],
    "missingValues": [""],
}
OURS = {
    "T101": "type-error",
    "T102": "constraint-error",
    "T103": "constraint-error",
    "T104": "constraint-error",
    "T105": "constraint-error",
    "K102": "constraint-error",
}
CELLS = {
    "k": st.sampled_from(["1", "-1", "+1", "007", "", "x", "1.0", "1e3", "--1", "99999999"]),
    "s": st.sampled_from(["a", "ab", "", "abab", "c", "aé", '"a"', "a,b", "a\nb", " a"]),
    "e": st.sampled_from(["low", "high", "", "LOW", "low ", "lowhigh"]),
    "n": st.sampled_from(["0", "100", "-0.5", "1e1", "1E2", ".5", "5.", "", "100.01", "x", "1,5", "--5"]),
    "b": st.sampled_from(["true", "TRUE", "1", "0", "False", "", "yes", "tRue"]),
    "d": st.sampled_from(["2024-02-29", "2023-02-29", "1999-12-31", "", "2024-13-01", "29.02.2024", "2024-02"]),
    "u": st.one_of(st.just(""), st.sampled_from(["x", "y", "é", "NA", "null"])),
}
ROW = st.tuples(*CELLS.values())


def csv_text(rows: list[tuple[str, ...]], line_end: str = "\n") -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\r\n') else text

    return "".join(",".join(map(cell, row)) + line_end for row in [tuple(CELLS), *rows])


def theirs(path, schema=SCHEMA) -> set[tuple[int, str | None, str]]:
    """Faults by record, field and kind."""
    dialect = Dialect(
        controls=[CsvControl(delimiter=",", quote_char='"', double_quote=True)], skip_blank_rows=False, header_rows=[1]
    )
    with system.use_context(trusted=True):
        resource = Resource(
            path=str(path), schema=Schema.from_descriptor(schema), dialect=dialect, encoding="utf-8-sig", format="csv"
        )
        report = resource.validate(limit_errors=1_000_000)
    found = set()
    for record, field, kind in report.flatten(["rowNumber", "fieldName", "type"]):
        kind = {"unique-error": "constraint-error", "extra-cell": "cells", "missing-cell": "cells"}.get(kind, kind)
        found.add((record, None if kind in ("cells", "blank-row") else field, kind))
    return found


def ours(path, package, starts) -> set[tuple[int, str | None, str]]:
    """The same, with the lines of findings turned into numbers of records."""
    found = set()
    for item in validate(path, package=package):
        kind = {"S105": "blank-row", "S106": "cells", **OURS}.get(item.code)
        if kind is not None:
            record = max(number for number, start in enumerate(starts) if start <= item.line) + 2
            found.add((record, item.field, kind))
    return found


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> DataPackage:
    root = tmp_path_factory.mktemp("differential")
    (root / "schemas").mkdir()
    (root / "schemas" / "t.json").write_text(json.dumps(SCHEMA))
    (root / "datapackage.json").write_text(json.dumps({"version": "1", "resources": [{"name": "t", "path": "t.csv"}]}))
    return DataPackage(root)


def record_lines(rows) -> list[int]:
    lines, line = [], 2
    for row in rows:
        lines.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    return lines


@given(rows=st.lists(ROW, min_size=1, max_size=25), line_end=st.sampled_from(["\n", "\r\n"]), bom=st.booleans())
@settings(deadline=None, max_examples=60)
def test_both_find_the_same_faults(package, tmp_path_factory, rows, line_end, bom):
    path = tmp_path_factory.mktemp("case") / "t.csv"
    path.write_text(csv_text(rows, line_end), encoding="utf-8-sig" if bom else "utf-8", newline="")
    assert ours(path, package, record_lines(rows)) == theirs(path)


RAGGED = st.one_of(ROW, st.just(()), st.lists(st.just("1"), min_size=2, max_size=9).map(tuple))


@given(rows=st.lists(RAGGED, min_size=1, max_size=15))
@settings(deadline=None, max_examples=40)
def test_both_find_blank_and_ragged_rows(package, tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("case") / "t.csv"
    rows = [("1", *[""] * 6), *rows]
    path.write_text(csv_text(rows), encoding="utf-8", newline="")
    structural = {"blank-row", "cells"}
    assert {item for item in ours(path, package, record_lines(rows)) if item[2] in structural} == {
        item for item in theirs(path) if item[2] in structural
    }


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("k", " 5", "T101"),
        ("k", "1_000", "T101"),
        ("k", "٣", "T101"),
        ("k", "9223372036854775808", "T101"),
        ("n", " 5", "T101"),
        ("n", "1_0", "T101"),
        ("n", "٣", "T101"),
        ("n", "NaN", "T101"),
        ("s", "a\n", "T103"),
    ],
)
def test_listed_deviations_are_ours_alone(package, write, field, cell, code):
    row = tuple({**dict.fromkeys(CELLS, ""), "k": "1", field: cell}.values())
    path = write("t.csv", csv_text([row]))
    kind = {"T101": "type-error", "T103": "constraint-error"}[code]
    assert kind not in {found for _, _, found in theirs(path)}
    judged = [(item.code, item.field) for item in validate(path, package=package) if item.code != "N102"]
    assert judged == [(code, field)]


def test_alternatives_in_a_pattern_are_ours_alone(write, tmp_path):
    schema = {"name": "t", "fields": [{"name": "s", "type": "string", "constraints": {"pattern": "a|b"}}]}
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "t.json").write_text(json.dumps(schema))
    (tmp_path / "datapackage.json").write_text(
        json.dumps({"version": "1", "resources": [{"name": "t", "path": "t.csv"}]})
    )
    path = write("t.csv", "s\na\naZ\n")
    assert theirs(path, schema) == set()
    assert [(item.code, item.line) for item in validate(path, package=DataPackage(tmp_path))] == [("T103", 3)]


def test_a_quote_within_a_cell_is_ours_alone(package, write):
    path = write("t.csv", ",".join(CELLS) + '\n1,a,,,,,5" pipe\n')
    assert theirs(path) == set()
    assert [item.code for item in validate(path, package=package)] == ["S109"]
