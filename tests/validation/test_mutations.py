"""Tables of the package are damaged in known places, in many ways at once, and exactly those faults come back."""

import csv
import random
from collections import Counter

import pytest
from effort import EFFORT
from mutations import CELLS, LINES, Cell, Row

from bilatdata import package
from bilatdata.validation.engine import validate

TABLES = sorted({damage.table for damage in CELLS})
SEEDS = range(3 * EFFORT)
BATCHES = (1 << 25, 100_000)


class Sheet:
    """A table as text, which knows the line and the column of everything in it while it is written."""

    def __init__(self, table: str, chance: random.Random) -> None:
        path = package.installed().data_path(table, "csv")
        with path.open(encoding="utf-8", newline="") as file:
            self.names, *rows = csv.reader(file)
        self.rows: list[Row] = [dict(zip(self.names, map(_as_written, row), strict=True)) for row in rows]
        self.line_end = chance.choice([b"\n", b"\r\n"])
        self.content = bytearray(chance.choice([b"", b"\xef\xbb\xbf"]))
        self.begin = len(self.content)
        self.lines = 1
        self.add([name.encode() for name in self.names])

    def add(self, cells: list[bytes]) -> list[tuple[int, int]]:
        """Write a record; the line and column of each of its cells, or of the line if it has none."""
        places = []
        for number, cell in enumerate(cells or [b""]):
            self.content += b"," if number else b""
            line_start = self.content.rfind(b"\n") + 1 or self.begin
            before = self.content[line_start:].decode(errors="replace")
            places.append((self.lines, len(before) + 1))
            self.content += cell
            self.lines += cell.count(b"\n")
        self.content += self.line_end
        self.lines += 1
        return places


def _as_written(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text


def damaged(table: str, chance: random.Random) -> tuple[bytes, list[tuple[str, int, int, str | None]]]:
    """A table with every kind of damage that there is for it, each in a row of its own, and what is to be found."""
    sheet = Sheet(table, chance)
    expected = [("S101", 1, 1, None)] if sheet.begin else []
    kinds = [*(damage for damage in CELLS if damage.table == table), *LINES]
    chosen: dict[int, object] = {}
    for damage in kinds * 2:
        fits = getattr(damage, "when", lambda row: True)
        # the first row stays as it is: others get its id
        free = [number for number, row in enumerate(sheet.rows) if number and number not in chosen and fits(row)]
        chosen[chance.choice(free)] = damage
    for number, row in enumerate(sheet.rows):
        damage = chosen.get(number)
        if damage is None:
            sheet.add([cell.encode() for cell in row.values()])
        elif isinstance(damage, Cell):
            changed = {**row, damage.field: damage.damage(row)}
            places = dict(zip(sheet.names, sheet.add([cell.encode() for cell in changed.values()]), strict=True))
            field = damage.at or damage.field
            expected.append((damage.code, *places[field], field))
        else:
            cell, character = damage.at
            line, column = sheet.add(damage.damage(list(row.values())))[cell]
            expected.append((damage.code, line, column + character, None))
    last_line_end = chance.choice([b"", sheet.line_end])
    return bytes(sheet.content.removesuffix(sheet.line_end) + last_line_end), expected


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("table", TABLES)
def test_exactly_the_damage_comes_back(write, table, seed):
    content, expected = damaged(table, random.Random(seed))
    path = write(f"{table}.csv", content)
    for batch_bytes in BATCHES:
        report = validate(path, batch_bytes=batch_bytes)
        found = Counter((item.code, item.line, item.column, item.field) for item in report)
        assert found == Counter(expected)


def test_there_are_enough_kinds_of_damage():
    names = [damage.name for damage in [*CELLS, *LINES]]
    assert len(set(names)) == len(names) >= 40
