"""Rules about dates that hold in every table; D101, the EDTF profile itself, is in `structure`."""

from __future__ import annotations

from collections.abc import Iterator

from bilatdata.contract.rule import CATALOGUE, Context, RowCheck
from bilatdata.contract.rules._expressions import NOTHING, col, earliest, empty, implies, latest
from bilatdata.contract.table_schema import TableSchema

PAST_DATES = {
    "agreements": ("status_date", "signed_date", "in_force_date", "ended_date"),
    "asset_exits": ("entry_date", "decided_date", "announced_date", "completed_date"),
    "concession_events": ("date",),
    "concession_holders": ("from_date",),
    "concessions": ("stage_date", "awarded_date", "signed_date"),
    "cooperation_areas": ("date",),
    "country_facts": ("valid_from_date",),
    "sources": ("published_date",),
}
"""Fields that record what has happened; `end_date`, `until_date` and `valid_until_date` may lie ahead."""


@CATALOGUE.rule(
    "D102",
    "bound-differs-from-date",
    scope="row",
    summary="A derived first or last day is not the one that the date allows.",
    explanation="Users sort and filter by `_earliest` and `_latest`; a bound that disagrees with its date puts a "
    "record into the wrong period. Where a file has the column, an empty bound beside a closed date is wrong too.",
    fix="Correct the date, then let `bilatdata build` write the bounds, or leave the derived columns out of the file.",
)
def bounds_follow_date(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Every derived bound equals the bound of the date that it is derived from."""
    import polars as pl

    for field in schema.fields:
        if not field.derived or "bound" not in field.derived:
            continue
        date, bound = field.derived["from"], field.derived["bound"]
        wanted = col(f"{date}.{bound}")
        readable = earliest(date).is_not_null() | latest(date).is_not_null()
        ok = implies(readable, col(field.name).eq_missing(wanted)) & implies(empty(date), empty(field.name))
        yield RowCheck(field.name, ok, wanted.cast(pl.String).fill_null(NOTHING))


@CATALOGUE.rule(
    "D103",
    "date-in-the-future",
    scope="row",
    tables=tuple(PAST_DATES),
    summary="The date of something that has happened lies after the day of the release.",
    explanation="A release records what was known on its day. A later date is a slip of the year, or a plan that is "
    "recorded as if it had happened.",
    fix="Correct the date; leave it empty for what is only planned and say so in the status, the stage or the note.",
)
def past_not_after_release(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The first day of a past event is not after the release."""
    for field in PAST_DATES[schema.name]:
        yield RowCheck(field, earliest(field) <= context.as_of, f"a date up to {context.as_of}")
