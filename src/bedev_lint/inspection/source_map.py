"""Reading places: where functions, sites and statements of a file stand."""

from __future__ import annotations

import msgspec

from bedev_lint.model import Location, SiteRef, SourceMap, Span
from bedev_lint.source import FAR, Statement

__all__ = ["FUNCTION", "decoded", "span_of", "statement_of"]

# As the index of a site: the function itself.
FUNCTION = -1

_DECODER = msgspec.msgpack.Decoder(SourceMap)


def decoded(data: bytes) -> SourceMap:
    """Return the places of a file from MessagePack."""
    return _DECODER.decode(data) if data else SourceMap()


def span_of(places: SourceMap, ref: SiteRef) -> Span:
    """Return where a site of a function stands, or, for `FUNCTION`, where that has its name."""
    numbers = places.functions[ref.function]
    if ref.site == FUNCTION:
        start = Location(numbers[0], numbers[1] + 1)
        return Span(start, start)
    first_row, first, last_row, last, _ = numbers[2 + 5 * ref.site : 7 + 5 * ref.site]
    return Span(Location(first_row, first + 1), Location(last_row, last + 1))


def statement_of(places: SourceMap, ref: SiteRef) -> Statement:
    """Return the statement of a site, as far as its header goes."""
    assert ref.site != FUNCTION
    number = places.functions[ref.function][6 + 5 * ref.site]
    first, row, column, last_row, last, name = places.statements[6 * number : 6 * number + 6]
    header = Span(Location(row, column + 1), Location(last_row, last if last == FAR else last + 1))
    start = Location(first, 1) if first < row else header.start
    return Statement(Span(start, header.end), header, places.names[name])
