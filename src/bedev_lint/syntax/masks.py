"""Lines as they may be shown: the contents of strings, long numbers and comments hidden.

What is shown of a file is a few lines here and there. Only the statements on these lines are
parsed, each as a module of its own; all of the file only where that does not work.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter

import libcst as cst

from bedev_lint.model import Location, Shown, Snippet, Span
from bedev_lint.source import FAR, Limit, Statement, Unparsable, line_starts
from bedev_lint.syntax.generation import Literal, generate
from bedev_lint.syntax.parse import parse

__all__ = ["Masks"]

MASK = "…"
# Shorter numbers are time-outs and status codes; a longer one may be a PIN.
_LONG_NUMBER = 4
_NUMBER = re.compile(r"(?<![\w…])\d[\w.]*")
_MAX_SHOWN_LINES = 4
_TEXTS = (cst.FormattedStringText, cst.TemplatedStringText)
_NUMBERS = (cst.Integer, cst.Float, cst.Imaginary)
# What makes a module of lines that are none: clauses need their statement, headers a body.
_BEFORE = {
    "except": "try: pass\n",
    "finally": "try: pass\n",
    "else": "if 0: pass\n",
    "elif": "if 0: pass\n",
}
_BODY = " pass"
_ENDS = ("\n", "\r")


class Masks:
    """Shows lines of one text; `known` are statements on them, of which only headers matter."""

    def __init__(self, text: str, known: Sequence[Statement]) -> None:
        self._text, self._known = text, known
        # Where each line begins, and where the last one ends.
        self._lines = [*line_starts(text), len(text)]
        # In the order of the text; those of all lines that have been covered.
        self._literals: list[Literal] = []
        self._covered: set[int] = set()
        # Whether all of the text had to be read for what is shown.
        self.is_of_whole = False

    def shown(self, statement: Statement, underlined: Span) -> Shown:
        """Return how a place in a statement may be shown; `underlined` is the part to mark."""
        header = statement.header
        return Shown(
            statement.function,
            self.masked(header),
            (header.start.row, header.end.row),
            self.snippet(underlined),
        )

    def line_end(self, row: int) -> Location:
        """Return the place just behind the last character of a row that is no white space."""
        first, last = self._lines[row - 1], self._lines[row]
        return Location(row, len(self._text[first:last].rstrip()) + 1)

    def snippet(self, span: Span) -> Snippet:
        """Return the first lines of a span as they may be shown."""
        last_row = min(span.end.row, span.start.row + _MAX_SHOWN_LINES - 1)
        self._cover(range(span.start.row, last_row + 1))
        lines: list[str] = []
        start = end = 1
        for row in range(span.start.row, last_row + 1):
            first = span.start.column if row == span.start.row else None
            last = span.end.column if row == span.end.row else None
            line, marks = self._masked_line(row, (first, last))
            lines.append(line)
            start = marks[0] if first is not None else start
            end = marks[1] if last is not None else len(line) + 1
        return Snippet(span.start.row, tuple(lines), start, end)

    def masked(self, span: Span) -> str:
        """Return the text of a span on one line, literals masked, white space folded."""
        rows = range(span.start.row, min(span.end.row + 1, len(self._lines)))
        self._cover(rows)
        parts = [self._masked_line(row, (None, None))[0] for row in rows]
        return _NUMBER.sub(MASK, " ".join(" ".join(parts).split()))

    def _masked_line(
        self, row: int, columns: tuple[int | None, int | None]
    ) -> tuple[str, tuple[int, int]]:
        """Mask one line, and say where these columns are afterwards."""
        first, last = self._lines[row - 1], self._lines[row]
        pieces: list[str] = []
        # Pairs of offsets: in the source, and in the masked line.
        known: list[tuple[int, int]] = []
        at, width = first, 0
        for literal in self._strings_between(first, last):
            for piece_at, piece in _shown(self._text, literal, first, last):
                if piece_at > at:
                    pieces.append(self._text[at:piece_at])
                    known.append((at, width))
                    width += piece_at - at
                known.append((piece_at, width))
                pieces.append(piece[0])
                width += len(piece[0])
                at = piece_at + piece[1]
        known.append((at, width))
        pieces.append(self._text[at:last])
        line = "".join(pieces).rstrip("\r\n")

        def moved(column: int | None) -> int:
            if column is None:
                return 1
            offset = first + column - 1
            source, shown = next(
                pair for pair in reversed([(first, 0), *known]) if pair[0] <= offset
            )
            return min(shown + offset - source, len(line)) + 1

        return line, (moved(columns[0]), moved(columns[1]))

    def _strings_between(self, first: int, last: int) -> list[Literal]:
        strings = self._literals
        index = bisect_left(strings, first, key=attrgetter("begin"))
        # A string of several lines may begin far above.
        while index > 0 and strings[index - 1].end > first:
            index -= 1
        found = []
        while index < len(strings) and strings[index].begin < last:
            if strings[index].end > first:
                found.append(strings[index])
            index += 1
        return found

    # ------------------------------------------------------------------ finding literals

    def _cover(self, rows: range) -> None:
        """Find the literals on these rows."""
        if self._covered.issuperset(rows):
            return
        first, last = self._around(rows)
        found = self._literals_of_rows(first, last)
        if found is None:
            self.is_of_whole = True
            first, last = 1, len(self._lines) - 1
            found = _literals_of(self._text)
            self._literals = []
        if found is None:
            # LibCST does not write every file as it was: hide too much rather than too little.
            found = [Literal(0, len(self._text), cst.FormattedStringText)]
        self._covered.update(range(first, last + 1))
        self._literals = sorted({*self._literals, *found})

    def _around(self, rows: range) -> tuple[int, int]:
        """Return the first and last row of all statements that share rows with these."""
        first, last = rows[0], rows[-1]
        while True:
            begin, end = first, last
            for whole, header, _ in self._known:
                if whole.start.row <= last and header.end.row >= first:
                    begin, end = min(begin, whole.start.row), max(end, header.end.row)
            if (begin, end) == (first, last):
                return first, last
            first, last = begin, end

    def _literals_of_rows(self, first: int, last: int) -> list[Literal] | None:
        """Parse these rows as a module of their own; None if that cannot be done."""
        if not self._begins_a_statement(first):
            return None
        begin, end = self._lines[first - 1], self._lines[min(last, len(self._lines) - 1)]
        piece = self._text[begin:end]
        indent = piece[: len(piece) - len(piece.lstrip(" \t"))]
        word = piece[len(indent) :].split(None, 1)[:1]
        before = _BEFORE.get(word[0].rstrip(":*(") if word else "", "")
        before = ("if 0:\n" if indent else "") + (indent + before if before else "")
        is_header = any(h.end.column == FAR and h.end.row == last for _, h, _ in self._known)
        whole = (
            f"{before}{piece}{indent if piece.endswith(_ENDS) else ''}{_BODY}"
            if is_header
            else before + piece
        )
        found = _literals_of(whole)
        if found is None:
            return None
        shift = begin - len(before)
        return [
            literal._replace(begin=literal.begin + shift)
            for literal in found
            if len(before) <= literal.begin < len(before) + len(piece)
        ]

    def _begins_a_statement(self, row: int) -> bool:
        """Return whether nothing else stands on a row before a statement: no end of a string."""
        line = self._text[self._lines[row - 1] : self._lines[row]]
        for whole, header, _ in self._known:
            if whole.start.row == row:
                is_decorated = whole.start.row < header.start.row
                before = "" if is_decorated else line[: header.start.column - 1]
                if not before.strip() and (not is_decorated or line.lstrip().startswith("@")):
                    return True
        return False


@lru_cache(maxsize=256)  # many handlers begin with the same words
def _literals_of(text: str) -> list[Literal] | None:
    """Return the literals of a module; None if LibCST cannot read it, or not write it again."""
    try:
        tree = parse(text)
    except (Unparsable, Limit):
        return None
    counter = generate(tree, tree, {tree})
    return counter.literals if "".join(counter.tokens).rstrip() == text.rstrip() else None


def _shown(text: str, masked: Literal, first: int, last: int) -> list[tuple[int, tuple[str, int]]]:
    """Return what stands instead of a literal's contents on the line from `first` to `last`.

    Each entry is an offset, the text to show and how many characters it replaces.
    """
    begin, length = masked.begin, masked.length
    literal = text[begin : begin + length]
    if masked.kind is cst.Comment:
        return [(begin, ("", length))]
    if masked.kind in _NUMBERS:
        return [(begin, (MASK, length))] if length >= _LONG_NUMBER else []
    prefix = 0
    while prefix < length and literal[prefix] not in "'\"":
        prefix += 1
    if masked.kind not in _TEXTS:
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
