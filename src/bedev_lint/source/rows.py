"""Ranges of rows: the first and the last of each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import itemgetter

__all__ = ["Rows", "is_among", "merged"]

Rows = tuple[int, int]


def is_among(rows: Rows, ranges: Sequence[Rows]) -> bool:
    """Return whether one of these ranges, which follow one another, has one of these rows."""
    # The first range that does not end before these rows begin.
    index = bisect_left(ranges, rows[0], key=itemgetter(1))
    return index < len(ranges) and ranges[index][0] <= rows[1]


def merged(ranges: Iterable[Rows], distance: int = 1) -> list[Rows]:
    """Return ranges in order that have the same rows as these.

    Those are together that share rows, or lie no more than this distance from each other.
    """
    ranges_apart: list[Rows] = []
    for first, last in sorted(ranges):
        if ranges_apart and first <= ranges_apart[-1][1] + distance:
            ranges_apart[-1] = (ranges_apart[-1][0], max(last, ranges_apart[-1][1]))
        else:
            ranges_apart.append((first, last))
    return ranges_apart
