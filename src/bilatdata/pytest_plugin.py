"""`pytest --bilatdata PATH`: a test per table, which fails with the findings in it.

pytest imports this module in every run where the package is installed, so that all else is imported when it is needed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from bilatdata.validation.findings import Finding, Report

NAME = "bilatdata"
OTHER_FILES = "other files"
"""Name of the test for files that match no table."""


class FindingWarning(pytest.PytestWarning):
    """A finding of severity `warning`; `-W error` makes it fail, and so does the setting `strict`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option `--bilatdata`."""
    parser.getgroup(NAME, "tables in the shape of bilatdata").addoption(
        "--bilatdata",
        action="append",
        default=[],
        metavar="PATH",
        help="judge this file, folder or datapackage.json by the contract of bilatdata, a test per table; "
        "paths given together are judged together (may be given several times)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that all tests of tables have."""
    config.addinivalue_line("markers", f"{NAME}: tests of tables in the shape of bilatdata")


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose among the tests
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the tests of the tables that are asked for."""
    paths = config.getoption("--bilatdata")
    if paths:
        items.extend(session.genitems(Tables.from_parent(session, name=NAME, nodeid=NAME, paths=paths)))


class Tables(pytest.Collector):
    """The tables of all the paths, which are judged together when the first of them is run."""

    def __init__(self, paths: list[str], **more: Any) -> None:
        super().__init__(**more)
        self.paths = paths

    def collect(self) -> Iterable[pytest.Item]:
        """A test per table.

        Raises:
            CollectError: a path cannot be read, or its table cannot be told.
        """
        from bilatdata.contract.table_schema import read_table_schema
        from bilatdata.errors import BilatdataError, missing_extra
        from bilatdata.package import installed

        package = installed()
        try:
            from bilatdata.validation.inputs import resolve

            schemas = {name: read_table_schema(package.schema(name)) for name in package.table_names}
            inputs = resolve(self.paths, None, schemas).inputs
        except ImportError as error:
            raise self.CollectError(str(missing_extra("validate", "--bilatdata"))) from error
        except BilatdataError as error:
            raise self.CollectError(str(error)) from error
        for table in dict.fromkeys(item.table for item in inputs):
            yield Table.from_parent(self, name=table or OTHER_FILES, table=table)

    @cached_property
    def report(self) -> Report:
        """What is found in all of them, by the settings of the project."""
        from bilatdata.validation.engine import validate
        from bilatdata.validation.settings import find_settings

        settings = find_settings(self.config.rootpath)
        report = validate(
            self.paths,
            extra_columns=settings.extra_columns,
            select=settings.select,
            ignore=settings.ignore,
            baseline=settings.baseline,
        )
        return report.strictly() if settings.strict else report


class Table(pytest.Item):
    """The test of one table."""

    parent: Tables

    def __init__(self, table: str | None, **more: Any) -> None:
        super().__init__(**more)
        self.table = table
        self.add_marker(NAME)

    def runtest(self) -> None:
        """Fail with the errors in the table, a line each, and warn of the rest."""
        from bilatdata.errors import BilatdataError
        from bilatdata.report.words import line

        try:
            findings = list(self._findings())
            for finding in findings:
                if finding.severity == "warning":
                    where = (finding.file or NAME, finding.line or 0)
                    warnings.warn_explicit(FindingWarning(line(finding)), None, *where)
            errors = [line(finding) for finding in findings if finding.severity == "error"]
        except (BilatdataError, FindingWarning) as error:
            errors = [str(error)]
        if errors:
            pytest.fail("\n".join(errors), pytrace=False)

    def _findings(self) -> Iterator[Finding]:
        return (finding for finding in self.parent.report.findings if finding.table == self.table)

    def reportinfo(self) -> tuple[Any, None, str]:
        """How the test is called where it failed."""
        return self.path, None, f"{NAME}: {self.name}"
