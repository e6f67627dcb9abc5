"""record: what a reader sees of one record."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from bilatdata.cli.output import Output
from bilatdata.cli.record_text import RecordText
from bilatdata.loading import table_schema
from bilatdata.package import installed
from bilatdata.records import Evidence, Record, record
from bilatdata.wording.spelling import spell_date


def first_id(table: str) -> str:
    key = table_schema(table).primary_key[0]
    with installed().data_path(table, "csv").open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))[key]


def text_of(shown: Record, width: int | None = None, color: str = "never") -> str:
    out = Output(io.StringIO(), color)
    out.width = width or out.page_width
    return "\n".join(RecordText.of(shown, out).lines())


def evidence(number: int, field: str | None, source: str, reported: str | None, stance: str, **other: str) -> Evidence:
    return Evidence(
        f"EVI-9000{number}",
        other.get("table", "asset_exits"),
        other.get("record_id", "EXT-9001"),
        field,
        source,
        other.get("locator"),
        reported,
        other.get("basis", "stated"),
        stance,
        other.get("note"),
    )


def source(id: str, title: str, **other: str | None) -> dict[str, str | None]:
    empty = dict.fromkeys(table_schema("sources").by_name)
    return {
        **empty,
        "source_id": id,
        "url": f"https://example.org/{id}",
        "title": title,
        "publisher": "A paper",
        "kind_code": "news",
        **other,
    }


@pytest.fixture
def disputed() -> Record:
    """An exit whose area, entry and value are told differently."""
    values = dict.fromkeys(table_schema("asset_exits").by_name) | {
        "asset_exit_id": "EXT-9001",
        "concession_id": "CON-9001",
        "company_id": "ORG-9001",
        "asset_name": "Azero block",
        "asset_country_code": "BOL",
        "sector_code": "natural_gas",
        "entry_date": "2013-08-01",
        "announced_date": "2024~/2025-04",
        "stake_pct": 50.0,
        "stake_basis": "the contract",
        "area_km2": 7856.25,
        "value_usd": 73000000.0,
        "value_kind_code": "well_cost",
        "status_code": "announced",
        "description": "The well was dry.",
        "confidence_code": "high",
        "source_ids": "SRC-9001;SRC-9002",
    }
    return Record(
        table="asset_exits",
        id="EXT-9001",
        version="1.2.3",
        values=values,
        evidence=(
            evidence(1, None, "SRC-9001", None, "supports"),
            evidence(2, "area_km2", "SRC-9001", "7856.25", "supports", locator="paragraph 3"),
            evidence(3, "area_km2", "SRC-9002", "4800", "disputes", note="An older figure."),
            evidence(4, "entry_date", "SRC-9002", "2008", "disputes", basis="inferred"),
            evidence(5, "value_kind_code", "SRC-9002", "capex", "disputes"),
        ),
        sources={
            "SRC-9001": source("SRC-9001", "The contract", published_date="2013-08~", origin_publisher="EFE"),
            "SRC-9002": source("SRC-9002", "A look back", origin_source_id="SRC-9001"),
        },
        names={"EXT-9001": "Azero block", "CON-9001": "Azero block", "ORG-9001": "Gazprom", "BOL": "Bolivia"},
    )


def lines_from(text: str, start: str) -> list[str]:
    lines = text.splitlines()
    return lines[next(index for index, line in enumerate(lines) if line.strip().startswith(start)) :]


def test_the_head_says_which_record_it_is(disputed):
    assert text_of(disputed).splitlines()[:4] == [
        "EXT-9001  Gazprom: Azero block",
        "Asset exits · high confidence · bilatdata 1.2.3",
        "",
        "The well was dry.",
    ]


def test_codes_ids_dates_and_figures_are_spelled_out(disputed):
    words = re.sub(r" +", " ", text_of(disputed))
    for line in (
        "Company Gazprom (ORG-9001)",
        "Country of the asset Bolivia",
        "Sector natural gas",
        "Announced about 2024 to 2025-04",
        "Stake 50% of the contract",
        "Value 73,000,000 US dollars (well cost)",
    ):
        assert f"\n {line}\n" in words


def test_a_disagreement_stands_beside_its_cell(disputed):
    text = text_of(disputed)
    area = [line.strip() for line in lines_from(text, "Area ")[:2]]
    assert re.fullmatch(r"Area +7,856.25 km² \[1\]", area[0])
    assert area[1] == "≠ 4,800 km² [2]"
    assert lines_from(text, "Entry ")[1].strip() == "≠ 2008 [2]"
    assert lines_from(text, "Value ")[1].strip() == "≠ capital expenditure [2]"
    assert lines_from(text, "Area ")[1].index("≠") == lines_from(text, "Area ")[0].index("7,856")


def test_evidence_says_who_what_where_and_how(disputed):
    section = lines_from(text_of(disputed), "Evidence")
    assert section[1].split("  ")[-1] == "[1]"
    rows = [re.split(r" {2,}", line.strip()) for line in section[3:8]]
    assert rows == [
        ["about", "says", "source", "where", "how"],
        ["entry", "≠ 2008", "[2]", "inferred"],
        ["kind of value", "≠ capital expenditure", "[2]", "stated"],
        ["area", "7,856.25 km²", "[1]", "paragraph 3", "stated"],
        ["area", "≠ 4,800 km²", "[2]", "stated; An older figure."],
    ]


def test_sources_that_say_the_same_share_a_line(disputed):
    again = evidence(6, "entry_date", "SRC-9001", "2008", "disputes", basis="inferred")
    text = text_of(replace(disputed, evidence=(*disputed.evidence, again)))
    assert lines_from(text, "Entry ")[1].strip() == "≠ 2008 [1,2]"
    assert [line.split() for line in text.splitlines() if line.startswith("  entry")] == [
        ["entry", "≠", "2008", "[1,2]", "inferred"]
    ]


def test_companions_show_shares_and_what_contradicts_them(disputed):
    holder = dict.fromkeys(table_schema("concession_holders").by_name) | {
        "concession_holder_id": "CHO-9001",
        "concession_id": "CON-9001",
        "organisation_id": "ORG-9001",
        "role_code": "partner",
        "share_pct": 22.5,
        "share_of": "the mixed company",
    }
    about = {"table": "concession_holders", "record_id": "CHO-9001"}
    told = evidence(7, "share_pct", "SRC-9002", "20", "disputes", **about)
    shown = replace(disputed, children={"concession_holders": [holder]}, evidence=(*disputed.evidence, told))
    row, contradiction = lines_from(text_of(shown, 100), "Concession holders (1)")[2:4]
    assert re.split(r" {2,}", row.strip())[-2:] == ["partner", "22.5% of the mixed company"]
    assert contradiction.strip() == "≠ 20% [2]"
    assert contradiction.index("≠") == row.index("22.5")
    assert "CHO-9001 share" in text_of(shown)


def test_sources_are_listed_in_full(disputed):
    assert [line.strip() for line in lines_from(text_of(disputed), "Sources")] == [
        "Sources",
        "[1] The contract",
        "A paper · about 2013-08 · news · SRC-9001 · carries EFE",
        "https://example.org/SRC-9001",
        "[2] A look back",
        "A paper · undated · news · SRC-9002 · retells [1]",
        "https://example.org/SRC-9002",
    ]


def test_what_is_not_known_is_said(disputed):
    assert "completed" in lines_from(text_of(disputed), "Empty")[0]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_fit_but_for_addresses(disputed, width):
    assert [
        line for line in text_of(disputed, width).splitlines() if len(line) > width and "https://" not in line
    ] == []


def test_disagreements_are_coloured(disputed):
    assert "\x1b[33m≠ 4,800 km²\x1b[0m" in text_of(disputed, color="always")


def test_cells_cannot_steer_the_terminal(disputed):
    disputed.values["description"] = "A\x1b[2J well"
    disputed.sources["SRC-9001"]["title"] = "The \x07contract"
    assert "\x1b" not in text_of(disputed)
    assert "\x07" not in text_of(disputed)


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2025-04-29", "2025-04-29"),
        ("2022~", "about 2022"),
        ("2022?", "2022 (uncertain)"),
        ("2022%", "about 2022 (uncertain)"),
        ("202X", "202X"),
        ("2024-05/2024-07", "2024-05 to 2024-07"),
        ("../2024", "until 2024"),
        ("2024/..", "from 2024"),
    ],
)
def test_spell_date(date, words):
    assert spell_date(date) == words


@pytest.mark.parametrize(
    "table",
    [
        name
        for name, resource in installed().resources.items()
        if resource["rowCount"] and len(table_schema(name).primary_key) == 1 and name != "retired_ids"
    ],
)
def test_every_table_has_records_that_can_be_shown(run, table):
    id = first_id(table)
    result = run("record", id)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(id)
    assert "None" not in result.out
    assert "nan" not in result.out.split()


@pytest.mark.parametrize("table", ["meetings", "trade_products", "concessions", "asset_exits"])
def test_sources_of_a_real_record_are_all_there(run, table):
    id = first_id(table)
    shown = run("record", id).out
    found = record(id)
    assert found.sources
    assert all(row["url"] in shown and row["source_id"] in shown for row in found.sources.values())
    assert f"{len(found.disputes)} disagreement" in shown or not found.disputes


def test_json_is_the_whole_record(run):
    id = first_id("meetings")
    assert json.loads(run("record", id, "--format", "json").out) == record(id).to_dict()


@pytest.mark.parametrize("id", ["MTG-9999", "meetings", "", "mtg", "../../etc/passwd"])
def test_an_unknown_id_is_one_clear_line(run, id):
    assert f"'{id}'" in run("record", id).error


CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")
"""A code of several words, which a reader must not meet; table names in evidence and addresses aside."""


@pytest.mark.parametrize("table", ["meetings", "concessions", "asset_exits", "agreements", "trade_totals"])
def test_no_code_is_left_unspelled(run, table):
    lines = run("record", first_id(table)).out.splitlines()
    body = lines[: lines.index("Sources")]
    assert [line for line in body if CODE.search(line) and "/" not in line] == []


def test_a_concession_has_its_log_in_the_order_of_the_days(run):
    lines = lines_from(run("record", "CON-0010").out, "Log of events")
    assert re.fullmatch(r" +date +kind of event +stage reached +description", lines[1])
    dates = [match[1] for line in lines[2 : lines.index("")] if (match := re.match(r"  (\d{4}-\d{2}-\d{2})  ", line))]
    assert dates == sorted(dates)
    assert len(dates) > 10


def test_an_agreement_of_a_meeting_stands_with_it(run):
    with installed().data_path("agreements", "csv").open(encoding="utf-8", newline="") as file:
        agreement = next(row for row in csv.DictReader(file) if row["meeting_id"])
    section = lines_from(run("record", agreement["meeting_id"]).out, "Agreements (")
    assert any(line.startswith(f"  {agreement['agreement_id']}  ") for line in section)


def test_a_country_has_what_each_table_holds_and_how_completely(run):
    found = record("BOL")
    header, *rows = lines_from(run("record", "BOL").out, "What the tables hold")[1:]
    assert header.split() == ["table", "rows", "searched", "completeness", "a", "missing", "row", "means"]
    told = {row.split()[0]: row.split()[1] for row in rows[: rows.index("")] if not row.startswith("   ")}
    assert told["meetings"] == str(len(found.children["meetings"]))
    assert told["concessions"] == str(len(found.children["concessions"]))
    coverage = {row["table_name"]: row for row in found.children["coverage"]}
    line = next(row for row in rows if row.split()[0] == "meetings")
    assert spell_date(coverage["meetings"]["period"]) in line
    assert f" {coverage['meetings']['completeness_code']} " in line
    of_russia = [row["table_name"] for row in record("RUS").children["coverage"]]
    assert of_russia == ["asset_exits"], "elsewhere coverage speaks of the other side"


@pytest.mark.parametrize(("language", "country", "level"), [("es", "Rusia", "jefe de"), ("ru", "Россия", "глава")])
def test_labels_in_another_language(run, language, country, level):
    with installed().data_path("meetings", "csv").open(encoding="utf-8", newline="") as file:
        id = next(row["meeting_id"] for row in csv.DictReader(file) if row["level_code"] == "head_of_state")
    text = run("record", id, "--labels", language).out
    assert text.splitlines()[0].startswith(f"{id}  {country} and ")
    assert level in lines_from(text, "Level")[0]


def test_labels_in_a_language_without_any(run):
    assert run("record", "BOL", "--labels", "pt").error.startswith(
        "no labels in 'pt' (but country names: column name_pt"
    )
