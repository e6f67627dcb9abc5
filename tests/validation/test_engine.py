"""Whole runs of the engine on a small package: what is found, where, and nothing besides."""

from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from small_tables import HEADER, PLACES, READINGS

from bilatdata.errors import BilatdataError
from bilatdata.validation.engine import validate

PLACES_HEADER = "place_id,region,label,parent_id\n"


def found(report):
    return [(item.code, item.line or item.row, item.column, item.field, item.value) for item in report]


@pytest.fixture
def judge(package, write):
    def judging(content, name="readings.csv", **options):
        return validate(write(name, content), package=package, **options)

    return judging


def test_valid_rows(judge):
    report = judge(READINGS)
    assert report.valid
    assert found(report) == []
    assert (report.rows, report.tables) == (3, ("readings",))


def test_every_cell_at_its_place_with_what_it_holds(judge):
    report = judge(
        HEADER
        + 'P1, 1,0,yes,1999-12-31,2024-13,north,"two\nlines"\n'  # N102 is a rule on every table
        + "\n"
        + "P9,100,9.6,true,2000-13-01,20X4,,x\n"
        + 'P1,,"1,5",,,,south,x\n'
    )
    assert found(report) == [
        ("T101", 2, 4, "number", " 1"),
        ("T105", 2, 7, "amount", "0"),
        ("T101", 2, 9, "is_sure", "yes"),
        ("T105", 2, 13, "day", "1999-12-31"),
        ("D101", 2, 24, "period", "2024-13"),
        ("N102", 2, 38, "note", "two\nlines"),
        ("S105", 4, 1, None, None),
        ("K103", 5, 1, "place_id", "P9"),
        ("T105", 5, 4, "number", "100"),
        ("T105", 5, 8, "amount", "9.6"),
        ("T101", 5, 17, "day", "2000-13-01"),
        ("D101", 5, 28, "period", "20X4"),
        ("K103", 6, 1, "place_id", "P1"),
        ("T102", 6, 4, "number", None),
        ("T101", 6, 5, "amount", "1,5"),
    ]
    assert report.rows == 4


def test_findings_carry_the_words_of_their_rule(judge):
    (item,) = judge(HEADER + "P1,1,0.5,true,2024-02-29,2024-02,north,plain\nP2,0,,,,,,\n").findings
    assert (item.code, item.severity, item.table, item.key) == ("T105", "error", "readings", "P2;0")
    assert (item.expected, item.message) == ("at least 1", "The value lies outside its field's bounds.")
    assert item.hint


def test_headers(judge):
    report = judge(
        "\ufeffnote,place_id,colour,number,amount,is_sure,period,region,note,\nx,P1,red,1,,,,,y,\n", extra_columns=False
    )
    assert found(report) == [
        ("S101", 1, 1, None, None),
        ("S102", 1, 1, "day", None),
        ("S103", 1, 15, None, "colour"),
        ("S104", 1, 58, None, "note"),
        ("S103", 1, 63, None, "no name"),
    ]
    assert [item.severity for item in report] == ["warning", "error", "error", "error", "error"]


def test_extra_columns_may_be_allowed(judge):
    content = READINGS.replace("note\n", "note,colour\n").replace("plain\n", "plain,red\n").replace('"\n', '",\n')
    content = content.replace("south,\n", "south,,\n")
    assert [item.code for item in judge(content)] == ["S103"]
    assert judge(content, extra_columns=True).valid


def test_names_that_stand_on_several_lines(judge):
    report = judge('"a\nb",place_id,"é\n\n",col,"é\n\n"\n' + "x," * 4 + "y\n", table="places")
    assert [item[:3] for item in found(report) if item[0] in ("S103", "S104")] == [
        ("S103", 1, 1),
        ("S103", 2, 13),
        ("S103", 4, 3),
        ("S104", 4, 7),
    ]


def test_a_near_name_is_suggested(judge):
    report = judge(READINGS.replace("region", "regoin"), name="readings.csv")
    assert [(item.code, item.expected) for item in report] == [
        ("S102", "a column 'region'"),
        ("S103", "a field of readings (did you mean 'region'?)"),
    ]


def test_a_derived_column_may_be_there_or_not(judge):
    with_it = READINGS.replace("region", "period_earliest,region", 1)
    with_it = with_it.replace("2024-02,north", "2024-02,2024-02-01,north").replace(",,,,,,", ",,,,,,,")
    assert judge(with_it.replace("20XX,south", "20XX,2000-01-01,south")).valid
    assert [item.code for item in judge(with_it.replace("20XX,south", "20XX,2000-13-01,south"))] == ["T101"]


def test_keys_across_batches_and_files(package, write):
    first = write("a/readings.csv", HEADER + "".join(f"P1,{number},,,,,,\n" for number in range(1, 40)))
    second = write("b/readings.csv", HEADER + "P2,1,,,,,,\nP1,7,,,,,,\nP1,,,,,,,\n")
    report = validate([first, second], package=package, batch_bytes=64)
    assert [(item.file, item.line, item.code) for item in report] == [
        (str(second), 3, "K101"),
        (str(second), 4, "T102"),
    ]
    assert report.findings[0].expected == f"a value that no other row has; the first is in line 8 of {first}"
    assert report.rows == 42


def test_unique_fields_and_self_references(judge):
    report = judge(
        PLACES_HEADER + "P3,,aa,P1\nP4,,aa,P5\nP5,,,P9\nP6,,,\n" + "P7x,,toolonglabel,\nQ1Z,east,x,\n",
        name="places.csv",
    )
    assert found(report) == [
        ("K102", 3, 5, "label", "aa"),
        ("K103", 4, 6, "parent_id", "P9"),
        ("T103", 6, 1, "place_id", "P7x"),
        ("T105", 6, 6, "label", "toolonglabel"),
        ("T103", 7, 1, "place_id", "Q1Z"),
        ("T104", 7, 5, "region", "east"),
        ("T105", 7, 10, "label", "x"),
    ]


def test_references_resolve_among_the_files_given(package, write):
    readings = write("readings.csv", HEADER + "P8,1,,,,,,\nP8,2,,,,,south,\nP8,3,,,,,north,\nP1,1,,,,,north,\n")
    assert [item.line for item in validate(readings, package=package)] == [2, 3, 3, 4, 4]
    places = write("places.csv", PLACES_HEADER + "P8,south,eight,\n")
    report = validate([readings, places], package=package)
    assert [(item.code, item.line, item.field) for item in report] == [("K103", 4, "place_id")]


@pytest.mark.parametrize("batch_bytes", [30, 97, 1 << 20])
def test_the_size_of_batches_makes_no_difference(package, write, batch_bytes):
    rows = [f'P{n % 12},{n},{n % 11},true,2000-{n % 14:02}-01,20{n % 30:02}-{n % 14},,"a\n{n}"\n' for n in range(120)]
    rows[40] = 'P1,1,"open\n'
    rows[70] = "P1,1\n"
    path = write("readings.csv", HEADER + "".join(rows))
    assert len(validate(path, package=package)) > 50
    assert validate(path, package=package, batch_bytes=batch_bytes) == validate(path, package=package)


def test_more_than_a_thousand_findings(judge):
    report = judge(HEADER + "".join(f"P1,{n},x,,,,,\n" for n in range(1, 1501)))
    assert sum(item.code == "T101" for item in report) == 1500
    assert sum(item.code == "T105" for item in report) == 1401


def test_parquet_and_frames_are_judged_like_text(package, write, tmp_path):
    text = READINGS.replace("9.5", "9.7").replace("20XX", "2x").replace("P2,1", "P2,0")
    by_text = validate(write("readings.csv", text), package=package)
    assert [item.code for item in by_text] == ["T105", "T105", "D101"]
    frame = pl.read_csv(
        text.encode(),
        schema_overrides={"number": pl.Int64, "amount": pl.Float64, "day": pl.Date},
        try_parse_dates=False,
    ).with_columns(is_sure=pl.col("is_sure").cast(pl.Boolean))
    frame.write_parquet(tmp_path / "readings.parquet")
    for source in (frame, frame.lazy(), frame.to_arrow(), frame.to_pandas(), tmp_path / "readings.parquet"):
        report = validate(source, table="readings", package=package)
        assert [(item.code, item.field, item.row, item.key) for item in report] == [
            ("D101", "period", 3, "P2;0"),
            ("T105", "amount", 3, "P2;0"),
            ("T105", "number", 3, "P2;0"),
        ]
        assert [item.line for item in report] == [None] * 3
        assert report.rows == 3


def test_columns_of_a_wrong_type_are_named_once(package):
    frame = pd.DataFrame({"place_id": [1, 2], "number": [True, False], "amount": ["1", "x"]})
    report = validate(frame, table="readings", package=package)
    judged = [(item.code, item.field, item.row, item.value) for item in report if item.code != "S102"]
    assert ("T106", "place_id", None, "Int64") in judged
    assert ("T106", "number", None, "Boolean") in judged
    assert ("T101", "amount", 2, "x") in judged
    assert {code for code, field, *_ in judged if field == "place_id"} == {"T106"}, "references would fail with it"


def test_evidence_of_a_cell_that_cannot_be_read_is_no_second_finding(write):
    """That the cell is not what the evidence reports is what its own finding says."""
    header = (
        "evidence_id,table_name,record_id,field_name,source_id,locator,reported_value,basis_code,stance_code,note\n"
    )
    rows = [
        f"EVI-9000{number},meetings,MTG-9001,{field},SRC-0001,,{value},stated,supports,"
        for number, (field, value) in enumerate([("date", "2025-04-29"), ("city", ""), ("place_country_code", "RUS")])
    ]
    meetings = "meeting_id,date,place_country_code\nMTG-9001,2025-04-,RUS\n"
    files = [write("meetings.csv", meetings), write("evidence.csv", header + "\n".join(rows) + "\n")]
    found = {(item.code, item.field) for item in validate(files) if item.code[0] in "DE"}
    assert found == {("D101", "date")}
    files[0].write_text(meetings.replace("2025-04-", "2025-05"))
    found = {(item.code, item.field) for item in validate(files) if item.code[0] in "DE"}
    assert found == {("E106", "reported_value")}


def test_dates_given_as_numbers_are_one_finding():
    sources = pd.DataFrame({"source_id": ["SRC-9001", "SRC-9002"], "published_date": [20250429, 20250430]})
    assert [item.code for item in validate(sources, table="sources") if item.field == "published_date"] == ["T106"]


def test_a_large_parquet_file_is_located_batch_by_batch(package, tmp_path):
    from bilatdata.validation.columnar import ParquetFile

    pl.DataFrame({"place_id": [f"P{n}" for n in range(10)], "number": range(10)}).write_parquet(tmp_path / "x.parquet")
    source = ParquetFile(tmp_path / "x.parquet", batch_rows=3)
    assert [batch.first_row for batch in source.batches()] == [0, 3, 6, 9]
    cells = [(row, "place_id") for row in (1, 5, 9)]
    assert [place[2:] for place in source.places(cells, ["number"])] == [
        (2, "P1", "1"),
        (6, "P5", "5"),
        (10, "P9", "9"),
    ]


def test_empty_tables(package, judge):
    assert judge(HEADER).valid
    assert validate(pl.DataFrame(schema={"place_id": pl.String}), table="places", package=package).rows == 0
    assert validate(pa.table({"place_id": pa.array([], pa.string())}), table="places", package=package).rows == 0


@pytest.mark.parametrize("variable", ["PANDERA_VALIDATION_ENABLED", "PANDERA_VALIDATION_DEPTH"])
def test_the_environment_cannot_switch_validation_off(package, write, variable, monkeypatch):
    from pandera.config import CONFIG

    monkeypatch.setattr(CONFIG, "validation_enabled", False)
    path = write("readings.csv", READINGS.replace("9.5", "9.7"))
    assert [item.code for item in validate(path, package=package)] == ["T105"]


def test_a_rule_that_breaks_does_not_pass_in_silence(package, write, monkeypatch):
    from bilatdata.contract import pandera_schema
    from bilatdata.contract.pandera_schema import Claim

    broken = Claim("T103", "note", pl.col("note").str.contains("("), "text")
    monkeypatch.setattr(pandera_schema, "constraint_claims", lambda field: [broken] if field.name == "note" else [])
    with pytest.raises(RuntimeError, match="could not be run"):
        validate(write("readings.csv", READINGS), package=package)


def test_an_interrupted_reading_is_reported_once(package, tmp_path):
    path = tmp_path / "readings.parquet"
    pl.DataFrame({"place_id": ["P1"] * 50_000, "number": range(50_000)}).write_parquet(path, row_group_size=1000)
    content = bytearray(path.read_bytes())
    content[2000:4000] = b"\xff" * 2000
    path.write_bytes(content)
    with pytest.raises(BilatdataError, match="not a whole Parquet file") as error:
        validate(path, package=package)
    assert "\n" not in str(error.value)


def test_the_places_of_the_small_package_are_valid(package):
    assert Path(package.root / "data" / "places.csv").read_text() == PLACES
    assert validate(package.root, package=package).valid


def test_progress_is_told_after_every_batch(write, package):
    rows = "".join(f"P1,{number},,,,,,\n" for number in range(1, 90))
    seen = []
    report = validate(write("readings.csv", HEADER + rows), package=package, batch_bytes=200, progress=seen.append)
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert seen[-1] == report.rows == 89
