"""Regenerate what is derived: vocabularies, derived columns, canonical CSV, Parquet, the descriptor, `CITATION.cff`.

Everything is computed before anything is written, and each file is replaced whole: a fault leaves the tree as it was.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bilatdata.contract.canonical import TextTable, canonical_table, csv_bytes, read_text_table
from bilatdata.contract.derived import derive, supporting_sources
from bilatdata.contract.listings import listings
from bilatdata.contract.table_schema import TableSchema, read_table_schema
from bilatdata.dates import bounds
from bilatdata.errors import BilatdataError
from bilatdata.files import write_whole
from bilatdata.history.log import HISTORY, history, packed, releases
from bilatdata.metadata import citation_file
from bilatdata.package import DESCRIPTOR, DataPackage, file_entry, json_bytes

CITATION = "CITATION.cff"
_MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def build(root: Path) -> list[Path]:
    """Regenerate the derived parts of the data package at `root`.

    Returns:
        The files that changed, relative to `root`.

    Raises:
        BilatdataError: a table or schema cannot be read; nothing is written then.
    """
    outputs = built_files(root)
    changed = [path for path, content in outputs.items() if not _holds(root / path, content)]
    for path in changed:
        write_whole(root / path, outputs[path])
    return changed


def built_files(root: Path) -> dict[Path, bytes]:
    """What every built file of the package at `root` should hold, by path relative to it."""
    package = DataPackage(root)
    texts = {name: read_text_table(root / "data" / f"{name}.csv") for name in package.table_names}
    outputs: dict[Path, bytes] = {}
    schemas: dict[str, TableSchema] = {}
    authored: dict[str, dict[str, Any]] = {}
    codes = _codes(texts["terms"]) if "terms" in texts else {}
    for name in texts:
        authored[name] = package.schema(name)
        _fill_vocabularies(authored[name], codes)
        outputs[Path("schemas") / f"{name}.json"] = json_bytes(authored[name])
        schemas[name] = read_table_schema(authored[name])
    tables = {name: canonical_table(texts[name], schemas[name], root / "data" / f"{name}.csv") for name in texts}
    sources = supporting_sources(tables["evidence"]) if "evidence" in tables else {}
    for name, table in tables.items():
        derive(table, schemas[name], sources)
        content = csv_bytes(table.header, table.rows)
        outputs[Path("data") / f"{name}.csv"] = content
        outputs[Path("data") / f"{name}.parquet"] = _parquet(content, schemas[name])
    files = {path.name: content for path, content in outputs.items() if path.parent == Path("data")}
    outputs |= {Path(path): content for path, content in listings(files, list(schemas.values())).items()}
    descriptor = _descriptor(package, tables, schemas, outputs)
    outputs[Path(DESCRIPTOR)] = json_bytes(descriptor)
    if (root / CITATION).is_file():
        outputs[Path(CITATION)] = citation_file(descriptor, authored)
    if releases(package):
        outputs[Path(HISTORY)] = packed(history(package))
    return outputs


def _codes(terms: TextTable) -> dict[str, list[str]]:
    """The codes of each vocabulary in the order of their positions."""
    by_vocabulary: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for term in terms.records():
        if not term["position"].isascii() or not term["position"].isdigit():
            raise BilatdataError(
                f"data/terms.csv: position of {term['vocabulary']}/{term['code']} must be a whole number"
            )
        by_vocabulary[term["vocabulary"]].append((int(term["position"]), term["code"]))
    return {vocabulary: [code for _, code in sorted(pairs)] for vocabulary, pairs in by_vocabulary.items()}


def _fill_vocabularies(schema: dict[str, Any], codes: Mapping[str, list[str]]) -> None:
    """Write the codes of `terms` into the fields that use them; no enum can judge a cell that is a list (V102 does)."""
    for field in schema["fields"]:
        vocabulary = field.get("vocabulary")
        if vocabulary is None:
            continue
        if vocabulary not in codes:
            raise BilatdataError(
                f"schemas/{schema['name']}.json: vocabulary '{vocabulary}' of {field['name']} is not in data/terms.csv"
            )
        if "separator" in field:
            continue
        field.setdefault("constraints", {})["enum"] = codes[vocabulary]
        if field.get("categoriesOrdered"):
            field["categories"] = codes[vocabulary]


def _parquet(content: bytes, schema: TableSchema) -> bytes:
    from bilatdata.contract.frames import table_from_csv, write_parquet

    buffer = io.BytesIO()
    write_parquet(table_from_csv(io.BytesIO(content), schema), buffer)
    return buffer.getvalue()


def _descriptor(
    package: DataPackage,
    tables: Mapping[str, TextTable],
    schemas: Mapping[str, TableSchema],
    outputs: Mapping[Path, bytes],
) -> dict[str, Any]:
    """The descriptor: what is authored stays, what follows from the files is written anew."""
    resources = [_resource(name, tables[name], schemas[name], outputs) for name in package.table_names]
    periods = [resource["temporal"] for resource in resources if "temporal" in resource]
    told = {key: value for key, value in package.descriptor.items() if key != "resources"}
    told["version"] = declared_version(package)
    if periods:
        told["temporal"] = {
            "start": min(period["start"] for period in periods),
            "end": max(period["end"] for period in periods),
        }
    if "sources" in tables:
        # One entry and not one per document: their table is part of the package.
        publishers = set(tables["sources"].column("publisher")) - {""}
        documents = f"{len(tables['sources'].rows):,} documents of {len(publishers):,} publishers"
        told["sources"] = [{"title": f"{documents}, listed in the table sources"}]
    return {**told, "resources": resources}


def declared_version(package: DataPackage) -> str:
    """The version in `pyproject.toml`, or the descriptor's own where there is none (an extension of ours)."""
    import tomllib

    path = package.root / "pyproject.toml"
    if not path.is_file():
        return package.version
    return str(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"])


def _resource(name: str, table: TextTable, schema: TableSchema, outputs: Mapping[Path, bytes]) -> dict[str, Any]:
    resource: dict[str, Any] = {"name": name, "type": "table", "title": schema.title, "description": schema.description}
    resource |= _file(name, "csv", outputs)
    resource |= {"encoding": "utf-8", "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"'}}
    resource |= {"rowCount": len(table.rows)}
    if period := _period(table, schema):
        resource["temporal"] = period
    # Data Package has no word for a second form of the same table; the CSV stays the resource.
    resource["alternates"] = [_file(name, "parquet", outputs)]
    return resource | {"schema": f"schemas/{name}.json"}


def _file(name: str, format: str, outputs: Mapping[Path, bytes]) -> dict[str, Any]:
    return file_entry(name, format, _MEDIA_TYPES[format], outputs[Path("data") / f"{name}.{format}"])


def _period(table: TextTable, schema: TableSchema) -> dict[str, str] | None:
    """First and last day that the EDTF fields of a table name, open ends aside."""
    days = []
    for field in schema.edtf_fields:
        for text in set(table.column(field.name)) - {""}:
            try:
                days += [day for day in bounds(text) if day]
            except ValueError:
                continue  # rule D101 finds it
    return {"start": min(days).isoformat(), "end": max(days).isoformat()} if days else None


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content
