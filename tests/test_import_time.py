"""Importing the package costs next to nothing: what is heavy loads when it is needed. Times are in `benchmarks/`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"pandas", "pyarrow", "numpy", "polars", "duckdb", "pandera", "frictionless"}


def modules_after(code: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter holds after the code."""
    report = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "code",
    [
        "import bilatdata",
        "import bilatdata; bilatdata.tables(); bilatdata.__version__; bilatdata.path('meetings'); bilatdata.cite()",
        "import bilatdata; bilatdata.schema('meetings'); bilatdata.load; bilatdata.record; bilatdata.connect",
        "import bilatdata.export",
    ],
)
def test_nothing_heavy_is_imported(code: str) -> None:
    assert modules_after(code) & HEAVY == set()


def test_the_import_itself_loads_no_more_than_one_module() -> None:
    # `typing`, `dataclasses` and `pathlib` cost more than all the rest together.
    extra = modules_after("import bilatdata") - modules_after("pass")
    assert extra <= {"bilatdata", "importlib", "warnings", "types", "__future__"}


def test_only_the_backend_asked_for_is_imported() -> None:
    assert (
        modules_after("import bilatdata; bilatdata.load('countries', 'arrow')") & {"pandas", "polars", "duckdb"}
        == set()
    )
    assert modules_after("import bilatdata; bilatdata.load('countries')") & {"polars", "duckdb", "pandera"} == set()
