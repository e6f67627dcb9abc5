"""How a project wants its tables judged: `bilatdata.toml`, or `[tool.bilatdata]` in `pyproject.toml`."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from bilatdata.contract.selection import EVERYTHING
from bilatdata.errors import BilatdataError
from bilatdata.package import did_you_mean

OWN_FILE, PYPROJECT = "bilatdata.toml", "pyproject.toml"


@dataclass(frozen=True)
class Settings:
    """The settings of a project; in files their names have hyphens, as options do."""

    paths: tuple[Path, ...] = ()
    """What is judged if nothing is named; in files relative to the file."""
    select: tuple[str, ...] = EVERYTHING
    """Rules that count: `ALL`, codes, beginnings of codes, or names."""
    ignore: tuple[str, ...] = ()
    """Rules that do not."""
    strict: bool = False
    """Whether warnings fail too."""
    extra_columns: bool = False
    """Whether columns are allowed that neither the contract nor a descriptor knows."""
    baseline: Path | None = None
    """File of known findings; in files relative to the file."""
    file: Path | None = None
    """Where the settings come from; cannot be set in a file."""


def find_settings(folder: Path) -> Settings:
    """The settings that hold in a folder: those of the nearest file from there upwards, or the defaults.

    Raises:
        BilatdataError: the file cannot be read, or has a setting that does not exist or makes no sense.
    """
    for place in (folder, *folder.parents):
        for name in (OWN_FILE, PYPROJECT):
            if (place / name).is_file():
                settings = read_settings(place / name)
                if settings is not None:
                    return settings
    return Settings()


def read_settings(path: Path) -> Settings | None:
    """The settings in a file; None if it is a `pyproject.toml` without any.

    Raises:
        BilatdataError: the file cannot be read, or has a setting that does not exist or makes no sense.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BilatdataError(f"{path}: cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise BilatdataError(f"{path}: is not TOML in UTF-8 ({error})") from error
    if path.name == PYPROJECT:
        tools = content.get("tool", {})
        if not isinstance(tools, dict) or "bilatdata" not in tools:
            return None
        content = tools["bilatdata"]
    if not isinstance(content, dict):
        raise BilatdataError(f"{path}: tool.bilatdata is not a table of settings")
    return _settings(content, path)


def _settings(content: dict[str, Any], path: Path) -> Settings:
    known = {field.name.replace("_", "-"): field.name for field in fields(Settings) if field.name != "file"}
    values: dict[str, Any] = {}
    for name, value in content.items():
        if name == "tool" and path.name != PYPROJECT:
            raise BilatdataError(
                f"{path}: has [tool.bilatdata], which is for {PYPROJECT}: write the settings without it"
            )
        if name not in known:
            raise BilatdataError(
                f"{path}: no setting '{name}'{did_you_mean(name, list(known))}: expected one of {', '.join(known)}"
            )
        values[known[name]] = _value(name, value, path)
    return replace(Settings(file=path), **values)


def _value(name: str, value: object, path: Path) -> object:
    """A value of a file as `Settings` holds it."""
    if name in ("strict", "extra-columns"):
        if isinstance(value, bool):
            return value
        raise BilatdataError(f"{path}: {name} is {value!r}: expected true or false")
    if name == "baseline":
        if isinstance(value, str):
            return _beside(path, value)
        raise BilatdataError(f"{path}: {name} is {value!r}: expected the path of a file")
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(_beside(path, item) for item in value) if name == "paths" else tuple(value)
    raise BilatdataError(f'{path}: {name} is {value!r}: expected a list of texts such as ["one", "two"]')


def _beside(path: Path, relative: str) -> Path:
    """A path as seen from the working directory, as short as people and code hosts know it."""
    return Path(os.path.relpath(path.parent / relative))
