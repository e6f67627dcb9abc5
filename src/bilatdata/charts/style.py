"""The one look of the charts, and what they all need."""

from __future__ import annotations

from typing import Any

import altair as alt

from bilatdata import package
from bilatdata.errors import BilatdataError
from bilatdata.package import did_you_mean
from bilatdata.wording.terms import country_names

WIDTH = 680
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Colours that colour-blind readers tell apart (Okabe and Ito, 2008)."""
GREY = "#8a9199"
DISPUTED = "#d55e00"
_INK, _SOFT, _LINE = "#1b1f24", "#59636e", "#e3e7eb"


def styled(drawn: Any, title: str, *subtitle: str) -> Any:
    """The chart with its title, what it shows and what it leaves out, and where it comes from."""
    data = package.installed()
    licence = data.descriptor["licenses"][0]["name"]
    lines = [*(line for line in subtitle if line), f"{data.descriptor['name']} {data.version}, {licence}"]
    return (
        drawn.properties(title=alt.TitleParams(title, subtitle=lines, anchor="start", offset=14), background="white")
        .configure(font="Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, sans-serif", padding=14)
        .configure_title(fontSize=16, color=_INK, subtitleColor=_SOFT, subtitleFontSize=12, subtitlePadding=5)
        .configure_axis(
            labelColor=_INK,
            titleColor=_SOFT,
            gridColor=_LINE,
            domainColor=_LINE,
            tickColor=_LINE,
            labelFontSize=11,
            titleFontWeight="normal",
            labelLimit=240,
        )
        .configure_legend(
            labelColor=_INK,
            titleColor=_SOFT,
            titleFontWeight="normal",
            labelLimit=330,
            orient="bottom",
            columns=2,
            symbolLimit=40,
            symbolOpacity=1,
        )
        .configure_header(labelColor=_INK, labelFontSize=12, labelFontWeight="bold", labelAnchor="start", title=None)
        .configure_view(stroke=None)
        .configure_concat(spacing=18)
    )


def require_country(code: str) -> tuple[str, str]:
    """The code of a country in capitals, and its English name.

    Raises:
        BilatdataError: there is no such country, and the message names the nearest code; or it is Russia, one side of
            all that is drawn.
    """
    names = country_names(package.installed(), "en")
    by_name = {name.lower(): known for known, name in names.items()}
    wanted = by_name.get(code.lower(), code.upper())
    if wanted not in names:
        meant = did_you_mean(code, [*by_name])
        raise BilatdataError(f"no country '{code}'{meant}: expected a code such as BOL or MEX (table countries)")
    if wanted == "RUS":
        raise BilatdataError("RUS: Russia is one side of all: expected the other country, such as BOL or MEX")
    return wanted, names[wanted]


def inline(values: list[dict[str, Any]]) -> alt.Data:
    """Rows that a chart carries with it."""
    return alt.Data(values=values)  # type: ignore[no-untyped-call]


def counted(number: int, what: str) -> str:
    """`3 figures are not drawn` …, or nothing for none."""
    return f"Not drawn: {number:,} {what}." if number else ""
