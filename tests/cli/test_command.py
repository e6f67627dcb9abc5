"""The command itself: help, version, wrong words, exit codes, pipes, terminals, locales."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
import time

import pytest

from bilatdata.cli.main import VERBS, main
from bilatdata.cli.verb import HelpRequested
from bilatdata.package import installed

COMMAND = [sys.executable, "-m", "bilatdata"]
EXPECTED_VERBS = [
    "tables",
    "describe",
    "show",
    "record",
    "path",
    "export",
    "diff",
    "fetch",
    "metadata",
    "chart",
    "serve",
    "cite",
    "validate",
    "rules",
    "convert",
    "check",
    "build",
    "changes",
    "release",
]


def test_no_verb_is_missing():
    assert list(VERBS) == EXPECTED_VERBS


def test_help_lists_every_verb(run):
    result = run("--help")
    assert (result.code, result.err) == (0, "")
    assert [verb for verb in EXPECTED_VERBS if not re.search(rf"^  {verb} ", result.out, re.MULTILINE)] == []
    assert "exit codes:" in result.out


def test_without_a_verb_it_shows_help_and_fails(run):
    result = run()
    assert (result.code, result.out) == (2, "")
    assert "usage: bilatdata VERB" in result.err


@pytest.mark.parametrize("verb", EXPECTED_VERBS)
def test_help_of_a_verb_teaches(run, verb):
    result = run(verb, "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"usage: bilatdata {verb}")
    assert VERBS[verb].purpose in result.out
    for part in ("options:", "--color", "examples:", f"bilatdata {verb}", "exit codes:\n  0  "):
        assert part in result.out
    assert 2 <= len(VERBS[verb].examples) <= 4
    assert run("help", verb) == result
    assert run(verb, "-h") == result


@pytest.mark.parametrize("verb", EXPECTED_VERBS)
def test_help_fits_a_terminal_but_for_commands_to_copy(verb):
    with pytest.raises(HelpRequested) as request:
        VERBS[verb].parser().read(["--help"])
    commands = {f"  {command}" for _, command in VERBS[verb].examples}
    assert [
        line for line in request.value.parser.format_help().splitlines() if len(line) > 82 and line not in commands
    ] == []


def commands(text: str) -> list[list[str]]:
    """The arguments of each `bilatdata` in a line of shell."""
    words = shlex.shlex(text, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in words:
        if set(word) <= set("|&;<>()"):
            found.append([])
        else:
            found[-1].append(word)
            found[:0] = [inner.split() for inner in re.findall(r"\$\(([^)]*)\)", word)]
    return [arguments[1:] for arguments in found if arguments[:1] == ["bilatdata"]]


@pytest.mark.parametrize("verb", EXPECTED_VERBS)
def test_examples_name_options_that_exist(verb):
    found = [arguments for _, example in VERBS[verb].examples for arguments in commands(example)]
    assert len(found) >= len(VERBS[verb].examples)
    for name, *arguments in found:
        VERBS[name].parser().read(arguments)


def test_version_is_that_of_the_data(run):
    assert run("--version") == (0, f"bilatdata {installed().version}\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tabels"], "no verb 'tabels' (did you mean 'tables'?): expected one of tables, describe"),
        (["help", "shwo"], "no verb 'shwo' (did you mean 'show'?)"),
        (["show", "meetings", "--limt", "3"], "no option '--limt' (did you mean '--limit'?)"),
        (["show", "meetings", "--limt=3"], "no option '--limt' (did you mean '--limit'?)"),
        (["show", "meetings", "--lim", "3"], "no option '--lim'"),  # abbreviations would break when options are added
        (["show"], "the following arguments are required: TABLE"),
        (["describe", "meetings", "concessions"], "unexpected argument 'concessions'"),
        (["show", "meetings", "--limit", "-5"], "--limit: expected"),
        (["show", "meetings", "--limit", "many"], "--limit: expected a whole number from 0, found 'many'"),
        (["show", "meetings", "--columns", "date,,city"], "--columns: expected names separated by commas"),
        (
            ["show", "meetings", "--format", "jsn"],
            "--format: no choice 'jsn' (did you mean 'json'?): expected one of table",
        ),
        (["tables", "--color", "sometimes"], "--color: no choice 'sometimes'"),
        (["--color", "sometimes", "tables"], "--color: no choice 'sometimes'"),
    ],
)
def test_wrong_arguments_are_one_clear_line_and_the_usage(run, arguments, message):
    result = run(*arguments)
    assert message in result.error
    assert result.err.splitlines()[1].startswith("usage: bilatdata")


def test_unexpected_operating_system_errors_name_their_place(run, monkeypatch):
    def fail(*_):
        raise PermissionError(13, "Permission denied", "/some/place")

    monkeypatch.setattr("bilatdata.cli.read.summaries", fail)
    assert run("tables").error == "/some/place: Permission denied"


def test_an_interrupt_is_silent(run, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr("bilatdata.cli.read.summaries", interrupt)
    assert run("tables") == (130, "", "")


@pytest.mark.parametrize("place", ["before", "after"])
def test_colour_may_be_asked_for_before_and_after_the_verb(run, place):
    asked = ["--color", "always"]
    result = run(*([*asked, "tables"] if place == "before" else ["tables", *asked]))
    assert "\x1b[1m" in result.out
    assert "\x1b" not in run("tables").out
    assert run("shwo", "--color", "always").err.startswith("\x1b[1;31merror:\x1b[0m")


# From here on the command runs as users run it.


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    line = command.replace("bilatdata", shlex.join(COMMAND))
    return subprocess.run(["bash", "-c", line], capture_output=True, env={**os.environ, **environment}, check=False)


def test_the_reader_of_a_pipe_may_go_away():
    result = shell("set -o pipefail; bilatdata show evidence | head -n 1; echo ${PIPESTATUS[0]}")
    first, code = result.stdout.decode().splitlines()
    assert first.startswith("evidence_id")
    assert code == "141"  # it did not say all, so it does not claim success
    assert result.stderr == b""


@pytest.mark.parametrize("target", ["> /dev/full", ">&-"])
def test_a_closed_output_is_an_error_not_a_traceback(target):
    result = shell(f"bilatdata tables {target}")
    assert result.returncode == 2
    assert result.stderr.decode().startswith("error: ")
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LANG": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0"}])
def test_output_is_utf8_in_any_locale(locale):
    result = shell("bilatdata show countries --where \"country_code = 'MEX'\"", **locale)
    assert result.returncode == 0, result.stderr
    assert "Мексика" in result.stdout.decode("utf-8")


def test_help_is_there_at_once_and_loads_nothing_heavy():
    result = shell("bilatdata --help", PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rsplit("|", 1)[1].strip() for line in result.stderr.decode().splitlines() if "|" in line}
    assert loaded & {"pandas", "pyarrow", "polars", "numpy", "duckdb", "pandera"} == set()
    start = time.perf_counter()
    shell("bilatdata show --help")
    assert time.perf_counter() - start < 3  # a guard against accidents; the true measure is in the import list above


def on_terminal(columns: int, *arguments: str, **environment: str) -> str:
    """Run the command on a terminal of this width and give what it shows."""
    process, descriptor = pty.fork()
    if process == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        variables = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
        os.execve(sys.executable, [*COMMAND, *arguments], {**variables, "TERM": "xterm", **environment})
    shown = b""
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.waitpid(process, 0)
    os.close(descriptor)
    return shown.decode("utf-8").replace("\r\n", "\n")


def test_a_terminal_gets_colour_and_lines_that_fit():
    shown = on_terminal(80, "show", "meetings")
    assert "\x1b[" in shown
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert lines[0].startswith("meeting_id")
    assert len(lines) > 20
    assert max(map(len, lines)) <= 80
    assert re.search(r"20 of \d+ rows, \d+ of \d+ columns", " ".join(lines))


def test_a_terminal_with_no_color_gets_none():
    assert "\x1b" not in on_terminal(80, "tables", NO_COLOR="1")


def test_a_pipe_gets_everything_uncut(capsys):
    assert main(["show", "sources"]) == 0
    out, err = capsys.readouterr()
    assert "…\n" not in out
    assert len(out.splitlines()) == installed().resources["sources"]["rowCount"] + 1
    assert err == ""
