"""`release` makes the same bytes of the same commit wherever it runs, and nothing of what is not ready."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from frictionless import Package
from shell import commit, git, run

from bilatdata.checksums import SUMS, first_altered, read_sums
from bilatdata.errors import BilatdataError
from bilatdata.metadata import FILE_NAMES
from bilatdata.package import DataPackage
from bilatdata.release import dist
from bilatdata.release.build import build
from bilatdata.release.changes import record
from bilatdata.release.cut import release
from bilatdata.release.fetch import fetch
from bilatdata.release.stamp import PINNED, Stamp, set_stamp, stamp_of

# One worker cuts the release that these tests, and those of tests/test_install.py, open and install.
pytestmark = pytest.mark.xdist_group("release")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_another_checkout_gives_the_same_bytes(repository: Path, release_folder: Path, tmp_path: Path) -> None:
    """A clone elsewhere, with another umask, locale and time zone, of what the first release recorded."""
    clone = tmp_path / "a clone, élsewhere"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    odd = {"LC_ALL": "C", "TZ": "Asia/Kamchatka", "SOURCE_DATE_EPOCH": "1", "HATCH_BUILD_NO_HOOKS": "1"}
    command = [sys.executable, "-m", "bilatdata", "release"]
    run("sh", "-c", 'umask 077; exec "$@"', "sh", *command, cwd=clone, **odd)
    assert contents(clone / "dist") == contents(release_folder)
    assert git(clone, "status", "--porcelain") == ""


def test_a_release_holds_what_its_sums_name(release_folder: Path) -> None:
    sums = read_sums((release_folder / SUMS).read_text(encoding="utf-8"), SUMS)
    version = stamp_of(release_folder.parent).version
    assert {*sums, SUMS} == set(contents(release_folder))
    assert {f"bilatdata-{version}{end}" for end in ("-py3-none-any.whl", ".tar.gz", "-data.zip", ".sqlite")} <= set(
        sums
    )
    run("sha256sum", "--strict", "--check", SUMS, cwd=release_folder)


def test_the_data_zip_is_a_data_package_for_others_and_for_fetch(
    release_folder: Path, repository: Path, cache: Path
) -> None:
    data = DataPackage(repository)
    archive = release_folder / f"bilatdata-{data.version}-data.zip"
    package = Package(str(archive))
    assert package.version == data.version and package.resource_names == data.table_names
    assert len(package.get_resource("countries").read_rows()) == data.resources["countries"]["rowCount"]
    with zipfile.ZipFile(archive) as opened:
        held = {"LICENSE-DATA", "README.md", "data/meetings.csv", "data/meetings.parquet", *FILE_NAMES.values()}
        held |= {"data/SHA256SUMS", "data/README.md", "schemas/dictionary.csv"}
        assert held <= set(opened.namelist())
        assert {entry.date_time for entry in opened.infolist()} == {
            (*stamp_of(repository).day.timetuple()[:3], 0, 0, 0)
        }
    folder = fetch(data.version, release_folder)
    assert first_altered(folder) is None
    assert (folder / "data/meetings.csv").read_bytes() == (repository / "data/meetings.csv").read_bytes()
    run("sha256sum", "--strict", "--check", SUMS, cwd=folder / "data")


def test_the_database_holds_the_tables_of_the_commit(release_folder: Path, repository: Path) -> None:
    data = DataPackage(repository)
    with sqlite3.connect(release_folder / f"bilatdata-{data.version}.sqlite") as connection:
        for table in data.table_names:
            (rows,) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
            assert rows == data.resources[table]["rowCount"]
    connection.close()


def test_a_stamp_reaches_every_place_and_can_be_taken_back(small: Path) -> None:
    old = stamp_of(small)
    shown = f"bilatdata {old.version}\nThe bilatdata contributors ({old.day.year}). Title, version {old.version}.\n"
    (small / "README.md").write_text(f'{shown}load("meetings", version="{old.version}")\n', encoding="utf-8")
    (small / "CITATION.cff").touch()
    for name in PINNED:
        (small / name).parent.mkdir(parents=True, exist_ok=True)
        pins = "bilatdata@v{0} # v\n'bilatdata[validate]=={0}'\nrev: v{0}\nother: {0}\n"
        (small / name).write_text(pins.format(old.version), encoding="utf-8")
    build(small)
    commit(small)
    set_stamp(small, Stamp("9.8.7", date(2031, 2, 28)))
    assert stamp_of(small) == Stamp("9.8.7", date(2031, 2, 28))
    assert DataPackage(small).version == "9.8.7"
    citation = (small / "CITATION.cff").read_text(encoding="utf-8")
    assert "\nversion: 9.8.7\n" in citation and "\ndate-released: 2031-02-28\n" in citation
    assert (small / "README.md").read_text(encoding="utf-8") == (
        "bilatdata 9.8.7\nThe bilatdata contributors (2031). Title, version 9.8.7.\n"
        f'load("meetings", version="{old.version}")\n'
    )
    for name in PINNED:
        pinned = f"bilatdata@v9.8.7 # v\n'bilatdata[validate]==9.8.7'\nrev: v9.8.7\nother: {old.version}\n"
        assert (small / name).read_text(encoding="utf-8") == pinned
    set_stamp(small, old)
    assert git(small, "status", "--porcelain") == ""


# What is not ready


@pytest.fixture(scope="session")
def small_repository(tiny_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commit of the tiny package, in which `check` finds errors."""
    root = tmp_path_factory.mktemp("small") / "repository"
    shutil.copytree(tiny_root, root)
    version = stamp_of(root).version
    (root / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n', encoding="utf-8")
    text = f"# Change log\n\n## {version} (unreleased)\n\nAll.\n"
    (root / "CHANGELOG.md").write_text(text, encoding="utf-8")
    (root / "changes").mkdir()
    (root / "changes/next.toml").write_text('[[reason]]\ntext = "For a test."\n', encoding="utf-8")
    (root / ".gitignore").write_text("dist/\n", encoding="utf-8")
    git(root, "init", "--quiet")
    commit(root)
    return root


@pytest.fixture
def small(small_repository: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(small_repository, tmp_path / "small"))


@pytest.fixture
def recorded(small: Path) -> Path:
    """The small repository with its first release recorded and committed."""
    record(small)
    commit(small)
    return small


def refused(root: Path, **options: object) -> str:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}
    with pytest.raises(BilatdataError) as raised:
        release(root, **options)
    assert before == {path: path.read_bytes() for path in before}
    assert not [path for path in root.rglob("*") if path.is_file() and path not in before and ".git" not in path.parts]
    return str(raised.value)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda root: (root / "data/people.csv").write_bytes(b""), "not committed: data/people.csv: a release is cut"),
        (lambda root: (root / "new file.csv").touch(), "not committed: new file.csv"),
        (lambda root: [(root / name).touch() for name in "abcde"], "not committed: a, b, c and 2 more"),
        (lambda root: (root / "data/people.csv").unlink(), "not committed: data/people.csv"),
        (lambda root: shutil.rmtree(root / ".git"), "a release is cut from a git repository"),
    ],
)
def test_what_is_not_committed_is_refused(small: Path, damage: Callable[[Path], object], said: str) -> None:
    damage(small)
    assert said in refused(small)


def test_a_folder_within_a_repository_is_refused(small: Path) -> None:
    shutil.copytree(small / "data", small / "inner/data")
    assert "is within the repository" in refused(small / "inner")


@pytest.mark.parametrize(("before", "after"), [("## ", "### "), ("All.\n", ""), ("## {version}", "## 9.9.9")])
def test_a_release_needs_a_summary_in_the_changelog(small: Path, before: str, after: str) -> None:
    version = stamp_of(small).version
    text = (small / "CHANGELOG.md").read_text(encoding="utf-8")
    (small / "CHANGELOG.md").write_text(text.replace(before.format(version=version), after), encoding="utf-8")
    commit(small)
    assert f"CHANGELOG.md: has no summary under '## {version} (unreleased)'" in refused(small)


def test_a_release_without_a_changelog_is_refused(small: Path) -> None:
    (small / "CHANGELOG.md").unlink()
    commit(small)
    assert refused(small) == f"{small / 'CHANGELOG.md'}: is missing: expected an entry for each release"


def test_a_new_version_needs_its_own_entry(small: Path) -> None:
    assert "has no summary under '## 0.9.0 (unreleased)'" in refused(small, version="0.9.0")
    assert "'next' is not a version" in refused(small, version="next")


def test_changes_without_a_reason_are_refused(small: Path) -> None:
    (small / "changes/next.toml").unlink()
    commit(small)
    assert refused(small).startswith(f"{small / 'changes/next.toml'}: gives no reason for ")


def test_a_version_is_released_once(small: Path) -> None:
    version = stamp_of(small).version
    git(small, "tag", f"v{version}")
    (small / "more.txt").touch()
    commit(small)
    assert refused(small) == f"{version} was released from another commit (tag v{version}): choose a new version"


def test_findings_keep_a_release_from_being_cut(small: Path) -> None:
    cut = release(small)
    assert cut.report.errors and not cut.sums and not cut.written
    assert not (small / "dist").exists() and not git(small, "status", "--porcelain")
    assert all(Path(finding.file).is_relative_to(small) for finding in cut.report.errors if finding.file)


def test_a_missing_hatchling_is_named(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dist, "find_spec", lambda name: None)
    assert refused(small) == "building wheel and sdist needs hatchling: pip install hatchling"


def test_what_lies_in_the_place_of_a_release_stays(small: Path) -> None:
    (small / "dist").mkdir()
    (small / "dist/thesis.txt").touch()
    assert "dist: holds thesis.txt, which is not of an earlier release: delete it, or" in refused(small)
    (small / "dist" / SUMS).write_text(f"{'0' * 64}  other.zip\n", encoding="utf-8")
    assert "holds thesis.txt" in refused(small)
    assert "is a file: expected a folder" in refused(small, out=small / "CHANGELOG.md")


def test_an_earlier_release_is_replaced_and_comes_back_where_that_fails(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.zip").write_text(name, encoding="utf-8")
        dist.write_folder_sums(tmp_path / name)
    dist.require_replaceable(tmp_path / "old")
    with pytest.raises(OSError, match="No such file"):
        dist.move_in(tmp_path / "gone", tmp_path / "old")
    assert (tmp_path / "old/data.zip").read_text(encoding="utf-8") == "old"
    dist.move_in(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old/data.zip").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


# After another release


def test_the_page_shows_what_changed_since_the_last_release(recorded: Path, tmp_path: Path) -> None:
    first = stamp_of(recorded)
    second = Stamp("9.8.7", first.day)
    countries = recorded / "data/countries.csv"
    countries.write_text(countries.read_text(encoding="utf-8").replace("Боливия", "Кульасуйу"), encoding="utf-8")
    set_stamp(recorded, second)
    dist.write_changes_page(recorded, tmp_path, second, first.version)
    page = (tmp_path / "bilatdata-9.8.7-changes.html").read_text(encoding="utf-8")
    assert f"bilatdata {first.version} → 9.8.7" in page
    assert "Кульасуйу" in page and "Боливия" in page
    assert str(tmp_path) not in page
