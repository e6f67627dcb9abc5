"""Files from hell: a clear answer within bounded memory; nothing written, nothing fetched."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_tables import HEADER, PLACES

from bilatdata.errors import BilatdataError
from bilatdata.validation.engine import validate
from bilatdata.validation.reader import CsvFile

MOST_MEMORY = 1.5 * (1 << 30)
COLUMNS = b"person_id,name,native_name,aliases,country_code,note\n"
REST = b",,,ARG,"
MIB = 1 << 20

Pieces = list[tuple[bytes, int]]
"""Bytes, and how often they are repeated; the files are larger than a test should hold in memory."""


def person(name: bytes) -> Pieces:
    return [(COLUMNS, 1), (b"PER-9001," + name, 1)]


LARGE: dict[str, tuple[Pieces, str | dict[str, int]]] = {
    "a line of 100 MB": ([*person(b""), (b"x", 100 * MIB)], "does not end within 64 MiB"),
    "a header of 100 MB": ([(b"x", 100 * MIB)], "no line ends within"),
    "a cell of 100 MB in quotes": ([*person(b'"'), (b"x", 100 * MIB), (b'"' + REST, 1)], "does not end within 64 MiB"),
    "50 million doubled quotes": ([*person(b'"'), (b'""', 50 * MIB), (b'"' + REST, 1)], "does not end within 64 MiB"),
    "NUL bytes and nothing else": ([(b"\0", 100 * MIB)], "seems to be UTF-16"),
    "50 million cells in a record": ([*person(b""), (b",", 50 * MIB)], {"S106": 1}),
    "100,000 columns": (
        [(COLUMNS.strip(), 1), (b",c", 100_000), (b"\nPER-9001,x" + REST, 1), (b",", 100_000)],
        {"S103": 1, "S104": 99_999},
    ),
    "5 million doubled quotes": ([*person(b'"'), (b'""', 5 * MIB), (b'"' + REST, 1)], {}),
    "an integer of a million digits": ([(COLUMNS, 1), (b"9", MIB), (b",x" + REST, 1)], {"T103": 1}),
    "20,000 lines of Latin-1": ([(COLUMNS, 1), (b"PER-9001,S\xe3o" + REST + b"\n", 20_000)], {"S107": 20_000}),
    "20,000 quotes that never close": ([(COLUMNS, 1), (b'PER-9001,"Ana' + REST + b"\n", 20_000)], {"S108": 20_000}),
    "20,000 blank lines": ([(COLUMNS, 1), (b"\r\n", 20_000)], {"S105": 20_000}),
}


def write_pieces(path: Path, pieces: Pieces) -> None:
    with path.open("wb") as file:
        for piece, times in pieces:
            at_once = max(1, min(times, MIB // len(piece)))
            for _ in range(times // at_once):
                file.write(piece * at_once)
            file.write(piece * (times % at_once))


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """How each large file was judged, all of them by one process."""
    folder = tmp_path_factory.mktemp("large")
    paths = {name: folder / f"{number}.csv" for number, name in enumerate(LARGE)}
    for name, path in paths.items():
        write_pieces(path, LARGE[name][0])
    before = {path: path.stat() for path in folder.iterdir()}
    asked = "".join(json.dumps([str(path), "--table", "people"]) + "\n" for path in paths.values())
    script = Path(__file__).parent / "judge_many.py"
    done = subprocess.run(
        [sys.executable, script], input=asked, capture_output=True, text=True, timeout=600, check=True, cwd=folder
    )
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == {
        path: state.st_mtime_ns for path, state in before.items()
    }
    for path in paths.values():
        path.unlink()
    return dict(zip(LARGE, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("name", LARGE)
def test_large_files(judged, name):
    expected, answer = LARGE[name][1], judged[name]
    if isinstance(expected, str):
        assert answer["code"] == 2
        assert expected in answer["err"]
        assert answer["err"].count("\n") == 1
    else:
        codes = Counter(item["code"] for item in json.loads(answer["out"])["findings"])
        assert codes == expected
        assert answer["code"] == (1 if expected else 0)
    assert answer["peak_kib"] * 1024 < MOST_MEMORY


def _symbolic_loop(path: Path) -> None:
    path.symlink_to(path)


def _nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def _zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _noise(path: Path) -> None:
    path.symlink_to("/dev/urandom")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.mkdir, "holds no tables"),
        (_symbolic_loop, "no such file"),
        (_nowhere, "no such file"),
        (_zeros, "seems to be"),
        (_noise, "seems to be|not UTF-8|another"),
    ],
    ids=["a folder named x.csv", "a link to itself", "a link to nowhere", "endless zeros", "endless noise"],
)
def test_what_is_no_file(package, tmp_path, make, words):
    path = tmp_path / "places.csv"
    make(path)
    with pytest.raises(BilatdataError, match=words) as error:
        validate(path, package=package)
    assert str(error.value).isprintable()


def test_a_link_to_a_file_is_the_file(package, write, tmp_path):
    link = tmp_path / "readings.csv"
    link.symlink_to(write("elsewhere.txt", HEADER + "P1,0,,,,,,\n"))
    assert [(item.code, item.file) for item in validate(link, package=package)] == [("T105", str(link))]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_wide_encodings(package, write, encoding):
    with pytest.raises(BilatdataError, match=r"UTF-16|UTF-32|binary"):
        validate(write("places.csv", PLACES.encode(encoding)), package=package)


def test_mixed_line_ends(package, write):
    content = (
        HEADER.replace("\n", "\r\n") + "P1,0,,,,,,\nP1,-1,,,,,,\r\nP1,-2,,,,,,\n\nP1,-3,,,,,,\r\n\r\nP1,-4,,,,,,\r"
    )
    report = validate(write("readings.csv", content), package=package)
    assert [(item.code, item.line) for item in report] == [
        *[("T105", 2), ("T105", 3), ("T105", 4), ("S105", 5), ("T105", 6), ("S105", 7), ("T105", 8)],
    ]


@pytest.mark.parametrize("day", ["2024-02-30", "2023-02-29", "1900-02-29", "2024-04-31", "2024-00-10", "0000-01-01"])
def test_days_that_do_not_exist(package, write, day):
    report = validate(write("readings.csv", HEADER + f"P1,1,,,{day},,,\nP1,2,,,,{day},,\n"), package=package)
    assert [(item.code, item.field) for item in report] == [("T101", "day"), ("D101", "period")]


def _shrunk(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:2000])


def _rewritten(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"P1", b"P9"))
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("change", [Path.unlink, _shrunk, _rewritten], ids=["gone", "shrunk", "rewritten"])
def test_a_file_that_changes_between_reading_and_locating(write, change):
    path = write("readings.csv", HEADER + "P1,1,,,,,,\n" * 500)
    source = CsvFile(path, batch_bytes=500)
    list(source.batches())
    change(path)
    with pytest.raises(BilatdataError, match=r"has changed|cannot be read"):
        list(source.places([(3, "number")], ["place_id"]))


def test_a_file_that_shrinks_while_it_is_read(write):
    path = write("readings.csv", HEADER + "P1,1,,,,,,\n" * 5000)
    batches = CsvFile(path, batch_bytes=500).batches()
    next(batches)
    os.truncate(path, 1000)
    with pytest.raises(BilatdataError, match="has changed"):
        list(batches)


PARQUET = {"place_id": ["P1"] * 3000, "number": list(range(1, 3001))}


@pytest.mark.parametrize(
    "cut",
    [slice(0, 4), slice(0, 0), slice(0, -100), slice(None, None, 2), slice(50, None)],
    ids=["its magic bytes", "empty", "cut at the end", "every second byte", "cut at the beginning"],
)
def test_a_part_of_a_parquet_file(package, tmp_path, cut):
    path = tmp_path / "readings.parquet"
    pq.write_table(pa.table(PARQUET), path)
    path.write_bytes(path.read_bytes()[cut])
    with pytest.raises(BilatdataError, match="not a whole Parquet file") as error:
        validate(path, package=package)
    assert str(error.value).isprintable()


def test_a_parquet_file_that_is_gone_when_places_are_looked_up(tmp_path):
    from bilatdata.validation.columnar import ParquetFile

    path = tmp_path / "readings.parquet"
    pq.write_table(pa.table(PARQUET), path)
    source = ParquetFile(path, batch_rows=100)
    list(source.batches())
    path.unlink()
    with pytest.raises(BilatdataError):
        list(source.places([(0, "number")], ["place_id"]))


def test_columns_of_one_name(package, tmp_path):
    table = pa.Table.from_arrays([pa.array(["P1"]), pa.array(["P2"])], names=["place_id", "place_id"])
    pq.write_table(table, tmp_path / "places.parquet")
    frame = pd.DataFrame([["P1", "P2"]], columns=["place_id", "place_id"])
    for source in (tmp_path / "places.parquet", table, frame):
        with pytest.raises(BilatdataError, match="two columns are named 'place_id'"):
            validate(source, table="places", package=package)


STRANGE = {
    "nested": pa.array([{"a": 1, "b": [1, 2]}]),
    "list": pa.array([["x"]]),
    "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    "binary": pa.array([b"\xff"]),
    "duration": pa.array([timedelta(days=1)]),
    "time": pa.array([36_000_000_000], pa.time64("us")),
    "moment": pa.array([datetime(2024, 2, 29, 12)]),
    "moment with zone": pa.array([datetime(2024, 2, 29)], pa.timestamp("us", "America/Lima")),
    "decimal": pa.array([Decimal("1.5")], pa.decimal128(38, 3)),
    "huge": pa.array([2**64 - 1], pa.uint64()),
    "not a number": pa.array([float("nan")]),
    "small float": pa.array([0.5], pa.float32()),
    "truth": pa.array([True]),
    "nothing": pa.nulls(1),
    "dictionary": pa.array(["x"]).dictionary_encode(),
    "large text": pa.array(["x"], pa.large_string()),
    "view": pa.array(["x"], pa.string_view()),
}


@pytest.mark.parametrize("field", ["note", "number", "amount", "is_sure", "day", "period", "place_id"])
@pytest.mark.parametrize("kind", STRANGE)
def test_columns_of_strange_types(package, tmp_path, kind, field):
    path = tmp_path / "readings.parquet"
    columns = {"place_id": pa.array(["P1"]), "number": pa.array([1])}
    pq.write_table(pa.table({**columns, field: STRANGE[kind]}), path)
    report = validate(path, package=package)
    assert all(item.row in (None, 1) for item in report)
    assert report.rows == 1
