import json

import polars as pl
import pytest
from small_tables import HEADER, PLACES, READINGS

from bilatdata.contract.table_schema import Field, TableSchema, read_table_schema
from bilatdata.errors import BilatdataError
from bilatdata.validation.engine import validate
from bilatdata.validation.inputs import resolve


@pytest.fixture
def schemas(package):
    return {name: read_table_schema(package.schema(name)) for name in package.table_names}


def resolved(source, schemas, table=None):
    return [(item.source.file, item.table) for item in resolve(source, table, schemas).inputs]


def test_a_table_is_told_by_name_by_header_or_by_word(write, schemas):
    named, other = write("readings.csv", PLACES), write("2026-q3.csv", PLACES)
    assert resolved(named, schemas) == [(str(named), "readings")]
    assert resolved(other, schemas) == [(str(other), "places")]
    assert resolved([str(other)], schemas, table="places") == [(str(other), "places")]


def test_a_frame_is_told_by_its_columns(schemas):
    frame = pl.read_csv(PLACES.encode())
    assert resolved(frame, schemas) == [(None, "places")]
    with pytest.raises(BilatdataError, match="cannot tell which table"):
        resolved(pl.DataFrame({"x": [1]}), schemas)


def test_a_folder(write, schemas, tmp_path):
    write("f/places.csv", PLACES)
    write("f/notes.txt", "x")
    write("f/other.csv", "x,y\n1,2\n")
    pl.read_csv(READINGS.encode()).write_parquet(tmp_path / "f/readings.parquet")
    pl.read_csv(PLACES.encode()).write_parquet(tmp_path / "f/places.parquet")
    names = [(name.split("/")[-1], table) for name, table in resolved(tmp_path / "f", schemas)]
    assert names == [("other.csv", None), ("places.csv", "places"), ("readings.parquet", "readings")]


def test_a_file_that_is_no_table_is_mentioned(write, package, tmp_path):
    write("f/places.csv", PLACES)
    write("f/other.csv", "x,y\n1,2\n")
    report = validate(tmp_path / "f", package=package)
    assert [(item.code, item.severity, item.file) for item in report] == [
        ("S112", "warning", str(tmp_path / "f/other.csv"))
    ]
    assert report.valid


def test_the_data_folder_of_a_folder_goes_before_its_own_files(write, schemas, tmp_path):
    write("f/data/places.csv", PLACES)
    write("f/readings.csv", READINGS)
    assert resolved(tmp_path / "f", schemas) == [(str(tmp_path / "f/data/places.csv"), "places")]


def test_a_data_package(write, schemas, tmp_path):
    write("f/x/a.csv", PLACES)
    write("f/x/b.csv", PLACES)
    resources = [{"name": "places", "path": ["x/a.csv", "x/b.csv"]}]
    descriptor = write("f/datapackage.json", json.dumps({"resources": resources}))
    expected = [(str(tmp_path / "f/x/a.csv"), "places"), (str(tmp_path / "f/x/b.csv"), "places")]
    assert resolved(descriptor, schemas) == expected
    assert resolved(tmp_path / "f", schemas) == expected


@pytest.mark.parametrize(
    ("descriptor", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "expected a JSON object"),
        ({}, "no resources"),
        ({"resources": [1]}, "resource 1 is not an object"),
        ({"resources": [{"name": "places", "data": []}]}, "'places' has no path"),
        ({"resources": [{"name": "places", "path": "https://example.org/places.csv"}]}, "download it"),
        ({"resources": [{"name": "places", "path": "../places.csv"}]}, "below the descriptor"),
        ({"resources": [{"name": "places", "path": "/places.csv"}]}, "below the descriptor"),
        ({"resources": [{"name": "places", "path": "places.csv"}]}, "does not exist"),
    ],
)
def test_a_broken_data_package_is_refused_in_one_line(write, schemas, descriptor, words):
    path = write("datapackage.json", descriptor if isinstance(descriptor, str) else json.dumps(descriptor))
    with pytest.raises(BilatdataError, match=words) as error:
        resolve(path, None, schemas)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "table", "words"),
    [
        (
            "x.csv",
            "a,b\n1,2\n",
            None,
            "cannot tell which table it holds: say so with --table .*, one of places, readings",
        ),
        ("places.csv", "a,b\n1,2\n", None, "none of its columns .a, b. belongs to 'places'"),
        ("x.csv", READINGS, "reading", "no table 'reading' .did you mean 'readings'"),
        ("places.parquet", b"PAR1 and no more", None, "not a whole Parquet file"),
        ("places.parquet", b"", None, "not a whole Parquet file"),
        ("places.xlsx", b"PK\x03\x04....", None, "Excel"),
        ("sub/x.txt", "", None, "holds no tables"),
        (None, None, None, "there is no such file"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_one_line(write, package, tmp_path, name, content, table, words):
    path = write(name, content) if name else tmp_path / "none.csv"
    if name and name.startswith("sub/"):
        path = path.parent
    with pytest.raises(BilatdataError, match=words) as error:
        validate(path, table=table, package=package)
    assert "\n" not in str(error.value)


def test_a_truncated_parquet_file(package, tmp_path):
    path = tmp_path / "places.parquet"
    pl.read_csv(PLACES.encode()).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BilatdataError, match="not a whole Parquet file"):
        validate(path, package=package)


def test_a_parquet_file_of_any_name(package, tmp_path):
    pl.read_csv(PLACES.encode()).write_parquet(tmp_path / "places.data")
    assert validate(tmp_path / "places.data", package=package).valid


@pytest.mark.parametrize("source", [3, None, ["x", 3], pl.Series([1])])
def test_what_is_no_source_is_refused(package, source):
    with pytest.raises(BilatdataError, match="expected a path, a mapping of tables, or a pandas"):
        validate(source, table="places", package=package)


def test_no_paths_at_all(package):
    with pytest.raises(BilatdataError, match="nothing to validate"):
        validate([], package=package)


def test_equally_good_tables_are_named(write):
    twins = {name: TableSchema(name, name, "", (Field("a", "string"),)) for name in ("one", "two")}
    with pytest.raises(BilatdataError, match="could be any of one, two"):
        resolve(write("x.csv", "a\n1\n"), None, twins)


def test_a_file_that_is_reached_twice_is_judged_once(write, package, tmp_path):
    path = write("places.csv", PLACES)
    again = tmp_path / "." / ".." / tmp_path.name / "places.csv"
    assert validate([path, again, tmp_path], package=package).rows == 2
    fields = [{"name": "place_id", "type": "string"}, {"name": "extra", "type": "integer"}]
    resources = [{"name": "places", "path": "places.csv", "schema": {"fields": fields}}]
    write("datapackage.json", json.dumps({"resources": resources}))
    path.write_text("place_id,region,label,parent_id,extra\nP1,north,one,,x\n")
    report = validate([path, tmp_path], package=package)
    assert [(item.code, item.field) for item in report] == [("T101", "extra")]


def test_a_misspelt_column_does_not_hide_the_table(write, schemas):
    path = write("x.csv", HEADER.replace("region", "regoin"))
    assert resolved(path, schemas) == [(str(path), "readings")]


def test_a_mapping_of_tables(write, package):
    frame = pl.read_csv(b"place_id,region,label,parent_id\nP7,west,seven,\n")
    readings = write("q3.csv", HEADER + "P7,1,,,,,,\nP8,1,,,,,,\n")
    report = validate({"places": frame, "readings": readings}, package=package)
    assert [(item.code, item.table, item.file, item.line or item.row) for item in report] == [
        ("T104", "places", None, 1),
        ("K103", "readings", str(readings), 3),
    ]


@pytest.mark.parametrize(
    ("source", "table", "words"),
    [
        ({}, None, "expected at least one table"),
        ({"place": PLACES}, None, "did you mean 'places'"),
        ({"places": 3}, None, "cannot validate a int"),
        ({"places": "none.csv"}, "places", "leave out 'table'"),
    ],
)
def test_a_mapping_that_cannot_be_judged(package, source, table, words):
    with pytest.raises(BilatdataError, match=words):
        validate(source, table=table, package=package)


def test_a_duckdb_relation(package):
    import duckdb

    relation = duckdb.sql("SELECT 'P7' AS place_id, 'west' AS region, 'seven' AS label, NULL::VARCHAR AS parent_id")
    assert [(item.code, item.row) for item in validate(relation, package=package)] == [("T104", 1)]
