"""Cutting a release: from a commit to the folder that people get, checked, stamped and the same on every machine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bilatdata.checksums import file_sum
from bilatdata.errors import BilatdataError
from bilatdata.files import write_whole
from bilatdata.history.log import releases
from bilatdata.package import DataPackage
from bilatdata.release.changes import record
from bilatdata.release.check import ReleaseReport, check
from bilatdata.release.checkout import copy_of_commit, git, require_clean, require_untagged
from bilatdata.release.dist import (
    move_in,
    require_replaceable,
    require_tools,
    write_changes_page,
    write_data_zip,
    write_folder_sums,
    write_python_package,
    write_sqlite,
)
from bilatdata.release.stamp import Stamp, set_stamp, stamp_of
from bilatdata.versions import require_version, version_key

Say = Callable[[str], None]
"""Called with what is being done."""


@dataclass(frozen=True)
class Release:
    """A release that was cut, or what keeps it from being cut."""

    stamp: Stamp
    report: ReleaseReport
    """What the checks found; with errors nothing was written."""
    folder: Path
    sums: dict[str, str]
    """SHA-256 of each file of the release by name; empty where it was not cut."""
    written: tuple[Path, ...]
    """Files of the repository that were written, made or taken away: what changed, and the stamp."""


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
        The release. What changed since the last one is recorded where that has not been done, and version and day are
        written where they are named; all that is then written in the repository too, for the maintainer to commit.

    Raises:
        BilatdataError: no repository, uncommitted changes, a version that was released already or is too low, no entry
            in the changelog, changes without a reason, a tool is missing, or the folder cannot be written.
    """
    target = out or root / "dist"
    require_tools()
    require_clean(root)
    require_replaceable(target)
    committed = stamp_of(root)
    stamp = Stamp(require_version(version or committed.version), day or committed.day)
    require_untagged(root, stamp.version)
    with _workshop(target) as workshop:
        tree = copy_of_commit(root, workshop / "tree")
        with _speaking_of(root, tree):
            if stamp != committed:
                set_stamp(tree, stamp)
            if not _is_recorded(DataPackage(tree), stamp):
                say("recording what changed")
                record(tree, stamp.day)
        written = _differing(tree, root)
        say("checking")
        report = _checked(tree, root)
        if report.errors:
            return Release(stamp, report, target, {}, ())
        sums = _write_files(tree, workshop / "dist", stamp, say)
        move_in(workshop / "dist", target)
        _write_back(tree, root, written)
        return Release(stamp, report, target, sums, tuple(written))


def _write_files(tree: Path, folder: Path, stamp: Stamp, say: Say) -> dict[str, str]:
    """Write all files of the release into a new folder, and give their sums."""
    folder.mkdir()
    say("building wheel and sdist")
    write_python_package(tree, folder, stamp)
    say("packing the data")
    write_data_zip(tree, folder, stamp)
    say("writing the SQLite file")
    write_sqlite(tree, folder, stamp)
    if last := _release_before(DataPackage(tree), stamp.version):
        say(f"comparing with {last}")
        write_changes_page(tree, folder, stamp, last)
    return write_folder_sums(folder)


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


def _is_recorded(data: DataPackage, stamp: Stamp) -> bool:
    """Whether the register has the release, of this day and with the tables as they are."""
    entry = next((entry for entry in releases(data) if entry.version == stamp.version), None)
    sums = {table: file_sum(data.data_path(table, "csv")) for table in data.table_names}
    return entry is not None and entry.date == stamp.day and entry.tables == sums


def _release_before(data: DataPackage, version: str) -> str | None:
    """The release before this version; None where it is the first."""
    earlier = [entry.version for entry in releases(data) if version_key(entry.version) < version_key(version)]
    return earlier[-1] if earlier else None


@contextmanager
def _speaking_of(root: Path, tree: Path) -> Iterator[None]:
    """Let errors speak of the files of the repository and not of those of the copy."""
    try:
        yield
    except BilatdataError as error:
        raise BilatdataError(str(error).replace(str(tree), str(root))) from error


def _checked(tree: Path, root: Path) -> ReleaseReport:
    """What `check` finds in the copy, told of the files of the repository."""
    report = check(tree)
    findings = tuple(
        replace(finding, file=finding.file and finding.file.replace(str(tree), str(root), 1))
        for finding in report.findings
    )
    return replace(report, findings=findings)


def _differing(tree: Path, root: Path) -> list[Path]:
    """Files that were changed, made or taken away in the copy, by their names in the repository."""
    committed = {Path(name) for name in git(root, "ls-files", "-z").rstrip("\0").split("\0")}
    present = {path.relative_to(tree) for path in tree.rglob("*") if path.is_file()}
    changed = (name for name in committed & present if (tree / name).read_bytes() != (root / name).read_bytes())
    return sorted({*changed, *(committed ^ present)})


def _write_back(tree: Path, root: Path, names: Iterable[Path]) -> None:
    """Bring what was written in the copy into the repository."""
    for name in names:
        if (tree / name).is_file():
            write_whole(root / name, (tree / name).read_bytes())
        else:
            (root / name).unlink()
