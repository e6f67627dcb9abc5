"""schema.org `Dataset` in JSON-LD (https://schema.org/Dataset), as dataset search engines read it from a page.

All addresses are relative to the document, for the package has none of its own.
"""

from __future__ import annotations

from typing import Any

from bilatdata.contract.table_schema import Field
from bilatdata.metadata.facts import Facts, File, Table


def document(facts: Facts) -> dict[str, Any]:
    """The package as a schema.org dataset whose parts are the tables."""
    organisation = {"@type": "Organization", "name": facts.publisher}
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": f"#{facts.key}",
        "identifier": facts.key,
        "name": facts.title,
        "alternateName": facts.name,
        "description": facts.description,
        "version": facts.version,
        "dateModified": facts.released,
        "keywords": list(facts.keywords),
        "license": facts.licence.path,
        "isAccessibleForFree": True,
        "inLanguage": facts.language,
        "creator": [{"@type": "Organization", "name": name} for name in facts.creators],
        "publisher": organisation,
        "temporalCoverage": f"{facts.start}/{facts.end}",
        "spatialCoverage": [{"@type": "Place", "name": place} for place in facts.places],
        "hasPart": [_part(facts, table) for table in facts.tables],
    }


def _part(facts: Facts, table: Table) -> dict[str, Any]:
    part: dict[str, Any] = {
        "@type": "Dataset",
        "@id": f"#{facts.key}-{table.name}",
        "name": f"{table.schema.title} ({facts.name})",
        "description": f"{table.schema.description} {table.rows} rows. Part of: {facts.title}.",
        "license": facts.licence.path,
        "creator": [{"@type": "Organization", "name": name} for name in facts.creators],
        "variableMeasured": [_variable(field) for field in table.schema.fields],
        "distribution": [_download(file) for file in table.files],
    }
    return part | ({"temporalCoverage": f"{table.start}/{table.end}"} if table.start else {})


def _variable(field: Field) -> dict[str, Any]:
    variable = {"@type": "PropertyValue", "name": field.name, "alternateName": field.title}
    return variable | {"description": field.description} | ({"unitText": field.unit} if field.unit else {})


def _download(file: File) -> dict[str, Any]:
    return {
        "@type": "DataDownload",
        "contentUrl": file.path,
        "encodingFormat": file.media_type,
        "contentSize": f"{file.bytes} B",
        "sha256": file.sha256,
    }
