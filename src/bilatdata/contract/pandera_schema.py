"""Our own compiler from Table Schema and row rules to pandera schemas on polars.

pandera's `from_frictionless_schema` is not used: it passes wrong dates as text, turns `"false"` into True, drops keys
and missing values, and anchors `a|b` as `^a|b$`. Here every constraint becomes one named check, patterns are wrapped
and anchored absolutely, and each check knows its rule's code and what it expects.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from bilatdata.contract import cells
from bilatdata.contract.rule import Context, RowCheck, Rule
from bilatdata.contract.rules.structure import BOUNDS, EDTF, ENUM, PATTERN, REQUIRED
from bilatdata.contract.table_schema import Field, TableSchema

if TYPE_CHECKING:
    import pandera.polars as pa
    import polars as pl

NOT_NULLABLE = "not_nullable"
"""The name that pandera gives to its own check for required cells."""


@dataclass(frozen=True)
class Claim:
    """What a check claims of every row: `ok` is true, or null where there is nothing to judge."""

    code: str
    field: str
    ok: pl.Expr
    expected: str | pl.Expr

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the typed frame that the claim looks at."""
        return frozenset(self.ok.meta.root_names())

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the claim looks at: `date` for the column `date.earliest`."""
        return frozenset(name.split(".")[0] for name in self.columns)


@dataclass(frozen=True)
class CompiledTable:
    """What is claimed of the typed frames of a table, and the pandera schema that enforces it."""

    table: TableSchema
    fields: tuple[Field, ...]
    """The fields that are judged."""
    claims: Mapping[str, Claim]
    """By name of the pandera check."""

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        """The pandera schema; made when it is asked for, as importing pandera takes a second."""
        return _data_frame_schema(self.table, self.fields, self.claims)

    def doubtful(self, frame: pl.DataFrame) -> CompiledTable | None:
        """What does not hold for every row of a typed frame, and is left for pandera to judge; None if all holds.

        One query over all claims takes a fraction of the time of as many checks, and most frames have no fault.
        """
        import polars as pl

        try:
            held = frame.select(claim.ok.all().alias(name) for name, claim in self.claims.items())
        except pl.exceptions.PolarsError:
            return self  # pandera tells which of the claims cannot be judged
        claims = {name: claim for name, claim in self.claims.items() if not held[name][0]}
        empty = any(is_required(self.table, field) and frame[field.name].has_nulls() for field in self.fields)
        return replace(self, claims=claims) if claims or empty else None


def compile_table(
    schema: TableSchema, rules: Iterable[Rule], context: Context, present: Collection[str]
) -> CompiledTable:
    """Compile the constraints of the fields that are present, and the row rules that need no others.

    Args:
        schema: the table.
        rules: rules of any scope; those of scope `row` that judge this table are compiled.
        context: what rules may know.
        present: names of the fields that the data has; `required` and the other constraints of absent ones are not
            compiled, nor are rules that look at them.
    """
    fields = [field for field in schema.fields if field.name in present]
    claims = [claim for field in fields for claim in constraint_claims(field)]
    claims += [claim for claim in rule_claims(schema, rules, context) if claim.fields <= set(present)]
    named = {f"{claim.code}:{number}": claim for number, claim in enumerate(claims)}
    return CompiledTable(schema, tuple(fields), named)


def polars_schema(schema: TableSchema, rules: Iterable[Rule], context: Context) -> pa.DataFrameSchema:
    """A pandera schema for a frame as `load(table, backend="polars")` gives it, usable without this package's engine.

    What it holds and what it leaves out, see `standalone_claims`; the primary key is judged too.
    """
    claims = standalone_claims(schema, rules, context)
    return _data_frame_schema(schema, schema.fields, claims, standalone=True)


def standalone_claims(schema: TableSchema, rules: Iterable[Rule], context: Context) -> dict[str, Claim]:
    """What can be claimed of a loaded frame by itself, by names for checks.

    The constraints, EDTF dates, and the row rules that need nothing but the table's own columns. Foreign keys and the
    rules on whole tables are judged by `bilatdata.validate` alone.
    """
    names = {field.name for field in schema.fields}
    claims = [claim for field in schema.fields for claim in constraint_claims(field)]
    claims += [_edtf_claim(field) for field in schema.edtf_fields]
    claims += [claim for claim in rule_claims(schema, rules, context) if claim.columns <= names]
    return {f"{claim.code}:{number}": claim for number, claim in enumerate(claims)}


def rule_claims(schema: TableSchema, rules: Iterable[Rule], context: Context) -> list[Claim]:
    """The claims that the row rules of this table make."""
    return [
        Claim(rule.code, check.field, check.ok, check.expected)
        for rule in rules
        if rule.scope == "row" and rule.applies_to(schema.name)
        for check in cast("Iterable[RowCheck]", rule.function(schema, context))
    ]


def constraint_claims(field: Field) -> list[Claim]:
    """The claims of a field's constraints, `required` and keys apart.

    The pattern of an EDTF field is left to the reader of dates, which is stricter: one fault is one finding.
    """
    import polars as pl

    column = pl.col(field.name)
    claims = []
    if field.pattern is not None and not field.is_edtf and cells.dtype(field) == pl.String:
        anchored = rf"\A(?:{field.pattern})\z"
        claims.append(Claim(PATTERN, field.name, column.str.contains(anchored), f"text matching {field.pattern}"))
    if field.enum is not None:
        codes = _typed(field, field.enum)
        claims.append(Claim(ENUM, field.name, column.is_in(codes.implode()), _one_of(field.enum)))
    for limit, holds, words in (
        (field.minimum, column.ge, "at least"),
        (field.exclusive_minimum, column.gt, "more than"),
        (field.maximum, column.le, "at most"),
        (field.exclusive_maximum, column.lt, "less than"),
    ):
        if limit is not None:
            claims.append(Claim(BOUNDS, field.name, holds(_typed(field, [limit])[0]), f"{words} {limit}"))
    length = column.str.len_chars()
    if field.min_length is not None:
        claims.append(Claim(BOUNDS, field.name, length >= field.min_length, f"at least {field.min_length} characters"))
    if field.max_length is not None:
        claims.append(Claim(BOUNDS, field.name, length <= field.max_length, f"at most {field.max_length} characters"))
    return claims


def is_required(schema: TableSchema, field: Field) -> bool:
    """Whether cells must not be empty; a field of the primary key is required even where the schema does not say so."""
    return field.required or field.name in schema.primary_key


def _edtf_claim(field: Field) -> Claim:
    import polars as pl

    def is_date(values: pl.Series) -> pl.Series:
        table = cells.edtf_bounds(values)
        return values.replace_strict(table["value"], table["ok"], default=None, return_dtype=pl.Boolean)

    ok = pl.col(field.name).map_batches(is_date, return_dtype=pl.Boolean)
    return Claim(EDTF, field.name, ok, cells.expected(field))


def _typed(field: Field, values: Iterable[Any]) -> pl.Series:
    """Values of a constraint, given in JSON as values or as text, in the field's own type.

    Raises:
        ValueError: one of them is not of that type.
    """
    import polars as pl

    text = pl.DataFrame({field.name: [str(value) for value in values]}, schema={field.name: pl.String})
    typed = text.select(cells.reader(field))[field.name]
    if typed.has_nulls():
        wrong = text[field.name].filter(typed.is_null())[0]
        raise ValueError(f"the constraint's value '{wrong}' is not {cells.expected(field)}")
    return typed


def _one_of(codes: tuple[str, ...]) -> str:
    return f"one of {', '.join(map(str, codes))}"


def _data_frame_schema(
    schema: TableSchema, fields: Iterable[Field], claims: Mapping[str, Claim], standalone: bool = False
) -> pa.DataFrameSchema:
    import pandera.polars as pa

    columns = {
        field.name: pa.Column(
            cells.dtype(field),
            checks=[
                _check(name, claim, told=standalone) for name, claim in claims.items() if claim.field == field.name
            ],
            nullable=not is_required(schema, field),
            # an ordered vocabulary is loaded as an Enum, and its codes are judged as text
            coerce=standalone and field.ordered,
        )
        for field in fields
    }
    return pa.DataFrameSchema(columns, name=schema.name, unique=list(schema.primary_key) if standalone else None)


def _check(name: str, claim: Claim, *, told: bool) -> pa.Check:
    """A check; pandera tells people its words, and this package's engine its name."""
    import pandera.polars as pa

    return pa.Check(_evaluate(claim.ok), name=name, title=claim.code, error=words(claim) if told else None)


def words(claim: Claim) -> str:
    """What pandera says of a claim that fails: its rule, and what was expected where that is the same for all rows."""
    return f"{claim.code} {claim.expected}" if isinstance(claim.expected, str) else claim.code


def _evaluate(ok: pl.Expr) -> Callable[[Any], pl.LazyFrame | bool]:
    """The function that pandera calls; a plain True spares it the search for wrong rows."""

    def evaluate(data: Any) -> pl.LazyFrame | bool:
        judged: pl.DataFrame = data.lazyframe.select(ok.alias("ok")).collect()
        return True if judged["ok"].all() else judged.lazy()

    return evaluate


__all__ = ["NOT_NULLABLE", "REQUIRED", "Claim", "CompiledTable", "compile_table", "polars_schema", "standalone_claims"]
