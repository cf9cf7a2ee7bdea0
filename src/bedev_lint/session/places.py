"""Where functions and sites stand, as numbers that cost little to keep: see `facts.Extracted`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bedev_lint.model import Location, Span

__all__ = ["FUNCTION", "span_of", "spans_of"]

# As the index of a site: the function itself.
FUNCTION = -1

_DECODER = msgspec.msgpack.Decoder(list[list[int]])


def spans_of(data: bytes) -> list[list[int]]:
    """Return the numbers of all functions of a file, by their index in its facts."""
    return _DECODER.decode(data) if data else []


def span_of(numbers: Sequence[int], site: int) -> Span:
    """Return where a site of a function stands, or, for `FUNCTION`, where that begins."""
    if site == FUNCTION:
        start = Location(numbers[0], numbers[1] + 1)
        return Span(start, start)
    first_row, first, last_row, last = numbers[2 + 4 * site : 6 + 4 * site]
    return Span(Location(first_row, first + 1), Location(last_row, last + 1))
