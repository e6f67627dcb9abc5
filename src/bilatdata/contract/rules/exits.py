"""Rules about departures from assets."""

from __future__ import annotations

from collections.abc import Iterator

from bilatdata.contract.rule import CATALOGUE, Context, RowCheck
from bilatdata.contract.rules._expressions import (
    NOTHING,
    among,
    can_precede,
    earliest,
    empty,
    filled,
    implies,
    latest,
    text,
)
from bilatdata.contract.table_schema import TableSchema


@CATALOGUE.rule(
    "X101",
    "exit-dates-reversed",
    scope="row",
    tables=("asset_exits",),
    summary="An exit was completed before it was decided, or decided, announced or completed before the entry.",
    explanation="Time spent in an asset is counted from these dates. Coarse dates fail only if no day that they allow "
    "would do.",
    fix="Correct the date that is wrong; a return after an exit is a row of its own.",
)
def entry_decision_completion(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Entry comes first, and a decision comes before completion."""
    yield can_precede("decided_date", "completed_date")
    for later in ("decided_date", "announced_date", "completed_date"):
        yield can_precede("entry_date", later)


@CATALOGUE.rule(
    "X102",
    "announced-after-completion",
    scope="row",
    severity="warning",
    tables=("asset_exits",),
    summary="The exit was announced after it was complete.",
    explanation="That happens (some exits become public in the accounts of the year after), but more often the two "
    "dates are swapped or one is that of a news page.",
    fix="Check both dates against their evidence; leave them if the sources bear them out.",
)
def announced_before_completion(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The announcement allows a completion after it."""
    ok = earliest("announced_date") <= latest("completed_date")
    yield RowCheck("announced_date", ok, text("a date up to completed_date {}", "completed_date"))


@CATALOGUE.rule(
    "X103",
    "value-without-kind",
    scope="row",
    tables=("asset_exits",),
    summary="Value and kind of value do not come together.",
    explanation="A price, a sunk cost and an award are different things; a value without its kind must not be summed.",
    fix="Give `value_usd` and `value_kind_code` both, or neither.",
)
def value_has_kind(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The kind of value is there exactly when the value is."""
    ok = implies(filled("value_usd"), filled("value_kind_code"))
    yield RowCheck("value_kind_code", ok, "what value_usd measures")
    ok = implies(filled("value_kind_code"), filled("value_usd"))
    yield RowCheck("value_usd", ok, text("a value of the kind {}", "value_kind_code"))


@CATALOGUE.rule(
    "X104",
    "completed-date-without-completion",
    scope="row",
    tables=("asset_exits",),
    summary="A date of completion is given for an exit that is not completed.",
    explanation="Announced and agreed exits often fail; only a completed one has the day on which it was complete.",
    fix="Set `status_code` to completed, or empty `completed_date`.",
)
def completion_date_means_completed(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Only completed exits have a date of completion."""
    ok = implies(~among("status_code", "completed"), empty("completed_date"))
    yield RowCheck("completed_date", ok, text(f"{NOTHING}, as status_code is {{}}", "status_code"))


@CATALOGUE.rule(
    "X105",
    "completed-without-date",
    scope="row",
    severity="warning",
    tables=("asset_exits",),
    summary="An exit is completed and has no date of completion.",
    explanation="Without a date nobody can say since when the company is out; even a year or an open interval helps.",
    fix="Fill `completed_date`, coarse if need be (2022, 2022~, ../2024), or set `status_code` to what is known.",
)
def completed_has_date(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Completed exits have a date of completion."""
    ok = implies(among("status_code", "completed"), filled("completed_date"))
    yield RowCheck("completed_date", ok, "a date, as status_code is completed")


@CATALOGUE.rule(
    "X106",
    "exit-kind-disagrees",
    scope="row",
    tables=("asset_exits",),
    summary="A company that stayed has a kind of exit, or one that left or is to leave has none.",
    explanation="`stayed` records a tested non-departure, which has no manner; every other row says how the company "
    "left or is to leave.",
    fix="Empty `exit_kind_code` where `status_code` is stayed; fill it elsewhere.",
)
def only_leavers_have_a_kind(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A kind of exit is there exactly when the company did not stay."""
    ok = implies(among("status_code", "stayed"), empty("exit_kind_code"))
    yield RowCheck("exit_kind_code", ok, f"{NOTHING}, as status_code is stayed")
    ok = implies(~among("status_code", "stayed"), filled("exit_kind_code"))
    yield RowCheck("exit_kind_code", ok, text("how the company left, as status_code is {}", "status_code"))


@CATALOGUE.rule(
    "X107",
    "stake-without-basis",
    scope="row",
    tables=("asset_exits",),
    summary="Stake and basis of the stake do not come together.",
    explanation="Fifty per cent of a contract and fifty per cent of the firm that holds half of it are not the same "
    "stake.",
    fix="Give `stake_pct` and `stake_basis` both, or neither.",
)
def stake_has_basis(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """What the stake is a share of is there exactly when the stake is."""
    ok = implies(filled("stake_pct"), filled("stake_basis"))
    yield RowCheck("stake_basis", ok, "what stake_pct is a share of")
    ok = implies(filled("stake_basis"), filled("stake_pct"))
    yield RowCheck("stake_pct", ok, text("a share of {}", "stake_basis"))
