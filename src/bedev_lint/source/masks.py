"""Lines as they may be shown: the contents of strings, long numbers and comments hidden.

What is shown of a file is a few lines here and there. Only the statements on these lines are
read; all of the file only where none of them begins its line.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import NamedTuple

from bedev_lint.model import Shown, Snippet, Span
from bedev_lint.source.lexer import Literal, LiteralKind, Unterminated, literals_of
from bedev_lint.source.lines import line_starts
from bedev_lint.source.rows import merged
from bedev_lint.source.statements import Statement

__all__ = ["Masks"]

MASK = "…"
# Shorter numbers are time-outs and status codes; a longer one may be a PIN.
_LONG_NUMBER = 4
_NUMBER = re.compile(r"(?<![\w…])\d[\w.]*")
_MAX_SHOWN_LINES = 4
# As much of a line is kept on each side of a place; no report shows as much.
_MARGIN = 500
_LONG_STATEMENT = 5_000


class _Line(NamedTuple):
    """A line as it may be shown, and offsets in the source with the columns, from 0, they get."""

    text: str
    sources: list[int]
    shown: list[int]

    def moved(self, column: int) -> int:
        """Return where a column of the source stands, both from 1."""
        offset = self.sources[0] + column - 1
        index = bisect_right(self.sources, offset) - 1
        return min(self.shown[index] + offset - self.sources[index], len(self.text)) + 1


class Masks:
    """Shows lines of one text; `known` are statements on them, of which only headers matter."""

    def __init__(self, text: str, statements: Sequence[Statement]) -> None:
        self._text = text
        # Where each line begins, and where the last one ends.
        self._lines = [*line_starts(text), len(text)]
        # The rows of statements, together those that share rows, one group after the other.
        rows = ((statement.whole.start.row, statement.header.end.row) for statement in statements)
        self._groups = merged(rows, 0)
        # Of each row the first statement on it.
        self._firsts: dict[int, Statement] = {}
        for statement in sorted(statements, key=attrgetter("whole.start")):
            self._firsts.setdefault(statement.whole.start.row, statement)
        # The literals on each of the rows that have been covered, in the order of the text.
        self._literals: dict[int, list[Literal]] = {}
        self._masked: dict[range, str] = {}
        self._shown: dict[int, _Line] = {}
        # Whether all of the text had to be read for what is shown.
        self.is_of_whole = False

    def shown(self, statement: Statement, underlined: Span) -> Shown:
        """Return how a place in a statement may be shown; `underlined` is the part to mark."""
        masked = self.masked(statement.header)
        return Shown(statement.function, masked, self.snippet(underlined))

    def snippet(self, span: Span) -> Snippet:
        """Return the first lines of a span as they may be shown."""
        last_row = min(span.end.row, span.start.row + _MAX_SHOWN_LINES - 1)
        self._cover(range(span.start.row, last_row + 1))
        lines: list[str] = []
        start = end = 1
        for row in range(span.start.row, last_row + 1):
            line = self._line(row)
            first = line.moved(span.start.column) if row == span.start.row else None
            last = line.moved(span.end.column) if row == span.end.row else None
            # Of a line that is very long, what is around the place.
            cut = max((first or 1) - 1 - _MARGIN, 0)
            shown = line.text[cut : cut + 2 * _MARGIN]
            lines.append(shown)
            start = first - cut if first is not None else start
            end = min(last - cut, len(shown) + 1) if last is not None else len(shown) + 1
        return Snippet(span.start.row, tuple(lines), start, max(end, 1))

    def masked(self, span: Span) -> str:
        """Return the text of a span on one line, literals masked, white space folded.

        Of a text that is very long, a digest: each finding in its statement holds it.
        """
        rows = range(span.start.row, min(span.end.row + 1, len(self._lines)))
        if rows not in self._masked:
            self._cover(rows)
            parts = " ".join(self._line(row).text for row in rows)
            text = _NUMBER.sub(MASK, " ".join(parts.split()))
            if len(text) > _LONG_STATEMENT:
                text = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
            self._masked[rows] = text
        return self._masked[rows]

    def _line(self, row: int) -> _Line:
        """Return a line as it may be shown; it must have been covered."""
        if row not in self._shown:
            first, last = self._lines[row - 1], self._lines[row]
            pieces: list[str] = []
            sources, shown = [first], [0]
            offset, width = first, 0
            for literal in self._literals[row]:
                for piece_at, (piece, length) in _shown(self._text, literal, first, last):
                    pieces += (self._text[offset:piece_at], piece)
                    width += piece_at - offset
                    sources.append(piece_at)
                    shown.append(width)
                    width += len(piece)
                    offset = piece_at + length
                    sources.append(offset)
                    shown.append(width)
            pieces.append(self._text[offset:last])
            self._shown[row] = _Line("".join(pieces).rstrip("\r\n"), sources, shown)
        return self._shown[row]

    # ------------------------------------------------------------------ finding literals

    def _cover(self, rows: range) -> None:
        """Find the literals on these rows."""
        if all(row in self._literals for row in rows):
            return
        first, last = self._around(rows)
        literals = self._literals_of_rows(first, last)
        if literals is None:
            self.is_of_whole = True
            first, last = 1, len(self._lines) - 1
            literals = _literals_of(self._text)
        if literals is None:
            # What cannot be read is hidden, rather too much of it than too little.
            literals = [Literal(0, len(self._text), LiteralKind.TEXT)]
        self._shown.clear()
        self._masked.clear()
        self._literals.update((row, []) for row in range(first, last + 1))
        for literal in sorted(literals):
            row = bisect_right(self._lines, literal.begin)
            while row <= last and self._lines[row - 1] < literal.end:
                self._literals[row].append(literal)
                row += 1

    def _around(self, rows: range) -> tuple[int, int]:
        """Return the first and last row of all statements that share rows with these."""
        first, last = rows[0], rows[-1]
        index = bisect_left(self._groups, first, key=itemgetter(1))
        while index < len(self._groups) and self._groups[index][0] <= last:
            first, last = min(first, self._groups[index][0]), max(last, self._groups[index][1])
            index += 1
        return first, last

    def _literals_of_rows(self, first: int, last: int) -> list[Literal] | None:
        """Read these rows alone; None if that cannot be done."""
        if not self._begins_a_statement(first):
            return None
        begin, end = self._lines[first - 1], self._lines[min(last, len(self._lines) - 1)]
        literals = _literals_of(self._text[begin:end])
        return literals and [literal._replace(begin=literal.begin + begin) for literal in literals]

    def _begins_a_statement(self, row: int) -> bool:
        """Return whether nothing else stands on a row before a statement: no end of a string."""
        statement = self._firsts.get(row)
        if statement is None:
            return False
        line = self._text[self._lines[row - 1] : self._lines[row]]
        if row < statement.header.start.row:  # it is decorated
            return line.lstrip().startswith("@")
        return not line[: statement.header.start.column - 1].strip()


@lru_cache(maxsize=256)  # many handlers begin with the same words
def _literals_of(text: str) -> list[Literal] | None:
    """Return the literals of whole statements; None if these are none."""
    try:
        return literals_of(text)
    except (Unterminated, RecursionError):
        return None


def _shown(text: str, masked: Literal, first: int, last: int) -> list[tuple[int, tuple[str, int]]]:
    """Return what stands instead of a literal's contents on the line from `first` to `last`.

    Each entry is an offset, the text to show and how many characters it replaces.
    """
    begin, length = masked.begin, masked.length
    literal = text[begin : begin + length]
    if masked.kind is LiteralKind.COMMENT:
        return [(begin, ("", length))]
    if masked.kind is LiteralKind.NUMBER:
        return [(begin, (MASK, length))] if length >= _LONG_NUMBER else []
    prefix = 0
    while prefix < length and literal[prefix] not in "'\"":
        prefix += 1
    if masked.kind is LiteralKind.STRING:
        quotes = 3 if literal[prefix : prefix + 3] in ("'''", '"""') else 1
        inner_begin, inner_end = begin + prefix + quotes, begin + length - quotes
    else:  # the text part of an f-string has no quotes of its own
        inner_begin, inner_end = begin, begin + length
    inner_begin, inner_end = max(inner_begin, first), min(inner_end, last)
    while inner_end > inner_begin and text[inner_end - 1] in "\r\n":
        inner_end -= 1
    if inner_end <= inner_begin:
        return []
    return [(inner_begin, (MASK, inner_end - inner_begin))]
