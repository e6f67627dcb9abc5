"""Bytes of every kind: the reader says what the model says, and nothing crashes."""

import json
from copy import deepcopy
from typing import Any

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


DESCRIPTOR = {
    "name": "theirs",
    "resources": [
        {
            "name": "places",
            "path": "places.csv",
            "format": "csv",
            "encoding": "utf-8",
            "schema": {
                "fields": [
                    {"name": "place_id", "type": "string", "constraints": {"required": True, "pattern": "P[0-9]"}},
                    {"name": "own", "type": "integer", "constraints": {"minimum": 1, "enum": [1, 2]}, "title": "Own"},
                    {"name": "day", "type": "date", "format": "default", "constraints": {"maximum": "2024-01-01"}},
                    {"name": "kind", "type": "string", "constraints": {"maxLength": 9, "unique": True}},
                ],
                "primaryKey": ["place_id"],
                "foreignKeys": [{"fields": ["kind"], "reference": {"resource": "kinds", "fields": ["kind"]}}],
                "missingValues": [""],
            },
        },
        {
            "name": "kinds",
            "path": ["kinds.csv"],
            "schema": {"fields": [{"name": "kind"}, {"name": "size", "type": "number"}], "primaryKey": "kind"},
        },
    ],
}
JUNK = st.sampled_from(
    [
        *(None, True, 0, -1, 1.5, "", "x", "(", "a|b", "2024-02-30", [], [1], [None], ["x", "x"], {}, {"a": 1}, 10**30),
        *("../x", "/etc/passwd", "http://127.0.0.1/x.csv", "geojson", "list", "kinds", "place_id", "\x1b[2J", "a\nb"),
    ]
)


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, item in inside for deeper in paths_in(item, (*path, key)))]


def with_junk(changes: list[tuple[tuple[Any, ...], Any, bool]]) -> bytes:
    """The descriptor with some of its values replaced or taken away."""
    descriptor = json.loads(json.dumps(DESCRIPTOR))
    for (*above, last), junk, removed in changes:
        holder = descriptor
        for key in above:
            holder = holder[key] if isinstance(holder, dict | list) and _has(holder, key) else None
        if isinstance(holder, dict | list) and _has(holder, last):
            holder[last] = deepcopy(junk)
            if removed:
                del holder[last]
    return json.dumps(descriptor).encode()


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)


CHANGES = st.lists(st.tuples(st.sampled_from(paths_in(DESCRIPTOR)[1:]), JUNK, st.booleans()), max_size=3)


def test_the_descriptor_without_junk_is_followed(package, folder):
    (folder / "places.csv").write_text("place_id,own,day,kind,region,label,parent_id\nP1,1,2023-01-01,big,north,one,\n")
    (folder / "kinds.csv").write_text("kind,size\nbig,1.5\n")
    path = folder / "datapackage.json"
    path.write_bytes(with_junk([]))
    assert [item.code for item in validate(path, package=package)] == []


@given(
    content=st.one_of(CHANGES.map(with_junk), CHANGES.map(with_junk), CHANGES.map(with_junk), st.binary(max_size=60))
)
@cases(1000)
def test_any_descriptor_is_followed_or_refused_in_one_line(package, folder, content):
    (folder / "places.csv").write_text("place_id,own,day,kind,region,label,parent_id\nP1,x,2024-02-30,a,north,one,\n")
    (folder / "kinds.csv").write_text("kind,size\nbig,1.5\n")
    path = folder / "datapackage.json"
    path.write_bytes(content)
    try:
        validate(path, package=package)
    except BilatdataError as error:
        assert str(error).isprintable()
