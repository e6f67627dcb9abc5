"""The version and the day of a release, in all the places that name them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bilatdata.errors import BilatdataError
from bilatdata.files import write_whole
from bilatdata.package import DESCRIPTOR, DataPackage, json_bytes
from bilatdata.release.build import build, declared_version


@dataclass(frozen=True)
class Stamp:
    """What a release is called and from when it is."""

    version: str
    day: date

    @property
    def moment(self) -> datetime:
        """The first moment of the day in UTC; every time in a release is this one."""
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)


PINNED = (
    "docs/ci.md",
    "examples/newsroom/.github/workflows/tables.yml",
    "examples/newsroom/.gitlab-ci.yml",
    "examples/newsroom/.pre-commit-config.yaml",
)
"""Files whose lines people copy to get this very version."""
PIN = r"(bilatdata@v|bilatdata(?:\[\w+\])?==|rev: v)"
"""What stands before a version there."""


def stamp_of(root: Path) -> Stamp:
    """The stamp that a package bears: the version declared, and the day in `created`.

    Raises:
        BilatdataError: it has none, or they cannot be read.
    """
    data = DataPackage(root)
    created = str(data.descriptor.get("created"))
    try:
        return Stamp(declared_version(data), datetime.fromisoformat(created).date())
    except ValueError as error:
        raise BilatdataError(f"{root / DESCRIPTOR}: created is {created!r}: expected a date and time") from error


def set_stamp(root: Path, stamp: Stamp) -> None:
    """Write a stamp into `pyproject.toml`, the descriptor and what README, docs and examples show; build the rest.

    The changelog is for people to write, and is left alone.

    Raises:
        BilatdataError: the package cannot be built, or declares no version.
    """
    old = stamp_of(root)
    _replace(root / "pyproject.toml", {r'(?m)^version = ".*"$': f'version = "{stamp.version}"'})
    shown = {
        rf"\b(bilatdata|version) {re.escape(old.version)}\b": rf"\g<1> {stamp.version}",
        rf"contributors \({old.day.year}\)": f"contributors ({stamp.day.year})",
    }
    _replace(root / "README.md", shown)
    for name in PINNED:
        _replace(root / name, {rf"{PIN}{re.escape(old.version)}\b": rf"\g<1>{stamp.version}"})
    created = stamp.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    write_whole(root / DESCRIPTOR, json_bytes({**DataPackage(root).descriptor, "created": created}))
    build(root)


def _replace(path: Path, news: Mapping[str, str]) -> None:
    """Replace what patterns find in a file, if it is there."""
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        for pattern, new in news.items():
            text = re.sub(pattern, new, text)
        write_whole(path, text.encode())
