"""Rules about concessions and those who hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from bilatdata.contract.rule import CATALOGUE, Context, Fault, RowCheck
from bilatdata.contract.rules._expressions import among, can_precede, col, filled, implies, latest, other_country, text
from bilatdata.contract.rules._rows import POSITION, cyclic_rows, numbered, with_ours
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    import polars as pl

SHARE_TOLERANCE = 0.01
"""Per cent by which shares may exceed 100, for shares that sources round."""
NOT_HOLDING = ("bidder", "contractor")
ACTIVE_STAGES = ("negotiation", "selected", "signed", "pilot", "exploration", "construction", "production")


@CATALOGUE.rule(
    "C101",
    "concession-dates-reversed",
    scope="row",
    tables=("concessions",),
    summary="A concession was signed before it was awarded, or ended before it was signed or awarded.",
    explanation="A right is awarded, then signed, then ends; reversed dates usually belong to another contract or "
    "have a slip in the year. Coarse dates fail only if no day that they allow would do.",
    fix="Correct the dates, or put the earlier contract into a row of its own and name it as predecessor.",
)
def award_signature_end(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Awarded, signed and end dates allow that order."""
    yield can_precede("awarded_date", "signed_date")
    yield can_precede("signed_date", "end_date")
    yield can_precede("awarded_date", "end_date")


@CATALOGUE.rule(
    "C102",
    "shares-over-100",
    scope="table",
    tables=("concession_holders",),
    summary="The shares held at one time in one concession sum to more than 100 per cent.",
    explanation="More than the whole cannot be held: a share has ended, is a share of something else, or is counted "
    "with its parent's. Bidders and contractors hold nothing and are not counted.",
    fix="Fill `until_date` of the holder that left, or say in `share_of` what the share is a share of.",
)
def shares_sum_to_100(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """For each concession and whole, the last holder at a time when the shares exceed 100."""
    import polars as pl

    whole = ["concession_id", "share_of"]
    holding = numbered(frame).filter(
        pl.col("share_pct").is_not_null() & ~pl.col("role_code").is_in(NOT_HOLDING).fill_null(False)
    )
    most = 100 + SHARE_TOLERANCE
    over = holding.filter(pl.col("share_pct").sum().over(whole) > most)
    for (concession, share_of), group in over.group_by(whole, maintain_order=True):
        together = _held_together(group, most)
        if together is not None:
            position, total = together
            of = share_of or concession
            rest = max(0.0, 100 - total + frame["share_pct"][position])
            expected = f"at most {round(rest, 2):g}, as the shares of {of} sum to {round(total, 2):g}"
            yield Fault("concession_holders", position, "share_pct", expected)


def _held_together(group: pl.DataFrame, most: float) -> tuple[int, float] | None:
    """Position of the last holder and the sum of shares at the first time when the sum exceeds `most`.

    A share counts from the last day on which it may have begun to the first day on which it may have ended, so that
    holders who may have followed one another are not counted together.
    """
    columns = (POSITION, "share_pct", "from_date.latest", "until_date.earliest")
    held = [
        (at, share, start or date.min, end or date.max) for at, share, start, end in group.select(columns).iter_rows()
    ]
    for day in sorted({start for _, _, start, _ in held}):
        present = [(at, share) for at, share, start, end in held if start <= day < end]
        total = sum(share for _, share in present)
        if total > most:
            return max(present)[0], total
    return None


@CATALOGUE.rule(
    "C103",
    "capacity-without-unit",
    scope="row",
    tables=("concessions",),
    summary="Capacity and unit do not come together.",
    explanation="A capacity without its unit cannot be compared with anything.",
    fix="Give `capacity_value` and `capacity_unit_code` both, or neither.",
)
def capacity_has_unit(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The unit is there exactly when the capacity is."""
    ok = implies(filled("capacity_value"), filled("capacity_unit_code"))
    yield RowCheck("capacity_unit_code", ok, "a unit, as there is a capacity_value")
    ok = implies(filled("capacity_unit_code"), filled("capacity_value"))
    yield RowCheck("capacity_value", ok, text("a capacity in {}", "capacity_unit_code"))


@CATALOGUE.rule(
    "C104",
    "own-predecessor",
    scope="row",
    tables=("concessions",),
    summary="A concession names itself as its predecessor.",
    explanation="The predecessor is the earlier right that this one replaces or continues.",
    fix="Name the earlier concession, or empty `predecessor_id`.",
)
def predecessor_is_another(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The predecessor is another concession."""
    yield RowCheck("predecessor_id", col("predecessor_id") != col("concession_id"), "another concession")


@CATALOGUE.rule(
    "C105",
    "host-is-investor",
    scope="row",
    tables=("concessions",),
    summary="Host and investor are the same country.",
    explanation="The table holds rights that one state's resource owner grants to another state's investor.",
    fix="Correct `host_country_code` or `investor_country_code`.",
)
def host_is_not_investor(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Host and investor countries differ."""
    yield other_country("investor_country_code", than="host_country_code")


@CATALOGUE.rule(
    "C106",
    "ended-but-active",
    scope="row",
    severity="warning",
    tables=("concessions",),
    summary="The right has ended and the stage says that it goes on.",
    explanation="Stages freeze at the first source found; a right whose end is past is over, was extended, or was "
    "given back.",
    fix="Set `stage_code` to what it came to (relinquished, cancelled, suspended), or correct `end_date`.",
)
def ended_is_not_active(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A right in an active stage has not surely ended."""
    ok = implies(among("stage_code", *ACTIVE_STAGES), latest("end_date") >= context.as_of)
    yield RowCheck("stage_code", ok, text("a stage for a right that ended {}", "end_date"))


@CATALOGUE.rule(
    "C107",
    "predecessor-cycle",
    scope="table",
    tables=("concessions",),
    summary="A concession is, through its predecessors, its own predecessor.",
    explanation="Whoever follows a right back to its first award never arrives.",
    fix="Correct or empty `predecessor_id` in one of the rows.",
)
def predecessors_end(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Concessions on a cycle of two or more; one that names itself is C104's."""
    import polars as pl

    own = pl.col("predecessor_id") == pl.col("concession_id")
    others = frame.with_columns(pl.when(~own).then("predecessor_id").alias("predecessor_id"))
    for position in cyclic_rows(others, "concession_id", "predecessor_id"):
        yield Fault("concessions", position, "predecessor_id", "a concession that does not follow this one")


@CATALOGUE.rule(
    "C108",
    "exit-in-another-country",
    scope="package",
    tables=("asset_exits", "concessions"),
    summary="The asset lies in another country than the concession that is left.",
    explanation="A concession and the asset that it grants lie in one state; one of the two references is wrong.",
    fix="Correct `asset_country_code` or `concession_id`.",
)
def exit_is_where_the_concession_is(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Exits whose country differs from the host country of their concession."""
    import polars as pl

    known = with_ours("concessions", tables, context)
    hosts = known.select("concession_id", "host_country_code").unique("concession_id")
    joined = numbered(tables["asset_exits"]).join(hosts, on="concession_id", how="inner")
    wrong = joined.filter(pl.col("asset_country_code") != pl.col("host_country_code"))
    for position, concession, host in wrong.select(POSITION, "concession_id", "host_country_code").iter_rows():
        yield Fault("asset_exits", position, "asset_country_code", f"{host}, the host country of {concession}")


@CATALOGUE.rule(
    "C109",
    "holding-reversed",
    scope="row",
    tables=("concession_holders",),
    summary="A holding ends before it begins.",
    explanation="Shares are summed over the time in which they are held; a reversed holding is never counted.",
    fix="Correct `from_date` or `until_date`.",
)
def holding_begins_before_it_ends(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The start of a holding allows its end."""
    yield can_precede("from_date", "until_date")


@CATALOGUE.rule(
    "C110",
    "holder-twice",
    scope="table",
    severity="warning",
    tables=("concession_holders",),
    summary="An organisation holds two shares of one whole at one time.",
    explanation="Shares are summed by holder; two at once are usually an old and a new share of which the old one has "
    "no end. Bidders and contractors hold nothing and are not compared.",
    fix="Fill `until_date` of the share that ended, merge the rows, or say in `share_of` what each is a share of.",
)
def holders_once_at_a_time(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Later rows of a holder, a concession and a whole that surely overlap an earlier one."""
    import polars as pl

    holding = numbered(frame).filter(
        pl.col("concession_id").is_not_null() & ~pl.col("role_code").is_in(NOT_HOLDING).fill_null(False)
    )
    same = ["concession_id", "organisation_id", "share_of"]
    repeated = holding.filter(pl.len().over(same) > 1)
    columns = (POSITION, "from_date.latest", "until_date.earliest")
    for _, group in repeated.group_by(same, maintain_order=True):
        earlier: list[tuple[int, date, date]] = []
        for position, start, end in group.select(columns).iter_rows():
            start, end = start or date.min, end or date.max
            other = next((at for at, begin, finish in earlier if max(begin, start) < min(finish, end)), None)
            if other is not None:
                expected = f"a time at which {frame['concession_holder_id'][other]} does not count"
                yield Fault("concession_holders", position, "organisation_id", expected)
            earlier.append((position, start, end))
