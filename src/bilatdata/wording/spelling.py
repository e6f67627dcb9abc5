"""Cells as people read them: codes by their labels, ids by their names, dates in words, figures with their units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bilatdata.contract.table_schema import Field
from bilatdata.loading import table_schema
from bilatdata.wording.terms import Terms
from bilatdata.wording.text import cell_text, clean, number_text

UNITS = {"percent": "%", "USD": " US dollars", "km2": " km²", "m": " m", "years": " years"}
NUMERIC = ("integer", "number")


@dataclass(frozen=True)
class Speller:
    """Spells out the cells of a record."""

    terms: Terms
    names: Mapping[str, str]
    """Names of the ids and country codes that occur."""

    def cell(self, table: str, name: str, value: Any) -> str:
        """A cell of a table."""
        return clean(self._spell(table_schema(table).by_name[name], value))

    def reported(self, table: str, name: str, text: str) -> str:
        """What a source gives for a field, spelled like the field's own cells where it can be read as one."""
        field = table_schema(table).by_name[name]
        if field.type in NUMERIC:
            try:
                return clean(self._spell(field, float(text)))
            except ValueError:
                return clean(text)
        return clean(self._spell(field, text))

    def _spell(self, field: Field, value: Any) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return number_text(value, grouped=True) + UNITS.get(field.unit or "", "")
        text = cell_text(value)
        if field.is_edtf:
            return spell_date(text)
        parts = text.split(field.separator) if field.separator else [text]
        return "; ".join(self._name(field, part) for part in parts)

    def _name(self, field: Field, text: str) -> str:
        if field.vocabulary:
            return self.terms.label(field.vocabulary, text)
        name = self.names.get(text)
        if name is None or field.name.endswith("_code"):
            return name or text
        return f"{name} ({text})"


def spell_date(text: str) -> str:
    """An EDTF date in words where it is more than digits: `2022~` is `about 2022`, `2024/..` is `from 2024`."""
    first, slash, last = text.partition("/")
    if not slash:
        return _spell_point(text)
    if first == "..":
        return f"until {_spell_point(last)}"
    return f"from {_spell_point(first)}" if last == ".." else f"{_spell_point(first)} to {_spell_point(last)}"


def _spell_point(text: str) -> str:
    digits = text.rstrip("?~%")
    about = "about " if text.endswith(("~", "%")) else ""
    return about + digits + (" (uncertain)" if text.endswith(("?", "%")) else "")
