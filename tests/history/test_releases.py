"""The releases of this package: each is replayed from its changes, exactly, wherever the package is."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bilatdata.errors import BilatdataError
from bilatdata.history.calls import version_call
from bilatdata.history.changes import Change, changes
from bilatdata.history.diff import diff, first_version
from bilatdata.history.log import csv_of, history, packed, read_changes, released_version, releases
from bilatdata.history.opened import of_folder
from bilatdata.history.replay import replay
from bilatdata.package import DataPackage
from bilatdata.versions import version_key

ROOT = Path(__file__).resolve().parents[2]
OURS = DataPackage(ROOT)
CASES = Path(__file__).resolve().parents[1] / "fixtures" / "versions" / "cases.toml"


def installed_copy(folder: Path) -> DataPackage:
    """The package as a wheel lays it down: without the change files."""
    (folder / "changes").mkdir(parents=True)
    shutil.copy2(ROOT / "datapackage.json", folder)
    for name in ("releases.toml", "renames.toml", "history.parquet"):
        shutil.copy2(ROOT / "changes" / name, folder / "changes")
    return DataPackage(folder)


def test_each_release_came_out_as_it_was_and_its_number_was_called_for() -> None:
    found = releases(OURS)
    assert len(found) >= 3
    for before, after in pairwise(found):
        call = version_call(diff(released_version(OURS, before.version), released_version(OURS, after.version)))
        assert version_key(after.version) >= version_key(call.version)


def test_the_changes_of_a_release_are_those_of_the_comparison(tmp_path: Path) -> None:
    before, after = releases(OURS)[-2:]
    found = diff(released_version(OURS, before.version), released_version(OURS, after.version))
    recorded = list(read_changes(OURS, after.version))
    assert all(change.reason for change in recorded)
    assert [replace(change, reason="") for change in recorded] == list(changes(found))


def test_an_installed_package_has_every_release_without_the_change_files(tmp_path: Path) -> None:
    data = installed_copy(tmp_path / "package")
    assert history(data) == history(OURS)
    last = releases(data)[-1]
    content = released_version(data, last.version).file("data/meetings.csv")
    assert hashlib.sha256(content).hexdigest() == last.tables["meetings"]


def test_the_packed_changes_are_those_of_the_files() -> None:
    assert (ROOT / "changes/history.parquet").read_bytes() == packed(history(OURS))


def test_altered_changes_are_refused(tmp_path: Path) -> None:
    data = installed_copy(tmp_path / "package")
    altered = [
        (version, replace(change, new={**change.new, "city": "Atlantis"}) if change.key == ("MTG-0001",) else change)
        for version, change in history(OURS)
    ]
    (data.root / "changes/history.parquet").write_bytes(packed(altered))
    with pytest.raises(
        BilatdataError, match=r"changes do not give meetings as release 0\.1\.0 had it: they were altered"
    ):
        released_version(data, "0.1.0")
    (data.root / "changes/history.parquet").write_bytes(b"PAR1")
    with pytest.raises(BilatdataError, match=r"history\.parquet: cannot be read"):
        released_version(data, "0.1.0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[release]", "cannot be read"),
        ('[[release]]\nversion = "0.1.0"\n', "expected [[release]] with version, date, tables"),
        ('[[release]]\nversion = "0.1.0"\ndate = "2026"\ntables = {}\n', "cannot be read"),
        ('[[release]]\nversion = "one"\ndate = 2026-01-01\ntables = {}\n', "'one' is not a version"),
        (
            '[[release]]\nversion = "0.2.0"\ndate = 2026-01-01\ntables = {}\n'
            '[[release]]\nversion = "0.1.0"\ndate = 2026-01-01\ntables = {}\n',
            "twice or out of order",
        ),
    ],
)
def test_a_register_that_cannot_be_read_is_one_clear_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes/releases.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BilatdataError) as raised:
        releases(DataPackage(tmp_path))
    assert message in str(raised.value)


def test_a_release_that_does_not_exist() -> None:
    with pytest.raises(BilatdataError, match=r"no release 0\.0\.9: there are 0\.1\.0, "):
        released_version(OURS, "0.0.9")


def cases() -> dict[str, list[dict[str, str]]]:
    import tomllib

    return {name: case["edits"] for name, case in tomllib.loads(CASES.read_text(encoding="utf-8")).items()}


def rows_of(content: bytes) -> list[list[tuple[str, str]]]:
    """The rows whatever their order and that of their columns; the base has a number that is not canonical."""
    text = content.decode().replace("1.50", "1.5")
    return sorted(sorted(row.items()) for row in csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("edits", cases().values(), ids=cases())
def test_changes_of_every_kind_lead_from_one_version_to_the_other(
    edits: list[dict[str, str]], base: Path, edited: Callable[..., Path]
) -> None:
    """All that is different is in the changes: applied to the old version they give the new one."""
    new = edited(*edits)
    told = [("1.0.0", change) for change in changes(first_version(base))]
    told += [("2.0.0", change) for change in changes(diff(base, new))]
    state, wanted = replay(told), of_folder(new)
    assert set(state) == set(wanted.resources)
    for name in wanted.resources:
        assert {**state[name].schema, "name": name} == {**wanted.schema_document(name), "name": name}
        assert rows_of(csv_of(state, name)) == rows_of(wanted.file(f"data/{name}.csv"))


def test_changes_that_do_not_follow_are_refused() -> None:
    with pytest.raises(BilatdataError, match=r"^1\.0\.0 changes \('X',\) of t, which is not there before"):
        replay(
            [("1.0.0", Change("table_added", "t", new={"fields": []})), ("1.0.0", Change("row_removed", "t", ("X",)))]
        )
