"""Zip archives, standard input and named pipes: read where they are, refused in one line where they would harm."""

import io
import json
import os
import sys
import threading
import zipfile

import polars as pl
import pytest
from small_tables import HEADER, PLACES, READINGS

from bilatdata.errors import BilatdataError
from bilatdata.validation import documents
from bilatdata.validation.engine import validate

BAD = PLACES + "P3,west,three,\n"


@pytest.fixture
def pack(tmp_path):
    """Makes a zip archive of members by name."""

    def packer(members: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED):
        path = tmp_path / "package.zip"
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    return packer


def places(report):
    return [(item.code, item.file, item.line, item.column, item.value) for item in report]


@pytest.mark.parametrize("top", ["", "bilatdata-1.0/"])
@pytest.mark.parametrize("folder", ["", "data/"])
def test_a_zip_of_tables(pack, package, tmp_path, top, folder):
    path = pack({f"{top}{folder}places.csv": BAD, f"{top}{folder}readings.csv": READINGS, f"{top}README.md": "x"})
    report = validate(path, package=package)
    assert places(report) == [("T104", f"{path}/{top}{folder}places.csv", 4, 4, "west")]
    assert report.tables == ("places", "readings")
    assert [file.name for file in tmp_path.iterdir()] == ["package.zip"]


def test_a_zip_of_a_data_package_with_parquet(pack, package):
    parquet = io.BytesIO()
    pl.read_csv(BAD.encode()).write_parquet(parquet)
    resources = [{"name": "places", "path": "x/p.parquet"}, {"name": "readings", "path": ["r.csv"]}]
    path = pack(
        {"datapackage.json": json.dumps({"resources": resources}), "x/p.parquet": parquet.getvalue(), "r.csv": READINGS}
    )
    report = validate(path, package=package)
    assert [(item.code, item.file, item.row, item.key) for item in report] == [("T104", f"{path}/x/p.parquet", 3, "P3")]


def test_places_in_many_batches_of_a_member(pack, package):
    rows = "".join(f'P1,{number},,,,,,"a, b"\n' for number in range(1, 90))
    report = validate(pack({"readings.csv": HEADER + rows + "P1,0,,,,,,\n"}), package=package, batch_bytes=64)
    assert [(item.code, item.line, item.column) for item in report] == [("T105", 91, 4)]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"../places.csv": PLACES}, "outside of the archive"),
        ({"a/../../places.csv": PLACES}, "outside of the archive"),
        ({"..\\places.csv": PLACES}, "outside of the archive"),
        ({"/places.csv": PLACES}, "outside of the archive"),
        ({"notes.txt": "x"}, "holds no tables"),
        ({}, "holds no tables"),
        ({"datapackage.json": "{"}, "is not JSON"),
        ({"datapackage.json": '{"resources": [{"name": "places", "path": "no.csv"}]}'}, "no.csv, which does not exist"),
    ],
)
def test_an_archive_that_is_refused(pack, package, members, words):
    with pytest.raises(BilatdataError, match=words) as error:
        validate(pack(members), package=package)
    assert "\n" not in str(error.value)


def test_a_zip_bomb_is_refused_before_it_unpacks(pack, package, monkeypatch):
    monkeypatch.setattr(documents, "BOMB_BYTES", 1 << 20)
    path = pack({"places.csv": PLACES + "P1,north,one,\n" * 200_000})
    with pytest.raises(BilatdataError, match="would unpack to 2,800,"):
        validate(path, package=package)


def test_a_bomb_in_place_of_a_descriptor(pack, package, monkeypatch):
    monkeypatch.setattr("bilatdata.package.MOST_JSON", 1000)
    with pytest.raises(BilatdataError, match="expected a description of tables"):
        validate(pack({"datapackage.json": " " * 2000}), package=package)


@pytest.mark.parametrize("damage", ["cut", "flipped", "nothing inside"])
def test_a_damaged_archive(pack, package, damage):
    path = pack({"places.csv": PLACES * 1000}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        content[2000] ^= 1
    path.write_bytes({"cut": content[:-30], "flipped": content, "nothing inside": b""}[damage])
    with pytest.raises(BilatdataError, match=r"package\.zip.*: the archive is damaged") as error:
        validate(path, package=package)
    assert "\n" not in str(error.value)


def test_an_archive_with_a_password(package, tmp_path):
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("places.csv", PLACES)
    content = path.read_bytes()
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # set the bit that says "encrypted"
        at = content.index(signature) + flags
        content = content[:at] + bytes([content[at] | 1]) + content[at + 1 :]
    path.write_bytes(content)
    with pytest.raises(BilatdataError, match=r"cannot be unpacked .*password"):
        validate(path, package=package)


class Stdin:
    """Standard input with these bytes."""

    def __init__(self, content: bytes, terminal: bool = False) -> None:
        self.buffer = io.BufferedReader(io.BytesIO(content))
        self.isatty = lambda: terminal


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder in which temporary files are made; it must be empty in the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_standard_input(package, monkeypatch, temporary, form):
    content = BAD.encode()
    if form == "parquet":
        buffer = io.BytesIO()
        pl.read_csv(content).write_parquet(buffer)
        content = buffer.getvalue()
    monkeypatch.setattr(sys, "stdin", Stdin(content))
    report = validate("-", package=package)
    place = (4, 4) if form == "csv" else (None, None)
    assert places(report) == [("T104", "<stdin>", *place, "west")]
    assert report.tables == ("places",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\0" * 100_000, "seems to be UTF-16|seems to be binary"),
        (b"a,b\n1,2\n", "cannot tell which table"),
        (b"PAR1" + b"x" * 99, "not a whole Parquet file"),
    ],
)
def test_standard_input_that_is_no_table(package, monkeypatch, temporary, content, words):
    monkeypatch.setattr(sys, "stdin", Stdin(content))
    with pytest.raises(BilatdataError, match=f"<stdin>: .*({words})"):
        validate("-", package=package)


class Endless(io.RawIOBase):
    """A pipe that says one thing and then another for ever."""

    def __init__(self, first: bytes, line: bytes) -> None:
        self.first, self.line, self.sent = first, line, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        text = self.first if self.sent == 0 else b""
        text += self.line * (len(buffer) // len(self.line) + 1)
        buffer[:] = text[: len(buffer)]
        self.sent += len(buffer)
        return len(buffer)


@pytest.mark.parametrize(
    ("header", "table", "words", "taken"),
    [
        (PLACES.encode(), None, "more than 4 MiB come through the pipe", 4 << 20),
        (b"", None, "cannot tell which table it holds: say so with --table", 1 << 20),
        (b"", "places", r"none of its columns \(P1, north, one, \) belongs to 'places'", 1 << 20),
    ],
)
def test_a_pipe_that_does_not_end(package, monkeypatch, temporary, header, table, words, taken):
    """What its header shows is said before the rest is waited for."""
    monkeypatch.setattr(documents, "MOST_PIPED", 4 << 20)
    monkeypatch.setattr(sys, "stdin", Stdin(b""))
    pipe = Endless(header, b"P1,north,one,\n")
    sys.stdin.buffer = io.BufferedReader(pipe)
    with pytest.raises(BilatdataError, match=f"<stdin>: {words}"):
        validate("-", package=package, table=table)
    assert pipe.sent <= taken + documents.PIECE


def test_a_terminal_is_not_waited_for(package, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Stdin(b"", terminal=True))
    with pytest.raises(BilatdataError, match="standard input is a terminal"):
        validate("-", package=package)


def test_a_named_pipe(package, tmp_path, temporary):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(BAD.encode(),))
    writer.start()
    report = validate(pipe, package=package)
    writer.join()
    assert places(report) == [("T104", str(pipe), 4, 4, "west")]
