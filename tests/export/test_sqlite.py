"""The SQLite file holds every value, keeps its keys, spells codes out, is searched, and says what it is."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

import bilatdata as bd
from bilatdata import package
from bilatdata.export import export
from bilatdata.loading import label_languages, table_schema
from bilatdata.package import DataPackage
from bilatdata.release.build import build


def rows(database: Path, query: str, *parameters: object) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query, parameters).fetchall()


def dicts(database: Path, query: str) -> list[dict]:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


@pytest.fixture
def database(tiny: DataPackage, tmp_path: Path) -> Path:
    assert export(tmp_path / "out.sqlite") == [tmp_path / "out.sqlite"]
    return tmp_path / "out.sqlite"


def test_every_cell_of_the_real_record_is_there_with_its_type(tmp_path: Path) -> None:
    export(tmp_path / "out.sqlite")
    for name in bd.tables():
        wanted = [
            {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}
            for row in bd.load(name, "arrow").to_pylist()
        ]
        assert dicts(tmp_path / "out.sqlite", f"SELECT * FROM {name}") == wanted
    assert rows(tmp_path / "out.sqlite", "PRAGMA foreign_key_check") == []
    assert rows(tmp_path / "out.sqlite", "PRAGMA integrity_check") == [("ok",)]
    ((held,),) = rows(tmp_path / "out.sqlite", "SELECT count(*) FROM meetings_es WHERE status_code = 'celebrada'")
    assert held == (bd.load("meetings").status_code == "held").sum()


def test_hostile_text_stays_as_it_is(hostile: list[str], tmp_path: Path) -> None:
    export(tmp_path / "out.sqlite")
    found = rows(tmp_path / "out.sqlite", "SELECT name, note FROM organisations WHERE organisation_id >= 'ORG-01'")
    assert found == [(text, text) for text in hostile]


def test_columns_have_types_keys_and_checks(database: Path) -> None:
    types = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "date": "DATE"}
    for name in bd.tables():
        schema = table_schema(name)
        columns = rows(database, "SELECT name, type, pk FROM pragma_table_info(?)", name)
        assert [(column, type) for column, type, _ in columns] == [
            (field.name, types[field.type]) for field in schema.fields
        ]
        assert [column for column, _, place in sorted(columns, key=lambda c: c[2]) if place] == list(schema.primary_key)
        keys = rows(database, 'SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)', name)
        assert sorted(keys) == sorted(
            (column, key.table, other)
            for key in schema.foreign_keys
            if key.table in bd.tables()
            for column, other in zip(key.fields, key.reference_fields, strict=True)
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE meetings SET country_b_code = 'XXX'",
        "UPDATE meetings SET status_code = 'took place'",
        "UPDATE people SET name = NULL",
        "UPDATE trade_products SET share_pct = 101",
        "UPDATE sources SET url = 'https://example.org/'",
        "DELETE FROM countries WHERE country_code = 'RUS'",
    ],
)
def test_what_breaks_the_contract_is_refused_by_the_database(database: Path, change: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(change)


@pytest.mark.parametrize("language", ["en", "es", "ru"])
def test_label_views_hold_what_load_gives_with_labels(database: Path, language: str) -> None:
    assert language in label_languages()
    for name in ("meetings", "concessions", "trade_products", "people"):
        wanted = bd.load(name, "arrow", labels=language).to_pylist()
        found = dicts(database, f"SELECT * FROM {name}_{language}")
        for row, cells in zip(found, wanted, strict=True):
            for key, value in cells.items():
                assert row[key] == (value.isoformat() if isinstance(value, date) else value), (name, key)


def test_ids_have_their_names_beside_them(database: Path) -> None:
    (first, *_) = dicts(database, "SELECT * FROM meeting_participants_ru")
    assert (first["person_id"], first["person_name"]) == ("PER-0001", "Sergey Lavrov")
    assert first["meeting_name"] == "Россия–Боливия 2025-04-29"
    assert (first["organisation_id"], first["organisation_name"]) == (None, None)
    first, second = dicts(database, "SELECT * FROM concessions_en")
    assert (first["grantor_name"], first["predecessor_name"]) == ("NA", None)
    assert second["predecessor_name"] == "Azero block"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("lavrov bolivia", ["MTG-0001", "MTG-0002"]),
        ("Лавров Боливия", ["MTG-0001", "MTG-0002"]),
        ("Газпром", ["ORG-0001", "ORG-0003"]),
        ("explotacion", ["CON-0001"]),
        ("nowhere", []),
    ],
)
def test_search_finds_records_by_names_and_labels_in_every_language(
    database: Path, words: str, found: list[str]
) -> None:
    seen = rows(database, "SELECT record_id FROM search WHERE search MATCH ? ORDER BY record_id", words)
    assert [id for (id,) in seen] == found


def test_full_text_of_a_table_leads_to_its_rows(database: Path) -> None:
    query = "SELECT person_id FROM people JOIN people_fts ON people.rowid = people_fts.rowid WHERE people_fts MATCH ?"
    assert rows(database, query, "celinda") == [("PER-0002",)]


def test_the_database_says_what_it_is(database: Path, tiny: DataPackage) -> None:
    about = dict(rows(database, "SELECT name, value FROM data_package"))
    assert about["version"] == tiny.version
    assert about["citation"] == bd.cite()
    assert about["licence_url"].startswith("https://creativecommons.org/")
    fields = rows(
        database, "SELECT field_name, description FROM data_dictionary WHERE table_name = 'meetings' ORDER BY position"
    )
    assert fields == [(field.name, field.description) for field in table_schema("meetings").fields]
    ((statement,),) = rows(database, "SELECT sql FROM sqlite_master WHERE name = 'meetings'")
    assert table_schema("meetings").description in statement


def test_some_tables_keep_only_the_keys_among_them(tiny: DataPackage, tmp_path: Path) -> None:
    export(tmp_path / "out.db", tables=["meetings", "meeting_participants"])
    made = {
        name for (name,) in rows(tmp_path / "out.db", "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    }
    assert {"meetings", "meeting_participants", "search", "data_package", "data_dictionary"} <= made
    assert not made & {"people", "meetings_en"}, "labels are in terms and countries"
    targets = rows(tmp_path / "out.db", "SELECT \"table\" FROM pragma_foreign_key_list('meeting_participants')")
    assert targets == [("meetings",)]


def test_the_bytes_are_the_same_in_every_run(tmp_path: Path) -> None:
    sums = set()
    for seed in ("1", "2"):
        code = "import sys; from bilatdata.export import export; export(sys.argv[1])"
        file = tmp_path / f"{seed}.sqlite"
        subprocess.run([sys.executable, "-c", code, file], check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        sums.add(hashlib.sha256(file.read_bytes()).hexdigest())
    assert len(sums) == 1


def test_a_broken_reference_is_told_and_nothing_written(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tiny.root / "data" / "meetings.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",RUS,BOL,2023", ",RUS,XXX,2023"), encoding="utf-8")
    build(tiny.root)
    data = DataPackage(tiny.root)
    monkeypatch.setattr(package, "installed", lambda: data)
    with pytest.raises(bd.BilatdataError, match="meetings, row 3: refers to a row of countries that is not there"):
        export(tmp_path / "out.sqlite")
    assert not (tmp_path / "out.sqlite").exists()
