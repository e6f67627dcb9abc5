"""Which rules count."""

import pytest

from bilatdata.contract.rules import CATALOGUE
from bilatdata.contract.selection import selected_codes
from bilatdata.errors import BilatdataError

RULES = tuple(CATALOGUE)
CODES = {rule.code for rule in RULES}


def codes(*beginnings: str) -> set[str]:
    return {code for code in CODES if code.startswith(beginnings)}


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (["ALL"], [], CODES),
        (["all"], ["M"], CODES - codes("M")),
        (["M"], ["M1"], set()),
        (["M1"], ["M"], codes("M")),
        (["M", "M101"], ["M10"], codes("M") - codes("M10") | {"M101"}),
        (["m101", "T"], [], {"M101"} | codes("T")),
        (["T101"], ["T101"], set()),
        (["cell-type"], [], {"T101"}),
        (["ALL"], ["cell-type"], CODES - {"T101"}),
        ([], [], set()),
        ("M, t101", "M1", codes("M") - codes("M1") | {"T101"}),
    ],
)
def test_the_most_specific_selector_decides(select, ignore, expected):
    assert selected_codes(RULES, select, ignore) == expected


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("M10O", "did you mean 'M1"),
        ("cell-typ", "did you mean 'cell-type'"),
        ("", "no rule ''"),
        ("Z", "expected ALL"),
    ],
)
def test_a_selector_that_fits_no_rule(selector, words):
    with pytest.raises(BilatdataError, match=words):
        selected_codes(RULES, [selector])
    with pytest.raises(BilatdataError, match=words):
        selected_codes(RULES, ["ALL"], [selector])
