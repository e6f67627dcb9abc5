"""The verb `rules`: the catalogue, or one rule explained with an example that fails and one that passes."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import Any

from bilatdata.cli.output import GAP, Column, Console, Output, Style, cut, hang, table, wrap
from bilatdata.cli.verb import EXIT_FINE, Group, Verb, one_of
from bilatdata.contract.rule import Rule
from bilatdata.contract.table_schema import TableSchema
from bilatdata.errors import BilatdataError
from bilatdata.loading import table_schema
from bilatdata.package import did_you_mean, read_json, rule_examples
from bilatdata.wording.text import clean

FAMILIES = {
    "S": "Structure of a file",
    "T": "Types and constraints of the Table Schema",
    "K": "Keys",
    "D": "Dates",
    "N": "Names and text",
    "M": "Meetings",
    "P": "Trade",
    "C": "Concessions and their events",
    "X": "Asset exits",
    "A": "Agreements",
    "F": "Cooperation areas, facts of countries, coverage",
    "E": "Evidence and sources",
    "V": "Vocabularies",
    "I": "Retired ids",
    "R": "Release (judged by 'bilatdata check' alone)",
}
SEVERITY: Mapping[str, Style] = {"error": "red", "warning": "yellow"}
EXAMPLE_ROWS = 6
FAULT = "✗"
VERSION_RULE = "R109"
"""The rule that needs the table of what each kind of change calls for."""


def _arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument(
        "code",
        metavar="CODE",
        nargs="?",
        help="code or name of a rule; the beginning of codes lists those (default: list all of them)",
    )
    options.add_argument(
        "--format", type=one_of("text", "json"), default="text", metavar="FORMAT", help="text (the default) or json"
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.contract.rules import CATALOGUE

    families = list(FAMILIES)
    known = sorted(CATALOGUE, key=lambda rule: (families.index(rule.code[0]), rule.code))
    chosen = known if options.code is None else _require_rules(options.code, known)
    if options.format == "json":
        described = [_plain(rule) for rule in chosen] if isinstance(chosen, list) else _plain(chosen)
        console.out.line(json.dumps(described, indent=2, ensure_ascii=False))
    elif isinstance(chosen, list):
        console.out.lines(_catalogue(chosen, console.out))
    else:
        console.out.lines(_explained(chosen, console.out.page()))
    return EXIT_FINE


def _require_rules(wanted: str, rules: Sequence[Rule]) -> Rule | list[Rule]:
    """The rule of that code or name, or the list of those whose codes begin so."""
    for rule in rules:
        if wanted.lower() in (rule.code.lower(), rule.name):
            return rule
    if members := [rule for rule in rules if wanted and rule.code.startswith(wanted.upper())]:
        return members
    known = [name for rule in rules for name in (rule.code, rule.name)]
    raise BilatdataError(f"no rule '{wanted}'{did_you_mean(wanted, known)}: 'bilatdata rules' lists all of them")


def _plain(rule: Rule) -> dict[str, Any]:
    return {field.name: getattr(rule, field.name) for field in fields(rule) if field.name != "function"}


def _catalogue(rules: Iterable[Rule], out: Output) -> Iterator[str]:
    for number, (family, members) in enumerate(groupby(rules, key=lambda rule: rule.code[0])):
        if number:
            yield ""
        yield out.paint(FAMILIES.get(family, family), "bold")
        for rule in members:
            severity = out.paint(rule.severity.ljust(7), SEVERITY[rule.severity])
            yield from hang(f"{GAP}{out.paint(rule.code, 'cyan')}{GAP}{severity}{GAP}", rule.summary, out.width)


def _explained(rule: Rule, out: Output) -> Iterator[str]:
    yield f"{out.paint(rule.code, 'cyan', 'bold')}{GAP}{out.paint(rule.name, 'bold')}"
    yield f"{out.paint(rule.severity, SEVERITY[rule.severity])} · {_judged(rule)}"
    yield ""
    yield from wrap(rule.summary, out.width)
    yield ""
    yield from wrap(rule.explanation, out.width)
    yield ""
    yield from hang(f"{out.paint('How to mend it:', 'bold')} ", rule.fix, out.width)
    if rule.code == VERSION_RULE:
        yield from _calls(out)
    if example := _find_example(rule.code):
        yield from example.lines(out)
    elif rule.scope == "release":
        yield ""
        yield from wrap("No example: it judges a whole repository. tests/release/ breaks it and keeps it.", out.width)


def _calls(out: Output) -> Iterator[str]:
    """The kinds of changes with what each means for users, by the version that they call for."""
    from bilatdata.history.calls import kinds

    widest = max(len(kind.title) for kind in kinds().values())
    for level, members in groupby(kinds().values(), key=lambda kind: kind.level):
        yield ""
        yield out.paint(level, "bold")
        for kind in members:
            yield from hang(f"{GAP}{out.paint(kind.title.ljust(widest), 'cyan')}{GAP}", kind.why, out.width)


def _find_example(code: str) -> Example | None:
    folder = rule_examples() / code
    if not any(folder.glob("fail/*.csv")):
        return None
    return Example(folder, read_json(folder / "fail" / "expected.json")["findings"])


def _judged(rule: Rule) -> str:
    if rule.scope == "release":
        return "a whole release"
    return ", ".join(rule.tables) or "every table"


@dataclass(frozen=True)
class Example:
    """A rule's fixture: small tables that break the rule, and near misses that keep it."""

    folder: Path
    expected: Sequence[Mapping[str, Any]]
    """The findings in the failing tables: table, line, field."""

    def lines(self, out: Output) -> Iterator[str]:
        """The failing tables with their faults marked, then the passing ones."""
        for side, title in (("fail", "Fails"), ("pass", "Passes")):
            yield ""
            yield out.paint(title, "bold")
            for path in self._telling(side):
                yield f"{GAP}{out.paint(path.name, 'dim')}"
                faulty = {finding["line"] for finding in self.expected if finding["table"] == path.stem}
                # Where the file itself is broken its text is the example, not its cells.
                view = _raw if self.folder.name.startswith("S") else self._cells
                yield from view(path, faulty if side == "fail" else set(), out)

    def _telling(self, side: str) -> list[Path]:
        """The files of one side that are not the same on the other."""
        return [
            path
            for path in sorted((self.folder / side).glob("*.csv"))
            if not any(
                path.read_bytes() == other.read_bytes() for other in self.folder.glob(f"*/{path.name}") if other != path
            )
        ]

    def _cells(self, path: Path, faulty: set[int | None], out: Output) -> Iterator[str]:
        rows = _read(path)[:EXAMPLE_ROWS]
        columns = [name for name in self._columns(table_schema(path.stem)) if any(row.get(name) for row in rows)]
        cells = [
            [FAULT if line in faulty else "", *(clean(row.get(name) or "") for name in columns)]
            for line, row in enumerate(rows, start=2)
        ]
        yield from table([Column("", styles=("red",)), *map(Column, columns)], cells, out, indent=GAP)

    def _columns(self, schema: TableSchema) -> list[str]:
        """Keys, what the findings point at, and what differs between the failing and the passing table."""
        matter = {*schema.primary_key, *(name for key in schema.foreign_keys for name in key.fields)}
        faulty = {finding["field"] for finding in self.expected if finding["table"] == schema.name}
        matter |= faulty
        if any(field.is_edtf and field.name in faulty for field in schema.fields):
            matter |= {field.name for field in schema.edtf_fields}
        failing, passing = (_read(self.folder / side / f"{schema.name}.csv") for side in ("fail", "pass"))
        for left, right in zip(failing, passing, strict=False):
            matter |= {name for name in left if left[name] != right.get(name)}
        return [field.name for field in schema.fields if field.name in matter]


def _read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _raw(path: Path, faulty: set[int | None], out: Output) -> Iterator[str]:
    text = path.read_bytes().decode("utf-8", errors="backslashreplace").removesuffix("\n")
    for number, line in enumerate(text.split("\n")[: EXAMPLE_ROWS + 1], start=1):
        visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
        mark = out.paint(FAULT, "red") if number in faulty else " "
        yield f"{GAP}{mark} {visible if out.width is None else cut(visible, out.width - 4)}"


RULES = Verb(
    name="rules",
    purpose="List the rules, or explain one with an example that fails and one that passes",
    usage="[CODE] [options]",
    description="Every finding of 'validate' and 'check' names the rule that it breaks. Codes are stable: a "
    "rule keeps its code, and a code that is given up is never used again.",
    examples=(
        ("All of them, by topic", "bilatdata rules"),
        ("Those on meetings", "bilatdata rules M"),
        ("What does this finding want from me?", "bilatdata rules X102"),
        ("The errors alone", "bilatdata rules --format json | jq -r '.[] | select(.severity == \"error\") | .code'"),
    ),
    exit_codes=((0, "fine"), (2, "no such rule")),
    add_arguments=_arguments,
    run=_run,
)
