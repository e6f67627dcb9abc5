"""Code written for an earlier release goes on: what a request calls by an old name, and what the answer does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bilatdata.contract.table_schema import TableSchema
from bilatdata.history.log import releases, require_release
from bilatdata.history.renames import Rename, in_force
from bilatdata.package import DataPackage
from bilatdata.versions import version_key


@dataclass(frozen=True)
class OldNames:
    """The names of earlier releases by which a request may call what it loads."""

    warnings: tuple[str, ...] = ()
    """What to tell of each."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """New names of the fields by old ones."""
    instead: Mapping[str, str] = field(default_factory=dict)
    """Of these the old names that take the place of the new ones, where all columns are asked for."""
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Old codes that take the place of new ones, by column."""

    def asked_by_new_names(self, columns: Sequence[str] | None) -> Sequence[str] | None:
        """The columns asked for, by their names of now."""
        if columns is None or not self.fields:
            return columns
        return [self.fields.get(name, name) for name in ([columns] if isinstance(columns, str) else columns)]

    def wanted(self, columns: Sequence[str] | None, read: Iterable[str]) -> list[tuple[str, str]]:
        """The columns to give, each with what it is to be called, where `read` are those that were read."""
        if columns is None:
            further = [(new, old) for old, new in self.fields.items() if old not in self.instead.values()]
            return [*((name, self.instead.get(name, name)) for name in read), *further]
        asked = dict.fromkeys([columns] if isinstance(columns, str) else columns)
        return [(self.fields.get(name, name), name) for name in asked]


def old_names(
    data: DataPackage, schema: TableSchema, columns: Sequence[str] | None, beside: bool, release: str | None
) -> OldNames:
    """The old names that a request for a table of the package may use.

    Args:
        data: the package.
        schema: the table.
        columns: the columns asked for; None is all of them.
        beside: whether all columns include old fields beside the new ones.
        release: the release whose names stand in the place of those of now; None leaves these.

    Raises:
        BilatdataError: there is no such release, or the file of renames cannot be read.
    """
    if release is not None:
        require_release(data, release)
    asked = {columns} if isinstance(columns, str) else set(columns or ())
    warnings: list[str] = []
    fields: dict[str, str] = {}
    instead: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    # Fields before codes, and the latest first: of several old names that of the release comes last, and stays.
    for rename in sorted(in_force(data), key=lambda item: (item.kind, [-part for part in version_key(item.since)])):
        then = release is not None and version_key(release) < version_key(rename.since)
        if rename.kind == "field" and rename.within == schema.name and rename.new in schema.by_name:
            if not (rename.old in asked or (columns is None and (beside or then))):
                continue
            fields[rename.old] = rename.new
            if then:
                instead[rename.new] = rename.old
            warnings.append(f"{schema.name}.{rename.old} is {rename.new} since {rename.since}{_end(rename)}")
        elif rename.kind == "term" and (coded := _coded(schema, rename.within, {fields.get(n, n) for n in asked})):
            for name in coded if then else ():
                codes.setdefault(name, {})[rename.new] = rename.old
            how = "" if then else _how_to_keep(data, rename)
            now = f"the code {rename.old} of {rename.within} is {rename.new} since {rename.since}"
            warnings.append(f"{now}{how}{_end(rename)}")
    return OldNames(tuple(warnings), fields, instead, codes)


def _coded(schema: TableSchema, vocabulary: str, asked: set[str]) -> list[str]:
    """The columns to load that hold codes of the vocabulary."""
    coded = [item.name for item in schema.fields if item.vocabulary == vocabulary]
    return [name for name in coded if not asked or name in asked]


def _how_to_keep(data: DataPackage, rename: Rename) -> str:
    """What gives a code its old name, where a release with that name is known."""
    earlier = [item.version for item in releases(data) if version_key(item.version) < version_key(rename.since)]
    return f"; load it with names_as_of='{earlier[-1]}' to have it under its old name" if earlier else ""


def _end(rename: Rename) -> str:
    return f"; the old name is not understood from {rename.until} on"
