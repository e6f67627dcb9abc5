"""Which version number a set of changes calls for: the rules are in `kinds.toml`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from bilatdata.history.changes import Change, changes
from bilatdata.history.model import PackageDiff
from bilatdata.versions import require_version, version_key

Level = Literal["MAJOR", "MINOR", "PATCH"]
LEVELS: tuple[Level, ...] = ("MAJOR", "MINOR", "PATCH")


@dataclass(frozen=True)
class Kind:
    """A kind of change, and what it means for whoever builds on the data."""

    name: str
    level: Level
    title: str
    why: str


@dataclass(frozen=True)
class VersionCall:
    """The version that changes call for, and why."""

    since: str
    """Version that the changes start from."""
    level: Level | None
    """None where nothing changed."""
    version: str
    counts: Mapping[str, int]
    """Changes of each kind, those that raise most first."""

    @property
    def reasons(self) -> tuple[tuple[Kind, int], ...]:
        """The kinds that decide, with the number of their changes."""
        return tuple((kinds()[name], count) for name, count in self.counts.items() if kinds()[name].level == self.level)

    @property
    def sentence(self) -> str:
        """The call in a sentence: `0.2.0 (MINOR: 3 × record added)`."""
        if self.level is None:
            return f"{self.version} (nothing changed)"
        told = ", ".join(f"{count:,} × {kind.title}" for kind, count in self.reasons)
        early = (
            ", which before 1.0.0 raises the second number" if self.level == "MAJOR" and _is_early(self.since) else ""
        )
        return f"{self.version} ({self.level}{early}: {told})"


@cache
def kinds() -> dict[str, Kind]:
    """The kinds of changes by name, those that raise most first."""
    content = resources.files("bilatdata.history").joinpath("kinds.toml").read_text(encoding="utf-8")
    return {name: Kind(name, **entry) for name, entry in tomllib.loads(content).items()}


def version_call(diff: PackageDiff) -> VersionCall:
    """The version that the changes from the old version to the new one call for.

    Raises:
        BilatdataError: the old version is not three numbers.
    """
    return call_of(diff.old.version, changes(diff))


def call_of(since: str, all_changes: Iterable[Change]) -> VersionCall:
    """The version that these changes call for after the version `since`.

    Raises:
        BilatdataError: `since` is not three numbers.
    """
    found = Counter(change.kind for change in all_changes)
    counts = {name: found[name] for name in kinds() if found[name]}
    level = next((kinds()[name].level for name in counts), None)
    return VersionCall(since, level, next_version(since, level), counts)


def next_version(version: str, level: Level | None) -> str:
    """The version after this one.

    Raises:
        BilatdataError: it is not three numbers.
    """
    major, minor, patch = version_key(require_version(version))
    if level is None:
        return version
    if level == "MAJOR" and major:
        return f"{major + 1}.0.0"
    return f"{major}.{minor}.{patch + 1}" if level == "PATCH" else f"{major}.{minor + 1}.0"


def _is_early(version: str) -> bool:
    return version_key(version)[0] == 0
