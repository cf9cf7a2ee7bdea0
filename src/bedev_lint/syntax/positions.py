"""Where nodes stand: statements where Python's own parser saw them, the rest within these."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import libcst as cst

from bedev_lint.model import Location, Span
from bedev_lint.source import Columns, first_row, line_starts
from bedev_lint.syntax.generation import generate
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.walk import one_by_one, rows_left_out

__all__ = ["AllSpans", "Positions", "Written"]

_Read = ast.stmt | ast.ExceptHandler
# Most statements, in which no others stand.
_SMALL = frozenset({cst.Expr, cst.Assign, cst.Return, cst.Raise})
_DEF = re.compile(r"(?:async[\s\\]+)?def[\s\\]+")


class AllSpans:
    """The spans of all nodes of a tree: slow, but it needs nothing else."""

    def __init__(self, tree: cst.Module, text: str) -> None:
        self._counter = generate(tree, tree, _Everything())
        # LibCST forgets a form feed, or the space in `except *  X`: places are then those of
        # the text that it writes.
        written = "".join(self._counter.tokens)
        self._text = text if text.startswith(written) else written
        self._lines = line_starts(self._text)

    def span(self, node: cst.CSTNode) -> Span:
        """Return where the node stands, without the white space around it."""
        start, end = self._counter.starts[node], self._counter.ends[node]
        while end > start and self._text[end - 1].isspace():
            end -= 1
        return Span(_location(self._lines, start), _location(self._lines, end))


class _Everything(frozenset[cst.CSTNode]):
    """Every node is in it, and as it counts none, all are generated."""

    def __contains__(self, _node: object) -> bool:
        return True


class Written(NamedTuple):
    """The code of a statement with the lines above it, and the offset where it starts.

    `indents` are those of the blocks around it, outermost first.
    """

    start: int
    code: str
    indents: Sequence[str]


class Positions:
    """Where the nodes of a module stand, which may have been parsed in part."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._text = module.text
        self._lines = line_starts(module.text)
        self._columns = Columns(module.text)

    def spans(self, nodes: Iterable[cst.CSTNode]) -> dict[cst.CSTNode, Span]:
        """Return where nodes stand, without the white space around them."""
        inner: dict[cst.CSTNode, set[cst.CSTNode]] = {}
        spans: dict[cst.CSTNode, Span] = {}
        for node in nodes:
            statement = self._module.statement_of(node)
            read = self._statements.get(statement)
            if read is None:
                spans[node] = self._all.span(node)
            elif node is statement:
                end = (read.end_lineno or read.lineno, read.end_col_offset or 0)
                spans[node] = Span(self._start(read), self._columns.location(*end))
            else:
                inner.setdefault(statement, set()).add(node)
        for statement, wanted in inner.items():
            read = self._statements[statement]
            spans.update(
                self._within(statement, read, wanted)
                or {node: self._all.span(node) for node in wanted}
            )
        return spans

    def name(self, function: cst.FunctionDef) -> Span:
        """Return where the name of a function stands, behind its `def`."""
        read = self._statements.get(function)
        keyword = _DEF.match(self._text, self._offset(read)) if read is not None else None
        if keyword is None:
            return self._all.span(function.name)
        ends = (keyword.end(), keyword.end() + len(function.name.value))
        return Span(*(_location(self._lines, offset) for offset in ends))

    def rows(self, node: cst.CSTNode) -> range:
        """Return the rows of the statement that holds a node; those of the text if not known."""
        read = self._statements.get(self._module.statement_of(node))
        if read is None:
            return range(1, len(self._lines) + 1)
        return range(first_row(read), (read.end_lineno or read.lineno) + 1)

    def written(self, statement: cst.CSTNode) -> Written | None:
        """Return how a statement is written; None where LibCST would write it in another way."""
        # A line is where the first of its statements is.
        first = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement
        read = self._statements.get(first)
        if read is None:
            return None
        indents = self._indents(statement)
        counter = generate(self._module.tree, statement, {statement}, indents)
        start, code = self._offset(read) - counter.anchor, "".join(counter.tokens)
        is_same = start >= 0 and self._text.startswith(code, start)
        return Written(start, code, indents) if is_same else None

    @cached_property
    def _all(self) -> AllSpans:
        return AllSpans(self._module.tree, self._text)

    @cached_property
    def _statements(self) -> dict[cst.CSTNode, _Read]:
        """The statements as Python's own parser saw them; none where the two do not agree."""
        try:
            return dict(_paired(self._module.tree.body, self._module.by_python.body))
        except _Different:
            return {}

    def _start(self, read: _Read) -> Location:
        return self._columns.location(read.lineno, read.col_offset)

    def _offset(self, read: _Read) -> int:
        start = self._start(read)
        return self._lines[start.row - 1] + start.column - 1

    def _within(
        self, statement: cst.CSTNode, read: _Read, wanted: set[cst.CSTNode]
    ) -> dict[cst.CSTNode, Span]:
        """Find nodes by generating their statement; none if that is not what the source has."""
        counter = generate(self._module.tree, statement, wanted, self._indents(statement))
        shift = self._offset(read) - counter.anchor
        if shift < 0 or not self._text.startswith("".join(counter.tokens), shift):
            return {}
        return {
            node: Span(
                _location(self._lines, counter.starts[node] + shift),
                _location(self._lines, counter.ends[node] + shift),
            )
            for node in wanted
        }

    def _indents(self, statement: cst.CSTNode) -> list[str]:
        around = [n for n in self._module.ancestors(statement) if isinstance(n, cst.IndentedBlock)]
        default = self._module.tree.default_indent
        return [default if block.indent is None else block.indent for block in reversed(around)]


def _location(lines: Sequence[int], offset: int) -> Location:
    row = bisect_right(lines, offset)
    return Location(row, offset - lines[row - 1] + 1)


class _Different(Exception):
    """Two parsers have not read the same statements."""


def _paired(
    suite: Sequence[cst.CSTNode], read: Sequence[ast.AST]
) -> Iterator[tuple[cst.CSTNode, _Read]]:
    """Return the statements of a suite, and those in them, each with what Python's parser saw."""
    stack = [(suite, read)]
    while stack:
        suite, read = stack.pop()
        index = 0
        for node in one_by_one(suite, whole=False):
            if index >= len(read):
                raise _Different
            other = read[index]
            assert isinstance(other, (ast.stmt, ast.ExceptHandler))
            index += 1
            rows_gone = rows_left_out(node)
            if rows_gone:
                behind = first_row(other) + rows_gone
                while index < len(read) and first_row(read[index]) < behind:
                    index += 1
                continue
            yield node, other
            if node.__class__ not in _SMALL:
                stack += _suites(node, other)
        if index < len(read):
            raise _Different


def _suites(
    node: cst.CSTNode, read: ast.AST
) -> Iterator[tuple[Sequence[cst.CSTNode], Sequence[ast.AST]]]:
    """Return the suites of a statement beside those that Python's parser saw."""
    if isinstance(node, cst.Match):
        for case, other in zip(node.cases, getattr(read, "cases", ()), strict=False):
            yield case.body.body, other.body
        return
    suite = getattr(node, "body", None)
    if not isinstance(suite, cst.BaseSuite):
        return
    yield suite.body, getattr(read, "body", ())
    if isinstance(node, (cst.Try, cst.TryStar)):
        yield node.handlers, getattr(read, "handlers", ())
    for field in ("orelse", "finalbody"):
        clause, others = getattr(node, field, None), getattr(read, field, ())
        if isinstance(clause, cst.If):
            yield [clause], others
        elif clause is not None:
            yield clause.body.body, others
