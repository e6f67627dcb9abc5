"""The command line, run in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from bilatdata.cli.main import main


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that tells what went wrong; nothing may have been printed as a result."""
        assert (self.code, self.out) == (2, "")
        first, *usage = self.err.splitlines()
        assert first.startswith("error: ")
        assert all(line.startswith("usage: ") for line in usage)
        return first.removeprefix("error: ")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run the command with these arguments."""

    def run(*arguments: object) -> Result:
        code = main([str(argument) for argument in arguments])
        return Result(code, *capsys.readouterr())

    return run
