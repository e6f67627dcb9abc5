import csv
import gzip
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilatdata.errors import BilatdataError
from bilatdata.validation.reader import CsvFile


def read(path, batch_bytes=1 << 20):
    """Rows, faults and places of a file."""
    source = CsvFile(path, batch_bytes)
    batches = list(source.batches())
    frames = [batch.frame for batch in batches]
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(source.names, pl.String))
    faults = [(fault.code, fault.line, fault.column) for batch in batches for fault in batch.faults]
    places = list(source.places([(row, name) for row in range(frame.height) for name in source.names], ["a"]))
    return frame.rows(), faults, places


TRICKY = b'a,b,c\r\n1,"two\r\nlines, ""quoted""",\xc3\xa9\r\n\r\n"2",,""\r\n3,x\r\n\xef\xbb\xbf4,\xc3\xa9\xc3\xa9,last'


def test_rows_and_places_of_a_tricky_file(write):
    path = write("t.csv", b"\xef\xbb\xbf" + TRICKY)
    source = CsvFile(path)
    assert [(fault.code, fault.line, fault.column) for fault in source.header_faults] == [("S101", 1, 1)]
    rows, faults, places = read(path)
    assert rows == [("1", 'two\r\nlines, "quoted"', "é"), ("2", None, None), ("\ufeff4", "éé", "last")]
    assert faults == [("S105", 4, 1), ("S106", 6, 1)]
    assert [(place.line, place.column, place.value, place.key) for place in places] == [
        (2, 1, "1", "1"),
        (2, 3, 'two\r\nlines, "quoted"', "1"),
        (3, 20, "é", "1"),
        (5, 1, "2", "2"),
        (5, 5, None, "2"),
        (5, 6, None, "2"),
        (7, 1, "\ufeff4", "\ufeff4"),
        (7, 4, "éé", "\ufeff4"),
        (7, 7, "last", "\ufeff4"),
    ]


CELL = st.text(alphabet='ab,"\n\r é\ufeffN', max_size=6)


@given(
    rows=st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=20),
    line_end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
@settings(deadline=None, max_examples=120)
def test_it_reads_what_the_standard_library_reads(tmp_path_factory, rows, line_end, last):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    text = buffer.getvalue()
    path = tmp_path_factory.mktemp("rows") / "t.csv"
    path.write_text(text if last else text.removesuffix(line_end), encoding="utf-8", newline="")
    found, faults, places = read(path)
    assert found == [tuple(cell or None for cell in row) for row in rows]
    assert faults == []
    assert [place.value for place in places] == [cell or None for row in rows for cell in row]


def test_a_short_record_does_not_make_up_for_a_long_one(write):
    rows, faults, _ = read(write("t.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n"))
    assert rows == [("1", "2"), ("7", "8")]
    assert faults == [("S106", 3, 1), ("S106", 4, 5)]


def test_one_column(write):
    rows, faults, _ = read(write("t.csv", 'a\n1\n\n""\n2'))
    assert rows == [("1",), (None,), ("2",)]
    assert faults == [("S105", 3, 1)]


def test_cells_that_mean_missing_elsewhere_are_text(write):
    rows, _, _ = read(write("t.csv", "a,b\nNA,null\nNaN,None\n007,#x\n"))
    assert rows == [("NA", "null"), ("NaN", "None"), ("007", "#x")]


def test_a_header_alone(write):
    assert read(write("t.csv", "a,b")) == ([], [], [])


def test_columns_of_the_same_name(write):
    source = CsvFile(write("t.csv", 'é,"b,b",é\n1,2,3\n'))
    assert source.names == ["é", "b,b"]
    assert source.name_place("b,b") == (1, 3)
    assert [(fault.code, fault.column) for fault in source.header_faults] == [("S104", 9)]
    assert [batch.frame.rows() for batch in source.batches()] == [[("1", "2")]]


def test_a_line_in_another_encoding_is_shown_as_it_was_meant(write):
    source = CsvFile(write("t.csv", b"a,b\n1,x\n2,S\xe3o Paulo\n"))
    (fault,) = [fault for batch in source.batches() for fault in batch.faults]
    assert (fault.code, fault.line, fault.column, fault.value) == ("S107", 3, 4, "2,São Paulo")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\r\n\r\na,b\n", "first line is blank"),
        ("a,b\n1,é\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,é\n".encode("utf-16-le"), "UTF-16"),
        ("país,b\n1,2\n".encode("latin-1"), "header is not UTF-8"),
        (b"PK\x03\x04" + b"x" * 100, "Excel"),
        (b'{"a": 1}\n', "JSON"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "gzip"),
        (b"PAR1" + b"\0" * 100, "Parquet"),
        (bytes(range(256)) * 3 + b"\0" * 200, "binary"),
        (b"a,b\r1,2\r", "carriage return"),
        (b'a,"b\n1,2\n', "header has a misplaced quote"),
        (b"a;b\n1;2\n", "semicolons"),
        (b"a\tb\n1\t2\n", "tabs"),
        (b"x" * (1 << 20), "no line ends"),
    ],
)
def test_what_is_no_csv_is_refused_in_one_line(write, content, words):
    path = write("t.csv", content)
    with pytest.raises(BilatdataError, match=words) as error:
        CsvFile(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_small_table_with_control_characters_is_judged(write):
    source = CsvFile(write("t.csv", b"a,b\n\x01,\x02\n\0,2\n"))
    (batch,) = source.batches()
    assert (batch.records, [(fault.code, fault.line) for fault in batch.faults]) == (2, [("S110", 3)])


def test_a_missing_file(tmp_path):
    with pytest.raises(BilatdataError, match="No such file"):
        CsvFile(tmp_path / "none.csv")


@pytest.mark.parametrize("batch_bytes", [16, 1 << 20])
@pytest.mark.parametrize(
    ("tail", "good"), [('x,"3', 2), ('x,"3\n', 2), ('x,"3\ny,4\n', 3)], ids=["no line end", "line end", "more rows"]
)
def test_a_quote_that_is_never_closed_loses_nothing(write, tail: str, good: int, batch_bytes: int) -> None:
    batches = list(CsvFile(write("a.csv", "a,b\nu,1\nv,2\n" + tail), batch_bytes).batches())
    assert sum(batch.frame.height for batch in batches) == good
    assert [fault.line for batch in batches for fault in batch.faults] == [4]
