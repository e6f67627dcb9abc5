"""Tables as frames, files, fields and views: right types, right values, clear faults."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import bilatdata as bd
from bilatdata import package
from bilatdata.loading import BACKENDS, label_languages, load, summaries, table_schema
from bilatdata.package import DataPackage
from bilatdata.release.build import build

ROOT = Path(__file__).resolve().parents[1]


def csv_cells(data: DataPackage, name: str) -> list[dict[str, str | None]]:
    """The rows of a table as the standard library reads them, None for empty cells."""
    with (data.root / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: cell or None for key, cell in row.items()} for row in csv.DictReader(file, strict=True)]


def rows(frame: object) -> list[dict[str, object]]:
    """The rows of a frame of any backend as plain Python values, None for missing ones."""
    if isinstance(frame, pd.DataFrame):
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    if isinstance(frame, duckdb.DuckDBPyRelation):
        return [dict(zip(frame.columns, row, strict=True)) for row in frame.fetchall()]
    return frame.to_dicts() if isinstance(frame, pl.DataFrame) else frame.to_pylist()


def as_text(value: object) -> str | None:
    if value is None or value != value:
        return None
    return value.date().isoformat() if hasattr(value, "date") else str(value)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_cell_of_every_table_arrives(tiny: DataPackage, backend: str) -> None:
    for name in bd.tables():
        loaded = rows(bd.load(name, backend))
        written = csv_cells(tiny, name)
        assert len(loaded) == len(written)
        for got, wanted in zip(loaded, written, strict=True):
            for field in table_schema(name).fields:
                value, cell = got[field.name], wanted[field.name]
                if cell is not None and field.type in ("number", "integer"):
                    assert value == float(cell), (name, field.name)
                else:
                    assert as_text(value) == cell, (name, field.name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_text_that_looks_like_something_else_stays_text(tiny: DataPackage, backend: str) -> None:
    assert [row["name"] for row in rows(bd.load("organisations", backend))][1] == "NA"
    assert [row["alpha2_code"] for row in rows(bd.load("countries", backend))] == ["BO", "NA", "RU"]
    assert [row["m49_code"] for row in rows(bd.load("countries", backend))] == ["068", "516", "643"]
    assert [row["hs_code"] for row in rows(bd.load("hs_products", backend))] == ["08", "080121"]
    assert [row["reporter"] for row in rows(bd.load("trade_products", backend))] == ["Bolivia", "null", "Russia"]


def test_pandas_dtypes(tiny: DataPackage) -> None:
    trade = bd.load("trade_products")
    assert trade["rank"].dtype == "Int64" and trade["rank"].isna().tolist() == [False, True, False]
    assert trade["value_usd"].dtype == "float64"
    assert trade["period_earliest"].dtype.kind == "M"
    assert pd.isna(trade["period_latest"][2]) and trade["period_latest"][1] == pd.Timestamp(2023, 12, 31)
    assert pd.api.types.is_string_dtype(trade["hs_code"]) and trade["hs_code"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize("name", ["meetings", "hs_products"])
def test_ordered_vocabularies_compare_in_pandas(tiny: DataPackage, name: str) -> None:
    field = next(field for field in table_schema(name).fields if field.ordered)
    column = bd.load(name)[field.name]
    assert column.cat.ordered and list(column.cat.categories) == list(field.enum)
    assert column.max() == max(column, key=field.enum.index)


def test_ordered_vocabularies_sort_in_every_backend(tiny: DataPackage) -> None:
    column = "confidence_code"
    assert bd.load("meetings", "polars")[column].dtype == pl.Enum(["low", "medium", "high"])
    assert bd.load("meetings", "polars").sort(column)[column].to_list() == ["low", "medium", "high"]
    assert bd.load("meetings", "duckdb").order(column).project(column).fetchall() == [("low",), ("medium",), ("high",)]
    assert bd.load("meetings", "arrow").schema.field(column).type.ordered


def types(frame: object) -> dict[str, str]:
    """The type of each column of a frame of any backend, as text."""
    if isinstance(frame, pa.Table):
        return {field.name: str(field.type) for field in frame.schema}
    if isinstance(frame, duckdb.DuckDBPyRelation):
        return {name: str(kind) for name, kind in zip(frame.columns, frame.types, strict=True)}
    return {name: repr(frame[name].dtype) for name in frame.columns}


@pytest.mark.parametrize("labels", [None, "es"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_tables_without_rows_keep_their_types(
    tiny: DataPackage, monkeypatch: pytest.MonkeyPatch, backend: str, labels: str | None
) -> None:
    emptied = [name for name in bd.tables() if name not in ("terms", "countries")]
    filled = {name: types(bd.load(name, backend, labels=labels)) for name in emptied}
    for name in emptied:
        path = tiny.root / "data" / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    build(tiny.root)
    monkeypatch.setattr(package, "installed", lambda: DataPackage(tiny.root))
    for name in emptied:
        frame = bd.load(name, backend, labels=labels)
        assert rows(frame) == []
        assert types(frame) == filled[name]
    assert bd.connect().execute("SELECT count(*) FROM meetings").fetchone() == (0,)


@pytest.mark.parametrize("backend", BACKENDS)
def test_labels_stand_in_the_place_of_codes(tiny: DataPackage, backend: str) -> None:
    columns = ["meeting_id", "country_b_code", "level_code", "topic_codes", "confidence_code", "place_country_code"]
    assert rows(bd.load("meetings", backend, columns, labels="es"))[:2] == [
        {
            "meeting_id": "MTG-0001",
            "country_b_code": "Bolivia",
            "level_code": "ministro de Relaciones Exteriores",
            "topic_codes": "diálogo político;comercio",
            "confidence_code": "alta",
            "place_country_code": "Rusia",
        },
        {
            "meeting_id": "MTG-0002",
            "country_b_code": "Bolivia",
            "level_code": "ministro",
            "topic_codes": None,
            "confidence_code": "baja",
            "place_country_code": None,
        },
    ]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("language", ["en", "es", "ru"])
def test_labels_change_codes_and_nothing_else(tiny: DataPackage, backend: str, language: str) -> None:
    terms = {(row["vocabulary"], row["code"]): row[f"label_{language}"] for row in csv_cells(tiny, "terms")}
    for name in bd.tables():
        schema = table_schema(name)
        to_countries = {key.fields[0] for key in schema.foreign_keys if key.table == "countries"}
        plain, labelled = rows(bd.load(name, backend)), rows(bd.load(name, backend, labels=language))
        for before, after in zip(plain, labelled, strict=True):
            for field in schema.fields:
                if field.vocabulary and before[field.name]:
                    parts = before[field.name].split(field.separator) if field.separator else [before[field.name]]
                    wanted = (field.separator or "").join(terms[field.vocabulary, part] for part in parts)
                    assert after[field.name] == wanted
                elif field.name not in to_countries:
                    assert as_text(after[field.name]) == as_text(before[field.name])


def test_labels_keep_the_order_of_the_codes(tiny: DataPackage) -> None:
    confidence = bd.load("meetings", labels="es")["confidence_code"]
    assert confidence.cat.ordered and list(confidence.cat.categories) == ["baja", "media", "alta"]
    assert confidence.max() == "alta"
    assert bd.load("meetings", "polars", labels="ru")["confidence_code"].dtype == pl.Enum(
        ["низкая", "средняя", "высокая"]
    )
    ordered = bd.load("meetings", "duckdb", labels="es").order("confidence_code").project("confidence_code")
    assert ordered.fetchall() == [("baja",), ("media",), ("alta",)]


def test_frames_with_labels_say_so(tiny: DataPackage) -> None:
    origin = {"table": "meetings", "version": tiny.version, "labels": "ru"}
    assert bd.load("meetings", labels="ru").attrs["bilatdata"] == origin
    assert json.loads(bd.load("meetings", "arrow", labels="ru").schema.metadata[b"bilatdata"]) == origin


def test_labels_of_the_package_can_stand_in_lists_and_categories() -> None:
    for language in label_languages():
        terms = bd.load("terms")
        labels = terms[f"label_{language}"]
        assert not labels.str.contains(";").any()
        assert not terms.assign(label=labels).duplicated(["vocabulary", "label"]).any()


def test_frames_say_what_they_are(tiny: DataPackage) -> None:
    origin = {"table": "meetings", "version": tiny.version}
    frame = bd.load("meetings")
    assert frame.attrs["bilatdata"] == origin
    assert frame[frame["status_code"] == "held"].attrs["bilatdata"] == origin
    assert json.loads(bd.load("meetings", "arrow").schema.metadata[b"bilatdata"]) == origin
    assert bd.describe("meetings").attrs["bilatdata"] == origin


def test_the_version_is_that_of_the_data() -> None:
    assert bd.__version__ == json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["version"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_columns_come_in_the_order_asked_for(tiny: DataPackage, backend: str) -> None:
    frame = bd.load("meetings", backend, columns=["status_code", "meeting_id", "confidence_code"])
    names = frame.column_names if backend == "arrow" else list(frame.columns)
    assert names == ["status_code", "meeting_id", "confidence_code"]
    assert rows(frame)[1] == {"status_code": "planned", "meeting_id": "MTG-0002", "confidence_code": "low"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_package_itself_loads(backend: str) -> None:
    installed = DataPackage(ROOT)
    for name in bd.tables():
        assert len(rows(bd.load(name, backend))) == installed.resources[name]["rowCount"]


def test_a_bare_read_parquet_gives_right_types_too(tiny: DataPackage) -> None:
    frame = pd.read_parquet(bd.path("trade_products", "parquet"))
    assert frame["rank"].dtype == "Int64"
    assert frame["confidence_code"].cat.ordered
    assert frame["reporter"].tolist() == ["Bolivia", "null", "Russia"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bd.load("meeting"), "no table 'meeting' (did you mean 'meetings'?): expected one of meetings, "),
        (lambda: bd.load("meetings", labels="de"), "no labels in 'de': expected one of en, es, ru"),
        (
            lambda: bd.load("meetings", labels="pt"),
            "no labels in 'pt' (but country names: column name_pt of countries): expected one of en, es, ru",
        ),
        (lambda: bd.load("meetings", "panda"), "no backend 'panda' (did you mean 'pandas'?): expected one of pandas, "),
        (
            lambda: bd.load("meetings", columns=["stauts_code"]),
            "no column 'stauts_code' in meetings (did you mean 'status",
        ),
        (lambda: bd.path("meetings", "xlsx"), "no format 'xlsx': expected one of csv, parquet"),
        (lambda: bd.describe("conc"), "no table 'conc'"),
        (lambda: bd.schema("meetings", "avro"), "no schema form 'avro': expected one of dict, pandera"),
        (lambda: bd.schema("nothing", "pandera"), "no table 'nothing'"),
    ],
)
def test_what_does_not_exist_is_named_with_what_does(tiny: DataPackage, call: object, message: str) -> None:
    with pytest.raises(bd.BilatdataError) as caught:
        call()
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)


def damaged(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"empty": b"", "truncated": content[:-9], "not Parquet": b"id\n1\n", "flipped": flipped}[how])


@pytest.mark.parametrize("how", ["missing", "empty", "truncated", "not Parquet", "flipped"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_damaged_file_is_one_clear_error(tiny: DataPackage, backend: str, how: str) -> None:
    path = tiny.root / "data" / "meetings.parquet"
    damaged(path, how)
    with pytest.raises(bd.BilatdataError) as caught:
        bd.load("meetings", backend)
    message = str(caught.value)
    assert message.startswith(f"{path}") and "reinstall" in message and "\n" not in message
    with pytest.raises(bd.BilatdataError):
        bd.connect()


def test_no_altered_byte_is_read_in_silence(tiny: DataPackage) -> None:
    path = tiny.root / "data" / "hs_products.parquet"
    content = path.read_bytes()
    for position in range(0, len(content), 37):
        path.write_bytes(content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :])
        with pytest.raises(bd.BilatdataError):
            bd.load("hs_products")


def test_a_schema_that_left_the_file_behind_is_told(tiny: DataPackage) -> None:
    path = tiny.root / "schemas" / "people.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"native_name"', '"own_name"'), encoding="utf-8")
    with pytest.raises(bd.BilatdataError, match=r"people\.parquet: has other columns than its schema"):
        bd.load("people")


@pytest.mark.parametrize(
    ("module", "call", "extra"),
    [
        ("polars", "bd.load('meetings', 'polars')", "polars"),
        ("duckdb", "bd.load('meetings', 'duckdb')", "duckdb"),
        ("duckdb", "bd.connect()", "duckdb"),
        ("pandera.polars", "bd.schema('meetings', 'pandera')", "validate"),
    ],
)
def test_a_missing_extra_says_how_to_get_it(module: str, call: str, extra: str) -> None:
    code = f"import sys; sys.modules[{module!r}] = None\nimport bilatdata as bd\n{call}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "BilatdataError: " in done.stderr and f"pip install 'bilatdata[{extra}]'" in done.stderr


def test_describe_gives_one_row_per_field(tiny: DataPackage) -> None:
    frame = bd.describe("asset_exits").set_index("name")
    assert list(frame.index) == [field["name"] for field in bd.schema("asset_exits")["fields"]]
    assert frame.loc["asset_exit_id", ["key", "required"]].tolist() == ["primary key", True]
    assert frame.loc["company_id", "key"] == "organisations.organisation_id"
    assert frame.loc["completed_date", "format"] == "EDTF"
    assert frame.loc["source_ids", "format"] == "list separated by ;"
    assert frame.loc["stake_pct", ["type", "unit", "required"]].tolist() == ["number", "percent", False]
    assert frame.loc["confidence_code", ["vocabulary", "codes"]].tolist() == ["confidence", "low, medium, high"]
    assert (frame[["title", "description"]] != "").all(axis=None)


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_path_leads_to_the_file(tiny: DataPackage, format: str) -> None:
    assert bd.path("meetings", format) == tiny.root / "data" / f"meetings.{format}"


def test_schema_is_a_fresh_dict(tiny: DataPackage) -> None:
    bd.schema("meetings")["fields"].clear()
    assert bd.schema("meetings")["fields"][0]["name"] == "meeting_id"


def test_the_pandera_schema_judges_a_polars_frame(tiny: DataPackage) -> None:
    import pandera.errors

    schema, frame = bd.schema("meetings", as_="pandera", backend="polars"), load("meetings", "polars")
    assert schema.validate(frame).equals(frame)
    wrong = frame.with_columns(pl.lit("cancelled by both").alias("status_code"))
    with pytest.raises(pandera.errors.SchemaErrors):
        schema.validate(wrong, lazy=True)


def test_forms_of_a_schema_that_do_not_exist(tiny: DataPackage) -> None:
    with pytest.raises(bd.BilatdataError, match="no schema form 'json': expected one of dict, pandera"):
        bd.schema("meetings", as_="json")  # type: ignore[call-overload]
    with pytest.raises(bd.BilatdataError, match="no backend 'arrow' for pandera: expected one of pandas, polars"):
        bd.schema("meetings", as_="pandera", backend="arrow")  # type: ignore[call-overload]


def test_connect_offers_every_table_as_a_typed_view(tiny: DataPackage) -> None:
    connection = bd.connect()
    views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    assert {name for (name,) in views} == set(bd.tables())
    assert connection.execute("SELECT getvariable('bilatdata_version')").fetchone() == (tiny.version,)
    types = dict(connection.execute("SELECT name, type FROM pragma_table_info('trade_products')").fetchall())
    assert types["period_earliest"] == "DATE" and types["rank"] == "BIGINT" and types["value_usd"] == "DOUBLE"
    joined = """
        SELECT name_ru, date_earliest FROM meetings JOIN countries ON country_b_code = country_code
        WHERE confidence_code >= 'medium'::confidence ORDER BY date_earliest
    """
    assert connection.execute(joined).fetchall() == [("Боливия", date(2023, 1, 1)), ("Боливия", date(2025, 4, 29))]
    comment = "SELECT comment FROM duckdb_columns() WHERE table_name = 'meetings' AND column_name = 'city'"
    assert connection.execute(comment).fetchone() == (table_schema("meetings").by_name["city"].description,)


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not allowed there")
def test_an_odd_installation_path_is_no_obstacle(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = DataPackage(shutil.copytree(tiny.root, tmp_path / "it's [a] *?{b} папка"))
    monkeypatch.setattr(package, "installed", lambda: odd)
    for backend in BACKENDS:
        assert len(rows(bd.load("people", backend))) == 2
    assert bd.connect().execute("SELECT count(*) FROM people").fetchone() == (2,)


def test_summaries_read_no_data(tiny: DataPackage) -> None:
    shutil.rmtree(tiny.root / "data")
    summary = {summary.name: summary for summary in summaries()}["meetings"]
    assert (summary.rows, summary.columns) == (3, len(bd.schema("meetings")["fields"]))
    assert (summary.start, summary.end) == ("2023-01-01", "2025-04-29")


def test_the_public_names_are_those_of_all() -> None:
    assert set(bd.__all__) == set(dir(bd))
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        bd.lod  # noqa: B018
