"""The state of the record is counted as its definitions say, and its floors hold."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from bilatdata.contract.rules import CATALOGUE
from bilatdata.contract.state import FLOOR_NAMES, FLOORS, TOTAL, TableState, floors_not_kept, record_state
from bilatdata.errors import BilatdataError
from bilatdata.package import DataPackage

ROOT = Path(__file__).resolve().parents[2]


def add_evidence(data: DataPackage, *rows: str) -> None:
    """Add rows without their ids: `table,record,field,source,locator,reported,basis,stance,note`."""
    path = data.root / "data" / "evidence.csv"
    lines = [f"EVI-9000{number},{row}\n" for number, row in enumerate(rows)]
    path.write_text(path.read_text(encoding="utf-8") + "".join(lines), encoding="utf-8")


def replace(data: DataPackage, table: str, before: str, after: str) -> None:
    path = data.root / "data" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_records_cells_disputes_and_confidence_are_counted(tiny: DataPackage) -> None:
    # CON-0001 has 12 filled cells that a source can support (one of them, the area, has support), CON-0002 has 8, its
    # predecessor being a link and no cell; nothing supports CON-0002, and it is disputed as a whole.
    assert record_state(tiny).tables["concessions"] == TableState(
        records=2,
        records_with_evidence=1,
        cells=20,
        cells_with_evidence=1,
        cells_with_two_sources=0,
        disputes=2,
        rated_records=2,
        low_confidence_records=1,
    )


def test_companions_inherit_the_evidence_of_their_parent(tiny: DataPackage) -> None:
    participants = record_state(tiny).tables["meeting_participants"]
    assert (participants.records, participants.records_with_evidence, participants.rated_records) == (3, 3, 0)
    assert participants.shares()["low_confidence_pct"] is None
    holders = record_state(tiny).tables["concession_holders"]
    assert (holders.records, holders.records_with_evidence, holders.cells_with_evidence) == (2, 2, 1)


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        ("SRC-0001", 0),  # the source that already supports the cell
        ("SRC-0002", 1),
        ("SRC-0003", 1),
    ],
)
def test_two_sources_are_two_if_they_are_independent(tiny: DataPackage, source: str, counted: int) -> None:
    add_evidence(tiny, f"meetings,MTG-0001,city,{source},,Moscow,stated,supports,")
    assert record_state(tiny).tables["meetings"].cells_with_two_sources == counted


def test_a_source_and_the_one_that_retells_it_are_one(tiny: DataPackage) -> None:
    add_evidence(tiny, *(f"meetings,MTG-0002,level_code,{id},,,stated,supports," for id in ("SRC-0002", "SRC-0003")))
    assert record_state(tiny).tables["meetings"].cells_with_two_sources == 0


def test_a_publisher_counts_once(tiny: DataPackage) -> None:
    replace(tiny, "sources", "El Diario", "ministry of foreign affairs of russia")
    add_evidence(tiny, "meetings,MTG-0001,city,SRC-0002,,Moscow,stated,supports,")
    assert record_state(tiny).tables["meetings"].cells_with_two_sources == 0


def test_pages_that_carry_one_agency_are_one(tiny: DataPackage) -> None:
    replace(tiny, "sources", "official,,,", "official,,Agency,")
    replace(tiny, "sources", "es,news,,,", "es,news,,agency,")
    add_evidence(tiny, "meetings,MTG-0001,city,SRC-0002,,Moscow,stated,supports,")
    assert record_state(tiny).tables["meetings"].cells_with_two_sources == 0


def test_evidence_for_a_note_an_empty_cell_or_nothing_is_no_cell(tiny: DataPackage) -> None:
    before = record_state(tiny).tables["meetings"]
    fields = ("note", "outcome", "confidence_code", "no_field")
    add_evidence(tiny, *(f"meetings,MTG-0001,{field},SRC-0001,,,stated,supports," for field in fields))
    assert record_state(tiny).tables["meetings"] == before


def test_judgements_of_ours_are_no_cells(tiny: DataPackage) -> None:
    # Filled cells that a source can support: 12 in TRP-0001, 5 in TRP-0002, whose valuation is unknown, 9 in TRP-0003.
    # Their `basis_code` and the `hs_basis_code` of TRP-0001 are ours.
    trade = record_state(tiny).tables["trade_products"]
    assert trade.cells == 26
    add_evidence(
        tiny,
        "trade_products,TRP-0001,basis_code,SRC-0002,,quantified,derived,supports,",
        "trade_products,TRP-0001,hs_basis_code,SRC-0002,,stated,derived,supports,",
        "trade_products,TRP-0002,valuation_code,SRC-0002,,unknown,derived,supports,",
    )
    judged = record_state(tiny).tables["trade_products"]
    assert (judged.cells, judged.cells_with_evidence) == (26, trade.cells_with_evidence)


def test_an_hs_code_that_we_propose_is_no_cell(tiny: DataPackage) -> None:
    add_evidence(tiny, "trade_products,TRP-0001,hs_code,SRC-0002,,080121,derived,supports,")
    stated = record_state(tiny).tables["trade_products"]
    replace(tiny, "trade_products", "080121,2022,stated", "080121,2022,proposed")
    proposed = record_state(tiny).tables["trade_products"]
    assert (proposed.cells, proposed.cells_with_evidence) == (stated.cells - 2, stated.cells_with_evidence - 1)


def test_other_is_told_of_the_column_that_has_most_of_it(tiny: DataPackage) -> None:
    assert record_state(tiny).total.shares()["other_pct"] == 0
    replace(tiny, "meetings", "phone_call", "other")
    replace(tiny, "meetings", "political_dialogue;trade", "other;trade")
    meetings, total = record_state(tiny).tables["meetings"], record_state(tiny).total
    assert (meetings.other_field, meetings.other_cells, meetings.coded_cells) == ("topic_codes", 1, 2)
    assert (total.other_field, total.shares()["other_pct"]) == ("meetings.topic_codes", 50)


def test_the_total_is_the_sum(tiny: DataPackage) -> None:
    state = record_state(tiny)
    assert list(state.tables) == [name for name in tiny.table_names if tiny.schema(name).get("evidence")]
    for count in ("records", "records_with_evidence", "cells", "cells_with_evidence", "disputes", "rated_records"):
        assert getattr(state.total, count) == sum(getattr(table, count) for table in state.tables.values())
    assert json.loads(json.dumps(state.to_dict()))["total"]["records"] == state.total.records


@pytest.mark.parametrize("table", ["meetings", "evidence", "sources"])
def test_a_table_without_its_columns_is_one_clear_error(tiny: DataPackage, table: str) -> None:
    path = tiny.root / "data" / f"{table}.csv"
    path.write_text("note\nA note\n", encoding="utf-8")
    with pytest.raises(
        BilatdataError, match=rf"{table}\.csv: lacks the columns {tiny.schema(table)['primaryKey'][0]}, "
    ):
        record_state(tiny)


def test_shares_are_never_rounded_to_the_better_side() -> None:
    state = TableState(records=3, records_with_evidence=2, rated_records=3, low_confidence_records=1)
    rounded = state.rounded_shares()
    assert (rounded["records_with_evidence_pct"], rounded["low_confidence_pct"]) == (66.6, 33.4)
    assert rounded["cells_with_evidence_pct"] is None


def faults(data: DataPackage, floors: str) -> list[tuple[int | None, str, str, str, str]]:
    (data.root / FLOORS).write_text(floors, encoding="utf-8")
    return [(item.line, item.table, item.figure, item.value, item.expected) for item in floors_not_kept(data)]


@pytest.mark.parametrize(
    ("figure", "kept", "failed", "value"),
    [
        ("records", "2", "3", "2"),
        ("records_with_evidence_pct", "50", "50.1", "50"),
        ("cells_with_evidence_pct", "5", "6", "5"),
        ("cells_with_two_sources_pct", "0", "1", "0"),
        ("disputes", "2", "3", "2"),
        ("low_confidence_pct_at_most", "50", "49", "50"),
        ("other_pct_at_most", "0", "-1", "0"),
    ],
)
def test_a_floor_holds_from_its_figure_on(tiny: DataPackage, figure: str, kept: str, failed: str, value: str) -> None:
    assert faults(tiny, f"[concessions]\n{figure} = {kept}\n") == []
    side = "most" if figure.endswith("at_most") else "least"
    wanted = [(3, "concessions", figure, value, f"at {side} {failed}")]
    assert faults(tiny, f"# a\n[concessions]\n{figure} = {failed}\n[total]\n{figure} = {kept}\n")[:1] == wanted


def test_a_share_of_nothing_has_no_floor(tiny: DataPackage) -> None:
    assert faults(tiny, "[meeting_participants]\nlow_confidence_pct_at_most = 0\n") == []


@pytest.mark.parametrize(
    ("floors", "fault"),
    [
        ("[meeting]\nrecords = 1\n", (1, "meeting", "", "meeting")),
        ("[people]\nrecords = 1\n", (1, "people", "", "people")),
        ("\n[total]\nrecord = 1\n", (3, "total", "record", "record")),
        ("[total]\nother_pct = 1\n", (2, "total", "other_pct", "other_pct")),
        ('[total]\nrecords = "1"\n', (2, "total", "records", "1")),
        ("[total]\nrecords = true\n", (2, "total", "records", "True")),
        ("records = 1\n", (None, "records", "", "records")),
    ],
)
def test_a_floor_that_means_nothing_is_a_fault(tiny: DataPackage, floors: str, fault: tuple[object, ...]) -> None:
    assert [found[:4] for found in faults(tiny, floors)] == [fault]


def test_floors_that_cannot_be_read(tiny: DataPackage) -> None:
    with pytest.raises(BilatdataError, match=r"floors\.toml: cannot be read"):
        faults(tiny, "[total\n")


def test_a_package_without_floors_has_none_to_keep(tiny: DataPackage) -> None:
    assert list(floors_not_kept(tiny)) == []
    assert list(CATALOGUE["R108"].function(tiny)) == []


def test_the_floors_of_this_package_speak_of_every_table() -> None:
    floors = tomllib.loads((ROOT / FLOORS).read_text(encoding="utf-8"))
    assert list(floors) == [TOTAL, *record_state(DataPackage(ROOT)).tables]
    assert set(floors[TOTAL]) == set(FLOOR_NAMES)
