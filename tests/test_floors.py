"""Imports go down the floors of the house, or stay on one, and never in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "bilatdata"
FLOORS = {
    "cli": 5,
    "report": 4,
    "release": 4,
    "serve": 4,
    "pytest_plugin": 4,
    "validation": 3,
    "export": 3,
    "convert": 3,
    "metadata": 3,
    "charts": 3,
    "records": 3,
    "citation": 3,
    "contract": 2,
    "history": 2,
    "loading": 2,
    "wording": 2,
    "html": 2,
    "versions": 1,
    "package": 1,
    "checksums": 1,
    "dates": 1,
    "errors": 1,
    "files": 1,
    "screen": 1,
    "sql": 1,
}
FACES = {"__init__", "__main__"}
"""The doors of the house: they may lead anywhere, and nothing inside goes through them."""


def rooms() -> dict[str, Path]:
    """Every module by its dotted name without `bilatdata.`."""
    return {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imported(path: Path) -> set[str]:
    """Modules of this package that a file imports anywhere in it, for types only or not, without `bilatdata.`."""
    known = {module_name(other) for other in SOURCE.rglob("*.py")}
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            found |= named([node.module or ""], [alias.name for alias in node.names], known)
        elif isinstance(node, ast.Import):
            found |= named([alias.name for alias in node.names], [], known)
    return found


def named(modules: list[str], names: list[str], known: set[str]) -> set[str]:
    """What an import statement means: `from bilatdata import package` is `package`."""
    found: set[str] = set()
    for module in modules:
        head, _, inner = module.partition(".")
        if head == "bilatdata":
            submodules = {f"{inner}.{name}".lstrip(".") for name in names} & known
            found |= submodules if submodules and len(submodules) == len(names) else submodules | {inner or "__init__"}
    return found


def floor(module: str) -> int:
    return FLOORS[module.partition(".")[0]]


INSIDE = sorted(set(rooms()) - FACES)


@pytest.mark.parametrize("module", INSIDE)
def test_every_module_stands_on_a_floor(module: str) -> None:
    assert module.partition(".")[0] in FLOORS, f"say in FLOORS (and in the design) on which floor {module} stands"


@pytest.mark.parametrize("module", INSIDE)
def test_imports_go_down_or_stay(module: str) -> None:
    for other in imported(rooms()[module]):
        assert other not in FACES, f"{module} goes out through the door: import from the module itself"
        assert floor(other) <= floor(module), f"{module} (floor {floor(module)}) imports {other} (floor {floor(other)})"


def test_the_wings_do_not_meet() -> None:
    # A cell on its way to a reader does not pass through validation, nor one on its way to judgement through the frames
    # of readers.
    reading = [name for name in INSIDE if name.partition(".")[0] in ("records", "citation", "export", "metadata")]
    for module in reading:
        assert not {other for other in imported(rooms()[module]) if other.startswith("validation")}, module


def test_no_imports_in_a_circle() -> None:
    graph = {module: imported(rooms()[module]) - {module} for module in INSIDE}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(error.args[1]))


@pytest.mark.parametrize(
    ("statement", "modules"),
    [
        ("from bilatdata import package", {"package"}),
        ("from bilatdata import load", {"__init__"}),
        ("import bilatdata", {"__init__"}),
        ("import bilatdata.loading", {"loading"}),
        ("from bilatdata.loading import load", {"loading"}),
        ("from bilatdata.contract import cells", {"contract.cells"}),
        ("def f():\n    from bilatdata.export.csv import table_bytes", {"export.csv"}),
        ("import json\nfrom pathlib import Path", set()),
    ],
)
def test_imports_are_read_as_python_means_them(tmp_path: Path, statement: str, modules: set[str]) -> None:
    file = tmp_path / "module.py"
    file.write_text(statement, encoding="utf-8")
    assert imported(file) == modules
