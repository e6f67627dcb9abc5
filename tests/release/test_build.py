"""`build` regenerates what is derived, whole or not at all, and the same in every run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bilatdata.errors import BilatdataError
from bilatdata.release.build import build


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_committed_package_is_as_build_leaves_it(package_copy: Path) -> None:
    assert build(package_copy) == []


def test_derived_files_come_back_identical(package_copy: Path) -> None:
    before = contents(package_copy)
    for path in package_copy.glob("data/*.parquet"):
        path.unlink()
    build(package_copy)
    assert contents(package_copy) == before


def test_a_hand_edit_is_brought_into_canonical_form(package_copy: Path) -> None:
    before = contents(package_copy)
    path = package_copy / "data/meetings.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_bytes("\r\n".join([header, *reversed(rows)]).encode("utf-8"))
    build(package_copy)
    assert contents(package_copy) == before


def test_bounds_and_sources_follow_what_they_are_derived_from(package_copy: Path) -> None:
    meetings = package_copy / "data/meetings.csv"
    evidence = package_copy / "data/evidence.csv"
    wanted = meetings.read_bytes()
    lines = meetings.read_text(encoding="utf-8").splitlines()
    columns = lines[0].split(",")
    day, sources = columns.index("date_earliest"), columns.index("source_ids")
    cells = lines[1].split(",")
    cells[day], cells[sources] = "1999-01-01", "SRC-9999"
    meetings.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")
    assert build(package_copy) != []
    assert meetings.read_bytes() == wanted

    kept = [line for line in evidence.read_text(encoding="utf-8").splitlines() if ",meetings,MTG-0001," not in line]
    evidence.write_text("\n".join(kept) + "\n", encoding="utf-8")
    build(package_copy)
    first = meetings.read_text(encoding="utf-8").splitlines()[1]
    assert first.startswith("MTG-0001,")
    assert "SRC-" not in first


def test_a_new_term_reaches_the_schema(package_copy: Path) -> None:
    terms = package_copy / "data/terms.csv"
    terms.write_text(
        terms.read_text(encoding="utf-8") + "stage,moved,99,Moved,Trasladado,Перемещено,Moved elsewhere.\n",
        encoding="utf-8",
    )
    build(package_copy)
    schema = json.loads((package_copy / "schemas/concessions.json").read_text(encoding="utf-8"))
    stage = next(field for field in schema["fields"] if field["name"] == "stage_code")
    assert stage["constraints"]["enum"][-1] == "moved"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (b"meeting_id,date\nMTG-0001\n", r"meetings\.csv:2: has 1 cells, the header has 2"),
        (b"\xff\xfe", r"meetings\.csv: is not UTF-8"),
        (b"", r"meetings\.csv: is empty"),
        (b'meeting_id\n"MTG-0001\n', r"meetings\.csv:\d+: is not CSV"),
        (b"meeting_id,colour\nMTG-0001,red\n", r"columns that the schema does not know: colour"),
        (b"meeting_id\nMTG-0001\n", r"lacks the columns country_a_code"),
        (b'meeting_id,note\nMTG-0001,"a\rb"\n', r"meetings\.csv:2: a cell holds a carriage return"),
    ],
)
def test_nothing_is_written_when_a_table_cannot_be_read(package_copy: Path, damage: bytes, message: str) -> None:
    (package_copy / "data/meetings.csv").write_bytes(damage)
    (package_copy / "data/people.parquet").unlink()
    before = contents(package_copy)
    with pytest.raises(BilatdataError, match=message):
        build(package_copy)
    assert contents(package_copy) == before
