"""Recording a release: the file of its changes with their reasons, the tables of the changelog, the register."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bilatdata.errors import BilatdataError
from bilatdata.files import write_whole
from bilatdata.history.calls import VersionCall, kinds, version_call
from bilatdata.history.changes import Change, changes, json_lines
from bilatdata.history.diff import diff, first_version
from bilatdata.history.log import FOLDER, REGISTER, Release, csv_of, history, released_version, releases
from bilatdata.history.model import PackageDiff
from bilatdata.history.opened import PackageVersion, of_folder
from bilatdata.history.replay import replay
from bilatdata.package import DataPackage, did_you_mean
from bilatdata.release.build import declared_version
from bilatdata.release.stamp import Stamp, set_stamp, stamp_of
from bilatdata.report.diff_markdown import count_table, escaped, schema_list
from bilatdata.versions import version_key

REASONS = f"{FOLDER}/next.toml"
CHANGELOG = "CHANGELOG.md"
BEGIN, END = "<!-- made from the data by 'bilatdata changes' -->", "<!-- end -->"
PLACEHOLDER = "In preparation."
"""What stands in an entry until somebody has written a summary."""
_SELECTORS = ("kind", "table", "field", "ids")


@dataclass(frozen=True)
class Recorded:
    """A release as it was recorded."""

    call: VersionCall
    changes: int
    written: tuple[Path, ...]
    """The files that were written, relative to the root."""


@dataclass(frozen=True)
class Reason:
    """Why things were changed, and which changes it is the reason of; a selector that is empty leaves all in."""

    text: str
    kind: str = ""
    table: str = ""
    field: str = ""
    ids: tuple[str, ...] = ()

    def fits(self, change: Change) -> bool:
        """Whether the change was made for this reason; one of evidence, where it is about a record of `ids` too."""
        about = change.new if isinstance(change.new, dict) else change.old if isinstance(change.old, dict) else {}
        names = {"/".join(change.key), about.get("record_id"), about.get("source_id")}
        return (
            self.kind in ("", change.kind)
            and self.table in ("", change.table)
            and self.field in ("", change.field)
            and (not self.ids or bool(names & set(self.ids)))
        )


def record(root: Path, day: date | None = None) -> Recorded:
    """Record the version declared at `root` as a release: what changed since the last one, and why.

    Writes `changes/<version>.jsonl`, the register, the tables in the entry of the changelog, and the stamp of the day;
    `changes/next.toml` is taken away, for its reasons are with the changes now. Recording a version anew replaces it.

    Args:
        root: top of the repository.
        day: the day of the release; None takes the day in the descriptor.

    Raises:
        BilatdataError: the declared version is too low, a change has no reason, or the changelog has no entry with a
            summary; nothing is written then.
    """
    data = DataPackage(root)
    version = declared_version(data)
    before = [release for release in releases(data) if version_key(release.version) < version_key(version)]
    if after := [release.version for release in releases(data) if version_key(release.version) > version_key(version)]:
        raise BilatdataError(f"{root / 'pyproject.toml'}: version {version} comes before release {after[-1]}")
    found = _diff(data, before)
    call = version_call(found)
    if before and version_key(version) < version_key(call.version):
        raise BilatdataError(
            f"{root / 'pyproject.toml'}: version {version} is too low: the changes call for {call.sentence}"
        )
    stamp = Stamp(version, day or stamp_of(root).day)
    present = of_folder(root)
    told = list(with_reasons(found, present, read_reasons(root / REASONS), root / REASONS))
    earlier = [pair for pair in history(data) if version_key(pair[0]) < version_key(version)]
    sums = proved_sums(present, [*earlier, *((version, change) for change in told)])
    contents = {
        root / f"{FOLDER}/{version}.jsonl": json_lines(told),
        root / REGISTER: register_text([*before, Release(version, stamp.day, "", sums)]),
        root / CHANGELOG: with_tables(_changelog(root), found, stamp),
    }
    for path, text in contents.items():
        write_whole(path, text.encode())
    (root / REASONS).unlink(missing_ok=True)
    set_stamp(root, stamp)
    return Recorded(call, len(told), tuple(path.relative_to(root) for path in contents))


def _diff(data: DataPackage, before: list[Release]) -> PackageDiff:
    present = of_folder(data.root)
    return diff(released_version(data, before[-1].version), present) if before else first_version(present)


def read_reasons(path: Path) -> tuple[Reason, ...]:
    """The reasons in a file, in its order; none where there is no file.

    Raises:
        BilatdataError: it is not TOML, or an entry is not a reason.
    """
    if not path.is_file():
        return ()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("reason", [])
        return tuple(_reason(entry) for entry in entries)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError, KeyError, AttributeError) as error:
        raise BilatdataError(
            f"{path}: cannot be read ({error}): expected [[reason]] with text, and any of {', '.join(_SELECTORS)}"
        ) from error


def _reason(entry: Mapping[str, Any]) -> Reason:
    if unknown := set(entry) - {"text", *_SELECTORS}:
        raise ValueError(f"a reason has {sorted(unknown)[0]}")
    if (kind := entry.get("kind", "")) and kind not in kinds():
        raise ValueError(f"there is no kind {kind}: there are {', '.join(kinds())}")
    return Reason(**{**entry, "text": str(entry["text"]).strip(), "ids": tuple(entry.get("ids", ()))})


def with_reasons(found: PackageDiff, new: PackageVersion, reasons: tuple[Reason, ...], place: Path) -> Iterator[Change]:
    """Every change with the first reason that fits it; what is derived follows from what it is derived from.

    Raises:
        BilatdataError: a change has none (the message counts them and names the first), or a reason is about a table
            that does not exist.
    """
    names = [table.name for table in found.tables]
    for reason in reasons:
        if reason.table and reason.table not in names:
            raise BilatdataError(f"{place}: no table '{reason.table}'{did_you_mean(reason.table, names)}")
    derived = {
        (table, field.name): f"Follows from {field.derived['from']}."
        for table in new.resources
        for field in new.schema(table).fields
        if field.derived
    }
    nameless: list[Change] = []
    for change in changes(found):
        cell = derived.get((change.table, change.field or "")) if change.key else None
        why = cell or next((reason.text for reason in reasons if reason.fits(change)), "")
        if not why:
            nameless.append(change)
        yield change.because(why)
    if nameless:
        kinds_left = Counter(f"{change.kind} in {change.table}" for change in nameless)
        counted = ", ".join(f"{count:,} × {name}" for name, count in kinds_left.most_common(5))
        first = " ".join(filter(None, (nameless[0].table, "/".join(nameless[0].key), nameless[0].field)))
        raise BilatdataError(
            f"{place}: gives no reason for {len(nameless):,} changes ({counted}; the first: {first}): add [[reason]] "
            f"with text, and with {', '.join(_SELECTORS)} where it is not for all"
        )


def proved_sums(new: PackageVersion, all_changes: Iterable[tuple[str, Change]]) -> dict[str, str]:
    """SHA-256 of each table, once the changes from the first release on are found to give it.

    Raises:
        BilatdataError: they give another table, as they do where the file is not canonical.
    """
    state, sums = replay(all_changes), {}
    for name in new.resources:
        content = new.table_file(name)[1]
        if name not in state or csv_of(state, name) != content:
            raise BilatdataError(f"{new.place}: the table {name} is not as 'bilatdata build' writes it: run that first")
        sums[name] = hashlib.sha256(content).hexdigest()
    return sums


def register_text(all_releases: Iterable[Release]) -> str:
    """The register as it is written."""
    lines = [
        "# The releases, oldest first; 'bilatdata changes' adds to them. The sums are those of the tables' CSV files.",
    ]
    for release in all_releases:
        lines += ["", "[[release]]", f'version = "{release.version}"', f"date = {release.date.isoformat()}"]
        lines += [f'commit = "{release.commit}"'] if release.commit else []
        lines += ["", "[release.tables]", *(f'{name} = "{sum}"' for name, sum in release.tables.items())]
    return "\n".join(lines) + "\n"


def _changelog(root: Path) -> str:
    path = root / CHANGELOG
    if not path.is_file():
        raise BilatdataError(f"{path}: is missing: expected an entry for each release")
    return path.read_text(encoding="utf-8")


def entry_of(changelog: str, version: str) -> re.Match[str] | None:
    """The entry of a version: its heading, and its `body` up to the next one."""
    pattern = rf"^## {re.escape(version)} \((?P<day>[^)\n]*)\)\n(?P<body>.*?)(?=^## |\Z)"
    return re.search(pattern, changelog, re.MULTILINE | re.DOTALL)


def summary_of(body: str) -> str:
    """What a person wrote in an entry: all but the part that is made from the data."""
    return re.sub(rf"{re.escape(BEGIN)}.*?{re.escape(END)}", "", body, flags=re.DOTALL).strip()


def with_tables(changelog: str, found: PackageDiff, stamp: Stamp) -> str:
    """The changelog with the day and the tables of a release in its entry.

    Raises:
        BilatdataError: there is no entry, or nobody has written a summary.
    """
    entry = entry_of(changelog, stamp.version)
    if entry is None or summary_of(entry["body"]) in ("", PLACEHOLDER):
        raise BilatdataError(
            f"{CHANGELOG}: has no summary under '## {stamp.version} (unreleased)': write in a few sentences what the "
            "release brings and what its users must know"
        )
    told = "\n".join([BEGIN, "", *made_part(found), "", END])
    heading = f"## {stamp.version} ({stamp.day.isoformat()})"
    text = f"{heading}\n\n{summary_of(entry['body'])}\n\n{told}\n\n"
    return (changelog[: entry.start()] + text + changelog[entry.end() :]).rstrip("\n") + "\n"


def made_part(found: PackageDiff) -> Iterator[str]:
    """What the data say of a release: counts by table, what changed in schemas, what is gone, the level."""
    call = version_call(found)
    if found.old.version != "0.0.0":
        yield from (f"Since {found.old.version}, which calls for {escaped(call.sentence)}:", "")
    yield from count_table(found)
    if listed := list(schema_list(found)):
        yield from ("", *listed)
