import polars as pl

from bilatdata.contract.table_schema import ForeignKey
from bilatdata.validation.keys import KeyColumns, References


def columns(fields, *parts):
    keys = KeyColumns(fields)
    for part in parts:
        keys.add(pl.DataFrame(part, schema=dict.fromkeys(fields, pl.String), orient="row"))
    return keys


def test_later_rows_point_at_the_first_across_batches():
    keys = columns(("a",), [["x"], ["y"]], [["x"], [None], ["z"]], [["x"], [None], ["y"]])
    assert sorted(keys.repeats()) == [(2, 0), (5, 0), (7, 1)]


def test_increasing_keys_are_distinct_and_equal_neighbours_are_not():
    assert list(columns(("a",), [["a"], ["b"]], [["c"]]).repeats()) == []
    assert list(columns(("a",), [["a"], ["b"]], [["b"]]).repeats()) == [(2, 1)]


def test_composite_keys_do_not_run_together_and_a_null_part_is_not_compared():
    keys = columns(("a", "b"), [["x", "yz"], ["xy", "z"], [None, "z"], [None, "z"], ["xy", "z"]])
    assert list(keys.repeats()) == [(4, 1)]


def test_no_rows():
    assert list(KeyColumns(("a",)).repeats()) == []
    assert KeyColumns(("a",)).values() is None


def known(*rows):
    return pl.DataFrame(rows, schema={"k": pl.String, "l": pl.String}, orient="row")


def test_references_resolve_against_the_package_and_the_validated_table():
    references = References(ForeignKey(("a", "b"), "t", ("k", "l")), known(("x", "1")))
    schema = {"a": pl.String, "b": pl.String}
    references.add(pl.DataFrame([("x", "1"), ("y", "1"), (None, "1")], schema=schema, orient="row"), 0)
    references.add(pl.DataFrame([("x", None), ("z", "1"), ("y", "2")], schema=schema, orient="row"), 3)
    assert references.dangling(None) == [1, 4, 5]
    assert references.dangling(known(("y", "1"), ("y", "2"))) == [4]


def test_nothing_known_at_all():
    references = References(ForeignKey(("a",), "t", ("k",)), None)
    references.add(pl.DataFrame({"a": ["x", None]}), 0)
    assert references.dangling(None) == [0]
