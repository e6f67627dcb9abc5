"""Coverage-guided fuzzing of the reader against the model, for as long as one likes: not a part of the suite.

    pip install atheris
    python tests/validation/fuzz_reader.py -runs=100000

Every byte of the input names a piece of `csv_files.PIECES`, so that the fuzzer explores structure and not spelling.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bilatdata.validation"]):
    from csv_files import BATCHES, HEADERS, PIECES, as_it_is, as_read

PATH = Path(tempfile.mkdtemp()) / "t.csv"


def judge(data: bytes) -> None:
    if len(data) < 2:
        return
    body = b"".join(PIECES[byte % len(PIECES)] for byte in data[2:])
    content = HEADERS[data[0] % len(HEADERS)] + body + b"\n" + b"x" * 2000 + b",y,z\n"
    PATH.write_bytes(content)
    assert as_read(PATH, BATCHES[data[1] % len(BATCHES)]) == as_it_is(content), content


atheris.Setup(sys.argv, judge)
atheris.Fuzz()
