"""Judging tables against the contract: `validate` takes files or frames and gives a `Report`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bilatdata.contract.selection import EVERYTHING
from bilatdata.validation.findings import Finding, Report, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path

    from bilatdata.package import DataPackage

__all__ = ["Finding", "Report", "ValidationError", "validate"]


def validate(
    source: Any,
    *,
    table: str | None = None,
    extra_columns: bool = False,
    as_of: date | None = None,
    package: DataPackage | None = None,
    select: Iterable[str] = EVERYTHING,
    ignore: Iterable[str] = (),
    baseline: str | Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Judge files or a data frame against the contract of this package.

    Sources given together are judged together: rules that need several tables apply where all of them are given, and
    a foreign key may refer to a row in any of them or in the installed package.

    Args:
        source: path of a CSV file (UTF-8, commas), a Parquet file, a folder of such files, a `datapackage.json`, a zip
            archive of these, or `-` for standard input; a list of paths; a pandas, polars, pyarrow or DuckDB table; or
            a mapping from names of tables to any of these. Columns and tables that a descriptor adds to ours are
            judged by its schemas.
        table: the table that the source holds; told by the file's name or the header if not given.
        extra_columns: allow columns that the table does not have; they are not judged.
        as_of: the day after which nothing can have happened yet; today if not given.
        select: rules that count: `ALL`, codes, beginnings of codes (`M`, `M1`) or names.
        ignore: rules that do not; of a selected and an ignored beginning the longer one decides.
        baseline: file of known findings, which are left out; `bilatdata validate --write-baseline` writes one.
        progress: called now and then with the number of rows judged so far.
        package: the data package whose schemas and rows count; the installed one if not given.

    Returns:
        The report with every finding.

    Raises:
        BilatdataError: a source cannot be read at all, or its table cannot be told; a selector fits no rule, or the
            baseline cannot be read; or the extra `validate` is missing.
    """
    from bilatdata.validation.engine import validate as judge

    return judge(
        source,
        table=table,
        extra_columns=extra_columns,
        as_of=as_of,
        package=package,
        select=select,
        ignore=ignore,
        baseline=baseline,
        progress=progress,
    )
