"""Getting another version of the data: downloaded or copied from a release, checked, and unpacked into the cache.

A release is a folder or a web address with `SHA256SUMS` and `bilatdata-<version>-data.zip`, as `bilatdata release`
writes it. A version comes into the cache by one rename once all of it is checked and on disk, so that it is there whole
or not at all, however many fetch it at once.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bilatdata import package
from bilatdata.checksums import SUMS, first_altered, read_sums, write_sums
from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.package import FORMATS, DataPackage
from bilatdata.release.archive import sync_folder, unpack
from bilatdata.release.download import Downloader, HttpDownloader, Progress, copy_file, without_password
from bilatdata.versions import CACHE_VARIABLE, cached_package

RELEASES_VARIABLE = "BILATDATA_RELEASES"
"""Environment variable that says where releases are, for those who do not say it each time."""
TIMEOUT = 30.0
_SUMS_LIMIT = 1 << 20


@dataclass(frozen=True)
class Fetched:
    """A version in the cache, and how it came there."""

    folder: Path
    origin: str | None
    """The release it came from; None where it was in the cache already."""
    altered: str | None
    """The file for which an earlier copy in the cache was replaced; None where there was no copy or nothing wrong."""


@dataclass(frozen=True)
class _Release:
    """Where the files of a release are, and what gets them."""

    base: str
    """Folder or address with a slash at its end."""
    progress: Progress | None
    timeout: float

    @property
    def shown(self) -> str:
        return without_password(self.base)

    def downloader(self, limit: int | None = None) -> Downloader:
        if not self.base.startswith(("http://", "https://")):
            return copy_file
        if limit:
            return HttpDownloader(self.timeout, limit=limit)
        return HttpDownloader(self.timeout, self.progress)


def fetch(
    version: str, source: str | Path | None = None, *, timeout: float = TIMEOUT, progress: Progress | None = None
) -> Path:
    """Get a version of the data into the cache, for `load(..., version=)`; one that is there already stays.

    What comes is checked against the `SHA256SUMS` of the release and against its own descriptor. A copy in the cache
    that was altered is replaced, with a warning.

    Args:
        version: a release of the data such as `0.1.0`.
        source: folder or web address (http, https) of the release; `{version}` in it stands for the version. None takes
            the environment variable `BILATDATA_RELEASES`.
        timeout: seconds without a byte after which the server is given up.
        progress: called with the bytes that have arrived and those expected (None where the server does not say).

    Returns:
        The folder in the cache: `datapackage.json`, `data/`, `schemas/`.

    Raises:
        BilatdataError: it is not a version, there is no source, what came is not that release, or the extra `fetch` is
            missing. The cache is then as it was.
    """
    fetched = fetch_version(version, source, timeout=timeout, progress=progress)
    if fetched.altered:
        warnings.warn(f"{fetched.folder}: {fetched.altered} had been altered: fetched anew", stacklevel=2)
    return fetched.folder


def fetch_version(
    version: str, source: str | Path | None = None, *, timeout: float = TIMEOUT, progress: Progress | None = None
) -> Fetched:
    """Do what `fetch` does, and tell how.

    Raises:
        BilatdataError: as `fetch`.
    """
    cached = cached_package(version)
    altered = first_altered(cached.root) if cached.root.is_dir() else None
    if cached.root.is_dir() and not altered:
        return Fetched(cached.root, None, None)
    release = _Release(_base(source, version), progress, timeout)
    try:
        with _workshop(cached.root.parent) as workshop:
            unpacked = _checked_copy(release, version, workshop)
            _move_in(unpacked, cached.root)
    except OSError as error:
        raise BilatdataError(
            f"{cached.root.parent}: the cache cannot be written ({error.strerror or error}): "
            f"name another folder in {CACHE_VARIABLE}"
        ) from error
    return Fetched(cached.root, release.shown, altered)


def _base(source: str | Path | None, version: str) -> str:
    """Folder or address of the release, with a slash at its end."""
    named = str(source or os.environ.get(RELEASES_VARIABLE, "")).replace("{version}", version)
    if not named:
        raise BilatdataError(
            f"from where? Give a folder or web address with --from (source= in Python), or set {RELEASES_VARIABLE}"
        )
    try:
        address = urlsplit(named)
    except ValueError as error:
        raise BilatdataError(f"{named}: is not an address ({error})") from error
    if address.scheme in ("http", "https"):
        if not address.netloc:
            raise BilatdataError(f"{named}: is not an address (it names no server)")
        return address.geturl().rstrip("/") + "/"
    if address.scheme == "file":
        named = url2pathname(address.path)
    elif "://" in named:
        raise BilatdataError(f"{named}: is neither a folder nor an address that begins with http:// or https://")
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise BilatdataError(
            f"{folder}: no such folder (expected one with {SUMS}, or an address with http:// or https://)"
        )
    return f"{folder.as_posix()}/"


@contextmanager
def _workshop(cache: Path) -> Iterator[Path]:
    """A hidden folder in the cache that is gone in the end, whatever happens."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".fetch-", dir=cache))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _checked_copy(release: _Release, version: str, workshop: Path) -> Path:
    """The release unpacked in the workshop, with a list of sums of its own, once all of it is found to be right."""
    archive = _archive(release, version, workshop)
    unpacked = workshop / version
    place = f"{release.shown}{archive.name}"
    files = unpack(archive, unpacked, place)
    _require_version_of_ours(DataPackage(unpacked), version, place)
    write_sums(unpacked, [name for name in files if name != SUMS])
    sync_folder(unpacked)
    return unpacked


def _archive(release: _Release, version: str, workshop: Path) -> Path:
    """The archive of the data in the workshop, checked against the sums of the release."""
    try:
        import pooch
    except ImportError as error:
        raise missing_extra("fetch", "fetching another version") from error
    name = f"bilatdata-{version}-data.zip"
    wanted = _sums(release, workshop).get(name)
    if wanted is None:
        raise BilatdataError(f"{release.shown}{SUMS}: does not name {name}: is {version} the version of this release?")
    registry = {name: f"sha256:{wanted}"}
    downloader = release.downloader()
    try:
        with _silent(pooch.get_logger()):
            got = pooch.create(workshop, release.base, registry=registry).fetch(name, downloader=downloader)
    except ValueError as error:  # so pooch says that the sum is another
        raise BilatdataError(
            f"{release.shown}{name}: is not the file that {SUMS} names (its SHA-256 differs): it was cut short, "
            "altered or exchanged: try again, or another source"
        ) from error
    return Path(got)


def _sums(release: _Release, workshop: Path) -> dict[str, str]:
    place, target = f"{release.shown}{SUMS}", workshop / SUMS
    release.downloader(_SUMS_LIMIT)(f"{release.base}{SUMS}", str(target), None)
    return read_sums(target.read_text(encoding="utf-8", errors="replace"), place)


def _require_version_of_ours(data: DataPackage, version: str, place: str) -> None:
    """Refuse a package that is not ours, another version, or not as its own descriptor has it."""
    wanted = package.installed().descriptor["name"]
    try:
        found = f"{data.descriptor.get('name')} {data.version}"
        if found != f"{wanted} {version}":
            raise BilatdataError(f"holds {found}, not {wanted} {version}")
        for table in data.table_names:
            data.schema(table)
            for format in FORMATS:
                data.verified_bytes(table, format)
    except BilatdataError as error:
        said = str(error).replace(f"{data.root}{os.sep}", "").removesuffix(f": {data.mend}")
        raise BilatdataError(f"{place}: {said}") from error


def _move_in(unpacked: Path, final: Path) -> None:
    """Put the folder in its place in the cache; a copy that is there already stays if it is whole."""
    for attempt in range(10):
        try:
            unpacked.rename(final)
        except OSError:
            if not final.is_dir():
                raise
            if first_altered(final) is None:
                return  # another fetch of the same version was quicker
            with suppress(FileNotFoundError):  # another fetch moved it away
                final.rename(unpacked.with_name(f"altered-{attempt}"))
        else:
            sync_folder(final.parent)
            return
    raise BilatdataError(f"{final}: is altered again and again by something else: stop that first")


@contextmanager
def _silent(logger: logging.Logger) -> Iterator[None]:
    """Keep pooch from saying on standard error what it downloads."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
