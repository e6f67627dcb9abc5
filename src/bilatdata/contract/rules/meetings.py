"""Rules about meetings and those who took part in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bilatdata.contract.rule import CATALOGUE, Context, Fault, RowCheck
from bilatdata.contract.rules._expressions import (
    NOTHING,
    among,
    earliest,
    empty,
    filled,
    implies,
    latest,
    other_country,
    text,
)
from bilatdata.contract.rules._rows import POSITION, numbered, repeats, with_ours
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    import polars as pl

CALLS = ("phone_call", "video_call")


@CATALOGUE.rule(
    "M101",
    "side-not-in-meeting",
    scope="package",
    tables=("meetings", "meeting_participants"),
    summary="A participant acts for a state that is not one of the two of the meeting.",
    explanation="Whoever counts who met whom joins participants to meetings by side; a third side belongs to a meeting "
    "of its own.",
    fix="Correct `side_country_code`, move the participant to the right meeting, or name third parties in the note.",
)
def sides_are_of_the_meeting(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Participants whose side is neither country of their meeting."""
    import polars as pl

    known = with_ours("meetings", tables, context)
    meetings = known.select("meeting_id", "country_a_code", "country_b_code").unique("meeting_id")
    joined = numbered(tables["meeting_participants"]).join(meetings, on="meeting_id", how="inner")
    side = pl.col("side_country_code")
    wrong = joined.filter((side != pl.col("country_a_code")) & (side != pl.col("country_b_code")))
    for position, meeting, first, second in wrong.select(
        POSITION, "meeting_id", "country_a_code", "country_b_code"
    ).iter_rows():
        expected = f"{first} or {second}, the countries of {meeting}"
        yield Fault("meeting_participants", position, "side_country_code", expected)


@CATALOGUE.rule(
    "M102",
    "same-country-twice",
    scope="row",
    tables=("meetings",),
    summary="Both sides of the meeting are the same country.",
    explanation="A row is a meeting between two states; one with itself counts twice for one and never for the other.",
    fix="Set `country_b_code` to the other side.",
)
def countries_differ(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The two countries differ."""
    yield other_country("country_b_code", than="country_a_code")


@CATALOGUE.rule(
    "M103",
    "held-in-the-future",
    scope="row",
    tables=("meetings",),
    summary="A meeting that is said to have been held lies after the day of the release.",
    explanation="What is agreed for a later day has not taken place yet and may still be called off.",
    fix="Correct the date, or set `status_code` to planned.",
)
def held_is_past(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A held meeting may have begun by the day of the release."""
    ok = implies(among("status_code", "held"), earliest("date") <= context.as_of)
    yield RowCheck("date", ok, f"a date up to {context.as_of}, or status_code planned")


@CATALOGUE.rule(
    "M104",
    "plan-overdue",
    scope="row",
    severity="warning",
    tables=("meetings",),
    summary="A meeting is still planned although its last possible day is past.",
    explanation="Plans freeze at the first source found; by now the meeting was held, moved or called off.",
    fix="Look the meeting up again and set `status_code` to held or cancelled, or to unconfirmed if nothing is found.",
)
def plan_is_ahead(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The last day of a planned meeting is not before the day of the release."""
    ok = implies(among("status_code", "planned"), latest("date") >= context.as_of)
    yield RowCheck("status_code", ok, text("held, cancelled or unconfirmed, as {} is past", "date"))


@CATALOGUE.rule(
    "M105",
    "call-with-place",
    scope="row",
    tables=("meetings",),
    summary="A telephone or video call has a place.",
    explanation="In a call the sides are in different places; a place would put it on the map as a visit.",
    fix="Empty `city` and `place_country_code`, or correct `format_code` if the sides met in one room.",
)
def call_has_no_place(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Calls have neither city nor country of the place."""
    for field in ("city", "place_country_code"):
        expected = text(f"{NOTHING}, as format_code is {{}}", "format_code")
        yield RowCheck(field, implies(among("format_code", *CALLS), empty(field)), expected)


@CATALOGUE.rule(
    "M106",
    "city-without-country",
    scope="row",
    severity="warning",
    tables=("meetings",),
    summary="The city of the meeting is given and its country is not.",
    explanation="City names repeat (Santiago, San José, Moscow); maps and counts by country need the state.",
    fix="Fill `place_country_code`.",
)
def city_has_country(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A city comes with the country of the place."""
    ok = implies(filled("city"), filled("place_country_code"))
    yield RowCheck("place_country_code", ok, text("the country of {}", "city"))


@CATALOGUE.rule(
    "M107",
    "participant-twice",
    scope="table",
    tables=("meeting_participants",),
    summary="A person, or an institution without a person, is in one meeting twice.",
    explanation="Whoever counts appearances counts a repeated participant twice.",
    fix="Delete the second row; where the offices differ, name both in one row.",
)
def participants_once(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Later rows of a person, or of an institution that no person stands for, in the same meeting and side."""
    import polars as pl

    people = numbered(frame).filter(pl.col("person_id").is_not_null())
    institutions = numbered(frame).filter(pl.col("person_id").is_null() & pl.col("organisation_id").is_not_null())
    for rows, field in ((people, "person_id"), (institutions, "organisation_id")):
        positions = rows[POSITION]
        for later, first in repeats(rows.drop(POSITION), ["meeting_id", field]):
            expected = f"one row per meeting (first in data row {positions[first] + 1})"
            yield Fault("meeting_participants", positions[later], field, expected)


@CATALOGUE.rule(
    "M108",
    "person-of-another-country",
    scope="package",
    severity="warning",
    tables=("meeting_participants", "people"),
    summary="A participant acts for another state than the one given in `people`.",
    explanation="Usually a side was mistyped or two people of one name were taken for one; a few people do act for a "
    "state that is not theirs.",
    fix="Correct `side_country_code` here or `country_code` in `people`; if both are right, leave them.",
)
def person_acts_for_own_country(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Participants whose side differs from the country of the person."""
    import polars as pl

    people = with_ours("people", tables, context).select("person_id", "country_code", "name").unique("person_id")
    joined = numbered(tables["meeting_participants"]).join(people, on="person_id", how="inner")
    wrong = joined.filter(pl.col("side_country_code") != pl.col("country_code"))
    for position, country, name in wrong.select(POSITION, "country_code", "name").iter_rows():
        yield Fault("meeting_participants", position, "side_country_code", f"{country}, the country of {name}")


@CATALOGUE.rule(
    "M109",
    "participant-unnamed",
    scope="row",
    tables=("meeting_participants",),
    summary="A participant has neither a person, nor an institution, nor an office.",
    explanation="A row that says nothing but a side tells no more than the meeting itself.",
    fix="Fill `person_id`, `organisation_id` or `office`, or delete the row.",
)
def participant_is_named(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A participant is somebody."""
    ok = filled("person_id", "organisation_id", "office")
    yield RowCheck("person_id", ok, "a person, an institution in organisation_id, or an office")


@CATALOGUE.rule(
    "M110",
    "level-not-of-lower-side",
    scope="package",
    severity="warning",
    tables=("meetings", "meeting_participants"),
    summary="The level of the meeting is not the rank of its lower-ranking side.",
    explanation="A side ranks as its highest participant, and the meeting as the lower of its two sides, so that a "
    "courtesy call of an ambassador on a president does not count as a summit. Joint commissions are left out.",
    fix="Correct `level_code` of the meeting or of a participant, or add the participant who is missing.",
)
def level_is_of_the_lower_side(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Meetings with participants of both sides whose level is not the lower of the two ranks."""
    import polars as pl

    ranks = {code: rank for rank, code in enumerate(context.schemas["meetings"].by_name["level_code"].enum or ())}
    ranked = with_ours("meeting_participants", tables, context).with_columns(
        pl.col("level_code").replace_strict(ranks, default=None, return_dtype=pl.Int64).alias("rank")
    )
    sides = ranked.drop_nulls("rank").group_by("meeting_id", "side_country_code").agg(pl.col("rank").max())
    lower = sides.group_by("meeting_id").agg(pl.len().alias("sides"), pl.col("rank").min())
    joined = numbered(tables["meetings"]).join(
        lower.filter(pl.col("sides") == 2), on="meeting_id", maintain_order="left"
    )
    codes = list(ranks)
    for position, level, rank in joined.select(POSITION, "level_code", "rank").iter_rows():
        if level not in (None, "commission", codes[rank]):
            yield Fault("meetings", position, "level_code", f"{codes[rank]}, the rank of the lower-ranking side")


@CATALOGUE.rule(
    "M111",
    "meeting-twice",
    scope="package",
    severity="warning",
    tables=("meetings", "meeting_participants"),
    summary="Two meetings have the same countries, date, status and people.",
    explanation="One event told by two sources is one row; two rows count it twice. Now and then the same people do "
    "meet twice in a day.",
    fix="Merge the rows and let the evidence of both point at the one that stays; leave them if there were two "
    "meetings.",
)
def meetings_once(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Later meetings of the same two or more named people on the same date."""
    import polars as pl

    named = with_ours("meeting_participants", tables, context).drop_nulls("person_id")
    groups = named.group_by("meeting_id").agg(pl.col("person_id").unique().sort().alias("people"))
    several = groups.filter(pl.col("people").list.len() > 1).with_columns(pl.col("people").list.join(";"))
    meetings = numbered(tables["meetings"]).join(several, on="meeting_id", maintain_order="left")
    same = ["country_a_code", "country_b_code", "date", "status_code", "people"]
    for later, first in repeats(meetings.drop(POSITION), same):
        expected = f"another date or other people than {meetings['meeting_id'][first]}"
        yield Fault("meetings", meetings[POSITION][later], "date", expected)
