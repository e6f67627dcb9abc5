"""How far something is, on one line of a terminal; a pipe or a file gets nothing of the kind."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from bilatdata.cli.output import Output, cut

_CLEAR_LINE = "\r\x1b[K"


class StatusLine:
    """A line that says what is being done, and is gone when it is done."""

    def __init__(self, err: Output) -> None:
        self._err = err
        self._shown = ""

    def show(self, text: str) -> None:
        """Say this in the place of what was said before."""
        if self._err.is_terminal and text != self._shown:
            self._err.stream.write(_CLEAR_LINE + cut(text, (self._err.width or 80) - 1))
            self._err.stream.flush()
            self._shown = text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.show("")


class BytesProgress(StatusLine):
    """Says how many bytes have arrived."""

    def __init__(self, label: str, err: Output) -> None:
        super().__init__(err)
        self._label = label

    def __call__(self, arrived: int, total: int | None) -> None:
        """Show the bytes that have arrived, and their share where the whole is known."""
        share = f" of {total / 1e6:.1f} MB, {100 * arrived // total}%" if total else " MB"
        self.show(f"{self._label}: {arrived / 1e6:.1f}{share}")
