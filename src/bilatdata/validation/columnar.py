"""Parquet files and data frames as sources: rows by number, cells in their own types."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bilatdata.errors import BilatdataError
from bilatdata.validation.documents import Document, beginning
from bilatdata.validation.sources import Batch, Place, StructureFault

if TYPE_CHECKING:
    import polars as pl

BATCH_ROWS = 250_000
MOST_IN_MEMORY = 1 << 30
RECENT_PARTS = 2


class Frame:
    """A data frame as a source.

    Args:
        frame: a pandas, polars, pyarrow or DuckDB table.

    Raises:
        BilatdataError: it is none of these, or a column holds values of several types.
    """

    file: str | None = None

    def __init__(self, frame: Any, batch_rows: int = BATCH_ROWS) -> None:
        self.header_faults: list[StructureFault] = []
        self._frame = to_polars(frame)
        self._batch_rows = batch_rows

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns."""
        return self._frame.columns

    def name_place(self, name: str | None) -> tuple[None, None]:
        """A frame has no lines."""
        return None, None

    def batches(self) -> Iterator[Batch]:
        """Slices of the frame."""
        for first in range(0, self._frame.height, self._batch_rows):
            part = self._frame.slice(first, self._batch_rows)
            yield Batch(first, part, part.height)

    def places(self, cells: Sequence[tuple[int, str | None]], key: Sequence[str]) -> Iterator[Place]:
        """Numbers of the rows, 1-based, with the cells as text."""
        yield from _places(self._frame, 0, cells, key)


class ParquetFile:
    """A Parquet file as a source.

    Raises:
        BilatdataError: the file cannot be read, or is damaged or cut off.
    """

    def __init__(self, path: Document, batch_rows: int = BATCH_ROWS) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path = path
        self.file: str | None = str(path)
        self.header_faults: list[StructureFault] = []
        self._batch_rows = batch_rows
        self._recent: deque[tuple[int, pl.DataFrame]] = deque(maxlen=RECENT_PARTS)
        """The last parts read, as the engine asks for places in them while the next one is read."""
        try:
            self._content = path if isinstance(path, Path) else _in_memory(path)
            self._file = pq.ParquetFile(path if isinstance(path, Path) else pa.BufferReader(self._content))
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error
        _refuse_repeated(self._file.schema_arrow.names, self.file)

    def _unreadable(self, error: Exception) -> BilatdataError:
        if isinstance(error, OSError) and error.strerror:
            return BilatdataError(f"{self.path}: cannot be read ({error.strerror})")
        return BilatdataError(
            f"{self.path}: is not a whole Parquet file ({str(error).splitlines()[0]}): write or copy it again"
        )

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns, each once."""
        return list(self._file.schema_arrow.names)

    def name_place(self, name: str | None) -> tuple[None, None]:
        """A Parquet file has no lines."""
        return None, None

    def batches(self) -> Iterator[Batch]:
        """The rows in batches.

        Raises:
            BilatdataError: the file is damaged.
        """
        import pyarrow as pa

        first = 0
        try:
            for batch in self._file.iter_batches(self._batch_rows):
                part = to_polars(pa.Table.from_batches([batch]))
                self._recent.append((first, part))
                yield Batch(first, part, part.height)
                first += part.height
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def places(self, cells: Sequence[tuple[int, str | None]], key: Sequence[str]) -> Iterator[Place]:
        """Numbers of the rows, 1-based, with the cells as text."""
        remaining = deque(cells)
        while remaining:
            first, part = self._part_with(remaining[0][0])
            inside = []
            while remaining and remaining[0][0] < first + part.height:
                inside.append(remaining.popleft())
            yield from _places(part, first, inside, key)

    def _part_with(self, row: int) -> tuple[int, pl.DataFrame]:
        """A part of the file that holds a row, and the number of its first row."""
        import polars as pl

        for first, part in list(self._recent):
            if first <= row < first + part.height:
                return first, part
        first = row - row % self._batch_rows
        try:
            part = pl.scan_parquet(self._content).slice(first, self._batch_rows).collect()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise self._unreadable(error) from error
        if not first <= row < first + part.height:
            raise BilatdataError(f"{self.path}: has changed while it was read: validate it again")
        self._recent.append((first, part))
        return first, part


def _in_memory(document: Document) -> bytes:
    """The whole of a document that is no file of its own: a Parquet file is read from its end, back and forth.

    Raises:
        BilatdataError: it is too large for that, or cannot be read.
    """
    content = beginning(document, MOST_IN_MEMORY + 1)
    if len(content) > MOST_IN_MEMORY:
        raise BilatdataError(
            f"{document}: a Parquet file of more than {MOST_IN_MEMORY >> 20:,} MiB: unpack it and validate the file"
        )
    return content


def _refuse_repeated(names: Iterable[Any], what: str) -> None:
    seen: set[Any] = set()
    for name in names:
        if name in seen:
            raise BilatdataError(f"{what}: two columns are named '{name}': expected a name of its own for each")
        seen.add(name)


def to_polars(frame: Any) -> pl.DataFrame:
    """A pandas, polars, pyarrow or DuckDB table as a polars frame; a named index of pandas becomes columns.

    Raises:
        BilatdataError: it is none of these, or a column holds values of several types.
    """
    import polars as pl

    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    kind = type(frame).__module__.split(".")[0]
    if kind in ("pandas", "pyarrow"):
        _refuse_repeated(getattr(frame, "columns" if kind == "pandas" else "column_names", ()), "the data frame")
    try:
        if kind == "pandas" and type(frame).__name__ == "DataFrame":
            if any(name is not None for name in frame.index.names):
                frame = frame.reset_index()
            return cast("pl.DataFrame", pl.from_pandas(frame))
        if kind in ("duckdb", "_duckdb") and hasattr(frame, "to_arrow_table"):
            frame, kind = frame.to_arrow_table(), "pyarrow"
        if kind == "pyarrow":
            converted = pl.from_arrow(frame)
            if isinstance(converted, pl.DataFrame):
                return converted
    except Exception as error:  # pandas, pyarrow and polars each raise their own for a column of mixed types
        raise BilatdataError(
            f"the data frame cannot be read ({str(error).splitlines()[0]}): give each column one type"
        ) from error
    raise BilatdataError(
        f"cannot validate a {type(frame).__name__}: "
        "expected a path, a mapping of tables, or a pandas, polars, pyarrow or DuckDB table"
    )


def _places(
    frame: pl.DataFrame, first: int, cells: Sequence[tuple[int, str | None]], key: Sequence[str]
) -> Iterator[Place]:
    """The places of cells in a frame whose first row has the number `first`."""
    rows = [row - first for row, _ in cells]
    keys = [frame[name].gather(rows).to_list() for name in key if name in frame.columns]
    fields = {field for _, field in cells if field is not None and field in frame.columns}
    values = {field: frame[field].gather(rows).to_list() for field in fields}
    for number, (row, field) in enumerate(cells):
        value = None if field is None or field not in values else values[field][number]
        parts = [str(part[number]) for part in keys if part[number] is not None]
        yield Place(None, None, row + 1, None if value is None else str(value), ";".join(parts) or None)
