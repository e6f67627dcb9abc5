"""The codes of bulk trade files and ours; the lists are in `codes.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from bilatdata.errors import BilatdataError
from bilatdata.package import did_you_mean

EVERYBODY = "ALL"


@lru_cache(maxsize=1)
def code_lists() -> dict[str, Any]:
    """The content of `codes.toml`."""
    return tomllib.loads((files("bilatdata.convert") / "codes.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Pair:
    """Two sets of states; flows between one and the other are selected, in both directions."""

    left: frozenset[str]
    right: frozenset[str]

    @classmethod
    def read(cls, text: str, countries: Mapping[str, str]) -> Pair:
        """Read `RUS-LATAM`: ISO 3166-1 alpha-3 codes of `countries`, names of groups, or `ALL`.

        Args:
            text: the two sides with a hyphen between them.
            countries: M49 codes by alpha-3 code.

        Raises:
            BilatdataError: there are not two sides, or one is not known.
        """
        sides = text.upper().split("-")
        if len(sides) != 2:
            raise BilatdataError(f"'{text}' is no pair: expected two sides such as RUS-LATAM or RUS-BOL")
        return cls(*(_states(side, countries) for side in sides))


def numeric_codes(countries: Mapping[str, str]) -> dict[str, str]:
    """Alpha-3 codes by the numeric codes of UN Comtrade, without leading zeros."""
    others: dict[str, str] = code_lists()["countries"]
    return {str(int(m49)): alpha3 for alpha3, m49 in countries.items()} | others


def _states(side: str, countries: Mapping[str, str]) -> frozenset[str]:
    groups = code_lists()["groups"]
    if side == EVERYBODY:
        return frozenset(countries)
    if side in groups:
        return frozenset(groups[side])
    if side in countries:
        return frozenset([side])
    nearest = did_you_mean(side, [*groups, EVERYBODY, *countries])
    raise BilatdataError(
        f"no state or group '{side}'{nearest}: expected a country code, {', '.join([*groups, EVERYBODY])}"
    )
