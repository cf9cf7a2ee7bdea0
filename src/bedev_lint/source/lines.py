"""Where the lines of a text begin, and the columns of its characters."""

from __future__ import annotations

from io import StringIO
from itertools import accumulate, pairwise

from bedev_lint.model import Location

__all__ = ["Columns", "line_starts", "lines"]


def line_starts(text: str) -> list[int]:
    """Return the offset of each line: a line ends at LF, CRLF or CR, and nowhere else."""
    if "\r" not in text:
        # Lines with their ends: `str.splitlines` would split at other characters too.
        starts = list(accumulate(map(len, StringIO(text, newline="\n")), initial=0))
        return starts if text.endswith("\n") or not text else starts[:-1]
    starts = [0]
    for index, character in enumerate(text):
        if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
            starts.append(index + 1)
    return starts


class Columns:
    """Turns places as `ast` counts them into places in characters."""

    def __init__(self, text: str) -> None:
        # In a text of ASCII alone a byte is a character.
        self._lines = [] if text.isascii() else lines(text)

    def column(self, row: int, offset: int) -> int:
        """Return the characters before so many bytes of UTF-8 in a row."""
        if not self._lines or offset == 0:
            return offset
        line = self._lines[row - 1]
        if line.isascii():
            return offset
        return len(line.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))

    def location(self, row: int, offset: int) -> Location:
        return Location(row, self.column(row, offset) + 1)


def lines(text: str) -> list[str]:
    """Return the lines of a text with their ends, as `line_starts` tells them apart."""
    return [text[first:last] for first, last in pairwise([*line_starts(text), len(text)])]
