"""Rules over all releases: the number that the changes call for, their record, ids that stay where they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bilatdata.contract.canonical import read_text_table
from bilatdata.contract.rule import CATALOGUE, ReleaseFault
from bilatdata.history.calls import version_call
from bilatdata.history.diff import diff
from bilatdata.history.log import FOLDER, history, released_version, releases
from bilatdata.history.opened import of_folder
from bilatdata.history.renames import RENAMES, Rename, read_renames
from bilatdata.package import DESCRIPTOR, DataPackage
from bilatdata.versions import version_key

CHANGELOG = "CHANGELOG.md"
_GONE = ("row_removed", "row_withdrawn", "row_merged", "row_moved")
_CAME = ("row_added", "source_added")


@CATALOGUE.rule(
    "R109",
    "version-too-low",
    scope="release",
    summary="The version is lower than what changed since the last release calls for.",
    explanation="The number tells users whether a new version can break them, so it is computed: MAJOR where it can, "
    "MINOR where there is more, PATCH where what was there is corrected. Before 1.0.0, MAJOR raises the second number. "
    "`bilatdata diff` says what a comparison calls for and why.",
    fix="Set the version in `pyproject.toml` and run `bilatdata build`.",
)
def version_is_called_for(package: DataPackage) -> Iterator[ReleaseFault]:
    """A declared version below the one that the comparison with the last release calls for."""
    if not (known := releases(package)):
        return
    call = version_call(diff(released_version(package, known[-1].version), of_folder(package.root)))
    if version_key(package.version) < version_key(call.version):
        yield ReleaseFault(DESCRIPTOR, f"at least {call.sentence}", field="version", value=package.version)


@CATALOGUE.rule(
    "R110",
    "release-not-recorded",
    scope="release",
    summary="A release lacks the record of what it changed.",
    explanation="Whoever upgrades reads in `CHANGELOG.md` what is new, and a program reads every change with its "
    "reason in `changes/<version>.jsonl`; as-of tables are replayed from there.",
    fix="Write the summary in `CHANGELOG.md` and the reasons in `changes/next.toml`, then run `bilatdata changes`.",
)
def releases_are_recorded(package: DataPackage) -> Iterator[ReleaseFault]:
    """Releases without changes, reasons, tables that follow from them, or an entry of the change log."""
    known = releases(package)
    if not known:
        return
    reasonless = {version for version, change in history(package) if not change.reason}
    recorded = {version for version, _ in history(package)}
    path = package.root / CHANGELOG
    text = path.read_text(encoding="utf-8") if path.is_file() else None
    for release in known:
        file = f"{FOLDER}/{release.version}.jsonl"
        if release.version not in recorded:
            yield ReleaseFault(file, "a line for each change", key=release.version)
        if release.version in reasonless:
            yield ReleaseFault(file, "a reason for each change", key=release.version)
        if text is not None and not _has_entry(text, release.version, release.date.isoformat()):
            heading = f"an entry '## {release.version} ({release.date})' with a summary"
            yield ReleaseFault(CHANGELOG, heading, key=release.version)
    released_version(package, known[-1].version)  # raises where its tables do not follow from the changes


def _has_entry(text: str, version: str, day: str) -> bool:
    heading = rf"^## {re.escape(version)} \({day}\)\n+(?!\n|## |<!--|\Z)"
    return re.search(heading, text, re.MULTILINE) is not None


@CATALOGUE.rule(
    "R111",
    "id-came-back",
    scope="release",
    summary="The id was gone in an earlier release and is in use again.",
    explanation="An id is never used for another record: whoever cited the old one would be led to the new one. This "
    "holds for every id that any release has had, whether or not `retired_ids` names it.",
    fix="Give the record an id that no release has had.",
)
def ids_do_not_come_back(package: DataPackage) -> Iterator[ReleaseFault]:
    """Records under an id that left in an earlier release."""
    if not releases(package):
        return
    gone = ids_gone(package)
    for table, keys in gone.items():
        if table not in package.resources or "primaryKey" not in (schema := package.schema(table)):
            continue
        text = read_text_table(package.root / "data" / f"{table}.csv")
        names = schema["primaryKey"]
        key = [names] if isinstance(names, str) else list(names)
        rows = zip(zip(*(text.column(name) for name in key), strict=True), text.lines, strict=True)
        for found, line in rows:
            if found in keys:
                expected = f"an id that no release has had (it left in {keys[found]})"
                shown = "/".join(found)
                yield ReleaseFault(f"data/{table}.csv", expected, table=table, line=line, field=key[0], key=shown)


def ids_gone(package: DataPackage) -> Mapping[str, Mapping[tuple[str, ...], str]]:
    """Keys that left in a release and did not come back since, by table, with that release."""
    gone: dict[str, dict[tuple[str, ...], str]] = {}
    for version, change in history(package):
        if change.kind in _GONE:
            gone.setdefault(change.table, {})[change.key] = version
        elif change.kind in _CAME:
            gone.get(change.table, {}).pop(change.key, None)
    return gone


@CATALOGUE.rule(
    "R112",
    "rename-without-names",
    scope="release",
    summary="A rename names a field, table or code that is not there, or an old name that still is.",
    explanation="`changes/renames.toml` is what keeps old names working; an entry that leads nowhere helps nobody, and "
    "an old name that is in use again would be taken for another.",
    fix="Correct the entry, or delete it once its release `until` has come.",
)
def renames_lead_somewhere(package: DataPackage) -> Iterator[ReleaseFault]:
    """Entries of the rename map whose new name is missing, whose old name is in use, or whose time is over."""
    path = package.root / RENAMES
    for rename in read_renames(path.read_bytes(), RENAMES) if path.is_file() else ():
        known = _names(package, rename)
        key = f"{rename.within}.{rename.old}"
        if rename.new not in known:
            yield ReleaseFault(RENAMES, f"a {rename.kind} of {rename.within} that exists", key=key, value=rename.new)
        if rename.old in known:
            yield ReleaseFault(RENAMES, f"an old name that no {rename.kind} has", key=key, value=rename.old)
        if version_key(package.version) >= version_key(rename.until):
            yield ReleaseFault(RENAMES, f"no entry from release {rename.until} on", key=key, value=rename.until)


def _names(package: DataPackage, rename: Rename) -> set[str]:
    if rename.kind == "field":
        known = package.schema(rename.within)["fields"] if rename.within in package.resources else []
        return {field["name"] for field in known}
    terms = read_text_table(package.root / "data" / "terms.csv").records() if "terms" in package.resources else []
    return {term["code"] for term in terms if term["vocabulary"] == rename.within}
