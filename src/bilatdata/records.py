"""One record with what hangs on it: linked rows, evidence, sources, disagreements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
"""A row by column name: str, int, float, bool or datetime.date, None where the cell is empty."""


@dataclass(frozen=True)
class Evidence:
    """What one source says of a record or of one of its fields."""

    evidence_id: str
    table: str
    record_id: str
    field: str | None
    """Field that the evidence is about; None for the record as a whole."""
    source_id: str
    locator: str | None
    reported_value: str | None
    basis: str
    """stated, derived or inferred."""
    stance: str
    """supports or disputes."""
    note: str | None


@dataclass(frozen=True)
class Dispute:
    """A cell that at least one source contradicts."""

    table: str
    record_id: str
    field: str
    value: Any
    """The cell as it stands in the table."""
    disputing: tuple[Evidence, ...]
    supporting: tuple[Evidence, ...]
    """Evidence for this very field; that for the record as a whole is not repeated here."""


@dataclass(frozen=True)
class Record:
    """A record of any table that has a single-column key."""

    table: str
    id: str
    version: str
    """Version of the data."""
    values: Row
    """The row, in the order of the schema."""
    children: dict[str, list[Row]] = field(default_factory=dict)
    """Rows of other tables (or of this one) that refer to the record, by table; empty tables are left out.

    A meeting has its participants, a concession its holders, exits and successors, a person the participations and the
    meetings they belong to, a source the evidence taken from it and the records which that evidence is about.
    """
    evidence: tuple[Evidence, ...] = ()
    """Evidence for the record and for its companions (participants, holders); record-level evidence first."""
    sources: dict[str, Row] = field(default_factory=dict)
    """The sources named by the evidence, by id."""
    disputes: tuple[Dispute, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    """What to call the ids that occur in the record: people, organisations, countries, and labels of other records."""

    def to_dict(self) -> dict[str, Any]:
        """The record as plain dicts, lists, text and numbers, ready for JSON; dates as ISO text."""
        raise NotImplementedError

    def __str__(self) -> str:
        """The record as plain text."""
        raise NotImplementedError


def record(id: str) -> Record:
    """Look up a record by its id, such as `MTG-0001`, `ORG-0012` or `BOL`.

    Raises:
        BilatdataError: no record has this id; the message says which tables have which ids, and the nearest one.
    """
    raise NotImplementedError


def evidence(table: str, record_id: str, field: str | None = None) -> pd.DataFrame:
    """Evidence for a record, or for one of its fields, with the source beside it.

    Columns: evidence_id, field_name, stance_code, basis_code, reported_value, locator, note, source_id, source_title,
    publisher, published_date, url.

    Raises:
        BilatdataError: no such table, record or field.
    """
    raise NotImplementedError
