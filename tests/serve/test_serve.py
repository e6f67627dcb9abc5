"""The data in a browser: pages, facets, search and ready queries answer, and nothing stays behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import bilatdata as bd
from bilatdata.cli.main import main
from bilatdata.export import export
from bilatdata.serve.pages import metadata, queries

COMMAND = [str(Path(sys.executable).parent / "bilatdata"), "serve", "--port"]


def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A server on a free port, with its temporary files in a folder, and its address."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    server = subprocess.Popen(
        [*COMMAND, "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert server.stdout is not None
    return server, server.stdout.readline().strip()


@pytest.fixture(scope="module")
def get(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """What a server answers to a path."""
    server, address = start(tmp_path_factory.mktemp("serve"))

    def get(path: str) -> str:
        """The page, with the address of the server left out."""
        with urllib.request.urlopen(address + path, timeout=30) as answer:
            return answer.read().decode("utf-8").replace(address, "/")

    yield get
    server.terminate()
    server.wait(20)


def test_pages_say_what_the_tables_and_columns_are(get: Callable[[str], str]) -> None:
    front, page = get(""), get("bilatdata/concessions")
    assert bd.__version__ in front and "Creative Commons Attribution 4.0" in front
    assert all(f'<a href="/bilatdata/{name}">' in front for name in queries())
    assert "One row is one resource right or project" in page
    assert "Area of the concession. Unit: km2." in page
    assert 'name="_search"' in page
    facets = json.loads(get("bilatdata/concessions.json?_size=0"))["facet_results"]
    assert {"host_country_code", "resource_code"} <= facets.keys()
    assert "Azero" in get("bilatdata/asset_exits?_search=azero&_labels=on")


def test_search_and_names_of_ids(get: Callable[[str], str]) -> None:
    rows = json.loads(get("bilatdata/people.json?_search=lavrov&_shape=objects&_labels=on"))["rows"]
    assert rows and all("Lavrov" in row["name"] for row in rows)
    assert rows[0]["country_code"] == {"value": "RUS", "label": "Russia"}


def test_json_and_csv_hold_what_load_gives(get: Callable[[str], str]) -> None:
    held = json.loads(get("bilatdata/meetings.json?status_code=held&_size=0"))["filtered_table_rows_count"]
    assert held == (bd.load("meetings").status_code == "held").sum()
    lines = get("bilatdata/disputed_values.csv?table=concessions").splitlines()
    disputes = bd.load("evidence").query("stance_code == 'disputes' and table_name == 'concessions'")
    assert len(lines) >= len(disputes) + 1


@pytest.mark.parametrize("name", list(queries()))
def test_no_answer_is_cut_off(get: Callable[[str], str], database: Path, name: str) -> None:
    names = re.findall(r":([a-z]+)", queries()[name]["sql"])
    with closing(sqlite3.connect(database)) as connection:
        wanted = len(connection.execute(queries()[name]["sql"], dict.fromkeys(names, "")).fetchall())
    empty = "&".join(f"{part}=" for part in names)
    assert len(json.loads(get(f"bilatdata/{name}.json?_shape=array&{empty}"))) == wanted


def test_a_table_of_any_length_comes_as_one_file(get: Callable[[str], str]) -> None:
    assert len(json.loads(get("bilatdata/evidence.json?_shape=array&_size=max"))) == len(bd.load("evidence"))


def test_a_ready_query_shows_its_answer_before_its_sql(get: Callable[[str], str]) -> None:
    page = "bilatdata/who_met_whom?country=BOL"
    assert 'id="sql-query"' not in get(page)
    assert 'id="sql-query"' in get(page + "&_show_sql=1")


def test_pages_ask_nobody_else(get: Callable[[str], str]) -> None:
    for path in ("", "bilatdata", "bilatdata/meetings", "bilatdata/who_met_whom?country=BOL", "bilatdata/meetings_es"):
        page = get(path)
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*?(?:src|href)="([^"]+)"', page)
        assert loaded
        assert not [address for address in loaded if re.match(r"(https?:)?//", address)], path
        assert not re.search(r"@import|url\(['\"]?(https?:)?//", page)
    assert "column-descriptions" in get("style/pages.css")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    server, address = start(tmp_path)
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/", address)
    assert list(tmp_path.rglob("*.sqlite"))
    server.send_signal(number)
    out, err = server.communicate(timeout=30)
    assert (server.returncode, out, err) == (0, "", "Stop with Ctrl-C.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert capsys.readouterr().err == (
        f"error: port {port} of 127.0.0.1 cannot be used (Address already in use): choose another with --port, "
        "or 0 for any that is free\n"
    )


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", f"--port={port}"]) == 2
    assert "expected a" in capsys.readouterr().err


def test_without_datasette_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "datasette.app", None)
    assert main(["serve"]) == 2
    assert capsys.readouterr().err == "error: serve needs the extra 'serve': pip install 'bilatdata[serve]'\n"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (file,) = export(tmp_path_factory.mktemp("queries") / "bilatdata.sqlite")
    return file


@pytest.mark.parametrize("name", list(queries()))
def test_every_ready_query_has_an_answer(database: Path, name: str) -> None:
    query = queries()[name]
    given = {"record": "ext-0002", "words": 'litio "Bolivia'}
    names = {part: given.get(part, "") for part in re.findall(r":([a-z]+)", query["sql"])}
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute(query["sql"], names).fetchall()
        for field in {"country", "table"} & names.keys():
            narrowed = {**names, field: {"country": "zzz", "table": "people"}[field]}
            assert connection.execute(query["sql"], narrowed).fetchall() == []
    assert query["title"] and query["description"].endswith(".")


def test_a_query_counts_what_pandas_counts(database: Path) -> None:
    meetings = bd.load("meetings")
    wanted = meetings[(meetings.status_code == "held") & (meetings.country_b_code == "BOL")]
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(queries()["who_met_whom"]["sql"], {"country": "bol"}).fetchall()
    assert {row[0] for row in rows} == set(wanted.meeting_id)


def test_every_table_is_described() -> None:
    entries = metadata()["databases"]["bilatdata"]["tables"]
    assert set(bd.tables()) <= entries.keys()
    assert all(entries[name]["columns"] for name in bd.tables())
