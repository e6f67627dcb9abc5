"""The rules, a module per topic; importing this package fills the catalogue."""

from __future__ import annotations

from bilatdata.contract.rule import CATALOGUE
from bilatdata.contract.rules import (
    agreements,
    concessions,
    coverage,
    dates,
    events,
    evidence,
    exits,
    facts,
    meetings,
    names,
    release,
    releases,
    retired,
    structure,
    totals,
    trade,
    vocabularies,
)

__all__ = [
    "CATALOGUE",
    "agreements",
    "concessions",
    "coverage",
    "dates",
    "events",
    "evidence",
    "exits",
    "facts",
    "meetings",
    "names",
    "release",
    "releases",
    "retired",
    "structure",
    "totals",
    "trade",
    "vocabularies",
]
