"""Paths as code hosts know them: relative to the repository's root, wherever in it the command runs."""

from __future__ import annotations

from pathlib import Path


def repository() -> Path:
    """The nearest folder from the working directory upwards that is a Git work tree; the working directory if none."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def within(root: Path, file: str) -> str | None:
    """The file's path below the root with forward slashes; None if it lies elsewhere."""
    try:
        return Path(Path.cwd(), file).resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError):
        return None
