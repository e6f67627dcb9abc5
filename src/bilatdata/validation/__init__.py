"""Judging tables against the contract: `validate` takes files or frames and gives a `Report`."""

from __future__ import annotations

from bilatdata.validation.findings import Finding, Report, ValidationError

__all__ = ["Finding", "Report", "ValidationError", "validate"]
