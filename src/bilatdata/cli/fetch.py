"""The verb `fetch`: another version of the data into the cache."""

from __future__ import annotations

import argparse

from bilatdata.cli.output import Console
from bilatdata.cli.progress import BytesProgress
from bilatdata.cli.verb import EXIT_FINE, Group, Verb, seconds


def _arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("version", metavar="VERSION", help="release of the data, such as 0.1.0")
    options.add_argument(
        "--from",
        dest="source",
        metavar="URL-or-folder",
        help="the release: a folder or web address with SHA256SUMS and the data zip; {version} in it stands for "
        "VERSION (default: the environment variable BILATDATA_RELEASES)",
    )
    options.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=seconds,
        default=30.0,
        help="give up a server that sends nothing for so long (default: 30)",
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.release.fetch import fetch_version

    with BytesProgress(f"bilatdata {options.version}", console.err) as progress:
        fetched = fetch_version(options.version, options.source, timeout=options.timeout, progress=progress)
    if fetched.altered:
        console.note(f"{fetched.altered} had been altered in the cache: the copy was replaced")
    if fetched.origin is None:
        console.note(f"{options.version} was in the cache already, and is whole")
    else:
        console.note(f"{options.version} came from {fetched.origin}, and all sums are right")
    console.out.line(str(fetched.folder))
    return EXIT_FINE


FETCH = Verb(
    name="fetch",
    purpose="Get another version of the data, for load(..., version=)",
    usage="VERSION [options]",
    description="Downloads or copies the data zip of a release, checks it against the SHA256SUMS beside it and its "
    "own descriptor, unpacks it into the cache, whole or not at all, and prints the folder. From then on "
    "load('meetings', version='0.1.0') reads it without network. BILATDATA_CACHE names another "
    "folder for the cache; to forget a version, delete its folder. Needs the extra 'fetch'.",
    examples=(
        ("From a folder that somebody shares", "bilatdata fetch 0.1.0 --from /media/share/bilatdata-0.1.0"),
        ("From the web", "bilatdata fetch 0.1.0 --from 'https://example.org/bilatdata/{version}'"),
        (
            "The same, said once for all",
            "export BILATDATA_RELEASES='https://example.org/bilatdata/{version}'; bilatdata fetch 0.1.0",
        ),
    ),
    exit_codes=(
        (0, "the version is in the cache, and whole"),
        (2, "it could not be had, or is not what it claims; the cache is as it was"),
    ),
    add_arguments=_arguments,
    run=_run,
)
