"""The DuckDB file holds every value typed, keeps its keys, spells codes out and explains its columns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import bilatdata as bd
from bilatdata.export import export
from bilatdata.loading import table_schema
from bilatdata.package import DataPackage


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The export of the whole record, to be read only."""
    (file,) = export(tmp_path_factory.mktemp("duckdb") / "out.duckdb")
    assert [path.name for path in file.parent.iterdir()] == ["out.duckdb"]
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


@pytest.fixture
def tiny_database(tiny: DataPackage, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    (file,) = export(tmp_path / "out.duckdb")
    with duckdb.connect(str(file)) as connection:
        yield connection


def test_every_cell_of_the_real_record_is_there_with_its_type(real: duckdb.DuckDBPyConnection) -> None:
    for name in bd.tables():
        key = ", ".join(table_schema(name).primary_key)
        found = real.sql(f"SELECT * FROM {name} ORDER BY {key}")
        assert [str(type) for type in found.types] == [str(type) for type in bd.load(name, "duckdb").types]
        wanted = bd.load(name, "duckdb").order(key)
        assert found.fetchall() == wanted.fetchall(), name


@pytest.mark.parametrize("language", ["en", "es", "ru"])
@pytest.mark.parametrize("name", ["meetings", "concessions", "agreements"])
def test_label_views_hold_what_load_gives_with_labels(
    real: duckdb.DuckDBPyConnection, name: str, language: str
) -> None:
    wanted = bd.load(name, "arrow", labels=language)
    chosen = ", ".join(wanted.column_names)
    found = real.sql(f"SELECT {chosen} FROM {name}_{language} ORDER BY 1").to_arrow_table()
    assert found.to_pylist() == wanted.to_pylist()


def test_hostile_text_stays_as_it_is(hostile: list[str], tmp_path: Path) -> None:
    (file,) = export(tmp_path / "out.duckdb")
    with duckdb.connect(str(file)) as connection:
        query = "SELECT name, note FROM organisations WHERE organisation_id >= 'ORG-01' ORDER BY organisation_id"
        assert connection.sql(query).fetchall() == [(text, text) for text in hostile]


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO people VALUES ('PER-0001', 'Another', NULL, NULL, 'BOL', NULL)",
        "INSERT INTO people VALUES ('PER-0009', 'Another', NULL, NULL, 'XXX', NULL)",
        "INSERT INTO people VALUES ('PER-0009', NULL, NULL, NULL, 'BOL', NULL)",
        "UPDATE meetings SET confidence_code = 'certain'",
        "DELETE FROM concessions WHERE concession_id = 'CON-0001'",
    ],
)
def test_what_breaks_the_contract_is_refused_by_the_database(
    tiny_database: duckdb.DuckDBPyConnection, change: str
) -> None:
    with pytest.raises((duckdb.ConstraintException, duckdb.ConversionException)):
        tiny_database.execute(change)


def test_names_stand_beside_ids_and_enums_keep_their_order(tiny_database: duckdb.DuckDBPyConnection) -> None:
    named = "SELECT person_name, meeting_name FROM meeting_participants_ru ORDER BY meeting_participant_id"
    assert tiny_database.sql(named).fetchall()[0] == ("Sergey Lavrov", "Россия–Боливия 2025-04-29")
    sure = tiny_database.sql("SELECT meeting_id FROM meetings WHERE confidence_code >= 'medium'::confidence ORDER BY 1")
    assert sure.fetchall() == [("MTG-0001",), ("MTG-0007",)]


def test_comments_explain_and_the_version_is_told(real: duckdb.DuckDBPyConnection) -> None:
    comment = "SELECT comment FROM duckdb_columns() WHERE table_name = 'concessions' AND column_name = 'area_km2'"
    assert real.sql(comment).fetchall() == [("Area of the concession. Unit: km2.",)]
    assert real.sql("SELECT value FROM data_package WHERE name = 'version'").fetchall() == [(bd.__version__,)]
    ((fields,),) = real.sql("SELECT count(*) FROM data_dictionary").fetchall()
    assert fields == sum(len(table_schema(name).fields) for name in bd.tables())


def test_without_the_extra_the_error_says_what_to_install(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(bd.BilatdataError, match=r"pip install 'bilatdata\[duckdb\]'"):
        export(tmp_path / "out.duckdb")
