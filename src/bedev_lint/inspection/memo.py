"""What rules found in a file, kept for as long as the text that they read stays the same.

Of most files rules read a part (`source/pruning.py`). What they found in it is found again, on
other rows, after a change elsewhere in the file: LibCST need not be asked, nor even imported.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, chain

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bedev_lint.cache.trust import digest
from bedev_lint.inspection.visitor_results import (
    ParsedFile,
    RunVisitors,
    ScheduledRule,
    VisitorFinding,
    VisitorResult,
)
from bedev_lint.model import Location, Shown, Span
from bedev_lint.source import Part, parts, unchanging

__all__ = ["run_or_remembered"]


class _Memo(Struct, frozen=True, array_like=True):
    """What was found in a text, by its digest; the rows of parts left out are not counted."""

    key: bytes
    findings: tuple[VisitorFinding, ...]


def run_or_remembered(
    parsed: ParsedFile, scheduled: Sequence[ScheduledRule], run_visitors: RunVisitors, secret: bytes
) -> tuple[VisitorResult, bytes]:
    """Return what rules find in a file, and what to know of that the next time.

    `secret` is what the digest of the text that they read is made with.
    """
    before = parsed.source.memo
    left_out = parts(parsed.tree, parsed.text, [*chain(*(rows for _, rows in scheduled))])
    key = _key(parsed, scheduled, left_out, secret)
    memo = _MEMO(before) if before else None
    if memo is not None and memo.key == key:
        down = _RowMap(left_out).in_whole_text
        return VisitorResult([_moved(finding, down) for finding in memo.findings]), before
    made = run_visitors(parsed, scheduled, left_out)
    if made.crashes or not made.by_parts:
        return made, b""
    try:
        up = _RowMap(left_out).without_pruned
        memo = _Memo(key, tuple(_moved(finding, up) for finding in made.findings))
    except _PrunedAccess:
        return made, b""
    return made, msgspec.msgpack.encode(memo)


def _key(
    parsed: ParsedFile, scheduled: Sequence[ScheduledRule], left_out: Sequence[Part], secret: bytes
) -> bytes:
    source, codes = parsed.source, [rule.code for rule, _ in scheduled]
    text = unchanging(parsed.text, left_out).encode("utf-8", "surrogatepass")
    return digest(msgspec.msgpack.encode((source.module, source.is_package, codes, text)), secret)


class _PrunedAccess(Exception):
    """A row is in a part that is left out."""


class _RowMap:
    """The rows of a text with all its parts, and as they are counted without those left out."""

    def __init__(self, left_out: Sequence[Part]) -> None:
        self._firsts = [part.first_row for part in left_out]
        self._lasts = [part.last_row for part in left_out]
        # How many rows less there are behind so many parts, and where each then begins.
        lengths = (part.last_row - part.first_row for part in left_out)
        self._less = list(accumulate(lengths, initial=0))
        self._begins = [first - less for first, less in zip(self._firsts, self._less, strict=False)]

    def without_pruned(self, row: int) -> int:
        """Return the row without those of parts above it. Raises _PrunedAccess."""
        above = bisect_right(self._firsts, row)
        if above and row <= self._lasts[above - 1]:
            raise _PrunedAccess
        return row - self._less[above]

    def in_whole_text(self, row: int) -> int:
        """Return the row with those of parts above it."""
        return row + self._less[bisect_left(self._begins, row)]


def _moved(finding: VisitorFinding, move: Callable[[int], int]) -> VisitorFinding:
    candidate = finding.candidate
    span, shown = _span(candidate.span, move), _shown(candidate.shown, move)
    rows = tuple((move(first), move(last)) for first, last in candidate.rows)
    calls = tuple(_span(call, move) for call in finding.calls)
    answer = _span(finding.answer, move) if finding.answer is not None else None
    function = _span(finding.function, move) if finding.function is not None else None
    needs = tuple(
        needed._replace(within=tuple(_span(span, move) for span in needed.within))
        for needed in finding.needs
    )
    moved = replace(candidate, span=span, rows=rows, shown=shown)
    return VisitorFinding(moved, calls, answer, function, needs)


def _span(span: Span, move: Callable[[int], int]) -> Span:
    start, end = span.start, span.end
    return Span(Location(move(start.row), start.column), Location(move(end.row), end.column))


def _shown(shown: Shown, move: Callable[[int], int]) -> Shown:
    snippet = replace(shown.snippet, first_row=move(shown.snippet.first_row))
    return replace(shown, snippet=snippet)


_MEMO = msgspec.msgpack.Decoder(_Memo).decode
