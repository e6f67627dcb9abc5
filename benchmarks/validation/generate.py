"""Trade tables of any size in the shape of `trade_products`: valid, with faults of ten kinds, or with odd cells.

    python benchmarks/validation/generate.py FILE ROWS [plain|faulty|quoted]

The same arguments give the same file. A name ending in `.parquet` gives Parquet.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

import bilatdata as bd
from bilatdata.contract.frames import arrow_type, is_category
from bilatdata.loading import table_schema

BATCH = 500_000
FAULTS = {
    "T101": ("value_usd", "12,5"),
    "T102": ("product_name", None),
    "T103": ("source_ids", "SRC1"),
    "T104": ("basis_code", "measured"),
    "T105": ("share_pct", "-3"),
    "K103": ("importer_code", "XYZ"),
    "D101": ("period", "2024-13"),
    "N102": ("note", "two  spaces"),
    "P101": ("importer_code", "RUS"),
    "P105": ("quantity_unit_code", None),
}
"""What a faulty file holds: by the code that must be found, the field and the cell."""
NUMBERS = {"value_usd": pl.Float64, "quantity": pl.Float64, "share_pct": pl.Float64, "rank": pl.Int64}
EVERY = 1000
"""One row in so many has each of the faults."""


def rows(first: int, count: int, kind: str) -> pl.DataFrame:
    """Rows of a table as text, from row number `first` on."""
    number = pl.int_range(first, first + count, eager=True).alias("n")
    partners = [code for code in bd.load("coverage").query("table_name == 'meetings'")["country_code"] if code != "RUS"]
    products = bd.load("hs_products", backend="polars").filter(pl.col("hs_edition") == "2022")
    frame = number.to_frame().select(
        trade_product_id=pl.format("TRP-{}", 10_000_001 + pl.col("n")),
        exporter_code=pl.lit("RUS"),
        importer_code=_cycle(partners, pl.col("n")),
        period=pl.format("{}", 1995 + pl.col("n") % 30),
        period_earliest=pl.format("{}-01-01", 1995 + pl.col("n") % 30),
        period_latest=pl.format("{}-12-31", 1995 + pl.col("n") % 30),
        product_name=_cycle(products["label"].to_list(), pl.col("n")),
        hs_code=_cycle(products["hs_code"].to_list(), pl.col("n")),
        hs_edition=pl.lit("2022"),
        hs_basis_code=pl.lit("stated"),
        value_usd=pl.format("{}.{}", pl.col("n") * 7919 % 90_000_000, 1 + pl.col("n") % 9),
        quantity=pl.format("{}", pl.col("n") % 5000),
        quantity_unit_code=_cycle(["t", "kg"], pl.col("n")),
        share_pct=pl.format("{}", pl.col("n") % 100),
        rank=pl.format("{}", 1 + pl.col("n") % 20),
        basis_code=pl.lit("quantified"),
        valuation_code=_cycle(["fob", "cif", "unknown"], pl.col("n")),
        bound_code=pl.lit("exact"),
        reporter=pl.format("Customs office {}", pl.col("n")),
        confidence_code=_cycle(["medium", "high"], pl.col("n")),
        source_ids=pl.lit("SRC-0001"),
        note=pl.format('Said "{}", noted', pl.col("n")) if kind == "quoted" else pl.lit(None, pl.String),
    )
    return frame.with_columns(_faulty(pl.lit(number))) if kind == "faulty" else frame


def _cycle(values: list[str], number: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(values)).gather(number % len(values))


def _faulty(number: pl.Expr) -> list[pl.Expr]:
    """The fields with their faults, each in rows of its own, so that one hides no other."""
    wrong: dict[str, pl.Expr] = {}
    for place, (field, cell) in enumerate(FAULTS.values()):
        cells = wrong.get(field, pl.col(field))
        wrong[field] = pl.when(number % EVERY == 50 * place + 7).then(pl.lit(cell)).otherwise(cells)
    return [cells.alias(field) for field, cells in wrong.items()]


def write(path: Path, count: int, kind: str = "plain") -> None:
    """Write a file, batch by batch."""
    batches = (rows(first, min(BATCH, count - first), kind) for first in range(0, count, BATCH))
    if path.suffix == ".parquet":
        _write_parquet(path, batches)
        return
    with path.open("wb") as file:
        for number, batch in enumerate(batches):
            batch.write_csv(file, include_header=number == 0)


def _write_parquet(path: Path, batches: object) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = table_schema("trade_products").fields
    schema = pa.schema([(field.name, pa.string() if is_category(field) else arrow_type(field)) for field in fields])
    days = [field.name for field in fields if field.type == "date"]
    with pq.ParquetWriter(path, schema) as writer:
        for batch in batches:  # type: ignore[attr-defined]
            writer.write_table(batch.with_columns(pl.col(days).str.to_date()).cast(NUMBERS).to_arrow().cast(schema))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "plain")
