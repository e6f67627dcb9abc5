"""Validation beside its peers, side by side in one run: medians, ratios and peak memory, and plots against rows.

    python benchmarks/validation/run.py [--rows N] [--rounds N] [--curve N,N,…] [--peers A,B] [--out DIR]

Every peer judges every file in a process of its own, in turn, several rounds; the ratio is the median of the ratios of
each round, so that a busy machine slows both alike. Results go to `benchmarks/results/` as a table and plots.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from generate import write
from peers import PEERS

HERE = Path(__file__).resolve().parent
FLOOR = "polars read"
OURS = "bilatdata"
FILES = {
    "valid": ("plain", "csv"),
    "0.1 % faults of each of ten kinds": ("faulty", "csv"),
    "quoted cells": ("quoted", "csv"),
    "Parquet": ("plain", "parquet"),
}
CSV_ONLY = ("frictionless", "pandera on polars", "pandera on pandas")
SECONDS = 1800
HEAD = "| | seconds | × bare read | × frictionless' speed | peak MB | findings |"


@dataclass
class Runs:
    """The runs of one peer on one file."""

    seconds: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    found: int = 0
    versions: dict[str, str] = field(default_factory=dict)


def measure(name: str, path: Path, runs: Runs) -> None:
    """Run a peer once."""
    command = [sys.executable, str(HERE / "peers.py"), name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise SystemExit(f"{name} on {path.name}: {done.stderr.strip().splitlines()[-1]}")
    result = json.loads(done.stdout.splitlines()[-1])
    runs.seconds.append(result["seconds"])
    runs.peak_mb = max(runs.peak_mb, result["peak_mb"])
    runs.found, runs.versions = result["found"], result["versions"]


def compare(path: Path, peers: list[str], rounds: int) -> dict[str, Runs]:
    """Run the peers in turn on one file."""
    runs = {name: Runs() for name in peers if not (path.suffix == ".parquet" and name in CSV_ONLY)}
    for number in range(rounds):
        for name in runs if number % 2 == 0 else reversed(list(runs)):
            print(f"  round {number + 1}: {name} on {path.name}", file=sys.stderr)
            measure(name, path, runs[name])
    return runs


def ratio(runs: Runs, to: Runs) -> float:
    """Median of the ratios of the rounds."""
    return statistics.median(ours / theirs for ours, theirs in zip(runs.seconds, to.seconds, strict=True))


def table(title: str, runs: dict[str, Runs]) -> list[str]:
    """Lines of a Markdown table."""
    lines = [
        f"**{title}**",
        "",
        "| | seconds | × bare read | × frictionless' speed | peak MB | findings |",
        "|---|---|---|---|---|---|",
    ]
    for name, item in runs.items():
        speed = f"{1 / ratio(item, runs['frictionless']):.1f}" if "frictionless" in runs else "–"
        found = "–" if name.startswith("polars ") else f"{item.found:,}"
        lines.append(
            f"| {name} {', '.join(item.versions.values())} | {statistics.median(item.seconds):.2f} "
            f"| {ratio(item, runs[FLOOR]):.2f} | {speed} | {item.peak_mb:,.0f} | {found} |"
        )
    return [*lines, ""]


def plot(points: list[dict[str, object]], out: Path) -> None:
    """Time and memory against rows."""
    import altair as alt

    for measure_, title in (("seconds", "seconds"), ("peak_mb", "peak memory, MB")):
        chart = (
            alt.Chart(alt.Data(values=points), width=480, height=300)
            .mark_line(point=True)
            .encode(
                x=alt.X("rows:Q", title="rows"),
                y=alt.Y(f"{measure_}:Q", title=title),
                color=alt.Color("peer:N", title=None),
            )
        )
        chart.save(out / f"{measure_}.svg")


def main() -> None:
    """Generate, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--curve", default="", help="numbers of rows to plot, for ours and the bare reads")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--out", type=Path, default=HERE.parent / "results")
    options = parser.parse_args()
    peers = options.peers.split(",")
    options.out.mkdir(parents=True, exist_ok=True)
    lines = [f"{options.rows:,} rows, {options.rounds} rounds, Python {platform.python_version()}", ""]
    with tempfile.TemporaryDirectory() as folder:
        for title, (kind, suffix) in FILES.items():
            path = Path(folder) / f"{kind}.{suffix}"
            write(path, options.rows, kind)
            lines += table(f"{title} ({path.stat().st_size / 1e6:.0f} MB)", compare(path, peers, options.rounds))
            path.unlink()
        points: list[dict[str, object]] = []
        for rows in map(int, filter(None, options.curve.split(","))):
            path = Path(folder) / "plain.csv"
            write(path, rows)
            for name, item in compare(path, [OURS, FLOOR, "polars stream"], options.rounds).items():
                seconds = statistics.median(item.seconds)
                points.append({"peer": name, "rows": rows, "seconds": seconds, "peak_mb": item.peak_mb})
    if points:
        (options.out / "curve.json").write_text(json.dumps(points, indent=1) + "\n")
        plot(points, options.out)
    (options.out / "validation.md").write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
