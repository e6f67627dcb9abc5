"""`python -m bilatdata`: the same as the command `bilatdata`."""

import sys

from bilatdata.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
