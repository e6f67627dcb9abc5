"""The verb `serve`: the data in a browser."""

from __future__ import annotations

import argparse

from bilatdata.cli.output import Console
from bilatdata.cli.progress import StatusLine
from bilatdata.cli.verb import EXIT_FINE, Group, Verb, count


def _port(text: str) -> int:
    port = count(text)
    if port > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, found {text}")
    return port


def _arguments(arguments: Group, options: Group) -> None:
    options.add_argument(
        "--port", type=_port, default=8001, metavar="PORT", help="port on 127.0.0.1 (default: 8001; 0: any free one)"
    )


def _serve(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.serve import serve

    with StatusLine(console.err) as status:

        def ready(address: str) -> None:
            status.show("")
            console.note("Stop with Ctrl-C.")
            console.out.line(address)
            console.out.stream.flush()

        serve(options.port, ready=ready, progress=lambda step: status.show(f"serve: {step}"))
    return EXIT_FINE


SERVE = Verb(
    name="serve",
    purpose="Browse the data on this machine",
    usage="[options]",
    description="Serves the tables as web pages with facets and full-text search, ready answers to the questions that "
    "users ask first, your own SQL, and all of it as JSON and CSV too (Datasette, extra serve). The pages are seen on "
    "this machine alone, need no network, and are gone when you stop.",
    examples=(
        ("Open the address that is printed", "bilatdata serve"),
        ("On another port", "bilatdata serve --port 8080"),
    ),
    exit_codes=((0, "stopped"), (2, "the port is taken, or the extra serve is not installed")),
    add_arguments=_arguments,
    run=_serve,
)
