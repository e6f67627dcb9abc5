"""What the descriptor and the schemas say of the package, read once for all metadata formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bilatdata.contract.table_schema import TableSchema, read_table_schema
from bilatdata.package import DataPackage

LANGUAGE_NAMES = {"en": "English"}


@dataclass(frozen=True)
class Named:
    """A thing with a name and an address: a licence, a theme."""

    title: str
    path: str
    name: str = ""


@dataclass(frozen=True)
class File:
    """One file of a table."""

    path: str
    """Relative to the descriptor."""
    format: str
    media_type: str
    bytes: int
    sha256: str
    """Hexadecimal digits."""


@dataclass(frozen=True)
class Table:
    """One table: its schema and its files, the CSV file first."""

    schema: TableSchema
    schema_path: str
    files: tuple[File, ...]
    rows: int
    start: str | None
    """First day that its dates name, ISO; None where it has no dates."""
    end: str | None

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.schema.name


@dataclass(frozen=True)
class Facts:
    """The whole package."""

    name: str
    title: str
    description: str
    version: str
    released: str
    """Day of the release, ISO."""
    keywords: tuple[str, ...]
    licence: Named
    creators: tuple[str, ...]
    publisher: str
    themes: tuple[Named, ...]
    """Concepts of the EU data theme vocabulary."""
    places: tuple[str, ...]
    language: str
    """Two-letter code of the language of the descriptions and most text cells."""
    start: str
    """First day that the dates of any table name, ISO; of the whole package where no table described has dates."""
    end: str
    """Last day that the dates of any table name, planned ones included, ISO; likewise."""
    tables: tuple[Table, ...]

    @property
    def key(self) -> str:
        """Name and version in one word; the identifier of a package that has no address and no DOI."""
        return f"{self.name}-{self.version}"


def read_facts(package: DataPackage) -> Facts:
    """Read the descriptor and the schemas of a package.

    Raises:
        BilatdataError: the descriptor or a schema cannot be read.
    """
    schemas = {name: package.schema(name) for name in package.table_names}
    return facts_of(package.descriptor, schemas)


def facts_of(descriptor: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]]) -> Facts:
    """The facts in a descriptor and in its schemas, by table name."""
    contributors = descriptor["contributors"]
    licence = descriptor["licenses"][0]
    tables = tuple(
        _table(resource, read_table_schema(schemas[resource["name"]])) for resource in descriptor["resources"]
    )
    whole = descriptor.get("temporal", {})
    return Facts(
        name=descriptor["name"],
        title=descriptor["title"],
        description=descriptor["description"],
        version=descriptor["version"],
        released=descriptor["created"][:10],
        keywords=tuple(descriptor["keywords"]),
        licence=Named(licence["title"], licence["path"], licence["name"]),
        creators=tuple(_with_role(contributors, "creator")),
        publisher=_with_role(contributors, "publisher")[0],
        themes=tuple(Named(theme["title"], theme["path"]) for theme in descriptor.get("themes", ())),
        places=tuple(descriptor.get("spatial", ())),
        language=descriptor.get("languages", ["en"])[0],
        start=min((table.start for table in tables if table.start), default=whole.get("start", "..")),
        end=max((table.end for table in tables if table.end), default=whole.get("end", "..")),
        tables=tables,
    )


def _with_role(contributors: list[Mapping[str, Any]], role: str) -> list[str]:
    """The names of the contributors with a role, or of all where none has it."""
    chosen = [person for person in contributors if role in person.get("roles", ())]
    return [person["title"] for person in chosen or contributors]


def _table(resource: Mapping[str, Any], schema: TableSchema) -> Table:
    period = resource.get("temporal", {})
    return Table(
        schema=schema,
        schema_path=resource["schema"],
        files=tuple(_file(entry) for entry in (resource, *resource.get("alternates", ()))),
        rows=resource["rowCount"],
        start=period.get("start"),
        end=period.get("end"),
    )


def _file(entry: Mapping[str, Any]) -> File:
    return File(
        entry["path"], entry["format"], entry["mediatype"], entry["bytes"], entry["hash"].removeprefix("sha256:")
    )
