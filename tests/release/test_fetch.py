"""`fetch` gets a version whole or not at all, from folders and from servers that misbehave in every way."""

from __future__ import annotations

import io
import shutil
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import misbehaving_server as web
import pytest
from misbehaving_server import Answer, Server, serving

import bilatdata as bd
from bilatdata.checksums import SUMS, first_altered, write_sums
from bilatdata.errors import BilatdataError
from bilatdata.package import DataPackage
from bilatdata.release import archive, download
from bilatdata.release.fetch import fetch, fetch_version

ZIP = "bilatdata-0.0.9-data.zip"
SHORT = 0.5
"""Seconds after which a test gives up a server that stalls."""


@pytest.fixture
def server(tiny: DataPackage, older_release: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server of the release 0.0.9; the cache is empty."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(older_release) as server:
        yield server


def left_behind(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir()) if cache.is_dir() else []


def refused(source: str | Path, cache: Path, timeout: float = 30) -> str:
    """The one line with which fetching fails; the cache must be as it was."""
    before = left_behind(cache)
    with pytest.raises(BilatdataError) as raised:
        fetch("0.0.9", source, timeout=timeout)
    assert left_behind(cache) == before
    message = str(raised.value)
    assert "\n" not in message
    return message


def test_a_version_comes_from_a_folder_and_loads(tiny: DataPackage, older_release: Path, cache: Path) -> None:
    folder = bd.fetch("0.0.9", older_release)
    assert folder == cache / "0.0.9"
    assert first_altered(folder) is None
    assert bd.load("countries", version="0.0.9")["name_ru"][0] == "Кульасуйу"
    assert left_behind(cache) == ["0.0.9"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_version_comes_from_a_server_and_loads_without_it(server: Server, cache: Path, slash: str) -> None:
    fetched = fetch_version("0.0.9", server.url + slash)
    assert (fetched.folder, fetched.origin, fetched.altered) == (cache / "0.0.9", f"{server.url}/", None)
    assert [name for name, _ in server.asked] == [SUMS, ZIP]
    server.shutdown()
    assert bd.load("countries", version="0.0.9")["name_ru"][0] == "Кульасуйу"
    assert fetch("0.0.9") == cache / "0.0.9"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "resumed"),
    [
        (web.no_length, False),
        (web.in_pieces, True),
        (web.half_then_anew, True),
        (web.more_promised_than_there_is, True),
    ],
)
def test_what_can_be_completed_is(server: Server, answer: Answer, resumed: bool) -> None:
    server.answers[ZIP] = answer
    seen: list[int] = []
    assert first_altered(fetch("0.0.9", server.url, progress=lambda arrived, _: seen.append(arrived))) is None
    first, *others = [range for name, range in server.asked if name == ZIP]
    assert first is None and all(others) and bool(others) == resumed
    assert seen[-1] == (server.folder / ZIP).stat().st_size
    assert seen == sorted(seen) or answer is web.half_then_anew


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (web.refusing(404), "the server answers 404 Not Found"),
        (web.refusing(500), "the server answers 500 Internal Server Error"),
        (web.no_answer, "cannot be reached (Remote end closed connection without response)"),
        (web.no_http, "cannot be reached ("),
        (web.redirecting("/SHA256SUMS"), "the server redirects in a circle"),
        (web.redirecting("ftp://example.org/x"), "cannot be reached (No connection adapters were found for 'ftp"),
        (web.saying(b""), "is empty: expected a list of SHA-256 sums"),
        (web.saying(b"<html>Sign in</html>"), "is not a line of SHA-256 sums ('<html>Sign in</html>')"),
        (web.saying(b"\xff\xfe\x00"), "is not a line of SHA-256 sums"),
        (web.saying(b"0" * 64 + b"  other.zip\n"), f"does not name {ZIP}: is 0.0.9 the version of this release?"),
        (web.saying(b"x" * 2_000_000), "is larger than 1,048,576 bytes"),
    ],
)
def test_a_list_of_sums_that_does_not_come_is_one_clear_line(
    server: Server, cache: Path, answer: Answer, said: str
) -> None:
    server.answers[SUMS] = answer
    message = refused(server.url, cache)
    assert message.startswith(f"{server.url}/{SUMS}:")
    assert said in message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (web.refusing(404), "the server answers 404 Not Found"),
        (web.half_then_gone, "bytes (the connection was closed before the end): try again"),
        (web.less_promised_than_sent, f"is not the file that {SUMS} names (its SHA-256 differs)"),
        (web.cut_short_without_length, f"is not the file that {SUMS} names (its SHA-256 differs)"),
        (web.saying(b"<html>Sign in</html>"), f"is not the file that {SUMS} names (its SHA-256 differs)"),
        (web.too_much_promised, "is larger than 1,073,741,824 bytes"),
    ],
)
def test_an_archive_that_does_not_come_is_one_clear_line(
    server: Server, cache: Path, answer: Answer, said: str
) -> None:
    server.answers[ZIP] = answer
    message = refused(server.url, cache)
    assert message.startswith(f"{server.url}/{ZIP}: ")
    assert said in message


@pytest.mark.parametrize(
    ("file", "answer", "said"),
    [
        (SUMS, web.stalling, "cannot be reached (the server sent nothing for 0.5 s)"),
        (ZIP, web.stalling, "cannot be reached (the server sent nothing for 0.5 s)"),
        (ZIP, web.half_then_stalling, "bytes (the server sent nothing for 0.5 s): try again"),
    ],
)
def test_a_server_that_stalls_is_given_up(server: Server, cache: Path, file: str, answer: Answer, said: str) -> None:
    server.answers[file] = answer
    message = refused(server.url, cache, timeout=SHORT)
    assert message.startswith(f"{server.url}/{file}: ") and said in message


def test_a_file_without_end_is_given_up(server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LIMIT", 1000)
    monkeypatch.setattr(download.HttpDownloader.__init__, "__defaults__", (None, 1000))
    server.answers[ZIP] = web.no_length
    assert "is larger than 1,000 bytes" in refused(server.url, cache)


def test_redirects_are_followed(server: Server, tmp_path: Path) -> None:
    with serving(server.folder) as other:
        server.answers = {name: web.redirecting(f"{other.url}/{name}") for name in (SUMS, ZIP)}
        assert first_altered(fetch("0.0.9", server.url)) is None
        assert [name for name, _ in other.asked] == [SUMS, ZIP]


def test_a_redirect_away_from_https_is_refused() -> None:
    downloader = download.HttpDownloader(SHORT)
    with pytest.raises(BilatdataError, match=r"https://a\.org/x: redirects to http://b\.org/x, which is not encrypted"):
        downloader._require_safe("https://me:secret@a.org/x", "http://b.org/x")
    downloader._require_safe("https://a.org/x", "https://b.org/x")
    downloader._require_safe("http://a.org/x", "https://a.org/x")


def test_a_server_that_is_not_there_is_one_clear_line(server: Server, cache: Path) -> None:
    server.shutdown()
    server.server_close()
    assert "cannot be reached (Connection refused): check the address" in refused(server.url, cache)


def test_a_password_in_an_address_is_not_shown(server: Server, cache: Path) -> None:
    server.answers[SUMS] = web.refusing(403)
    message = refused(server.url.replace("//", "//me:secret@"), cache)
    assert message == f"{server.url}/{SUMS}: the server answers 403 Forbidden"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("no/such/folder", "no/such/folder: no such folder"),
        ("ftp://example.org/x", "is neither a folder nor an address that begins with http"),
        ("http://[::1/", "is not an address (Invalid IPv6 URL)"),
        ("http://", "http://: is not an address (it names no server)"),
    ],
)
def test_a_source_that_is_none_is_one_clear_line(tiny: DataPackage, cache: Path, source: str, said: str) -> None:
    assert said in refused(source, cache)


def test_a_folder_without_a_release_says_what_it_lacks(
    tiny: DataPackage, older_release: Path, cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "release").mkdir()
    assert refused(tmp_path / "release", cache).endswith("SHA256SUMS: cannot be read (No such file or directory)")
    shutil.copy(older_release / SUMS, tmp_path / "release")
    assert refused(tmp_path / "release", cache).endswith(f"{ZIP}: cannot be read (No such file or directory)")


def test_no_source_says_how_to_give_one(tiny: DataPackage, cache: Path) -> None:
    with pytest.raises(BilatdataError, match=r"from where\? .* --from .* set BILATDATA_RELEASES"):
        fetch("0.0.9")


@pytest.mark.parametrize("form", ["folder", "file", "http"])
def test_the_variable_names_the_releases_by_version(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    shutil.copytree(server.folder, tmp_path / "releases/0.0.9")
    server.folder = tmp_path / "releases"
    server.answers = {f"0.0.9/{name}": web.whole for name in (SUMS, ZIP)}
    roots = {"folder": str(server.folder), "file": server.folder.as_uri(), "http": server.url}
    monkeypatch.setenv("BILATDATA_RELEASES", f"{roots[form].replace('http:', 'HTTP:')}/{{version}}")
    assert first_altered(fetch("0.0.9")) is None


# What the archive holds


def zipped(change: Callable[[zipfile.ZipFile], None], files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
        change(opened)
    return buffer.getvalue()


def add(name: str, mode: int = stat.S_IFREG | 0o644) -> Callable[[zipfile.ZipFile], None]:
    def change(opened: zipfile.ZipFile) -> None:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        opened.writestr(entry, b"/etc/passwd")

    return change


def claim_size(opened: zipfile.ZipFile) -> None:
    add("big.csv")(opened)
    opened.filelist[-1].file_size = 2**31


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (add("../outside.csv"), "holds the file name '../outside.csv', which leads out of its folder"),
        (add("data/../../outside.csv"), "which leads out of its folder"),
        (add("/outside.csv"), "which leads out of its folder"),
        (add("C:\\outside.csv"), "which leads out of its folder or is none everywhere"),
        (add("data/link", stat.S_IFLNK | 0o777), "holds 'data/link', which is a link or a device"),
        (add("data/Meetings.csv"), "holds 'data/Meetings.csv' twice"),
        (claim_size, "would unpack to 2,1"),
    ],
)
def test_an_archive_with_what_none_of_ours_has_is_not_unpacked(
    tiny: DataPackage,
    older_release: Path,
    cache: Path,
    tmp_path: Path,
    change: Callable[[zipfile.ZipFile], None],
    said: str,
) -> None:
    message = refused(released(tmp_path, zipped(change, contents(older_release))), cache)
    assert said in message
    assert message.endswith(": nothing was unpacked")
    assert not (tmp_path / "outside.csv").exists() and not (cache / "outside.csv").exists()


def contents(release: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(release / ZIP) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def released(folder: Path, content: bytes) -> Path:
    """A release of this archive, with the right sum."""
    (folder / "release").mkdir()
    (folder / "release" / ZIP).write_bytes(content)
    write_sums(folder / "release", [ZIP])
    return folder / "release"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda files: files.clear(), "datapackage.json: cannot be read (No such file or directory)"),
        (
            lambda files: replace(files, "datapackage.json", b'"0.0.9"', b'"0.0.8"'),
            "holds bilatdata 0.0.8, not bilatdata",
        ),
        (
            lambda files: replace(files, "datapackage.json", b'"bilatdata"', b'"other"'),
            "holds other 0.0.9, not bilatdata",
        ),
        (lambda files: replace(files, "datapackage.json", b"{", b"["), "datapackage.json: is not JSON"),
        (lambda files: files.pop("data/people.csv"), "data/people.csv is missing from the data package"),
        (lambda files: files.pop("schemas/people.json"), "schemas/people.json is missing from the data package"),
        (
            lambda files: replace(files, "data/people.csv", b"PER-", b"PRE-"),
            "data/people.csv: was altered or cut short",
        ),
    ],
)
def test_an_archive_that_is_not_this_version_is_one_clear_line(
    tiny: DataPackage,
    older_release: Path,
    cache: Path,
    tmp_path: Path,
    edit: Callable[[dict[str, bytes]], object],
    said: str,
) -> None:
    files = contents(older_release)
    edit(files)
    message = refused(released(tmp_path, archive.zip_bytes(files, archive.EARLIEST)), cache)
    assert f"{ZIP}: " in message and said in message
    assert "reinstall" not in message and str(cache) not in message


def replace(files: dict[str, bytes], name: str, before: bytes, after: bytes) -> None:
    assert before in files[name]
    files[name] = files[name].replace(before, after, 1)


@pytest.mark.parametrize(
    "damage", [lambda content: b"no zip", lambda content: content[:-30], lambda content: content[100:]]
)
def test_an_archive_that_cannot_be_read_is_one_clear_line(
    tiny: DataPackage, older_release: Path, cache: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    release = released(tmp_path, damage((older_release / ZIP).read_bytes()))
    assert f"{ZIP}: is not a zip file that can be read" in refused(release, cache)


# The cache


@pytest.mark.parametrize("damage", ["altered", "missing"])
def test_an_altered_copy_is_noticed_and_replaced(
    tiny: DataPackage, older_release: Path, older: DataPackage, cache: Path, damage: str
) -> None:
    path = older.root / "data/people.csv"
    wanted = path.read_bytes()
    path.write_bytes(b"altered") if damage == "altered" else path.unlink()
    with pytest.warns(UserWarning, match=r"0\.0\.9: data/people\.csv had been altered: fetched anew"):
        bd.fetch("0.0.9", older_release)
    assert path.read_bytes() == wanted
    assert left_behind(cache) == ["0.0.9"]


def test_an_altered_copy_stays_where_no_other_can_be_had(
    tiny: DataPackage, older: DataPackage, cache: Path, tmp_path: Path
) -> None:
    (older.root / "data/people.csv").write_bytes(b"altered")
    refused(tmp_path, cache)
    assert (older.root / "data/people.csv").read_bytes() == b"altered"


def test_many_may_fetch_the_same_version_at_once(server: Server, cache: Path) -> None:
    start = threading.Barrier(8)
    done: list[object] = []

    def one() -> None:
        start.wait()
        try:
            done.append(fetch("0.0.9", server.url))
        except BilatdataError as error:
            done.append(error)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [cache / "0.0.9"] * 8
    assert first_altered(cache / "0.0.9") is None
    assert left_behind(cache) == ["0.0.9"]


def test_a_cache_that_cannot_be_written_says_how_to_name_another(
    tiny: DataPackage, older_release: Path, cache: Path
) -> None:
    cache.write_text("a file", encoding="utf-8")
    with pytest.raises(
        BilatdataError, match=r"the cache cannot be written \(.*\): name another folder in BILATDATA_CACHE"
    ):
        fetch("0.0.9", older_release)


def test_an_interrupt_leaves_nothing_behind(server: Server, cache: Path) -> None:
    def interrupt(arrived: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("0.0.9", server.url, progress=interrupt)
    assert left_behind(cache) == []
