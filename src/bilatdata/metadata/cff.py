"""Citation File Format 1.2.0 (https://citation-file-format.github.io): `CITATION.cff`, which code forges show."""

from __future__ import annotations

import json

from bilatdata.metadata.facts import Facts


def text(facts: Facts) -> str:
    """The file; each text is a JSON string, which YAML reads as it stands."""
    lines = [
        "# Written by `bilatdata build` from datapackage.json.",
        "cff-version: 1.2.0",
        "message: If you use this data, please cite it with its version.",
        f"title: {_quoted(facts.title)}",
        f"abstract: {_quoted(facts.description)}",
        "type: dataset",
        "authors:",
        *(f"  - name: {_quoted(name)}" for name in facts.creators),
        f"version: {facts.version}",
        f"date-released: {facts.released}",
        f"license: {facts.licence.name}",
        "keywords:",
        *(f"  - {_quoted(keyword)}" for keyword in facts.keywords),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
