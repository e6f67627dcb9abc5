"""From what a user points at to sources of rows, each with the table it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bilatdata.contract.table_schema import TableSchema
from bilatdata.errors import BilatdataError
from bilatdata.package import DESCRIPTOR, did_you_mean, read_json
from bilatdata.validation.columnar import Frame, ParquetFile
from bilatdata.validation.reader import BATCH_BYTES, CsvFile
from bilatdata.validation.sources import Source

SUFFIXES = (".csv", ".parquet")
LIKENESS = 0.5
"""Share of the columns that a header and a table must have in common to be matched without a name."""


@dataclass(frozen=True)
class Input:
    """A source and the table it holds; None where it matches none and is only to be mentioned."""

    source: Source
    table: str | None


@dataclass(frozen=True)
class _File:
    path: Path
    name: str
    """Name that may be that of a table."""
    named: bool
    """Whether the user pointed at this very file."""


def resolve(
    source: Any, table: str | None, schemas: Mapping[str, TableSchema], batch_bytes: int = BATCH_BYTES
) -> list[Input]:
    """Find the sources and tell their tables: by `table`, by the file's name, or by the header.

    Args:
        source: path or paths of CSV or Parquet files, folders, `datapackage.json` files; or a data frame.
        table: the table that the source holds.
        schemas: the tables there are.
        batch_bytes: bytes of a CSV file to read at once.

    Raises:
        BilatdataError: there is nothing to judge, or a source cannot be read, or its table cannot be told.
    """
    if table is not None and table not in schemas:
        raise BilatdataError(
            f"no table '{table}'{did_you_mean(table, list(schemas))}: expected one of {', '.join(schemas)}"
        )
    if isinstance(source, str | Path):
        paths = [Path(source)]
    elif isinstance(source, list | tuple) and all(isinstance(item, str | Path) for item in source):
        paths = [Path(item) for item in source]
    else:
        frame = Frame(source)
        return [Input(frame, table or _by_header(frame.names, schemas, "the data frame"))]
    if not paths:
        raise BilatdataError("nothing to validate: expected at least one file or folder")
    files = [file for path in paths for file in _files(path)]
    inputs = [_input(file, table, schemas, batch_bytes) for file in files]
    if all(item.table is None for item in inputs):
        raise BilatdataError(f"{paths[0]}: holds no table of this package: expected files named {_listed(schemas)}")
    return inputs


def _input(file: _File, table: str | None, schemas: Mapping[str, TableSchema], batch_bytes: int) -> Input:
    source = open_source(file.path, batch_bytes)
    if table is None and file.name in schemas:
        table = file.name
    if table is None:
        try:
            table = _by_header(source.names, schemas, str(file.path))
        except BilatdataError:
            if file.named:
                raise
            return Input(source, None)
    if not set(source.names) & set(schemas[table].by_name):
        raise BilatdataError(
            f"{file.path}: none of its columns ({_listed(source.names)}) belongs to '{table}': "
            f"expected a header with {_listed(schemas[table].by_name)}"
        )
    return Input(source, table)


def open_source(path: Path, batch_bytes: int = BATCH_BYTES) -> Source:
    """Open a file by its suffix, or by its first bytes where that says nothing.

    Raises:
        BilatdataError: the file cannot be read, or is neither CSV in UTF-8 nor Parquet.
    """
    if path.suffix.lower() in (".parquet", ".pq") or (path.suffix.lower() != ".csv" and _begins_as_parquet(path)):
        return ParquetFile(path)
    return CsvFile(path, batch_bytes)


def _begins_as_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError as error:
        raise BilatdataError(f"{path}: cannot be read ({error.strerror or error})") from error


def _files(path: Path) -> Iterator[_File]:
    """The files that a path stands for."""
    if path.is_dir():
        yield from _files_of_folder(path)
    elif not path.exists():
        raise BilatdataError(f"{path}: there is no such file or folder")
    elif path.suffix.lower() == ".json":
        yield from _files_of_package(path)
    else:
        yield _File(path, path.stem, named=True)


def _files_of_folder(folder: Path) -> Iterator[_File]:
    """A folder's data package, or else the CSV and Parquet files in its `data/`, or else those in itself.

    Of a table in both formats the CSV file is judged: it is the one that people edit.
    """
    if (folder / DESCRIPTOR).is_file():
        yield from _files_of_package(folder / DESCRIPTOR)
        return
    for place in (folder / "data", folder):
        found = [file for file in sorted(place.glob("*")) if file.suffix.lower() in SUFFIXES and file.is_file()]
        as_csv = {file.stem for file in found if file.suffix.lower() == ".csv"}
        chosen = [file for file in found if file.suffix.lower() == ".csv" or file.stem not in as_csv]
        if chosen:
            yield from (_File(file, file.stem, named=False) for file in chosen)
            return
    raise BilatdataError(f"{folder}: holds no tables: expected CSV or Parquet files in it or in its data/")


def _files_of_package(path: Path) -> Iterator[_File]:
    """The files of a data package's resources.

    Raises:
        BilatdataError: the descriptor is broken, or a resource is not a file beside it.
    """
    resources = read_json(path).get("resources")
    if not isinstance(resources, list) or not resources:
        raise BilatdataError(f"{path}: has no resources: expected a data package with tables")
    for number, resource in enumerate(resources):
        if not isinstance(resource, dict):
            raise BilatdataError(f"{path}: resource {number + 1} is not an object")
        name = str(resource.get("name", number + 1))
        paths = resource.get("path")
        for relative in [paths] if isinstance(paths, str) else paths if isinstance(paths, list) else []:
            yield _File(_resource_path(path, name, str(relative)), name, named=False)
        if not paths:
            raise BilatdataError(
                f"{path}: resource '{name}' has no path: expected a CSV or Parquet file beside the descriptor"
            )


def _resource_path(descriptor: Path, name: str, relative: str) -> Path:
    if "://" in relative:
        raise BilatdataError(f"{descriptor}: resource '{name}' is at {relative}: download it and validate the file")
    if PurePosixPath(relative).is_absolute() or ".." in PurePosixPath(relative).parts:
        raise BilatdataError(
            f"{descriptor}: resource '{name}' has the path {relative}: expected one below the descriptor's folder"
        )
    file = descriptor.parent / relative
    if not file.is_file():
        raise BilatdataError(f"{descriptor}: resource '{name}' names {relative}, which does not exist")
    return file


def _by_header(names: Iterable[str], schemas: Mapping[str, TableSchema], what: str) -> str:
    """The one table whose fields the columns resemble most.

    Raises:
        BilatdataError: none is like it, or several are equally so.
    """
    columns = set(names)
    likeness = {name: _likeness(columns, schema) for name, schema in schemas.items()}
    best = max(likeness.values(), default=0.0)
    candidates = [name for name, value in likeness.items() if value == best and value >= LIKENESS]
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise BilatdataError(f"{what}: could be any of {', '.join(candidates)}: say which table it is")
    raise BilatdataError(f"{what}: cannot tell which table it holds: say so, one of {', '.join(schemas)}")


def _likeness(columns: set[str], schema: TableSchema) -> float:
    """Share of all columns, of the data or of the table, that they have in common; derived ones need not be there."""
    fields = {field.name for field in schema.fields if field.derived is None or field.name in columns}
    return len(columns & fields) / len(columns | fields) if columns else 0.0


def _listed(names: Iterable[str], most: int = 4) -> str:
    all_names = list(names)
    return ", ".join(all_names[:most]) + (" …" if len(all_names) > most else "")
