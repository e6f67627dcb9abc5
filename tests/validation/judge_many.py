"""Judges the files named on standard input, one a line, and says of each how it went; run as a process of its own.

What it says is measured from outside: the exit code and output of each, and the most memory that any of them took.
"""

import contextlib
import io
import json
import resource
import socket
import sys
import time
from pathlib import Path

from bilatdata.cli.main import main


def refuse(*arguments: object, **options: object) -> None:
    raise AssertionError("nothing is to be fetched")


def peak() -> int:
    """Most memory so far, in KiB; where the system says so, without what the process that started this one took."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


socket.socket.connect = refuse  # type: ignore[method-assign,assignment]
for line in sys.stdin:
    started = time.process_time()
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(["validate", *json.loads(line), "--output-format", "json"])
        except SystemExit as stopped:
            code = stopped.code
    print(
        json.dumps(
            {
                "code": code,
                "out": out.getvalue(),
                "err": err.getvalue(),
                "peak_kib": peak(),
                "cpu_s": time.process_time() - started,
            }
        ),
        flush=True,
    )
