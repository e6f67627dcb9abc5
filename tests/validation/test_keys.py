import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from bilatdata.contract.table_schema import ForeignKey
from bilatdata.validation.keys import References, RowKeys


def columns(fields, *parts, null_counts=False):
    keys = RowKeys([pl.col(name) for name in fields], null_counts=null_counts)
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


def test_where_null_counts_it_equals_null_and_is_no_empty_text():
    rows = [["x", None], ["x", ""], [None, "x"], ["x", None], [None, None], [None, None]]
    assert list(columns(("a", "b"), rows, null_counts=True).repeats()) == [(3, 0), (5, 4)]
    assert list(columns(("a", "b"), rows).repeats()) == []


def test_rows_that_are_left_out_have_no_key():
    keys = RowKeys([pl.col("a")], null_counts=True)
    keys.add(pl.DataFrame({"a": ["x", "x", None]}), without=[0])
    keys.add(pl.DataFrame({"a": ["x", None]}))
    assert list(keys.repeats()) == [(3, 1), (4, 2)]


def test_parts_may_be_computed():
    keys = RowKeys([pl.col("a").str.to_lowercase(), pl.col("n")])
    keys.add(pl.DataFrame({"a": ["X", "x", "x"], "n": [1, 1, 2]}))
    assert list(keys.repeats()) == [(1, 0)]


@given(st.lists(st.tuples(*[st.sampled_from([None, "", "a", "b", "ab", "é"])] * 2), max_size=40), st.booleans())
def test_as_a_plain_set_would_tell(rows, null_counts):
    seen, expected = {}, []
    for number, row in enumerate(rows):
        if (null_counts or None not in row) and seen.setdefault(row, number) != number:
            expected.append((number, seen[row]))
    half = len(rows) // 2
    assert sorted(columns(("a", "b"), rows[:half], rows[half:], null_counts=null_counts).repeats()) == expected


def test_no_rows():
    assert list(columns(("a",)).repeats()) == []
    assert columns(("a",)).hashes() is None


def known(*rows):
    return pl.DataFrame(rows, schema={"k": pl.String, "l": pl.String}, orient="row")


def test_references_resolve_against_the_package_and_the_validated_table():
    references = References(ForeignKey(("a", "b"), "t", ("k", "l")), known(("x", "1")))
    schema = {"a": pl.String, "b": pl.String}
    references.add(pl.DataFrame([("x", "1"), ("y", "1"), (None, "1")], schema=schema, orient="row"), 0)
    references.add(pl.DataFrame([("x", None), ("z", "1"), ("y", "2")], schema=schema, orient="row"), 3)
    assert references.dangling(None) == [1, 4, 5]
    assert references.dangling(columns(("k", "l"), [("y", "1"), ("y", "2")])) == [4]


def test_the_two_ends_of_a_reference_may_differ_in_type():
    references = References(ForeignKey(("a",), "t", ("k",)), None)
    references.add(pl.DataFrame({"a": [1, 2]}), 0)
    assert references.dangling(columns(("k",), [["2"]])) == [0]


def test_nothing_known_at_all():
    references = References(ForeignKey(("a",), "t", ("k",)), None)
    references.add(pl.DataFrame({"a": ["x", None]}), 0)
    assert references.dangling(None) == [0]
