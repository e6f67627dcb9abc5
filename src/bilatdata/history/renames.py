"""Names of fields and codes that were replaced, kept as data in `changes/renames.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bilatdata.errors import BilatdataError
from bilatdata.package import DataPackage
from bilatdata.versions import require_version, version_key

RENAMES = "changes/renames.toml"
_SHAPES = {"field": "table", "term": "vocabulary"}


@dataclass(frozen=True)
class Rename:
    """A field of a table, or a code of a vocabulary, under a new name."""

    kind: str
    """`field` or `term`."""
    within: str
    """The table of a field, the vocabulary of a term."""
    old: str
    new: str
    since: str
    """Release in which the new name came."""
    until: str
    """Release in which the old name stops to be understood."""


def read_renames(content: bytes, place: str) -> tuple[Rename, ...]:
    """The renames of a file, in its order; `place` is what to call it.

    Raises:
        BilatdataError: it is not TOML, or an entry lacks something.
    """
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BilatdataError(f"{place}: is not TOML ({error})") from error
    if unknown := sorted(set(document) - set(_SHAPES)):
        raise BilatdataError(f"{place}: has [[{unknown[0]}]]: expected [[field]] and [[term]]")
    return tuple(
        _rename(kind, entry, f"{place}: {kind} {number}")
        for kind in _SHAPES
        for number, entry in enumerate(document.get(kind, ()), start=1)
    )


def in_force(data: DataPackage) -> tuple[Rename, ...]:
    """The renames of a package whose old names are still understood in its version.

    Raises:
        BilatdataError: the file of renames cannot be read.
    """
    path = data.root / RENAMES
    if not path.is_file():
        return ()
    renames = read_renames(path.read_bytes(), str(path))
    return tuple(item for item in renames if version_key(data.version) < version_key(item.until))


def _rename(kind: str, entry: Mapping[str, Any], where: str) -> Rename:
    wanted = (_SHAPES[kind], "old", "new", "since", "until")
    if set(entry) != set(wanted) or not all(isinstance(value, str) and value for value in entry.values()):
        raise BilatdataError(f"{where}: has {', '.join(entry)}: expected the texts {', '.join(wanted)}")
    since, until = require_version(entry["since"]), require_version(entry["until"])
    if version_key(until) <= version_key(since):
        raise BilatdataError(f"{where}: ends in {until}: expected a release after {since}")
    return Rename(kind, entry[_SHAPES[kind]], entry["old"], entry["new"], since, until)
