"""A table with ten different faults, and what is found in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bilatdata.validation import Report, validate

# The rows are data to look at, as wide as they are.
# ruff: noqa: E501

HEADER = (
    "meeting_id,country_a_code,country_b_code,date,level_code,format_code,status_code,visit_id,host_event,city,"
    "place_country_code,topic_codes,outcome,confidence_code,note"
)
TEN_FAULTS = [
    "MTG-9001,RUS,BOL,2024-02-30,head_of_state,talks,held,,,Kazan,RUS,trade,,high,",  # no such day
    "MTG9002,RUS,BOL,2024-03-01,head_of_state,talks,held,,,Sucre,BOL,trade,,high,",  # no such id
    "MTG-9003,RUS,BOL,2024-04-01,presidents,talks,held,,,Sucre,BOL,trade,,high,",  # not in the vocabulary
    "MTG-9004,RUS,BOL,2024-05-01,foreign_minister,talks,,,,Sucre,BOL,trade,,high,",  # no status
    'MTG-9005,RUS,BOL,2024-06-01,foreign_minister,talks,held,,"A ""round table"" on gas, held in two '
    'halves because of the strike of the airport\'s personnel",La Paz,BOL,trade,,high,"Told by\nthree\nsources"',  # breaks
    "MTG-9006,RUS,BOL,2024-07-01,foreign_minister,talks,held,,,La Paz,BOL,trade,Gas, lithium,high,",  # comma
    "",  # blank
    'MTG-9007,RUS,BOL,2024-08-01,foreign_minister,talks,held,,The "Alba" forum,La Paz,BOL,trade,,high,',
    "MTG-9001,RUS,BOL,2024-09-01,foreign_minister,talks,held,,,La Paz,BOL,trade,,high,",  # the key again
    "MTG-9008,RUS,BOL,2024-10-01,foreign_minister,talks,held,,Foro de la Uni\xf3n,La Paz,BOL,trade,,high,",
]


@pytest.fixture
def ten_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The report on `meetings.csv` in the working directory."""
    monkeypatch.chdir(tmp_path)
    content = "\n".join([HEADER, *TEN_FAULTS, ""])
    # the file is in UTF-8 but for one letter
    Path("meetings.csv").write_bytes(content.encode().replace("\xf3".encode(), b"\xf3"))
    return validate("meetings.csv")
