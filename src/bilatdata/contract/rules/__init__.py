"""The rules, a module per topic; importing this package fills the catalogue."""

from __future__ import annotations

from bilatdata.contract.rule import CATALOGUE
from bilatdata.contract.rules import (
    concessions,
    dates,
    evidence,
    exits,
    meetings,
    names,
    release,
    structure,
    trade,
    vocabularies,
)

__all__ = [
    "CATALOGUE",
    "concessions",
    "dates",
    "evidence",
    "exits",
    "meetings",
    "names",
    "release",
    "structure",
    "trade",
    "vocabularies",
]
