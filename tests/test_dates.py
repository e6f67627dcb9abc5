"""The EDTF profile and its bounds, with a second reader's opinion."""

from __future__ import annotations

from datetime import date

import edtf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from undate import Undate

from bilatdata.dates import bounds

DAYS = {
    "2024": ("2024-01-01", "2024-12-31"),
    "2024-02": ("2024-02-01", "2024-02-29"),
    "2023-02": ("2023-02-01", "2023-02-28"),
    "2024-02-29": ("2024-02-29", "2024-02-29"),
    "2024~": ("2024-01-01", "2024-12-31"),
    "2024-05?": ("2024-05-01", "2024-05-31"),
    "202X": ("2020-01-01", "2029-12-31"),
    "20XX": ("2000-01-01", "2099-12-31"),
    "2024-XX": ("2024-01-01", "2024-12-31"),
    "2024-02-XX": ("2024-02-01", "2024-02-29"),
    "2021-10/2021-12": ("2021-10-01", "2021-12-31"),
    "2020/2022-05-03": ("2020-01-01", "2022-05-03"),
    "../2024": (None, "2024-12-31"),
    "2024-03/..": ("2024-03-01", None),
    "2024-03/2024": ("2024-03-01", "2024-12-31"),
}

REFUSED = [
    "2024-02-30", "2023-02-29", "2024-13", "2024-00", "2024-1", "24", "2024-1-1", " 2024", "2024 ", "2024\n",
    "2024/2023", "2024-05/2024-04", "../..", "2024/2024", "/2024", "2024/", "Y20240", "-2024", "2024-21",
    "[2023,2024]", "2024?-05", "2024-05-01T10:00",
    "２０２４", "2024-02-30/2024-03-01", "20X4", "X024", "2024~?", "May 2024",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DAYS.items())
def test_bounds(text: str, expected: tuple[str | None, str | None]) -> None:
    assert tuple(day.isoformat() if day else None for day in bounds(text)) == expected


@pytest.mark.parametrize("text", REFUSED)
def test_what_lies_outside_the_profile_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"profile|no such day|backwards|the same"):
        bounds(text)


days = st.dates(date(1000, 1, 1), date(2999, 12, 31))


@given(days, st.sampled_from([4, 7, 10]), st.sampled_from(["", "?", "~", "%"]))
def test_points_agree_with_a_second_reader(day: date, precision: int, qualifier: str) -> None:
    text = day.isoformat()[:precision]
    second = edtf.parse_edtf(text)
    found = bounds(text + qualifier)
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest.timetuple()[:3] == second.lower_strict()[:3]
    assert found.latest.timetuple()[:3] == second.upper_strict()[:3]
    assert found.earliest <= day <= found.latest


@given(days, days)
def test_intervals_run_forward_or_are_refused(first: date, last: date) -> None:
    text = f"{first.isoformat()}/{last.isoformat()}"
    if first < last:
        assert bounds(text) == (first, last)
    elif first > last:
        with pytest.raises(ValueError, match="backwards"):
            bounds(text)


@pytest.mark.parametrize("text", [text for text in DAYS if ".." not in text and text != "2024-03/2024"])
def test_bounds_agree_with_a_third_reader(text: str) -> None:
    third = Undate.parse(text, "EDTF")
    first, last = third.earliest, third.latest
    expected = (getattr(first, "earliest", first), getattr(last, "latest", last))
    assert tuple(str(day) for day in bounds(text)) == tuple(str(day) for day in expected)
