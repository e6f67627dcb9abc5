"""Rules about the events of a concession and what they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from bilatdata.contract.rule import CATALOGUE, Context, Fault, KeyCheck
from bilatdata.contract.rules._expressions import col
from bilatdata.contract.rules._rows import POSITION, numbered, with_ours
from bilatdata.contract.rules.concessions import ACTIVE_STAGES
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    import polars as pl

SIGNATURES = ("agreement", "contract", "memorandum")
WORK = ("pilot", "exploration", "construction", "production")


@CATALOGUE.rule(
    "C111",
    "events-lead-elsewhere",
    scope="package",
    tables=("concession_events", "concessions"),
    summary="The stage of the concession is not the one that its last event led to.",
    explanation="The log is the longer story and the stage its end; whoever reads only one of them must learn the "
    "same. Events whose order is not certain may each be the last.",
    fix="Correct `stage_code` and `stage_date` of the concession, or add the event that led there.",
)
def events_lead_to_the_stage(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Concessions whose stage is none of those that a possibly last event led to."""
    import polars as pl

    last = last_events(with_ours("concession_events", tables, context))
    ends = last.group_by("concession_id", maintain_order=True).agg(
        pl.col("stage_code").alias("led_to"), pl.col("concession_event_id").alias("events")
    )
    joined = numbered(tables["concessions"]).join(ends, on="concession_id", maintain_order="left")
    for position, stage, led_to, events in joined.select(POSITION, "stage_code", "led_to", "events").iter_rows():
        if stage is not None and stage not in led_to:
            stages = " or ".join(dict.fromkeys(led_to))
            yield Fault("concessions", position, "stage_code", f"{stages}, to which {' or '.join(events)} led")


def last_events(events: pl.DataFrame) -> pl.DataFrame:
    """The events that led to a stage and that no other such event of their concession surely follows."""
    import polars as pl

    first_day = pl.col("date.earliest").fill_null(date.min)
    last_day = pl.col("date.latest").fill_null(date.max)
    staged = events.filter(pl.col("stage_code").is_not_null() & pl.col("concession_id").is_not_null())
    return staged.filter(last_day >= first_day.max().over("concession_id"))


@CATALOGUE.rule(
    "C112",
    "stage-before-its-event",
    scope="package",
    tables=("concession_events", "concessions"),
    summary="The date of the stage lies before the event that led to it.",
    explanation="A stage is reached or reported on the day of the event that led there, or later.",
    fix="Correct `stage_date`, or the date of the event.",
)
def stage_follows_its_event(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Concessions whose stage is surely dated before every possibly last event that led to it."""
    import polars as pl

    last = last_events(with_ours("concession_events", tables, context))
    reached = last.group_by("concession_id", "stage_code").agg(
        pl.col("date.earliest").fill_null(date.min).min().alias("reached"),
        pl.col("concession_event_id").first().alias("event"),
    )
    joined = numbered(tables["concessions"]).join(reached, on=["concession_id", "stage_code"], maintain_order="left")
    wrong = joined.filter(pl.col("stage_date.latest") < pl.col("reached"))
    for position, reached_on, event in wrong.select(POSITION, "reached", "event").iter_rows():
        yield Fault("concessions", position, "stage_date", f"a date from {reached_on} on, when {event} led there")


@CATALOGUE.rule(
    "C113",
    "event-after-the-end",
    scope="package",
    tables=("concession_events", "concessions"),
    summary="An event leads to an active stage after the right has ended.",
    explanation="What has ended is neither signed nor worked any more: the right was extended, or the event belongs to "
    "the right that followed. Statements, arbitration and other events without a stage may come later.",
    fix="Correct `end_date` of the concession, the date of the event, or its `concession_id`.",
)
def no_activity_after_the_end(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Events with an active stage that surely come after the end of their concession."""
    import polars as pl

    joined = _with_concession(tables, context, "end_date", "end_date.latest")
    active = pl.col("stage_code").is_in(ACTIVE_STAGES)
    wrong = joined.filter(active & (pl.col("date.earliest") > pl.col("end_date.latest")))
    for position, concession, end in wrong.select(POSITION, "concession_id", "end_date").iter_rows():
        yield Fault("concession_events", position, "date", f"a date up to {end}, when {concession} ended")


@CATALOGUE.rule(
    "C114",
    "work-before-signature",
    scope="package",
    severity="warning",
    tables=("concession_events", "concessions"),
    summary="Work began before the contract was signed.",
    explanation="Pilots, exploration, construction and output rest on a signed contract; work before it usually "
    "belongs to an earlier right, or the signature is that of an extension.",
    fix="Check both dates; give the earlier contract a row of its own and name it as predecessor. Leave what the "
    "sources bear out.",
)
def work_follows_signature(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Events that lead to a stage of work and surely come before the signature of their concession."""
    import polars as pl

    joined = _with_concession(tables, context, "signed_date", "signed_date.earliest")
    work = pl.col("stage_code").is_in(WORK)
    wrong = joined.filter(work & (pl.col("date.latest") < pl.col("signed_date.earliest")))
    for position, concession, signed in wrong.select(POSITION, "concession_id", "signed_date").iter_rows():
        yield Fault("concession_events", position, "date", f"a date from {signed} on, when {concession} was signed")


def _with_concession(tables: Mapping[str, pl.DataFrame], context: Context, *fields: str) -> pl.DataFrame:
    """The events at hand with their positions and these fields of their concession."""
    concessions = with_ours("concessions", tables, context).select("concession_id", *fields).unique("concession_id")
    return numbered(tables["concession_events"]).join(concessions, on="concession_id", maintain_order="left")


@CATALOGUE.rule(
    "C115",
    "signature-without-event",
    scope="package",
    severity="warning",
    tables=("concession_events", "concessions"),
    summary="No event of the concession is the signature that `signed_date` dates.",
    explanation="The log has signatures and none of them on that day: a date was mended in one place and not in the "
    "other, or the document that counts is missing from the log.",
    fix="Correct `signed_date` or the date of the event, or add the event of the signature.",
)
def signature_is_an_event(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Concessions that have signatures among their events, none of which may have been on the day of signature."""
    import polars as pl

    events = with_ours("concession_events", tables, context)
    signatures = events.filter(pl.col("event_type_code").is_in(SIGNATURES))
    dated = numbered(tables["concessions"]).filter(pl.col("signed_date").is_not_null())
    pairs = dated.join(signatures, on="concession_id", maintain_order="left_right")
    apart = (pl.col("date.earliest") > pl.col("signed_date.latest")) | (
        pl.col("date.latest") < pl.col("signed_date.earliest")
    )
    judged = pairs.group_by(POSITION, maintain_order=True).agg(
        apart.fill_null(False).all().alias("apart"), pl.col("date").fill_null("an unknown day")
    )
    for position, _, dates in judged.filter("apart").iter_rows():
        yield Fault(
            "concessions", position, "signed_date", f"the date of a signature among the events: {', '.join(dates)}"
        )


@CATALOGUE.rule(
    "C116",
    "event-twice",
    scope="key",
    severity="warning",
    tables=("concession_events",),
    summary="A concession has two events of one kind on one date that led to one stage.",
    explanation="One event told by two sources is one row; two rows make a log look fuller than it is.",
    fix="Merge the rows and let the evidence of both point at the one that stays; leave them if there were two events.",
)
def events_once(schema: TableSchema, context: Context) -> Iterator[KeyCheck]:
    """Concession, date, kind and stage."""
    same = ("concession_id", "date", "event_type_code", "stage_code")
    yield KeyCheck("date", tuple(map(col, same)), "a date, kind or stage that no other event of the concession has")
