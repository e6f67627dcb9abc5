"""A report as JSON: every finding, a summary, and the tool that made it."""

from __future__ import annotations

import json

from bilatdata.package import installed
from bilatdata.validation.findings import Report


def render(report: Report) -> str:
    """The report as a JSON object with the keys `tool`, `summary` and `findings`, indented, ending in a line feed."""
    tool = {"name": "bilatdata", "version": installed().version}
    return json.dumps({"tool": tool, **report.to_dict()}, ensure_ascii=False, indent=2) + "\n"
