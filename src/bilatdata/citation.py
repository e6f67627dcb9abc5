"""How to cite exactly what was used: the package, a table or a record, with the version of the data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bilatdata import package
from bilatdata.errors import BilatdataError
from bilatdata.loading import table_schema, tables
from bilatdata.package import did_you_mean
from bilatdata.records import find_record, record_name

Format = Literal["text", "bibtex", "csl-json"]
FORMATS: tuple[Format, ...] = ("text", "bibtex", "csl-json")

# BibTeX counts braces before TeX sees them, escaped ones too, so that only commands can stand for a single brace.
_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "&%$#_"},
    }
)


@dataclass(frozen=True)
class _Cited:
    """What is cited, and the package that it is part of; everything comes from the descriptor and the data."""

    package: str
    version: str
    released: date
    authors: tuple[str, ...]
    part: str | None
    """Name of the table or the record; None for the whole package."""
    place: str | None
    """Where that part is found: `table meetings`, `MTG-0001 in table meetings`."""
    key: str


def cite(target: str | None = None, format: Format = "text") -> str:
    """A citation of the package, of a table by name, or of a record by id.

    `bibtex` is one `@misc` entry in UTF-8; `csl-json` is a JSON array of one item (CSL-JSON 1.0). Nothing stands in it
    that the descriptor and the data do not say: no address and no DOI is made up.

    Raises:
        BilatdataError: no such table, record or format.
    """
    if format not in FORMATS:
        nearest = did_you_mean(str(format), list(FORMATS))
        raise BilatdataError(f"no citation format '{format}'{nearest}: expected one of {', '.join(FORMATS)}")
    cited = _cited(target)
    return {"text": _text, "bibtex": _bibtex, "csl-json": _csl_json}[format](cited)


def _cited(target: str | None) -> _Cited:
    data = package.installed()
    descriptor = data.descriptor
    part, place, suffix = (None, None, "") if target is None else _part(target)
    return _Cited(
        package=descriptor["title"],
        version=data.version,
        released=date.fromisoformat(descriptor["created"][:10]),
        authors=_authors(descriptor["contributors"]),
        part=part,
        place=place,
        key=f"{descriptor['name']}-{data.version}{suffix}".replace("_", "-"),
    )


def _authors(contributors: list[dict[str, Any]]) -> tuple[str, ...]:
    """The contributors with the role of creator, or all of them where none has it."""
    creators = [person for person in contributors if "creator" in person.get("roles", ())]
    return tuple(person["title"] for person in creators or contributors)


def _part(target: str) -> tuple[str, str, str]:
    """Name, place and key suffix of a table or record."""
    if target in tables():
        return table_schema(target).title, f"table {target}", f"-{target}"
    try:
        table, _ = find_record(target)
    except BilatdataError:
        if nearest := did_you_mean(target, tables()):
            raise BilatdataError(
                f"no table or record '{target}'{nearest}: expected one of {', '.join(tables())}"
            ) from None
        raise
    name = record_name(table, target)
    return name or target, f"{target} in table {table}", f"-{target}"


def _text(cited: _Cited) -> str:
    whole = f"{cited.package}, version {cited.version} [data set]."
    part = ""
    if cited.part and cited.place:
        # A record without a name is called by its id, which need not stand there twice.
        part = f"{cited.part} ({cited.place.removeprefix(f'{cited.part} in ')}). In: "
    return f"{', '.join(cited.authors)} ({cited.released.year}). {part}{whole}"


def _bibtex(cited: _Cited) -> str:
    note = f"Data set, version {cited.version}" + (f", {cited.place}" if cited.place else "")
    fields = {
        "author": " and ".join(f"{{{_escaped(author)}}}" for author in cited.authors),
        "title": f"{{{_escaped(f'{cited.part}. In: {cited.package}' if cited.part else cited.package)}}}",
        "year": str(cited.released.year),
        "month": str(cited.released.month),
        "version": _escaped(cited.version),
        "note": _escaped(note),
    }
    lines = (f"  {name} = {{{value}}}," for name, value in fields.items())
    return "\n".join([f"@misc{{{cited.key},", *lines, "}"])


def _escaped(text: str) -> str:
    return " ".join(text.translate(_BIBTEX).split())


def _csl_json(cited: _Cited) -> str:
    released = [cited.released.year, cited.released.month, cited.released.day]
    item: dict[str, Any] = {
        "id": cited.key,
        "type": "dataset",
        "title": cited.part or cited.package,
        "author": [{"literal": author} for author in cited.authors],
        "issued": {"date-parts": [released]},
        "version": cited.version,
    }
    if cited.part:
        item |= {"container-title": cited.package, "note": cited.place}
    return json.dumps([item], indent=2, ensure_ascii=False)
