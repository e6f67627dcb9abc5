"""Generated schemas, and files that break them in every way, as strategies of hypothesis.

What the listed deviations are about (`deviations.toml`) is left out of the cells, so that the rest can be compared.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

CELLS: dict[str, list[str]] = {
    "string": [
        *("", "a", "b", "ab", "abab", "zzzzzz", "é", "жж", "😀😀", "NA", "null", "0", "-", " a", "#", "'", ";", "\t"),
        *("a,b", 'a"b', '"', '""', ",", "a\nb", "\na", "x\r\ny", "a\n\nb", "\ufeffa"),
    ],
    "any": ["", "1", "x", "NA", "a,b", "a\nb"],
    "integer": [
        "",
        "0",
        "1",
        "-1",
        "+1",
        "007",
        "42",
        "1000000",
        "9223372036854775807",
        "1.0",
        "1e3",
        "x",
        "--1",
        "1,5",
    ],
    "number": ["", "0", "1", "-0.5", ".5", "5.", "1e1", "1E-2", "+3", "100.01", "1e300", "x", "1,5", "--5", "e1", "1."],
    "boolean": ["", "true", "TRUE", "1", "0", "False", "tRue", "yes", "f", "t", "01"],
    "date": ["", "2024-02-29", "2023-02-29", "1999-12-31", "2000-01-01", "0001-01-01", "9999-12-31", "2024-13-01", "x"],
    "datetime": [
        "",
        "2024-01-26T15:00:00",
        "2024-02-30T15:00:00",
        "2024-01-26T15:00:00.5Z",
        "2024-01-26T25:00:00",
        "x",
    ],
    "time": ["", "15:00:00", "00:00:00", "23:59:59", "25:00:00", "15:00", "x"],
    "year": ["", "2024", "1999", "0001", "24", "x", "2024.0", "+2024"],
    "yearmonth": ["", "2024-01", "1999-12", "2024-13", "202401", "2024", "x"],
}
LIMITS: dict[str, list[Any]] = {
    "integer": [-1, 0, 1, 42, 10**18],
    "number": [-0.5, 0, 1, 99.5, 1e300],
    "date": ["2000-01-01", "2024-02-29", "9999-12-31"],
    "year": [1999, 2024],
}
CODES: dict[str, list[Any]] = {
    "string": ["a", "ab", "é", "a,b", "a\nb", "NA", '"'],
    "integer": [0, 1, 7, 42],
    "number": [0, 1, -0.5, 10],
    "date": ["2024-02-29", "2000-01-01"],
    "year": [1999, 2024],
}
PATTERNS = ["[ab]+", "a.*", "(?:a|b|é)+", "[^,]*", ".{2}", "[a-z]{1,3}", ".*\\n.*", "[0-9]*", '(a|b)"?(a|b)']
LAYOUTS = st.fixed_dictionaries(
    {
        "line_end": st.sampled_from(["\n", "\r\n"]),
        "bom": st.booleans(),
        "quote_all": st.booleans(),
        "last_line_end": st.booleans(),
    }
)


class Table(NamedTuple):
    schema: dict[str, Any]
    content: bytes


def _limits(values: list[Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"])
    return st.dictionaries(names, st.sampled_from(values), min_size=1, max_size=2)


def _constraints(type: str) -> st.SearchStrategy[dict[str, Any]]:
    choices = [st.just({}), st.just({"required": True}), st.just({"unique": True})]
    if type == "string":
        lengths = st.dictionaries(st.sampled_from(["minLength", "maxLength"]), st.integers(0, 4), min_size=1)
        choices += [lengths, st.sampled_from(PATTERNS).map(lambda pattern: {"pattern": pattern})]
    if type in CODES:
        codes = st.lists(st.sampled_from(CODES[type]), min_size=1, max_size=3, unique=True)
        choices.append(codes.map(lambda enum: {"enum": enum}))
    if type in LIMITS:
        choices.append(_limits(LIMITS[type]))
    return st.lists(st.one_of(choices), min_size=1, max_size=3).map(
        lambda parts: {name: value for part in parts for name, value in part.items()}
    )


FIELDS = st.sampled_from(list(CELLS)).flatmap(
    lambda type: st.fixed_dictionaries({"type": st.just(type), "constraints": _constraints(type)})
)


def written(rows: list[tuple[str, ...]], layout: dict[str, bool | str]) -> bytes:
    """The file of some rows, the header among them; a row without cells is a blank line."""

    def cell(text: str) -> str:
        quoted = layout["quote_all"] or set(text) & set(',"\r\n')
        return '"' + text.replace('"', '""') + '"' if quoted else text

    lines = [",".join(map(cell, row)) + str(layout["line_end"]) for row in rows]
    text = "".join(lines)
    return (text if layout["last_line_end"] else text.removesuffix(str(layout["line_end"]))).encode(
        "utf-8-sig" if layout["bom"] else "utf-8"
    )


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """One table: any types, any constraints, any cells."""
    fields = draw(st.lists(FIELDS, min_size=1, max_size=4))
    named = [{"name": "id"}, *({"name": f"f{number}", **field} for number, field in enumerate(fields))]
    pools = [st.sampled_from(CELLS[field.get("type", "string")]) for field in named[1:]]
    rows = draw(st.lists(st.tuples(*pools), min_size=1, max_size=12))
    header = tuple(field["name"] for field in named)
    numbered = [(f"r{number}", *row) for number, row in enumerate(rows)]
    return Table({"fields": named}, written([header, *numbered], draw(LAYOUTS)))


RAGGED = {
    "fields": [{"name": "a", "type": "integer"}, {"name": "b"}, {"name": "c", "constraints": {"enum": ["x", "é"]}}]
}
"""No keys: whether those of a ragged row count is one of the deviations."""
_RAGGED_CELLS = st.sampled_from(["1", "x", "é", "a,b", "a\nb", 'a"'])


@st.composite
def ragged_files(draw: st.DrawFn) -> Table:
    """A table with blank rows, and rows of too few and too many cells."""
    row = st.lists(_RAGGED_CELLS, min_size=0, max_size=5).filter(lambda cells: len(cells) != 1).map(tuple)
    whole = st.tuples(st.sampled_from(["1", "2", "q", ""]), _RAGGED_CELLS, st.sampled_from(["x", "é", "y", ""]))
    rows = draw(st.lists(st.one_of(row, whole), min_size=1, max_size=12))
    layout = draw(LAYOUTS)
    # a last row that is blank and has no line end is no row
    return Table(RAGGED, written([("a", "b", "c"), *rows, ("1", "b", "x")], layout))


@st.composite
def related(draw: st.DrawFn) -> dict[str, Table]:
    """Two tables, the first of which refers to the second and to itself; keys of one field or of two."""
    type = draw(st.sampled_from(["string", "integer"]))
    ids = ["P1", "P2", "é", "a,b", "a\nb"] if type == "string" else ["1", "2", "03", "3", "x"]
    key, target = draw(st.sampled_from([*ids, ""])), draw(st.sampled_from(ids))
    parents = draw(st.lists(st.tuples(st.sampled_from([*ids, key]), st.sampled_from(["y", "x"])), max_size=4))
    pair = st.sampled_from(["a", "b"])
    cells = st.tuples(pair, pair, st.sampled_from([*ids, "", target]), st.sampled_from(["", "a", "b", "c"]))
    children = draw(st.lists(cells, min_size=1, max_size=8))
    parent = {"fields": [{"name": "id", "type": type}, {"name": "x"}], "primaryKey": ["id"]}
    child = {
        "fields": [{"name": "k"}, {"name": "l"}, {"name": "parent", "type": type}, {"name": "own"}],
        "primaryKey": draw(st.sampled_from([["k"], ["k", "l"]])),
        "foreignKeys": [
            {"fields": ["parent"], "reference": {"resource": "p", "fields": ["id"]}},
            {"fields": ["own"], "reference": {"fields": ["k"]}},
        ],
    }
    layout = draw(LAYOUTS)
    return {
        "p": Table(parent, written([("id", "x"), *parents], layout)),
        "t": Table(child, written([("k", "l", "parent", "own"), *children], layout)),
    }
