"""Rules that only a release must satisfy: canonical bytes, row order, CSV equal to Parquet, hashes, versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from bilatdata.contract.canonical import canonical_table, csv_bytes, read_text_table
from bilatdata.contract.derived import supporting_sources
from bilatdata.contract.listings import FILES as LISTS
from bilatdata.contract.listings import listings
from bilatdata.contract.rule import CATALOGUE, ReleaseFault
from bilatdata.contract.table_schema import TableSchema, read_table_schema
from bilatdata.package import DESCRIPTOR, FORMATS, DataPackage, content_hash

_REBUILD = "Run `bilatdata build` and commit what it writes."


def _csv(package: DataPackage, table: str) -> tuple[Path, TableSchema]:
    return package.root / "data" / f"{table}.csv", read_table_schema(package.schema(table))


@CATALOGUE.rule(
    "R101",
    "not-canonical",
    scope="release",
    summary="The bytes of the CSV file are not canonical.",
    explanation="One way to write a table keeps reviews down to facts: UTF-8, LF, minimal quoting, columns in schema "
    "order, numbers without needless zeros. The first line that differs is shown.",
    fix=_REBUILD,
)
def canonical_bytes(package: DataPackage) -> Iterator[ReleaseFault]:
    """CSV files that would be written differently; the order of rows is R102's."""
    for table in package.table_names:
        path, schema = _csv(package, table)
        text = read_text_table(path)
        canonical = canonical_table(text, schema, path)
        in_file_order = [row for _, row in sorted(zip(canonical.lines, canonical.rows, strict=True))]
        wanted = csv_bytes(canonical.header, in_file_order)
        found = path.read_bytes()
        if found != wanted:
            line, value, expected = _first_difference(found, wanted)
            yield ReleaseFault(f"data/{table}.csv", expected, table=table, line=line, value=value)


def _first_difference(found: bytes, wanted: bytes) -> tuple[int, str, str]:
    found_lines, wanted_lines = found.split(b"\n"), wanted.split(b"\n")
    for number, (left, right) in enumerate(zip(found_lines, wanted_lines, strict=False), start=1):
        if left != right:
            return number, left.decode("utf-8", "replace"), right.decode("utf-8")
    last = min(len(found_lines), len(wanted_lines))
    return last, f"{len(found)} bytes", f"{len(wanted)} bytes, a line feed after the last row and nothing after it"


@CATALOGUE.rule(
    "R102",
    "rows-out-of-order",
    scope="release",
    summary="The row comes before one with a smaller key.",
    explanation="Rows sorted by key give small diffs and one place for every record.",
    fix=_REBUILD,
)
def row_order(package: DataPackage) -> Iterator[ReleaseFault]:
    """Rows whose key is smaller than that of the row above."""
    for table in package.table_names:
        path, schema = _csv(package, table)
        text = read_text_table(path)
        columns = [text.column(name) for name in schema.primary_key]
        keys = list(zip(*columns, strict=True))
        for (above, below), line in zip(pairwise(keys), text.lines[1:], strict=True):
            if below < above:
                expected = f"a key after {';'.join(above)}"
                yield ReleaseFault(f"data/{table}.csv", expected, table=table, line=line, key=";".join(below))


@CATALOGUE.rule(
    "R103",
    "parquet-differs",
    scope="release",
    summary="The Parquet file does not hold what the CSV file holds.",
    explanation="Users of either format must read the same record.",
    fix=_REBUILD,
)
def parquet_equals_csv(package: DataPackage) -> Iterator[ReleaseFault]:
    """Parquet files that are missing, unreadable or unequal to their CSV, types and metadata of columns included."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from bilatdata.contract.frames import table_from_csv

    for table in package.table_names:
        path, schema = _csv(package, table)
        wanted = table_from_csv(path, schema)
        file = f"data/{table}.parquet"
        try:
            found = pq.read_table(package.root / file)
        except (OSError, pa.ArrowException) as error:
            yield ReleaseFault(file, "a readable Parquet file", table=table, value=str(error).splitlines()[0])
            continue
        if found.column_names != wanted.column_names:
            yield ReleaseFault(file, "the columns of the CSV file", table=table, value=", ".join(found.column_names))
        elif found.num_rows != wanted.num_rows:
            yield ReleaseFault(file, f"{wanted.num_rows} rows", table=table, value=f"{found.num_rows} rows")
        else:
            for name in wanted.column_names:
                if not found.column(name).equals(wanted.column(name)):
                    yield ReleaseFault(file, "the values of the CSV file, typed", table=table, field=name)


@CATALOGUE.rule(
    "R104",
    "file-altered",
    scope="release",
    summary="The file is not the one that the descriptor names: its hash differs.",
    explanation="`datapackage.json` names every file with its SHA-256, so that a file that was altered or cut short is "
    "seen.",
    fix="In a repository run `bilatdata build`; reinstall an installed package: "
    "`pip install --force-reinstall bilatdata`.",
)
def hashes_agree(package: DataPackage) -> Iterator[ReleaseFault]:
    """Files whose hash differs from the descriptor's, and files that are missing."""
    for table, resource in package.resources.items():
        for entry in (resource, *resource.get("alternates", ())):
            path = package.root / entry["path"]
            found = content_hash(path.read_bytes()) if path.is_file() else "no file"
            if found != entry.get("hash"):
                yield ReleaseFault(entry["path"], str(entry.get("hash", "a hash")), table=table, value=found)


@CATALOGUE.rule(
    "R113",
    "list-not-current",
    scope="release",
    summary="The list is not that of the files and schemas beside it.",
    explanation="`data/SHA256SUMS` lets everybody check what they downloaded with `sha256sum -c`, and "
    "`schemas/dictionary.csv` says what each column means; both are made from the files beside them.",
    fix=_REBUILD,
)
def lists_are_current(package: DataPackage) -> Iterator[ReleaseFault]:
    """Lists that `bilatdata build` would write differently, and lists that are missing."""
    paths = [package.root / "data" / f"{table}.{format}" for table in package.table_names for format in FORMATS]
    files = {path.name: path.read_bytes() for path in paths if path.is_file()}
    schemas = [read_table_schema(package.schema(table)) for table in package.table_names]
    for file, wanted in listings(files, schemas).items():
        path = package.root / file
        if not path.is_file():
            yield ReleaseFault(file, "a file that `bilatdata build` writes", value="no file")
        elif (found := path.read_bytes()) != wanted:
            line, value, expected = _first_difference(found, wanted)
            yield ReleaseFault(file, expected, line=line, value=value)


@CATALOGUE.rule(
    "R105",
    "sources-not-evidence",
    scope="release",
    summary="`source_ids` is not the list of sources that the evidence gives for the record.",
    explanation="`source_ids` is derived: the sources that support the record, sorted. Edit `evidence`, not "
    "the column.",
    fix=_REBUILD,
)
def source_ids_follow_evidence(package: DataPackage) -> Iterator[ReleaseFault]:
    """Records whose `source_ids` differ from their evidence."""
    if "evidence" not in package.resources:
        return
    supported = supporting_sources(read_text_table(package.root / "data" / "evidence.csv"))
    for table in package.table_names:
        path, schema = _csv(package, table)
        if "source_ids" not in schema.by_name:
            continue
        text = read_text_table(path)
        cells = zip(text.column(schema.primary_key[0]), text.column("source_ids"), text.lines, strict=True)
        for key, found, line in cells:
            wanted = supported.get((table, key), "")
            if found != wanted:
                expected = wanted or "an empty cell"
                yield ReleaseFault(
                    f"data/{table}.csv", expected, table=table, line=line, field="source_ids", key=key, value=found
                )


@CATALOGUE.rule(
    "R106",
    "versions-disagree",
    scope="release",
    summary="The version here is not that of `datapackage.json`.",
    explanation="Code and data have one version: in `pyproject.toml`, the descriptor, `CITATION.cff` and the newest "
    "heading of `CHANGELOG.md`.",
    fix="Set the version in `pyproject.toml`, write the change log, then run `bilatdata build`.",
)
def one_version(package: DataPackage) -> Iterator[ReleaseFault]:
    """Files of the repository that name another version; an installed package has none of them."""
    patterns = {
        "pyproject.toml": r'^version = "([^"]+)"',
        "CITATION.cff": r"^version: ([\w.+-]+)",
        "CHANGELOG.md": r"^## \[?([0-9][\w.+-]*)",
    }
    for file, pattern in patterns.items():
        path = package.root / file
        if not path.is_file():
            continue
        match = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
        found = match.group(1) if match else "none"
        if found != package.version:
            yield ReleaseFault(file, package.version, field="version", value=found)


@CATALOGUE.rule(
    "R107",
    "file-not-described",
    scope="release",
    summary="The file lies in `data/` or `schemas/` and the descriptor does not name it.",
    explanation="What the descriptor does not name has no schema, no hash and no place in a release.",
    fix="Add the table to the resources of `datapackage.json` and run `bilatdata build`, or delete the file.",
)
def files_are_described(package: DataPackage) -> Iterator[ReleaseFault]:
    """Files that no resource names."""
    described = {DESCRIPTOR, *LISTS}
    described |= {f"schemas/{table}.json" for table in package.table_names}
    described |= {f"data/{table}.{format}" for table in package.table_names for format in FORMATS}
    for folder in ("data", "schemas"):
        for path in sorted((package.root / folder).iterdir()):
            name = path.relative_to(package.root).as_posix()
            if name not in described:
                yield ReleaseFault(name, "a file that datapackage.json names")


@CATALOGUE.rule(
    "R108",
    "below-floor",
    scope="release",
    summary="A figure of the state of the record is below its floor.",
    explanation="`floors.toml` says how well the record must at least be borne out: shares of records and cells with "
    "evidence, independent sources, disputes kept, low confidence, codes `other`. So it only gets better.",
    fix="Add the evidence that is missing, or find the code that fits. Lower a floor only where facts were withdrawn, "
    "and say so in the change log.",
)
def floors_are_kept(package: DataPackage) -> Iterator[ReleaseFault]:
    """Floors that the record does not keep, and floors of tables or figures that do not exist."""
    # Imported here because `state` needs helpers of this package.
    from bilatdata.contract.state import FLOORS, TOTAL, floors_not_kept

    for fault in floors_not_kept(package):
        table = None if fault.table == TOTAL else fault.table
        yield ReleaseFault(
            FLOORS, fault.expected, table=table, line=fault.line, field=fault.figure or None, value=fault.value
        )
