"""What a comparison costs beside bare reading of both sides: one million rows of seven columns a side.

    python benchmarks/diff.py [rows] [repetitions]

One row in a thousand differs in a cell, one is gone and one came. The reading is pyarrow's, all cells as text; both run
in one process, in turn.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

import bilatdata as bd

FIELDS = ("record_id", "date", "country", "product", "value", "share", "note")


def write_package(root: Path, rows: int, step: int) -> None:
    """A package with one table; `step` moves what differs between two of them."""
    (root / "data").mkdir(parents=True)
    fields = [{"name": name, "type": "number" if name in ("value", "share") else "string"} for name in FIELDS]
    schema = {"fields": fields, "primaryKey": ["record_id"]}
    resource = {"name": "records", "path": "data/records.csv", "schema": schema}
    descriptor = {"name": "big", "version": "1.0.0", "resources": [resource]}
    (root / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    with (root / "data/records.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(FIELDS) + "\n")
        for number in range(step, rows + step):
            value = number * 7 + (step if number % 1000 == 0 else 0)
            key, day = f"REC-{number:07d}", f"2{number % 1000:03d}-05-01"
            file.write(f"{key},{day},BOL,Product {number % 97},{value},{number % 100}.5,A note on {number}\n")


def read(root: Path) -> pa.Table:
    """The bare reading that the comparison is measured against."""
    options = pc.ConvertOptions(column_types=dict.fromkeys(FIELDS, pa.string()), strings_can_be_null=False)
    return pc.read_csv(root / "data/records.csv", convert_options=options)


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "old", Path(folder) / "new"
        write_package(old, rows, 0)
        write_package(new, rows, 1)
        bare, ours = [], []
        for _ in range(repetitions):
            start = time.perf_counter()
            read(old), read(new)
            middle = time.perf_counter()
            found = bd.diff(old, new).table("records")
            bare.append(middle - start)
            ours.append(time.perf_counter() - middle)
        ratio = statistics.median(mine / other for mine, other in zip(ours, bare, strict=True))
        print(f"{rows:,} rows a side: {len(found.cells):,} cells, {len(found.added)} added, {len(found.removed)} gone")
        print(f"read both {statistics.median(bare):.2f} s, diff {statistics.median(ours):.2f} s, ratio {ratio:.1f}")


if __name__ == "__main__":
    main()
