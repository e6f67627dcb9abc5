"""What a verb is, and the parser made from it: `--help` that teaches, mistakes answered with the nearest right word."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from bilatdata.cli.output import ColorChoice, Console, wrap
from bilatdata.errors import BilatdataError
from bilatdata.package import did_you_mean

EXIT_FINE, EXIT_FINDINGS, EXIT_FAILED = 0, 1, 2
COMMAND = "bilatdata"
HELP_WIDTH = 80
TABLE_HELP = "name of a table (bilatdata tables lists them)"
LABELS_HELP = "language of labels to print for codes: en, es or ru"


@dataclass(frozen=True)
class Verb:
    """One verb of the command line."""

    name: str
    purpose: str
    """One line, shown in the list of verbs."""
    usage: str
    """What stands behind the verb, such as `TABLE [options]`."""
    description: str
    examples: tuple[tuple[str, str], ...]
    """Pairs of what an example does and the command that does it."""
    exit_codes: tuple[tuple[int, str], ...]
    add_arguments: Callable[[Group, Group], None]
    """Adds positional arguments to the first group and options to the second."""
    run: Callable[[argparse.Namespace, Console], int]
    """Does the work and gives the exit code."""

    def parser(self) -> Parser:
        """The parser of this verb's arguments."""
        parser = Parser(
            prog=f"{COMMAND} {self.name}",
            usage=f"{COMMAND} {self.name} {self.usage}".rstrip(),
            description="\n".join([f"{self.purpose}.", "", *wrap(self.description, HELP_WIDTH)]),
            epilog=f"{_example_lines(self.examples)}\n\n{_exit_code_lines(self.exit_codes)}",
        )
        arguments = parser.add_argument_group("arguments")
        options = parser.add_argument_group("options")
        self.add_arguments(arguments, options)
        add_common_options(options)
        return parser


Group = argparse._ArgumentGroup


class UsageError(BilatdataError):
    """Arguments that make no sense; `usage` shows what would."""

    def __init__(self, message: str, parser: Parser) -> None:
        self.usage = parser.format_usage().strip()
        super().__init__(message)


class HelpRequested(Exception):
    """Raised while parsing where `--help` is among the arguments."""

    def __init__(self, parser: Parser, color: ColorChoice) -> None:
        self.parser = parser
        self.color = color
        super().__init__()


class _AskForHelp(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> NoReturn:
        assert isinstance(parser, Parser)
        raise HelpRequested(parser, namespace.color)


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `UsageError`, and names the nearest option for an unknown one."""

    def __init__(self, *, prog: str, usage: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=_HelpFormatter,
            add_help=False,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing and leaving the interpreter."""
        raise UsageError(message.removeprefix("argument "), self)

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse the arguments.

        Raises:
            UsageError: an option is unknown, an argument is missing, too many or not of its kind.
        """
        namespace, unknown = self.parse_known_args(arguments)
        if unknown:
            name = unknown[0].partition("=")[0]
            if name.startswith("-"):
                known = [option for option in self._option_string_actions if option.startswith("--")]
                self.error(f"no option '{name}'{did_you_mean(name, known)}")
            self.error(f"unexpected argument '{unknown[0]}'")
        return namespace


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=HELP_WIDTH)


def add_common_options(group: Group) -> None:
    """Add the options that the command and every verb have."""
    group.add_argument(
        "--color",
        type=one_of("auto", "always", "never"),
        default="auto",
        metavar="WHEN",
        help="auto (the default: on a terminal, unless NO_COLOR is set), always or never",
    )
    group.add_argument("-h", "--help", action=_AskForHelp, nargs=0, help="show this help")


def one_of(*choices: str) -> Callable[[str], str]:
    """An argument type that takes one of a few words, and names the nearest for a wrong one."""

    def choice(text: str) -> str:
        if text in choices:
            return text
        expected = ", ".join(choices)
        raise argparse.ArgumentTypeError(
            f"no choice '{text}'{did_you_mean(text, list(choices))}: expected one of {expected}"
        )

    return choice


def count(text: str) -> int:
    """An argument type for a number of things: a whole number from 0."""
    if not re.fullmatch("[0-9]+", text):
        raise argparse.ArgumentTypeError(f"expected a whole number from 0, found '{text}'")
    return int(text)


def seconds(text: str) -> float:
    """An argument type for a span of time: a number of seconds above 0."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, found '{text}'")
    return float(text)


def day(text: str) -> date:
    """An argument type for a day."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-12-01, found '{text}'")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a day of the calendar, found '{text}'") from error


def names(text: str) -> list[str]:
    """An argument type for a list of names separated by commas."""
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise argparse.ArgumentTypeError(f"expected names separated by commas, found '{text}'")
    return parts


def _example_lines(examples: Sequence[tuple[str, str]]) -> str:
    shown = "\n\n".join(f"  # {purpose}\n  {command}" for purpose, command in examples)
    return f"examples:\n{shown}"


def _exit_code_lines(exit_codes: Sequence[tuple[int, str]]) -> str:
    return "exit codes:\n" + "\n".join(f"  {code}  {meaning}" for code, meaning in exit_codes)
