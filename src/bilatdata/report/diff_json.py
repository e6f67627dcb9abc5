"""A comparison as one JSON object: the two versions, the number that is called for, counts, every change."""

from __future__ import annotations

import json
from dataclasses import asdict

from bilatdata.history.calls import version_call
from bilatdata.history.changes import changes
from bilatdata.history.model import PackageDiff


def render(diff: PackageDiff) -> str:
    """The comparison as JSON, a line per change; `changes` has the lines of `changes/<version>.jsonl`."""
    call = version_call(diff)
    head = {
        "package": diff.package,
        "old": asdict(diff.old),
        "new": asdict(diff.new),
        "calls_for": {"version": call.version, "level": call.level, "counts": dict(call.counts)},
        "tables": {
            table.name: {
                "status": table.status,
                "rows": [table.old_rows, table.new_rows],
                "added": len(table.added),
                "gone": len(table.removed),
                **{axis: len(table.cells_on(axis)) for axis in ("revised", "filled", "emptied")},
            }
            for table in diff.tables
            if table
        },
    }
    opening = json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}")
    lines = ",".join(f"\n    {change.line()}" for change in changes(diff))
    return f'{opening},\n  "changes": [{lines}\n  ]\n}}\n'
