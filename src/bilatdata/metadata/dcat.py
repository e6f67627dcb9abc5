"""DCAT-AP 3 (https://semiceu.github.io/DCAT-AP/releases/3.0.0/) in JSON-LD and Turtle: a catalogue of the tables.

A table is a dataset and its CSV and Parquet files are its distributions, for DCAT takes distributions as forms of one
content. All addresses are relative to the document, and a distribution's access address is its file: the package has no
address of its own, and lies beside the document wherever both are published. Classes are spelled out for every node
that is referred to, because the profile's shapes ask for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bilatdata.metadata.facts import LANGUAGE_NAMES, Facts, File, Named, Table

_PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_EU = "http://publications.europa.eu/resource/authority"
_LANGUAGES = {"en": "ENG"}
"""Codes of the EU language table."""

Node = dict[str, Any]
"""A JSON-LD node whose keys are prefixed names; a value is a node, a value object, or a list of either."""


def document(facts: Facts) -> Node:
    """The package as a JSON-LD document."""
    return {"@context": dict(_PREFIXES), **_catalogue(facts)}


def text(facts: Facts) -> str:
    """The same graph in Turtle."""
    return "\n".join(_turtle(document(facts)))


def _catalogue(facts: Facts) -> Node:
    return {
        "@id": "#catalogue",
        "@type": "dcat:Catalog",
        "dct:title": _text(facts, facts.title),
        "dct:description": _text(facts, facts.description),
        "dct:publisher": _agent("#publisher", facts.publisher),
        "dct:license": _licence(facts.licence),
        "dct:modified": _typed(facts.released, "xsd:date"),
        "dct:language": _language(facts),
        "dct:spatial": _places(facts),
        "dct:temporal": _period(facts.start, facts.end),
        "dcat:themeTaxonomy": {
            "@id": f"{_EU}/data-theme",
            "@type": "skos:ConceptScheme",
            "dct:title": _text(facts, "Data theme"),
        },
        "dcat:dataset": [_dataset(facts, table) for table in facts.tables],
    }


def _dataset(facts: Facts, table: Table) -> Node:
    dataset = {
        "@id": f"#{table.name}",
        "@type": "dcat:Dataset",
        "dct:title": _text(facts, table.schema.title),
        "dct:description": _text(facts, table.schema.description),
        "dct:identifier": {"@value": f"{facts.key}-{table.name}"},
        "dcat:version": {"@value": facts.version},
        "dct:modified": _typed(facts.released, "xsd:date"),
        "dct:publisher": {"@id": "#publisher"},
        "dct:creator": [_agent(f"#creator-{number}", name) for number, name in enumerate(facts.creators, start=1)],
        "dcat:keyword": [_text(facts, keyword) for keyword in facts.keywords],
        "dcat:theme": [_theme(facts, theme) for theme in facts.themes],
        "dct:language": {"@id": _language(facts)["@id"]},
        "dct:accessRights": {"@id": f"{_EU}/access-right/PUBLIC", "@type": "dct:RightsStatement"},
        "dct:spatial": _places(facts),
        "dct:conformsTo": {
            "@id": table.schema_path,
            "@type": "dct:Standard",
            "dct:title": _text(facts, f"Table Schema of {table.name}"),
        },
        "dcat:distribution": [_distribution(facts, table, file) for file in table.files],
    }
    return dataset | ({"dct:temporal": _period(table.start, table.end)} if table.start and table.end else {})


def _distribution(facts: Facts, table: Table, file: File) -> Node:
    address = {"@id": file.path, "@type": "rdfs:Resource"}
    return {
        "@id": f"#{table.name}-{file.format}",
        "@type": "dcat:Distribution",
        "dct:title": _text(facts, f"{table.schema.title} ({file.format})"),
        "dcat:accessURL": address,
        "dcat:downloadURL": {"@id": file.path},
        "dct:format": {"@id": f"{_EU}/file-type/{file.format.upper()}", "@type": "dct:MediaTypeOrExtent"},
        "dcat:mediaType": {
            "@id": f"https://www.iana.org/assignments/media-types/{file.media_type}",
            "@type": "dct:MediaType",
        },
        "dcat:byteSize": _typed(str(file.bytes), "xsd:nonNegativeInteger"),
        "dct:license": {"@id": facts.licence.path},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256", "@type": "spdx:ChecksumAlgorithm"},
            "spdx:checksumValue": _typed(file.sha256, "xsd:hexBinary"),
        },
    }


def _agent(id: str, name: str) -> Node:
    return {"@id": id, "@type": "foaf:Agent", "foaf:name": {"@value": name}}


def _licence(licence: Named) -> Node:
    title = {"@value": licence.title, "@language": "en"}
    return {"@id": licence.path, "@type": "dct:LicenseDocument", "dct:title": title}


def _theme(facts: Facts, theme: Named) -> Node:
    scheme = {"@id": f"{_EU}/data-theme"}
    label = _text(facts, theme.title)
    return {"@id": theme.path, "@type": "skos:Concept", "skos:prefLabel": label, "skos:inScheme": scheme}


def _language(facts: Facts) -> Node:
    label = _text(facts, LANGUAGE_NAMES[facts.language])
    id = f"{_EU}/language/{_LANGUAGES[facts.language]}"
    return {"@id": id, "@type": "dct:LinguisticSystem", "skos:prefLabel": label}


def _places(facts: Facts) -> list[Node]:
    return [{"@type": "dct:Location", "skos:prefLabel": _text(facts, place)} for place in facts.places]


def _period(start: str, end: str) -> Node:
    return {
        "@type": "dct:PeriodOfTime",
        "dcat:startDate": _typed(start, "xsd:date"),
        "dcat:endDate": _typed(end, "xsd:date"),
    }


def _text(facts: Facts, words: str) -> Node:
    return {"@value": words, "@language": facts.language}


def _typed(value: str, type: str) -> Node:
    return {"@value": value, "@type": type}


# Turtle (https://www.w3.org/TR/turtle/) of such a document.


def _turtle(document: Node) -> Iterator[str]:
    """One paragraph per node that has an id, each id described once; nodes without one stand where they are used."""
    yield from (f"@prefix {prefix}: <{address}> ." for prefix, address in document["@context"].items())
    described: dict[str, Node] = {}
    _collect({name: value for name, value in document.items() if name != "@context"}, described)
    for id, node in described.items():
        yield f"\n{_iri(id)} {_statements(node, '    ')} ."
    yield ""


def _collect(node: Node, described: dict[str, Node]) -> None:
    if "@id" in node and len(node) > 1:
        described.setdefault(node["@id"], node)
    for value in node.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and "@value" not in item:
                _collect(item, described)


def _statements(node: Node, indent: str) -> str:
    parts = [f"a {node['@type']}"] if "@type" in node else []
    for name, value in node.items():
        if not name.startswith("@"):
            items = value if isinstance(value, list) else [value]
            parts.append(f"{name} " + ", ".join(_object(item, indent) for item in items))
    return f" ;\n{indent}".join(parts)


def _object(value: Node, indent: str) -> str:
    if "@id" in value:
        return _iri(value["@id"])
    if "@value" not in value:
        return f"[ {_statements(value, f'{indent}    ')} ]"
    # JSON escapes a string as Turtle does.
    quoted = json.dumps(value["@value"], ensure_ascii=False)
    if "@language" in value:
        return f"{quoted}@{value['@language']}"
    return f"{quoted}^^{value['@type']}" if "@type" in value else quoted


def _iri(id: str) -> str:
    prefix, _, name = id.partition(":")
    return f"<{_PREFIXES[prefix]}{name}>" if prefix in _PREFIXES else f"<{id}>"
