"""`check` judges the package itself: every release rule finds its fault, where it is, and leaves a near miss alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bilatdata.contract.rule import ReleaseFault
from bilatdata.contract.rules import CATALOGUE
from bilatdata.contract.state import record_state
from bilatdata.errors import BilatdataError
from bilatdata.package import DataPackage, installed
from bilatdata.release.build import build
from bilatdata.release.check import check

ROOT = Path(__file__).resolve().parents[2]


def places(root: Path, code: str) -> list[tuple[str, int | None, str | None]]:
    """Where a release rule finds faults; that `check` reports them is tested below."""
    found = [fault for fault in CATALOGUE[code].function(DataPackage(root)) if isinstance(fault, ReleaseFault)]
    assert all(fault.expected for fault in found)
    return [(fault.file, fault.line, fault.field) for fault in found]


def edit(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(change(lines)), encoding="utf-8")


def test_the_committed_package_has_no_errors() -> None:
    report = check(ROOT)
    assert report.errors == ()
    assert sorted(report.tables) == sorted(installed().table_names)


@pytest.mark.parametrize(
    ("before", "after"), [("RUS,RU,643", '"RUS",RU,643'), ("RUS,RU,643", "RUS,RU,643\r")], ids=["quotes", "CR"]
)
def test_r101_finds_bytes_that_are_not_canonical(tiny: DataPackage, before: str, after: str) -> None:
    path = tiny.root / "data/countries.csv"
    text = path.read_text(encoding="utf-8")
    line = text[: text.index(before)].count("\n") + 1
    if after.endswith("\r"):
        text = text.replace("\n", "\r\n", 1)
        line = 1
    else:
        text = text.replace(before, after, 1)
    path.write_bytes(text.encode("utf-8"))
    assert places(tiny.root, "R101") == [("data/countries.csv", line, None)]


def test_r101_leaves_needed_quotes_and_order_alone(tiny: DataPackage) -> None:
    edit(tiny.root / "data/countries.csv", lambda lines: [lines[0], lines[2], lines[1], *lines[3:]])
    assert places(tiny.root, "R101") == []


def test_r102_finds_the_row_that_is_out_of_order(tiny: DataPackage) -> None:
    edit(tiny.root / "data/meetings.csv", lambda lines: [lines[0], lines[1], lines[3], lines[2], *lines[4:]])
    assert places(tiny.root, "R102") == [("data/meetings.csv", 4, None)]


def test_r102_leaves_a_gap_in_the_numbers_alone(tiny: DataPackage) -> None:
    edit(tiny.root / "data/people.csv", lambda lines: [lines[0], *lines[2:]])
    assert places(tiny.root, "R102") == []


def test_r103_finds_a_parquet_file_that_differs(tiny: DataPackage) -> None:
    path = tiny.root / "data/people.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    assert places(tiny.root, "R103") == [("data/people.parquet", None, None)]
    pq.write_table(table.set_column(1, "name", table.column("person_id")), path)
    assert places(tiny.root, "R103") == [("data/people.parquet", None, "name")]
    path.write_bytes(path.read_bytes()[:-20])
    assert places(tiny.root, "R103") == [("data/people.parquet", None, None)]


def test_r103_reads_values_and_not_bytes(tiny: DataPackage) -> None:
    path = tiny.root / "data/people.parquet"
    pq.write_table(pq.read_table(path), path, compression="snappy")
    assert places(tiny.root, "R103") == []


def test_r104_finds_an_altered_and_a_missing_file(tiny: DataPackage) -> None:
    assert places(tiny.root, "R104") == []
    (tiny.root / "data/people.parquet").unlink()
    path = tiny.root / "data/countries.csv"
    path.write_bytes(path.read_bytes().replace(b"Bolivia", b"Bolivla", 1))
    assert places(tiny.root, "R104") == [("data/countries.csv", None, None), ("data/people.parquet", None, None)]


def test_r105_finds_sources_that_are_not_those_of_the_evidence(tiny: DataPackage) -> None:
    evidence = tiny.root / "data/evidence.csv"
    kept = [line for line in evidence.read_text(encoding="utf-8").splitlines() if ",meetings,MTG-0002," not in line]
    evidence.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert places(tiny.root, "R105") == [("data/meetings.csv", 3, "source_ids")]


def test_r105_does_not_count_a_dispute_as_support(tiny: DataPackage) -> None:
    evidence = tiny.root / "data/evidence.csv"
    added = "EVI-99999,meetings,MTG-0002,city,SRC-0001,,Lima,stated,disputes,"
    evidence.write_text(evidence.read_text(encoding="utf-8") + added + "\n", encoding="utf-8")
    assert places(tiny.root, "R105") == []


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("pyproject.toml", '[project]\nname = "bilatdata"\nversion = "9.9.9"\n'),
        ("CITATION.cff", "cff-version: 1.2.0\nversion: 9.9.9\n"),
        ("CHANGELOG.md", "# Change log\n\n## 9.9.9 (2030-01-01)\n\n## 0.1.0 (2026-11-22)\n"),
    ],
)
def test_r106_finds_another_version(tiny: DataPackage, file: str, content: str) -> None:
    (tiny.root / file).write_text(content, encoding="utf-8")
    assert places(tiny.root, "R106") == [(file, None, "version")]


def test_r106_accepts_the_same_version_and_absent_files(tiny: DataPackage) -> None:
    version = json.loads((tiny.root / "datapackage.json").read_text("utf-8"))["version"]
    (tiny.root / "CITATION.cff").write_text(f"cff-version: 1.2.0\nversion: {version}\n", encoding="utf-8")
    assert places(tiny.root, "R106") == []


def test_r107_finds_a_file_that_nothing_describes(tiny: DataPackage) -> None:
    assert places(tiny.root, "R107") == []
    (tiny.root / "data/meetings_old.csv").write_text("a\n", encoding="utf-8")
    assert places(tiny.root, "R107") == [("data/meetings_old.csv", None, None)]


def test_r108_finds_a_figure_below_its_floor(tiny: DataPackage) -> None:
    floors = tiny.root / "floors.toml"
    floors.write_text("[total]\nrecords = 1\n\n[meetings]\nrecords = 3\n", encoding="utf-8")
    assert places(tiny.root, "R108") == []
    floors.write_text("[total]\nrecords = 1\n\n[meetings]\nrecords = 4\n", encoding="utf-8")
    assert places(tiny.root, "R108") == [("floors.toml", 5, "records")]
    found = [finding for finding in check(tiny.root).errors if finding.code == "R108"]
    (finding,) = found
    assert (finding.table, finding.value, finding.expected) == ("meetings", "3", "at least 4")


def test_floors_that_cannot_be_read_are_an_error(tiny: DataPackage) -> None:
    (tiny.root / "floors.toml").write_text("[total", encoding="utf-8")
    assert [finding.code for finding in check(tiny.root).errors if "floors.toml" in finding.message] == ["R108"]


def test_the_report_holds_the_state_of_the_record(tiny: DataPackage) -> None:
    report = check(tiny.root)
    assert report.state == record_state(tiny)
    assert report.to_dict()["state"]["tables"]["concessions"]["records_with_evidence_pct"] == 50


@pytest.mark.parametrize("damage", [b"MTG-0008,RUS\n", b"MTG-0008\n"])
def test_a_state_that_cannot_be_counted_is_none(tiny: DataPackage, damage: bytes) -> None:
    path = tiny.root / "data" / "meetings.csv"
    path.write_bytes(path.read_bytes() + damage)
    report = check(tiny.root)
    assert report.state is None and report.errors
    assert report.to_dict()["state"] is None


def test_the_report_holds_what_rules_and_release_rules_find(tiny: DataPackage) -> None:
    path = tiny.root / "data/trade_products.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    cells = lines[1].split(",")
    cells[1] = cells[2]
    lines[1] = ",".join(cells)
    path.write_text("\n".join(lines), encoding="utf-8")
    report = check(tiny.root)
    found = {(finding.code, finding.line) for finding in report.errors if finding.file == str(path)}
    assert {("P101", 2), ("R104", None)} <= found
    assert all(finding.expected and finding.hint for finding in report.errors)


def test_what_build_writes_satisfies_check_again(tiny: DataPackage) -> None:
    before = check(tiny.root).errors
    edit(tiny.root / "data/meetings.csv", lambda lines: [lines[0], lines[1], lines[3], lines[2], *lines[4:]])
    assert set(check(tiny.root).errors) - set(before)
    build(tiny.root)
    assert check(tiny.root).errors == before


@pytest.mark.parametrize("damage", [b"\xff\xfe\x00", b"", b'"', b'person_id,name\nPER-0001,"a'])
def test_a_table_that_cannot_be_read_is_an_error_with_its_name(tiny: DataPackage, damage: bytes) -> None:
    (tiny.root / "data/people.csv").write_bytes(damage)
    try:
        report = check(tiny.root)
    except BilatdataError as error:
        assert "people.csv" in str(error)
    else:
        assert any("people.csv" in (finding.file or finding.message) for finding in report.errors)


@pytest.mark.parametrize(
    ("table", "field"),
    [("evidence", "stance_code"), ("meetings", "country_b_code"), ("trade_products", "importer_code")],
)
def test_a_field_that_a_rule_reads_and_that_is_gone_is_one_clear_error(
    tiny: DataPackage, table: str, field: str
) -> None:
    for path in (tiny.root / f"data/{table}.csv", tiny.root / f"schemas/{table}.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(field, "renamed", 1 if path.suffix == ".csv" else -1), encoding="utf-8")
    said = f'^a rule reads a field that the schemas do not have .*"{field}"'
    with pytest.raises(BilatdataError, match=said):
        check(tiny.root)


def test_a_folder_without_a_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BilatdataError, match=r"holds no datapackage\.json"):
        check(tmp_path)
