"""The data of a release as one zip file: written the same everywhere, unpacked so that nothing lands outside."""

from __future__ import annotations

import io
import os
import stat
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from bilatdata.errors import BilatdataError

UNPACKED_LIMIT = 1 << 30
"""Bytes that the files of an archive may have together: far more than ours, and less than what fills a disk."""
EARLIEST = datetime(1980, 1, 1)
"""The first moment that a zip can name."""


def zip_bytes(files: Mapping[str, bytes], when: datetime) -> bytes:
    """A zip of these files by name: sorted, dated `when`, readable by all, whatever machine writes it."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = ZipInfo(name, when.timetuple()[:6])
            entry.create_system = 3  # Unix, also on Windows
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[name], ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def unpack(archive: Path, folder: Path, place: str) -> list[str]:
    """Write the files of a zip below a new folder and to disk, and give their names; `place` is what to call the zip.

    Raises:
        BilatdataError: it is not a zip, is damaged, or holds what an archive of a release never does: names that lead
            out of the folder, links, the same file twice, more bytes than the limit.
    """
    names = []
    for name, content in _contents(archive, place):
        _write(folder / name, content)
        names.append(name)
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            sync_folder(path)
    return names


def _contents(archive: Path, place: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of a zip in which all names are found to be safe."""
    try:
        with ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if fault := _fault(entries):
                raise BilatdataError(f"{place}: {fault}: nothing was unpacked")
            for entry in entries:
                yield entry.filename, opened.read(entry)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise BilatdataError(f"{place}: is not a zip file that can be read ({error})") from error


def _fault(entries: list[ZipInfo]) -> str | None:
    """What an archive of a release never has."""
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if not _is_plain(name):
            return f"holds the file name {name!r}, which leads out of its folder or is none everywhere"
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            return f"holds {name!r}, which is a link or a device and not a file"
        if name.casefold() in seen:
            return f"holds {name!r} twice"
        seen.add(name.casefold())
    if (size := sum(entry.file_size for entry in entries)) > UNPACKED_LIMIT:
        return f"would unpack to {size:,} bytes, more than {UNPACKED_LIMIT:,}"
    return None


def _is_plain(name: str) -> bool:
    """Whether a name means the same file within a folder on every system."""
    path = PurePosixPath(name)
    strange = set(name) & set('\\:*?"<>|') or not name.isprintable()
    return not (path.is_absolute() or ".." in path.parts or strange or path.as_posix() != name)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a loss of power, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
