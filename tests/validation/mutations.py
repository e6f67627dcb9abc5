"""Kinds of damage to a valid table, and what must be found of each: the table of the mutation tests.

A damage of a cell gives the new text of the cell as it stands in the file; a damage of a line gives the new line, and
says where in it the fault is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Row = dict[str, str]
"""The cells of a record as they stand in the file, quotes included, by field."""


@dataclass(frozen=True)
class Cell:
    """A cell that is damaged."""

    name: str
    table: str
    field: str
    damage: Callable[[Row], str]
    code: str
    when: Callable[[Row], bool] = lambda row: True
    """Rows on which the damage gives this one finding."""
    at: str | None = None
    """Field at which it must be found, where that is another one."""


@dataclass(frozen=True)
class Line:
    """A line that is damaged; the record is then judged no further."""

    name: str
    damage: Callable[[list[str]], list[bytes]]
    """The cells as bytes, from those of the record as they stand."""
    code: str
    at: tuple[int, int] = (0, 0)
    """Cell in which the fault is (negative: from the last one), and the character in it."""


def to(value: str) -> Callable[[Row], str]:
    return lambda row: value


def _last(text: bytes) -> Callable[[list[str]], list[bytes]]:
    return lambda cells: [*(cell.encode() for cell in cells[:-1]), text]


def has(field: str) -> Callable[[Row], bool]:
    return lambda row: row[field] != ""


CELLS = [
    Cell("a code outside the vocabulary", "meetings", "level_code", to("boss"), "T104"),
    Cell("a code in capitals", "meetings", "status_code", to("HELD"), "T104"),
    Cell("a code with a space", "meetings", "format_code", lambda row: row["format_code"] + " ", "T104"),
    Cell("an empty required cell", "meetings", "status_code", to(""), "T102"),
    Cell("an empty key", "meetings", "meeting_id", to(""), "T102"),
    Cell("an id of another form", "meetings", "meeting_id", lambda row: row["meeting_id"].replace("-", "_"), "T103"),
    Cell("an id that an earlier row has", "meetings", "meeting_id", to("MTG-0001"), "K101"),
    Cell("a day that does not exist", "meetings", "date", to("2023-02-29"), "D101"),
    Cell("a date of another notation", "meetings", "date", to("29.02.2024"), "D101"),
    Cell("an interval that runs backwards", "meetings", "date", to("2024-05/2024-04"), "D101"),
    Cell("a derived day that does not exist", "meetings", "date_earliest", to("2024-02-30"), "T101"),
    Cell("a derived day of another date", "meetings", "date_latest", to("1999-01-01"), "D102"),
    Cell(
        "a country that does not exist",
        "meetings",
        "place_country_code",
        to("XYZ"),
        "K103",
        has("city"),
    ),
    Cell("two countries that are one", "meetings", "country_b_code", lambda row: row["country_a_code"], "M102"),
    Cell("a list that is not sorted", "meetings", "topic_codes", to("transport;trade"), "N101"),
    Cell("a list with one item twice", "meetings", "topic_codes", to("trade;trade"), "N101"),
    Cell("a list with a code outside the vocabulary", "meetings", "topic_codes", to("trade;weather"), "V102"),
    Cell("a space before a text", "meetings", "city", lambda row: " " + row["city"].strip('"'), "N102", has("city")),
    Cell("two spaces in a text", "meetings", "outcome", to("Signed  in Moscow."), "N102"),
    Cell("a line break in a text", "meetings", "outcome", to('"Signed\nin ""Moscow""."'), "N102"),
    Cell("an invisible character", "meetings", "outcome", to("Signed\u200bin Moscow."), "N102"),
    Cell("a letter that is not composed", "meetings", "outcome", to("Jose\u0301 signed."), "N102"),
    Cell("a text without its full stop", "meetings", "outcome", to("Signed in Moscow"), "N106"),
    Cell("a letter that was lost", "meetings", "outcome", to("Signed with Jo\ufffdo."), "N107"),
    Cell(
        "a source that does not exist",
        "sources",
        "origin_source_id",
        to("SRC-9999"),
        "K103",
        lambda row: row["origin_publisher"] == "",
    ),
    Cell("a published date without dashes", "sources", "published_date", to("20250429"), "D101"),
    Cell("a decimal comma", "trade_products", "value_usd", to('"1,5"'), "T101"),
    Cell("a digit group", "trade_products", "value_usd", to("1_000"), "T101"),
    Cell("a number with its unit", "trade_products", "value_usd", to("12 USD"), "T101"),
    Cell("a negative value", "trade_products", "value_usd", to("-1"), "T105", has("value_usd")),
    Cell("a share of more than all", "trade_products", "share_pct", to("100.5"), "T105"),
    Cell("a rank of zero", "trade_products", "rank", to("0"), "T105"),
    Cell("a rank with a fraction", "trade_products", "rank", to("1.5"), "T101"),
    Cell(
        "exporter and importer that are one",
        "trade_products",
        "importer_code",
        lambda row: row["exporter_code"],
        "P101",
    ),
    Cell("a code without its edition", "trade_products", "hs_edition", to(""), "P104", has("hs_code")),
    Cell(
        "a unit without quantity",
        "trade_products",
        "quantity_unit_code",
        to("t"),
        "P105",
        lambda row: row["quantity"] == "",
        at="quantity",
    ),
]
LINES = [
    Line("a blank line", lambda cells: [], "S105"),
    Line("a cell too few", lambda cells: [cell.encode() for cell in cells[:-1]], "S106"),
    Line("a cell too many", lambda cells: [*(cell.encode() for cell in cells), b"x"], "S106", (-1, 0)),
    Line("a byte of Latin-1", _last(b"S\xe3o Paulo"), "S107", (-1, 1)),
    Line("a byte of Latin-1 after a letter of two bytes", _last("é".encode() + b"\xe9"), "S107", (-1, 1)),
    Line("a quote that is not closed", _last(b'"open'), "S108", (-1, 0)),
    Line("a quote in the middle of a cell", _last(b'5" pipe'), "S109", (-1, 1)),
    Line("text after a closing quote", _last(b'"a"b'), "S109", (-1, 2)),
    Line("a NUL byte", _last(b"a\0b"), "S110", (-1, 1)),
    Line("a carriage return in a cell", _last(b"a\rb"), "S111", (-1, 1)),
]
