"""frictionless-py judges the same files: the same verdict, the same rows, the same fields.

Where the two differ and the specification is on our side, `deviations.toml` says so, with examples tested here.
"""

import tomllib
from pathlib import Path

import pytest
from effort import cases
from generated_tables import Table, ragged_files, related, tables
from hypothesis import given
from hypothesis import strategies as st
from oracle import Found, ours, package_of, theirs

DEVIATIONS = tomllib.loads((Path(__file__).parent / "deviations.toml").read_text(encoding="utf-8"))["deviation"]
STRUCTURE = {"cells", "blank"}
BATCHES = st.sampled_from([1 << 20, 150, 1 << 20, 1 << 20])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("differential")


def judged_by_both(folder: Path, files: dict[str, Table], batch_bytes: int = 1 << 20):
    schemas = {name: table.schema for name, table in files.items()}
    paths = {name: folder / f"{name}.csv" for name in files}
    for name, path in paths.items():
        path.write_bytes(files[name].content)
    package = package_of(folder / "package", schemas)
    return ours(paths, package, batch_bytes), theirs(paths, schemas)


def as_the_specification_says(found: set[Found]) -> set[Found]:
    """Without what the deviations "an unreadable key" and "cells of ragged rows" add."""
    ragged = {item.record for item in found if item.kind in STRUCTURE}
    unreadable = {(item.record, item.field) for item in found if item.kind == "type"}
    return {
        item
        for item in found
        if (item.record not in ragged or item.kind in STRUCTURE)
        and (item.kind != "constraint" or (item.record, item.field) not in unreadable)
    }


@given(table=tables(), batch_bytes=BATCHES)
@cases(1200)
def test_types_and_constraints(folder, table, batch_bytes):
    mine, others = judged_by_both(folder, {"t": table}, batch_bytes)
    assert mine["t"] == as_the_specification_says(others["t"])


@given(table=ragged_files(), batch_bytes=BATCHES)
@cases(400)
def test_blank_and_ragged_rows(folder, table, batch_bytes):
    mine, others = judged_by_both(folder, {"t": table}, batch_bytes)
    assert mine["t"] == as_the_specification_says(others["t"])


@given(files=related(), batch_bytes=BATCHES)
@cases(400)
def test_keys_and_references(folder, files, batch_bytes):
    mine, others = judged_by_both(folder, files, batch_bytes)
    for name in files:
        assert mine[name] == as_the_specification_says(others[name]), name


def test_more_than_a_thousand_faults(folder):
    rows = "".join(f"{number},{'x' if number % 2 else number},\n" for number in range(3000))
    schema = {
        "fields": [{"name": "id"}, {"name": "n", "type": "integer"}, {"name": "r", "constraints": {"required": True}}]
    }
    mine, others = judged_by_both(folder, {"t": Table(schema, f"id,n,r\n{rows}".encode())})
    assert mine == others
    assert len(mine["t"]) == 4500


@pytest.mark.parametrize(
    ("header", "faults"),
    [
        ("a,b", {"missing-column c"}),
        ("a", {"missing-column b", "missing-column c"}),
        ("a,b,c,d", {"extra-column"}),
        ("a,b,c", set()),
    ],
)
def test_headers(folder, header, faults):
    width = header.count(",") + 1
    content = f"{header}\n{','.join('1' * width)}\n".encode()
    schema = {"fields": [{"name": name} for name in "abc"]}
    mine, others = judged_by_both(folder, {"t": Table(schema, content)})
    assert {str(item) for item in mine["t"]} == faults == {str(item) for item in others["t"]}


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation["name"])
def test_listed_deviations(folder, deviation):
    schema = {name: deviation[name] for name in ("fields", "primaryKey", "foreignKeys") if name in deviation}
    content = deviation["csv"].encode(deviation.get("encoding", "utf-8"))
    mine, others = judged_by_both(folder, {"t": Table(schema, content)})
    assert {str(item) for item in mine["t"]} == set(deviation["ours"])
    assert {str(item) for item in others["t"]} == set(deviation["frictionless"])
    assert mine["t"] != others["t"]
