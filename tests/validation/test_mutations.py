"""Valid tables are damaged at known places, and exactly those faults come back."""

import random

import pytest
from small_tables import HEADER

from bilatdata.validation.engine import validate

NAMES = HEADER.strip().split(",")
DAMAGES = {
    "T101": [("number", "1.0"), ("amount", "1_0"), ("is_sure", "yes"), ("day", "2024-02-30")],
    "T102": [("number", "")],
    "T105": [("number", "-{line}"), ("number", "1{line:05}"), ("amount", "9.75"), ("day", "1999-12-31")],
    "D101": [("period", "2024-13"), ("period", "2024/2023")],
    "K103": [("place_id", "P7")],
    "N102": [("note", "two  spaces")],
}
LINES = {
    "S105": lambda cells: "",
    "S106": lambda cells: ",".join(cells[:-1]),
    "S107": lambda cells: ",".join([*cells[:-1], "\udce9"]),
    "S108": lambda cells: ",".join([*cells[:-1], '"open']),
    "S109": lambda cells: ",".join([*cells[:-1], '5" pipe']),
    "S110": lambda cells: ",".join([*cells[:-1], "\0"]),
    "S111": lambda cells: ",".join([*cells[:-1], "a\rb"]),
}


def valid_rows(count: int) -> list[list[str]]:
    return [
        ["P1", str(number), "0.5", "true", "2024-02-29", "2024-02", "north", f"note, {number}"]
        for number in range(1, count + 1)
    ]


def line(cells: list[str]) -> str:
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)


@pytest.fixture(scope="module")
def wide(package, tmp_path_factory):
    """The small package with room for more numbers than 99."""
    import json
    import shutil

    from bilatdata.package import DataPackage

    root = tmp_path_factory.mktemp("wide") / "package"
    shutil.copytree(package.root, root)
    path = root / "schemas" / "readings.json"
    schema = json.loads(path.read_text())
    next(item for item in schema["fields"] if item["name"] == "number")["constraints"]["exclusiveMaximum"] = 100000
    path.write_text(json.dumps(schema))
    return DataPackage(root)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("batch_bytes", [700, 1 << 20])
def test_exactly_the_damage_comes_back(wide, write, seed, batch_bytes):
    chance = random.Random(seed)
    rows = valid_rows(300)
    lines = [line(cells) for cells in rows]
    expected = []
    for place in chance.sample(range(300), 40):
        physical = place + 2
        if chance.random() < 0.4:
            code = chance.choice(sorted(LINES))
            lines[place] = LINES[code](rows[place])
            expected.append((code, physical, None))
        else:
            code = chance.choice(sorted(DAMAGES))
            name, value = chance.choice(DAMAGES[code])
            cells = list(rows[place])
            cells[NAMES.index(name)] = value.format(line=physical)  # keys stay distinct
            lines[place] = line(cells)
            expected.append((code, physical, name))
            if (code, name) == ("K103", "place_id"):
                expected.append((code, physical, name))  # both foreign keys begin with it
    path = write("readings.csv", (HEADER + "\n".join(lines)).encode(errors="surrogateescape"))
    report = validate(path, package=wide, batch_bytes=batch_bytes)
    assert sorted((item.code, item.line, item.field) for item in report) == sorted(
        expected, key=lambda item: (item[0], item[1], item[2] or "")
    )
    assert report.rows == 300
