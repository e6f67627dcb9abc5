"""A version of the package, wherever it lies: a folder, a zip, a wheel, a release known here, a git revision."""

from __future__ import annotations

import json
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bilatdata.contract.table_schema import TableSchema, read_table_schema
from bilatdata.errors import BilatdataError
from bilatdata.package import DESCRIPTOR, MOST_JSON, content_hash

Reader = Callable[[str], bytes]
"""Gives the bytes of a file by its name in the package; a KeyError where there is none."""
ARCHIVES = (".zip", ".whl")
MOST_UNPACKED = 4 << 30
"""Bytes to which a member of an archive may unpack."""


@dataclass(frozen=True)
class PackageVersion:
    """One version of a data package, opened for reading."""

    place: str
    """What to call it in messages: a path, a version, a git revision."""
    read_file: Reader
    sealed: bool = False
    """Whether its tables must be those that its descriptor names by their hashes: true of all but folders, in which
    people are at work."""

    def file(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            BilatdataError: there is none, or it cannot be read.
        """
        try:
            return self.read_file(name)
        except KeyError:
            raise BilatdataError(
                f"{self.place}: has no {name}: expected a data package with {DESCRIPTOR}, schemas/ and data/"
            ) from None

    def optional_file(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none.

        Raises:
            BilatdataError: it cannot be read.
        """
        try:
            return self.read_file(name)
        except KeyError:
            return None

    @cached_property
    def descriptor(self) -> dict[str, Any]:
        """The content of `datapackage.json`.

        Raises:
            BilatdataError: it is missing or no JSON object, or has no name, version or tables.
        """
        descriptor = self._json(DESCRIPTOR)
        for word in ("name", "version"):
            if not isinstance(descriptor.get(word), str):
                raise BilatdataError(f"{self.place}: its {DESCRIPTOR} has no {word}: expected a version of a package")
        resources = descriptor.get("resources")
        if not isinstance(resources, list) or not resources:
            raise BilatdataError(f"{self.place}: its {DESCRIPTOR} has no resources: expected a package with tables")
        for number, resource in enumerate(resources, start=1):
            if not isinstance(resource, dict) or not isinstance(resource.get("name"), str):
                raise BilatdataError(f"{self.place}: resource {number} of its {DESCRIPTOR} has no name")
        return descriptor

    @property
    def name(self) -> str:
        """Name of the package."""
        return str(self.descriptor["name"])

    @property
    def version(self) -> str:
        """The version that it declares."""
        return str(self.descriptor["version"])

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources of the descriptor by table, in its order."""
        return {resource["name"]: resource for resource in self.descriptor["resources"]}

    def schema_document(self, table: str) -> dict[str, Any]:
        """The Table Schema of a table as it is written.

        Raises:
            BilatdataError: it is missing, or is no Table Schema.
        """
        declared = self.resources[table].get("schema")
        if isinstance(declared, dict):
            document = declared
        else:
            document = self._json(declared if isinstance(declared, str) else f"schemas/{table}.json")
        fields = document.get("fields")
        if not isinstance(fields, list) or not all(
            isinstance(field, dict) and isinstance(field.get("name"), str) for field in fields
        ):
            raise BilatdataError(
                f"{self.place}: the schema of {table} cannot be read: expected a Table Schema with named fields"
            )
        return document

    def schema(self, table: str) -> TableSchema:
        """The schema of a table, parsed.

        Raises:
            BilatdataError: it is missing, or is no Table Schema.
        """
        document = {"name": table, **self.schema_document(table)}
        try:
            return read_table_schema(document)
        except (KeyError, TypeError, AttributeError) as error:
            raise BilatdataError(
                f"{self.place}: the schema of {table} cannot be read ({type(error).__name__}: {error}): "
                "expected a Table Schema"
            ) from error

    def table_file(self, table: str) -> tuple[str, bytes]:
        """Format and bytes of a table: its CSV file, or its Parquet file where it has no other.

        Raises:
            BilatdataError: it has neither, or a sealed package's file is not the one that the descriptor names.
        """
        resource = self.resources[table]
        entries = [entry for entry in (resource, *resource.get("alternates", ())) if isinstance(entry.get("path"), str)]
        for entry in entries or [{"path": f"data/{table}.csv"}]:
            format = Path(entry["path"]).suffix.removeprefix(".")
            content = self.optional_file(entry["path"]) if format in ("csv", "parquet") else None
            if content is not None:
                if self.sealed and entry.get("hash") not in (None, content_hash(content)):
                    raise BilatdataError(
                        f"{self.place}: {entry['path']} was altered or cut short (its SHA-256 is not the one in "
                        f"{DESCRIPTOR}): get the archive again"
                    )
                return format, content
        raise BilatdataError(f"{self.place}: has no file of the table {table}: expected data/{table}.csv")

    def _json(self, name: str) -> dict[str, Any]:
        content = self.file(name)
        try:
            document = json.loads(content[: MOST_JSON + 1].decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise BilatdataError(f"{self.place}: {name} is not JSON in UTF-8 ({error})") from error
        if not isinstance(document, dict):
            raise BilatdataError(f"{self.place}: {name} holds a {type(document).__name__}: expected a JSON object")
        return document


def of_folder(root: Path) -> PackageVersion:
    """The version that lies in a folder, as its files are now."""

    def read(name: str) -> bytes:
        path = root / name
        if not path.is_file():
            raise KeyError(name)
        try:
            return path.read_bytes()
        except OSError as error:
            raise BilatdataError(f"{path}: cannot be read ({error.strerror or error})") from error

    return PackageVersion(str(root), read)


def of_archive(path: Path) -> PackageVersion:
    """The version in a zip archive or a wheel: where its uppermost `datapackage.json` lies.

    Raises:
        BilatdataError: it is no zip archive, a damaged one, or holds no data package.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise BilatdataError(f"{path}: is no zip archive or wheel that can be read ({error}): get it again") from error
    members = {info.filename: info for info in archive.infolist()}
    inside = [name for name in members if Path(name).name == DESCRIPTOR]
    if not inside:
        raise BilatdataError(f"{path}: holds no {DESCRIPTOR}: expected an archive of a data package")
    prefix = min(inside, key=lambda name: (name.count("/"), name)).removesuffix(DESCRIPTOR)

    @cache
    def read(name: str) -> bytes:
        info = members[prefix + name]
        if info.file_size > MOST_UNPACKED:
            raise BilatdataError(f"{path}: {name} would unpack to {info.file_size:,} bytes: unpack it yourself")
        try:
            return archive.read(info)
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise BilatdataError(
                f"{path}: {name} was altered or is damaged ({error}): get the archive again"
            ) from error

    return PackageVersion(str(path), read, sealed=True)


def of_revision(revision: str, repository: Path) -> PackageVersion:
    """The version that a git revision of the repository holds.

    Raises:
        BilatdataError: there is no repository or git, no such revision (a shallow clone is named as such), or it holds
            no data package.
    """
    if revision.startswith("-") or not (
        commit := _git(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    ):
        raise BilatdataError(_no_revision(revision, repository))
    root = (_git(repository, "rev-parse", "--show-prefix") or b"").decode().strip()
    name = commit.decode().strip()
    top = "" if _git(repository, "cat-file", "-e", f"{name}:{root}{DESCRIPTOR}") is None else root

    @cache
    def read(file: str) -> bytes:
        content = _git(repository, "show", f"{name}:{top}{file}")
        if content is None:
            raise KeyError(file)
        return content

    return PackageVersion(revision, read, sealed=False)


def is_revision(revision: str, repository: Path) -> bool:
    """Whether git knows the revision in this repository."""
    if revision.startswith("-"):
        return False
    return bool(_git(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"))


def _no_revision(revision: str, repository: Path) -> str:
    wanted = "expected a folder, a zip, a wheel, a version or a git revision"
    shallow = _git(repository, "rev-parse", "--is-shallow-repository")
    if shallow is None:
        return f"{revision}: no such file or folder, and {repository} is in no git repository: {wanted}"
    if shallow.strip() == b"true":
        return (
            f"{revision}: no such file or folder, and no revision in this shallow clone: "
            "'git fetch --unshallow --tags' gets the rest, and releases are known by their number alone"
        )
    return f"{revision}: no such file or folder, and git knows no such revision: {wanted}"


def _git(repository: Path, *arguments: str) -> bytes | None:
    """What git prints; None where it fails.

    Raises:
        BilatdataError: git is not installed.
    """
    try:
        done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise BilatdataError(
            f"{arguments[-1]}: no such file or folder, and git is not installed to look further"
        ) from error
    return done.stdout if done.returncode == 0 else None


def of_files(place: str, files: Mapping[str, bytes]) -> PackageVersion:
    """A version held in memory, by the names of its files."""
    return PackageVersion(place, files.__getitem__, sealed=True)
