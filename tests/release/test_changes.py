"""Recording a release, and the rules over all releases: each finds its fault and leaves a near miss alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bilatdata.contract.rule import ReleaseFault
from bilatdata.contract.rules import CATALOGUE
from bilatdata.errors import BilatdataError
from bilatdata.history.log import released_version, releases
from bilatdata.package import DataPackage
from bilatdata.release.build import build
from bilatdata.release.changes import REASONS, record

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = "# Change log\n\n## 1.0.0 (unreleased)\n\nThe first.\n"
REASON = '[[reason]]\ntext = "Because."\n'


def write(root: Path, version: str, changelog: str | None = None, reasons: str | None = REASON) -> None:
    """Declare a version, with its entry in the change log and the reasons of its changes."""
    descriptor = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
    (root / "datapackage.json").write_text(json.dumps({**descriptor, "version": version}), encoding="utf-8")
    (root / "pyproject.toml").write_text(f'[project]\nname = "tiny"\nversion = "{version}"\n', encoding="utf-8")
    if changelog is not None:
        (root / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    if reasons is not None:
        (root / REASONS).parent.mkdir(exist_ok=True)
        (root / REASONS).write_text(reasons, encoding="utf-8")
    build(root)


def edit(root: Path, file: str, before: str, after: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    build(root)


def next_entry(root: Path, version: str) -> str:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    return text.replace("\n## ", f"\n## {version} (unreleased)\n\nMore.\n\n## ", 1)


@pytest.fixture(scope="session")
def recorded_root(tiny_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny package with 1.0.0 recorded, and 1.1.0, in which MTG-0002 was withdrawn and a person came."""
    root = Path(shutil.copytree(tiny_root, tmp_path_factory.mktemp("recorded") / "package"))
    shutil.copy2(ROOT / "schemas/retired_ids.json", root / "schemas")
    (root / "data/retired_ids.csv").write_text("retired_id,successor_id,version,reason\n", encoding="utf-8")
    descriptor = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
    descriptor["resources"].append({"name": "retired_ids"})
    (root / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    write(root, "1.0.0", CHANGELOG)
    record(root, date(2027, 1, 2))
    edit(root, "data/retired_ids.csv", "reason\n", "reason\nMTG-0002,,1.1.0,Never took place.\n")
    path = root / "data/meetings.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert any(line.startswith("MTG-0002,") for line in lines)
    path.write_text("".join(line for line in lines if not line.startswith("MTG-0002,")), encoding="utf-8")
    write(root, "1.1.0", next_entry(root, "1.1.0"))
    record(root, date(2027, 2, 3))
    return root


@pytest.fixture
def recorded(recorded_root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(recorded_root, tmp_path / "package"))


def places(root: Path, code: str) -> list[tuple[str, str | None]]:
    found = [fault for fault in CATALOGUE[code].function(DataPackage(root)) if isinstance(fault, ReleaseFault)]
    assert all(fault.expected for fault in found)
    return [(fault.file, fault.key or fault.value) for fault in found]


def test_a_recorded_release_is_told_to_people_and_programs(recorded: Path) -> None:
    lines = [json.loads(line) for line in (recorded / "changes/1.1.0.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(line["change"], line["table"]) for line in lines} == {
        ("row_withdrawn", "meetings"),
        ("id_retired", "retired_ids"),
    }
    assert {line["reason"] for line in lines} == {"Because."}
    text = (recorded / "CHANGELOG.md").read_text(encoding="utf-8")
    entry = text[text.index("## 1.1.0 (2027-02-03)\n\nMore.\n") : text.index("## 1.0.0 (2027-01-02)")]
    assert "Since 1.0.0, which calls for 1.1.0 (MINOR: 1 × record withdrawn):" in entry
    assert "- `meetings` MTG-0002" in entry
    assert not (recorded / REASONS).exists()
    assert json.loads((recorded / "datapackage.json").read_text(encoding="utf-8"))["created"].startswith("2027-02-03")


def test_the_register_has_the_releases_and_each_comes_again(recorded: Path) -> None:
    data = DataPackage(recorded)
    assert [(release.version, release.date) for release in releases(data)] == [
        ("1.0.0", date(2027, 1, 2)),
        ("1.1.0", date(2027, 2, 3)),
    ]
    assert b"\nMTG-0002," in released_version(data, "1.0.0").file("data/meetings.csv")
    assert released_version(data, "1.1.0").file("data/meetings.csv") == (recorded / "data/meetings.csv").read_bytes()


def test_recording_again_changes_nothing(recorded: Path) -> None:
    before = {path: path.read_bytes() for path in recorded.rglob("*") if path.is_file()}
    (recorded / REASONS).write_text(REASON, encoding="utf-8")
    record(recorded, date(2027, 2, 3))
    assert {path: path.read_bytes() for path in recorded.rglob("*") if path.is_file()} == before


def test_reasons_fit_by_what_they_name(recorded: Path) -> None:
    edit(recorded, "data/retired_ids.csv", "Never took place.", "It never took place.")
    edit(recorded, "data/countries.csv", "Боливия", "Страна Боливия")
    reasons = """
        [[reason]]
        text = "Spelled as its people do."
        table = "countries"
        field = "name_ru"
        ids = ["BOL"]
        [[reason]]
        text = "Said better."
        kind = "cell_revised"
    """
    write(recorded, "1.1.1", next_entry(recorded, "1.1.1"), reasons)
    record(recorded)
    lines = (recorded / "changes/1.1.1.jsonl").read_text(encoding="utf-8").splitlines()
    assert {(told["table"], told["reason"]) for told in map(json.loads, lines)} == {
        ("countries", "Spelled as its people do."),
        ("retired_ids", "Said better."),
    }


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a change without a reason": (
        lambda root: write(root, "1.1.1", next_entry(root, "1.1.1"), '[[reason]]\ntext = "x"\ntable = "people"\n'),
        "gives no reason for 1 changes (1 × cell_revised in retired_ids; the first: retired_ids MTG-0002 reason)",
    ),
    "no reasons at all": (
        lambda root: write(root, "1.1.1", next_entry(root, "1.1.1"), None),
        "next.toml: gives no reason for 1 changes",
    ),
    "reasons that cannot be read": (
        lambda root: write(root, "1.1.1", next_entry(root, "1.1.1"), "[[reason]"),
        "next.toml: cannot be read",
    ),
    "a kind that does not exist": (
        lambda root: write(root, "1.1.1", next_entry(root, "1.1.1"), '[[reason]]\ntext = "x"\nkind = "cells"\n'),
        "there is no kind cells: there are table_removed",
    ),
    "a table that does not exist": (
        lambda root: write(root, "1.1.1", next_entry(root, "1.1.1"), '[[reason]]\ntext = "x"\ntable = "persons"\n'),
        "next.toml: no table 'persons'",
    ),
    "a placeholder for a summary": (
        lambda root: write(root, "1.1.1", next_entry(root, "1.1.1").replace("\nMore.\n", "\nIn preparation.\n", 1)),
        "has no summary under '## 1.1.1 (unreleased)'",
    ),
    "a version that is too low": (
        lambda root: (write(root, "1.1.1"), edit(root, "schemas/countries.json", '"^[A-Z]{2}$"', '"^[A-Z]{2,2}$"'))[0],
        "version 1.1.1 is too low: the changes call for 2.0.0 (MAJOR",
    ),
    "a version before the last": (lambda root: write(root, "1.0.5"), "version 1.0.5 comes before release 1.1.0"),
    "no summary": (
        lambda root: write(root, "1.1.1", next_entry(root, "1.1.1").replace("\nMore.\n", "", 1)),
        "CHANGELOG.md: has no summary under '## 1.1.1 (unreleased)'",
    ),
    "no entry": (lambda root: write(root, "1.1.1"), "CHANGELOG.md: has no summary under '## 1.1.1 (unreleased)'"),
}


@pytest.mark.parametrize(("prepare", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_ready_is_refused_and_nothing_is_written(
    recorded: Path, prepare: Callable[[Path], None], message: str
) -> None:
    edit(recorded, "data/retired_ids.csv", "Never took place.", "It never took place.")
    prepare(recorded)
    before = {path: path.read_bytes() for path in recorded.rglob("*") if path.is_file()}
    with pytest.raises(BilatdataError) as raised:
        record(recorded)
    assert message in str(raised.value)
    assert {path: path.read_bytes() for path in recorded.rglob("*") if path.is_file()} == before


def test_r109_finds_a_version_that_is_too_low(recorded: Path) -> None:
    assert places(recorded, "R109") == []
    edit(recorded, "data/retired_ids.csv", "Never took place.", "It never took place.")
    assert places(recorded, "R109") == [("datapackage.json", "1.1.0")]
    write(recorded, "1.1.1")
    assert places(recorded, "R109") == []
    header, first, *_ = (recorded / "data/people.csv").read_text(encoding="utf-8").splitlines()
    added = ",".join(["PER-9999", *first.split(",")[1:]])
    assert header.startswith("person_id,")
    with (recorded / "data/people.csv").open("a", encoding="utf-8") as file:
        file.write(added + "\n")
    build(recorded)
    (fault,) = CATALOGUE["R109"].function(DataPackage(recorded))
    assert isinstance(fault, ReleaseFault)
    assert fault.expected.startswith("at least 1.2.0 (MINOR: 1 × record added")


def test_r110_finds_a_release_without_its_record(recorded: Path) -> None:
    assert places(recorded, "R110") == []
    path = recorded / "changes/1.1.0.jsonl"
    lines = path.read_text(encoding="utf-8")
    path.write_text(lines.replace(', "reason": "Because."', "", 1), encoding="utf-8")
    assert places(recorded, "R110") == [("changes/1.1.0.jsonl", "1.1.0")]
    path.write_text(lines, encoding="utf-8")
    text = (recorded / "CHANGELOG.md").read_text(encoding="utf-8")
    for damaged in (text.replace("\nMore.\n", ""), text.replace("(2027-02-03)", "(2027-02-04)"), "# Change log\n"):
        (recorded / "CHANGELOG.md").write_text(damaged, encoding="utf-8")
        assert ("CHANGELOG.md", "1.1.0") in places(recorded, "R110")
    path.unlink()
    with pytest.raises(BilatdataError, match=r"1\.1\.0\.jsonl: cannot be read .*: every release has its change file"):
        places(recorded, "R110")


def test_r111_finds_an_id_that_came_back_though_nobody_has_it_retired(recorded: Path) -> None:
    assert places(recorded, "R111") == []
    path = recorded / "data/meetings.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1].replace("MTG-0001", "MTG-0002")]), encoding="utf-8")
    edit(recorded, "data/retired_ids.csv", "MTG-0002,,1.1.0,Never took place.\n", "")
    assert places(recorded, "R111") == [("data/meetings.csv", "MTG-0002")]


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        (("field", "table", "meetings", "town", "city", "3.0.0"), None),
        (("field", "table", "meetings", "town", "cities", "3.0.0"), "meetings.town"),
        (("field", "table", "meetings", "note", "city", "3.0.0"), "meetings.note"),
        (("field", "table", "gatherings", "town", "city", "3.0.0"), "gatherings.town"),
        (("field", "table", "meetings", "town", "city", "1.1.0"), "meetings.town"),
        (("term", "vocabulary", "meeting_status", "took_place", "held", "3.0.0"), None),
        (("term", "vocabulary", "meeting_status", "took_place", "has_been", "3.0.0"), "meeting_status.took_place"),
    ],
)
def test_r112_finds_renames_that_lead_nowhere(recorded: Path, entry: tuple[str, ...], value: str | None) -> None:
    kind, word, within, old, new, until = entry
    (recorded / "changes/renames.toml").write_text(
        f'[[{kind}]]\n{word} = "{within}"\nold = "{old}"\nnew = "{new}"\nsince = "1.0.0"\nuntil = "{until}"\n',
        encoding="utf-8",
    )
    found = places(recorded, "R112")
    assert found == ([] if value is None else [("changes/renames.toml", value)])
