"""Charts say what the tables say, become pictures offline, and refuse what cannot be drawn in one clear line."""

from __future__ import annotations

import ast
import json
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import bilatdata as bd
from bilatdata.charts import save_chart
from bilatdata.errors import BilatdataError

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "examples" / "gallery.ipynb"


def specification(kind: str, of: str | None = None) -> dict[str, Any]:
    return json.loads(bd.chart(kind, of).to_json())  # type: ignore[no-any-return]


def rows(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows that a chart carries, those of its parts too."""
    found: list[dict[str, Any]] = []
    if isinstance(spec.get("data"), dict):
        found += spec["data"].get("values", [])
    for data in spec.get("datasets", {}).values():
        found += data
    for part in ("layer", "vconcat", "spec"):
        inner = spec.get(part, [])
        for child in inner if isinstance(inner, list) else [inner]:
            found += rows(child)
    return found


def subtitle(spec: dict[str, Any]) -> str:
    return " ".join(spec["title"]["subtitle"])


def test_every_meeting_is_drawn_or_counted() -> None:
    spec = specification("meetings")
    meetings = bd.load("meetings")
    dated = meetings[meetings.date_earliest.notna() & meetings.date_latest.notna()]
    assert {row["id"] for row in rows(spec)} == set(dated.meeting_id)
    assert f"{len(dated):,} meetings" in subtitle(spec)
    assert bd.__version__ in subtitle(spec)


def test_meetings_of_one_country_by_code_or_name() -> None:
    wanted = set(bd.load("meetings").query("country_b_code == 'BOL'").meeting_id)
    for name in ("BOL", "bol", "Bolivia"):
        assert {row["id"] for row in rows(specification("meetings", name))} == wanted


def test_trade_is_drawn_or_counted_and_never_averaged() -> None:
    spec = specification("trade", "MEX")
    totals = bd.load("trade_totals").query("country_b_code == 'MEX'").set_index("trade_total_id")
    drawn = {row["id"]: row for row in rows(spec)}
    assert all(row["usd"] == totals.value_usd[id] for id, row in drawn.items())
    assert f"{len(totals) - len(drawn)} totals" in subtitle(spec)
    stated = totals.bound_code.fillna("exact").str.replace("_", " ")
    assert all(row["bound"] == stated[id] for id, row in drawn.items())


def test_no_line_leads_over_years_that_nobody_reports() -> None:
    segments: dict[int, list[int]] = {}
    for row in {row["id"]: row for row in rows(specification("trade", "MEX"))}.values():
        segments.setdefault(row["segment"], []).append(row["year"])
    for years in segments.values():
        ordered = sorted(years)
        assert all(later - earlier <= 1 for earlier, later in pairwise(ordered))


def test_stages_are_those_of_the_log_with_their_labels() -> None:
    found = [row["stage"] for row in rows(specification("stages", "CON-0010")) if row["stage"]]
    log = bd.load("concession_events", labels="en").query("concession_id == 'CON-0010'")
    assert set(found) == set(log.stage_code.dropna())
    kinds = {row["kind"] for row in rows(specification("stages", "CON-0010"))}
    assert kinds == set(log.event_type_code)


def test_disputes_are_told_apart() -> None:
    cells = rows(specification("evidence", "EXT-0002"))
    disputes = {(row["field"], row["says"]) for row in cells if row["kind"] == "disputes"}
    assert ("Area", "4,800 km²") in disputes
    assert len(cells) == len(bd.evidence("asset_exits", "EXT-0002"))


@pytest.mark.parametrize("ending", ["svg", "png", "json"])
def test_pictures_are_made_offline(ending: str, tmp_path: Path) -> None:
    content = save_chart(bd.chart("evidence", "EXT-0002"), tmp_path / f"deep/chart.{ending}").read_bytes()
    if ending == "png":
        assert content.startswith(b"\x89PNG")
    elif ending == "svg":
        words = " ".join(ET.fromstring(content).itertext())
        assert "Azero block" in words
        assert "≠" in words
    else:
        assert "vega-lite" in json.loads(content)["$schema"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("trad", "MEX"), "did you mean 'trade'"),
        (("trade",), 'chart("trade", "MEX")'),
        (("trade", "XXX"), "no country 'XXX'"),
        (("trade", "RUS"), "expected the other country"),
        (("meetings", "Russia"), "expected the other country"),
        (("trade", "Mexco"), "did you mean 'mexico'"),
        (("trade", "CHN"), "nothing to draw"),
        (("meetings", "CHN"), "nothing to draw"),
        (("stages", "MTG-0001"), "expected a concession"),
        (("stages", "CON-9999"), "the nearest id is"),
        (("evidence", "BOL"), "no evidence"),
        (("evidence", "nonsense"), "no record"),
    ],
)
def test_what_cannot_be_drawn_is_one_clear_line(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(BilatdataError) as raised:
        bd.chart(*arguments)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("absent", ["altair", "vl_convert"])
def test_the_missing_extra_is_named(absent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = bd.chart("evidence", "EXT-0002")
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(BilatdataError, match=r"pip install 'bilatdata\[charts\]'"):
        bd.chart("meetings") if absent == "altair" else save_chart(drawn, tmp_path / "x.svg")
    assert list(tmp_path.iterdir()) == []


def test_the_gallery_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell runs in order; what a cell ends with has something to show in a notebook."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {}
    shown = [run_cell("".join(cell["source"]), namespace) for cell in cells("code")]
    charts = [value for value in shown if hasattr(value, "to_json") and hasattr(value, "save")]
    assert len(charts) >= 6
    assert [value for value in shown if hasattr(value, "_repr_html_")]
    assert (tmp_path / "trade-mexico.svg").read_bytes().startswith(b"<svg")
    assert all(cell["outputs"] == [] for cell in cells("code")), "the gallery is kept without outputs"


def cells(kind: str) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(GALLERY.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def run_cell(source: str, namespace: dict[str, Any]) -> Any:
    """Run a cell as a notebook does; the value of its last line if that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, str(GALLERY), "exec"), namespace)
    if last is None:
        return None
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), str(GALLERY), "eval"), namespace)
