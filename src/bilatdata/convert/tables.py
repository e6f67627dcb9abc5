"""Reading bulk files in batches of text, and writing the converted tables: whole or not at all."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO

from bilatdata.contract.table_schema import TableSchema, read_table_schema
from bilatdata.errors import BilatdataError
from bilatdata.package import DESCRIPTOR, DataPackage

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

TABLE, PRODUCTS = "trade_products", "hs_products"
BATCH_BYTES = 16 << 20
LEFT_OUT = "left_out"
LEVELS = {2: "chapter", 4: "heading", 6: "subheading"}


def batches(
    files: Sequence[Path], progress: Callable[[int, int | None], None] | None = None
) -> Iterator[tuple[Path, pl.DataFrame]]:
    """The rows of files as text, in batches, each with its file.

    Raises:
        BilatdataError: a file cannot be read, or is no table.
    """
    import polars as pl
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    total = sum(file.stat().st_size for file in files if file.is_file())
    done = 0
    for file in files:
        columns, delimiter = _header(file)
        repeated = next((name for number, name in enumerate(columns) if name in columns[:number]), None)
        if repeated is not None:
            raise BilatdataError(f"{file}: two columns are named '{repeated}': expected each name once")
        try:
            with file.open("rb") as raw:
                # pyarrow unpacks gzip by the suffix of the name, which an open file no longer has
                packed = "gzip" if file.suffix == ".gz" else None
                reader = pa_csv.open_csv(
                    pa.CompressedInputStream(pa.PythonFile(raw), packed) if packed else pa.PythonFile(raw),
                    read_options=pa_csv.ReadOptions(block_size=BATCH_BYTES),
                    parse_options=pa_csv.ParseOptions(delimiter=delimiter),
                    convert_options=pa_csv.ConvertOptions(
                        column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=True, null_values=[""]
                    ),
                )
                for batch in reader:
                    frame = pl.from_arrow(pa.Table.from_batches([batch]))
                    assert isinstance(frame, pl.DataFrame)
                    yield file, frame
                    if progress:
                        progress(done + raw.tell(), total)
        except OSError as error:
            raise BilatdataError(f"{file}: cannot be read ({error.strerror or error})") from error
        except (pa.ArrowException, EOFError) as error:
            raise BilatdataError(f"{file}: cannot be read as a table ({str(error).splitlines()[0]})") from error
        done += file.stat().st_size


def _header(file: Path) -> tuple[list[str], str]:
    """The names of the columns, and what stands between cells: a tab if the header has one, else a comma."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            line = opened.readline(1 << 20).decode("utf-8-sig").rstrip("\r\n")
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BilatdataError(f"{file}: cannot be read ({reason})") from error
    except UnicodeDecodeError as error:
        raise BilatdataError(f"{file}: is not text in UTF-8: expected a CSV or tab-separated file") from error
    if not line:
        raise BilatdataError(f"{file}: is empty: expected a header with the names of the columns")
    delimiter = "\t" if "\t" in line else ","
    return [name.strip('"') for name in line.split(delimiter)], delimiter


def product_names(path: Path) -> dict[str, str]:
    """Names of products by HS code, from a CSV file with the columns `code` and `description`.

    Raises:
        BilatdataError: the file cannot be read, or lacks these columns.
    """
    names: dict[str, str] = {}
    for _, batch in batches([path]):
        if not {"code", "description"} <= set(batch.columns):
            raise BilatdataError(f"{path}: its columns are {', '.join(batch.columns)}: expected code and description")
        named = batch.select("code", "description").drop_nulls()
        names |= {code: " ".join(words.split()) for code, words in named.iter_rows()}
    return names


class Output:
    """The folder of converted tables: one Parquet file a year, the HS codes that the record lacks, and a descriptor.

    All is written into a hidden folder within it, and put in its place when all is well; otherwise nothing stays.

    Raises:
        BilatdataError: the folder holds something, or cannot be written.
    """

    def __init__(self, folder: Path, data: DataPackage, name: str) -> None:
        self.files: list[Path] = []
        """The tables that were written, below the folder; known at the end."""
        self.left_out_files: list[Path] = []
        """The rows that could not be mapped, one CSV file for each file that has some; known at the end."""
        self._folder, self._data, self._name = folder, data, name
        self._schemas = {table: read_table_schema(data.schema(table)) for table in (TABLE, PRODUCTS)}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._left_out: dict[Path, BinaryIO] = {}
        self._codes: dict[tuple[str, str], str] = {}
        self._new = folder / f".{os.getpid()}.new"

    def __enter__(self) -> Output:
        if self._folder.exists() and (not self._folder.is_dir() or any(self._folder.iterdir())):
            raise BilatdataError(f"{self._folder}: is not empty: choose a new or empty folder")
        self._made = not self._folder.exists()
        with self._writable():
            self._new.mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        done = False
        try:
            with self._writable():
                self._close()
                if kind is None:
                    self._finish()
                    done = True
        except BilatdataError:
            if kind is None:
                raise
        finally:
            shutil.rmtree(self._new, ignore_errors=True)
            if not done and self._made:
                shutil.rmtree(self._folder, ignore_errors=True)

    def write(self, flows: pl.DataFrame) -> None:
        """Write rows of `trade_products`; columns that are not there stay empty.

        Raises:
            BilatdataError: the disk is full, or the folder cannot be written.
        """
        import polars as pl

        for code, edition, name in flows.select("hs_code", "hs_edition", "product_name").unique().iter_rows():
            self._codes[code, edition] = min(name, self._codes.get((code, edition), name))
        by_year = flows.with_columns(pl.col("period").str.head(4).alias("year"))
        for (year,), part in by_year.partition_by("year", as_dict=True, maintain_order=True, include_key=False).items():
            self._write_parquet(f"{TABLE}/year={year}/{TABLE}.parquet", part, TABLE)

    def leave_out(self, file: Path, rows: pl.DataFrame) -> None:
        """Keep rows that could not be mapped, as they stand in their file.

        Raises:
            BilatdataError: the disk is full, or the folder cannot be written.
        """
        is_new = file not in self._left_out
        with self._writable():
            if is_new:
                path = self._new / LEFT_OUT / f"{len(self._left_out) + 1}-{file.name.split('.')[0]}.csv"
                path.parent.mkdir(exist_ok=True)
                self._left_out[file] = path.open("wb")
            rows.write_csv(self._left_out[file], include_header=is_new)

    def _write_parquet(self, name: str, rows: pl.DataFrame, table: str) -> None:
        import pyarrow.parquet as pq

        content = _arrow(rows, self._schemas[table])
        with self._writable():
            if name not in self._writers:
                (self._new / name).parent.mkdir(parents=True, exist_ok=True)
                self._writers[name] = pq.ParquetWriter(self._new / name, content.schema, compression="zstd")
            self._writers[name].write_table(content)

    def _close(self) -> None:
        for writer in (*self._writers.values(), *self._left_out.values()):
            writer.close()

    def _finish(self) -> None:
        """Add what is known only at the end, and put everything in its place, the descriptor last."""
        resources = []
        if self._writers:
            resources.append({"name": TABLE, "path": sorted(self._writers), "format": "parquet"})
        products = self._new_products()
        if products.height:
            name = f"{PRODUCTS}.parquet"
            self._write_parquet(name, products, PRODUCTS)
            self._writers[name].close()
            resources.append({"name": PRODUCTS, "path": name, "format": "parquet"})
        self.files = [self._folder / name for name in sorted(self._writers)]
        if resources:
            descriptor = json.dumps({"name": self._name, "resources": resources}, indent=2)
            (self._new / DESCRIPTOR).write_text(descriptor + "\n", encoding="utf-8")
        for part in sorted(self._new.iterdir(), key=lambda path: path.name == DESCRIPTOR):
            part.rename(self._folder / part.name)
        self.left_out_files = sorted((self._folder / LEFT_OUT).glob("*"))

    def _new_products(self) -> pl.DataFrame:
        """The HS codes of the rows that the record does not have."""
        import polars as pl

        known = pl.read_csv(self._data.data_path(PRODUCTS, "csv"), infer_schema=False).select("hs_code", "hs_edition")
        rows = [(*code, LEVELS[len(code[0])], name) for code, name in sorted(self._codes.items())]
        names = ["hs_code", "hs_edition", "hs_level_code", "label"]
        table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
        return table.join(known, on=["hs_code", "hs_edition"], how="anti", maintain_order="left")

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or error
            raise BilatdataError(f"{self._folder}: cannot be written ({reason}): nothing was converted") from error


def _arrow(rows: pl.DataFrame, schema: TableSchema) -> pa.Table:
    """The rows with all columns of the schema, in its order and types; ordered codes as plain text."""
    import polars as pl
    import pyarrow as pa

    from bilatdata.contract.frames import arrow_type, is_category

    absent = [pl.lit(None).alias(field.name) for field in schema.fields if field.name not in rows.columns]
    table = rows.with_columns(absent).select(field.name for field in schema.fields).to_arrow()
    types = [(field.name, pa.string() if is_category(field) else arrow_type(field)) for field in schema.fields]
    return table.cast(pa.schema(types))
