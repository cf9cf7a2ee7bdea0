"""Where the lines of a text begin, and the columns of its characters."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from io import StringIO
from itertools import accumulate

from bedev_lint.model import Location

__all__ = ["Columns", "line_starts", "lines"]


@lru_cache(maxsize=2)
def line_starts(text: str) -> Sequence[int]:
    """Return the offset of each line: a line ends at LF, CRLF or CR, and nowhere else."""
    return list(accumulate(map(len, lines(text)[:-1]), initial=0))


class Columns:
    """Turns places as `ast` counts them into places in characters."""

    def __init__(self, text: str) -> None:
        # In a line of ASCII alone a byte is a character.
        text_lines = [] if text.isascii() else lines(text)
        self._wide = {
            number: line for number, line in enumerate(text_lines, start=1) if not line.isascii()
        }
        # Of such a line that has been asked for: where each of its characters begins, in bytes.
        self._starts: dict[int, list[int]] = {}

    def column(self, row: int, offset: int) -> int:
        """Return the characters before so many bytes of UTF-8 in a row."""
        line = self._wide.get(row)
        if line is None:
            return offset
        if row not in self._starts:
            data = line.encode("utf-8", "surrogatepass")
            self._starts[row] = [
                position for position, byte in enumerate(data) if byte & 0xC0 != 0x80
            ]
        return bisect_left(self._starts[row], offset)

    def location(self, row: int, offset: int) -> Location:
        return Location(row, self.column(row, offset) + 1)


@lru_cache(maxsize=2)  # of the file that is read they are asked again and again
def lines(text: str) -> Sequence[str]:
    """Return the lines of a text with their ends, as `line_starts` tells them apart.

    Behind the last end there is one more, which may be empty.
    """
    # `str.splitlines` would split at other characters too.
    ended = list(StringIO(text, newline=""))
    return ended if ended and not ended[-1].endswith(("\n", "\r")) else [*ended, ""]
