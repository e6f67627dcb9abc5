"""Settings of a project, from `bilatdata.toml` or `pyproject.toml`."""

from pathlib import Path

import pytest

from bilatdata.errors import BilatdataError
from bilatdata.validation.settings import Settings, find_settings, read_settings

EVERY = """
paths = ["tables", "extra/places.csv"]
select = ["T", "K"]
ignore = ["T104"]
strict = true
extra-columns = true
baseline = "known.json"
"""


@pytest.fixture(autouse=True)
def _work_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_every_setting(write):
    path = write("bilatdata.toml", EVERY)
    expected = Settings(
        (Path("tables"), Path("extra/places.csv")), ("T", "K"), ("T104",), True, True, Path("known.json"), path
    )
    assert read_settings(path) == expected
    pyproject = write("pyproject.toml", "[project]\nname = 'x'\n[tool.bilatdata]" + EVERY)
    assert read_settings(pyproject) == Settings(*list(vars(expected).values())[:-1], pyproject)


def test_the_nearest_file_holds_and_our_own_goes_first(write, tmp_path):
    write("bilatdata.toml", "strict = true")
    write("a/pyproject.toml", "[tool.ruff]\n")
    assert find_settings(tmp_path / "a").file == tmp_path / "bilatdata.toml"
    write("a/pyproject.toml", "[tool.bilatdata]\n")
    assert find_settings(tmp_path / "a" / "b").file == tmp_path / "a/pyproject.toml"
    write("a/bilatdata.toml", "")
    assert find_settings(tmp_path / "a" / "b").file == tmp_path / "a/bilatdata.toml"


def test_paths_are_relative_to_the_file(write, tmp_path, monkeypatch):
    path = write("bilatdata.toml", EVERY)
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    settings = read_settings(path)
    assert settings.paths == (Path("../tables"), Path("../extra/places.csv"))
    assert settings.baseline == Path("../known.json")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("strict = 1", "strict is 1: expected true or false"),
        ("select = 'T'", "select is 'T': expected a list of texts"),
        ("ignore = [1]", "ignore is .1.: expected a list of texts"),
        ("paths = 'x'", "paths is 'x': expected a list"),
        ("baseline = []", "baseline is ..: expected the path of a file"),
        ("extra_columns = true", "no setting 'extra_columns' .did you mean 'extra-columns'"),
        ("file = 'x'", "no setting 'file'"),
        ("strict", "is not TOML"),
        (b"\xff", "is not TOML in UTF-8"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(write, content, words):
    with pytest.raises(BilatdataError, match=f"bilatdata.toml: {words}") as error:
        read_settings(write("bilatdata.toml", content))
    assert "\n" not in str(error.value)


def test_a_pyproject_whose_table_is_none(write):
    with pytest.raises(BilatdataError, match=r"pyproject.toml: tool\.bilatdata is not a table"):
        read_settings(write("pyproject.toml", "[tool]\nbilatdata = 3\n"))
