"""Writing files so that a reader sees the old content or the new one, and never a part."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from bilatdata.errors import BilatdataError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; missing folders are made.

    Raises:
        BilatdataError: it cannot be written; what was there is as it was.
    """
    _write_all({path: content})


def write_new(contents: Mapping[Path, bytes], *, overwrite: bool = False) -> None:
    """Write files of a user's choosing, all of them or none: each beside its place first, then all into place.

    Raises:
        BilatdataError: one of them exists and may not be replaced, is a folder, or cannot be written.
    """
    require_new(contents, overwrite=overwrite)
    _write_all(contents)


def require_new(paths: Iterable[Path], *, overwrite: bool = False) -> None:
    """Refuse names under which a file may not be written; to be asked before long work, too.

    Raises:
        BilatdataError: one of them is a folder or a device, or exists and may not be replaced.
    """
    for path in paths:
        if path.is_dir():
            raise BilatdataError(f"{path}: is a folder: expected the name of a file")
        if path.exists() and not path.is_file():
            raise BilatdataError(f"{path}: is not a regular file: choose another name")
        if path.exists() and not overwrite:
            raise BilatdataError(
                f"{path}: exists already: choose another name, or replace it with --overwrite "
                "(overwrite=True in Python)"
            )


def _write_all(contents: Mapping[Path, bytes]) -> None:
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}.new") for path in contents}
    made = [folder for path in contents for folder in path.parents if not folder.exists()]
    path = next(iter(contents))
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(content)
        for path, temporary in beside.items():
            temporary.replace(path)
    except BaseException as error:
        _undo(beside.values(), made)
        if isinstance(error, OSError):
            raise BilatdataError(f"{path}: cannot be written ({_reason(path, error)}): choose another place") from error
        raise


def _reason(path: Path, error: OSError) -> str:
    """What stands in the way, in terms of the names that the user gave."""
    blocking = next((folder for folder in path.parents if folder.exists() and not folder.is_dir()), None)
    return f"{blocking} is a file" if blocking else error.strerror or str(error)


def _undo(files: Iterable[Path], folders: Iterable[Path]) -> None:
    """Remove files and folders, innermost first, as far as they are there and hold nothing else."""
    for file in files:
        with suppress(OSError):
            file.unlink()
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
