from __future__ import annotations

import io
from datetime import date

import pytest

from bilatdata.cli.output import Column, Output, cut, fit, hang, pad, plural, table, wrap
from bilatdata.screen import text_width
from bilatdata.wording.text import cell_text, clean, number_text


@pytest.fixture
def pipe() -> Output:
    return Output(io.StringIO())


def terminal(width: int, color: bool = False) -> Output:
    out = Output(io.StringIO(), "always" if color else "never")
    out.width = width
    return out


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("Ñancahuazú", 10),
        ("N\u0303", 1),  # N and a combining tilde
        ("Газпром", 7),
        ("中国铝业", 8),
        ("\u200b", 0),  # zero width space
        ("\x1b[1;31mred\x1b[0m", 3),
    ],
)
def test_text_width(text: str, width: int) -> None:
    assert text_width(text) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("two words", 5, "two…"),  # no space before the ellipsis
        ("中国铝业", 5, "中国…"),
        ("中国铝业", 4, "中…"),  # half a character is not shown
        ("N\u0303N\u0303N\u0303", 2, "N\u0303…"),
    ],
)
def test_cut_fits_and_says_so(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown
    assert text_width(shown) <= width


def test_pad_counts_cells_not_characters() -> None:
    assert pad("中国", 6) == "中国  "
    assert pad("7", 3, right=True) == "  7"


def test_wrap_breaks_at_spaces_and_never_within_a_word() -> None:
    address = "https://example.org/a/very/long/address"
    assert wrap(f"see {address} for more", 12) == ["see", address, "for more"]
    assert wrap("as it is", None) == ["as it is"]


def test_wrap_does_not_let_colour_run_into_the_next_line() -> None:
    assert wrap("a \x1b[33mlong word\x1b[0m b", 6) == ["a \x1b[33mlong\x1b[0m", "\x1b[33mword\x1b[0m b"]


def test_hang_indents_by_the_width_of_the_label() -> None:
    assert hang("label ", "some text that is long enough to wrap", 26) == [
        "label some text that is",
        "      long enough to wrap",
    ]


@pytest.mark.parametrize(
    ("value", "plain", "grouped"),
    [
        (1234567, "1234567", "1,234,567"),
        (970000000.0, "970000000", "970,000,000"),
        (7856.25, "7856.25", "7,856.25"),
        (1e16, "10000000000000000", "10,000,000,000,000,000"),
        (0.0000001, "0.0000001", "0.0000001"),
        (100, "100", "100"),
        (-5.5, "-5.5", "-5.5"),
    ],
)
def test_number_text(value: float, plain: str, grouped: str) -> None:
    assert number_text(value, grouped=False) == plain
    assert number_text(value, grouped=True) == grouped


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (float("nan"), ""), (True, "true"), (date(2025, 4, 29), "2025-04-29"), ("NA", "NA"), ("0801", "0801")],
)
def test_cell_text(value: object, text: str) -> None:
    assert cell_text(value) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain Ñ", "plain Ñ"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("left\u202eright", "left\ufffdright"),
    ],
)
def test_clean_leaves_nothing_that_steers_a_terminal(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


COLUMNS = [Column("name"), Column("value_usd", right=True)]
ROWS = [["a long name of a project", "1,000"], ["b", "20"]]


def test_table_in_a_pipe_is_aligned_and_never_cut(pipe: Output) -> None:
    assert list(table(COLUMNS, ROWS, pipe)) == [
        "name                      value_usd",
        "a long name of a project      1,000",
        "b                                20",
    ]


def test_table_on_a_terminal_fits_and_keeps_numbers_whole() -> None:
    lines = list(table(COLUMNS, ROWS, terminal(24)))
    assert lines[1] == "a long name…       1,000"
    assert all(text_width(line) <= 24 for line in lines)


def test_table_wraps_where_a_column_asks_for_it() -> None:
    lines = list(table([Column("id"), Column("text", wrap=True)], [["1", "some words to wrap"]], terminal(15)))
    assert lines == ["id  text", "1   some words", "    to wrap"]


def test_a_cell_that_wraps_may_hold_line_breaks() -> None:
    columns = [Column("text", wrap=True), Column("id")]
    assert list(table(columns, [["one\ntwo", "1"]], terminal(15))) == ["text  id", "one   1", "two"]


def test_table_has_no_spaces_at_line_ends(pipe: Output) -> None:
    lines = list(table([Column("a"), Column("b")], [["long cell", ""], ["", "x"], ["", ""]], pipe))
    assert lines == ["a          b", "long cell", "           x", ""]


def test_fit_takes_from_the_widest_first() -> None:
    columns = [Column("a"), Column("b"), Column("c")]
    assert fit(columns, [10, 80, 30], 84) == [10, 40, 30]
    assert fit(columns, [10, 80, 30], None) == [10, 80, 30]


@pytest.mark.parametrize("width", [24, 40, 60, 100])
def test_fit_keeps_numbers_and_names_whole_while_there_is_room(width: int) -> None:
    columns = [Column("a_long_name"), Column("number", right=True), Column("text")]
    widths = fit(columns, [11, 9, 70], width)
    assert widths[1] == 9
    assert widths[0] == 11 or width < 11 + 9 + 21 + 4
    assert sum(widths) + 4 <= max(width, 8 + 9 + 8 + 4)


def test_colour_is_for_terminals_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert Output(Terminal()).color
    assert not Output(io.StringIO()).color
    assert Output(io.StringIO(), "always").color
    assert not Output(Terminal(), "never").color
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Output(Terminal()).color
    assert Output(Terminal(), "always").color
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not Output(Terminal()).color


def test_plural() -> None:
    assert [plural(count, "row") for count in (0, 1, 1204)] == ["0 rows", "1 row", "1,204 rows"]
