"""Exports hold exactly what was asked for, describe themselves, and appear whole or not at all."""

from __future__ import annotations

import csv
import errno
import json
from pathlib import Path

import frictionless
import pyarrow.parquet as pq
import pytest

import bilatdata as bd
from bilatdata import package
from bilatdata.export import FILE_FORMATS, export
from bilatdata.export import FORMATS as ALL_FORMATS
from bilatdata.package import DataPackage, content_hash
from bilatdata.release.build import build

SOME = ["trade_products", "meetings"]
FORMATS = [format for format in ALL_FORMATS if format not in FILE_FORMATS]
"""Those of a folder; the others have tests of their own."""


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("tables", [None, SOME])
def test_the_descriptor_describes_just_what_is_there(
    tiny: DataPackage, tmp_path: Path, format: str, tables: list[str] | None
) -> None:
    out = tmp_path / "deep" / "out"
    written = export(out, format, tables)
    names = bd.tables() if tables is None else ["meetings", "trade_products"]
    data = {f"data/{name}.{format}" for name in names}
    assert files_below(out) == {"datapackage.json", *data, *(f"schemas/{name}.json" for name in names)}
    assert {path.relative_to(out).as_posix() for path in written} == files_below(out)
    descriptor = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["version"] == tiny.version
    assert [resource["name"] for resource in descriptor["resources"]] == names
    for resource in descriptor["resources"]:
        file = out / resource["path"]
        assert (resource["format"], resource["bytes"], resource["hash"]) == (
            format,
            file.stat().st_size,
            content_hash(file.read_bytes()),
        )
        assert "alternates" not in resource


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("tables", [None, SOME])
def test_frictionless_accepts_the_descriptor(
    tiny: DataPackage, tmp_path: Path, format: str, tables: list[str] | None
) -> None:
    export(tmp_path / "out", format, tables)
    package = frictionless.Package(str(tmp_path / "out" / "datapackage.json"))
    assert list(package.metadata_validate(package.to_descriptor())) == []
    assert [resource.format for resource in package.resources] == [format] * len(package.resources)
    if format == "csv" and tables:
        report = package.validate()
        assert report.valid, report.flatten(["name", "rowNumber", "message"])


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_files_are_copies(tiny: DataPackage, tmp_path: Path, format: str) -> None:
    export(tmp_path / "out", format)
    for name in bd.tables():
        copied = (tmp_path / "out" / "data" / f"{name}.{format}").read_bytes()
        assert copied == bd.path(name, format).read_bytes()


def test_json_lines_are_typed(tiny: DataPackage, tmp_path: Path) -> None:
    export(tmp_path / "out", "jsonl")
    text = (tmp_path / "out" / "data" / "trade_products.jsonl").read_text(encoding="utf-8")
    assert text.endswith("}\n")
    first, second, _ = (json.loads(line) for line in text.splitlines())
    assert list(first) == [field["name"] for field in bd.schema("trade_products")["fields"]]
    assert (first["rank"], first["value_usd"], first["hs_code"]) == (1, 1234567.89, "080121")
    assert (first["period_earliest"], first["confidence_code"]) == ("2023-01-01", "high")
    assert (second["rank"], second["product_name"], second["reporter"], second["note"]) == (None, "NA", "null", None)
    organisations = (tmp_path / "out" / "data" / "organisations.jsonl").read_text(encoding="utf-8")
    assert len(organisations.splitlines()) == 3, "a newline within a cell does not break the line"
    assert "Газпром" in organisations


def test_json_lines_hold_every_cell_of_the_csv(tiny: DataPackage, tmp_path: Path) -> None:
    export(tmp_path / "out", "jsonl")
    for name in bd.tables():
        lines = (tmp_path / "out" / "data" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        with bd.path(name, "csv").open(encoding="utf-8", newline="") as file:
            for row, line in zip(csv.DictReader(file), lines, strict=True):
                for key, value in json.loads(line).items():
                    same = (
                        value == (float(row[key]) if row[key] else None)
                        if not isinstance(value, str)
                        else value == row[key]
                    )
                    assert same, (name, key, value)


@pytest.mark.parametrize("format", FORMATS)
def test_a_table_without_rows_is_exported_too(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    path = tiny.root / "data" / "people.csv"
    header = path.read_text(encoding="utf-8").splitlines(keepends=True)[0]
    path.write_text(header, encoding="utf-8")
    build(tiny.root)
    monkeypatch.setattr(package, "installed", lambda: DataPackage(tiny.root))
    export(tmp_path / "out", format, ["people"])
    written = tmp_path / "out" / "data" / f"people.{format}"
    if format == "parquet":
        assert pq.read_table(written).column_names == header.strip().split(",")
    else:
        assert written.read_text(encoding="utf-8") == {"csv": header, "jsonl": ""}[format]


def test_parquet_opens_without_the_package(tiny: DataPackage, tmp_path: Path) -> None:
    export(tmp_path / "out", "parquet", ["meetings"])
    assert pq.read_table(tmp_path / "out" / "data" / "meetings.parquet").num_rows == 3


def test_foreign_keys_to_absent_tables_are_left_out(tiny: DataPackage, tmp_path: Path) -> None:
    export(tmp_path / "out", "csv", ["concessions", "organisations"])
    schema = json.loads((tmp_path / "out" / "schemas" / "concessions.json").read_text(encoding="utf-8"))
    assert {key["reference"]["resource"] for key in schema["foreignKeys"]} == {"concessions", "organisations"}


def test_an_empty_folder_is_filled_and_a_filled_one_kept(tiny: DataPackage, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    export(out, "csv", ["people"])
    before = files_below(out)
    with pytest.raises(bd.BilatdataError, match=r"out: is not empty: .* with --overwrite"):
        export(out, "csv")
    assert files_below(out) == before


def test_overwrite_replaces_an_earlier_export_whole(tiny: DataPackage, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(out, "csv", ["people", "terms"])
    export(out, "parquet", ["people"], overwrite=True)
    assert files_below(out) == {"datapackage.json", "data/people.parquet", "schemas/people.json"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tiny package"], "nothing is left beside it"


@pytest.mark.parametrize("stranger", ["thesis.txt", "data/mine.csv", "data/people.xlsx", "notes/people.csv"])
def test_overwrite_never_removes_what_no_export_wrote(tiny: DataPackage, tmp_path: Path, stranger: str) -> None:
    out = tmp_path / "out"
    export(out, "csv", ["people"])
    (out / stranger).parent.mkdir(exist_ok=True)
    (out / stranger).write_text("mine", encoding="utf-8")
    with pytest.raises(bd.BilatdataError, match=f"holds {stranger}, which no export wrote"):
        export(out, "csv", overwrite=True)
    assert (out / stranger).read_text(encoding="utf-8") == "mine"


def test_the_installed_package_is_never_overwritten(tiny: DataPackage) -> None:
    with pytest.raises(bd.BilatdataError, match="is the installed data package itself"):
        export(tiny.root, "csv", ["people"], overwrite=True)
    assert len(bd.load("meetings")) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ods",), "no export format 'ods': expected one of csv, parquet, jsonl"),
        (("json",), "no export format 'json' (did you mean 'jsonl'?): expected one of csv, parquet, jsonl"),
        (("csv", ["meetings", "peple"]), "no table 'peple' (did you mean 'people'?)"),
    ],
)
def test_a_wrong_request_writes_nothing(
    tiny: DataPackage, tmp_path: Path, arguments: tuple[object, ...], message: str
) -> None:
    with pytest.raises(bd.BilatdataError) as caught:
        export(tmp_path / "out", *arguments)
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "out").exists()


def test_a_destination_that_is_or_lies_in_a_file(tiny: DataPackage, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(bd.BilatdataError, match="file: is a file: expected a folder"):
        export(file)
    with pytest.raises(bd.BilatdataError, match="inside: cannot be written"):
        export(file / "inside")
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_disk_that_fills_up_leaves_everything_as_it_was(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    out = tmp_path / "out"
    if overwrite:
        export(out, "csv", ["people"])
    before = files_below(out)
    write, written = Path.write_bytes, []

    def fill_up(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", fill_up)
    with pytest.raises(bd.BilatdataError, match="out: cannot be written \\(No space left on device\\)"):
        export(out, "csv", overwrite=overwrite)
    assert len(written) == 4 and files_below(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == (["out"] if overwrite else []) + ["tiny package"]


def test_the_old_export_comes_back_where_the_new_one_cannot_take_its_place(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    export(out, "csv", ["people"])
    rename = Path.rename

    def refuse_new(path: Path, target: Path) -> Path:
        if path.parent.name.endswith(".new") and path.name == "datapackage.json":
            raise OSError(errno.EACCES, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(bd.BilatdataError, match="Permission denied"):
        export(out, "parquet", overwrite=True)
    assert files_below(out) == {"datapackage.json", "data/people.csv", "schemas/people.json"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tiny package"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_that_cannot_be_moved_is_filled(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    """Such as the volume of a container: neither it nor anything beside it may be written."""
    out = tmp_path / "out"
    out.mkdir()
    if overwrite:
        export(out, "parquet", ["terms"])
    rename, mkdir = Path.rename, Path.mkdir

    def rename_within(path: Path, target: Path) -> Path:
        if out in (path, target):
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(path, target)

    def mkdir_within(path: Path, *arguments: object, **options: object) -> None:
        if path != out and not path.is_relative_to(out):
            raise OSError(errno.EROFS, "Read-only file system")
        mkdir(path, *arguments, **options)

    monkeypatch.setattr(Path, "rename", rename_within)
    monkeypatch.setattr(Path, "mkdir", mkdir_within)
    export(out, "csv", ["people"], overwrite=overwrite)
    assert files_below(out) == {"datapackage.json", "data/people.csv", "schemas/people.json"}
    assert sorted(path.name for path in out.iterdir()) == ["data", "datapackage.json", "schemas"]


@pytest.mark.parametrize("format", FORMATS)
def test_an_altered_file_is_not_passed_on(tiny: DataPackage, tmp_path: Path, format: str) -> None:
    path = bd.path("people", "csv" if format == "csv" else "parquet")
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(bd.BilatdataError, match="was altered or cut short"):
        export(tmp_path / "out", format)
    assert not (tmp_path / "out").exists()
