"""Where a few nodes stand, and their lines with every string masked, from one code generation."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from operator import attrgetter
from typing import NamedTuple

import libcst as cst
from libcst._nodes.internal import CodegenState

from bedev_lint.model import Location, Snippet, Span
from bedev_lint.source import line_starts
from bedev_lint.syntax.module import Module

__all__ = ["Places", "literals", "locate"]

MASK = "…"
# Shorter numbers are time-outs and status codes; a longer one may be a PIN.
_LONG_NUMBER = 4
_NUMBER = re.compile(r"(?<![\w…])\d[\w.]*")
_MAX_SHOWN_LINES = 4


class _AllFound(Exception):
    """All wanted nodes have been seen, and what else stands on the line of the last."""


class _Masked(NamedTuple):
    """A literal or comment that is not shown. `kind` is the class of its node."""

    begin: int
    length: int
    kind: type[cst.CSTNode]

    @property
    def end(self) -> int:
        return self.begin + self.length


_TEXTS = frozenset({cst.FormattedStringText, cst.TemplatedStringText})
_NUMBERS = frozenset({cst.Integer, cst.Float, cst.Imaginary})
_LITERALS = frozenset({cst.SimpleString, cst.Comment}) | _TEXTS | _NUMBERS


class _Counter(CodegenState):
    """Counts characters, and notes where wanted nodes start and end.

    `tokens` are what has been generated: not all of it is as it was in the source.
    """

    def __init__(self, tree: cst.Module, wanted: Collection[cst.CSTNode]) -> None:
        super().__init__(tree.default_indent, tree.default_newline)
        self.offset = 0
        self.starts: dict[cst.CSTNode, int] = {}
        self.ends: dict[cst.CSTNode, int] = {}
        self.strings: list[_Masked] = []
        self._wanted = wanted if isinstance(wanted, (set, frozenset, dict)) else set(wanted)
        self._precise: set[cst.CSTNode] = set()
        self._missing = len(self._wanted)

    def add(self, part: _Counter, shift: int) -> None:
        """Take over what has been found in a part of the text that starts later than it knew."""
        self.starts.update((node, start + shift) for node, start in part.starts.items())
        self.ends.update((node, end + shift) for node, end in part.ends.items())
        self.strings += [item._replace(begin=item.begin + shift) for item in part.strings]

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.tokens.append(token)
            self.offset += len(token)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)
        if not self._missing and ("\n" in value or "\r" in value):
            raise _AllFound

    def pop_trailing_newline(self) -> None:
        pass

    def before_codegen(self, node: cst.CSTNode) -> None:
        kind = node.__class__
        if kind in _LITERALS:
            length = len(node.value)  # type: ignore[attr-defined]
            self.strings.append(_Masked(self.offset + _parentheses(node), length, kind))
        if node in self._wanted:
            self.starts[node] = self.offset

    def after_codegen(self, node: cst.CSTNode) -> None:
        if node in self._wanted:
            self._missing -= 1
            if node not in self._precise:
                self.ends[node] = self.offset

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        start = self.offset
        yield
        if node in self._wanted:
            self._precise.add(node)
            self.starts[node] = start
            self.ends[node] = self.offset


class Places:
    """Spans and masked snippets of the nodes that were asked for."""

    def __init__(self, text: str, counter: _Counter) -> None:
        self._text = text
        self._counter = counter
        self._lines = line_starts(text)

    def location(self, offset: int) -> Location:
        row = bisect_right(self._lines, offset)
        return Location(row, offset - self._lines[row - 1] + 1)

    def span(self, node: cst.CSTNode) -> Span:
        """Return where the node stands, without the white space around it."""
        start, end = self._counter.starts[node], self._counter.ends[node]
        text = self._text
        while end > start and text[end - 1].isspace():
            end -= 1
        return Span(self.location(start), self.location(end))

    def line_end(self, row: int) -> Location:
        """Return the place just behind the last character of a row that is no white space."""
        first = self._lines[row - 1]
        last = self._lines[row] if row < len(self._lines) else len(self._text)
        return Location(row, len(self._text[first:last].rstrip()) + 1)

    def snippet(self, span: Span) -> Snippet:
        """Return the first lines of a span as they may be shown."""
        last_row = min(span.end.row, span.start.row + _MAX_SHOWN_LINES - 1)
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
        rows = range(span.start.row, min(span.end.row, len(self._lines)) + 1)
        parts = [self._masked_line(row, (None, None))[0] for row in rows]
        return _NUMBER.sub(MASK, " ".join(" ".join(parts).split()))

    def _masked_line(
        self, row: int, columns: tuple[int | None, int | None]
    ) -> tuple[str, tuple[int, int]]:
        """Mask one line, and say where these columns are afterwards."""
        first = self._lines[row - 1]
        last = self._lines[row] if row < len(self._lines) else len(self._text)
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

    def _strings_between(self, first: int, last: int) -> list[_Masked]:
        strings = self._counter.strings
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


def _parentheses(node: cst.CSTNode) -> int:
    """Return how many characters stand before a literal within its own parentheses."""
    state = CodegenState("", "\n")
    for parenthesis in getattr(node, "lpar", ()):
        parenthesis._codegen(state)
    return len("".join(state.tokens))


def _shown(text: str, masked: _Masked, first: int, last: int) -> list[tuple[int, tuple[str, int]]]:
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


def locate(
    tree: cst.Module,
    text: str,
    wanted: Collection[cst.CSTNode],
    module: Module | None = None,
) -> Places:
    """Find the wanted nodes of a tree in the text that it was parsed from.

    Given the module of the tree, statements are only looked at that hold wanted nodes.
    """
    if module is not None and module.by_python is not None:
        parts: dict[cst.CSTNode, set[cst.CSTNode]] = {}
        for node in wanted:
            statement = module.outermost(node)
            parts.setdefault(statement, {statement}).add(node)
        counter = _by_statements(tree, text, parts, module.by_python)
        if counter is not None:
            return Places(text, counter)
    counter = _Counter(tree, wanted)
    with suppress(_AllFound):
        tree._codegen(counter)
    # LibCST forgets a form feed, or the space in `except *  X`: places are then those of the
    # text that it writes, so that a mask never slips off what it hides.
    written = "".join(counter.tokens)
    return Places(text if text.startswith(written) else written, counter)


def literals(tree: cst.Module, text: str, rows: Collection[int], read: ast.Module) -> Places:
    """Find the literals on these rows, to mask them; `read` is what Python's parser made of it."""
    starts = _statement_starts(tree, text, read)
    if starts is not None:
        statements = sorted(starts, key=starts.__getitem__)
        firsts = [starts[statement] for statement in statements]
        lines = line_starts(text)
        held = {max(bisect_right(firsts, lines[row - 1]) - 1, 0) for row in rows}
        parts = {statements[index]: {statements[index]} for index in held}
        counter = _by_statements(tree, text, parts, read)
        if counter is not None:
            return Places(text, counter)
    return locate(tree, text, {tree})


def _by_statements(
    tree: cst.Module,
    text: str,
    parts: Mapping[cst.CSTNode, Collection[cst.CSTNode]],
    read: ast.Module,
) -> _Counter | None:
    """Find nodes by generating only the statements of the module that hold them.

    `parts` are these statements, each with what is wanted of it; `read` is what Python's own
    parser made of the module. None where the two parsers do not agree.
    """
    starts = _statement_starts(tree, text, read)
    if starts is None or not starts.keys() >= parts.keys():
        return None
    whole = _Counter(tree, ())
    for statement in sorted(parts, key=starts.__getitem__):
        part = _Counter(tree, parts[statement])
        statement._codegen(part)
        shift = starts[statement] - part.starts[statement]
        if not text.startswith("".join(part.tokens), max(shift, 0)):
            return None
        whole.add(part, shift)
    return whole


def _statement_starts(
    tree: cst.Module, text: str, read: ast.Module
) -> dict[cst.CSTNode, int] | None:
    """Return where the statements of a module start."""
    lines = line_starts(text)
    body = read.body
    starts: dict[cst.CSTNode, int] = {}
    index = 0
    for statement in tree.body:
        if index >= len(body) or body[index].col_offset:
            return None
        starts[statement] = lines[body[index].lineno - 1]
        index += len(statement.body) if isinstance(statement, cst.SimpleStatementLine) else 1
    return starts if index == len(body) else None
