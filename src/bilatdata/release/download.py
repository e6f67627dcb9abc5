"""The files of a release from a web address or a folder: pooch's downloaders, with every fault said in one line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit, urlunsplit

from bilatdata.errors import BilatdataError

if TYPE_CHECKING:
    from requests import RequestException, Response

Progress = Callable[[int, int | None], None]
"""Called with the bytes that have arrived and those expected; None where the server does not say."""
Downloader = Callable[[str, str, object], None]
"""What pooch calls to get a file: its address, the path to write, and pooch itself."""

LIMIT = 1 << 30
"""Bytes that a file of a release may have: far more than ours, and less than what fills a disk."""
ATTEMPTS = 5
_CHUNK = 1 << 13
"""Bytes at a time; what had come of a chunk when the server goes away is lost, so it is small."""


def copy_file(source: str, target: str, _pooch: object = None) -> None:
    """Copy a file of a release that lies in a folder.

    Raises:
        BilatdataError: it is not there, or cannot be read.
        OSError: the copy cannot be written.
    """
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        if error.filename != source:
            raise
        raise BilatdataError(f"{source}: cannot be read ({error.strerror or error})") from error


class HttpDownloader:
    """Gets a file over HTTP or HTTPS, going on from where it broke off where the server can; a sum judges it later."""

    def __init__(self, timeout: float, progress: Progress | None = None, limit: int = LIMIT) -> None:
        self.timeout = timeout
        """Seconds without a byte after which the server is given up."""
        self.progress = progress or (lambda done, total: None)
        self.limit = limit
        self.arrived = 0
        """Bytes of the file that are there."""

    def __call__(self, url: str, target: str, _pooch: object = None) -> None:
        """Write what the server gives for the address.

        Raises:
            BilatdataError: the server cannot be reached, refuses, stalls, goes away, redirects to a place that is not
                safe, or sends more than the limit.
        """
        import requests
        from requests.exceptions import ChunkedEncodingError

        place = without_password(url)
        try:
            with Path(target).open("wb") as file:
                for _ in range(ATTEMPTS):
                    begun = file.tell()
                    try:
                        return self._receive(url, file)
                    except (requests.ConnectionError, requests.Timeout, ChunkedEncodingError) as error:
                        broken = error
                    if file.tell() == begun:
                        break
            raise broken
        except requests.RequestException as error:
            raise BilatdataError(f"{place}: {self._told(error)}") from error

    def _receive(self, url: str, file: BinaryIO) -> None:
        import requests

        begun = file.tell()
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begun}-"} if begun else {})
        with requests.get(url, headers=headers, stream=True, timeout=self.timeout) as response:
            response.raise_for_status()
            self._require_safe(url, response.url)
            if not _goes_on(response, begun):
                file.seek(0)
                file.truncate()
            total = _total(response, file.tell())
            self._require_small(url, total or 0)
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                self.arrived = file.tell()
                self._require_small(url, self.arrived)
                self.progress(self.arrived, total)

    def _require_small(self, url: str, size: int) -> None:
        if size > self.limit:
            raise BilatdataError(
                f"{without_password(url)}: is larger than {self.limit:,} bytes: no file of a release is"
            )

    def _require_safe(self, asked: str, answered: str) -> None:
        if urlsplit(asked).scheme == "https" != urlsplit(answered).scheme:
            raise BilatdataError(
                f"{without_password(asked)}: redirects to {without_password(answered)}, which is not encrypted: "
                "give the address of a server that keeps to https"
            )

    def _told(self, error: RequestException) -> str:
        """What went wrong, for the person who must act."""
        import requests

        if error.response is not None and isinstance(error, requests.HTTPError):
            return f"the server answers {error.response.status_code} {error.response.reason}".rstrip()
        if isinstance(error, requests.TooManyRedirects):
            return "the server redirects in a circle"
        cause = _cause(error)
        stalled = isinstance(error, requests.Timeout) or isinstance(cause, TimeoutError)
        fault = f"the server sent nothing for {self.timeout:g} s" if stalled else _reason(cause)
        if self.arrived:
            return f"broke off after {self.arrived:,} bytes ({fault}): try again"
        return f"cannot be reached ({fault}): check the address and the connection"


def _goes_on(response: Response, begun: int) -> bool:
    """Whether the answer holds the bytes from `begun` on, and not the file from its beginning."""
    return response.status_code == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {begun}-")


def _total(response: Response, begun: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return begun + int(length) if length.isascii() and length.isdigit() else None


def _cause(error: BaseException) -> BaseException:
    """The first of the exceptions that led to this one."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return error


def _reason(cause: BaseException) -> str:
    from http.client import IncompleteRead

    if isinstance(cause, IncompleteRead):
        return "the connection was closed before the end"
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return " ".join(said.split())


def without_password(url: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
