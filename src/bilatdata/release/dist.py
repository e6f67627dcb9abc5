"""The files of a release: wheel, sdist, data zip, SQLite, their sums; the same bytes wherever they are made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from bilatdata.checksums import SUMS, file_sum, read_sums, sums_text
from bilatdata.contract import listings
from bilatdata.errors import BilatdataError
from bilatdata.history.diff import diff
from bilatdata.history.log import released_version
from bilatdata.history.opened import of_folder
from bilatdata.metadata import metadata_files
from bilatdata.package import DESCRIPTOR, FORMATS, DataPackage
from bilatdata.release.archive import zip_bytes
from bilatdata.release.stamp import Stamp
from bilatdata.report import diff_html

BESIDE_THE_DATA = ("README.md", "LICENSE-DATA", "CHANGELOG.md", *listings.FILES)
"""What goes with the data into its zip, where the repository has it."""


def require_tools() -> None:
    """Refuse to begin without what building needs.

    Raises:
        BilatdataError: hatchling is missing.
    """
    if find_spec("hatchling") is None:
        raise BilatdataError("building wheel and sdist needs hatchling: pip install hatchling")


def write_python_package(tree: Path, folder: Path, stamp: Stamp) -> None:
    """Build wheel and sdist of a copy of the repository, without network.

    Raises:
        BilatdataError: hatchling fails.
    """
    options = ["--directory", str(folder.resolve()), "--target", "sdist", "--target", "wheel"]
    _run(["hatchling", "build", *options], tree, stamp)


def write_sqlite(tree: Path, folder: Path, stamp: Stamp) -> None:
    """Write all tables as one SQLite file, by the code of the copy, which takes the data beside it.

    Raises:
        BilatdataError: the export fails.
    """
    target = folder.resolve() / f"{DataPackage(tree).descriptor['name']}-{stamp.version}.sqlite"
    _run(["bilatdata", "export", str(target), "--format", "sqlite"], tree, stamp)


def write_changes_page(tree: Path, folder: Path, stamp: Stamp, last: str) -> None:
    """Write the page that shows what changed since the last release.

    Raises:
        BilatdataError: the last release does not come out of its changes.
    """
    # Named by its version, and not by a folder of this machine.
    new = replace(of_folder(tree), place=stamp.version)
    page = folder / f"{new.name}-{stamp.version}-changes.html"
    found = diff(released_version(DataPackage(tree), last), new)
    page.write_text(diff_html.render(found), encoding="utf-8", newline="\n")


def _run(module: Sequence[str], tree: Path, stamp: Stamp) -> None:
    """Run a Python module in the copy so that nothing of the machine reaches what it writes: no settings, no clock."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HATCH", "PYTHON", "BILATDATA"))}
    fixed = {
        "SOURCE_DATE_EPOCH": str(int(stamp.moment.timestamp())),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(tree.resolve() / "src"),
    }
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, cwd=tree, env=kept | fixed, capture_output=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise BilatdataError(f"'{' '.join(module[:2])}' fails: {said[-1] if said else done.returncode}")


def write_data_zip(tree: Path, folder: Path, stamp: Stamp) -> None:
    """Write the zip of the data: the tables, what describes them, their sums and licence, metadata for catalogues."""
    data = DataPackage(tree)
    names = [DESCRIPTOR, *(name for name in BESIDE_THE_DATA if (tree / name).is_file())]
    for table in data.table_names:
        names += [f"schemas/{table}.json", *(f"data/{table}.{format}" for format in FORMATS)]
    files = {name: (tree / name).read_bytes() for name in names} | metadata_files(data)
    (folder / f"{data.descriptor['name']}-{stamp.version}-data.zip").write_bytes(zip_bytes(files, stamp.moment))


def write_folder_sums(folder: Path) -> dict[str, str]:
    """Write the sums of all files of a folder into it, and give them."""
    sums = {path.name: file_sum(path) for path in sorted(folder.iterdir())}
    (folder / SUMS).write_text(sums_text(sums), encoding="utf-8", newline="\n")
    return sums


def require_replaceable(target: Path) -> None:
    """Refuse a place for a release that holds anything but an earlier release.

    Raises:
        BilatdataError: it does, or is a file.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise BilatdataError(f"{target}: is a file: expected a folder, or none")
    present = {path.name for path in target.iterdir()}
    known = (
        {SUMS, *read_sums((target / SUMS).read_text(encoding="utf-8"), str(target / SUMS))}
        if SUMS in present
        else set()
    )
    if strangers := sorted(present - known):
        raise BilatdataError(
            f"{target}: holds {strangers[0]}, which is not of an earlier release: delete it, or name another folder "
            "with --out"
        )


def move_in(new: Path, target: Path) -> None:
    """Put a folder in the place of an earlier release; that one comes back where it fails."""
    old = new.with_name(f"{new.name}.old")
    replaced = target.exists()
    if replaced:
        target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        if replaced:
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
