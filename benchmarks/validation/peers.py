"""What is timed: each peer judges one file, in a process of its own.

    python benchmarks/validation/peers.py NAME FILE

prints one JSON object: seconds of the judging alone (imports and set-up done before), peak memory of the process in MB,
and how many findings there were (for bare readers: rows).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

TABLE = "trade_products"
Judge = Callable[[], int]


def bilatdata(path: Path) -> Judge:
    """This package, foreign keys and rules on whole tables included."""
    import bilatdata as bd

    bd.validate(bd.path("hs_products"))  # imports all that a valid file needs
    return lambda: len(bd.validate(path, table=TABLE))


def frictionless(path: Path) -> Judge:
    """frictionless-py with our Table Schema, without foreign keys; it need not sniff."""
    from frictionless import Dialect, Resource, Schema, system

    import bilatdata as bd

    descriptor = {**bd.schema(TABLE), "foreignKeys": []}
    system.trusted = True
    resource_ = Resource(
        path=str(path), schema=Schema.from_descriptor(descriptor), dialect=Dialect(), encoding="utf-8", format="csv"
    )
    return lambda: sum(len(task.errors) for task in resource_.validate(limit_errors=10**9).tasks)


def pandera_polars(path: Path) -> Judge:
    """pandera on polars with the schema that this package compiles; reading included."""
    import polars as pl

    import bilatdata as bd

    schema = bd.schema(TABLE, as_="pandera", backend="polars")
    types = {name: str(dtype) for name, dtype in bd.load(TABLE, backend="polars").schema.items()}
    kinds = {"Float64": pl.Float64, "Int64": pl.Int64}
    numbers = {name: kinds[kind] for name, kind in types.items() if kind in kinds}

    def judge() -> int:
        frame = pl.read_csv(path, infer_schema=False)
        days = [name for name, kind in types.items() if kind == "Date"]
        frame = frame.with_columns(pl.col(days).str.to_date(strict=False)).cast(numbers, strict=False)
        return _failures(schema, frame)

    return judge


def pandera_pandas(path: Path) -> Judge:
    """pandera on pandas with the schema that this package compiles; reading included."""
    import pandas as pd

    import bilatdata as bd

    schema = bd.schema(TABLE, as_="pandera")
    types = bd.load(TABLE).dtypes
    numbers = [name for name, dtype in types.items() if str(dtype) in ("float64", "Int64")]
    days = [name for name, dtype in types.items() if str(dtype).startswith("datetime")]

    def judge() -> int:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])
        frame[numbers] = frame[numbers].apply(pd.to_numeric, errors="coerce")
        frame[days] = frame[days].apply(pd.to_datetime, format="%Y-%m-%d", errors="coerce")
        return _failures(schema, frame)

    return judge


def _failures(schema: object, frame: object) -> int:
    from pandera.errors import SchemaErrors

    try:
        schema.validate(frame, lazy=True)  # type: ignore[attr-defined]
    except SchemaErrors as error:
        return len(error.failure_cases)
    return 0


def read_polars(path: Path) -> Judge:
    """A bare `polars.read_csv` or `read_parquet`."""
    import polars as pl

    if path.suffix == ".parquet":
        return lambda: pl.read_parquet(path).height
    return lambda: pl.read_csv(path, infer_schema_length=0 if "faulty" in path.name else 100).height


def stream_polars(path: Path) -> Judge:
    """A parse that holds no more than a batch: what the memory is measured against."""
    import polars as pl

    scan = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path, infer_schema=False)
    return lambda: sum(batch.height for batch in scan.collect_batches())


PEERS = {
    "bilatdata": (bilatdata, ("bilatdata",)),
    "polars read": (read_polars, ("polars",)),
    "polars stream": (stream_polars, ("polars",)),
    "pandera on polars": (pandera_polars, ("pandera", "polars")),
    "pandera on pandas": (pandera_pandas, ("pandera", "pandas")),
    "frictionless": (frictionless, ("frictionless",)),
}


def peak_mb() -> float:
    """Peak memory of this process; what `getrusage` says would hold the peak of the process that started it as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Time one peer on one file."""
    make, packages = PEERS[sys.argv[1]]
    judge = make(Path(sys.argv[2]))
    start = time.perf_counter()
    found = judge()
    seconds = time.perf_counter() - start
    peak = peak_mb()
    versions = {name: version(name) for name in packages}
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "found": found, "versions": versions}))


if __name__ == "__main__":
    main()
