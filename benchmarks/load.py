"""What `bilatdata.load` costs beside a bare `pandas.read_parquet` of the same file.

    python benchmarks/load.py [repetitions]

Both run in one process, in turn and in changing order, after a warm-up that pays for the imports; the median of the
ratios of neighbouring runs is what counts, so that a busy machine slows both alike.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd

import bilatdata as bd

LIMIT = 1.15
"""Limit of the ratio for `meetings`."""


def seconds(function: Callable[[], Any]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(table: str, repetitions: int) -> tuple[list[float], list[float]]:
    """Seconds of `load` and of `read_parquet`, pair by pair."""
    file = bd.path(table, "parquet")
    functions: tuple[Callable[[], Any], ...] = (lambda: bd.load(table), lambda: pd.read_parquet(file))
    for function in functions * 3:
        function()
    ours, bare = [], []
    for repetition in range(repetitions):
        order = (0, 1) if repetition % 2 else (1, 0)
        times = dict(zip(order, [seconds(functions[index]) for index in order], strict=True))
        ours.append(times[0])
        bare.append(times[1])
    return ours, bare


def main() -> None:
    """Measure every table and print."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print(f"{'table':22} {'rows':>6} {'load ms':>8} {'bare ms':>8} {'ratio':>6} {'p90':>6}  (n={repetitions}, medians)")
    for table in bd.tables():
        ours, bare = compare(table, repetitions)
        ratios = sorted(mine / other for mine, other in zip(ours, bare, strict=True))
        ratio, p90 = statistics.median(ratios), ratios[int(0.9 * len(ratios))]
        verdict = ("  limit 1.15 kept" if ratio <= LIMIT else "  limit 1.15 EXCEEDED") if table == "meetings" else ""
        mine, other = (1000 * statistics.median(times) for times in (ours, bare))
        print(f"{table:22} {len(bd.load(table)):6} {mine:8.2f} {other:8.2f} {ratio:6.2f} {p90:6.2f}{verdict}")


if __name__ == "__main__":
    main()
