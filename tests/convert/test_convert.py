"""Bulk trade files, made here in the documented layouts, become `trade_products`; no row is lost in silence."""

import csv
import gzip
import io
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

import bilatdata as bd
from bilatdata.cli.main import main
from bilatdata.convert import convert, tables
from bilatdata.errors import BilatdataError

COMTRADE = [
    "typeCode", "freqCode", "refPeriodId", "refYear", "refMonth", "period", "reporterCode", "flowCode", "partnerCode",
    "partner2Code", "classificationCode", "cmdCode", "customsCode", "mosCode", "motCode", "qtyUnitCode", "qty",
    "netWgt", "cifvalue", "fobvalue", "primaryValue",
]  # fmt: skip
BEFORE = [
    "Classification", "Year", "Period", "Period Desc.", "Aggregate Level", "Is Leaf Code", "Trade Flow Code",
    "Trade Flow", "Reporter Code", "Reporter", "Reporter ISO", "Partner Code", "Partner", "Partner ISO",
    "Commodity Code", "Commodity", "Qty Unit Code", "Qty Unit", "Qty", "Netweight (kg)", "Trade Value (US$)", "Flag",
]  # fmt: skip
USUAL = {
    "typeCode": "C", "freqCode": "A", "period": "2023", "reporterCode": "643", "flowCode": "X", "partnerCode": "76",
    "partner2Code": "0", "classificationCode": "H6", "cmdCode": "310420", "customsCode": "C00", "mosCode": "0",
    "motCode": "0", "qtyUnitCode": "8", "qty": "2500.5", "netWgt": "2500.5", "primaryValue": "1000000.25",
}  # fmt: skip


LABELS = bd.load("hs_products").set_index(["hs_code", "hs_edition"])["label"]
POTASH = LABELS.get(("310420", "2022"), "HS 310420")


def text(columns, *rows, delimiter=","):
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


@pytest.fixture
def comtrade(tmp_path):
    """Writes rows in the layout of UN Comtrade; each argument says how a row differs from a usual one."""

    def writer(*rows, name="bulk.csv", delimiter=","):
        content = text(COMTRADE, *({**USUAL, **row} for row in rows), delimiter=delimiter).encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return writer


def written(result):
    frames = [pl.read_parquet(file) for file in result.files if file.name == "trade_products.parquet"]
    return pl.concat(frames).sort("trade_product_id").to_dicts() if frames else []


def accounted(result):
    return result.written + result.outside + result.left_out.total() == result.read


def test_a_flow_of_comtrade(comtrade, tmp_path):
    result = convert("comtrade", [comtrade({})], tmp_path / "out")
    (row,) = written(result)
    assert {name: value for name, value in row.items() if value is not None} == {
        "trade_product_id": "TRP-1000001",
        "exporter_code": "RUS",
        "importer_code": "BRA",
        "period": "2023",
        "period_earliest": date(2023, 1, 1),
        "period_latest": date(2023, 12, 31),
        "product_name": POTASH,
        "hs_code": "310420",
        "hs_edition": "2022",
        "hs_basis_code": "stated",
        "value_usd": 1000000.25,
        "quantity": 2500.5,
        "quantity_unit_code": "kg",
        "basis_code": "quantified",
        "valuation_code": "fob",
        "bound_code": "exact",
        "reporter": "UN Comtrade (reporter Russia)",
        "confidence_code": "high",
    }
    assert bd.validate(tmp_path / "out").findings == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"flowCode": "M"}, ("BRA", "RUS", "cif", "UN Comtrade (reporter Russia)")),
        ({"reporterCode": "076", "partnerCode": "643"}, ("BRA", "RUS", "fob", "UN Comtrade (reporter Brazil)")),
        (
            {"reporterCode": "32", "partnerCode": "643", "flowCode": "M"},
            ("RUS", "ARG", "cif", "UN Comtrade (reporter Argentina)"),
        ),
    ],
)
def test_direction_and_valuation_follow_from_the_reporter(comtrade, tmp_path, change, expected):
    (row,) = written(convert("comtrade", [comtrade(change)], tmp_path / "out"))
    assert (row["exporter_code"], row["importer_code"], row["valuation_code"], row["reporter"]) == expected


@pytest.mark.parametrize(
    ("name", "delimiter"), [("a.csv", ","), ("a.txt", "\t"), ("a.txt.gz", "\t"), ("a.csv.gz", ",")]
)
def test_commas_tabs_and_gzip(comtrade, tmp_path, name, delimiter):
    result = convert("comtrade", [comtrade({}, {"period": "202402"}, name=name, delimiter=delimiter)], tmp_path / "out")
    assert [(row["period"], row["period_latest"]) for row in written(result)] == [
        ("2023", date(2023, 12, 31)),
        ("2024-02", date(2024, 2, 29)),
    ]


def test_the_layout_before_2022(tmp_path):
    row = {
        "Classification": "H4", "Period": "2013", "Trade Flow Code": "1", "Reporter Code": "484", "Partner Code": "643",
        "Commodity Code": "0901", "Commodity": "Coffee,  whether or not roasted", "Qty Unit Code": "1", "Qty": "",
        "Netweight (kg)": "700", "Trade Value (US$)": "12",
    }  # fmt: skip
    path = tmp_path / "before.csv"
    path.write_text(text(BEFORE, row), encoding="utf-8")
    (found,) = written(convert("comtrade", [path], tmp_path / "out"))
    assert (found["exporter_code"], found["importer_code"], found["hs_code"]) == ("RUS", "MEX", "0901")
    assert (found["product_name"], found["hs_edition"]) == ("Coffee, whether or not roasted", "2012")
    assert (found["quantity"], found["quantity_unit_code"]) == (700.0, "kg")


def test_baci(tmp_path):
    path = tmp_path / "BACI_HS17_Y2023_V202501.csv"
    path.write_text("t,i,j,k,v,q\n2023,643,76,310420,120.522,305.5\n2023,68,643,080122,9,NA\n2022,643,76,310420,1,\n")
    names = tmp_path / "product_codes_HS17_V202501.csv"
    names.write_text('code,description\n080122,"Brazil nuts, shelled"\n')
    result = convert("baci", [path], tmp_path / "out", products=names)
    found = [
        (
            row["exporter_code"],
            row["period"],
            row["product_name"],
            row["value_usd"],
            row["quantity"],
            row["quantity_unit_code"],
        )
        for row in written(result)
    ]
    labels = dict(bd.load("hs_products").query("hs_edition == '2017'")[["hs_code", "label"]].itertuples(index=False))
    potash = labels.get("310420", "HS 310420")
    assert found == [
        ("RUS", "2023", potash, 120522.0, 305.5, "t"),
        ("BOL", "2023", "Brazil nuts, shelled", 9000.0, None, None),
        ("RUS", "2022", potash, 1000.0, None, None),
    ]
    assert {row["reporter"] for row in written(result)} == {"CEPII BACI"}
    assert sorted(file.parent.name for file in result.files if file.name == "trade_products.parquet") == [
        "year=2022",
        "year=2023",
    ]
    assert bd.validate(tmp_path / "out").findings == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"flowCode": "RX"}, "flow: RX"),
        ({"partnerCode": "0"}, "partner that is no state"),
        ({"partnerCode": "899"}, "partner that is no state"),
        ({"partnerCode": "999"}, "country code: 999"),
        ({"period": "23"}, "period: 23"),
        ({"cmdCode": "TOTAL"}, "commodity code: TOTAL"),
        ({"cmdCode": "10121"}, "commodity code: 10121"),
        ({"classificationCode": "S4"}, "classification: S4"),
        ({"primaryValue": ""}, "value: none"),
        ({"primaryValue": "-1"}, "value: -1"),
        ({"motCode": "2100"}, "flow: part of a total"),
        ({"partner2Code": "156"}, "flow: part of a total"),
    ],
)
def test_rows_that_cannot_be_mapped_are_counted_and_kept(comtrade, tmp_path, change, reason):
    result = convert("comtrade", [comtrade({}, change)], tmp_path / "out")
    assert (result.read, result.written, dict(result.left_out)) == (2, 1, {reason: 1})
    (file,) = result.left_out_files
    (kept,) = list(csv.DictReader(file.open(encoding="utf-8")))
    assert kept == {"reason": reason, **dict.fromkeys(COMTRADE, ""), **USUAL, **change}


@pytest.mark.parametrize(
    ("pair", "flows"),
    [
        ("RUS-LATAM", {("RUS", "BRA"), ("BOL", "RUS")}),
        ("rus-bol", {("BOL", "RUS")}),
        ("RUS-ALL", {("RUS", "BRA"), ("BOL", "RUS"), ("RUS", "USA")}),
        ("LATAM-LATAM", {("BRA", "BOL")}),
    ],
)
def test_pairs_select_flows_in_both_directions(comtrade, tmp_path, pair, flows):
    path = comtrade(
        {},
        {"reporterCode": "68", "partnerCode": "643"},
        {"partnerCode": "842"},
        {"reporterCode": "76", "partnerCode": "68"},
    )
    result = convert("comtrade", [path], tmp_path / "out", pair=pair)
    assert {(row["exporter_code"], row["importer_code"]) for row in written(result)} == flows
    assert (result.read, result.outside) == (4, 4 - len(flows))


def test_a_unit_that_the_vocabulary_lacks_gives_way_to_the_weight(comtrade, tmp_path):
    path = comtrade(
        {"qtyUnitCode": "5", "qty": "10", "netWgt": "70"}, {"qtyUnitCode": "5", "qty": "10", "netWgt": "0"},
        {"qtyUnitCode": "-1", "qty": "0", "netWgt": "9"}, {"qtyUnitCode": "12", "qty": "3", "netWgt": "9"},
    )  # fmt: skip
    result = convert("comtrade", [path], tmp_path / "out")
    assert [(row["quantity"], row["quantity_unit_code"]) for row in written(result)] == [
        (70.0, "kg"), (None, None), (9.0, "kg"), (3.0, "m3"),
    ]  # fmt: skip
    assert dict(result.without_quantity) == {"5": 2}


def test_many_batches_and_files(comtrade, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BATCH_BYTES", 2000)
    rows = [
        {"cmdCode": f"{number:06}", "period": str(2015 + number % 3), "partnerCode": "76" if number % 7 else "0"}
        for number in range(500)
    ]
    seen = []
    result = convert(
        "comtrade", [comtrade(*rows[:250]), comtrade(*rows[250:], name="b.csv.gz")], tmp_path / "out",
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert (result.read, result.written) == (500, 500 - 72)
    assert accounted(result)
    assert len(seen) > 10 and seen == sorted(seen)
    assert [row["hs_code"] for row in written(result)] == [row["cmdCode"] for row in rows if row["partnerCode"] == "76"]
    assert len(result.left_out_files) == 2
    report = bd.validate(tmp_path / "out")
    assert (report.findings, report.rows) == ((), 428 * 2)


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_full_disk_leaves_nothing_behind(comtrade, tmp_path, monkeypatch):
    def full(writer, table):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    path, before = comtrade({}), tree(tmp_path)
    with pytest.raises(
        BilatdataError, match=r"out: cannot be written .No space left on device.: nothing was converted"
    ):
        convert("comtrade", [path], tmp_path / "out")
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "its columns are a, b .*expected UN Comtrade: period, reporterCode"),
        (b"a,a\n1,2\n", "two columns are named 'a'"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        (text(COMTRADE, USUAL).encode() + b"1,2\n", "cannot be read as a table"),
        (
            text(COMTRADE).encode() + b"\xe9" + text(COMTRADE, USUAL).encode().split(b"\n")[1],
            "cannot be read as a table",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path, content, words):
    path = tmp_path / "bulk.csv"
    path.write_bytes(content)
    with pytest.raises(BilatdataError, match=words) as error:
        convert("comtrade", [path], tmp_path / "out")
    assert "\n" not in str(error.value)
    assert tree(tmp_path) == ["bulk.csv"]


def test_a_gzip_file_cut_in_half(comtrade, tmp_path):
    path = comtrade(*[{"cmdCode": f"{number:06}"} for number in range(3000)], name="bulk.csv.gz")
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(BilatdataError, match=r"bulk.csv.gz: cannot be read"):
        convert("comtrade", [path], tmp_path / "out")
    assert tree(tmp_path) == ["bulk.csv.gz"]


def test_what_is_not_asked_for_rightly(comtrade, tmp_path):
    path = comtrade({})
    for words, arguments in {
        "no layout 'bacci' .did you mean 'baci'": ("bacci", [path], tmp_path / "out"),
        "expected at least one file": ("baci", [], tmp_path / "out"),
        "does not say the HS edition": ("baci", [_baci_of_no_edition(tmp_path)], tmp_path / "out"),
        "is not empty": ("comtrade", [path], tmp_path),
        r"none.csv: cannot be read": ("comtrade", [tmp_path / "none.csv"], tmp_path / "out"),
    }.items():
        with pytest.raises(BilatdataError, match=words):
            convert(*arguments)
    for pair, words in {
        "RUS": "is no pair",
        "RUS-LATIN": "no state or group 'LATIN'",
        "RUS-BOL-X": "is no pair",
    }.items():
        with pytest.raises(BilatdataError, match=words):
            convert("comtrade", [path], tmp_path / "out", pair=pair)
    assert not (tmp_path / "out").exists()


def _baci_of_no_edition(folder: Path) -> Path:
    path = folder / "flows.csv"
    path.write_text("t,i,j,k,v,q\n2023,643,76,310420,1,1\n")
    return path


def test_the_command(comtrade, tmp_path, capsys):
    path = comtrade({}, {"partnerCode": "0"}, {"partnerCode": "842"})
    assert main(["convert", "comtrade", str(path), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "3 rows read: 1 written, 1 not of RUS-LATAM, 1 left out" in said.err
    assert "1  partner that is no state" in said.err
    assert "All good" in said.out
    assert main(["convert", "comtrade", str(path), "--out", str(tmp_path / "out")]) == 2
    assert main(["convert", "comtrade", str(comtrade({"partnerCode": "0"})), "--out", str(tmp_path / "none")]) == 0
    assert tree(tmp_path / "none") == ["left_out", "left_out/1-bulk.csv"]
