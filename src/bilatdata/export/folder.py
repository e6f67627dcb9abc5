"""Exports of a folder: a file per table, the schemas, and a descriptor of just what is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bilatdata import package
from bilatdata.errors import BilatdataError
from bilatdata.export import csv, jsonl, parquet
from bilatdata.package import DESCRIPTOR, json_bytes

MODULES = {"csv": csv, "parquet": parquet, "jsonl": jsonl}
"""The module of each format; `table_bytes` gives the content of a table's file."""
_OF_THE_FILE = ("path", "format", "mediatype", "bytes", "hash", "encoding", "dialect", "alternates")
"""What a resource says about its file rather than about its table."""
_OF_CODES = ("vocabulary", "constraints", "categories", "categoriesOrdered")
"""What a field says about its codes."""
_PARTS = (DESCRIPTOR, "data", "schemas")
"""What an export puts into its folder."""


def write_folder(
    target: Path,
    format: str,
    tables: Sequence[str],
    labels: str | None = None,
    *,
    overwrite: bool,
    progress: Callable[[str], None],
) -> list[Path]:
    """Write `datapackage.json`, `data/<table>.<format>` and `schemas/<table>.json` into a folder, whole or not at all.

    Raises:
        BilatdataError: an installed file was altered, or the folder is a file, holds something that may not be
            replaced, or cannot be written.
    """
    contents = dict(_contents(format, list(tables), labels, progress))
    try:
        _require_free(target, overwrite)
        _write_whole(target, contents)
    except OSError as error:
        raise BilatdataError(
            f"{target}: cannot be written ({error.strerror or error}): choose another folder"
        ) from error
    return [target / file for file in contents]


def _contents(
    format: str, tables: list[str], labels: str | None, progress: Callable[[str], None]
) -> Iterator[tuple[str, bytes]]:
    """Every file of the export by its path within the folder."""
    data, module = package.installed(), MODULES[format]
    files = {}
    for name in tables:
        progress(name)
        files[name] = module.table_bytes(name, labels) if labels else module.table_bytes(name)
    resources = [_resource(data.resources[name], format, module.MEDIA_TYPE, files[name]) for name in tables]
    language = {"labels": labels} if labels else {}
    yield DESCRIPTOR, json_bytes({**data.descriptor, **language, "resources": resources})
    for name in tables:
        yield f"data/{name}.{format}", files[name]
        yield f"schemas/{name}.json", json_bytes(_schema_within(data.schema(name), tables, labels))


def _resource(source: Mapping[str, Any], format: str, media_type: str, content: bytes) -> dict[str, Any]:
    resource = {key: value for key, value in source.items() if key not in _OF_THE_FILE}
    resource |= package.file_entry(source["name"], format, media_type, content)
    if format == "csv":
        resource |= {key: source[key] for key in ("encoding", "dialect") if key in source}
    return resource


def _schema_within(schema: dict[str, Any], tables: list[str], labels: str | None) -> dict[str, Any]:
    """The schema without foreign keys to tables that are not exported, nor any word on codes where there are labels."""
    keys = [key for key in schema.pop("foreignKeys", ()) if key["reference"].get("resource", schema["name"]) in tables]
    if labels:
        countries = [key for key in keys if key["reference"].get("resource") == "countries"]
        keys = [key for key in keys if key not in countries]
        named = {name for key in countries for name in key["fields"]}
        schema["fields"] = [_labelled(field) if _holds_labels(field, named) else field for field in schema["fields"]]
    return {**schema, "foreignKeys": keys} if keys else schema


def _holds_labels(field: Mapping[str, Any], countries: Collection[str]) -> bool:
    return "vocabulary" in field or field["name"] in countries


def _labelled(field: Mapping[str, Any]) -> dict[str, Any]:
    """The field as one of free text."""
    constraints = {key: value for key, value in field.get("constraints", {}).items() if key == "required"}
    kept = {key: value for key, value in field.items() if key not in _OF_CODES}
    return kept | ({"constraints": constraints} if constraints else {})


def _require_free(target: Path, overwrite: bool) -> None:
    """Refuse a folder that holds anything which this export may not replace."""
    if not target.exists():
        return
    if not target.is_dir():
        raise BilatdataError(f"{target}: is a file: expected a folder, new or empty")
    present = [path.relative_to(target).as_posix() for path in sorted(target.rglob("*")) if not path.is_dir()]
    if not any(target.iterdir()):
        return
    if not overwrite:
        raise BilatdataError(
            f"{target}: is not empty: choose a new or empty folder, or replace an earlier export with --overwrite "
            "(overwrite=True in Python)"
        )
    if target == package.installed().root:
        raise BilatdataError(f"{target}: is the installed data package itself: choose another folder")
    if strangers := [file for file in present if not _is_ours(file)]:
        raise BilatdataError(f"{target}: holds {strangers[0]}, which no export wrote: choose another folder")


def _is_ours(file: str) -> bool:
    folder, _, name = file.rpartition("/")
    stem, _, suffix = name.partition(".")
    known = stem in package.installed().table_names
    return file == DESCRIPTOR or (
        known and ((folder == "data" and suffix in MODULES) or file == f"schemas/{stem}.json")
    )


def _write_whole(target: Path, contents: Mapping[str, bytes]) -> None:
    """Write all files into a hidden folder of the target, then put them in the place of an earlier export.

    Within the target and not beside it, because the target may be a mount, or lie where nothing else may be written.
    """
    made = not target.exists()
    target.mkdir(parents=True, exist_ok=True)
    new, old = target / f".{os.getpid()}.new", target / f".{os.getpid()}.old"
    try:
        for file, content in contents.items():
            (new / file).parent.mkdir(parents=True, exist_ok=True)
            (new / file).write_bytes(content)
        _swap(target, new, old)
    except BaseException:
        if made:
            shutil.rmtree(target, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _swap(target: Path, new: Path, old: Path) -> None:
    """Move an earlier export out of the target and the new one in; all comes back where that fails.

    The descriptor goes first and comes last, so that it never stands beside files that it does not describe.
    """
    old.mkdir()
    out = [(target / part, old / part) for part in _PARTS if (target / part).exists()]
    into = [(new / part, target / part) for part in reversed(_PARTS)]
    done: list[tuple[Path, Path]] = []
    try:
        for source, goal in out + into:
            source.rename(goal)
            done.append((source, goal))
    except BaseException:
        for source, goal in reversed(done):
            goal.rename(source)
        raise
