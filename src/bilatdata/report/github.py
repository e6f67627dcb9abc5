"""A report as workflow commands of GitHub Actions, which show as annotations on the lines of a pull request.

Format: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. GitHub shows ten errors and
ten warnings a step. So errors come first, every rule once before any twice, and a notice counts all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bilatdata.contract.rules import CATALOGUE
from bilatdata.report.excerpts import Excerpt, excerpts
from bilatdata.report.repository import paths_in_repository
from bilatdata.report.words import sentence
from bilatdata.validation.findings import Finding, Report, counted, printable


def render(report: Report) -> str:
    """A command per finding, and a notice that counts them."""
    paths = paths_in_repository(finding.file for finding in report.findings if finding.file)
    seen: Counter[str] = Counter()
    commands: list[tuple[bool, int, str]] = []
    for finding, excerpt in excerpts(report.findings):
        seen[finding.code] += 1
        path = finding.file and (paths[finding.file] or finding.file)
        command = _command(finding.severity, dict(_properties(finding, excerpt, path)), sentence(finding))
        commands.append((finding.severity != "error", seen[finding.code], command))
    lines = [command for _, _, command in sorted(commands, key=lambda item: item[:2])]
    if report.findings:
        lines.append(_command("notice", {"title": "bilatdata"}, counted(report)))
    return "".join(f"{line}\n" for line in lines)


def _properties(finding: Finding, excerpt: Excerpt | None, path: str | None) -> Iterator[tuple[str, str]]:
    """Where the annotation goes; GitHub takes columns only where it ends in the line in which it begins."""
    if path:
        yield "file", printable(path)
    if finding.line is not None:
        yield "line", str(finding.line)
        if excerpt and excerpt.end_line != finding.line:
            yield "endLine", str(excerpt.end_line)
        elif finding.column is not None:
            yield "col", str(finding.column)
            if excerpt:
                yield "endColumn", str(excerpt.end_column)
    yield "title", f"bilatdata {finding.code} ({CATALOGUE[finding.code].name})"


def _command(name: str, properties: dict[str, str], message: str) -> str:
    written = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items())
    return f"::{name} {written}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """The text with the characters escaped that would end a command, or a property of one."""
    text = text.replace("%", "%25")
    for character in "\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
