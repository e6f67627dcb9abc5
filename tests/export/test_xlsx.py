"""The workbook holds every cell with its type, runs nothing, leads to sources and says what it is."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import bilatdata as bd
from bilatdata.export import export
from bilatdata.loading import table_schema
from bilatdata.package import DataPackage


@pytest.fixture
def workbook(tiny: DataPackage, tmp_path: Path) -> openpyxl.Workbook:
    (file,) = export(tmp_path / "out.xlsx")
    return openpyxl.load_workbook(file)


def cells(workbook: openpyxl.Workbook, sheet: str) -> list[dict]:
    header, *rows = workbook[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def plain(value: object) -> object:
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else value


def test_every_cell_is_there_with_its_type(workbook: openpyxl.Workbook) -> None:
    assert workbook.sheetnames == ["about", "data_dictionary", *bd.tables()]
    for name in bd.tables():
        wanted = [{key: plain(value) for key, value in row.items()} for row in bd.load(name, "arrow").to_pylist()]
        assert cells(workbook, name) == wanted, name
    (first, *_) = cells(workbook, "trade_products")
    assert first["hs_code"] == "080121"
    assert workbook["trade_products"]["H2"].data_type == "s"


def test_no_cell_is_a_formula_and_hostile_text_stays_as_it_is(hostile: list[str], tmp_path: Path) -> None:
    (file,) = export(tmp_path / "out.xlsx")
    workbook = openpyxl.load_workbook(file)
    seen = [row for row in workbook["organisations"].iter_rows(min_row=2) if row[0].value >= "ORG-01"]
    # openpyxl does not undo the escape _x005F_ of the standard (ECMA-376, ST_Xstring); Excel does.
    assert [row[1].value.replace("_x005F_", "_") for row in seen] == hostile
    for row in seen:
        assert row[1].data_type == "s"
        assert row[1].hyperlink is None
        assert row[1].quotePrefix == row[1].value.startswith(("=", "+", "-", "@", "\t", "\n"))
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name), "a formula"


def test_the_sheets_are_ready_to_work_with(workbook: openpyxl.Workbook) -> None:
    for name in bd.tables():
        sheet = workbook[name]
        assert sheet.freeze_panes == "B2"
        (table,) = sheet.tables.values()
        assert (table.name, table.ref) == (name, sheet.dimensions)
        assert table.autoFilter is not None
        assert all(9 <= dimension.width <= 50 for dimension in sheet.column_dimensions.values())
    first = workbook["meetings"]["E2"]
    assert (first.value, first.number_format) == (datetime(2025, 4, 29), "yyyy-mm-dd")
    assert workbook["meetings"]["D3"].value == "2024-11/.."
    assert "First day that" in workbook["meetings"]["E1"].comment.text


def test_sources_and_ids_are_links(workbook: openpyxl.Workbook) -> None:
    source = workbook["sources"]["B2"]
    assert source.hyperlink.target == source.value
    person = workbook["meeting_participants"]["D3"]
    assert (person.value, person.hyperlink.location) == ("PER-0002", "'people'!A3")
    assert workbook["people"]["A3"].value == "PER-0002"
    evidence = workbook["evidence"]["E3"]
    assert (evidence.value, evidence.hyperlink.location) == ("SRC-0002", "'sources'!A3")


def test_the_cover_says_what_it_is_and_leads_to_every_sheet(workbook: openpyxl.Workbook) -> None:
    cover = workbook["about"]
    seen = {cell.value for row in cover.iter_rows() for cell in row if cell.value is not None}
    assert {"bilatdata", "Creative Commons Attribution 4.0", bd.cite()} <= seen
    assert any(str(value).startswith(f"{bd.__version__}, released ") for value in seen)
    places = {cell.hyperlink.location for row in cover.iter_rows() for cell in row if cell.hyperlink}
    assert {f"'{name}'!A1" for name in ["data_dictionary", *bd.tables()]} <= places
    assert workbook.active.title == "about"
    explained = [(row["table_name"], row["field_name"]) for row in cells(workbook, "data_dictionary")]
    assert explained == [(name, field.name) for name in bd.tables() for field in table_schema(name).fields]


def test_the_cover_names_no_sheet_that_was_left_out(tiny: DataPackage, tmp_path: Path) -> None:
    (file,) = export(tmp_path / "out.xlsx", tables=["meetings", "sources"])
    workbook = openpyxl.load_workbook(file)
    told = " ".join(str(cell.value) for row in workbook["about"].iter_rows() for cell in row)
    named = {name for name in [*bd.tables(), "data_dictionary"] if f"'{name}'" in told}
    assert named == {"sources", "data_dictionary"}


def test_days_that_programs_do_not_read_alike_are_iso_text(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bilatdata.export import xlsx

    whole = xlsx.arrow_table

    def load(name: str, *arguments: object, **options: object) -> object:
        rows = whole(name, *arguments, **options)
        if name != "meetings":
            return rows
        place = rows.column_names.index("date_earliest")
        days = [date(1857, 11, 5), date(1900, 2, 28), date(1900, 3, 1)]
        return rows.set_column(place, "date_earliest", [days])

    monkeypatch.setattr(xlsx, "arrow_table", load)
    (file,) = export(tmp_path / "out.xlsx", tables=["meetings"])
    seen = [row["date_earliest"] for row in cells(openpyxl.load_workbook(file), "meetings")]
    assert seen == ["1857-11-05", "1900-02-28", datetime(1900, 3, 1)]


def test_labels_stand_in_the_place_of_codes(tiny: DataPackage, tmp_path: Path) -> None:
    (file,) = export(tmp_path / "out.xlsx", tables=["meetings"], labels="es")
    frame = pd.read_excel(file, sheet_name="meetings", dtype="string", keep_default_na=False, na_values=[""])
    assert frame.country_b_code.tolist() == ["Bolivia"] * 3
    assert frame.status_code.tolist() == bd.load("meetings", labels="es").status_code.tolist()


def test_the_real_record_fits_and_the_bytes_are_the_same_in_every_run(tmp_path: Path) -> None:
    files = [tmp_path / "1.xlsx", tmp_path / "2.xlsx"]
    some = ["meetings", "sources", "people"]
    code = f"import sys; from bilatdata.export import export; export(sys.argv[1], tables={some})"
    for seed, file in enumerate(files):
        environment = {**os.environ, "PYTHONHASHSEED": str(seed), "TZ": f"UTC{seed}"}
        subprocess.run([sys.executable, "-W", "error", "-c", code, file], check=True, env=environment)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_what_does_not_fit_is_told_and_nothing_written(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bilatdata.export import xlsx

    whole = xlsx.arrow_table

    def load(name: str, *arguments: object, **options: object) -> object:
        rows = whole(name, *arguments, **options)
        place = rows.column_names.index("name") if name == "people" else None
        return rows if place is None else rows.set_column(place, "name", [["x" * 32_768, "y"]])

    monkeypatch.setattr(xlsx, "arrow_table", load)
    with pytest.raises(bd.BilatdataError, match="people, row 1, name: does not fit into a cell of Excel"):
        export(tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_without_the_extra_the_error_says_what_to_install(
    tiny: DataPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(bd.BilatdataError, match=r"pip install 'bilatdata\[xlsx\]'"):
        export(tmp_path / "out.xlsx")
