"""From what a user points at to sources of rows, each with the table it holds."""

from __future__ import annotations

import stat
import sys
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from bilatdata.contract.table_schema import TableSchema
from bilatdata.errors import BilatdataError
from bilatdata.package import DESCRIPTOR, did_you_mean, read_json
from bilatdata.validation.columnar import Frame, ParquetFile
from bilatdata.validation.documents import Document, Folder, Piped, archive, beginning
from bilatdata.validation.extensions import Extension, extended, read_extension
from bilatdata.validation.reader import BATCH_BYTES, CsvFile
from bilatdata.validation.sources import Source

SUFFIXES = (".csv", ".parquet")
STANDARD_INPUT = "-"
SAY_SO = "say so with --table (table= in Python)"
LIKENESS = 0.5
"""Share of the columns that a header and a table must have in common to be matched without a name."""


@dataclass(frozen=True)
class Input:
    """A source and the table it holds; None where it matches none and is only to be mentioned."""

    source: Source
    table: str | None


@dataclass(frozen=True)
class Inputs:
    """All that is to be judged together, and the schemas to judge it by."""

    inputs: tuple[Input, ...]
    schemas: Mapping[str, TableSchema]
    """Those of the contract, with what the descriptors of the inputs add."""


@dataclass(frozen=True)
class _Declared:
    """The schema that a descriptor gives for a resource."""

    name: str
    schema: Mapping[str, Any]
    where: str


@dataclass(frozen=True)
class _File:
    document: Document
    name: str
    """Name that may be that of a table."""
    named: bool
    """Whether the user pointed at this very file."""
    declared: _Declared | None = None
    """What a descriptor says of it."""


def resolve(
    source: Any, table: str | None, schemas: Mapping[str, TableSchema], batch_bytes: int = BATCH_BYTES
) -> Inputs:
    """Find the sources and tell their tables: by `table`, by the file's name, or by the header.

    Args:
        source: path or paths of CSV or Parquet files, folders, `datapackage.json` files, zip archives of these, or `-`
            for standard input; a data frame; or a mapping from names of tables to paths or frames.
        table: the table that the source holds.
        schemas: the tables there are.
        batch_bytes: bytes of a CSV file to read at once.

    Raises:
        BilatdataError: there is nothing to judge, or a source cannot be read, or its table cannot be told.
    """
    if isinstance(source, Mapping):
        return _of_mapping(source, table, schemas, batch_bytes)
    if table is not None:
        _require_table(table, schemas)
    if isinstance(source, str | Path):
        paths = [Path(source)]
    elif isinstance(source, list | tuple) and all(isinstance(item, str | Path) for item in source):
        paths = [Path(item) for item in source]
    else:
        frame = Frame(source)
        return Inputs((Input(frame, table or _by_header(frame.names, schemas, "the data frame")),), schemas)
    if not paths:
        raise BilatdataError("nothing to validate: expected at least one file or folder")
    files = _each_once([file for path in paths for file in _files(path)])
    extensions = [_extension(file.declared, table, schemas) for file in files if file.declared]
    all_schemas = extended(schemas, extensions) if extensions else schemas
    inputs = tuple(_input(file, table, all_schemas, batch_bytes) for file in files)
    if all(item.table is None for item in inputs):
        raise BilatdataError(f"{paths[0]}: holds no table of this package: expected files named {_listed(schemas)}")
    return Inputs(inputs, all_schemas)


def _each_once(files: Iterable[_File]) -> tuple[_File, ...]:
    """The files without those that are reached a second time, such as by a folder and by a descriptor in it.

    Of the ways to a file the one that says most of it is kept: a descriptor's, or else the first.
    """
    known: dict[object, _File] = {}
    for file in files:
        place = file.document.resolve() if isinstance(file.document, Path) else file.document
        if place not in known or (file.declared and not known[place].declared):
            known[place] = file
    return tuple(known.values())


def _of_mapping(
    source: Mapping[str, Any], table: str | None, schemas: Mapping[str, TableSchema], batch_bytes: int
) -> Inputs:
    if table is not None:
        raise BilatdataError("a mapping names its tables itself: leave out 'table'")
    if not source:
        raise BilatdataError("nothing to validate: expected at least one table")
    parts = [
        part for name, item in source.items() for part in resolve(item, _require_table(name, schemas), schemas).inputs
    ]
    return Inputs(tuple(parts), schemas)


def _require_table(table: str, schemas: Mapping[str, TableSchema]) -> str:
    if table in schemas:
        return table
    raise BilatdataError(
        f"no table '{table}'{did_you_mean(str(table), list(schemas))}: expected one of {', '.join(schemas)}"
    )


def _input(file: _File, table: str | None, schemas: Mapping[str, TableSchema], batch_bytes: int) -> Input:
    source = open_source(file.document, batch_bytes)
    if table is None and file.name in schemas:
        table = file.name
    if table is None:
        try:
            table = _by_header(source.names, schemas, str(file.document))
        except BilatdataError:
            if file.named:
                raise
            return Input(source, None)
    if not set(source.names) & set(schemas[table].by_name):
        raise BilatdataError(
            f"{file.document}: none of its columns ({_listed(source.names)}) belongs to '{table}': "
            f"expected a header with {_listed(schemas[table].by_name)}"
        )
    if isinstance(file.document, Piped):  # here, since a thread that waits for a pipe could not be interrupted
        file.document.wait()
    return Input(source, table)


def open_source(document: Document, batch_bytes: int = BATCH_BYTES) -> Source:
    """Open a file by its suffix, or by its first bytes where that says nothing.

    Raises:
        BilatdataError: the file cannot be read, or is neither CSV in UTF-8 nor Parquet.
    """
    suffix = document.suffix.lower()
    if suffix in (".parquet", ".pq") or (suffix != ".csv" and beginning(document, 4) == b"PAR1"):
        return ParquetFile(document)
    return CsvFile(document, batch_bytes)


def _files(path: Path) -> Iterator[_File]:
    """The files that a path stands for."""
    if str(path) == STANDARD_INPUT:
        yield _standard_input()
    elif path.is_dir():
        yield from _files_of_folder(path)
    elif not path.exists():
        raise BilatdataError(f"{path}: there is no such file or folder")
    elif path.suffix.lower() == ".json":
        yield from _files_of_package(path, path.parent)
    elif path.suffix.lower() == ".zip":
        yield from _files_of_folder(archive(path))
    elif not stat.S_ISREG(path.stat().st_mode):  # a named pipe, or what a shell gives for <(command)
        stream = path.open("rb")
        piped = Piped(stream, str(path))
        weakref.finalize(piped, stream.close)
        yield _File(piped, str(path), named=True)
    else:
        yield _File(path, path.stem, named=True)


def _standard_input() -> _File:
    if sys.stdin is None or sys.stdin.isatty():
        raise BilatdataError("standard input is a terminal: expected a table through a pipe, or name a file")
    return _File(Piped(sys.stdin.buffer, "<stdin>"), "<stdin>", named=True)


def _files_of_folder(folder: Folder) -> Iterator[_File]:
    """A folder's data package, or else the CSV and Parquet files in its `data/`, or else those in itself.

    Of a table in both formats the CSV file is judged: it is the one that people edit.
    """
    if (folder / DESCRIPTOR).is_file():
        yield from _files_of_package(folder / DESCRIPTOR, folder)
        return
    for place in (folder / "data", folder):
        inside: list[Folder] = sorted(place.iterdir(), key=lambda file: file.name) if place.is_dir() else []
        found = [file for file in inside if file.suffix.lower() in SUFFIXES and file.is_file()]
        as_csv = {file.stem for file in found if file.suffix.lower() == ".csv"}
        chosen = [file for file in found if file.suffix.lower() == ".csv" or file.stem not in as_csv]
        if chosen:
            yield from (_File(file, file.stem, named=False) for file in chosen)
            return
    raise BilatdataError(f"{folder}: holds no tables: expected CSV or Parquet files in it or in its data/")


def _files_of_package(path: Folder, folder: Folder) -> Iterator[_File]:
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
        where = f"{path}: resource '{name}'"
        paths = resource.get("path")
        relatives = [paths] if isinstance(paths, str) else paths if isinstance(paths, list) else []
        if not relatives:
            raise BilatdataError(f"{where} has no path: expected a CSV or Parquet file beside the descriptor")
        declared = _declared(resource.get("schema"), name, where, folder)
        for relative in relatives:
            yield _File(_beside(folder, str(relative), where), name, named=False, declared=declared)


def _declared(schema: Any, name: str, where: str, folder: Folder) -> _Declared | None:
    """The schema of a resource: in the descriptor, or in a file beside it."""
    if schema is None:
        return None
    content = schema if isinstance(schema, Mapping) else read_json(_beside(folder, str(schema), where))
    return _Declared(name, content, where)


def _beside(folder: Folder, relative: str, where: str) -> Folder:
    """A file that a descriptor names, which must lie in the descriptor's folder."""
    if "://" in relative:
        raise BilatdataError(f"{where} is at {relative}: nothing is fetched; download it and validate the file")
    if PurePosixPath(relative).is_absolute() or ".." in PurePosixPath(relative).parts:
        raise BilatdataError(f"{where} has the path {relative}: expected one below the descriptor's folder")
    file = folder / relative
    if not file.is_file():
        raise BilatdataError(f"{where} names {relative}, which does not exist")
    if isinstance(file, Path) and not file.resolve().is_relative_to(Path(str(folder)).resolve()):
        raise BilatdataError(f"{where} names {relative}, a link out of the folder: validate that file by itself")
    return file


def _extension(declared: _Declared, table: str | None, schemas: Mapping[str, TableSchema]) -> Extension:
    """What a descriptor adds to one of our tables, or the table of their own that it describes."""
    extension = read_extension(declared.name, declared.schema, declared.where)
    if table is None and declared.name not in schemas:
        names = extension.schema.by_name
        table = next((name for name in _most_like(names, schemas)), None)
    return replace(extension, table=table or declared.name)


def _by_header(names: Iterable[str], schemas: Mapping[str, TableSchema], what: str) -> str:
    """The one table whose fields the columns resemble most.

    Raises:
        BilatdataError: none is like it, or several are equally so.
    """
    candidates = _most_like(names, schemas)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise BilatdataError(f"{what}: could be any of {', '.join(candidates)}: {SAY_SO}")
    raise BilatdataError(f"{what}: cannot tell which table it holds: {SAY_SO}, one of {', '.join(schemas)}")


def _most_like(names: Iterable[str], schemas: Mapping[str, TableSchema]) -> list[str]:
    """The tables, most often one, whose fields the columns resemble most; none where none does by half."""
    columns = set(names)
    likeness = {name: _likeness(columns, schema) for name, schema in schemas.items()}
    best = max(likeness.values(), default=0.0)
    return [name for name, value in likeness.items() if value == best and value >= LIKENESS]


def _likeness(columns: set[str], schema: TableSchema) -> float:
    """Share of all columns, of the data or of the table, that they have in common; derived ones need not be there."""
    fields = {field.name for field in schema.fields if field.derived is None or field.name in columns}
    return len(columns & fields) / len(columns | fields) if columns else 0.0


def _listed(names: Iterable[str], most: int = 4) -> str:
    all_names = list(names)
    return ", ".join(all_names[:most]) + (" …" if len(all_names) > most else "")
