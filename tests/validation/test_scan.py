import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilatdata.validation import scan
from bilatdata.validation.scan import cell_spans, regular_end, split

CELL = st.text(alphabet='ab,"\n\réя ', max_size=6)


def written(rows: list[list[str]], line_end: str) -> bytes:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r') else text

    return "".join(",".join(map(cell, row)) + line_end for row in rows).encode()


@pytest.mark.parametrize("stride", [64, 128, 1 << 18])
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=30),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
@settings(deadline=None)
def test_every_well_formed_file_is_regular_and_split_into_its_records(stride, rows, line_end):
    data = written(rows, line_end)
    original, scan.STRIDE = scan.STRIDE, stride
    try:
        assert regular_end(data, 3) == (len(data), len(rows))
    finally:
        scan.STRIDE = original
    records = split(data, 3, at_end=True)
    assert records.marks == {}
    found = [data[start:end] for start, end in zip(records.starts, records.ends, strict=True)]
    assert found == [written([row], line_end) for row in rows]


@given(data=st.text(alphabet='ab,"\n\r\0é', max_size=80))
@settings(deadline=None, max_examples=500)
def test_what_is_called_regular_has_no_faults(data):
    block = (data + "\n").encode()
    regular = regular_end(block, 2)
    records = split(block, 2, at_end=True)
    assert b"".join(block[s:e] for s, e in zip(records.starts, records.ends, strict=True)) == block
    if regular is None:
        return
    end, count = regular
    upto = split(block[:end], 2, at_end=False)
    codes = {mark.code for marks in upto.marks.values() for mark in marks}
    assert codes <= {"S105", "S106"}  # counting alone lets a short record make up for a long one
    assert len(upto.starts) == count
    if codes:
        widths = [len(list(cell_spans(block[s:e]))) for s, e in zip(upto.starts, upto.ends, strict=True)]
        assert max(widths) > 2 > min(widths)


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b'1,"open\n2,x\n3,y\n', {0: "S108"}),
        (b'1,"open\n2,"x"\n3,y\n', {0: "S108"}),
        (b'1,"open\n2,x\n"3","y"\n4,z\n', {0: "S108"}),
        (b'1,"say ""hi\n2,x\n', {0: "S108"}),
        (b'1,5" pipe\n2,x\n', {0: "S109"}),
        (b'1,"a"b\n2,"x"\n', {0: "S109"}),
        (b'1,"two\nlines"\n2,"a"b\n3,"c"\n', {1: "S109"}),
        (b'1,"open\n2,5" pipe\n3,y\n', {0: "S108", 1: "S109"}),
        (b"1,a\n\n2,b\n", {1: "S105"}),
        (b"1,a\r\n\r\n2,b\r\n", {1: "S105"}),
        (b"1,a\n2\n3,b,c,d\n", {1: "S106", 2: "S106"}),
        (b"1,a\n2,\xe9\n3,b\n", {1: "S107"}),
        (b"1,\0\n2,b\n", {0: "S110"}),
        (b"1,a\rb\n2,b\n", {0: "S111"}),
        (b'1,"a\rb"\n2,b\n', {}),
    ],
)
def test_a_fault_costs_its_own_record_and_no_other(data, codes):
    marks = split(data, 2, at_end=True).marks
    assert {record: [mark.code for mark in found] for record, found in marks.items()} == {
        record: [code] for record, code in codes.items()
    }


def test_a_quoted_cell_of_several_lines_may_be_long_but_not_endless():
    longest = scan.LONGEST_CELL
    fine = b'1,"' + b"x" * 70 + b"\n" * (longest - 100) + b'"\n2,b\n'
    assert split(fine, 2, at_end=False).marks == {}
    endless = b'1,"' + b"x\n" * longest
    assert split(endless, 0, at_end=False).marks[0][0].code == "S108"


def test_an_unfinished_record_is_left_for_the_next_block():
    records = split(b'1,a\n2,"b\nc', 2, at_end=False)
    assert records.end == 4
    assert regular_end(b'1,a\n2,"b\nc', 2) == (4, 1)


def test_cells_of_a_record_are_found():
    record = 'a,"b, ""c""",,é\r\n'.encode()
    assert [record[start:end] for start, end in cell_spans(record)] == [b"a", b'"b, ""c"""', b"", "é".encode()]


def test_many_faults_take_time_in_proportion():
    data = b'1,"open\n2,x\n' * 20_000
    records = split(data, 2, at_end=True)
    assert len(records.marks) == 20_000
    assert np.all(np.diff(records.starts) > 0)
