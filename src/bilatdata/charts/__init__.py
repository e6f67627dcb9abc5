"""Charts of the record as Altair charts, which notebooks show and which become SVG or PNG without a network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bilatdata.errors import BilatdataError, missing_extra
from bilatdata.files import write_new
from bilatdata.package import did_you_mean

if TYPE_CHECKING:
    import altair as alt

KINDS: Mapping[str, str] = {
    "meetings": "when Russia met which country, or one country at which level",
    "trade": "trade with a country by year, as each reporter gives it",
    "stages": "the stages and the log of a concession",
    "evidence": "which source supports or disputes which field of a record",
}
"""What can be drawn."""
FORMATS = ("svg", "png", "json")
PNG_SCALE = 2.0


def chart(kind: str, of: str | None = None) -> alt.TopLevelMixin:
    """An Altair chart; `save("chart.svg")` and `save("chart.png")` work offline.

    - `chart("meetings")`: every meeting by country and date; `chart("meetings", "BOL")`: those with one country by
      level. Dates that are a span are drawn as one.
    - `chart("trade", "MEX")`: totals by year and direction in US dollars, reporters side by side; the shape of a point
      says whether the figure is exact, approximate, a lower or an upper bound.
    - `chart("stages", "CON-0010")`: the stages of a concession and its other events over time.
    - `chart("evidence", "EXT-0002")`: the fields of a record by the sources that support or dispute them.

    What cannot be placed (no year, no figure) is counted under the title.

    Args:
        kind: one of `KINDS`.
        of: code of a country, id of a concession or of a record.

    Raises:
        BilatdataError: no such kind, country, concession or record; nothing to draw; or the extra `charts` is missing.
    """
    if kind not in KINDS:
        raise BilatdataError(f"no chart '{kind}'{did_you_mean(kind, list(KINDS))}: expected one of {', '.join(KINDS)}")
    if kind != "meetings" and of is None:
        example = {"trade": "MEX", "stages": "CON-0010", "evidence": "EXT-0002"}[kind]
        raise BilatdataError(f'chart \'{kind}\' of what? Say for example chart("{kind}", "{example}")')
    try:
        import altair  # noqa: F401
    except ImportError as error:
        raise missing_extra("charts", "drawing a chart") from error
    from bilatdata.charts import evidence, meetings, stages, trade

    draw: Mapping[str, Callable[[Any], alt.TopLevelMixin]] = {
        "meetings": meetings.draw,
        "trade": trade.draw,
        "stages": stages.draw,
        "evidence": evidence.draw,
    }
    return draw[kind](of)


def save_chart(drawn: alt.TopLevelMixin, out: str | Path, *, overwrite: bool = False) -> Path:
    """Write a chart as `.svg`, `.png` or `.json` (Vega-Lite), whole or not at all.

    Raises:
        BilatdataError: another ending, a file that exists, a place that cannot be written, or the extra `charts` is
            missing.
    """
    path = Path(out)
    ending = path.suffix.removeprefix(".").lower()
    if ending not in FORMATS:
        raise BilatdataError(f"{path}: expected a name that ends in {', '.join(f'.{name}' for name in FORMATS)}")
    specification = json.loads(drawn.to_json())
    write_new({path: _rendered(specification, ending)}, overwrite=overwrite)
    return path


def _rendered(specification: dict[str, Any], format: str) -> bytes:
    if format == "json":
        return (json.dumps(specification, indent=2, ensure_ascii=False) + "\n").encode()
    try:
        import vl_convert
    except ImportError as error:
        raise missing_extra("charts", "saving a chart as a picture") from error
    if format == "svg":
        return vl_convert.vegalite_to_svg(specification).encode()
    picture: bytes = vl_convert.vegalite_to_png(specification, scale=PNG_SCALE)
    return picture
