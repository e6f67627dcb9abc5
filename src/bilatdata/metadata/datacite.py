"""DataCite 4.5 in JSON (https://schema.datacite.org/meta/kernel-4.5/): what a repository needs to register a DOI.

There is no DOI: who deposits the package gets one and adds it. Until then name and version are its identifier.
"""

from __future__ import annotations

from typing import Any

from bilatdata.metadata.facts import Facts


def document(facts: Facts) -> dict[str, Any]:
    """The package as a DataCite record without a DOI."""
    formats = dict.fromkeys(file.media_type for table in facts.tables for file in table.files)
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Tabular data with evidence"},
        "creators": [{"name": name, "nameType": "Organizational"} for name in facts.creators],
        "titles": [{"title": facts.title, "lang": facts.language}],
        "publisher": {"name": facts.publisher},
        "publicationYear": facts.released[:4],
        "version": facts.version,
        "language": facts.language,
        "alternateIdentifiers": [
            {"alternateIdentifier": facts.key, "alternateIdentifierType": "Name and version of the package"}
        ],
        "dates": [
            {"date": facts.released, "dateType": "Issued"},
            {"date": f"{facts.start}/{facts.end}", "dateType": "Other", "dateInformation": "Coverage"},
        ],
        "subjects": [{"subject": keyword, "lang": facts.language} for keyword in facts.keywords],
        "descriptions": [{"description": facts.description, "descriptionType": "Abstract", "lang": facts.language}],
        "rightsList": [
            {
                "rights": facts.licence.title,
                "rightsUri": facts.licence.path,
                "rightsIdentifier": facts.licence.name,
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": "https://spdx.org/licenses/",
            }
        ],
        "geoLocations": [{"geoLocationPlace": place} for place in facts.places],
        "sizes": [f"{table.rows} rows in {table.name}" for table in facts.tables],
        "formats": list(formats),
    }
