"""The tables of the installed data package as frames, files, fields and views.

Every way to a frame starts from the Parquet file, read by pyarrow, so that all of them see the same values and the same
faults. The dtypes are those of `bilatdata.contract.frames`.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

from bilatdata import package, versions
from bilatdata.contract.dictionary import field_row
from bilatdata.contract.table_schema import Field, TableSchema, read_table_schema
from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.package import DataPackage, did_you_mean
from bilatdata.sql import identifier, literal

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from bilatdata.contract.rule import Context

Backend = Literal["pandas", "polars", "arrow", "duckdb"]
BACKENDS: tuple[Backend, ...] = ("pandas", "polars", "arrow", "duckdb")

_FRAMES = ("pandas", "polars")
"""Frames that programs go through by the names of their columns."""

METADATA_KEY = "bilatdata"
"""Where a frame says what it is (table, version): in `attrs` of pandas, in the schema metadata of Arrow."""


@dataclass(frozen=True)
class TableSummary:
    """A table in one line."""

    name: str
    title: str
    description: str
    rows: int
    columns: int
    start: str | None
    """First day that its dates name, ISO; None where it has no dates."""
    end: str | None
    """Last day that its dates name, planned ones included."""


def tables() -> list[str]:
    """Names of the tables, headline tables first."""
    return package.installed().table_names


def summaries() -> list[TableSummary]:
    """One summary per table, headline tables first; reads no data."""
    data = package.installed()
    return [_summary(data.resources[name], table_schema(name)) for name in data.table_names]


def table_schema(name: str) -> TableSchema:
    """The schema of a table, parsed.

    Raises:
        BilatdataError: there is no such table.
    """
    return _parsed_schema(package.installed(), name)


@overload
def load(
    name: str,
    backend: Literal["pandas"] = "pandas",
    columns: Sequence[str] | None = None,
    *,
    labels: str | None = None,
    version: str | None = None,
    as_of: str | None = None,
    names_as_of: str | None = None,
) -> pd.DataFrame: ...
@overload
def load(
    name: str,
    backend: Literal["polars"],
    columns: Sequence[str] | None = None,
    *,
    labels: str | None = None,
    version: str | None = None,
    as_of: str | None = None,
    names_as_of: str | None = None,
) -> pl.DataFrame: ...
@overload
def load(
    name: str,
    backend: Literal["arrow"],
    columns: Sequence[str] | None = None,
    *,
    labels: str | None = None,
    version: str | None = None,
    as_of: str | None = None,
    names_as_of: str | None = None,
) -> pa.Table: ...
@overload
def load(
    name: str,
    backend: Literal["duckdb"],
    columns: Sequence[str] | None = None,
    *,
    labels: str | None = None,
    version: str | None = None,
    as_of: str | None = None,
    names_as_of: str | None = None,
) -> duckdb.DuckDBPyRelation: ...


def load(
    name: str,
    backend: Backend = "pandas",
    columns: Sequence[str] | None = None,
    *,
    labels: str | None = None,
    version: str | None = None,
    as_of: str | None = None,
    names_as_of: str | None = None,
) -> Any:
    """Load a table, or some of its columns in the order asked for.

    Dates come as datetime64[ms] (pandas), date32 (Arrow) or DATE; whole numbers stay whole and nullable; codes of an
    ordered vocabulary are an ordered category (pandas, Arrow) or an enum (polars, DuckDB); all other text is text, so
    that `NA` and leading zeros survive. EDTF dates are text: their bounds stand in `*_earliest` and `*_latest`.

    A field that was renamed is understood by its old name until the release that its warning (`FutureWarning`) names:
    among `columns`, and as a further column at the end of a whole pandas or polars frame. A cell has one value, so a
    code that was renamed comes as it is now, and the warning says so; with `names_as_of` the data of now come with the
    fields and codes called as that release called them, until the same release.

    With `labels`, the columns keep their names and hold words: codes of a vocabulary become their labels in `terms`
    (each item of a list; an ordered category keeps its order), and codes that refer to `countries` become the country's
    name. Such columns are for reading: to join or to compare between languages, load the codes.

    A pandas frame carries its origin in `attrs["bilatdata"]`, an Arrow table as JSON in the schema metadata under
    `bilatdata`: table and version, and the language of the labels if there are any. polars and DuckDB have no place for
    it; `bilatdata.__version__` gives the version.

    With `version`, the table comes as that release of the data had it, from the copy that `bilatdata.fetch` put into
    the cache; the network is not needed then. With `as_of`, it comes as that release had it too, replayed from the
    history that is part of the package (nothing is to be fetched), with the columns, types and labels of then; its
    bytes are proved by the sum that the release recorded.

    Args:
        name: name of a table, one of `tables()`.
        backend: `pandas`, `polars` (extra `polars`), `arrow` or `duckdb` (a lazy relation; extra `duckdb`).
        columns: names of columns; None loads all of them.
        labels: language of the labels, one of `label_languages()`: `en`, `es` or `ru`; None leaves the codes.
        version: a release of the data such as `0.1.0`; None is the installed one.
        as_of: the same, from the installed package's own history; not with `version` or `names_as_of`.
        names_as_of: the release for which your code was written; None is the installed one.

    Raises:
        BilatdataError: no such table, column, backend or language, a version that is not at hand, a missing extra, or a
            file that cannot be read or was altered.
    """
    if backend not in BACKENDS:
        raise BilatdataError(
            f"no backend '{backend}'{did_you_mean(str(backend), list(BACKENDS))}: expected one of {', '.join(BACKENDS)}"
        )
    from bilatdata.history.old_names import OldNames, old_names

    if as_of is not None and (version is not None or names_as_of is not None):
        raise BilatdataError("as_of goes with neither version nor names_as_of: it has the data and the names of then")
    data = versions.package_of(version)
    source = _Files(data) if as_of is None else _Replayed(data, as_of)
    schema = source.schema(name)
    old = old_names(data, schema, columns, backend in _FRAMES, names_as_of) if as_of is None else OldNames()
    for message in old.warnings:
        warnings.warn(message, FutureWarning, stacklevel=2)
    chosen = _require_columns(schema, old.asked_by_new_names(columns))
    if labels is None and backend == "duckdb" and as_of is None and not old.warnings:
        return _relation(data, name, chosen)
    table = source.read(name, chosen)
    table = _in_words(table, schema, old.codes) if labels is None else _labelled(source, table, name, labels)
    table = _named(table, old.wanted(columns, table.column_names))
    origin = {"table": name, "version": source.version} | ({} if labels is None else {"labels": labels})
    if backend == "arrow":
        return _with_origin(table, origin)
    if backend == "duckdb":
        return _relation_over(table, name)
    return _pandas_frame(table, origin) if backend == "pandas" else _polars_frame(table)


def arrow_table(name: str, columns: Sequence[str] | None = None, *, labels: str | None = None) -> pa.Table:
    """A table of the installed package as `load(..., "arrow")` gives it, with no word of old names.

    Raises:
        BilatdataError: as `load`.
    """
    source = _Files(package.installed())
    table = source.read(name, _require_columns(source.schema(name), columns))
    table = table if labels is None else _labelled(source, table, name, labels)
    return _with_origin(table, {"table": name, "version": source.version})


class _Source(Protocol):
    """Where the tables of one version come from."""

    @property
    def version(self) -> str: ...

    def schema(self, name: str) -> TableSchema: ...

    def read(self, name: str, columns: Sequence[str] | None) -> pa.Table:
        """These columns of a table in this order, with the categories of its ordered vocabularies."""


@dataclass(frozen=True)
class _Files:
    """Tables from the files of a package."""

    data: DataPackage

    @property
    def version(self) -> str:
        return self.data.version

    def schema(self, name: str) -> TableSchema:
        return _parsed_schema(self.data, name)

    def read(self, name: str, columns: Sequence[str] | None) -> pa.Table:
        return _read(self.data, name, columns)


@dataclass(frozen=True)
class _Replayed:
    """Tables as a release had them, from the history of a package."""

    data: DataPackage
    version: str

    def schema(self, name: str) -> TableSchema:
        return self._then(name)[0]

    def read(self, name: str, columns: Sequence[str] | None) -> pa.Table:
        from io import BytesIO

        from bilatdata.contract.frames import table_from_csv

        schema, content = self._then(name)
        table = table_from_csv(BytesIO(content), schema)
        return table if columns is None else table.select(columns)

    def _then(self, name: str) -> tuple[TableSchema, bytes]:
        from bilatdata.history.lives import table_as_of

        return table_as_of(self.data, name, self.version)


def _named(table: pa.Table, wanted: Sequence[tuple[str, str]]) -> pa.Table:
    """These columns under these names: pairs of a column and what to call it."""
    return table.select([column for column, _ in wanted]).rename_columns([name for _, name in wanted])


def label_languages() -> list[str]:
    """Languages in which every vocabulary has labels and every country a name, as two-letter codes."""
    return _label_languages(_Files(package.installed()))


def _label_languages(source: _Source) -> list[str]:
    labels = (name for name in source.schema("terms").by_name if name.startswith("label_"))
    return [name.removeprefix("label_") for name in labels if _has_names(source, name.removeprefix("label_"))]


def require_language(language: str) -> str:
    """The language itself, if there are labels in it.

    Raises:
        BilatdataError: there are none; the message says in which languages there are.
    """
    return _require_language(_Files(package.installed()), language)


def _require_language(source: _Source, language: str) -> str:
    known = _label_languages(source)
    if language in known:
        return language
    names = f" (but country names: column name_{language} of countries)" if _has_names(source, language) else ""
    raise BilatdataError(f"no labels in '{language}'{names}: expected one of {', '.join(known)}")


def _has_names(source: _Source, language: str) -> bool:
    return f"name_{language}" in source.schema("countries").by_name


def with_labels(table: pa.Table, name: str, language: str) -> pa.Table:
    """An Arrow table of rows of the table `name` with labels in the place of codes, as `load` describes them.

    Raises:
        BilatdataError: there are no labels in this language.
    """
    return _labelled(_Files(package.installed()), table, name, language)


def _labelled(source: _Source, table: pa.Table, name: str, language: str) -> pa.Table:
    """The table with the labels that its source has for codes, and its names of countries."""
    schema = source.schema(name)
    _require_language(source, language)
    vocabularies: dict[str, dict[str, str]] = {}
    for term in source.read("terms", ["vocabulary", "code", f"label_{language}"]).to_pylist():
        vocabularies.setdefault(term["vocabulary"], {})[term["code"]] = term[f"label_{language}"] or term["code"]
    names = source.read("countries", ["country_code", f"name_{language}"]).to_pydict()
    countries = dict(zip(names["country_code"], names[f"name_{language}"], strict=True))
    refers = {key.fields[0] for key in schema.foreign_keys if key.table == "countries" and len(key.fields) == 1}
    words = dict.fromkeys(refers, countries)
    coded = {field.name: vocabularies.get(field.vocabulary) for field in schema.fields if field.vocabulary}
    return _in_words(table, schema, words | {name: labels for name, labels in coded.items() if labels})


def _in_words(table: pa.Table, schema: TableSchema, words: Mapping[str, Mapping[str, str]]) -> pa.Table:
    """The table with other words for codes, by column: for each item of a list; ordered categories keep their order."""
    import pyarrow as pa

    from bilatdata.contract.frames import is_category

    for index, field in enumerate(schema.by_name[name] for name in table.column_names):
        if not (known := words.get(field.name)):
            continue
        cells = [_in_word(cell, field, known) for cell in table.column(index).to_pylist()]
        if is_category(field):
            categories = [known.get(code, code) for code in field.enum or ()]
            positions = pa.array([None if cell is None else categories.index(cell) for cell in cells], pa.int8())
            column = pa.DictionaryArray.from_arrays(positions, pa.array(categories, pa.string()), ordered=True)
        else:
            column = pa.array(cells, pa.string())
        table = table.set_column(index, field.name, column)
    return table


def _in_word(cell: str | None, field: Field, words: Mapping[str, str]) -> str | None:
    if cell is None:
        return None
    parts = cell.split(field.separator) if field.separator else [cell]
    return (field.separator or "").join(words.get(part, part) for part in parts)


def describe(name: str) -> pd.DataFrame:
    """The fields of a table, one row each, in the order of the columns; all cells are text but `required` (bool).

    Columns: name, type (of Table Schema), format (`EDTF`, `list separated by ;` or empty), unit, vocabulary, required,
    key (`primary key`, the `table.field` that it refers to, or empty), title, description, codes (the codes that the
    vocabulary allows, in its order, joined by `, `). `attrs["bilatdata"]` says table and version. In a notebook it
    shows as a data dictionary.

    Raises:
        BilatdataError: there is no such table.
    """
    from bilatdata.html.description import described

    schema = table_schema(name)
    rows = [field_row(field, schema) for field in schema.fields]
    frame = described(rows, schema.title, schema.description)
    frame.attrs[METADATA_KEY] = _origin(package.installed(), name)
    return frame


def path(name: str, format: Literal["csv", "parquet"] = "csv") -> Path:
    """Path of a table's file inside the installed package.

    Raises:
        BilatdataError: there is no such table or format, or the file is missing.
    """
    return package.installed().data_path(name, format)


@overload
def schema(name: str, as_: Literal["dict"] = "dict") -> dict[str, Any]: ...
@overload
def schema(name: str, as_: Literal["pandera"], backend: Literal["pandas", "polars"] = "pandas") -> Any: ...


def schema(name: str, as_: Literal["dict", "pandera"] = "dict", backend: Literal["pandas", "polars"] = "pandas") -> Any:
    """The Table Schema of a table as a dict, or a pandera schema compiled from it for pipelines of your own.

    The pandera schema judges types, constraints, the primary key, EDTF dates and the rules on single rows; each check
    is titled with the code of its rule. Foreign keys and rules on whole tables take `bilatdata.validate`.

    Args:
        name: the table.
        as_: `dict`, or `pandera`.
        backend: kind of frames that the pandera schema validates, as for `load`.

    Raises:
        BilatdataError: no such table, form or backend, or the extra `validate` is missing for pandera.
    """
    if as_ == "dict":
        return package.installed().schema(name)
    if as_ != "pandera":
        raise BilatdataError(f"no schema form '{as_}': expected one of dict, pandera")
    if backend not in ("pandas", "polars"):
        raise BilatdataError(f"no backend '{backend}' for pandera: expected one of pandas, polars")
    table = table_schema(name)
    try:
        import pandera.polars  # noqa: F401
    except ImportError as error:
        raise missing_extra("validate", "schema(..., as_='pandera')") from error
    from bilatdata.contract.pandera_pandas import pandas_schema
    from bilatdata.contract.pandera_schema import polars_schema
    from bilatdata.contract.rules import CATALOGUE

    make = pandas_schema if backend == "pandas" else polars_schema
    return make(table, CATALOGUE, _rule_context())


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory with every table as a view over its Parquet file; nothing is downloaded.

    Ordered vocabularies are enum types named like the vocabulary: `ORDER BY` follows their order, and a comparison
    needs the cast, as in `confidence_code >= 'medium'::confidence`. Views and columns carry their descriptions as
    comments, and `getvariable('bilatdata_version')` gives the version of the data.

    Raises:
        BilatdataError: the extra `duckdb` is missing, or an installed file cannot be read.
    """
    data, connection = package.installed(), _empty_database()
    connection.execute(f"SET VARIABLE bilatdata_version = {literal(data.version)}")
    for name in data.table_names:
        _create_view(connection, data, name)
    return connection


def _rule_context() -> Context:
    """What rules may know of the installed package: day of the release, vocabularies, schemas."""
    from bilatdata.contract.rule import Context

    data = package.installed()
    codes: dict[str, set[str]] = {}
    for term in arrow_table("terms", ["vocabulary", "code"]).to_pylist():
        codes.setdefault(term["vocabulary"], set()).add(term["code"])
    return Context(
        as_of=date.fromisoformat(data.descriptor["created"][:10]),
        vocabularies={vocabulary: frozenset(members) for vocabulary, members in codes.items()},
        schemas={name: table_schema(name) for name in data.table_names},
    )


def _summary(resource: dict[str, Any], schema: TableSchema) -> TableSummary:
    period = resource.get("temporal", {})
    return TableSummary(
        name=schema.name,
        title=schema.title,
        description=schema.description,
        rows=resource["rowCount"],
        columns=len(schema.fields),
        start=period.get("start"),
        end=period.get("end"),
    )


@lru_cache(maxsize=64)
def _parsed_schema(data: DataPackage, name: str) -> TableSchema:
    return read_table_schema(data.schema(name))


def _require_columns(schema: TableSchema, columns: Sequence[str] | None) -> list[str] | None:
    if columns is None:
        return None
    wanted = [columns] if isinstance(columns, str) else list(dict.fromkeys(columns))
    known = list(schema.by_name)
    for column in wanted:
        if column not in known:
            nearest = did_you_mean(column, known)
            raise BilatdataError(f"no column '{column}' in {schema.name}{nearest}: expected some of {', '.join(known)}")
    return wanted


def _read(data: DataPackage, name: str, columns: Sequence[str] | None) -> pa.Table:
    """The table as it lies in its Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from bilatdata.contract.frames import category_column, is_category

    schema = _parsed_schema(data, name)
    file = pq.ParquetFile(pa.BufferReader(data.verified_bytes(name, "parquet")))
    if file.schema_arrow.names != list(schema.by_name):
        raise BilatdataError(f"{data.data_path(name, 'parquet')}: has other columns than its schema: {data.mend}")
    # One thread: for tables of this size handing work to others costs more than it saves.
    table = file.read(columns and list(columns), use_threads=False)
    table = table if columns is None else table.select(columns)
    for index, field in enumerate(schema.by_name[column] for column in table.column_names):
        if is_category(field):
            table = table.set_column(index, field.name, category_column(table.column(index), field.enum or ()))
    return table


def _origin(data: DataPackage, name: str) -> dict[str, str]:
    return {"table": name, "version": data.version}


def _with_origin(table: pa.Table, origin: Mapping[str, str]) -> pa.Table:
    return table.replace_schema_metadata({**(table.schema.metadata or {}), METADATA_KEY: json.dumps(origin)})


def _pandas_frame(table: pa.Table, origin: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=nullable.get, date_as_object=False, use_threads=False)
    frame.attrs[METADATA_KEY] = dict(origin)
    return frame


def _polars_frame(table: pa.Table) -> pl.DataFrame:
    try:
        import polars as pl
    except ImportError as error:
        raise missing_extra("polars", "load(..., backend='polars')") from error
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(pl.col(name).cast(pl.Enum(codes)) for name, codes in _categories(table).items())


def _categories(table: pa.Table) -> dict[str, list[str]]:
    """The categories of each column that has some, from least to most."""
    import pyarrow as pa

    ordered = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    return {name: table.column(name).chunk(0).dictionary.to_pylist() for name in ordered}


def _relation_over(table: pa.Table, name: str) -> duckdb.DuckDBPyRelation:
    """A relation over an Arrow table; its categories are enums."""
    connection = _empty_database()
    connection.register(name, table)
    casts = []
    for column, words in _categories(table).items():
        enum = f"ENUM ({', '.join(map(literal, words))})"
        casts.append(f"CAST({identifier(column)} AS {enum}) AS {identifier(column)}")
    replaced = f" REPLACE ({', '.join(casts)})" if casts else ""
    return connection.sql(f"SELECT *{replaced} FROM {identifier(name)}")


def _relation(data: DataPackage, name: str, columns: list[str] | None) -> duckdb.DuckDBPyRelation:
    connection = _empty_database()
    _create_view(connection, data, name)
    chosen = "*" if columns is None else ", ".join(map(identifier, columns))
    return connection.sql(f"SELECT {chosen} FROM {identifier(name)}")


def _empty_database() -> duckdb.DuckDBPyConnection:
    try:
        import duckdb
    except ImportError as error:
        raise missing_extra("duckdb", "connecting to the tables with DuckDB") from error
    return duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})


def _create_view(connection: duckdb.DuckDBPyConnection, data: DataPackage, name: str) -> None:
    import glob

    from bilatdata.contract.frames import is_category

    data.verified_bytes(name, "parquet")
    source, schema = data.data_path(name, "parquet"), _parsed_schema(data, name)
    casts = []
    for field in filter(is_category, schema.fields):
        enum = identifier(field.vocabulary or f"{name}_{field.name}")
        codes = ", ".join(map(literal, field.enum or ()))
        connection.execute(f"CREATE TYPE IF NOT EXISTS {enum} AS ENUM ({codes})")
        casts.append(f"CAST({identifier(field.name)} AS {enum}) AS {identifier(field.name)}")
    replaced = f" REPLACE ({', '.join(casts)})" if casts else ""
    view = identifier(name)
    connection.execute(
        f"CREATE VIEW {view} AS SELECT *{replaced} FROM read_parquet({literal(glob.escape(str(source)))})"
    )
    connection.execute(f"COMMENT ON VIEW {view} IS {literal(schema.description)}")
    for field in schema.fields:
        connection.execute(f"COMMENT ON COLUMN {view}.{identifier(field.name)} IS {literal(field.description)}")
