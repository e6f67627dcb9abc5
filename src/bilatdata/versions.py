"""The versions of the data at hand: the installed one, and those that `bilatdata fetch` unpacked into the cache."""

from __future__ import annotations

import os
import re
from pathlib import Path

from bilatdata import package
from bilatdata.checksums import first_altered
from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.package import DESCRIPTOR, DataPackage

CACHE_VARIABLE = "BILATDATA_CACHE"
"""Environment variable that names another folder for the cache."""
_VERSION = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}")


def package_of(version: str | None = None) -> DataPackage:
    """The data package of a version: the installed one for None and for its own version, else the one in the cache.

    Raises:
        BilatdataError: it is not a version, not at hand (the message says which are), or its cached copy was altered.
    """
    installed = package.installed()
    if version is None or version == installed.version:
        return installed
    cached = cached_package(version)
    if not cached.root.is_dir():
        raise BilatdataError(
            f"version {version} is not at hand (there are {', '.join(at_hand())}): "
            f"get it with 'bilatdata fetch {version} --from URL-or-folder'"
        )
    # The descriptor has the hashes of the tables, and each is checked when its table is read.
    if altered := first_altered(cached.root, (DESCRIPTOR, "schemas/")):
        raise BilatdataError(f"{cached.root / altered}: is missing or was altered: {cached.mend}")
    return cached


def require_version(version: str) -> str:
    """The version itself, if it is one: three numbers separated by dots.

    Raises:
        BilatdataError: it is not.
    """
    if isinstance(version, str) and is_version(version):
        return version
    raise BilatdataError(f"{version!r} is not a version: expected three numbers as text, such as '0.1.0'")


def is_version(text: str) -> bool:
    """Whether a text is three numbers separated by dots."""
    return _VERSION.fullmatch(text) is not None


def at_hand() -> list[str]:
    """The versions that can be loaded, oldest first; the installed one is among them."""
    cache = cache_folder()
    cached = [path.name for path in cache.iterdir() if is_version(path.name)] if cache.is_dir() else []
    return sorted({*cached, package.installed().version}, key=version_key)


def version_key(version: str) -> tuple[int, ...]:
    """What versions are sorted by: `0.10.0` comes after `0.9.0`."""
    return tuple(int(number) for number in version.split("."))


def cached_package(version: str) -> DataPackage:
    """The package of a version as it lies, or would lie, in the cache.

    Raises:
        BilatdataError: it is not a version, or there is no cache.
    """
    folder = cache_folder() / require_version(version)
    return DataPackage(folder, mend=f"fetch it again with 'bilatdata fetch {version}'")


def cache_folder() -> Path:
    """The folder with one subfolder per version fetched: `BILATDATA_CACHE`, or the place that the platform has for it.

    Raises:
        BilatdataError: the variable is not set and the extra `fetch` is missing.
    """
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named).expanduser()
    try:
        import pooch
    except ImportError as error:
        raise missing_extra("fetch", "another version than the installed one") from error
    return Path(pooch.os_cache("bilatdata"))
