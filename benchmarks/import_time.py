"""What `import bilatdata` costs beyond starting Python, and whether it stays under the limit.

    python benchmarks/import_time.py [repetitions]

Each repetition starts two fresh interpreters in turn, one that imports the package and one that does nothing.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

LIMIT_MS = 60.0


def seconds(code: str) -> float:
    """Wall time of a fresh interpreter that runs the code."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    seconds("import bilatdata")  # writes the byte code, which an installation does once
    pairs = [(seconds("import bilatdata"), seconds("pass")) for _ in range(repetitions)]
    costs = sorted(1000 * (imported - bare) for imported, bare in pairs)
    median = statistics.median(costs)
    print(
        f"import bilatdata, ms: median {median:.1f}, fastest {costs[0]:.1f}, slowest {costs[-1]:.1f} (n={repetitions})"
    )
    print(f"limit {LIMIT_MS:.0f} ms: {'kept' if median < LIMIT_MS else 'EXCEEDED'}")


if __name__ == "__main__":
    main()
