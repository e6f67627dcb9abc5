"""Clients that nobody here wrote read the package, each in its own way, and all of them give the same answers.

Those of R and npm need what `.ci/run` installs; there (CI=true) a missing client fails, elsewhere it is skipped. The
run ends with the table of clients, their versions and their answers (`tests/conftest.py` prints it).
"""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from bilatdata import export
from bilatdata.metadata import write_metadata

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NODE_MODULES = Path(sys.prefix) / "clients" / "node_modules"
"""Where `make clients` installs `package.json`."""
TABLES = ("meetings", "trade_products")
SQLITE = "sqlite" in export.FORMATS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of clients that call one another

Row = Mapping[str, Any]
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the package as a user has them, with every description beside them, and the SQLite export."""
    target = tmp_path_factory.mktemp("package")
    shutil.copy2(ROOT / "datapackage.json", target)
    for part in ("data", "schemas"):
        shutil.copytree(ROOT / part, target / part)
    write_metadata("all", target)
    if SQLITE:
        export.export(target / "bilatdata.sqlite", "sqlite")
    return target


@pytest.fixture(scope="module")
def expected() -> Answer:
    """The answers, from the bytes of the repository and nothing but the standard library."""
    tables = []
    for table in TABLES:
        with (ROOT / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            tables.append([{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)])
    return answer(*tables)


def answer(meetings: Iterable[Row], products: Iterable[Row]) -> Answer:
    """What every client is asked: rows, sums, empty cells, the longest text, codes that begin with 0."""
    meetings, products = list(meetings), list(products)
    values = [float(row["value_usd"]) for row in products if row["value_usd"] is not None]
    codes = {row["hs_code"] for row in products if row["hs_code"] is not None}
    return {
        "meetings": len(meetings),
        "levels": dict(Counter(str(row["level_code"]) for row in meetings)),
        "no_city": sum(row["city"] is None for row in meetings),
        "longest_outcome": max(len(row["outcome"] or "") for row in meetings),
        "products": len(products),
        "value_usd": math.fsum(values),
        "no_value": len(products) - len(values),
        "leading_zeros": sorted(code for code in codes if code.startswith("0")),
    }


def answer_in_sql(ask: Callable[[str], list[tuple[Any, ...]]]) -> Answer:
    """The same in SQL; `ask` runs a statement and gives its rows."""
    ((meetings, no_city, longest),) = ask(
        "SELECT count(*), sum(CASE WHEN city IS NULL THEN 1 ELSE 0 END), max(length(outcome)) FROM meetings"
    )
    ((products, total, no_value),) = ask(
        "SELECT count(*), sum(value_usd), sum(CASE WHEN value_usd IS NULL THEN 1 ELSE 0 END) FROM trade_products"
    )
    codes = ask("SELECT DISTINCT hs_code FROM trade_products WHERE hs_code LIKE '0%' ORDER BY hs_code")
    return {
        "meetings": meetings,
        "levels": dict(ask("SELECT level_code, count(*) FROM meetings GROUP BY level_code")),  # type: ignore[arg-type]
        "no_city": no_city,
        "longest_outcome": longest,
        "products": products,
        "value_usd": total,
        "no_value": no_value,
        "leading_zeros": [code for (code,) in codes],
    }


def frictionless_client(folder: Path) -> Answer:
    import frictionless

    package = frictionless.Package(str(folder / "datapackage.json"))
    return answer(*([row.to_dict() for row in package.get_resource(name).read_rows()] for name in TABLES))


def pandas_csv(folder: Path) -> Answer:
    """The snippet of the README: text first."""
    import pandas as pd

    frames = [
        pd.read_csv(folder / f"data/{name}.csv", dtype="string", keep_default_na=False, na_values=[""])
        for name in TABLES
    ]
    return answer(*(frame.astype(object).where(frame.notna(), None).to_dict("records") for frame in frames))


def pandas_parquet(folder: Path) -> Answer:
    import pandas as pd

    frames = [pd.read_parquet(folder / f"data/{name}.parquet") for name in TABLES]
    return answer(*(frame.astype(object).where(frame.notna(), None).to_dict("records") for frame in frames))


def polars_csv(folder: Path) -> Answer:
    import polars as pl

    frames = [pl.read_csv(folder / f"data/{name}.csv", infer_schema=False) for name in TABLES]
    return answer(*(frame.to_dicts() for frame in frames))


def polars_parquet(folder: Path) -> Answer:
    import polars as pl

    return answer(*(pl.read_parquet(folder / f"data/{name}.parquet").to_dicts() for name in TABLES))


def duckdb_csv(folder: Path) -> Answer:
    import duckdb

    connection = duckdb.connect()
    for name in TABLES:
        file = folder / f"data/{name}.csv"
        typed = " REPLACE (value_usd::DOUBLE AS value_usd)" if name == "trade_products" else ""
        connection.sql(f"CREATE VIEW {name} AS SELECT *{typed} FROM read_csv('{file}', all_varchar = true)")
    return answer_in_sql(lambda sql: connection.sql(sql).fetchall())


def duckdb_parquet(folder: Path) -> Answer:
    import duckdb

    connection = duckdb.connect()
    for name in TABLES:
        connection.sql(f"CREATE VIEW {name} AS FROM '{folder}/data/{name}.parquet'")
    return answer_in_sql(lambda sql: connection.sql(sql).fetchall())


def mlcroissant_client(folder: Path) -> Answer:
    import mlcroissant

    dataset = mlcroissant.Dataset(str(folder / "croissant.json"))
    return answer(*([_plain(record, name) for record in dataset.records(name)] for name in TABLES))


def _plain(record: Row, table: str) -> Row:
    """A record of Croissant: names without their record set, bytes as text."""
    cells = {name.removeprefix(f"{table}/"): cell for name, cell in record.items()}
    return {name: cell.decode() if isinstance(cell, bytes) else cell for name, cell in cells.items()}


def csvw_client(folder: Path) -> Answer:
    import csvw

    tables = csvw.TableGroup.from_file(folder / "csv-metadata.json").tabledict
    return answer(*(list(tables[f"data/{name}.csv"]) for name in TABLES))


def sqlite_module(folder: Path) -> Answer:
    connection = sqlite3.connect(f"file:{folder}/bilatdata.sqlite?mode=ro", uri=True)
    return answer_in_sql(lambda sql: connection.execute(sql).fetchall())


def sqlite_shell(folder: Path) -> Answer:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        printed = run("sqlite3", "-readonly", "-json", folder / "bilatdata.sqlite", sql)
        return [tuple(row.values()) for row in json.loads(printed)]

    return answer_in_sql(ask)


def datasette_client(folder: Path) -> Answer:
    from urllib.parse import urlencode

    def ask(sql: str) -> list[tuple[Any, ...]]:
        question = f"/bilatdata.json?{urlencode({'sql': sql, '_shape': 'arrays'})}"
        printed = run(tool("datasette"), folder / "bilatdata.sqlite", "--get", question)
        return [tuple(row) for row in json.loads(printed)["rows"]]

    return answer_in_sql(ask)


def tool(name: str) -> Path:
    """A command of this environment."""
    return Path(sys.executable).with_name(name)


def run(*command: object, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command], env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


IN_PYTHON: dict[str, tuple[str, Callable[[Path], Answer]]] = {
    "frictionless": ("frictionless", frictionless_client),
    "pandas, CSV": ("pandas", pandas_csv),
    "pandas, Parquet": ("pandas", pandas_parquet),
    "polars, CSV": ("polars", polars_csv),
    "polars, Parquet": ("polars", polars_parquet),
    "DuckDB, CSV": ("duckdb", duckdb_csv),
    "DuckDB, Parquet": ("duckdb", duckdb_parquet),
    "mlcroissant": ("mlcroissant", mlcroissant_client),
    "csvw": ("csvw", csvw_client),
}
OF_NODE = ("datapackage", "frictionless.js")
OF_R = ("readr", *(["RSQLite"] if SQLITE else []))


def missing(what: str, mend: str) -> None:
    """Fail where continuous integration lacks a client; skip elsewhere."""
    message = f"no {what} here: {mend}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def judge(
    client: str, versions: str, found: Answer, expected: Answer, record_property: Callable[[str, object], None]
) -> None:
    """Compare, and leave a line for the table at the end of the run; sums may differ by rounding."""
    record_property("client", [client, versions, found])
    assert found["value_usd"] == pytest.approx(expected["value_usd"], rel=1e-12)
    assert found | {"value_usd": 0} == expected | {"value_usd": 0}


def test_the_questions_mean_something(expected: Answer) -> None:
    assert expected["meetings"] > 500
    assert expected["no_city"] > 0
    assert expected["no_value"] > 0
    assert "0801" in expected["leading_zeros"]
    assert expected["value_usd"] > 1e9


def test_a_client_that_guesses_types_is_found_out(folder: Path, expected: Answer) -> None:
    import pandas as pd

    guessed = pd.read_csv(folder / "data/trade_products.csv")
    codes = guessed.hs_code.dropna().astype(str)
    assert sum(codes.str.startswith("0")) != len(expected["leading_zeros"])


@pytest.mark.parametrize("client", IN_PYTHON)
def test_python(client: str, folder: Path, expected: Answer, record_property: Callable[[str, object], None]) -> None:
    distribution, ask = IN_PYTHON[client]
    judge(client, version(distribution), ask(folder), expected, record_property)


@pytest.mark.parametrize("client", OF_NODE)
def test_node(client: str, folder: Path, expected: Answer, record_property: Callable[[str, object], None]) -> None:
    if not shutil.which("node") or not (NODE_MODULES / client).is_dir():
        missing(f"npm package {client}", "'make clients' installs it (needs node and npm)")
    said = json.loads(run("node", HERE / "ask.js", client, folder, NODE_PATH=str(NODE_MODULES)))
    judge(client, said["version"], said["answer"], expected, record_property)


@pytest.mark.parametrize("client", OF_R)
def test_r(client: str, folder: Path, expected: Answer, record_property: Callable[[str, object], None]) -> None:
    installed = shutil.which("Rscript") and subprocess.run(
        ["Rscript", "-e", f"for (name in c('{client}', 'jsonlite')) library(name, character.only = TRUE)"],
        capture_output=True,
    )
    if not installed or installed.returncode:
        missing(f"R package {client}", "on Debian 'apt-get install r-cran-readr r-cran-jsonlite r-cran-rsqlite'")
    said = json.loads(run("Rscript", HERE / "ask.R", client, folder))
    judge(client, said["version"], said["answer"], expected, record_property)


def test_the_r_snippet_of_the_guide(folder: Path, expected: Answer) -> None:
    installed = (
        shutil.which("Rscript")
        and not subprocess.run(["Rscript", "-e", "library(readr)"], capture_output=True).returncode
    )
    if not installed:
        missing("R package readr", "on Debian 'apt-get install r-cran-readr'")
    guide = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"^```r\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    printed = run("Rscript", "-e", f"setwd('{folder}')\n{snippet}\ncat(held, sprintf('%.4f', value))")
    with (ROOT / "data/meetings.csv").open(encoding="utf-8", newline="") as file:
        held = sum(row["status_code"] == "held" for row in csv.DictReader(file))
    assert [float(part) for part in printed.split()] == pytest.approx([held, expected["value_usd"]])


@pytest.mark.skipif(not SQLITE, reason="this version exports no SQLite")
def test_sqlite(folder: Path, expected: Answer, record_property: Callable[[str, object], None]) -> None:
    judge("sqlite3, Python", sqlite3.sqlite_version, sqlite_module(folder), expected, record_property)


@pytest.mark.skipif(not SQLITE, reason="this version exports no SQLite")
def test_sqlite_shell(folder: Path, expected: Answer, record_property: Callable[[str, object], None]) -> None:
    if not shutil.which("sqlite3"):
        missing("sqlite3 shell", "on Debian 'apt-get install sqlite3'")
    versions = run("sqlite3", "--version").split()[0]
    judge("sqlite3 shell", versions, sqlite_shell(folder), expected, record_property)


@pytest.mark.skipif(not SQLITE, reason="this version exports no SQLite")
def test_datasette(folder: Path, expected: Answer, record_property: Callable[[str, object], None]) -> None:
    if importlib.util.find_spec("datasette") is None:
        missing("Datasette", "pip install 'bilatdata[serve]'")
    judge("Datasette", version("datasette"), datasette_client(folder), expected, record_property)
