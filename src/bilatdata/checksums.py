"""Lists of SHA-256 sums as `sha256sum` writes and checks them: one line per file, sum and name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from bilatdata.errors import BilatdataError

SUMS = "SHA256SUMS"
_LINE = re.compile(r"(?P<sum>[0-9a-fA-F]{64}) [ *](?P<name>[^\r\n]+)")


def file_sum(path: Path) -> str:
    """SHA-256 of a file's content in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums_text(sums: Mapping[str, str]) -> str:
    """The list of these sums by file name, sorted by name."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def read_sums(text: str, place: str) -> dict[str, str]:
    """The sums of a list by file name; `place` is what to call the list.

    Raises:
        BilatdataError: a line is not a sum and a name, a name stands twice, or there is no line at all.
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None or match["name"] in sums:
            raise BilatdataError(
                f"{place}:{number}: is not a line of SHA-256 sums ({line[:60]!r}): expected 64 hexadecimal digits, "
                "two spaces and the name of a file, each file once"
            )
        sums[match["name"]] = match["sum"].lower()
    if not sums:
        raise BilatdataError(f"{place}: is empty: expected a list of SHA-256 sums")
    return sums


def write_sums(root: Path, names: Iterable[str]) -> None:
    """Write the list of the sums of these files, named relative to `root`, into `root`."""
    content = sums_text({name: file_sum(root / name) for name in names})
    (root / SUMS).write_text(content, encoding="utf-8", newline="\n")


def first_altered(root: Path, prefixes: tuple[str, ...] = ("",)) -> str | None:
    """The first file under `root` that is missing or not as its list of sums has it; None where all are.

    Only files whose name begins with one of `prefixes` are read. A list that cannot be read is itself what was altered.
    """
    try:
        sums = read_sums((root / SUMS).read_text(encoding="utf-8"), SUMS)
    except (OSError, UnicodeDecodeError, BilatdataError):
        return SUMS
    for name, wanted in sums.items():
        if name.startswith(prefixes) and _sum_or_none(root / name) != wanted:
            return name
    return None


def _sum_or_none(path: Path) -> str | None:
    try:
        return file_sum(path)
    except OSError:
        return None
