"""An Excel workbook (Office Open XML): a cover, a data dictionary, a sheet per table.

Every cell has the type of its field: ids, codes (leading zeros and all) and EDTF dates are text, derived bounds dates,
figures are numbers. No cell is a formula: text that begins like one is text, and marked so that it stays text when
somebody edits it. Ids that refer to another sheet lead there, addresses of sources lead to the document, and a header
says on hovering what its column means. The same data give the same bytes with the same XlsxWriter.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from bilatdata import package
from bilatdata.contract.dictionary import COLUMNS, dictionary_rows
from bilatdata.contract.table_schema import Field, TableSchema
from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.export.about import about_rows
from bilatdata.loading import arrow_table, table_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

COVER, DICTIONARY = "about", "data_dictionary"
_FORMULA_LIKE = ("=", "+", "-", "@", "\t", "\n", "\r")
"""First characters that make a spreadsheet take typed text for a formula or a command."""
_FIRST_DAY = date(1900, 3, 1)
"""The first day that all programs read alike: Excel counts a 29 February 1900 and knows no earlier year. Days before it
are written as ISO text."""
_MOST_TEXT, _MOST_ROWS, _MOST_ADDRESS = 32_767, 1_048_576, 2_079
"""Limits of Excel: characters of a cell, rows of a sheet, characters of a web address that leads somewhere."""
_WIDTHS = (9, 46)
"""Narrowest and widest column, in characters."""
_INK, _ACCENT, _PALE, _LINK = "#1B2A41", "#324A5F", "#EEF2F6", "#1A5FB4"

_GUIDE: Sequence[tuple[str, str, str | None]] = (
    ("Empty cells", "Not known. Never zero, and never 'none'.", None),
    ("Empty cells", "The sheet 'coverage' says what a missing row means.", "coverage"),
    (
        "Dates",
        "As precise as the sources, in EDTF: 2024-05 is a month, 2022~ is about 2022, 2024/.. is from 2024 on. "
        "They are text; columns ending in _earliest and _latest are dates to sort and filter by.",
        None,
    ),
    ("Codes", "Explained in 'terms', with labels in English, Spanish and Russian.", "terms"),
    ("Codes", "Countries in 'countries'.", "countries"),
    ("Sources", "'evidence' has a row for each source of a record or value, disputing ones too.", "evidence"),
    ("Sources", "Documents in 'sources', by their ids.", "sources"),
    ("Ids", "Links, where the sheet that they refer to is here.", None),
    ("Columns", "Hover over a header, or see the sheet 'data_dictionary'.", None),
)
"""What the cover explains: a topic, a sentence, and the sheet that it speaks of, without which it is left out."""


def file_bytes(tables: Sequence[str], progress: Callable[[str], None], labels: str | None = None) -> bytes:
    """The content of a workbook with these tables; `labels` is the language of labels in the place of codes.

    Raises:
        BilatdataError: the extra `xlsx` is missing, a table cannot be read, or something is too large for Excel.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise missing_extra("xlsx", "export to Excel") from error
    schemas = {name: table_schema(name) for name in tables}
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        _Book(workbook, schemas, labels).fill(progress)
    return buffer.getvalue()


@dataclass(frozen=True)
class _Sheet:
    """A table as it is written: its header, its cells and what they lead to."""

    name: str
    fields: Sequence[Field]
    columns: Sequence[Sequence[Any]]
    targets: Mapping[str, str]
    """The sheet that the ids of a field lead to, by field."""

    @property
    def height(self) -> int:
        """Number of rows below the header."""
        return len(self.columns[0]) if self.columns else 0


class _Book:
    """The workbook in the making."""

    def __init__(self, workbook: Workbook, schemas: Mapping[str, TableSchema], labels: str | None) -> None:
        self._workbook = workbook
        self._schemas = schemas
        self._labels = labels
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._places: dict[str, dict[str, int]] = {}
        """The row of each id, by sheet."""

    def fill(self, progress: Callable[[str], None]) -> None:
        """Write all sheets."""
        about = dict(about_rows())
        self._workbook.set_properties(
            {
                "title": about["title"],
                "author": about["contributors"],
                "subject": f"version {about['version']}",
                "comments": about["citation"],
                "created": datetime.fromisoformat(about["created"]),
            }
        )
        sheets = [self._sheet(schema) for schema in self._schemas.values()]
        self._cover(self._workbook.add_worksheet(COVER), about, sheets)
        self._table(self._dictionary_sheet())
        for sheet in sheets:
            progress(sheet.name)
            self._table(sheet)

    def _format(self, **properties: Any) -> Format:
        """A cell format; the same one for the same properties, for Excel has room for few."""
        properties = {"font_name": "Calibri", "font_size": 11, "valign": "top", **properties}
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._workbook.add_format(properties)
        return self._formats[key]

    def _sheet(self, schema: TableSchema) -> _Sheet:
        rows: pa.Table = arrow_table(schema.name, labels=self._labels)
        key = schema.primary_key
        if len(key) == 1:
            ids = rows.column(key[0]).to_pylist()
            self._places[schema.name] = {id: row for row, id in enumerate(ids, start=1)}
        targets = {
            link.fields[0]: link.table
            for link in schema.foreign_keys
            if len(link.fields) == 1 and link.table in self._schemas and link.table != "countries"
        }
        columns = [rows.column(field.name).to_pylist() for field in schema.fields]
        return _Sheet(schema.name, schema.fields, columns, targets)

    def _dictionary_sheet(self) -> _Sheet:
        rows = list(dictionary_rows(self._schemas.values()))
        columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
        columns[COLUMNS.index("position")] = [int(cell) for cell in columns[COLUMNS.index("position")]]
        types = {"position": "integer"}
        return _Sheet(DICTIONARY, [Field(name, types.get(name, "string")) for name in COLUMNS], columns, {})

    def _table(self, sheet: _Sheet) -> None:
        if sheet.height >= _MOST_ROWS:
            raise BilatdataError(f"{sheet.name}: has {sheet.height} rows, and a sheet of Excel ends at {_MOST_ROWS}")
        page = self._workbook.add_worksheet(sheet.name)
        header = self._format(bold=True, font_color="white", bg_color=_ACCENT, valign="vcenter")
        for index, (field, cells) in enumerate(zip(sheet.fields, sheet.columns, strict=True)):
            page.set_column(index, index, _width(field, cells), self._column_format(field, cells))
            self._cells(page, index, field, cells, sheet)
        page.add_table(
            *(0, 0, max(sheet.height, 1), len(sheet.fields) - 1),
            {
                "name": sheet.name,
                "style": "Table Style Light 1",
                "columns": [{"header": field.name, "header_format": header} for field in sheet.fields],
            },
        )
        for index, field in enumerate(sheet.fields):
            if field.description:
                page.write_comment(0, index, _note(field), {"x_scale": 2.6, "y_scale": 1.3, "font_size": 9})
        page.set_row(0, 22)
        page.freeze_panes(1, 1)
        # Ids and codes that look like numbers are text on purpose.
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{_MOST_ROWS}"})
        self._print_setup(page, sheet.name)

    def _column_format(self, field: Field, cells: Sequence[Any]) -> Format:
        if field.type == "date":
            return self._format(num_format="yyyy-mm-dd", align="left")
        if field.type in ("integer", "number"):
            return self._format(num_format=_number_format(field, cells), align="right", indent=1)
        return self._format(num_format="@")

    def _cells(self, page: Worksheet, index: int, field: Field, cells: Sequence[Any], sheet: _Sheet) -> None:
        plain = self._column_format(field, cells)
        link = self._format(num_format="@", font_color=_LINK)
        quoted = self._format(num_format="@", quote_prefix=True)
        places = self._places.get(sheet.targets.get(field.name, ""), {})
        for row, cell in enumerate(cells, start=1):
            if cell is None or cell == "":
                continue
            if isinstance(cell, bool):
                status = page.write_boolean(row, index, cell, plain)
            elif isinstance(cell, int | float):
                status = page.write_number(row, index, cell, plain)
            elif isinstance(cell, date) and cell >= _FIRST_DAY:
                status = page.write_datetime(row, index, datetime(cell.year, cell.month, cell.day), plain)
            elif cell in places:
                status = page.write_url(
                    row, index, f"internal:'{sheet.targets[field.name]}'!A{places[cell] + 1}", link, cell
                )
            elif field.name == "url" and len(cell) <= _MOST_ADDRESS:
                status = page.write_url(row, index, cell, link, cell)
            else:
                text = cell.isoformat() if isinstance(cell, date) else str(cell)
                status = page.write_string(row, index, text, quoted if text.startswith(_FORMULA_LIKE) else plain)
            if status:
                raise BilatdataError(
                    f"{sheet.name}, row {row}, {field.name}: does not fit into a cell of Excel "
                    f"(at most {_MOST_TEXT} characters): export another format"
                )

    def _cover(self, page: Worksheet, about: Mapping[str, str], sheets: Sequence[_Sheet]) -> None:
        page.hide_gridlines(2)
        page.set_column(0, 0, 2)
        page.set_column(1, 1, 24)
        page.set_column(2, 2, 10)
        page.set_column(3, 3, 112)
        name, _, rest = about["title"].partition(": ")
        page.set_row(1, 38)
        page.write_string(1, 1, name, self._format(bold=True, font_size=28, font_color=_INK, valign="vcenter"))
        page.write_string(2, 1, rest[:1].upper() + rest[1:], self._format(font_size=14, font_color=_ACCENT))
        page.merge_range(3, 1, 3, 3, "", self._format(text_wrap=True))
        page.write_string(3, 1, about["description"], self._format(text_wrap=True, font_color="#444444"))
        page.set_row(2, 24)
        page.set_row(3, 36)
        row = self._facts(page, 5, about)
        row = self._contents(page, row + 1, sheets)
        self._guide(page, row + 1, {sheet.name for sheet in sheets})
        self._print_setup(page, COVER)
        page.set_first_sheet()
        page.activate()

    def _facts(self, page: Worksheet, row: int, about: Mapping[str, str]) -> int:
        label = self._format(bold=True, font_color=_ACCENT)
        text = self._format(text_wrap=True)
        for title, value in (
            ("Version", f"{about['version']}, released {about['created']}"),
            ("Licence", about["licence"]),
            ("How to cite", about["citation"]),
        ):
            page.write_string(row, 1, title, label)
            page.merge_range(row, 2, row, 3, "", text)
            page.set_row(row, 34 if len(value) > 120 else 20)
            if title == "Licence" and about["licence_url"]:
                page.write_url(row, 2, about["licence_url"], self._format(font_color=_LINK), value)
            else:
                page.write_string(row, 2, value, text)
            row += 1
        return row

    def _contents(self, page: Worksheet, row: int, sheets: Sequence[_Sheet]) -> int:
        head = self._format(bold=True, font_color="white", bg_color=_ACCENT)
        right = self._format(bold=True, font_color="white", bg_color=_ACCENT, align="right", indent=1)
        for column, (title, style) in enumerate((("Sheet", head), ("Rows", right), ("What it holds", head)), start=1):
            page.write_string(row, column, title, style)
        listed = [(sheet.name, sheet.height, self._schemas[sheet.name].description) for sheet in sheets]
        for name, rows, description in [*listed, (DICTIONARY, None, "What each column of each sheet means.")]:
            row += 1
            shade = {"bg_color": _PALE} if row % 2 else {}
            page.write_url(row, 1, f"internal:'{name}'!A1", self._format(font_color=_LINK, **shade), name)
            page.write(row, 2, rows, self._format(num_format="#,##0", align="right", indent=1, **shade))
            page.write_string(row, 3, description, self._format(**shade))
        return row + 1

    def _guide(self, page: Worksheet, row: int, present: Collection[str]) -> None:
        page.write_string(row, 1, "How to read it", self._format(bold=True, font_size=13, font_color=_INK))
        page.set_row(row, 22)
        topics: dict[str, list[str]] = {}
        for title, sentence, sheet in _GUIDE:
            if sheet is None or sheet in present:
                topics.setdefault(title, []).append(sentence)
        for title, sentences in topics.items():
            row, text = row + 1, " ".join(sentences)
            page.write_string(row, 1, title, self._format(bold=True, font_color=_ACCENT))
            page.merge_range(row, 2, row, 3, "", self._format(text_wrap=True))
            page.write_string(row, 2, text, self._format(text_wrap=True))
            page.set_row(row, 34 if len(text) > 120 else 18)

    def _print_setup(self, page: Worksheet, name: str) -> None:
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0 if name != COVER else 1)
        if name != COVER:
            page.repeat_rows(0)
        page.set_footer(f"&L&8bilatdata {package.installed().version}&C&8&A&R&8&P/&N")


def _note(field: Field) -> str:
    unit = f" Unit: {field.unit}." if field.unit else ""
    return f"{field.title}\n{field.description}{unit}"


def _width(field: Field, cells: Sequence[Any]) -> float:
    """Wide enough for the header with its button, and for nine cells of ten."""
    if field.type in ("integer", "number"):
        lengths = sorted(len(f"{cell:,.10g}") for cell in cells if cell is not None)
    else:
        lengths = sorted(len(str(cell)) for cell in cells if cell is not None)
    usual = lengths[int(len(lengths) * 0.9)] if lengths else 0
    narrowest, widest = _WIDTHS
    return max(narrowest, len(field.name) + 4, min(usual + 2, widest))


def _number_format(field: Field, cells: Sequence[Any]) -> str:
    """Thousands are set apart, but not in years and positions; figures without fractions get no decimals."""
    if field.type == "integer":
        return "0"
    whole = all(cell is None or float(cell).is_integer() for cell in cells)
    return "#,##0" if whole else "#,##0.00##"
