"""The releases, and every one of them again: the register, the changes of each, and the data that follow from them.

`changes/releases.toml` lists the releases with the SHA-256 of each table; `changes/<version>.jsonl` tells every change
since the one before, and of the first one everything. So any release is replayed from the first line on, and its sums
prove that it came out right: neither git nor an archive is needed. `build` packs the change files into
`changes/history.parquet`, which is what an installed package has.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from bilatdata.contract.canonical import csv_bytes
from bilatdata.errors import BilatdataError
from bilatdata.history.changes import Change, read_line
from bilatdata.history.opened import PackageVersion, of_files
from bilatdata.history.replay import State, replay
from bilatdata.package import DESCRIPTOR, DataPackage
from bilatdata.versions import require_version, version_key

FOLDER = "changes"
REGISTER = f"{FOLDER}/releases.toml"
HISTORY = f"{FOLDER}/history.parquet"


@dataclass(frozen=True)
class Release:
    """A release, as the register has it."""

    version: str
    date: date
    commit: str
    """The commit whose data it holds; empty where it was recorded before it was committed."""
    tables: Mapping[str, str]
    """SHA-256 of the canonical CSV file of each table, in the order of the tables."""


def releases(data: DataPackage) -> tuple[Release, ...]:
    """The releases of a package, oldest first; none where it keeps no register.

    Raises:
        BilatdataError: the register cannot be read.
    """
    path = data.root / REGISTER
    if not path.is_file():
        return ()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("release", [])
        found = tuple(_release(entry) for entry in entries)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BilatdataError(
            f"{path}: cannot be read ({error}): expected [[release]] with version, date, tables"
        ) from error
    keys = [version_key(require_version(release.version)) for release in found]
    if keys != sorted(set(keys)):
        raise BilatdataError(f"{path}: has releases twice or out of order: expected the oldest first")
    return found


def _release(entry: Mapping[str, Any]) -> Release:
    day = entry["date"]
    if not isinstance(day, date):
        raise TypeError(f"date of {entry['version']} is {day!r}")
    return Release(entry["version"], day, entry.get("commit", ""), dict(entry["tables"]))


def require_release(data: DataPackage, version: str) -> Release:
    """The release of this number.

    Raises:
        BilatdataError: there is none; the message says which there are.
    """
    known = {release.version: release for release in releases(data)}
    if require_version(version) not in known:
        there = f"there are {', '.join(known)}" if known else "the package keeps no list of releases"
        raise BilatdataError(f"no release {version}: {there}")
    return known[version]


def history(data: DataPackage) -> tuple[tuple[str, Change], ...]:
    """Every change of every release, oldest first, each with the version that brought it.

    Raises:
        BilatdataError: the change files cannot be read.
    """
    return _history(data, _written(data))


def _written(data: DataPackage) -> tuple[tuple[str, int, int], ...]:
    """When the files of changes were last written: what is read from them is kept until they are written again."""
    files = sorted((data.root / FOLDER).glob("*")) if (data.root / FOLDER).is_dir() else []
    return tuple((path.name, (found := path.stat()).st_mtime_ns, found.st_size) for path in files)


@lru_cache(maxsize=4)
def _history(data: DataPackage, written: tuple[tuple[str, int, int], ...]) -> tuple[tuple[str, Change], ...]:
    if (data.root / HISTORY).is_file() and not any((data.root / FOLDER).glob("*.jsonl")):
        lines = enumerate(packed_lines(data), start=1)
        return tuple((version, read_line(line, f"{data.root / HISTORY}: row {row}")) for row, (version, line) in lines)
    return tuple(
        (release.version, change) for release in releases(data) for change in read_changes(data, release.version)
    )


def read_changes(data: DataPackage, version: str) -> Iterator[Change]:
    """The changes that a release brought, from its change file.

    Raises:
        BilatdataError: the file is missing or cannot be read.
    """
    name = f"{FOLDER}/{version}.jsonl"
    try:
        text = (data.root / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BilatdataError(
            f"{data.root / name}: cannot be read ({error}): every release has its change file"
        ) from error
    for number, line in enumerate(text.splitlines(), start=1):
        yield read_line(line, f"{data.root / name}:{number}")


def packed(all_changes: Iterable[tuple[str, Change]]) -> bytes:
    """The changes as a Parquet file: the version of each, and its line."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    versions, lines = [], []
    for version, change in all_changes:
        versions.append(version)
        lines.append(change.line())
    buffer = io.BytesIO()
    table = pa.table({"version": pa.array(versions, pa.string()), "line": pa.array(lines, pa.string())})
    # Lines hardly ever repeat, so a dictionary of them would only cost.
    pq.write_table(table, buffer, compression="zstd", compression_level=9, use_dictionary=["version"])
    return buffer.getvalue()


def packed_lines(data: DataPackage) -> Iterator[tuple[str, str]]:
    """The packed changes, oldest first: version and line of each; none where nothing was packed.

    Raises:
        BilatdataError: the file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = data.root / HISTORY
    if not path.is_file():
        return
    try:
        table = pq.read_table(path)
        columns = [table.column(name).to_pylist() for name in ("version", "line")]
    except (OSError, KeyError, pa.ArrowException) as error:
        raise BilatdataError(
            f"{path}: cannot be read ({error}): reinstall the package, or run 'bilatdata build'"
        ) from error
    yield from zip(*columns, strict=True)


def state_of(data: DataPackage, version: str) -> State:
    """All tables as a release had them, replayed; not to be changed, for it is kept.

    Raises:
        BilatdataError: there is no such release, or its changes cannot be read or do not follow from one another.
    """
    return _state_of(data, version, _written(data))


@lru_cache(maxsize=4)
def _state_of(data: DataPackage, version: str, written: tuple[tuple[str, int, int], ...]) -> State:
    last = version_key(require_release(data, version).version)
    return replay(pair for pair in history(data) if version_key(pair[0]) <= last)


def released_version(data: DataPackage, version: str) -> PackageVersion:
    """A release as an opened version, its tables proved by the sums of the register.

    Raises:
        BilatdataError: there is no such release, or what follows from its changes is not what it was.
    """
    release, state = require_release(data, version), state_of(data, version)
    if set(state) != set(release.tables):
        raise BilatdataError(f"{data.root / REGISTER}: release {version} has other tables than its changes give")
    files = {f"data/{name}.csv": csv_of(state, name) for name in release.tables}
    for name, wanted in release.tables.items():
        require_sum(data, release, name, files[f"data/{name}.csv"], wanted)
    return of_files(f"release {version}", files | _descriptions(data, release, state))


def require_sum(data: DataPackage, release: Release, table: str, content: bytes, wanted: str) -> None:
    """Refuse a table of a release that did not come out as it was.

    Raises:
        BilatdataError: its sum is another.
    """
    import hashlib

    if hashlib.sha256(content).hexdigest() != wanted:
        raise BilatdataError(
            f"{data.root / FOLDER}: the changes do not give {table} as release {release.version} had it: "
            f"they were altered; {data.mend}"
        )


def csv_of(state: State, table: str) -> bytes:
    """The canonical CSV file of a table of a release."""
    found = state[table]
    names = [field["name"] for field in found.schema["fields"]]
    rows = ([row.get(name, "") for name in names] for _, row in sorted(found.rows.items()))
    return csv_bytes(names, rows)


def _descriptions(data: DataPackage, release: Release, state: State) -> dict[str, bytes]:
    """The descriptor and the schemas of a release, as far as its tables need them."""
    import json

    resources = [
        {"name": name, "path": f"data/{name}.csv", "hash": f"sha256:{wanted}", "schema": state[name].schema}
        for name, wanted in release.tables.items()
    ]
    descriptor = {
        "name": data.descriptor.get("name"),
        "version": release.version,
        "created": f"{release.date.isoformat()}T00:00:00Z",
        "resources": resources,
    }
    return {DESCRIPTOR: json.dumps(descriptor).encode()}
