"""The descriptor: valid for the official profile, for frictionless, and true to the files it names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validators

from bilatdata.dates import bounds
from bilatdata.errors import BilatdataError
from bilatdata.package import DataPackage, installed

ROOT = Path(__file__).resolve().parents[1]
DESCRIPTOR = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
SCHEMAS = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "schemas").glob("*.json"))
}
FIELDS = [(table, field) for table, schema in SCHEMAS.items() for field in schema["fields"]]


def official_profile(name: str) -> dict:
    return json.loads((resources.files("dplib") / "profiles" / "2.0" / f"{name}.json").read_text(encoding="utf-8"))


def faults(profile: str, document: dict) -> list[str]:
    schema = official_profile(profile)
    return [error.message for error in validators.validator_for(schema)(schema).iter_errors(document)]


def test_the_descriptor_passes_the_official_profile() -> None:
    assert faults("datapackage", DESCRIPTOR) == []


def test_the_official_profile_refuses_a_wrong_descriptor() -> None:
    assert faults("datapackage", {**DESCRIPTOR, "resources": []})


@pytest.mark.parametrize("table", SCHEMAS)
def test_schemas_pass_the_official_profile(table: str) -> None:
    assert faults("tableschema", SCHEMAS[table]) == []


def test_the_descriptor_says_what_people_ask_of_a_release_first() -> None:
    assert DESCRIPTOR["created"].endswith("Z") and DESCRIPTOR["licenses"][0]["name"] == "CC-BY-4.0"
    assert any("creator" in person["roles"] for person in DESCRIPTOR["contributors"])
    periods = [resource["temporal"] for resource in DESCRIPTOR["resources"] if "temporal" in resource]
    assert all(DESCRIPTOR["temporal"]["start"] <= period["start"] for period in periods)
    assert all(DESCRIPTOR["temporal"]["end"] >= period["end"] for period in periods)
    rows = {resource["name"]: resource["rowCount"] for resource in DESCRIPTOR["resources"]}
    assert DESCRIPTOR["sources"][0]["title"].startswith(f"{rows['sources']:,} documents of ")


def test_frictionless_finds_the_package_valid() -> None:
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--type", "package"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_frictionless_finds_a_broken_package(package_copy: Path) -> None:
    path = package_copy / "data/countries.csv"
    path.write_bytes(path.read_bytes().replace(b"\nBOL,", b"\nBOLIVIA,", 1))
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--type", "package"]
    assert subprocess.run(command, cwd=package_copy, capture_output=True).returncode == 1


@pytest.mark.parametrize(("table", "field"), FIELDS, ids=[f"{table}.{field['name']}" for table, field in FIELDS])
def test_every_field_explains_itself(table: str, field: dict) -> None:
    name = field["name"]
    assert field["title"]
    assert field["description"].rstrip().endswith(".")
    for suffix, unit in {"_usd": "USD", "_pct": "percent", "_km2": "km2", "_m": "m", "_years": "years"}.items():
        if name.endswith(suffix):
            assert field.get("unit") == unit, f"{name} needs the unit {unit}"
    if name.endswith("_date") or name == "date":
        assert field["rdfType"].endswith("/EDTF")
    if name.endswith(("_earliest", "_latest")):
        assert field["type"] == "date"
        assert field["derived"]["from"] == name.rsplit("_", 1)[0]


def test_a_field_name_has_one_type_and_unit_everywhere() -> None:
    seen: dict[str, tuple] = {}
    for table, field in FIELDS:
        meaning = (field["type"], field.get("unit"), field.get("rdfType"), field.get("separator"))
        assert seen.setdefault(field["name"], meaning) == meaning, f"{table}.{field['name']}"


PATTERN = next(field for table, field in FIELDS if table == "meetings" and field["name"] == "date")["constraints"][
    "pattern"
]


@given(st.from_regex(PATTERN, fullmatch=True) | st.text(alphabet="0123456789-/X.?~% ", max_size=21))
def test_the_pattern_of_dates_admits_what_the_profile_admits(text: str) -> None:
    try:
        bounds(text)
    except ValueError:
        return  # the pattern knows no calendar and cannot compare the ends of an interval
    assert re.fullmatch(PATTERN, text)


def test_the_pattern_of_dates_refuses_what_lies_outside() -> None:
    for text in ["../..", "..", "2024/", "24", "2024-1", "2024-02-3", "May 2024", "X024", "2024~?"]:
        assert not re.fullmatch(PATTERN, text), text


def test_an_unknown_table_is_named_with_its_neighbour() -> None:
    with pytest.raises(BilatdataError, match=r"no table 'meeting' \(did you mean 'meetings'\?\)"):
        installed().schema("meeting")


def test_a_missing_file_says_how_to_mend_it(package_copy: Path) -> None:
    (package_copy / "data/people.parquet").unlink()
    with pytest.raises(BilatdataError, match=r"people\.parquet is missing"):
        DataPackage(package_copy).data_path("people")
    (package_copy / "schemas/people.json").unlink()
    with pytest.raises(BilatdataError, match=r"people\.json is missing from the data package: reinstall it"):
        DataPackage(package_copy).schema("people")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_broken_descriptor_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "datapackage.json").write_bytes(content)
    with pytest.raises(BilatdataError, match=r"datapackage\.json: (is not JSON|expected a JSON object)"):
        DataPackage(tmp_path).table_names  # noqa: B018


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "has no resources"),
        ('{"resources": []}', "has no resources"),
        ('{"resources": 5}', "has no resources"),
        ('{"resources": [{"name": "meetings"}, {"path": "data/people.csv"}]}', "resource 2 has no name"),
        ('{"resources": ["meetings"]}', "resource 1 has no name"),
    ],
)
def test_a_descriptor_without_tables_is_one_clear_error(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "datapackage.json").write_text(content, encoding="utf-8")
    with pytest.raises(BilatdataError, match=rf"datapackage\.json: {message}: expected"):
        DataPackage(tmp_path).table_names  # noqa: B018
    with pytest.raises(BilatdataError, match=r"datapackage\.json: has no version: expected"):
        DataPackage(tmp_path).version  # noqa: B018
