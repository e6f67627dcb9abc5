"""fetch: a version into the cache, said in a line; progress for those who watch."""

from __future__ import annotations

from io import StringIO

import pytest

from bilatdata.cli.output import Output
from bilatdata.cli.progress import BytesProgress


def test_it_prints_the_folder_and_says_where_it_came_from(run, tiny, older_release, cache):
    folder = cache / "0.0.9"
    came = f"0.0.9 came from {older_release}/, and all sums are right\n"
    assert run("fetch", "0.0.9", "--from", older_release) == (0, f"{folder}\n", came)
    assert run("fetch", "0.0.9") == (0, f"{folder}\n", "0.0.9 was in the cache already, and is whole\n")


def test_it_says_that_a_copy_had_been_altered(run, older, older_release):
    (older.root / "data/people.csv").write_bytes(b"altered")
    result = run("fetch", "0.0.9", "--from", older_release)
    assert result.code == 0
    assert result.err.startswith("data/people.csv had been altered in the cache: the copy was replaced\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["0.0.9"], "from where? Give a folder or web address with --from (source= in Python), or set BILATDATA_REL"),
        (["latest"], "'latest' is not a version: expected three numbers"),
        (["0.0.9", "--from", "nowhere"], "nowhere: no such folder (expected one with SHA256SUMS"),
        (["0.0.9", "--timeout", "0"], "--timeout: expected a number of seconds above 0, found '0'"),
        (["0.0.9", "--timeout", "soon"], "--timeout: expected a number of seconds above 0, found 'soon'"),
        ([], "the following arguments are required: VERSION"),
    ],
)
def test_what_it_cannot_do_is_one_clear_line(run, tiny, cache, arguments, message):
    assert message in run("fetch", *arguments).error
    assert not cache.exists()


class Terminal(StringIO):
    def isatty(self):
        return True


def test_a_terminal_sees_how_far_it_is_and_nothing_in_the_end():
    stream = Terminal()
    with BytesProgress("bilatdata 0.1.0", Output(stream)) as progress:
        progress(500_000, 2_000_000)
        progress(500_001, 2_000_000)
        progress(2_000_000, 2_000_000)
        progress(2_500_000, None)
    assert [line.strip() for line in stream.getvalue().split("\r\x1b[K")] == [
        "",
        "bilatdata 0.1.0: 0.5 of 2.0 MB, 25%",
        "bilatdata 0.1.0: 2.0 of 2.0 MB, 100%",
        "bilatdata 0.1.0: 2.5 MB",
        "",
    ]


def test_a_pipe_sees_no_progress():
    stream = StringIO()
    with BytesProgress("bilatdata 0.1.0", Output(stream)) as progress:
        progress(1, 2)
    assert stream.getvalue() == ""
