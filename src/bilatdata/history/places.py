"""From what a user names to a version of the package: a path, the number of a release, a git revision."""

from __future__ import annotations

import re
from pathlib import Path

from bilatdata import package, versions
from bilatdata.errors import BilatdataError
from bilatdata.history.log import released_version, releases
from bilatdata.history.opened import ARCHIVES, PackageVersion, is_revision, of_archive, of_folder, of_revision
from bilatdata.package import DESCRIPTOR, DataPackage


def read_version(source: str | Path | DataPackage | PackageVersion, repository: Path | None = None) -> PackageVersion:
    """Open a version of the package; nothing is unpacked or written.

    Args:
        source: a folder with a `datapackage.json` (or that file), a zip archive or wheel, a version (`0.2.0`: the
            installed one, one in the cache, or a release that the change log knows), or a git revision.
        repository: where to look for git revisions; the working directory if None.

    Raises:
        BilatdataError: it is none of these, or cannot be read; the message says which are known.
    """
    if isinstance(source, PackageVersion):
        return source
    if isinstance(source, DataPackage):
        return of_folder(source.root)
    path = Path(source)
    if path.name == DESCRIPTOR and path.is_file():
        path = path.parent
    if (path / DESCRIPTOR).is_file():
        return of_folder(path)
    if path.is_file():
        return of_archive(path)
    if path.suffix in ARCHIVES:
        raise BilatdataError(f"{source}: no such file: expected an archive of the data package")
    if re.fullmatch(r"[0-9]+(\.[0-9]+)+", str(source)):
        return of_release(versions.require_version(str(source)))
    if path.is_dir() and not is_revision(str(source), repository or Path.cwd()):
        raise BilatdataError(f"{source}: no data package here: expected a folder with {DESCRIPTOR}")
    return of_revision(str(source), repository or Path.cwd())


def of_release(version: str) -> PackageVersion:
    """A version by its number: a release that the installed package knows, that package itself, or one in the cache.

    Raises:
        BilatdataError: it is none of these; the message says which there are.
    """
    installed = package.installed()
    known = [release.version for release in releases(installed)]
    if version in known:
        return released_version(installed, version)
    if version == installed.version or version in versions.at_hand():
        return of_folder(versions.package_of(version).root)
    there = ", ".join(dict.fromkeys([*known, *versions.at_hand()]))
    raise BilatdataError(f"version {version} is not known here: there are {there}; 'bilatdata fetch' gets others")
