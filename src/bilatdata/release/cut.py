"""Cutting a release: from a commit to the folder that people get, checked, stamped and the same on every machine."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bilatdata.errors import BilatdataError
from bilatdata.files import write_whole
from bilatdata.release.check import ReleaseReport, check
from bilatdata.release.checkout import copy_of_commit, git, require_clean
from bilatdata.release.dist import (
    move_in,
    require_replaceable,
    require_tools,
    write_data_zip,
    write_folder_sums,
    write_python_package,
    write_sqlite,
)
from bilatdata.release.stamp import Stamp, set_stamp, stamp_of
from bilatdata.versions import require_version

Say = Callable[[str], None]
"""Called with what is being done."""
CHANGELOG = "CHANGELOG.md"


@dataclass(frozen=True)
class Release:
    """A release that was cut, or what keeps it from being cut."""

    stamp: Stamp
    report: ReleaseReport
    """What the checks found; with errors nothing was written."""
    folder: Path
    sums: dict[str, str]
    """SHA-256 of each file of the release by name; empty where it was not cut."""
    stamped: tuple[Path, ...]
    """Files of the repository that got the stamp and now differ from the last commit."""


def release(
    root: Path,
    *,
    version: str | None = None,
    day: date | None = None,
    out: Path | None = None,
    say: Say = lambda doing: None,
) -> Release:
    """Cut a release from the last commit of the repository at `root`, whole or not at all.

    All is made in a copy of the commit, with no other time than the day of the release, so that the same commit and the
    same versions of the tools give the same bytes.

    Args:
        root: top of the repository.
        version: what to call it; None takes the version in `pyproject.toml`.
        day: from when it is; None takes the day in the descriptor.
        out: folder for the files; None is `dist` in the repository. An earlier release there is replaced.
        say: called with each step.

    Returns:
        The release. Where version or day differ from those committed, the files of the repository that name them are
        written too, for the maintainer to commit.

    Raises:
        BilatdataError: no repository, uncommitted changes, no entry in the changelog, a tool is missing, or the folder
            cannot be written.
    """
    target = out or root / "dist"
    require_tools()
    require_clean(root)
    require_replaceable(target)
    committed = stamp_of(root)
    stamp = Stamp(require_version(version or committed.version), day or committed.day)
    with _workshop(target) as workshop:
        tree = copy_of_commit(root, workshop / "tree")
        if stamp != committed:
            say("writing version and day")
            set_stamp(tree, stamp)
        _require_entry(tree / CHANGELOG, stamp)
        say("checking")
        report = _checked(tree, root)
        if report.errors:
            return Release(stamp, report, target, {}, ())
        dist = workshop / "dist"
        dist.mkdir()
        say("building wheel and sdist")
        write_python_package(tree, dist, stamp)
        say("packing the data")
        write_data_zip(tree, dist, stamp)
        say("writing the SQLite file")
        write_sqlite(tree, dist, stamp)
        sums = write_folder_sums(dist)
        move_in(dist, target)
        return Release(stamp, report, target, sums, tuple(_write_back(tree, root)))


@contextmanager
def _workshop(target: Path) -> Iterator[Path]:
    """A hidden folder beside the target, so that one rename puts the release there; it is gone in the end."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".release-", dir=target.parent))
        try:
            yield workshop
        finally:
            shutil.rmtree(workshop, ignore_errors=True)
    except OSError as error:
        raise BilatdataError(f"{target}: cannot be written ({error.strerror or error})") from error


def _require_entry(changelog: Path, stamp: Stamp) -> None:
    """Refuse a release of which the changelog tells nothing, or of another day."""
    heading = f"## {stamp.version} ({stamp.day.isoformat()})"
    text = changelog.read_text(encoding="utf-8") if changelog.is_file() else ""
    entry = re.search(rf"(?ms)^{re.escape(heading)}$(.*?)(?=^## |\Z)", text)
    if entry is None or not entry[1].strip():
        found = re.search(r"(?m)^## .*$", text)
        raise BilatdataError(
            f"{changelog.name}: has no entry '{heading}' that says what changed"
            + (f" (the newest is '{found[0]}')" if found else "")
        )


def _checked(tree: Path, root: Path) -> ReleaseReport:
    """What `check` finds in the copy, told of the files of the repository."""
    report = check(tree)
    findings = tuple(
        replace(finding, file=finding.file and finding.file.replace(str(tree), str(root), 1))
        for finding in report.findings
    )
    return replace(report, findings=findings)


def _write_back(tree: Path, root: Path) -> Iterator[Path]:
    """Write the stamped files of the copy into the repository, and give their names."""
    for name in git(root, "ls-files", "-z").rstrip("\0").split("\0"):
        made, kept = tree / name, root / name
        if made.is_file() and made.read_bytes() != kept.read_bytes():
            write_whole(kept, made.read_bytes())
            yield Path(name)
