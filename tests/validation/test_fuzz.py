"""Bytes of every kind: the reader says what the model says, and nothing crashes."""

import pytest
from csv_files import BATCHES, HEADERS, PIECES, as_it_is, as_read
from effort import cases
from hypothesis import example, given
from hypothesis import strategies as st
from small_tables import PLACES

from bilatdata.errors import BilatdataError
from bilatdata.validation.engine import validate

BODIES = st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@given(header=st.sampled_from(HEADERS), body=BODIES, batch_bytes=st.sampled_from(BATCHES))
@example(HEADERS[0], b'1,"open\n2,x,y\n3,"x",z\n', 5)
@example(HEADERS[0], b"1,2\n1,2,3,4\n", 1 << 20)
@example(HEADERS[4], b'1\n\n""\n2', 1 << 20)
@cases(1500)
def test_the_reader_says_what_a_reader_of_one_character_at_a_time_says(folder, header, body, batch_bytes):
    path = folder / "t.csv"
    # long enough to be taken for text in spite of its NUL bytes
    content = header + body + b"\n" + b"x" * 2000 + b",y,z\n"
    path.write_bytes(content)
    assert as_read(path, batch_bytes) == as_it_is(content)


@given(content=st.one_of(st.binary(max_size=200), BODIES, BODIES.map(PLACES.encode().__add__)))
@cases(1000)
def test_any_bytes_are_judged_or_refused_in_one_line(package, folder, content):
    path = folder / "places.csv"
    path.write_bytes(content)
    try:
        report = validate(path, package=package)
    except BilatdataError as error:
        assert str(error).isprintable()
    else:
        lines = content.count(b"\n") + 1
        assert all(1 <= item.line <= lines and item.column >= 1 for item in report if item.line is not None)
