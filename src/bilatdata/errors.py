"""The one error of this package that is meant to be read by people."""


class BilatdataError(Exception):
    """A request that cannot be met, said in one line: what, where, expected, how to mend.

    The command line prints the message and exits with code 2; in Python it is raised as it is. What the message cites
    of files (names of columns, say) can hold anything, so control characters are escaped.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message if message.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)
        )


def missing_extra(extra: str, purpose: str) -> BilatdataError:
    """The error for a feature whose optional dependencies are not installed."""
    return BilatdataError(f"{purpose} needs the extra '{extra}': pip install 'bilatdata[{extra}]'")
