"""What the package's own `coverage` table says of its tables, read without a data frame."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bilatdata.package import DataPackage
from bilatdata.wording.terms import Terms, country_names

NAMED = 4
"""Countries that are listed by name; more are counted."""


@dataclass(frozen=True)
class CoverageGroup:
    """Countries that one table covers alike."""

    completeness: str
    """Code of the vocabulary `completeness`."""
    countries: tuple[str, ...]
    """Codes of the countries."""
    start: str | None
    """First year that was searched for any of them; None where the search is open to the past."""
    end: str | None
    absence: str
    """What a reader may conclude from a missing row."""


def read_coverage(package: DataPackage, terms: Terms) -> dict[str, list[CoverageGroup]]:
    """How completely tables cover countries, by table, from most to least complete; tables unspoken of are left out.

    A companion, whose schema says which table it follows, covers what that table covers.
    """
    if "coverage" not in package.resources:
        return {}
    order = list(reversed(terms.codes("completeness")))
    members: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    with package.data_path("coverage", "csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            members[row["table_name"], row["completeness_code"], row["absence_meaning"]].append(row)
    groups: dict[str, list[CoverageGroup]] = defaultdict(list)
    for (table, completeness, absence), rows in sorted(members.items(), key=lambda item: order.index(item[0][1])):
        starts, ends = ([row[f"period_{bound}"][:4] for row in rows] for bound in ("earliest", "latest"))
        countries = tuple(row["country_code"] for row in rows)
        start, end = min(starts) or None, max(ends) if all(ends) else None
        groups[table].append(CoverageGroup(completeness, countries, start, end, absence))
    for name in package.table_names:
        if (companion := _companion(package, name)) and companion["follows"] in groups:
            groups[name] = groups[companion["follows"]]
    return dict(groups)


def _companion(package: DataPackage, table: str) -> dict[str, str] | None:
    """Of a table that coverage does not speak of: the table that it `follows`, and what `absence` of a row means."""
    companion: dict[str, str] | None = package.schema(table).get("coverage")
    return companion


def covered(groups: list[CoverageGroup]) -> int:
    """Number of countries of which a table is said to hold something."""
    return sum(len(group.countries) for group in groups if group.completeness != "none")


def completeness_counts(groups: list[CoverageGroup]) -> dict[str, int]:
    """Number of countries by completeness, from most to least complete."""
    counts: dict[str, int] = defaultdict(int)
    for group in groups:
        counts[group.completeness] += len(group.countries)
    return dict(counts)


def coverage_lines(package: DataPackage, terms: Terms, table: str) -> Iterator[str]:
    """A sentence per group of countries that a table covers alike; of a companion, one sentence."""
    if companion := _companion(package, table):
        yield f"that of {companion['follows']} ('bilatdata describe {companion['follows']}'). {companion['absence']}"
        return
    names = country_names(package, "en")
    for group in read_coverage(package, terms).get(table, []):
        years = f", {period}" if (period := _years(group)) else ""
        label = terms.label("completeness", group.completeness)
        yield f"{label}: {_countries(group, names)}{years}. {group.absence}"


def _countries(group: CoverageGroup, names: Mapping[str, str]) -> str:
    listed = sorted(names.get(code, code) for code in group.countries)
    return ", ".join(listed) if len(listed) <= NAMED else f"{len(listed)} countries"


def _years(group: CoverageGroup) -> str:
    if group.completeness == "none":
        return ""
    if group.start and group.end:
        return f"{group.start}–{group.end}"
    return f"from {group.start}" if group.start else f"until {group.end}" if group.end else ""
