"""The command `bilatdata`: finds the verb, runs it, and turns every fault of a user into one line and an exit code."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from itertools import pairwise

from bilatdata.cli import maintain, read, validate
from bilatdata.cli.convert import CONVERT
from bilatdata.cli.output import ColorChoice, Console, Output
from bilatdata.cli.verb import (
    COMMAND,
    EXIT_FAILED,
    EXIT_FINE,
    HelpRequested,
    Parser,
    UsageError,
    Verb,
    add_common_options,
)
from bilatdata.errors import BilatdataError
from bilatdata.package import did_you_mean, installed
from bilatdata.wording.text import clean

EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
"""As a shell reports tools that end because their reader went away: no success, for not all was said."""

CHAPTERS: tuple[tuple[str, tuple[Verb, ...]], ...] = (
    ("read the record", read.VERBS),
    ("judge files by its contract", (*validate.VERBS, CONVERT)),
    ("maintain it", maintain.VERBS),
)
VERBS = {verb.name: verb for _, verbs in CHAPTERS for verb in verbs}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code: 0 fine, 1 findings, 2 it could not run."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        _require_streams()
        _speak_utf8()
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _forget_stdout()
        return EXIT_BROKEN_PIPE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BilatdataError as error:
        return _fail(str(error), _color_wish(arguments), error.usage if isinstance(error, UsageError) else None)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _fail(f"{place}{error.strerror or error}", _color_wish(arguments))


def _run(arguments: list[str]) -> int:
    parser = _command_parser()
    try:
        options = parser.read(arguments)
        if options.version:
            print(f"{COMMAND} {installed().version}")
            return EXIT_FINE
        if not options.verb:
            _print_help(parser, Output(sys.stderr, options.color))
            return EXIT_FAILED
        name, *rest = options.verb
        if name == "help":
            name, rest = (rest[0], ["--help"]) if rest else ("", ["--help"])
        verb_parser = _verb(name, parser).parser() if name else parser
        verb_options = verb_parser.read([f"--color={options.color}", *rest])
        console = Console(Output(sys.stdout, verb_options.color), Output(sys.stderr, verb_options.color))
        return VERBS[name].run(verb_options, console)
    except HelpRequested as request:
        _print_help(request.parser, Output(sys.stdout, request.color))
        return EXIT_FINE


def _verb(name: str, parser: Parser) -> Verb:
    if name not in VERBS:
        raise UsageError(
            f"no verb '{name}'{did_you_mean(name, list(VERBS))}: expected one of {', '.join(VERBS)}", parser
        )
    return VERBS[name]


def _command_parser() -> Parser:
    chapters = "\n\n".join(
        f"{title}:\n" + "\n".join(f"  {verb.name:<10}{_uncapitalised(verb.purpose)}" for verb in verbs)
        for title, verbs in CHAPTERS
    )
    parser = Parser(
        prog=COMMAND,
        usage=f"{COMMAND} VERB [arguments]",
        description="The open, cited record of Russia's relations with Latin America: who met whom, what is traded,\n"
        f"who was granted which resource concession, and who left.\n\n{chapters}",
        epilog=f"""examples:
  # What is there, and what do its columns mean?
  {COMMAND} tables
  {COMMAND} describe meetings

  # One record with its evidence and sources
  {COMMAND} record MTG-0001

  # Does my own table keep the contract?
  {COMMAND} validate my/meetings.csv

exit codes:
  0  fine
  1  findings: what was judged breaks rules
  2  the command itself could not run

'{COMMAND} VERB --help' says more about a verb.""",
    )
    parser.add_argument("verb", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.add_argument_group("options")
    options.add_argument("--version", action="store_true", help="show the version, which is that of the data too")
    add_common_options(options)
    return parser


def _uncapitalised(text: str) -> str:
    return text[0].lower() + text[1:]


def _print_help(parser: Parser, out: Output) -> None:
    heading = re.compile(r"^(?:[a-z][a-z ]*:$|usage:)", re.MULTILINE)
    out.line(heading.sub(lambda match: out.paint(match[0], "bold"), parser.format_help().rstrip()))


def _fail(message: str, color: ColorChoice, usage: str | None = None) -> int:
    with suppress(BrokenPipeError):
        err = Output(sys.stderr, color)
        err.line(f"{err.paint('error:', 'bold', 'red')} {clean(message)}")
        if usage:
            err.line(usage)
        err.stream.flush()
    return EXIT_FAILED


def _color_wish(arguments: Sequence[str]) -> ColorChoice:
    """What the arguments say about colour, for errors that keep them from being parsed."""
    given = {f"{option}={value}" for option, value in pairwise(arguments)} | set(arguments)
    wishes: tuple[ColorChoice, ...] = ("always", "never")
    return next((wish for wish in wishes if f"--color={wish}" in given), "auto")


def _require_streams() -> None:
    """Refuse to run where the shell closed standard output; stay silent where it closed standard error."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stdout is None:
        raise BilatdataError("standard output is closed: there is nowhere to write")


def _speak_utf8() -> None:
    """Write UTF-8 whatever the locale says: names in this record are in many scripts, and files are read elsewhere."""
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def _forget_stdout() -> None:
    """Point standard output at nothing, so that the interpreter does not complain when it flushes at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
