"""The comparison of two versions: what it finds, wherever they lie, and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bilatdata as bd
from bilatdata.errors import BilatdataError
from bilatdata.history.cells import join_key, key_column, split_key
from bilatdata.history.diff import diff
from bilatdata.history.model import CellChange, EvidenceChange, Row

Edited = Callable[..., Path]


def git(folder: Path, *arguments: str) -> None:
    user = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", folder, *user, *arguments], check=True, capture_output=True)


def zipped(root: Path, target: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                archive.write(path, prefix + path.relative_to(root).as_posix())
    return target


def test_cells_are_found_by_key_whatever_the_order_and_the_quotes(base: Path, edited: Edited) -> None:
    new = edited(
        {
            "file": "data/visits.csv",
            "find": "VIS-0002,2024-06,planned,,trade,\nVIS-0003,2025,planned,30,,\n",
            "put": '"VIS-0003",2025,planned,30.0,,NA\nVIS-0002,2024-06,held,,,\n',
        }
    )
    visits = bd.diff(base, new).table("visits")
    assert visits.cells == (
        CellChange(("VIS-0002",), "stage_code", "planned", "held"),
        CellChange(("VIS-0002",), "topic_codes", "trade", None),
        CellChange(("VIS-0003",), "note", None, "NA"),
    )
    assert [len(visits.cells_on(axis)) for axis in ("revised", "filled", "emptied")] == [1, 1, 1]
    assert visits.rows["VIS-0003",] == {
        "visit_id": "VIS-0003",
        "date": "2025",
        "stage_code": "planned",
        "area": "30.0",
        "note": "NA",
    }
    assert (visits.added, visits.removed, visits.old_rows, visits.new_rows) == ((), (), 4, 4)


def test_rows_come_and_go_with_their_cells(base: Path, edited: Edited) -> None:
    new = edited({"file": "data/guests.csv", "find": "VIS-0001,B,\n", "put": "VIS-0001,C,Envoy\n"})
    guests = diff(base, new).table("guests")
    assert guests.added == (Row(("VIS-0001", "C"), {"visit_id": "VIS-0001", "guest": "C", "office": "Envoy"}),)
    assert [(gone.key, gone.retired) for gone in guests.removed] == [(("VIS-0001", "B"), False)]


def test_a_moved_record_is_compared_with_itself(base: Path, edited: Edited) -> None:
    new = edited(
        {"file": "data/visits.csv", "find": "VIS-0003,2025,planned", "put": "VIS-0007,2025,held"},
        {"file": "data/retired_ids.csv", "find": "reason\n", "put": "reason\nVIS-0003,VIS-0007,1.3.0,Why.\n"},
    )
    visits = diff(base, new).table("visits")
    (gone,) = visits.removed
    assert (gone.key, gone.successor, gone.moved, gone.retired) == (("VIS-0003",), ("VIS-0007",), True, True)
    assert (visits.added, visits.cells) == ((), (CellChange(("VIS-0007",), "stage_code", "planned", "held"),))


def test_two_records_that_became_one_new_one_are_one_move_and_one_merger(base: Path, edited: Edited) -> None:
    new = edited(
        {"file": "data/visits.csv", "find": "VIS-0003,2025,planned,30,,\nVIS-0004", "put": "VIS-0007"},
        {
            "file": "data/retired_ids.csv",
            "find": "reason\n",
            "put": "reason\nVIS-0003,VIS-0007,1.3.0,Why.\nVIS-0004,VIS-0007,1.3.0,Why.\n",
        },
    )
    visits = diff(base, new).table("visits")
    assert [(gone.key, gone.moved) for gone in visits.removed] == [(("VIS-0003",), True), (("VIS-0004",), False)]
    assert visits.added == ()


def test_evidence_is_told_by_the_cell_that_it_is_about(base: Path, edited: Edited) -> None:
    added = "EVI-0003,visits,VIS-0002,date,SRC-0001,2024-06,supports\n"
    new = edited(
        {"file": "data/evidence.csv", "find": "EVI-0001,visits,VIS-0001,,SRC-0001,,supports\n", "put": added},
        {"file": "data/evidence.csv", "find": ",1.5,", "put": ",1.6,"},
    )
    found = diff(base, new)
    assert found.evidence_by_cell["visits", "VIS-0002", "date"] == (
        EvidenceChange("added", "EVI-0003", "visits", "VIS-0002", "date", "SRC-0001", "supports", "2024-06"),
    )
    assert [change.kind for change in found.evidence_by_cell["visits", "VIS-0001", None]] == ["withdrawn"]
    assert [change.reported for change in found.evidence_by_cell["visits", "VIS-0001", "area"]] == ["1.6"]


def test_the_same_version_is_found_in_every_form(base: Path, edited: Edited, tmp_path: Path) -> None:
    new = edited({"file": "data/guests.csv", "find": "VIS-0001,B,", "put": "VIS-0001,B,Envoy"})
    wanted = diff(base, new).tables
    assert wanted
    forms = [
        zipped(new, tmp_path / "new.zip"),
        zipped(new, tmp_path / "inner.zip", "example-1.2.3/"),
        zipped(new, tmp_path / "example-1.2.3-py3-none-any.whl", "example/_dp/"),
        new / "datapackage.json",
    ]
    for form in forms:
        assert diff(base, form).tables == wanted, form


def test_parquet_alone_is_compared_as_its_csv_would_be(base: Path, edited: Edited) -> None:
    new = edited()
    cells = pyarrow.csv.read_csv(
        new / "data/visits.csv", parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)
    )
    assert cells.schema.field("area").type == pa.float64()
    pq.write_table(cells, new / "data/visits.parquet")
    (new / "data/visits.csv").unlink()
    descriptor = (new / "datapackage.json").read_text(encoding="utf-8").replace("visits.csv", "visits.parquet")
    (new / "datapackage.json").write_text(descriptor, encoding="utf-8")
    pq.write_table(cells.set_column(1, "date", cells.column("date").cast(pa.string())), new / "data/visits.parquet")
    assert [change for change in diff(base, new).table("visits").cells if change.field == "area"] == []


def test_git_revisions(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = shutil.copytree(base, tmp_path / "repository")
    git(tmp_path, "init", "--quiet", str(repository))
    for note in ("Nothing", "Something"):
        path = repository / "data/visits.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("Nothing", note), encoding="utf-8")
        git(repository, "add", ".")
        git(repository, "commit", "--quiet", "--message", note)
    monkeypatch.chdir(repository)
    assert [change.new for change in diff("HEAD~1", "HEAD").table("visits").cells] == ["Something"]
    assert not diff("HEAD", repository)
    monkeypatch.chdir(repository / "data")
    assert not diff("HEAD", repository)
    with pytest.raises(BilatdataError, match=r"^v9: no such file or folder, and git knows no such revision: expected"):
        diff("v9", repository)
    git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    with pytest.raises(BilatdataError, match=r"^HEAD~1: .* no revision in this shallow clone: 'git fetch --unshallow"):
        diff("HEAD~1", "HEAD")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        BilatdataError, match=r"^HEAD: no such file or folder, and .* is in no git repository: expected"
    ):
        diff("HEAD", repository)


REFUSED = {
    "another package": ({"file": "datapackage.json", "find": '"example"', "put": '"other"'}, "one of 'other'"),
    "no package": ({"file": "datapackage.json", "put": "[]"}, "holds a list: expected a JSON object"),
    "no version": ({"file": "datapackage.json", "find": '"version": "1.2.3",', "put": ""}, "has no version"),
    "no tables": ({"file": "datapackage.json", "put": '{"name": "example", "version": "1.2.3"}'}, "has no resources"),
    "schema not JSON": ({"file": "schemas/visits.json", "put": "{"}, "schemas/visits.json is not JSON"),
    "schema without fields": ({"file": "schemas/visits.json", "put": "{}"}, "schema of visits cannot be read"),
    "schema of nonsense": (
        {"file": "schemas/visits.json", "put": '{"fields": [{"name": "visit_id", "constraints": 1}]}'},
        "schema of visits cannot be read",
    ),
    "no key": ({"file": "schemas/visits.json", "find": '"visit_id"]', "put": "]"}, "visits has no primaryKey"),
    "no key column": ({"file": "data/visits.csv", "find": "visit_id,", "put": "id,"}, "lacks its key column visit_id"),
    "a key twice": (
        {"file": "data/visits.csv", "find": "VIS-0002", "put": "VIS-0001"},
        "the key VIS-0001 stands in more than one row of visits",
    ),
    "a key of two parts twice": (
        {"file": "data/guests.csv", "find": "VIS-0001,B", "put": "VIS-0001,A"},
        "the key VIS-0001/A stands in more than one row of guests",
    ),
    "an empty key": ({"file": "data/visits.csv", "find": "VIS-0002", "put": ""}, "a row of visits has no visit_id"),
    "a short row": ({"file": "data/guests.csv", "find": "VIS-0001,B,", "put": "VIS-0001"}, "table guests is not CSV"),
    "an empty file": ({"file": "data/guests.csv", "put": ""}, "table guests is not CSV"),
    "a column twice": ({"file": "data/guests.csv", "find": "guest,office", "put": "guest,guest"}, "two columns of one"),
    "renames not TOML": ({"file": "changes/renames.toml", "put": "["}, "changes/renames.toml: is not TOML"),
    "a rename without end": (
        {"file": "changes/renames.toml", "put": '[[field]]\ntable = "visits"\nold = "a"\nnew = "b"\nsince = "1.0.0"\n'},
        "changes/renames.toml: field 1: has table, old, new, since: expected",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_compared_is_one_clear_line(
    change: dict[str, str], message: str, base: Path, edited: Edited
) -> None:
    new = edited(change)
    with pytest.raises(BilatdataError) as raised:
        diff(base, new)
    assert message in str(raised.value)
    assert str(new) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_altered_archive_is_refused_and_a_folder_under_edit_is_not(
    base: Path, edited: Edited, tmp_path: Path
) -> None:
    new = edited()
    descriptor = json.loads((new / "datapackage.json").read_text(encoding="utf-8"))
    descriptor["resources"][0]["hash"] = "sha256:" + "0" * 64
    (new / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    assert not diff(base, new)
    with pytest.raises(
        BilatdataError, match=r"new\.zip: data/visits\.csv was altered or cut short .*: get the archive"
    ):
        diff(base, zipped(new, tmp_path / "new.zip"))


def test_damaged_archives_and_things_that_are_none(base: Path, tmp_path: Path) -> None:
    archive = zipped(base, tmp_path / "cut.zip")
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(BilatdataError, match=r"cut\.zip: is no zip archive or wheel that can be read"):
        diff(base, archive)
    archive = zipped(base, tmp_path / "flipped.zip")
    content = bytearray(archive.read_bytes())
    content[content.index(b"datapackage.json") + 40] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(BilatdataError, match=r"flipped\.zip"):
        diff(base, archive)
    other = zipped(base / "schemas", tmp_path / "other.zip")
    with pytest.raises(BilatdataError, match=r"other\.zip: holds no datapackage\.json"):
        diff(base, other)
    with pytest.raises(BilatdataError, match=r"gone\.whl: no such file"):
        diff(base, tmp_path / "gone.whl")
    with pytest.raises(BilatdataError, match=r"no data package here"):
        diff(base, tmp_path)


def test_a_version_that_does_not_exist(base: Path) -> None:
    with pytest.raises(BilatdataError, match=r"version 77\.0\.0 is not "):
        diff("77.0.0", base)


@given(st.lists(st.tuples(st.text("a\x1e\x1f01", max_size=4), st.text("a\x1e\x1f01", max_size=4)), unique=True))
def test_keys_of_several_parts_stay_apart(keys: list[tuple[str, str]]) -> None:
    left, right = ([key[part] for key in keys] for part in (0, 1))
    cells = pa.table({"a": pa.array(left, pa.string()), "b": pa.array(right, pa.string())}).combine_chunks()
    joined = key_column(cells, ("a", "b"), "here", "t").to_pylist()
    assert joined == [join_key(key) for key in keys]
    assert [split_key(key, 2) for key in joined] == keys
