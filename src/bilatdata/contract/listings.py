"""The lists that lie beside the tables for people who take the raw files: their sums, and what their columns mean."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from bilatdata.checksums import SUMS, sums_text
from bilatdata.contract.canonical import csv_bytes
from bilatdata.contract.dictionary import COLUMNS, dictionary_rows
from bilatdata.contract.table_schema import TableSchema

SUMS_FILE = f"data/{SUMS}"
DICTIONARY_FILE = "schemas/dictionary.csv"
"""Not in `data/`, where every CSV file is a table: `data/*.csv` names the tables and nothing else."""
GUIDE_FILE = "data/README.md"
"""How to read the files, written by hand."""
FILES = (SUMS_FILE, DICTIONARY_FILE, GUIDE_FILE)


def listings(files: Mapping[str, bytes], schemas: Sequence[TableSchema]) -> dict[str, bytes]:
    """The lists by their paths: of the sums of these files of `data/` by name, and of the fields of these schemas."""
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {
        SUMS_FILE: sums_text(sums).encode("utf-8"),
        DICTIONARY_FILE: csv_bytes(COLUMNS, dictionary_rows(schemas)),
    }
