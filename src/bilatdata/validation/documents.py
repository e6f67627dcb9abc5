"""Where the bytes of a source lie: a file, a member of a zip archive, or what came through a pipe."""

from __future__ import annotations

import math
import os
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Literal, cast

from bilatdata.errors import BilatdataError

MOST_PIPED = 4 << 30
"""Bytes of a pipe after which it is refused: it may never end."""
BOMB_BYTES, BOMB_RATIO = 256 << 20, 200
"""A member of an archive is refused that unpacks to more bytes than this, and to this many times its own."""
PIECE = 1 << 20


class Piped:
    """What comes through a pipe, kept in a temporary file until nobody needs it, so that it can be read again.

    No more is taken from the pipe than is asked for: that it holds no table shows in its beginning.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream: IO[bytes] | None = stream
        """None when all of it has come."""
        self._name = name
        handle, kept = tempfile.mkstemp(prefix="bilatdata-")
        os.close(handle)
        self._kept = Path(kept)
        weakref.finalize(self, _remove, self._kept)

    def beginning(self, length: int) -> bytes:
        """The first bytes; fewer where it ends before.

        Raises:
            BilatdataError: they cannot be read or kept.
        """
        with readable(self):
            self._keep(length)
            with self._kept.open("rb") as file:
                return file.read(length)

    def wait(self) -> None:
        """Take all that comes; before that, only what was asked for can be read.

        Raises:
            BilatdataError: it cannot be read or kept, or more than `MOST_PIPED` bytes come.
        """
        with readable(self):
            self._keep(math.inf)

    def _keep(self, length: float) -> None:
        """Have at least so many bytes in the temporary file, if so many come."""
        with self._kept.open("ab") as file:
            while self._stream is not None and file.tell() < length:
                piece = self._stream.read(PIECE)
                if not piece:
                    self._stream = None
                file.write(piece)
                if file.tell() > MOST_PIPED:
                    _remove(self._kept)
                    raise BilatdataError(
                        f"{self}: more than {MOST_PIPED >> 20:,} MiB come through the pipe: "
                        "write them to a file and validate that"
                    )

    @property
    def stem(self) -> str:
        """Nothing that could be the name of a table."""
        return self._name

    @property
    def suffix(self) -> str:
        """A pipe has no file name that ends in anything."""
        return ""

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """Open what has come, from its beginning."""
        return self._kept.open(mode)

    def __str__(self) -> str:
        return self._name


Document = Path | zipfile.Path | Piped
"""Bytes under a name that can be opened again and again."""
Folder = Path | zipfile.Path


@contextmanager
def readable(document: Document | str) -> Iterator[None]:
    """Turn what goes wrong while a document is opened or read into one clear line.

    Raises:
        BilatdataError: the document cannot be read, or its archive is damaged.
    """
    try:
        yield
    except OSError as error:
        raise BilatdataError(f"{document}: cannot be read ({error.strerror or error})") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BilatdataError(f"{document}: the archive is damaged ({error}): make or copy it again") from error
    except (RuntimeError, NotImplementedError) as error:  # what zipfile raises for passwords and rare compressions
        raise BilatdataError(f"{document}: cannot be unpacked ({error}): unpack it and validate the files") from error


def opened(document: Document) -> BinaryIO:
    """Open a document.

    Raises:
        BilatdataError: it cannot be opened.
    """
    with readable(document):
        return cast("BinaryIO", document.open("rb"))


def beginning(document: Document, length: int) -> bytes:
    """The first bytes of a document; fewer where it ends before.

    Raises:
        BilatdataError: it cannot be read.
    """
    if isinstance(document, Piped):
        return document.beginning(length)
    with opened(document) as file, readable(document):
        return file.read(length)


def archive(path: Path) -> Folder:
    """The folder that a zip archive holds: its root, or the one folder in which everything lies.

    Nothing is unpacked: members are read where they are.

    Raises:
        BilatdataError: it is no zip archive, or a damaged one, or one that is made to harm.
    """
    with readable(path):
        members = zipfile.ZipFile(path)
    for member in members.infolist():
        _refuse_harm(path, member)
    root = zipfile.Path(members)
    inside = list(root.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else root


def _refuse_harm(path: Path, member: zipfile.ZipInfo) -> None:
    name = member.filename
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name.replace("\\", "/")).parts:
        raise BilatdataError(f"{path}: has a member named {name!r}, outside of the archive: expected names within it")
    if member.file_size > BOMB_BYTES and member.file_size > BOMB_RATIO * member.compress_size:
        raise BilatdataError(
            f"{path}: {name} would unpack to {member.file_size:,} bytes from {member.compress_size:,}: "
            "if you trust it, unpack it and validate the file"
        )


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


__all__ = ["Document", "Folder", "Piped", "archive", "beginning", "opened", "readable"]
