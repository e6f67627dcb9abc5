"""The repository that a release is cut from: its last commit, and nothing that is not in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bilatdata.errors import BilatdataError

_SHOWN = 3


def require_clean(root: Path) -> None:
    """Refuse a folder that is not the top of a git repository, or differs from its last commit.

    Raises:
        BilatdataError: it does; the message names the first files that differ.
    """
    top = git(root, "rev-parse", "--show-toplevel").strip()
    if Path(top).resolve() != root.resolve():
        raise BilatdataError(f"{root}: is within the repository {top}: a release is cut from the whole of it")
    git(root, "rev-parse", "--verify", "HEAD")
    entries = git(root, "status", "--porcelain", "--untracked-files=normal", "-z").rstrip("\0").split("\0")
    if changed := [entry[3:] for entry in entries if entry]:
        others = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        raise BilatdataError(
            f"not committed: {', '.join(changed[:_SHOWN])}{others}: a release is cut from the last commit: "
            "commit or stash the changes first"
        )


def copy_of_commit(root: Path, folder: Path) -> Path:
    """The files of the last commit of a clean repository in a new folder, whatever line ends git is told to write."""
    # The index of a clean repository is its last commit.
    plain = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")
    git(root, *plain, "checkout-index", "--all", f"--prefix={folder.resolve().as_posix()}/")
    return folder


def require_untagged(root: Path, version: str) -> None:
    """Refuse a version that was released from another commit, as a tag (`v0.1.0`) says.

    Raises:
        BilatdataError: there is such a tag.
    """
    tag = f"v{version}"
    if git(root, "tag", "--list", tag) and git(root, "rev-parse", f"{tag}^{{commit}}") != git(
        root, "rev-parse", "HEAD"
    ):
        raise BilatdataError(f"{version} was released from another commit (tag {tag}): choose a new version")


def git(root: Path, *arguments: str) -> str:
    """What a git command prints in a folder.

    Raises:
        BilatdataError: git is missing or fails, as it does outside of a repository.
    """
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise BilatdataError(f"git cannot be run ({error.strerror or error}): install it") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise BilatdataError(f"{root}: {said[0] if said else 'git fails'}: a release is cut from a git repository")
    return done.stdout.decode("utf-8", "surrogateescape")
