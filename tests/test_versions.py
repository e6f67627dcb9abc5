"""Other versions of the data from the cache: whole, checked, and one clear line where they are not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bilatdata as bd
from bilatdata.checksums import SUMS, read_sums, sums_text, write_sums
from bilatdata.errors import BilatdataError
from bilatdata.loading import BACKENDS
from bilatdata.package import DataPackage


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_version_in_the_cache_loads_in_every_backend(older: DataPackage, backend: str) -> None:
    def first_name(**options: str) -> str:
        frame = bd.load("countries", backend, ["name_ru"], **options)
        return frame.fetchall()[0][0] if backend == "duckdb" else str(frame["name_ru"][0])

    assert first_name() == first_name(version=bd.__version__) == "Боливия"
    assert first_name(version="0.0.9") == "Кульасуйу"


def test_a_frame_says_of_which_version_it_is(older: DataPackage) -> None:
    assert bd.load("countries", version="0.0.9").attrs["bilatdata"] == {"table": "countries", "version": "0.0.9"}


def test_labels_come_from_the_same_version(older: DataPackage) -> None:
    labelled = bd.load("meetings", columns=["country_b_code"], labels="ru", version="0.0.9")
    assert "Кульасуйу" in labelled["country_b_code"].tolist()


def test_a_version_that_is_not_at_hand_says_which_are(older: DataPackage) -> None:
    (older.root.parent / "0.0.10").mkdir()
    (older.root.parent / "0.0.1.new").mkdir()
    with pytest.raises(
        BilatdataError, match=r"0\.0\.8 is not at hand \(there are 0\.0\.9, 0\.0\.10, [0-9.]+\): get it"
    ) as raised:
        bd.load("countries", version="0.0.8")
    assert "'bilatdata fetch 0.0.8 --from URL-or-folder'" in str(raised.value)


@pytest.mark.parametrize("version", ["latest", "0.1", "../0.0.9", "v0.0.9", "0.0.09", "", 0.1])
def test_what_is_not_a_version_is_refused(older: DataPackage, version: object) -> None:
    with pytest.raises(BilatdataError, match=r"is not a version: expected three numbers as text, such as '0\.1\.0'"):
        bd.load("countries", version=version)  # type: ignore[call-overload]


@pytest.mark.parametrize("file", ["datapackage.json", "schemas/countries.json", "data/countries.parquet", SUMS])
@pytest.mark.parametrize("damage", ["altered", "missing"])
def test_a_cached_version_that_was_altered_is_refused_with_its_file(older: DataPackage, file: str, damage: str) -> None:
    path = older.root / file
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b" " + path.read_bytes()[1:])
    with pytest.raises(
        BilatdataError, match=rf"{file}.* (altered|missing).*: fetch it again with 'bilatdata fetch 0\.0\.9'"
    ):
        bd.load("countries", version="0.0.9")
    assert len(bd.load("countries")) == 3


def test_without_the_extra_the_error_says_what_to_install(tiny: DataPackage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILATDATA_CACHE", raising=False)
    monkeypatch.setitem(sys.modules, "pooch", None)
    assert len(bd.load("countries", version=tiny.version)) == 3
    with pytest.raises(BilatdataError, match=r"needs the extra 'fetch': pip install 'bilatdata\[fetch\]'"):
        bd.load("countries", version="0.0.9")


SUM = "0" * 64


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "sums: is empty"),
        ("<!DOCTYPE html>\n", r"sums:1: is not a line of SHA-256 sums \('<!DOCTYPE html>'\)"),
        (f"{SUM}  a\n{SUM[1:]}  b\n", "sums:2: is not a line"),
        (f"{SUM}  a\n{SUM}  a\n", "sums:2: .* each file once"),
        (f"{SUM}\n", "sums:1: is not a line"),
    ],
)
def test_a_list_of_sums_that_is_none_names_its_line(text: str, message: str) -> None:
    with pytest.raises(BilatdataError, match=message):
        read_sums(text, "sums")


def test_sums_are_those_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"")
    (tmp_path / "a с.csv").write_bytes("я".encode())
    write_sums(tmp_path, ["b", "a с.csv"])
    done = subprocess.run(["sha256sum", "--strict", "--check", SUMS], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / SUMS).read_text(encoding="utf-8")
    assert sums_text(read_sums(text, SUMS)) == text
    assert read_sums(text.replace("  ", " *").replace("\n", "\r\n"), SUMS) == read_sums(text, SUMS)
