"""What every export in one file says of itself: version, licence, how to cite."""

from __future__ import annotations

from bilatdata import package
from bilatdata.citation import cite


def about_rows() -> list[tuple[str, str]]:
    """Names and values, from the descriptor alone: name, title, description, version, created, licences, citation."""
    descriptor = package.installed().descriptor
    licences = descriptor.get("licenses", ())
    return [
        ("name", descriptor["name"]),
        ("title", descriptor["title"]),
        ("description", descriptor["description"]),
        ("version", package.installed().version),
        ("created", descriptor["created"][:10]),
        ("licence", ", ".join(licence.get("title", licence.get("name", "")) for licence in licences)),
        ("licence_url", ", ".join(licence["path"] for licence in licences if "path" in licence)),
        ("contributors", ", ".join(person["title"] for person in descriptor.get("contributors", ()))),
        ("citation", cite()),
    ]
