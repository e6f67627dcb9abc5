"""Labels and order of the codes, read from the package's own `terms` table without a data frame."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bilatdata.package import DataPackage


@dataclass(frozen=True)
class Terms:
    """The vocabularies: label by code, codes in their order."""

    vocabularies: Mapping[str, Mapping[str, str]]

    def codes(self, vocabulary: str | None) -> Sequence[str]:
        """The codes of a vocabulary, in order; none for no vocabulary."""
        return list(self.vocabularies.get(vocabulary or "", ()))

    def label(self, vocabulary: str | None, code: str) -> str:
        """The label of a code, or the code itself where there is none."""
        return self.vocabularies.get(vocabulary or "", {}).get(code, code)


def read_terms(package: DataPackage, language: str = "en") -> Terms:
    """The vocabularies of a data package, with labels in one of `loading.label_languages()`."""
    with package.data_path("terms", "csv").open(encoding="utf-8", newline="") as file:
        terms = sorted(csv.DictReader(file), key=lambda term: (term["vocabulary"], int(term["position"])))
    vocabularies: dict[str, dict[str, str]] = {}
    for term in terms:
        vocabularies.setdefault(term["vocabulary"], {})[term["code"]] = term[f"label_{language}"]
    return Terms(vocabularies)


def country_names(package: DataPackage, language: str) -> dict[str, str]:
    """The names of the countries by their codes, in one of `loading.label_languages()`."""
    with package.data_path("countries", "csv").open(encoding="utf-8", newline="") as file:
        return {row["country_code"]: row[f"name_{language}"] for row in csv.DictReader(file)}
