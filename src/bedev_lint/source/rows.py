"""Ranges of rows: the first and the last of each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from operator import itemgetter

__all__ = ["Ranges", "Rows", "is_among", "merged"]

Rows = tuple[int, int]


def is_among(rows: Rows, ranges: Sequence[Rows]) -> bool:
    """Return whether one of these ranges, which follow one another, has one of these rows."""
    # The first range that does not end before these rows begin.
    at = bisect_left(ranges, rows[0], key=itemgetter(1))
    return at < len(ranges) and ranges[at][0] <= rows[1]


def merged(ranges: Iterable[Rows]) -> list[Rows]:
    """Return ranges in order, none next to another, that have the same rows as these."""
    found: list[Rows] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


class Ranges:
    """Ranges that may overlap, to be asked which of them have a row."""

    def __init__(self, ranges: Iterable[Rows]) -> None:
        self._ranges = sorted(set(ranges))
        # Where the last of each and those before it ends.
        self._ends = list(accumulate((last for _, last in self._ranges), max))

    def having(self, row: int) -> Iterator[Rows]:
        """Return the ranges that have a row, those that begin last first."""
        at = bisect_left(self._ranges, (row + 1, 0))
        while at and self._ends[at - 1] >= row:
            at -= 1
            if self._ranges[at][1] >= row:
                yield self._ranges[at]
