"""Bulk trade files of others in the shape of `trade_products`: UN Comtrade and CEPII BACI."""

from __future__ import annotations

from bilatdata.convert.conversion import Conversion, convert

__all__ = ["Conversion", "convert"]
