"""Bytes that trouble readers of CSV, and what the engine's reader and the model say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import csv_model

from bilatdata.validation.reader import CsvFile

PIECES = [
    *(b"a", b"1", b" ", b",", b'"', b"\n", b"\r\n", b"\r", b'""', b'",', b',"', b'"\n', b'\n"', b'"\r\n', b'a"', b'"a'),
    *(text.encode() for text in ("é", "ж", "😀", "\ufeff", "\u2028", "\x85", "e\u0301", "\x0b", "\x1a")),
    *(b"\0", b"\xe9", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f"),
    *(b"a,b,c\n", b'"a","b","c"\r\n', b'1,"two\nlines",3\n', b',"",\n'),
]
HEADERS = [b"a,b,c\n", b'"a",b,"c"\r\n', b"\xef\xbb\xbfa,b\n", "é,b\n".encode(), b"a\n", b'"a\nb",c\r\n']
BATCHES = (7, 1 << 20, 60, 1 << 20)


def as_read(path: Path, batch_bytes: int) -> dict[str, Any]:
    """What the reader says of a file: rows, places with texts, faults, and how many records there are."""
    source = CsvFile(path, batch_bytes)
    batches = list(source.batches())
    rows = [row for batch in batches for row in batch.frame.rows()]
    cells = [(row, name) for row in range(len(rows)) for name in [*source.names, None]]
    return {
        "names": source.names,
        "rows": rows,
        "places": [(place.line, place.column, place.value, place.key) for place in source.places(cells, ["a"])],
        "faults": [(fault.code, fault.line, fault.column) for batch in batches for fault in batch.faults],
        "records": sum(batch.records for batch in batches),
    }


def as_it_is(content: bytes) -> dict[str, Any]:
    """What the model says of the same bytes."""
    names, records = csv_model.read(content)
    good = [record for record in records if not record.faults]
    keys = [record.cells[names.index("a")].text if "a" in names else None for record in good]
    return {
        "names": names,
        "rows": [tuple(cell.text for cell in record.cells) for record in good],
        "places": [
            place
            for record, key in zip(good, keys, strict=True)
            for place in [*((*cell, key) for cell in record.cells), (record.line, 1, None, key)]
        ],
        "faults": [tuple(fault) for record in records for fault in record.faults],
        "records": len(records),
    }
