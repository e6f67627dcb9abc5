"""An export of one file is written whole or not at all, and never over something that it should not replace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bilatdata as bd
from bilatdata.export import FILE_FORMATS, export
from bilatdata.package import DataPackage

MAGIC = {"sqlite": b"SQLite format 3", "duckdb": b"DUCK", "xlsx": b"PK\x03\x04"}
COMMAND = Path(sys.executable).parent / "bilatdata"


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "tiny package")


@pytest.mark.parametrize("format", FILE_FORMATS)
def test_the_name_of_the_file_tells_the_format(tiny: DataPackage, tmp_path: Path, format: str) -> None:
    (named,) = export(tmp_path / "deep" / f"out.{format.upper()}", tables=["people", "countries"])
    (told,) = export(tmp_path / "out", format, ["people", "countries"])
    assert MAGIC[format] in named.read_bytes()[:16]
    assert MAGIC[format] in told.read_bytes()[:16]
    assert beside(tmp_path / "deep") == [named.name]


@pytest.mark.parametrize("format", FILE_FORMATS)
def test_a_file_that_exists_is_replaced_only_when_asked(tiny: DataPackage, tmp_path: Path, format: str) -> None:
    target = tmp_path / f"out.{format}"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(bd.BilatdataError, match=f"out.{format}: exists already: .* with --overwrite"):
        export(target)
    assert target.read_text(encoding="utf-8") == "mine"
    export(target, tables=["people"], overwrite=True)
    assert target.stat().st_size > 1000
    assert beside(tmp_path) == [target.name]


@pytest.mark.parametrize("format", FILE_FORMATS)
def test_a_folder_is_not_the_name_of_a_file(tiny: DataPackage, tmp_path: Path, format: str) -> None:
    with pytest.raises(bd.BilatdataError, match="is a folder: expected the name of a file"):
        export(tmp_path, format, overwrite=True)


def test_what_is_no_file_is_not_replaced_by_one(tiny: DataPackage) -> None:
    with pytest.raises(bd.BilatdataError, match="/dev/null: is not a regular file"):
        export("/dev/null", "sqlite", overwrite=True)
    assert not Path("/dev/null").is_file()


def test_the_installed_package_is_never_replaced(tiny: DataPackage) -> None:
    target = tiny.data_path("people", "csv")
    with pytest.raises(bd.BilatdataError, match="is a part of the installed data package"):
        export(target, "sqlite", overwrite=True)
    assert len(bd.load("people")) == 2


@pytest.mark.parametrize("format", FILE_FORMATS)
@pytest.mark.parametrize("place", ["file/inside", "/proc/out"])
def test_a_place_that_cannot_be_written(tiny: DataPackage, tmp_path: Path, format: str, place: str) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(bd.BilatdataError, match="cannot be written"):
        export(tmp_path / place, format, ["people"])
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("format", FILE_FORMATS)
@pytest.mark.parametrize("before", [None, "mine"])
def test_a_disk_that_fills_up_leaves_everything_as_it_was(tmp_path: Path, format: str, before: str | None) -> None:
    target = tmp_path / "new" / f"out.{format}"
    if before:
        target.parent.mkdir()
        target.write_text(before, encoding="utf-8")
    export = f"'{COMMAND}' export '{target}' --force --table people --table countries"
    done = subprocess.run(["bash", "-c", f"ulimit -f 8; {export}"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: /") and "cannot be written (" in line and "File too large" in line
    assert beside(tmp_path) == (["new"] if before else [])
    if before:
        assert beside(target.parent) == [target.name]
        assert target.read_text(encoding="utf-8") == before


def test_a_pipe_sees_no_progress_and_a_terminal_is_left_clean(tmp_path: Path) -> None:
    command = [COMMAND, "export", tmp_path / "out.sqlite", "--table", "people"]
    piped = subprocess.run(command, capture_output=True, text=True)
    assert (piped.returncode, piped.stdout, piped.stderr) == (0, f"{tmp_path / 'out.sqlite'}\n", "")
    shown = subprocess.run(
        ["script", "-qec", f"'{COMMAND}' export '{tmp_path / 'tty.sqlite'}' --table people", "/dev/null"],
        capture_output=True,
        text=True,
    )
    assert "export: people" in shown.stdout
    assert shown.stdout.split("\x1b[K")[-1].strip() == str(tmp_path / "tty.sqlite")
