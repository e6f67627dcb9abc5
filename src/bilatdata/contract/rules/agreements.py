"""Rules about agreements: their dates, their status, and what they were signed at and are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bilatdata.contract.rule import CATALOGUE, Context, Fault, RowCheck
from bilatdata.contract.rules._expressions import (
    NOTHING,
    among,
    can_precede,
    empty,
    filled,
    implies,
    other_country,
    text,
)
from bilatdata.contract.rules._rows import POSITION, fold, numbered, repeats, with_ours
from bilatdata.contract.table_schema import TableSchema

if TYPE_CHECKING:
    import polars as pl

UNSIGNED = ("unconfirmed", "proposed", "negotiation")
WAS_IN_FORCE = ("in_force", "suspended", "ended")
TREATIES = ("treaty", "intergovernmental_agreement", "investment_treaty", "tax_treaty", "visa_waiver")
"""Kinds that enter into force on a day of their own; contracts and declarations mostly bind from the signature on."""


@CATALOGUE.rule(
    "A101",
    "agreement-with-itself",
    scope="row",
    tables=("agreements",),
    summary="Both sides of the agreement are the same country.",
    explanation="The table holds what two states, or bodies of two states, agree on.",
    fix="Set `country_b_code` to the other side.",
)
def parties_differ(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """The two countries differ."""
    yield other_country("country_b_code", than="country_a_code")


@CATALOGUE.rule(
    "A102",
    "agreement-dates-reversed",
    scope="row",
    tables=("agreements",),
    summary="An agreement is in force before its signature, or ended before its signature or its entry into force.",
    explanation="An agreement is signed, enters into force, then ends. Coarse dates fail only if no day that they "
    "allow would do.",
    fix="Correct the dates; an agreement that replaces an older one is a row of its own.",
)
def signature_force_end(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Signature, entry into force and end allow that order."""
    yield can_precede("signed_date", "in_force_date")
    yield can_precede("in_force_date", "ended_date")
    yield can_precede("signed_date", "ended_date")


@CATALOGUE.rule(
    "A103",
    "status-without-date",
    scope="row",
    tables=("agreements",),
    summary="An agreement is signed or ended and has no date of that.",
    explanation="A signature that nobody can date is a plan or a rumour; even a year helps.",
    fix="Fill `signed_date` or `ended_date`, coarse if need be (2008, 2008~, ../2010), or set `status_code` to what is "
    "known.",
)
def status_has_date(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Signed agreements have a date of signature, ended ones a date of the end."""
    for status in ("signed", "ended"):
        ok = implies(among("status_code", status), filled(f"{status}_date"))
        yield RowCheck(f"{status}_date", ok, f"a date, as status_code is {status}")


@CATALOGUE.rule(
    "A104",
    "treaty-without-date",
    scope="row",
    severity="warning",
    tables=("agreements",),
    summary="A treaty is ratified or in force and has no date of signature, or none of its entry into force.",
    explanation="Treaties are printed with both days; that they are missing only says that the text was not looked at. "
    "Contracts and declarations, which mostly bind from the signature on, need no day of entry into force.",
    fix="Look the treaty up and fill `signed_date` and `in_force_date`; leave them empty if nothing is found.",
)
def treaty_has_dates(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Ratified agreements have a date of signature, treaties in force a date of entry into force."""
    ok = implies(among("status_code", "ratified"), filled("signed_date"))
    yield RowCheck("signed_date", ok, "a date, as status_code is ratified")
    in_force = among("status_code", "in_force") & among("kind_code", *TREATIES)
    yield RowCheck("in_force_date", implies(in_force, filled("in_force_date")), "a date, as status_code is in_force")


@CATALOGUE.rule(
    "A105",
    "date-without-status",
    scope="row",
    tables=("agreements",),
    summary="A date of entry into force or of the end stands beside a status that says otherwise.",
    explanation="Readers who select by status would take what is in force for what is only signed, or what has ended "
    "for what is in force.",
    fix="Set `status_code` to in_force, suspended or ended, or empty the date.",
)
def date_means_status(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Only what is or was in force has a date of entry into force, and only what has ended one of the end."""
    expected = text(f"{NOTHING}, as status_code is {{}}", "status_code")
    ok = implies(~among("status_code", *WAS_IN_FORCE), empty("in_force_date"))
    yield RowCheck("in_force_date", ok, expected)
    yield RowCheck("ended_date", implies(~among("status_code", "ended"), empty("ended_date")), expected)


@CATALOGUE.rule(
    "A106",
    "unsigned-with-signature",
    scope="row",
    tables=("agreements",),
    summary="What is not signed has a date or place of signature, signatories, or a meeting at which it was signed.",
    explanation="Proposals, drafts and unconfirmed papers have been signed by nobody; who said so is in the "
    "description and the evidence.",
    fix="Set `status_code` to signed, or empty the fields of the signature.",
)
def unsigned_has_no_signature(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Unsigned agreements have neither date, nor city, nor signatories, nor meeting."""
    for field in ("signed_date", "city", "signatories", "meeting_id"):
        ok = implies(among("status_code", *UNSIGNED), empty(field))
        yield RowCheck(field, ok, text(f"{NOTHING}, as status_code is {{}}", "status_code"))


@CATALOGUE.rule(
    "A107",
    "status-before-its-date",
    scope="row",
    tables=("agreements",),
    summary="The status is dated before the signature, the entry into force or the end that it includes.",
    explanation="`status_date` is when the status was reached or last reported, so it cannot lie before a step that "
    "was taken on the way.",
    fix="Correct `status_date` or the date of the step.",
)
def status_follows_steps(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Signature, entry into force and end do not surely come after the date of the status."""
    for step in ("signed_date", "in_force_date", "ended_date"):
        yield can_precede(step, "status_date")


@CATALOGUE.rule(
    "A108",
    "parties-not-of-meeting",
    scope="package",
    tables=("agreements", "meetings"),
    summary="The two sides of the agreement are not those of the meeting at which it was signed.",
    explanation="Meetings are between two states; what a third one signed belongs to a meeting of its own.",
    fix="Correct `meeting_id` or the countries of the agreement.",
)
def parties_are_of_the_meeting(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Agreements whose countries are not the two of their meeting."""
    yield from _unlike_sides(tables, context, "meetings", "meeting_id", ("country_a_code", "country_b_code"))


@CATALOGUE.rule(
    "A109",
    "parties-not-of-concession",
    scope="package",
    tables=("agreements", "concessions"),
    summary="The two sides of the agreement are not the host and the investor of its concession.",
    explanation="An agreement about a concession is between the state whose resource it is and the state of the "
    "investor.",
    fix="Correct `concession_id` or the countries of the agreement.",
)
def parties_are_of_the_concession(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Agreements whose countries are not those of their concession."""
    sides = ("host_country_code", "investor_country_code")
    yield from _unlike_sides(tables, context, "concessions", "concession_id", sides)


def _unlike_sides(
    tables: Mapping[str, pl.DataFrame], context: Context, table: str, key: str, sides: tuple[str, str]
) -> Iterator[Fault]:
    """Agreements whose countries are not, in either order, the two sides of the row of `table` that `key` names."""
    import polars as pl

    known = with_ours(table, tables, context)
    parties = known.select(key, pl.col(sides[0]).alias("_one"), pl.col(sides[1]).alias("_other")).unique(key)
    joined = numbered(tables["agreements"]).join(parties, on=key, maintain_order="left")
    a, b, one, other = (pl.col(name) for name in ("country_a_code", "country_b_code", "_one", "_other"))
    wrong = joined.filter(~(((a == one) & (b == other)) | ((a == other) & (b == one))))
    for position, record, first, second in wrong.select(POSITION, key, "_one", "_other").iter_rows():
        yield Fault("agreements", position, key, f"a record of the two sides; {record} is of {first} and {second}")


@CATALOGUE.rule(
    "A110",
    "signed-outside-its-meeting",
    scope="package",
    severity="warning",
    tables=("agreements", "meetings"),
    summary="The agreement was signed on another day or in another city than its meeting was held.",
    explanation="`meeting_id` says at which meeting it was signed; another date or place points at another meeting of "
    "the same visit, or at a slip in one of the rows.",
    fix="Correct the date, the city or `meeting_id`; leave them if the sources bear them out.",
)
def signed_at_its_meeting(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Agreements whose signature surely was not within the days of their meeting, or was elsewhere."""
    import polars as pl

    joined = _with_meeting(tables, context)
    apart = (pl.col("signed_date.earliest") > pl.col("date.latest")) | (
        pl.col("signed_date.latest") < pl.col("date.earliest")
    )
    for position, meeting, day in joined.filter(apart).select(POSITION, "meeting_id", "date").iter_rows():
        yield Fault("agreements", position, "signed_date", f"{day}, the date of {meeting}")
    for position, meeting, city, place in joined.select(POSITION, "meeting_id", "city", "place").iter_rows():
        if city and place and fold(city) != fold(place):
            yield Fault("agreements", position, "city", f"{place}, the city of {meeting}")


@CATALOGUE.rule(
    "A111",
    "signed-at-no-meeting",
    scope="package",
    tables=("agreements", "meetings"),
    summary="The meeting at which the agreement was signed is planned or was called off.",
    explanation="Nothing is signed at a meeting that was not held.",
    fix="Correct `status_code` of the meeting, or name the meeting at which it was signed.",
)
def meeting_was_held(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Agreements whose meeting is planned or cancelled."""
    import polars as pl

    joined = _with_meeting(tables, context)
    wrong = joined.filter(pl.col("meeting_status").is_in(["planned", "cancelled"]))
    for position, meeting, status in wrong.select(POSITION, "meeting_id", "meeting_status").iter_rows():
        yield Fault("agreements", position, "meeting_id", f"a meeting that was held; {meeting} is {status}")


def _with_meeting(tables: Mapping[str, pl.DataFrame], context: Context) -> pl.DataFrame:
    """The agreements at hand with their positions and with date, city (`place`) and status of their meeting."""
    import polars as pl

    meetings = with_ours("meetings", tables, context).select(
        "meeting_id",
        "date",
        "date.earliest",
        "date.latest",
        pl.col("city").alias("place"),
        pl.col("status_code").alias("meeting_status"),
    )
    return numbered(tables["agreements"]).join(meetings.unique("meeting_id"), on="meeting_id", maintain_order="left")


@CATALOGUE.rule(
    "A112",
    "agreement-twice",
    scope="table",
    severity="warning",
    tables=("agreements",),
    summary="Two agreements of the same sides have one title and one date of signature.",
    explanation="One paper told by two sources is one row; two rows count it twice. Case, accents and punctuation do "
    "not make another title, and a paper that is signed anew has another date.",
    fix="Merge the rows and let the evidence of both point at the one that stays; tell two papers apart in the title.",
)
def agreements_once(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Later agreements of the same countries, folded title and date of signature."""
    import polars as pl

    titles = pl.Series("title", [fold(title or "") for title in frame["title"]], dtype=pl.String)
    papers = frame.select("country_a_code", "country_b_code", "signed_date").with_columns(titles)
    for later, first in repeats(papers, papers.columns):
        expected = f"a title or date that {frame['agreement_id'][first]} does not have"
        yield Fault("agreements", later, "title", expected)


@CATALOGUE.rule(
    "A113",
    "proposal-signed",
    scope="row",
    tables=("agreements",),
    summary="A proposal has the status of something that was signed.",
    explanation="`proposal` is the kind of what has no document yet; once signed it is a memorandum, a contract or a "
    "treaty.",
    fix="Set `kind_code` to what was signed, or `status_code` to proposed, negotiation or unconfirmed.",
)
def proposals_are_unsigned(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Proposals have a status of unsigned papers."""
    ok = implies(among("kind_code", "proposal"), among("status_code", *UNSIGNED))
    yield RowCheck("kind_code", ok, text("the kind of the paper, as status_code is {}", "status_code"))
