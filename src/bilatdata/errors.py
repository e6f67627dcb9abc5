"""The one error of this package that is meant to be read by people."""


class BilatdataError(Exception):
    """A request that cannot be met, said in one line: what, where, expected, how to mend.

    The command line prints the message and exits with code 2; in Python it is raised as it is.
    """


def missing_extra(extra: str, purpose: str) -> BilatdataError:
    """The error for a feature whose optional dependencies are not installed."""
    return BilatdataError(f"{purpose} needs the extra '{extra}': pip install 'bilatdata[{extra}]'")
