"""How far a download is, on one line of a terminal; a pipe or a file gets nothing of the kind."""

from __future__ import annotations

from types import TracebackType

from bilatdata.cli.output import Output

_CLEAR_LINE = "\r\x1b[K"


class BytesProgress:
    """Says how many bytes have arrived; the line is gone when all is done."""

    def __init__(self, label: str, err: Output) -> None:
        self._label = label
        self._err = err
        self._shown = ""

    def __call__(self, arrived: int, total: int | None) -> None:
        """Show the bytes that have arrived, and their share where the whole is known."""
        share = f" of {total / 1e6:.1f} MB, {100 * arrived // total}%" if total else " MB"
        self._show(f"{self._label}: {arrived / 1e6:.1f}{share}")

    def __enter__(self) -> BytesProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show("")

    def _show(self, text: str) -> None:
        if self._err.is_terminal and text != self._shown:
            self._err.stream.write(_CLEAR_LINE + text[: (self._err.width or 0) - 1])
            self._err.stream.flush()
            self._shown = text
