"""Columns and tables that other people's descriptors add to the contract."""

import json

import pytest
from small_tables import PLACES

from bilatdata.errors import BilatdataError
from bilatdata.validation.engine import validate

OWN = {"name": "altitude", "type": "integer", "constraints": {"minimum": 0}}
OURS = [{"name": name, "type": "string"} for name in ("place_id", "region", "label", "parent_id")]


@pytest.fixture
def describe(write):
    """Writes a data package of tables by name, each a schema and the text of its file."""

    def writer(tables: dict[str, tuple[object, str]]):
        resources = [
            {"name": name, "path": f"{name}.csv", **({"schema": schema} if schema else {})}
            for name, (schema, _) in tables.items()
        ]
        for name, (_, text) in tables.items():
            write(f"own/{name}.csv", text)
        return write("own/datapackage.json", json.dumps({"resources": resources}))

    return writer


def with_altitude(*cells: str) -> str:
    lines = PLACES.splitlines()
    return "\n".join([f"{lines[0]},altitude", *map(",".join, zip(lines[1:], cells, strict=True))]) + "\n"


def places(report):
    return [(item.code, item.table, item.line, item.column, item.field, item.value) for item in report]


def test_a_declared_column_is_allowed_and_judged(describe, package):
    schema = {"fields": [*OURS, OWN]}
    report = validate(describe({"places": (schema, with_altitude("-5", "4 100"))}), package=package)
    assert places(report) == [
        ("T105", "places", 2, 15, "altitude", "-5"),
        ("T101", "places", 3, 17, "altitude", "4 100"),
    ]
    assert validate(describe({"places": (schema, with_altitude("0", ""))}), package=package).findings == ()


def test_the_schema_may_be_a_file_beside_the_descriptor(describe, write, package):
    write("own/schemas/p.json", json.dumps({"fields": [OWN]}))
    path = describe({"places": ("schemas/p.json", with_altitude("1", "-1"))})
    assert [item.code for item in validate(path, package=package)] == ["T105"]


def test_an_undeclared_column_is_still_unknown(describe, package):
    assert [item.code for item in validate(describe({"places": (None, with_altitude("1", "2"))}), package=package)] == [
        "S103"
    ]


def test_our_own_fields_stay_as_they_are(describe, package):
    lax = {"fields": [{"name": "region", "type": "any"}, *OURS[:1]]}
    report = validate(describe({"places": (lax, PLACES.replace("south", "west"))}), package=package)
    assert places(report) == [("T104", "places", 3, 4, "region", "west")]


def test_a_declared_column_that_is_missing(describe, package):
    report = validate(describe({"places": ({"fields": [OWN]}, PLACES)}), package=package)
    assert [(item.code, item.field) for item in report] == [("S102", "altitude")]


def test_a_declared_column_may_refer_to_our_rows_and_to_theirs(describe, package):
    schema = {
        "fields": [{"name": "near_id"}],
        "foreignKeys": [{"fields": "near_id", "reference": {"resource": "places", "fields": "place_id"}}],
    }
    text = "place_id,region,label,parent_id,near_id\nQ1,north,mine,,P1\nQ2,north,other,,Q1\nQ3,south,third,,Q9\n"
    report = validate(describe({"places": (schema, text)}), package=package)
    assert places(report) == [("K103", "places", 4, 17, "near_id", "Q9")]


def test_a_table_of_their_own_is_judged_by_its_schema(describe, package):
    schema = {
        "fields": [
            {"name": "id", "constraints": {"required": True}},
            {"name": "place_id"},
            {"name": "height", "type": "number"},
        ],
        "primaryKey": "id",
        "foreignKeys": [
            {"fields": ["place_id"], "reference": {"resource": "places", "fields": ["place_id"]}},
            {"fields": ["place_id"], "reference": {"resource": "nowhere", "fields": ["x"]}},
        ],
    }
    path = describe({"masts": (schema, "id,place_id,height\nA,P1,30\nA,P9,tall\n")})
    assert [(item.code, item.line, item.field) for item in validate(path, package=package)] == [
        ("K101", 3, "id"),
        ("K103", 3, "place_id"),
        ("T101", 3, "height"),
    ]


def test_a_resource_of_another_name_in_our_shape_is_ours(describe, package):
    path = describe({"sites-2026": ({"fields": [*OURS, OWN]}, with_altitude("1", "-1"))})
    report = validate(path, package=package)
    assert report.tables == ("places",)
    assert [item.code for item in report] == ["T105"]


@pytest.mark.parametrize(
    "field",
    [
        {"name": "altitude", "type": "geopoint"},
        {"name": "altitude", "type": "number", "decimalChar": ","},
        {"name": "altitude", "type": "date", "format": "%d/%m/%Y"},
        {"name": "altitude", "type": "integer", "missingValues": ["", "-"]},
    ],
)
def test_a_column_that_only_its_owner_can_read_is_said_not_to_be_judged(describe, package, field):
    report = validate(describe({"places": ({"fields": [field]}, with_altitude("1", "-"))}), package=package)
    assert [(item.code, item.severity, item.line, item.column) for item in report] == [("S113", "warning", 1, 33)]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "no list of named fields"),
        ({"fields": [{"type": "string"}]}, "no list of named fields"),
        ({"fields": [{"name": 3}]}, "no list of named fields"),
        ({"fields": [OWN, OWN]}, "names the field 'altitude' twice"),
        ({"fields": [OWN], "primaryKey": ["x"]}, "a key names the field 'x'"),
        (
            {"fields": [OWN], "foreignKeys": [{"fields": "x", "reference": {"fields": "x"}}]},
            "a key names the field 'x'",
        ),
        ({"fields": [OWN], "foreignKeys": [{"fields": "altitude"}]}, "expected a Table Schema"),
        ({"fields": [{"name": "a", "constraints": 1}]}, "expected a Table Schema"),
        ({"fields": [{"name": "a", "constraints": {"pattern": "("}}]}, "field 'a' cannot be judged"),
        ({"fields": [{"name": "a", "constraints": {"pattern": "(?=a)b"}}]}, "field 'a' cannot be judged"),
        (
            {"fields": [{"name": "a", "type": "integer", "constraints": {"minimum": "low"}}]},
            "'low' is not a whole number",
        ),
        ({"fields": [{"name": "a", "type": "integer", "constraints": {"minLength": 2}}]}, "field 'a' cannot be judged"),
        ("https://example.org/schema.json", "nothing is fetched"),
        ("../schema.json", "below the descriptor"),
        ("none.json", "does not exist"),
    ],
)
def test_a_schema_that_makes_no_sense_is_refused_in_one_line(describe, package, schema, words):
    with pytest.raises(BilatdataError, match=words) as error:
        validate(describe({"places": (schema or {"x": 1}, PLACES)}), package=package)
    assert "\n" not in str(error.value)
    assert "resource 'places'" in str(error.value)


def test_two_descriptors_that_disagree(describe, write, package):
    one = describe({"places": ({"fields": [OWN]}, with_altitude("1", "2"))})
    other = write(
        "other/datapackage.json",
        json.dumps({"resources": [{"name": "places", "path": "p.csv", "schema": {"fields": [{"name": "altitude"}]}}]}),
    )
    write("other/p.csv", "place_id,region,label,parent_id,altitude\nP8,,,,high\n")
    with pytest.raises(BilatdataError, match="declares 'altitude' otherwise"):
        validate([one, other], package=package)


def test_a_link_out_of_the_folder_is_refused(describe, write, package, tmp_path):
    path = describe({"places": (None, PLACES)})
    secret = write("secret.csv", PLACES)
    (tmp_path / "own/places.csv").unlink()
    (tmp_path / "own/places.csv").symlink_to(secret)
    with pytest.raises(BilatdataError, match="a link out of the folder"):
        validate(path, package=package)
