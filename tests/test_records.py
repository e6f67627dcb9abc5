"""One record with its linked rows, evidence, sources and disagreements."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

import bilatdata as bd
from bilatdata import package
from bilatdata.loading import table_schema
from bilatdata.package import DataPackage
from bilatdata.release.build import build

ROOT = Path(__file__).resolve().parents[1]


def ids(record: bd.Record) -> dict[str, list[str]]:
    """Keys of the linked rows by table."""
    return {name: [row[table_schema(name).primary_key[0]] for row in rows] for name, rows in record.children.items()}


def test_a_meeting_has_typed_values_participants_and_names(tiny: DataPackage) -> None:
    meeting = bd.record("MTG-0001")
    assert (meeting.table, meeting.id, meeting.version) == ("meetings", "MTG-0001", tiny.version)
    assert list(meeting.values) == [field["name"] for field in bd.schema("meetings")["fields"]]
    assert meeting.values["date_latest"] == date(2025, 4, 29) and meeting.values["outcome"] is None
    assert ids(meeting) == {"meeting_participants": ["MPA-00001", "MPA-00002"]}
    assert meeting.children["meeting_participants"][0]["person_id"] == "PER-0001"
    assert meeting.names["PER-0001"] == "Sergey Lavrov" and meeting.names["BOL"] == "Bolivia"


def test_ids_are_found_in_either_case(tiny: DataPackage) -> None:
    assert bd.record("mtg-0001").id == "MTG-0001"
    assert bd.record("mtg-0001").children == bd.record("MTG-0001").children


def test_evidence_comes_record_first_then_field_by_field_then_companions(tiny: DataPackage) -> None:
    found = bd.record("MTG-0001").evidence
    assert [(item.record_id, item.field) for item in found] == [
        ("MTG-0001", None),
        ("MTG-0001", "date"),
        ("MTG-0001", "date"),
        ("MTG-0001", "city"),
        ("MPA-00002", "office"),
    ]
    first = found[1]
    assert (first.source_id, first.stance, first.basis) == ("SRC-0002", "disputes", "stated")
    assert (first.reported_value, first.locator, first.note) == ("2025-04-30", "paragraph 2", None)


def test_sources_are_those_of_the_evidence(tiny: DataPackage) -> None:
    sources = bd.record("MTG-0001").sources
    assert {id: row["publisher"] for id, row in sources.items()} == {
        "SRC-0001": "Ministry of Foreign Affairs of Russia",
        "SRC-0002": "El Diario",
    }


def test_disputes_stand_beside_the_cell(tiny: DataPackage) -> None:
    meeting = bd.record("MTG-0001")
    date_dispute, office_dispute = meeting.disputes
    assert (date_dispute.field, date_dispute.value) == ("date", "2025-04-29")
    assert [item.evidence_id for item in date_dispute.disputing] == ["EVI-00002"]
    assert [item.evidence_id for item in date_dispute.supporting] == ["EVI-00003"]
    assert (office_dispute.table, office_dispute.record_id) == ("meeting_participants", "MPA-00002")
    assert office_dispute.value == "Minister of Foreign Affairs" and office_dispute.supporting == ()
    area = bd.record("CON-0001").disputes[0]
    assert area.value == 7856.0 and [item.reported_value for item in area.disputing] == ["4800", "7860"]


def test_a_dispute_may_be_about_the_record_as_a_whole(tiny: DataPackage) -> None:
    (dispute,) = bd.record("CON-0002").disputes
    assert (dispute.field, dispute.value) == (None, None)
    assert dispute.disputing[0].note == "No such memorandum is known to this source."


@pytest.mark.parametrize(
    ("id", "linked"),
    [
        ("PER-0001", {"meetings": ["MTG-0001", "MTG-0002"], "meeting_participants": ["MPA-00001", "MPA-00003"]}),
        ("CHO-0001", {}),
        ("ORG-0001", {"organisations": ["ORG-0003"]}),
        ("ORG-0003", {"concessions": ["CON-0001"], "concession_holders": ["CHO-0001"], "asset_exits": ["EXT-0001"]}),
        ("SRC-0003", {"concessions": ["CON-0001", "CON-0002"], "evidence": ["EVI-00010", "EVI-00013"]}),
        ("MPA-00001", {}),
        ("EXT-0001", {}),
        ("TRP-0001", {}),
        ("NAM", {}),
    ],
)
def test_whatever_refers_to_a_record_hangs_on_it(tiny: DataPackage, id: str, linked: dict[str, list[str]]) -> None:
    assert ids(bd.record(id)) == linked


def test_a_concession_has_successors_holders_and_exits(tiny: DataPackage) -> None:
    assert ids(bd.record("CON-0001")) == {
        "concessions": ["CON-0002"],
        "concession_holders": ["CHO-0001", "CHO-0002"],
        "asset_exits": ["EXT-0001"],
    }


def test_a_source_shows_what_cites_it_and_what_retells_it(tiny: DataPackage) -> None:
    linked = ids(bd.record("SRC-0002"))
    assert linked["meetings"] == ["MTG-0001", "MTG-0002"] and linked["asset_exits"] == ["EXT-0001"]
    assert linked["sources"] == ["SRC-0003"]


def test_a_country_has_the_rows_about_it(tiny: DataPackage) -> None:
    linked = ids(bd.record("BOL"))
    assert len(linked["meetings"]) == 3 and linked["people"] == ["PER-0002"]


def test_a_companion_shows_the_evidence_of_its_parent(tiny: DataPackage) -> None:
    found = bd.record("MPA-00002").evidence
    assert [item.evidence_id for item in found] == ["EVI-00007", "EVI-00001"]


def test_every_record_of_every_table_can_be_looked_up(tiny: DataPackage) -> None:
    for name in bd.tables():
        key = table_schema(name).primary_key
        if len(key) == 1:
            for id in bd.load(name)[key[0]]:
                found = bd.record(id)
                assert (found.table, found.values[key[0]]) == (name, id)
                assert json.loads(json.dumps(found.to_dict()))["id"] == id
                assert id in str(found)


def test_records_of_the_package_itself() -> None:
    for name in set(bd.tables()) - {"retired_ids"}:
        key, frame = table_schema(name).primary_key, bd.load(name)
        if len(key) == 1 and len(frame):
            assert bd.record(frame[key[0]].iloc[-1]).table == name


def test_companions_of_the_record_itself() -> None:
    """A contract has its log, a meeting its agreements and its visit, a country its coverage."""
    assert {"concession_holders", "concession_events"} <= set(bd.record("CON-0010").children)
    agreements = bd.load("agreements").dropna(subset="meeting_id")
    for id, expected in agreements.groupby("meeting_id")["agreement_id"]:
        assert ids(bd.record(id))["agreements"] == list(expected)
    visits = bd.load("meetings").dropna(subset="visit_id").groupby("visit_id")["meeting_id"].agg(list)
    together = next(meetings for meetings in visits if len(meetings) > 2)
    assert ids(bd.record(together[1]))["meetings"] == [together[0], *together[2:]]
    coverage = bd.load("coverage")
    found = bd.record("BOL").children["coverage"]
    assert [row["table_name"] for row in found] == list(coverage[coverage["country_code"] == "BOL"]["table_name"])
    assert "completeness_code substantial" in str(bd.record("BOL"))


@pytest.fixture
def retired(tiny: DataPackage, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The list of retired ids of a package that has MTG-0009 no more, to be written."""
    shutil.copy2(Path(__file__).resolve().parents[1] / "schemas/retired_ids.json", tiny.root / "schemas")
    descriptor = json.loads((tiny.root / "datapackage.json").read_text(encoding="utf-8"))
    descriptor["resources"].append({"name": "retired_ids"})
    (tiny.root / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return tiny.root / "data/retired_ids.csv"


def _retire(path: Path, row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(f"retired_id,successor_id,version,reason\n{row}\n", encoding="utf-8")
    build(path.parents[1])
    data = DataPackage(path.parents[1])
    monkeypatch.setattr(package, "installed", lambda: data)


def test_a_retired_id_gives_the_record_of_today(retired: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _retire(retired, "MTG-0009,MTG-0001,0.2.0,The same talk.", monkeypatch)
    found = bd.record("mtg-0009")
    assert (found.id, found.former_id) == ("MTG-0001", "MTG-0009")
    assert bd.record("MTG-0001").former_id is None
    told, wanted = (list(bd.evidence("meetings", id)["evidence_id"]) for id in ("MTG-0009", "MTG-0001"))
    assert told == wanted != []


def test_a_withdrawn_record_says_why(retired: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _retire(retired, "MTG-0009,,0.2.0,It was not held", monkeypatch)
    for look in (lambda: bd.record("MTG-0009"), lambda: bd.evidence("meetings", "MTG-0009")):
        with pytest.raises(bd.BilatdataError) as caught:
            look()
        message = "no record 'MTG-0009' since version 0.2.0: its record was withdrawn (It was not held)"
        assert str(caught.value) == message


def test_to_dict_is_plain(tiny: DataPackage) -> None:
    plain = bd.record("MTG-0001").to_dict()
    assert plain["values"]["date_earliest"] == "2025-04-29"
    assert plain["disputes"][0]["disputing"][0]["source_id"] == "SRC-0002"
    assert plain["children"]["meeting_participants"][1]["meeting_participant_id"] == "MPA-00002"


def test_a_record_prints_as_text(tiny: DataPackage) -> None:
    text = str(bd.record("CON-0001"))
    assert text == repr(bd.record("CON-0001"))
    assert text.splitlines()[0] == f"CON-0001 (concessions, bilatdata {tiny.version}): Azero block"
    assert "  area_km2               7856\n" in text
    assert "  CON-0002 (Azero block again)\n" in text
    assert "  area_km2 = 4800 (stated): SRC-0001 Переговоры, Ministry of Foreign Affairs of Russia" in text
    assert "predecessor_id" not in text, "empty cells are left out"


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("MTG-0005", "no record 'MTG-0005' in meetings: the nearest id is MTG-0007"),
        ("MTG-9999", "no record 'MTG-9999' in meetings: the nearest id is MTG-0007"),
        ("mtg-1", "no record 'mtg-1': the nearest id is MTG-0001"),
        ("MTG 0001", "no record 'MTG 0001': the nearest id is MTG-0001"),
        ("MTG-0001\n", "no record 'MTG-0001\\n': the nearest id is MTG-0001"),
        ("RUSS", "no record 'RUSS': the nearest id is RUS"),
        ("XYZ-0001", "no record 'XYZ-0001': expected an id such as MTG-0001 (meetings), "),
        ("", "no record '': expected an id such as MTG-0001 (meetings), "),
    ],
)
def test_an_unknown_id_leads_to_a_known_one(tiny: DataPackage, id: str, message: str) -> None:
    with pytest.raises(bd.BilatdataError) as caught:
        bd.record(id)
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)


def test_evidence_as_a_frame(tiny: DataPackage) -> None:
    frame = bd.evidence("meetings", "MTG-0001")
    assert list(frame["evidence_id"]) == ["EVI-00001", "EVI-00002", "EVI-00003", "EVI-00004"]
    assert frame.loc[1, ["stance_code", "reported_value", "source_title", "publisher"]].tolist() == [
        "disputes",
        "2025-04-30",
        "Una visita, dos fechas",
        "El Diario",
    ]
    assert frame.loc[1, ["published_date", "url"]].tolist() == ["2025-04-30", "https://example.org/b"]
    assert list(bd.evidence("meetings", "MTG-0001", field="date")["evidence_id"]) == ["EVI-00002", "EVI-00003"]


def test_a_record_without_evidence_gives_no_rows(tiny: DataPackage) -> None:
    frame = bd.evidence("people", "PER-0001")
    assert frame.empty and "source_title" in frame


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("meting", "MTG-0001"), "no table 'meting' (did you mean 'meetings'?)"),
        (("meetings", "MTG-0008"), "no record 'MTG-0008' in meetings: the nearest id is MTG-0007"),
        (("meetings", "PER-0001"), "no record 'PER-0001' in meetings: expected an id such as MTG-0001 (meetings)"),
        (("meetings", "MTG-0001", "dat"), "no field 'dat' in meetings (did you mean 'date'?)"),
        (("people", "PER-0009"), "no record 'PER-0009' in people: the nearest id is PER-0002"),
        (("terms", "bound"), "rows of terms have no id of their own"),
    ],
)
def test_evidence_of_what_does_not_exist(tiny: DataPackage, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(bd.BilatdataError) as caught:
        bd.evidence(*arguments)
    assert str(caught.value).startswith(message)


def test_a_retired_fact_leads_to_the_table_that_it_moved_to() -> None:
    moved = bd.evidence("country_facts", "CFA-0061")
    assert moved.equals(bd.evidence("trade_rankings", "TRR-0060"))
    assert len(moved)
    assert bd.record("CFA-0061").table == "trade_rankings"
