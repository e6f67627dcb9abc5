"""What a rule is: a stable code, a severity, an explanation, and a small function that finds the faults.

Rules differ by what they need to see:

- a `row` rule gives polars expressions that are true where a row is right (null counts as right);
- a `key` rule gives polars expressions whose values together only one row of the table may have;
- a `table` rule sees one whole table and gives the rows that are wrong;
- a `package` rule sees several tables and gives the rows that are wrong in one of them;
- a `release` rule sees the package on disk and belongs to `check` alone;
- an `engine` rule is judged by the engine while it reads a file, types its cells or compares keys; its function is
  empty.

The typed frames that rules see hold String, Int64, Float64, Boolean and Date columns, null where a cell is empty or did
not parse, and for every EDTF field `x` two more Date columns `x.earliest` and `x.latest`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import polars as pl

    from bilatdata.contract.table_schema import TableSchema

Severity = Literal["error", "warning"]
Scope = Literal["row", "key", "table", "package", "release", "engine"]


@dataclass(frozen=True)
class Context:
    """What rules may know beyond the rows themselves."""

    as_of: date
    """Day of the release; nothing held or reported may lie after it."""
    vocabularies: Mapping[str, frozenset[str]]
    """Codes by vocabulary, from `terms`."""
    schemas: Mapping[str, TableSchema]
    package_tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """The typed tables of the package, read when asked for: rows of other people may be about our records."""


@dataclass(frozen=True)
class RowCheck:
    """A claim about every row: `ok` is true (or null) where it holds."""

    field: str
    """Field that a finding points at."""
    ok: pl.Expr
    expected: str | pl.Expr
    """What would be right; an expression where that depends on the row."""


@dataclass(frozen=True)
class KeyCheck:
    """A claim that no two rows agree in all parts; null equals null."""

    field: str
    """Field that a finding points at."""
    parts: tuple[pl.Expr, ...]
    expected: str
    """What would be right; where the first of the rows stands is added."""

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the claim looks at: `date` for the column `date.earliest`."""
        return frozenset(name.split(".")[0] for part in self.parts for name in part.meta.root_names())


@dataclass(frozen=True)
class Fault:
    """A wrong row found by a table or package rule."""

    table: str
    row: int
    """Position of the row in the frame that the rule was given."""
    field: str
    expected: str
    value: str | None = None
    """What to show as the value where it is not simply the cell."""
    compared: tuple[str, int, str] | None = None
    """Table, position and field of the cell that it was compared with; if that is unreadable, it is the only fault."""


@dataclass(frozen=True)
class ReleaseFault:
    """Something in the package on disk that a release must not have."""

    file: str
    """Path relative to the package's root."""
    expected: str
    table: str | None = None
    line: int | None = None
    field: str | None = None
    key: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Rule:
    """A rule of the catalogue."""

    code: str
    name: str
    severity: Severity
    scope: Scope
    tables: tuple[str, ...]
    """Tables that a row, key or table rule judges (empty: every table), or that a package rule needs to see."""
    all_tables: bool
    """Whether a package rule, once it has the tables that it needs, sees every other table at hand as well."""
    summary: str
    """One sentence that says what is wrong when the rule fires."""
    explanation: str
    fix: str
    function: Callable[..., Iterable[object]]

    def applies_to(self, table: str) -> bool:
        """Whether a row, key or table rule judges this table."""
        return not self.tables or table in self.tables


class Catalogue:
    """The rules by code; `rule` registers the function it decorates."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}

    def rule(
        self,
        code: str,
        name: str,
        *,
        scope: Scope,
        tables: tuple[str, ...] = (),
        all_tables: bool = False,
        summary: str,
        explanation: str,
        fix: str,
        severity: Severity = "error",
    ) -> Callable[[Callable[..., Iterable[object]]], Callable[..., Iterable[object]]]:
        """Register a rule's function under its code.

        Raises:
            ValueError: the code is taken.
        """

        def register(function: Callable[..., Iterable[object]]) -> Callable[..., Iterable[object]]:
            if code in self._rules:
                raise ValueError(f"rule {code} is registered twice")
            self._rules[code] = Rule(
                code, name, severity, scope, tables, all_tables, summary, explanation, fix, function
            )
            return function

        return register

    def __iter__(self) -> Iterator[Rule]:
        return iter(sorted(self._rules.values(), key=lambda rule: rule.code))

    def __getitem__(self, code: str) -> Rule:
        return self._rules[code]

    def __contains__(self, code: object) -> bool:
        return code in self._rules


CATALOGUE = Catalogue()
