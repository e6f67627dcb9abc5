"""CSV to Arrow to Parquet to frames: every cell arrives, nothing is guessed, the bytes are the same in every run."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilatdata.contract.frames import arrow_schema, table_from_csv, write_parquet
from bilatdata.contract.table_schema import TableSchema, read_table_schema
from bilatdata.errors import BilatdataError

LEVELS = ["low", "medium", "high"]
SCHEMA = read_table_schema(
    {
        "name": "things",
        "fields": [
            {"name": "thing_id", "type": "string"},
            {"name": "count", "type": "integer"},
            {"name": "size", "type": "number"},
            {"name": "is_new", "type": "boolean"},
            {"name": "seen_date", "type": "date"},
            {"name": "level_code", "type": "string", "categoriesOrdered": True, "constraints": {"enum": LEVELS}},
            {"name": "kind_code", "type": "string", "constraints": {"enum": ["b", "a"]}},
        ],
    }
)
HEADER = [field.name for field in SCHEMA.fields]


def csv_file(rows: list[list[str]], header: list[str] = HEADER) -> io.BytesIO:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return io.BytesIO(text.getvalue().encode("utf-8"))


def parquet(table: pa.Table) -> io.BytesIO:
    buffer = io.BytesIO()
    write_parquet(table, buffer)
    return io.BytesIO(buffer.getvalue())


def test_the_arrow_schema() -> None:
    assert [str(field.type) for field in arrow_schema(SCHEMA)] == [
        "string",
        "int64",
        "double",
        "bool",
        "date32[day]",
        "dictionary<values=string, indices=int8, ordered=1>",
        "string",
    ]


def test_cells_are_read_as_the_schema_says() -> None:
    rows = [
        ["NA", "007", "1e3", "true", "0001-12-31", "high", "a"],
        ["null", "-5", ".5", "false", "", "low", ""],
        [""] * 7,
    ]
    assert table_from_csv(csv_file(rows), SCHEMA).to_pylist() == [
        dict(zip(HEADER, ["NA", 7, 1000.0, True, date(1, 12, 31), "high", "a"], strict=True)),
        dict(zip(HEADER, ["null", -5, 0.5, False, None, "low", None], strict=True)),
        dict.fromkeys(HEADER),
    ]


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["NA", "null", "NaN", "0801", "-", " ", '"', "a,b", "\n", "\r\n", "\r", "\0", "\ufeff", "1e5", "True", "2024-01-01"]
)
integers = st.integers(-(2**63), 2**63 - 1)
cells = st.tuples(
    text,
    st.none() | integers.map(str),
    st.none() | st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.none() | st.sampled_from(["true", "false"]),
    st.none() | st.dates().map(str),
    st.none() | st.sampled_from(LEVELS),
    st.none() | text,
).map(lambda row: [cell or "" for cell in row])


@settings(max_examples=100, deadline=None)
@given(st.lists(cells, max_size=8))
def test_every_cell_survives_the_way_to_pandas(rows: list[list[str]]) -> None:
    frame = pd.read_parquet(parquet(table_from_csv(csv_file(rows), SCHEMA)))
    assert list(frame.columns) == HEADER and len(frame) == len(rows)
    assert str(frame["count"].dtype) == "Int64" and str(frame["is_new"].dtype) == "boolean"
    assert frame["level_code"].cat.ordered
    read = {"count": int, "size": float, "is_new": "true".__eq__, "seen_date": date.fromisoformat}
    for row, got in zip(rows, frame.astype(object).to_dict("records"), strict=True):
        for name, cell in zip(HEADER, row, strict=True):
            if cell:
                assert got[name] == read.get(name, str)(cell)
            else:
                assert pd.isna(got[name])


def test_the_same_table_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    rows = [["x", "1", "2.5", "true", "2024-02-29", "medium", "b"]] * 100
    write_parquet(table_from_csv(csv_file(rows), SCHEMA), tmp_path / "here.parquet")
    (tmp_path / "things.csv").write_bytes(csv_file(rows).getvalue())
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_frames import SCHEMA, table_from_csv, write_parquet
write_parquet(table_from_csv(Path("things.csv"), SCHEMA), Path("there.parquet"))
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert (tmp_path / "here.parquet").read_bytes() == (tmp_path / "there.parquet").read_bytes()


def test_the_file_names_no_versions_but_the_writer() -> None:
    metadata = pq.read_schema(parquet(table_from_csv(csv_file([]), SCHEMA))).metadata
    assert set(metadata) == {b"pandas"}
    assert set(json.loads(metadata[b"pandas"])) == {"index_columns", "column_indexes", "columns"}


def test_pages_carry_checksums_and_zstd() -> None:
    source = parquet(table_from_csv(csv_file([["x", "1", "", "", "", "", ""]]), SCHEMA))
    assert pq.ParquetFile(source).metadata.row_group(0).column(0).compression == "ZSTD"
    content = bytearray(source.getvalue())
    content[8 + content.index(b"\x28\xb5\x2f\xfd")] ^= 1  # within the first zstd frame
    with pytest.raises(OSError):
        pq.ParquetFile(io.BytesIO(bytes(content)), page_checksum_verification=True).read()


@pytest.mark.parametrize(
    ("field", "cell", "expected"),
    [
        ("count", "1.5", "a whole number"),
        ("count", " 5", "a whole number"),
        ("count", "1_000", "a whole number"),
        ("count", "٣", "a whole number"),
        ("count", str(2**63), "a whole number of at most 64 bits"),
        ("size", "nan", "a number"),
        ("size", "1,5", "a number"),
        ("size", "inf", "a number"),
        ("size", "1e999", "a number"),
        ("is_new", "yes", "true or false"),
        ("seen_date", "2023-02-29", "a day that exists"),
        ("seen_date", "20230228", "a day as YYYY-MM-DD"),
        ("seen_date", "2023-W01-1", "a day as YYYY-MM-DD"),
        ("level_code", "highest", "one of low, medium, high"),
    ],
)
def test_a_cell_of_the_wrong_type_is_named(field: str, cell: str, expected: str) -> None:
    rows = [[""] * 7, [cell if name == field else "" for name in HEADER]]
    with pytest.raises(BilatdataError) as caught:
        table_from_csv(csv_file(rows), SCHEMA)
    assert str(caught.value).startswith(f"things.csv:3: {field} is '{cell}': expected {expected}")


@pytest.mark.parametrize("header", [HEADER[::-1], HEADER[:-1], [*HEADER, "more"]])
def test_other_columns_are_refused(header: list[str]) -> None:
    with pytest.raises(BilatdataError, match=r"things\.csv: has the columns .*: expected thing_id, count"):
        table_from_csv(csv_file([], header), SCHEMA)


def test_a_type_that_no_table_uses_is_refused() -> None:
    with pytest.raises(BilatdataError, match="field place has type 'geopoint': expected one of string, integer"):
        arrow_schema(
            TableSchema(
                "t", "t", "", read_table_schema({"name": "t", "fields": [{"name": "place", "type": "geopoint"}]}).fields
            )
        )
