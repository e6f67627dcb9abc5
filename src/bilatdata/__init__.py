"""Russia's relations with Latin America as an open, cited data package.

    >>> import bilatdata as bd
    >>> bd.tables()                      # names of the tables
    >>> bd.load("meetings")              # a pandas DataFrame
    >>> bd.record("MTG-0001")            # one record with its evidence and its sources

Importing the package loads neither pandas nor pyarrow; a function loads what it needs when it is called.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # type checkers take it for true; importing `typing` would cost more than all the rest
if TYPE_CHECKING:
    from typing import Any

    from bilatdata.charts import chart
    from bilatdata.citation import cite
    from bilatdata.errors import BilatdataError
    from bilatdata.history.diff import diff
    from bilatdata.loading import connect, describe, load, path, schema, tables
    from bilatdata.records import Record, evidence, record
    from bilatdata.release.fetch import fetch
    from bilatdata.validation import validate

    __version__: str

__all__ = [
    "BilatdataError",
    "Record",
    "__version__",
    "chart",
    "cite",
    "connect",
    "describe",
    "diff",
    "evidence",
    "fetch",
    "load",
    "path",
    "record",
    "schema",
    "tables",
    "validate",
]

_HOMES = {
    "BilatdataError": "errors",
    "Record": "records",
    "chart": "charts",
    "cite": "citation",
    "connect": "loading",
    "describe": "loading",
    "diff": "history.diff",
    "evidence": "records",
    "fetch": "release.fetch",
    "load": "loading",
    "path": "loading",
    "record": "records",
    "schema": "loading",
    "tables": "loading",
    "validate": "validation",
}
"""Module in which each lazy name of the package lives."""


def __getattr__(name: str) -> Any:
    """Import a name of the public interface on first use; `__version__` is that of the data."""
    if name == "__version__":
        from bilatdata.package import installed

        return installed().version
    if name not in _HOMES:
        raise AttributeError(f"module 'bilatdata' has no attribute '{name}'")
    value = getattr(import_module(f"bilatdata.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
