"""A module with what cannot matter left out, every line where it was: LibCST is slow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple
from unicodedata import normalize

from bedev_lint.source.lines import line_starts
from bedev_lint.source.nodes import DEFINITIONS, FUNCTIONS, first_row, rows_of, suites
from bedev_lint.source.rows import Rows, is_among, merged
from bedev_lint.source.staying import Staying

__all__ = ["Part", "enclosing", "is_left_out", "names_bound", "parts", "unchanging", "without"]

# No source has such a character: no real string is taken for one that stands for a part.
_MARK = "'''\0"
_QUOTES = "'''"
_WORD = re.compile(r"\w+")
_is_word = _WORD.fullmatch
_GOES_ON = ("\\\n", "\\\r\n", "\\\r")


class Part(NamedTuple):
    """Statements of a suite, one after the other, which are left out.

    `start` is the offset of the first character behind the indentation, `end` that of the line
    after them. `names` are those that they bind. `head` is what has to stay: of a function that
    others name, its name.
    """

    first_row: int
    last_row: int
    start: int
    end: int
    names: frozenset[str] = frozenset()
    head: str = ""


def parts(tree: ast.Module, text: str, wanted: Sequence[Rows]) -> list[Part]:
    """Return all that can be left out if these rows matter, in the order of the text.

    With a statement on such a row stays all around it but other suites, and what binds the names
    that rules are likely to ask for; the other names are those of the parts.
    """
    left_out = _Parts(text, Staying(tree, text, wanted))
    left_out.look_at(tree.body)
    return left_out.parts


def enclosing(tree: ast.Module, wanted: Sequence[Rows]) -> list[Rows]:
    """Return the rows of whole statements that have one of these rows.

    They are the outermost but classes: of a class those of its body.
    """
    ranges = merged(wanted)
    found: list[Rows] = []
    suites_left: list[Sequence[ast.stmt]] = [tree.body]
    while suites_left:
        for node in suites_left.pop():
            rows = rows_of(node)
            if not is_among(rows, ranges):
                continue
            if isinstance(node, ast.ClassDef):
                suites_left.append(node.body)
                rows = first_row(node), node.body[0].lineno
            found.append(rows)
    return found


def without(text: str, left_out: Sequence[Part]) -> str:
    """Return the text without these parts, in the order of the text."""
    pieces: list[str] = []
    for kept, part in _pieces(text, left_out):
        # One string costs less to parse than many empty lines.
        rows = "\n" * (part.last_row - part.first_row)
        names = " ".join(sorted(part.names))
        pieces += [kept, f"{part.head}{_MARK}{names}{rows}{_QUOTES}"]
    return "".join([*pieces, _rest(text, left_out)])


def unchanging(text: str, left_out: Sequence[Part]) -> str:
    """Return what stays the same of `without`, whatever rows and names these parts have.

    Of their names there are those that may be asked for: those that are in the rest of the text.
    """
    pieces = list(_pieces(text, left_out))
    rest = _rest(text, left_out)
    every = "".join([*(kept for kept, _ in pieces), *(part.head for _, part in pieces), rest])
    if not every.isascii():
        every = normalize("NFKC", every)  # as Python reads names: `ﬁ` is `fi`
    words = frozenset(_WORD.findall(every))
    unchanged: list[str] = []
    for kept, part in pieces:
        # A name may also have letters that are of no word.
        names_asked_for = (
            name for name in sorted(part.names) if name in words or not _is_word(name)
        )
        names = " ".join(names_asked_for)
        unchanged += [kept, f"{part.head}{_MARK}{names}{_QUOTES}"]
    return "".join([*unchanged, rest])


def _pieces(text: str, left_out: Iterable[Part]) -> Iterator[tuple[str, Part]]:
    """Return the parts, each with the text before it."""
    offset = 0
    for part in left_out:
        yield text[offset : part.start], part
        offset = _end(text, part)


def _rest(text: str, left_out: Sequence[Part]) -> str:
    """Return the text behind all parts."""
    return text[_end(text, left_out[-1]) :] if left_out else text


def _end(text: str, part: Part) -> int:
    """Return where a part ends, without the end of its last line."""
    offset = part.end
    while offset > part.start and text[offset - 1] in "\r\n":
        offset -= 1
    return offset


def is_left_out(literal: str) -> bool:
    """Return whether a string, as it is written, stands for a part that was left out."""
    return literal.startswith(_MARK)


def names_bound(literal: str) -> list[str]:
    """Return the names that are bound in the part that a string stands for."""
    return literal[len(_MARK) : -len(_QUOTES)].split()


class _Parts:
    """What is left out (`found`) of the suites of a module, given what stays."""

    def __init__(self, text: str, staying: Staying) -> None:
        self.parts: list[Part] = []
        self._text, self._staying = text, staying
        self._starts = [*line_starts(text), len(text)]

    def look_at(self, suite: Sequence[ast.AST]) -> None:
        run: list[ast.AST] = []
        for group in self._groups(suite):
            node = group[0]
            if self._stays(group):
                self._leave_out(run)
                run = []
                for inner in chain(*map(_bodies, group)):
                    self.look_at(inner)
            elif isinstance(node, FUNCTIONS) and node in self._staying.named and len(group) == 1:
                self._leave_out(run)
                run = []
                self._leave_out(group, f"def {node.name}(): ")
            else:
                run += group
        self._leave_out(run)

    def _groups(self, suite: Sequence[ast.AST]) -> Iterator[list[ast.AST]]:
        """Return the statements of a suite, together those that share a row."""
        group: list[ast.AST] = []
        end = 0
        for node in suite:
            first, last = rows_of(node)
            if group and first > end and not self._goes_on(first):
                yield group
                group = []
            group.append(node)
            end = max(end, last)
        if group:
            yield group

    def _stays(self, group: Sequence[ast.AST]) -> bool:
        """Return whether statements matter; or share a row with what is around them."""
        if not self._staying.statements.isdisjoint(group):
            return True
        node, first = group[0], rows_of(group[0])[0]
        start = self._start(first)
        column = node.col_offset if isinstance(node, ast.stmt) else 0
        return (
            column != start - self._starts[first - 1]
            or self._goes_on(first)
            or (node.__class__ is ast.If and self._text.startswith("elif", start))
        )

    def _goes_on(self, row: int) -> bool:
        """Return whether a row goes on with what the one before it has begun."""
        return self._text.endswith(_GOES_ON, 0, self._starts[row - 1])

    def _start(self, row: int) -> int:
        """Return the offset of the first character of a row behind its indentation."""
        line = self._text[self._starts[row - 1] : self._starts[row]]
        return self._starts[row - 1] + len(line) - len(line.lstrip(" \t"))

    def _leave_out(self, nodes: Sequence[ast.AST], head: str = "") -> None:
        if nodes:
            first, last = rows_of(nodes[0])[0], max(rows_of(node)[1] for node in nodes)
            names = frozenset() if head else frozenset(self._bound_in(nodes))
            self.parts.append(
                Part(first, last, self._start(first), self._starts[last], names, head)
            )

    def _bound_in(self, suite: Iterable[ast.AST]) -> Iterator[str]:
        """Return the names that statements bind, and those in them in the same scope."""
        for node in suite:
            yield from self._staying.bound.get(node, ())
            if node.__class__ not in DEFINITIONS:
                for inner in suites(node):
                    yield from self._bound_in(inner)


def _bodies(statement: ast.AST) -> Iterator[Sequence[ast.AST]]:
    """Return the suites of a statement of which something may be left out: none of handlers."""
    for suite in suites(statement):
        if isinstance(suite[0], ast.match_case):
            yield from (case.body for case in suite if isinstance(case, ast.match_case))
        elif not isinstance(suite[0], ast.ExceptHandler):
            yield suite
