"""How to cite exactly what was used: the package, a table or a record, with the version of the data."""

from __future__ import annotations

from typing import Literal

Format = Literal["text", "bibtex", "csl-json"]
FORMATS: tuple[Format, ...] = ("text", "bibtex", "csl-json")


def cite(target: str | None = None, format: Format = "text") -> str:
    """A citation of the package, of a table by name, or of a record by id.

    `bibtex` is one `@misc` entry in UTF-8; `csl-json` is a JSON array of one item.

    Raises:
        BilatdataError: no such table, record or format.
    """
    raise NotImplementedError
