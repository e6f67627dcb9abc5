"""A web server on this machine that gives a folder's files, and misbehaves where a test wants it to."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Request(BaseHTTPRequestHandler):
    """One request to the server; `content` is the file it asks for."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        self.server.asked.append((name, self.headers.get("Range")))
        path = self.server.folder / name
        self.content = path.read_bytes() if path.is_file() else b""
        answer = self.server.answers.get(name) or (whole if path.is_file() else refusing(404))
        self.close_connection = True
        answer(self)

    def head(self, status: int = 200, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing among the results of the tests."""


Answer = Callable[[Request], None]


class Server(ThreadingHTTPServer):
    """Serves `folder`; `answers` says by file name where it does otherwise."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.folder = folder
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.over = threading.Event()
        """Set when the test is over; those who stall wait for it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server that runs as long as the block."""
    server = Server(folder)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()


def whole(request: Request) -> None:
    request.head(Content_Length=len(request.content))
    request.wfile.write(request.content)


def half_then_gone(request: Request) -> None:
    """Promise all and go away halfway, each time again: ranges are not understood."""
    request.head(Content_Length=len(request.content))
    request.wfile.write(request.content[: len(request.content) // 2])


def in_pieces(request: Request) -> None:
    """Go away after each third, and go on from there when asked to."""
    begin = int(re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", "bytes=0-"))[1])
    size = len(request.content)
    if begin:
        request.head(206, Content_Length=size - begin, Content_Range=f"bytes {begin}-{size - 1}/{size}")
    else:
        request.head(Content_Length=size)
    request.wfile.write(request.content[begin : begin + size // 3 + 1])


def half_then_anew(request: Request) -> None:
    """Go away halfway at first; give all of it from the beginning when asked for the rest."""
    (whole if "Range" in request.headers else half_then_gone)(request)


def more_promised_than_there_is(request: Request) -> None:
    if "Range" in request.headers:
        in_pieces(request)
    else:
        request.head(Content_Length=len(request.content) + 1000)
        request.wfile.write(request.content)


def less_promised_than_sent(request: Request) -> None:
    request.head(Content_Length=len(request.content) - 1000)
    request.wfile.write(request.content)


def no_length(request: Request) -> None:
    request.head()
    request.wfile.write(request.content)


def cut_short_without_length(request: Request) -> None:
    request.head()
    request.wfile.write(request.content[:-1000])


def stalling(request: Request) -> None:
    request.server.over.wait()


def half_then_stalling(request: Request) -> None:
    half_then_gone(request)
    request.wfile.flush()
    request.server.over.wait()


def too_much_promised(request: Request) -> None:
    request.head(Content_Length=10**15)
    request.wfile.write(b"x")


def no_answer(request: Request) -> None:
    """Close the connection without a word."""


def no_http(request: Request) -> None:
    request.wfile.write(b"220 ready for mail\r\n")


def refusing(status: int) -> Answer:
    return lambda request: request.head(status, Content_Length=0)


def redirecting(to: str) -> Answer:
    return lambda request: request.head(302, Location=to, Content_Length=0)


def saying(content: bytes) -> Answer:
    def answer(request: Request) -> None:
        request.content = content
        whole(request)

    return answer
