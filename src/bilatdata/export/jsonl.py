"""JSON Lines (https://jsonlines.org): one object per row, typed; null for empty cells, ISO text for dates."""

from __future__ import annotations

import json
from datetime import date

from bilatdata.loading import arrow_table

MEDIA_TYPE = "application/jsonl"


def table_bytes(name: str, labels: str | None = None) -> bytes:
    """The content of a table's file, in UTF-8; `labels` is the language of labels in the place of codes."""
    rows = arrow_table(name, labels=labels).to_pylist()
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False, default=date.isoformat) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode("utf-8")
