from datetime import date

import polars as pl
import pytest

from bilatdata.contract import cells
from bilatdata.contract.table_schema import EDTF_TYPE, Field

GOOD = {
    "string": {"NA": "NA", " x ": " x "},
    "integer": {"5": 5, "-5": -5, "+5": 5, "007": 7, "9223372036854775807": 9223372036854775807},
    "number": {"5": 5.0, "+1.50": 1.5, "-.5": -0.5, "5.": 5.0, "1e3": 1000.0, "1E-3": 0.001},
    "boolean": {"true": True, "TRUE": True, "1": True, "False": False, "0": False},
    "date": {"2024-02-29": date(2024, 2, 29), "0001-01-01": date(1, 1, 1), "9999-12-31": date(9999, 12, 31)},
    "datetime": {"2024-02-29T23:59:59": "2024-02-29T23:59:59", "2024-01-26T15:00:00.300-05:00": ...},
    "time": {"00:00:00": "00:00:00", "23:59:59": "23:59:59"},
    "year": {"2024": 2024, "0800": 800, "12024": 12024},
    "yearmonth": {"2024-12": "2024-12"},
}
# each after the type, split at the bars: spaces are part of the cell
BAD = {
    "integer": " 5|5 |1_000|1,000|٣|5.0|1e3|0x1|--1|9223372036854775808|NaN|\xa05|5\n",
    "number": " 5|5 |1_000.5|1,5|٣|nan|NaN|INF|-INF|Infinity|1e999|0x1p3|.|e5|$5|5%",
    "boolean": "yes|tRue|t| true|2|0.0|-",
    "date": "2023-02-29|2024-2-9|20240229|2024-02-29 |+2024-02-29|12024-01-01|2024-02-29T00:00:00|0000-01-01",
    "datetime": "2024-02-30T00:00:00|2024-02-29 00:00:00|2024-02-29T24:00:00|2024-02-29|2024-02-29T00:00",
    "time": "24:00:00|1:00:00|12:60:00|12:00",
    "year": "24|+2024|2024.0|٢٠٢٤",
    "yearmonth": "2024-13|2024-1|2024",
}


def read(type: str, *texts: str | None) -> list[object]:
    frame = pl.DataFrame({"x": list(texts)}, schema={"x": pl.String})
    column = frame.select(cells.reader(Field("x", type)))["x"]
    assert column.dtype == cells.dtype(Field("x", type))
    return column.to_list()


@pytest.mark.parametrize(("type", "text", "value"), [(t, x, v) for t, items in GOOD.items() for x, v in items.items()])
def test_what_the_standard_allows_is_read(type, text, value):
    assert read(type, text, None) == [text if value is ... else value, None]


@pytest.mark.parametrize(("type", "text"), [(t, x) for t, items in BAD.items() for x in items.split("|")])
def test_everything_else_is_not(type, text):
    assert read(type, text) == [None]


@pytest.mark.parametrize("type", GOOD)
def test_every_type_says_what_it_expects(type):
    assert cells.expected(Field("x", type))


def test_a_type_that_no_table_uses_is_not_passed_over():
    with pytest.raises(ValueError, match="geojson"):
        cells.reader(Field("x", "geojson"))


def test_edtf_dates_are_read_once_each():
    values = pl.Series(["2024-02", None, "2024-02", "../2020", "2024-02-30", "soon"])
    rows = sorted(cells.edtf_bounds(values).rows())
    assert rows == [
        ("../2020", None, date(2020, 12, 31), True),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), True),
        ("2024-02-30", None, None, False),
        ("soon", None, None, False),
    ]
    assert "YYYY" in cells.expected(Field("x", "string", rdf_type=EDTF_TYPE))
