"""Writing files so that a reader sees the old content or the new one, and never a part."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bilatdata.errors import BilatdataError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; missing folders are made.

    Raises:
        BilatdataError: it cannot be written; what was there is as it was.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise BilatdataError(f"{path}: cannot be written ({error.strerror or error})") from error


def write_new(contents: Mapping[Path, bytes], *, overwrite: bool = False) -> None:
    """Write files of a user's choosing, all of them or none: each beside its place first, then all into place.

    Raises:
        BilatdataError: one of them exists and may not be replaced, is a folder, or cannot be written.
    """
    for path in contents:
        if path.is_dir():
            raise BilatdataError(f"{path}: is a folder: expected the name of a file")
        if path.exists() and not overwrite:
            raise BilatdataError(
                f"{path}: exists already: choose another name, or replace it with --overwrite "
                "(overwrite=True in Python)"
            )
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}.new") for path in contents}
    path = next(iter(contents))
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(content)
        for path, temporary in beside.items():
            temporary.replace(path)
    except OSError as error:
        raise BilatdataError(f"{path}: cannot be written ({error.strerror or error}): choose another place") from error
    finally:
        for temporary in beside.values():
            with suppress(OSError):
                temporary.unlink()
