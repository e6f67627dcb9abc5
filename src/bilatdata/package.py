"""Where the data lies: the descriptor, the schemas and the files of a data package on disk."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bilatdata.errors import BilatdataError

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Mapping

DESCRIPTOR = "datapackage.json"
FORMATS = ("csv", "parquet")
MOST_JSON = 64 << 20


@dataclass(frozen=True)
class DataPackage:
    """A folder with a `datapackage.json`, its `data/` and its `schemas/`."""

    root: Path
    mend: str = (
        "reinstall it with 'pip install --force-reinstall bilatdata', or run 'bilatdata build' in its repository"
    )
    """How to mend the package where a file is missing or was altered."""

    @cached_property
    def descriptor(self) -> dict[str, Any]:
        """The content of `datapackage.json`.

        Raises:
            BilatdataError: the file is missing, or is not JSON.
        """
        return read_json(self.root / DESCRIPTOR)

    @property
    def version(self) -> str:
        """Version of the data, which is also the version of the code that ships with it.

        Raises:
            BilatdataError: the descriptor has none, or cannot be read.
        """
        version = self.descriptor.get("version")
        if not isinstance(version, str):
            raise BilatdataError(f"{self.root / DESCRIPTOR}: has no version: expected text such as 1.0.0")
        return version

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources of the descriptor by table name, in the order of the descriptor.

        Raises:
            BilatdataError: the descriptor has none, one has no name, or the descriptor cannot be read.
        """
        resources = self.descriptor.get("resources")
        if not isinstance(resources, list) or not resources:
            raise BilatdataError(f"{self.root / DESCRIPTOR}: has no resources: expected a data package with tables")
        for number, resource in enumerate(resources, start=1):
            if not isinstance(resource, dict) or not isinstance(resource.get("name"), str):
                raise BilatdataError(f"{self.root / DESCRIPTOR}: resource {number} has no name: expected one per table")
        return {resource["name"]: resource for resource in resources}

    @property
    def table_names(self) -> list[str]:
        """Names of the tables, headline tables first."""
        return list(self.resources)

    def require_table(self, name: str) -> str:
        """The name itself, if there is such a table.

        Raises:
            BilatdataError: there is none; the message names the nearest one.
        """
        if name in self.resources:
            return name
        raise BilatdataError(
            f"no table '{name}'{did_you_mean(name, self.table_names)}: expected one of {', '.join(self.table_names)}"
        )

    def schema(self, table: str) -> dict[str, Any]:
        """The Table Schema of a table as a fresh dict.

        Raises:
            BilatdataError: there is no such table, or the file is missing or is not JSON.
        """
        self.require_table(table)
        return read_json(self._require_file(self.root / "schemas" / f"{table}.json"))

    def data_path(self, table: str, format: str = "parquet") -> Path:
        """Path of a table's file.

        Raises:
            BilatdataError: there is no such table or format, or the file is missing.
        """
        self.require_table(table)
        if format not in FORMATS:
            raise BilatdataError(f"no format '{format}': expected one of {', '.join(FORMATS)}")
        return self._require_file(self.root / "data" / f"{table}.{format}")

    def verified_bytes(self, table: str, format: str) -> bytes:
        """The bytes of a table's file, once their hash is found to be the one in the descriptor.

        A damaged Parquet file often still reads, with other values; the hash tells, and costs little beside reading.

        Raises:
            BilatdataError: no such table or format, or the file is missing, cannot be read or was altered.
        """
        source = self.data_path(table, format)
        try:
            content = source.read_bytes()
        except OSError as error:
            raise BilatdataError(f"{source}: cannot be read ({error.strerror or error})") from error
        resource = self.resources[table]
        declared = {entry.get("format"): entry.get("hash") for entry in (resource, *resource.get("alternates", ()))}
        if declared.get(format) != content_hash(content):
            raise BilatdataError(
                f"{source}: was altered or cut short (its SHA-256 is not the one in {DESCRIPTOR}): {self.mend}"
            )
        return content

    def _require_file(self, path: Path) -> Path:
        if not path.is_file():
            raise BilatdataError(f"{path} is missing from the data package: {self.mend}")
        return path


def read_json(path: Path | zipfile.Path) -> dict[str, Any]:
    """Read a JSON object of at most `MOST_JSON` bytes.

    Raises:
        BilatdataError: the file is missing, unreadable, too large or not a JSON object.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_JSON + 1)
    except (OSError, RuntimeError, NotImplementedError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise BilatdataError(f"{path}: cannot be read ({reason or error})") from error
    if len(text) > MOST_JSON:
        raise BilatdataError(f"{path}: has more than {MOST_JSON >> 20} MiB: expected a description of tables")
    try:
        content = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BilatdataError(f"{path}: is not JSON in UTF-8 ({error})") from error
    if not isinstance(content, dict):
        raise BilatdataError(f"{path}: expected a JSON object, found {type(content).__name__}")
    return content


@lru_cache(maxsize=1)
def installed() -> DataPackage:
    """The data package that came with this installation.

    A wheel holds it inside the package; an editable install leaves it at the root of the repository.

    Raises:
        BilatdataError: it is in neither place.
    """
    here = Path(__file__).resolve().parent
    for root in (here / "_dp", here.parents[1]):
        if (root / DESCRIPTOR).is_file():
            return DataPackage(root)
    raise BilatdataError(
        f"the data files of bilatdata are not beside {here}: install it with pip (it cannot run from inside a zip file)"
    )


def rule_examples() -> Path:
    """The folder of the rules' failing and passing examples, a subfolder per code; the tests' fixtures are the same."""
    root = installed().root
    packaged = root / "rules"
    return packaged if packaged.is_dir() else root / "tests" / "fixtures" / "rules"


def content_hash(content: bytes) -> str:
    """SHA-256 of a file's content as Data Package v2 writes it: `sha256:` and hexadecimal digits."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def file_entry(table: str, format: str, media_type: str, content: bytes) -> dict[str, Any]:
    """What a descriptor says of a table's file: path, format, media type, bytes and hash."""
    return {
        "path": f"data/{table}.{format}",
        "format": format,
        "mediatype": media_type,
        "bytes": len(content),
        "hash": content_hash(content),
    }


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """JSON as a data package writes it: UTF-8, two spaces, a newline at the end."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def did_you_mean(name: str, known: list[str]) -> str:
    """` (did you mean 'x'?)` for the nearest known name in either case, or nothing."""
    from difflib import get_close_matches

    as_written = {known_name.lower(): known_name for known_name in known}
    nearest = get_close_matches(name.lower(), as_written, n=1)
    return f" (did you mean '{as_written[nearest[0]]}'?)" if nearest else ""
