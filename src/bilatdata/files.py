"""Writing files so that a reader sees the old content or the new one, and never a part."""

from __future__ import annotations

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
