"""The data in a browser, on this machine alone: Datasette over the SQLite export; nothing is fetched from elsewhere."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.export import export
from bilatdata.serve.pages import metadata

HOST = "127.0.0.1"
_SETTINGS = {
    "default_facet_size": 12,
    "facet_time_limit_ms": 1000,
    "sql_time_limit_ms": 5000,
    # Datasette cuts an answer off at 1,000 rows, and JSON of the shape `array` does not say so.
    "max_returned_rows": 50_000,
}


def serve(
    port: int = 8001,
    *,
    ready: Callable[[str], None] = lambda address: None,
    progress: Callable[[str], None] = lambda step: None,
) -> None:
    """Serve the tables as web pages, JSON and CSV until interrupted or terminated; nothing is left behind.

    Args:
        port: the port on 127.0.0.1; 0 takes one that is free.
        ready: called with the address as soon as it answers.
        progress: called with a word or two before each step.

    Raises:
        BilatdataError: the extra `serve` is missing, or the port is taken or may not be used.
    """
    try:
        import uvicorn
        from datasette.app import Datasette
    except ImportError as error:
        raise missing_extra("serve", "serve") from error
    with _listening(port) as listener, _stoppable(), TemporaryDirectory(prefix="bilatdata-") as folder:
        (database,) = export(Path(folder) / "bilatdata.sqlite", progress=progress)
        pages = Datasette(
            [],
            immutables=[str(database)],
            metadata=metadata(),
            static_mounts=[("style", str(Path(__file__).with_name("style")))],
            settings=_SETTINGS,
        )
        config = uvicorn.Config(pages.app(), log_level="error", lifespan="on", timeout_graceful_shutdown=3)

        class Server(uvicorn.Server):
            """Says when it answers, and so when it can be stopped: a signal earlier would cut its start in two."""

            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                ready(f"http://{HOST}:{listener.getsockname()[1]}/")

        Server(config).run(sockets=[listener])


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """The port, taken before the work begins, so that a refusal comes at once and nobody takes it meanwhile."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen()
        except OSError as error:
            raise BilatdataError(
                f"port {port} of {HOST} cannot be used ({error.strerror or error}): choose another with --port, or 0 "
                "for any that is free"
            ) from error
        yield listener


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end the work as SIGINT does, through everything that cleans up, and both of them quietly."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
