"""Every rule is proved by a fixture that must fail and a near miss that must pass."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilatdata import validate
from bilatdata.contract.rule import Context, Fault, ReleaseFault, RowCheck, Rule
from bilatdata.contract.rules import CATALOGUE, names
from bilatdata.contract.rules._agreement import Cell, agreement
from bilatdata.contract.rules._rows import fold, on_cycles
from bilatdata.contract.rules.events import last_events
from bilatdata.contract.rules.names import clean_list, clean_text, plain_address
from bilatdata.contract.rules.totals import last_digit
from bilatdata.contract.table_schema import EDTF_TYPE, Field, TableSchema, read_table_schema
from bilatdata.package import DataPackage
from bilatdata.validation.typed import type_text

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "rules"
RULES = list(CATALOGUE)
JUDGED = [rule for rule in RULES if rule.scope != "release"]
OF_RELEASE = [rule for rule in RULES if rule.scope == "release" and (FIXTURES / rule.code).is_dir()]
OF_FRAMES = [rule for rule in RULES if rule.scope in ("row", "table", "package")]

Place = tuple[str | None, int | None, str | None]


def by_code(rules: list[Rule]) -> Any:
    return pytest.mark.parametrize("rule", rules, ids=[rule.code for rule in rules])


@pytest.fixture(scope="module")
def schemas() -> dict[str, TableSchema]:
    paths = sorted((ROOT / "schemas").glob("*.json"))
    return {path.stem: read_table_schema(json.loads(path.read_text(encoding="utf-8"))) for path in paths}


@pytest.fixture(scope="module")
def context(schemas: Mapping[str, TableSchema]) -> Context:
    terms = pl.read_csv(ROOT / "data" / "terms.csv", infer_schema=False)
    codes = {str(key[0]): frozenset(group["code"]) for key, group in terms.group_by("vocabulary")}
    return Context(as_of=date(2026, 11, 22), vocabularies=codes, schemas=schemas)


def expected(rule: Rule) -> tuple[Counter[Place], set[str]]:
    content = json.loads((FIXTURES / rule.code / "fail" / "expected.json").read_text(encoding="utf-8"))
    places = Counter((item["table"], item.get("line"), item.get("field")) for item in content["findings"])
    return places, set(content.get("also", ()))


def typed(folder: Path, schemas: Mapping[str, TableSchema]) -> dict[str, pl.DataFrame]:
    """The tables of a fixture as rules see them."""
    tables = {path.stem: pl.read_csv(path, infer_schema=False) for path in sorted(folder.glob("*.csv"))}
    return {name: type_text(frame, schemas[name]).frame for name, frame in tables.items()}


def outcome(rule: Rule, tables: Mapping[str, pl.DataFrame], context: Context) -> list[object]:
    """All that a rule says of the tables, in comparable form."""
    if rule.scope == "package":
        return list(rule.function(tables, context))
    found: list[object] = []
    for name, frame in tables.items():
        if not rule.applies_to(name):
            continue
        if rule.scope == "table":
            found += rule.function(frame, context.schemas[name], context)
        for claim in rule.function(context.schemas[name], context) if rule.scope == "row" else ():
            assert isinstance(claim, RowCheck)
            words = claim.expected if isinstance(claim.expected, pl.Expr) else pl.lit(claim.expected)
            judged = frame.select(claim.ok.alias("ok"), words.alias("expected"))
            found.append((name, claim.field, judged.rows()))
    return found


@by_code(JUDGED)
def test_the_failing_fixture_fails_where_it_should(rule: Rule) -> None:
    places, also = expected(rule)
    report = validate(FIXTURES / rule.code / "fail")
    found = Counter((item.table, item.line, item.field) for item in report if item.code == rule.code)
    assert found == places
    assert {item.code for item in report if item.code != rule.code} <= also
    for item in report:
        assert item.severity == CATALOGUE[item.code].severity
        assert item.expected or rule.scope == "engine"


@by_code(JUDGED)
def test_the_near_miss_passes(rule: Rule) -> None:
    report = validate(FIXTURES / rule.code / "pass")
    assert report.rows
    assert [item for item in report if item.code == rule.code or item.severity == "error"] == []


@by_code(OF_RELEASE)
def test_release_rules_find_the_fault_and_nothing_else(rule: Rule) -> None:
    places, _ = expected(rule)
    faults = list(rule.function(DataPackage(FIXTURES / rule.code / "fail")))
    assert all(isinstance(fault, ReleaseFault) and fault.expected for fault in faults)
    found = Counter((fault.table, fault.line, fault.field) for fault in faults if isinstance(fault, ReleaseFault))
    assert found == places
    assert list(rule.function(DataPackage(FIXTURES / rule.code / "pass"))) == []


# The R rules are about bytes, hashes and built files: tests/release damages a built package for each of them.
@by_code([rule for rule in RULES if not rule.code.startswith("R")])
def test_every_rule_has_both_fixtures(rule: Rule) -> None:
    places, _ = expected(rule)
    assert places
    for side in ("fail", "pass"):
        assert any(path.is_file() for path in (FIXTURES / rule.code / side).rglob("*") if path.name != "expected.json")


def test_every_fixture_is_of_a_rule() -> None:
    assert {path.name for path in FIXTURES.iterdir()} <= {rule.code for rule in RULES}


def test_names_are_unique_and_plain() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES) >= 100
    assert all(rule.name == rule.name.lower() and " " not in rule.name for rule in RULES)


@by_code(RULES)
def test_texts_are_sentences(rule: Rule) -> None:
    for text in (rule.summary, rule.explanation, rule.fix):
        assert text == clean_text(text)
        assert text.endswith(".")
    assert len({rule.summary, rule.explanation, rule.fix}) == 3
    assert len(rule.code) == 4
    assert rule.code[1:].isdigit()


@by_code([rule for rule in RULES if rule.tables])
def test_tables_of_rules_exist(rule: Rule, schemas: Mapping[str, TableSchema]) -> None:
    assert set(rule.tables) <= set(schemas)


class Watch:
    """Counts what a rule must not do: open files, reach out, start programs."""

    def __init__(self) -> None:
        self.active = False
        self.seen: list[str] = []
        sys.addaudithook(self.hear)

    def hear(self, event: str, args: tuple[object, ...]) -> None:
        if self.active and (event in ("open", "subprocess.Popen") or event.startswith("socket.")):
            self.seen.append(f"{event} {args[:1]}")


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    watch.active = False  # an audit hook cannot be removed


@by_code(OF_FRAMES)
def test_rules_are_pure(rule: Rule, schemas: dict[str, TableSchema], context: Context, watch: Watch) -> None:
    """The same tables give the same faults, unchanged and without a look at anything else."""
    tables = typed(FIXTURES / rule.code / "fail", schemas)
    before = {name: frame.clone() for name, frame in tables.items()}
    first = outcome(rule, tables, context)  # may load a library
    watch.seen.clear()
    watch.active = True
    second = outcome(rule, tables, context)
    watch.active = False
    assert watch.seen == []
    assert first == second
    assert first
    assert all(tables[name].equals(before[name]) for name in tables)


@by_code(OF_FRAMES)
def test_rules_bear_empty_tables(rule: Rule, schemas: dict[str, TableSchema], context: Context) -> None:
    folder = FIXTURES / rule.code / "fail"
    tables = {name: frame.clear() for name, frame in typed(folder, schemas).items()}
    assert not [fault for fault in outcome(rule, tables, context) if isinstance(fault, Fault)]


@by_code(OF_FRAMES)
def test_rules_bear_cells_that_could_not_be_read(rule: Rule, schemas: dict[str, TableSchema], context: Context) -> None:
    """Cells that do not parse reach the rules as null, required ones too."""
    for name, frame in typed(FIXTURES / rule.code / "fail", schemas).items():
        if rule.scope == "table" and rule.applies_to(name):
            blank = frame.select(pl.lit(None, dtype=kind).alias(column) for column, kind in frame.schema.items())
            assert list(rule.function(blank, schemas[name], context)) == []


def test_evidence_may_be_about_our_records(schemas: dict[str, TableSchema], context: Context) -> None:
    """Other people's evidence for our records, from our sources, is judged by our rows; their own rows go first."""
    tables = typed(FIXTURES / "E106" / "fail", schemas)
    theirs = {"evidence": tables.pop("evidence")}
    alone = replace(context, package_tables={})
    beside = replace(context, package_tables=tables)
    assert codes_found(theirs, alone, "E105", "E106") == {"E105": 0, "E106": 0}
    assert codes_found(theirs, beside, "E105", "E106") == {"E105": 0, "E106": 7}
    strangers = {"evidence": theirs["evidence"].with_columns(record_id=pl.lit("CON-0000"))}
    assert codes_found(strangers, beside, "E105") == {"E105": 7}


def test_rows_at_hand_go_before_ours(schemas: dict[str, TableSchema], context: Context) -> None:
    tables = typed(FIXTURES / "M101" / "fail", schemas)
    ours = {"meetings": tables["meetings"].with_columns(country_b_code=pl.lit("MEX"))}
    beside = replace(context, package_tables=ours)
    assert codes_found(tables, beside, "M101") == {"M101": 1}
    others = tables["meetings"].with_columns(meeting_id=pl.lit("MTG-9999"))
    assert codes_found(tables | {"meetings": others}, beside, "M101") == {"M101": 0}


def codes_found(tables: Mapping[str, pl.DataFrame], context: Context, *codes: str) -> dict[str, int]:
    return {code: len(list(CATALOGUE[code].function(tables, context))) for code in codes}


@pytest.mark.parametrize(
    ("code", "table", "cells", "last_wrong_day"),
    [
        ("M103", "meetings", {"status_code": "held", "date": "2025-05-02"}, "2025-05-01"),
        ("P107", "trade_products", {"period": "2025-05"}, "2025-04-30"),
        ("P107", "trade_totals", {"period": "2025"}, "2024-12-31"),
        ("P107", "trade_rankings", {"period": "2025-01/2025-05"}, "2024-12-31"),
        ("D103", "agreements", {"ended_date": "2025-05-02"}, "2025-05-01"),
        ("D103", "concession_events", {"date": "2025"}, "2024-12-31"),
        ("D103", "country_facts", {"valid_from_date": "2025-05"}, "2025-04-30"),
        ("D103", "sources", {"published_date": "2025-05-02/.."}, "2025-05-01"),
    ],
)
def test_the_day_of_the_release_counts(
    code: str, table: str, cells: dict[str, str], last_wrong_day: str, schemas: dict[str, TableSchema], context: Context
) -> None:
    frame = type_text(pl.DataFrame([cells]), schemas[table]).frame
    day = date.fromisoformat(last_wrong_day)
    assert wrong_rows(code, frame, schemas[table], replace(context, as_of=day)) == 1
    assert wrong_rows(code, frame, schemas[table], replace(context, as_of=day + timedelta(days=1))) == 0


@pytest.mark.parametrize(
    ("code", "table", "cells"),
    [
        ("M104", "meetings", {"status_code": "planned", "date": "2025-05-02"}),
        ("C106", "concessions", {"stage_code": "production", "end_date": "2025-05-02"}),
    ],
)
def test_a_day_is_past_the_day_after(
    code: str, table: str, cells: dict[str, str], schemas: dict[str, TableSchema], context: Context
) -> None:
    frame = type_text(pl.DataFrame([cells]), schemas[table]).frame
    assert wrong_rows(code, frame, schemas[table], replace(context, as_of=date(2025, 5, 2))) == 0
    assert wrong_rows(code, frame, schemas[table], replace(context, as_of=date(2025, 5, 3))) == 1


def wrong_rows(code: str, frame: pl.DataFrame, schema: TableSchema, context: Context) -> int:
    checks = [check for check in CATALOGUE[code].function(schema, context) if isinstance(check, RowCheck)]
    return sum(frame.select(check.ok.fill_null(True).alias("ok"))["ok"].not_().sum() for check in checks)


@pytest.mark.parametrize(
    ("holdings", "total"),
    [
        ([(50, None, None), (50, None, None), (0.01, None, None)], None),
        ([(50, None, None), (50, None, None), (0.02, None, None)], "100.02"),
        ([(60, None, "2024-06-30"), (60, "2024-06-30", None)], None),
        ([(60, None, "2024-07-01"), (60, "2024-06-30", None)], "120"),
        ([(60, None, "2024"), (60, "2024", None)], None),
        ([(60, "2020", "2021"), (60, "2023", None), (40, "2020", None)], None),
        ([(60, "2020", "2025"), (60, "2023", None), (40, "2020", None)], "160"),
    ],
)
def test_shares_held_at_one_time(
    holdings: list[tuple[float, str | None, str | None]],
    total: str | None,
    schemas: dict[str, TableSchema],
    context: Context,
) -> None:
    rows = [
        {
            "concession_id": "CON-9001",
            "role_code": "holder",
            "share_pct": str(share),
            "from_date": start,
            "until_date": end,
        }
        for share, start, end in holdings
    ]
    names = ("concession_id", "role_code", "share_pct", "from_date", "until_date")
    schema = schemas["concession_holders"]
    frame = type_text(pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String)), schema).frame
    faults = [fault for fault in CATALOGUE["C102"].function(frame, schema, context) if isinstance(fault, Fault)]
    assert [fault.expected.rpartition(" ")[2] for fault in faults] == ([total] if total else [])


@pytest.mark.parametrize(
    ("value", "one"),
    [(0, 0), (2.6e9, 1e8), (2e9, 1e9), (1092000000, 1e6), (58291068, 1), (-483.7, 0.1), (542085000.25, 0.01)],
)
def test_the_last_digit_of_a_figure(value: float, one: float) -> None:
    assert last_digit(value) == pytest.approx(one)


@pytest.mark.parametrize(
    ("turnover", "there", "back", "agrees"),
    [
        ("2600000000", "1500000000", "1100000000", True),
        ("2600000000", "1500000000", "900000000", True),
        ("2600000000", "1500000000", "700000000", False),
        ("1000003", "1000001", "1", True),
        ("1000006", "1000001", "1", False),
        ("1000000", "0", "1000000", True),
        ("2500000", "0", "0", False),
    ],
)
def test_figures_agree_to_their_last_digits(
    turnover: str, there: str, back: str, agrees: bool, schemas: dict[str, TableSchema], context: Context
) -> None:
    values = {"turnover": turnover, "exports_a_to_b": there, "exports_b_to_a": back}
    schema = schemas["trade_totals"]
    rows = [
        {"country_b_code": "BOL", "period": "2021", "measure_code": code, "value_usd": value, "bound_code": "exact"}
        for code, value in values.items()
    ]
    frame = type_text(pl.DataFrame(rows), schema).frame
    assert (list(CATALOGUE["P115"].function(frame, schema, context)) == []) is agrees


@pytest.mark.parametrize(
    ("dates", "last"),
    [
        (["2021", "2022"], "b"),
        (["2022", "2021"], "a"),
        (["2021-05", "2021"], "ab"),
        (["2021-05-01", "2021-05-01"], "ab"),
        (["../2021", "2021-12-31"], "ab"),
        (["../2021", "2022"], "b"),
        (["2021/..", "2022"], "ab"),
    ],
)
def test_events_that_may_be_the_last(dates: list[str], last: str, schemas: dict[str, TableSchema]) -> None:
    rows = [
        {"concession_event_id": name, "concession_id": "CON-9001", "date": day, "stage_code": "signed"}
        for name, day in zip("ab", dates, strict=True)
    ]
    frame = type_text(pl.DataFrame(rows), schemas["concession_events"]).frame
    assert "".join(last_events(frame)["concession_event_id"]) == last


def field(type: str = "string", **more: Any) -> Field:
    return Field("x", type, **more)


@pytest.mark.parametrize(
    ("reported", "value", "of", "wanted"),
    [
        ("970000000", 970000000.0, field("number"), "agrees"),
        ("970000000", 975000000.0, field("number"), "differs"),
        ("9.7e8", 970000000.0, field("number"), "agrees"),
        ("970 million", 970000000.0, field("number"), "unreadable"),
        ("4,800", 4800.0, field("number"), "unreadable"),
        ("20", None, field("integer"), "differs"),
        ("2013", "2013-08-01", field(rdf_type=EDTF_TYPE), "agrees"),
        ("2013-08-01", "2013", field(rdf_type=EDTF_TYPE), "differs"),
        ("2013~", "2013", field(rdf_type=EDTF_TYPE), "agrees"),
        ("2013/..", "2013-08", field(rdf_type=EDTF_TYPE), "agrees"),
        ("2013-08", "2013/..", field(rdf_type=EDTF_TYPE), "differs"),
        ("August 2013", "2013-08", field(rdf_type=EDTF_TYPE), "unreadable"),
        ("2013", None, field(rdf_type=EDTF_TYPE), "differs"),
        ("signed", "signed", field(enum=("signed",)), "agrees"),
        ("pilot", "signed", field(enum=("signed", "pilot")), "differs"),
        ("trade", "lithium_mining;trade", field(separator=";", vocabulary="topic"), "agrees"),
        ("space", "lithium_mining;trade", field(separator=";", vocabulary="topic"), "differs"),
        ("potosi", "Oruro;Potosí", field(separator=";"), "agrees"),
        ("Tarija", "Oruro;Potosí", field(separator=";"), "not compared"),
        ("A plant", "A plant", field(), "agrees"),
        ("Una planta", "A plant", field(), "not compared"),
    ],
)
def test_agreement(reported: str, value: object, of: Field, wanted: str) -> None:
    assert agreement(reported, Cell(of, value, None, is_reference=False)) == wanted


def test_ids_agree_with_names_of_their_row() -> None:
    of = field(pattern="ORG-[0-9]{4}")
    cell = Cell(of, "ORG-0001", {"ypfb", "yacimientos petroliferos"}, is_reference=True)
    assert agreement("Yacimientos Petrolíferos", cell) == "agrees"
    assert agreement("Gazprom", cell) == "differs"
    unknown = Cell(of, "ORG-0001", None, is_reference=True)
    assert agreement("ORG-0001", unknown) == "agrees"
    assert agreement("ORG-0002", unknown) == "differs"
    assert agreement("Gazprom", unknown) == "not compared"


@pytest.mark.parametrize(
    ("parents", "cyclic"),
    [
        ({}, ""),
        ({"a": "b", "b": "c"}, ""),
        ({"a": "a"}, "a"),
        ({"a": "b", "b": "a", "c": "a"}, "ab"),
        ({"x": "a", "a": "b", "b": "c", "c": "b"}, "bc"),
    ],
)
def test_cycles(parents: dict[str, str], cyclic: str) -> None:
    assert on_cycles(parents) == set(cyclic)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("José Ejemplo", "JOSE  EJEMPLO", True),
        ("Gas-Export, S.A.", "gas export s a", True),
        ("Сергей", "СЕРГЕЙ", True),
        ("José Ejemplo", "José Ejemplos", False),
        ("YPFB", "YPF", False),
    ],
)
def test_folded_names(one: str, other: str, same: bool) -> None:
    assert (fold(one) == fold(other)) is same


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://www.Example.org/A/", "example.org/A"),
        ("http://example.org/A#part", "example.org/A"),
        ("https://example.org", "example.org"),
        ("https://example.org/?id=1", "example.org/?id=1"),
    ],
)
def test_plain_addresses(url: str, plain: str) -> None:
    assert plain_address(url) == plain


@given(st.text())
def test_clean_text_stays_clean(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_not_clean_is_seen(text: str) -> None:
    """The expression that picks suspects lets nothing through that cleaning would change."""
    suspect = pl.Series([text]).str.contains(names._SUSPECT)[0]
    assert suspect or clean_text(text) == text


def test_every_letter_that_is_not_clean_is_seen() -> None:
    letters = pl.Series([chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000])
    passed = letters.filter(~letters.str.contains(names._SUSPECT))
    assert [letter for letter in passed if clean_text(letter) != letter] == []


@given(st.lists(st.text("ab ", max_size=3)))
def test_lists_are_sorted_sets(items: list[str]) -> None:
    wanted = sorted({item.strip() for item in items} - {""})
    assert clean_list(";".join(items), ";") == ";".join(wanted)


def test_listed_sources_are_looked_up_in_the_package(tmp_path: Path) -> None:
    header, row = (ROOT / "data/meetings.csv").read_text(encoding="utf-8").splitlines()[:2]
    path = tmp_path / "meetings.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert validate(path).findings == ()
    path.write_text(f"{header}\n{re.sub('SRC-[0-9]+', 'SRC-9999', row)}\n", encoding="utf-8")
    assert [(finding.code, finding.line, finding.field) for finding in validate(path)] == [("E110", 2, "source_ids")]
