"""The package described in the formats of catalogues, search engines and other tools, all from the one descriptor.

Nothing stands in them that the descriptor and the schemas do not say: no address and no DOI is made up. Addresses are
relative, so that a document describes the files beside which it lies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bilatdata import package
from bilatdata.errors import BilatdataError
from bilatdata.files import write_new
from bilatdata.package import DESCRIPTOR, DataPackage, did_you_mean

if TYPE_CHECKING:
    from bilatdata.metadata.facts import Facts

Format = Literal["croissant", "csvw", "dcat-ap", "dcat-ap-ttl", "schema-org", "datacite", "cff"]
FILE_NAMES: Mapping[str, str] = {
    "croissant": "croissant.json",
    "csvw": "csv-metadata.json",
    "dcat-ap": "dcat-ap.jsonld",
    "dcat-ap-ttl": "dcat-ap.ttl",
    "schema-org": "schema-org.jsonld",
    "datacite": "datacite.json",
    "cff": "CITATION.cff",
}
"""Name that each format's file has where it lies beside `datapackage.json`, by format."""
FORMATS = tuple(FILE_NAMES)
ALL = "all"


def metadata(format: Format) -> str:
    """The installed package described in a format, as the text of its file.

    Raises:
        BilatdataError: there is no such format, or the descriptor or a schema cannot be read.
    """
    return _texts([_require_format(format)], package.installed())[format]


def write_metadata(format: str, out: str | Path, *, overwrite: bool = False) -> list[Path]:
    """Write the description in one format, or in all of them, whole or not at all.

    In a folder that holds a copy of this version, made by `bilatdata.export.export`, just the tables and files of the
    copy are described; elsewhere all that the installed package has. `all` leaves out csvw where there is no CSV file.

    Args:
        format: one of `FORMATS`, or `all`.
        out: a file, or a folder that gets the file under its usual name; for `all` a folder, made if need be.
        overwrite: whether files that exist may be replaced.

    Returns:
        The files written.

    Raises:
        BilatdataError: no such format, a file exists, `out` cannot be written, or the copy there holds no files that
            the format describes.
    """
    target = Path(out)
    if format == ALL:
        if target.exists() and not target.is_dir():
            raise BilatdataError(f"{target}: is a file: expected a folder for all {len(FORMATS)} formats")
        places = {name: target / file for name, file in FILE_NAMES.items()}
    else:
        places = {_require_format(format): target / FILE_NAMES[format] if target.is_dir() else target}
    data = _described(target if target.is_dir() else target.parent)
    if not _has_csv(data):
        if format == "csvw":
            raise BilatdataError(f"{data.root}: holds no CSV files, which csvw describes: export with --format csv")
        places.pop("csvw", None)
    texts = _texts(places, data)
    write_new({path: texts[name].encode() for name, path in places.items()}, overwrite=overwrite)
    return list(places.values())


def _described(folder: Path) -> DataPackage:
    """The package to describe in a folder: the copy of ours that was exported there, or else the installed one.

    Raises:
        BilatdataError: the copy holds files that no format describes, or its descriptor cannot be read.
    """
    installed = package.installed()
    if folder.resolve() == installed.root or not (folder / DESCRIPTOR).exists():
        return installed
    copy = DataPackage(folder)
    same = all(copy.descriptor.get(key) == installed.descriptor[key] for key in ("name", "version"))
    if not same:
        return installed
    if strange := {resource["format"] for resource in copy.resources.values()} - set(package.FORMATS):
        raise BilatdataError(
            f"{folder}: is an export as {', '.join(strange)}, and descriptions are of CSV and Parquet files: "
            "export with --format csv or parquet, or choose another folder"
        )
    return copy


def _has_csv(data: DataPackage) -> bool:
    return all(resource["format"] == "csv" for resource in data.resources.values())


def metadata_files(data: DataPackage) -> dict[str, bytes]:
    """The descriptions of a package in all formats, by the name that each has beside `datapackage.json`.

    Raises:
        BilatdataError: the descriptor or a schema cannot be read.
    """
    return {FILE_NAMES[name]: text.encode() for name, text in _texts(FORMATS, data).items()}


def citation_file(descriptor: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The content of `CITATION.cff` for a package with this descriptor and these schemas."""
    from bilatdata.metadata import cff
    from bilatdata.metadata.facts import facts_of

    return cff.text(facts_of(descriptor, schemas)).encode()


def _texts(formats: Iterable[str], data: DataPackage) -> dict[str, str]:
    """A package described in these formats."""
    # Imported here because `bilatdata --help` needs the names of the formats and no more.
    from bilatdata.metadata import cff, croissant, csvw, datacite, dcat, schema_org
    from bilatdata.metadata.facts import read_facts

    writers: Mapping[str, Callable[[Facts], str | dict[str, Any]]] = {
        "croissant": croissant.document,
        "csvw": csvw.document,
        "dcat-ap": dcat.document,
        "dcat-ap-ttl": dcat.text,
        "schema-org": schema_org.document,
        "datacite": datacite.document,
        "cff": cff.text,
    }
    facts = read_facts(data)
    written = {name: writers[name](facts) for name in formats}
    return {
        name: text if isinstance(text, str) else json.dumps(text, indent=2, ensure_ascii=False) + "\n"
        for name, text in written.items()
    }


def _require_format(format: str) -> str:
    if format in FILE_NAMES:
        return format
    nearest = did_you_mean(format, [*FORMATS, ALL])
    raise BilatdataError(f"no metadata format '{format}'{nearest}: expected one of {', '.join(FORMATS)}")
