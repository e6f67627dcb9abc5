"""The fields of a table as a frame that a notebook shows as a data dictionary."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bilatdata.html.markup import card, element, prose, section, table, text

MOST_CODES = 24
"""Codes of a vocabulary that are shown; the others are counted."""


class Description(pd.DataFrame):
    """A frame of fields; what is cut out of it is a plain frame."""

    _metadata = ("heading", "summary")

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        heading, summary = getattr(self, "heading", ""), getattr(self, "summary", "")
        origin: dict[str, Any] = self.attrs.get("bilatdata", {})
        facts = f"{len(self)} fields · bilatdata {origin.get('version', '')}"
        return card(
            element("h3", text(heading)),
            element("div", element("code", text(origin.get("table", ""))) + f" · {text(facts)}", "soft"),
            element("p", prose(summary)),
            table(["field", "type", "what it means"], [_row(field) for field in self.to_dict("records")]),
        )


def described(rows: list[dict[str, Any]], heading: str, summary: str) -> Description:
    """A description of these fields under a heading."""
    frame = Description(rows)
    object.__setattr__(frame, "heading", heading)
    object.__setattr__(frame, "summary", summary)
    return frame


def _row(field: dict[Any, Any]) -> list[str]:
    marks = ["required"] * bool(field["required"])
    if field["key"]:
        marks.insert(0, field["key"] if field["key"] == "primary key" else f"→ {field['key']}")
    kind = field["format"] or field["type"]
    if field["unit"]:
        kind += f" in {field['unit']}"
    name = element("code", text(field["name"])) + element("div", text(field["title"]), "soft")
    under = element("div", text(", ".join(marks)), "soft") if marks else ""
    return [name, text(kind) + under, prose(field["description"]) + _codes(field["codes"], field["vocabulary"])]


def _codes(codes: str, vocabulary: str) -> str:
    listed = codes.split(", ") if codes else []
    shown = "".join(element("span", text(code), "code") for code in listed)
    if not listed:
        return element("div", f"vocabulary {element('code', text(vocabulary))}", "soft") if vocabulary else ""
    if len(listed) > MOST_CODES:
        return section(f"{len(listed)} codes of {vocabulary}", shown, folded=True)
    return element("div", shown)
