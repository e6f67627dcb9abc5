"""What the history tells from the installed package: tables as of a release, rows changed since, lives, old names."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import bilatdata as bd
from bilatdata.cli.main import main
from bilatdata.errors import BilatdataError
from bilatdata.history.lives import changed_since, life_of, table_as_of
from bilatdata.history.log import releases, state_of
from bilatdata.loading import arrow_table
from bilatdata.package import DataPackage, installed

RENAME = '[[field]]\ntable = "meetings"\nold = "town"\nnew = "city"\nsince = "0.1.0"\nuntil = "99.0.0"\n'


@pytest.mark.parametrize("backend", ["pandas", "polars", "arrow", "duckdb"])
def test_a_table_comes_as_a_release_had_it(backend: Any) -> None:
    assert len(bd.load("meetings", backend, as_of="0.1.0")) == 690
    assert len(bd.load("meetings", backend, ["meeting_id"], as_of="0.2.0")) == 690


def test_a_frame_of_then_says_of_when_and_has_its_types() -> None:
    frame = bd.load("asset_exits", as_of="0.2.0")
    assert frame.attrs["bilatdata"] == {"table": "asset_exits", "version": "0.2.0"}
    assert frame.dtypes["value_usd"] == bd.load("asset_exits").dtypes["value_usd"]


@pytest.mark.parametrize("backend", ["pandas", "polars", "arrow", "duckdb"])
def test_a_table_of_then_has_the_labels_of_then(backend: Any) -> None:
    then = state_of(installed(), "0.1.0")["terms"].rows
    wanted = {cells["label_es"] for key, cells in then.items() if key[0] == "meeting_status"}
    found = bd.load("meetings", backend, ["status_code", "country_b_code"], as_of="0.1.0", labels="es")
    table = found if backend == "arrow" else found.to_arrow_table() if backend == "duckdb" else pa.table(found)
    assert set(table.column("status_code").to_pylist()) <= wanted
    assert "Brasil" in table.column("country_b_code").to_pylist()


def test_every_table_of_every_release_has_the_sum_that_was_recorded() -> None:
    for release in releases(installed()):
        for table, wanted in release.tables.items():
            content = table_as_of(installed(), table, release.version)[1]
            assert hashlib.sha256(content).hexdigest() == wanted


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ("coverage", {"as_of": "0.1.0"}, "release 0.1.0 had no table 'coverage': expected one of meetings, "),
        ("meetings", {"as_of": "0.0.9"}, "no release 0.0.9: there are 0.1.0, "),
        ("meetings", {"as_of": "last"}, "'last' is not a version"),
        ("meetings", {"as_of": "0.1.0", "version": "0.1.0"}, "as_of goes with neither version nor names_as_of"),
        ("meetings", {"as_of": "0.1.0", "names_as_of": "0.1.0"}, "as_of goes with neither version nor names_as_of"),
        ("meetings", {"as_of": "0.1.0", "labels": "fr"}, "no labels in 'fr'"),
        ("meetings", {"names_as_of": "0.0.9"}, "no release 0.0.9: there are 0.1.0, "),
        ("meetings", {"as_of": "0.1.0", "columns": ["town"]}, "no column 'town' in meetings"),
    ],
)
def test_what_no_release_had_is_one_clear_error(table: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BilatdataError) as raised:
        bd.load(table, **options)
    assert str(raised.value).startswith(message)


def test_rows_that_changed_are_those_that_were_not_so(shown: Callable[..., str]) -> None:
    then = state_of(installed(), "0.2.0")["concessions"].rows
    keys = changed_since(installed(), "concessions", "0.2.0")
    assert ("CON-0010",) in keys and set(then) - keys
    text = shown("show", "concessions", "--changed-since", "0.2.0", "--columns", "project_name", "--format", "csv")
    assert len(text.splitlines()) == 1 + len(keys)
    where = ("--where", "concession_id = 'CON-0010'", "--columns", "concession_id", "--format", "csv")
    assert shown("show", "concessions", "--changed-since", "0.2.0", *where) == "concession_id\nCON-0010\n"
    assert "no release 9.9.9" in shown("show", "concessions", "--changed-since", "9.9.9")


def test_a_record_tells_its_life(shown: Callable[..., str]) -> None:
    life = life_of(installed(), "concessions", "CON-0010")
    assert life.since == "0.1.0"
    assert ("0.3.0", "note") in [(version, change.field) for version, change in life.changes]
    assert bd.record("CON-0010").life == life
    assert bd.record("CON-0010").to_dict()["life"]["since"] == "0.1.0"
    text = shown("record", "CON-0010")
    assert "\nHistory\n  in the record since 0.1.0, revised in " in text
    assert life_of(installed(), "meetings", "MTG-0693").since == "0.3.0"


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What the command prints, an error included."""

    def shown(*arguments: str) -> str:
        main(arguments)
        return "".join(capsys.readouterr())

    return shown


@pytest.fixture
def renamed(tiny: DataPackage) -> DataPackage:
    (tiny.root / "changes").mkdir()
    (tiny.root / "changes/renames.toml").write_text(RENAME, encoding="utf-8")
    return tiny


@pytest.mark.parametrize("backend", ["pandas", "polars"])
def test_code_that_names_an_old_field_runs_on_and_is_told(renamed: DataPackage, backend: Any) -> None:
    told = r"^meetings\.town is city since 0\.1\.0; the old name is not understood from 99\.0\.0 on$"
    with pytest.warns(FutureWarning, match=told):
        frame = bd.load("meetings", backend)
    assert list(frame.columns)[-1] == "town"
    assert list(frame["town"])[:2] == list(frame["city"])[:2]


@pytest.mark.parametrize("backend", ["pandas", "polars", "arrow", "duckdb"])
def test_an_old_name_may_be_asked_for(renamed: DataPackage, backend: Any) -> None:
    with pytest.warns(FutureWarning):
        found = bd.load("meetings", backend, ["town", "meeting_id"])
    names = found.column_names if backend == "arrow" else found.columns
    assert list(names) == ["town", "meeting_id"]


def test_who_does_not_use_old_names_is_not_told(renamed: DataPackage) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(bd.load("meetings", columns=["city"]).columns) == ["city"]
        bd.load("countries")
        assert "town" not in bd.record("MTG-0001").values


@pytest.fixture
def recoded(renamed: DataPackage) -> DataPackage:
    """Since 0.2.0 a status of meetings and a degree of confidence have other codes, and a field another name."""
    terms = [("meeting_status", "took_place", "held"), ("confidence", "middling", "medium")]
    text = RENAME + "".join(
        f'[[term]]\nvocabulary = "{vocabulary}"\nold = "{old}"\nnew = "{new}"\nsince = "0.2.0"\nuntil = "99.0.0"\n'
        for vocabulary, old, new in terms
    )
    (renamed.root / "changes/renames.toml").write_text(text.replace("0.1.0", "0.2.0"), encoding="utf-8")
    register = "".join(f'[[release]]\nversion = "0.{n}.0"\ndate = 2026-01-0{n}\ntables = {{}}\n' for n in (1, 2))
    (renamed.root / "changes/releases.toml").write_text(register, encoding="utf-8")
    return renamed


def test_a_renamed_code_is_told_where_it_is_loaded_with_what_keeps_it(recoded: DataPackage) -> None:
    told = (
        r"^the code took_place of meeting_status is held since 0\.2\.0; load it with names_as_of='0\.1\.0' to have it "
        r"under its old name; the old name is not understood from 99\.0\.0 on$"
    )
    with pytest.warns(FutureWarning, match=told):
        assert "held" in set(bd.load("meetings", columns=["status_code"]).status_code)


@pytest.mark.parametrize("backend", ["pandas", "polars", "arrow", "duckdb"])
def test_code_of_an_earlier_release_finds_its_fields_and_codes(recoded: DataPackage, backend: Any) -> None:
    with pytest.warns(FutureWarning) as told:
        found = bd.load("meetings", backend, names_as_of="0.1.0")
    assert all("not understood from 99.0.0 on" in str(warning.message) for warning in told)
    table = found if backend == "arrow" else found.to_arrow_table() if backend == "duckdb" else pa.table(found)
    now = arrow_table("meetings")
    assert table.column_names == ["town" if name == "city" else name for name in now.column_names]
    old = {"held": "took_place", "medium": "middling"}
    for name in ("status_code", "confidence_code"):
        assert [str(cell) for cell in table.column(name).to_pylist()] == [
            old.get(str(cell), str(cell)) for cell in now.column(name).to_pylist()
        ]


def test_names_of_then_keep_their_order_and_those_of_the_release_itself_stay(recoded: DataPackage) -> None:
    with pytest.warns(FutureWarning):
        then = bd.load("meetings", names_as_of="0.1.0")
    assert list(then.confidence_code.cat.categories) == ["low", "middling", "high"]
    with pytest.warns(FutureWarning):
        found = bd.load("meetings", columns=["status_code"], names_as_of="0.2.0")
    assert "held" in set(found.status_code) and "took_place" not in set(found.status_code)


def test_what_is_shown_and_exported_has_the_names_of_now_and_nobody_is_told(
    recoded: DataPackage, shown: Callable[..., str], tmp_path: Path
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "held" in shown("show", "meetings", "--columns", "status_code", "--format", "csv")
        shown("export", str(tmp_path / "out"), "--table", "meetings", "--format", "csv")
    assert "took_place" not in (tmp_path / "out/data/meetings.csv").read_text(encoding="utf-8")


def test_an_old_name_ends_with_its_release(renamed: DataPackage) -> None:
    ended = RENAME.replace("99.0.0", "0.1.1")
    (renamed.root / "changes/renames.toml").write_text(ended, encoding="utf-8")
    with pytest.raises(BilatdataError, match="no column 'town'"):
        bd.load("meetings", columns=["town"])
