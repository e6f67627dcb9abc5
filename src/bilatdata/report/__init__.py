"""A report in, a string out: one module per output format, each with `render`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bilatdata.validation.findings import Report

FORMATS = {
    "text": "the default, for people: each fault in its line",
    "concise": "a line per finding",
    "json": "everything, for programs",
    "junit": "for GitLab, Jenkins and others that show tests",
    "sarif": "for code scanning",
    "github": "annotations of GitHub Actions",
}
"""What each format is for; the module of the same name here renders it."""
FOR_SCREENS = ("text", "concise")
"""Formats that take the colours and the width of a terminal."""


def render(report: Report, format: str = "text", *, color: bool = False, width: int = 100) -> str:
    """A report in one of `FORMATS`, ending in a line feed unless it is empty.

    Args:
        report: what was found.
        format: name of the format.
        color: use ANSI colours, where the format is for people.
        width: columns of the terminal, where the format is for people.

    Raises:
        KeyError: there is no such format.
    """
    if format not in FORMATS:
        raise KeyError(format)
    screen = {"color": color, "width": width} if format in FOR_SCREENS else {}
    rendered: str = import_module(f"bilatdata.report.{format}").render(report, **screen)
    return rendered
