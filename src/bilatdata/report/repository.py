"""Paths as code hosts know them: relative to the repository's root, wherever in it the command runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def paths_in_repository(files: Iterable[str]) -> dict[str, str | None]:
    """Each file's path below the root of the repository, with forward slashes; None if it lies elsewhere.

    The root is the nearest folder from the working directory upwards that holds `.git`, or else the working directory.
    """
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    return {file: _within(root, file) for file in set(files)}


def _within(root: Path, file: str) -> str | None:
    try:
        return Path(Path.cwd(), file).resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError):
        return None
