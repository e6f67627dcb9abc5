"""What data is judged by: the schemas of a package, all rules, and the rows of the package that others may refer to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from bilatdata.contract import cells
from bilatdata.contract.rule import Context, Rule
from bilatdata.contract.rules import CATALOGUE
from bilatdata.contract.table_schema import ForeignKey, TableSchema, read_table_schema
from bilatdata.errors import BilatdataError
from bilatdata.package import DataPackage
from bilatdata.validation.typed import type_text

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Contract:
    """Everything that data is judged by."""

    package: DataPackage
    """The installed package, whose rows may be referred to."""
    schemas: Mapping[str, TableSchema]
    rules: tuple[Rule, ...]
    context: Context

    @classmethod
    def of(cls, package: DataPackage, as_of: date, codes: Collection[str]) -> Contract:
        """The contract of a package on a day; of its rules those with these codes."""
        schemas = {name: read_table_schema(package.schema(name)) for name in package.table_names}
        context = Context(as_of, _vocabularies(package), schemas, PackageTables(package, schemas))
        return cls(package, schemas, tuple(rule for rule in CATALOGUE if rule.code in codes), context)

    def with_schemas(self, schemas: Mapping[str, TableSchema]) -> Contract:
        """The same contract with the columns and tables that others add."""
        return replace(self, schemas=schemas, context=replace(self.context, schemas=schemas))

    def rules_of(self, table: str) -> tuple[Rule, ...]:
        """The rules that judge a table by itself: none for a table that others add, which has its schema alone."""
        return self.rules if table in self.package.resources else ()

    def known_keys(self, key: ForeignKey) -> pl.DataFrame | None:
        """The values in the package that a foreign key may refer to, a column per reference field."""
        if key.table not in self.package.resources:
            return None
        fields = [self.schemas[key.table].by_name[name] for name in key.reference_fields]
        text = _read_text(self.package, key.table, key.reference_fields)
        if text.width < len(fields):  # a column that others add to our table
            return None
        return text.select(cells.reader(field) for field in fields).drop_nulls().unique()

    def frame_rules(self, tables: Iterable[str]) -> list[Rule]:
        """The table and package rules that can be judged if these tables are there."""
        present = set(tables) & self.package.resources.keys()
        return [
            rule
            for rule in self.rules
            if (rule.scope == "table" and any(map(rule.applies_to, present)))
            or (rule.scope == "package" and present >= set(rule.tables))
        ]

    def codes(self, table: str, tables: Iterable[str]) -> tuple[str, ...]:
        """The codes of the rules that judge a table where these tables are there."""
        judging = [rule for rule in self.rules if rule.scope == "engine"]
        judging += [rule for rule in self.rules_of(table) if rule.scope in ("row", "key") and rule.applies_to(table)]
        if table in self.package.resources:
            judging += [rule for rule in self.frame_rules(tables) if sees(rule, table)]
        return tuple(sorted(rule.code for rule in judging))


class PackageTables(Mapping[str, "pl.DataFrame"]):
    """The typed tables of a package, each read when it is first asked for."""

    def __init__(self, package: DataPackage, schemas: Mapping[str, TableSchema]) -> None:
        self._package = package
        self._schemas = schemas
        self._frames: dict[str, pl.DataFrame] = {}

    def __getitem__(self, table: str) -> pl.DataFrame:
        if table not in self._frames:
            schema = self._schemas[table]
            fields = tuple(schema.by_name)
            self._frames[table] = type_text(_read_text(self._package, table, fields), schema).frame
        return self._frames[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._schemas)

    def __len__(self) -> int:
        return len(self._schemas)


def sees(rule: Rule, table: str) -> bool:
    """Whether a table or package rule is to be given this table."""
    return rule.applies_to(table) or rule.all_tables


def _vocabularies(package: DataPackage) -> dict[str, frozenset[str]]:
    """The codes of the package by vocabulary."""
    if "terms" not in package.resources:
        return {}
    import polars as pl

    terms = _read_text(package, "terms", ("vocabulary", "code"))
    grouped = terms.group_by("vocabulary").agg(pl.col("code"))
    return {vocabulary: frozenset(codes) for vocabulary, codes in grouped.iter_rows()}


def _read_text(package: DataPackage, table: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """Columns of a table of the package as text, those that its file has.

    Raises:
        BilatdataError: the file is missing, or is not CSV.
    """
    import polars as pl

    path = package.data_path(table, "csv")
    try:
        text = pl.scan_csv(path, infer_schema=False)
        return text.select(name for name in columns if name in text.collect_schema()).collect()
    except pl.exceptions.PolarsError as error:
        raise BilatdataError(f"{path}: is not CSV: 'bilatdata validate {path}' says where") from error
