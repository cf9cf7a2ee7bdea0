"""The statements of a module: where each stands, where its header ends, in what function it is."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from bedev_lint.model import Location, Span
from bedev_lint.source.lines import Columns

__all__ = ["FAR", "Statement", "innermost", "statements"]

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# A column behind the end of every line.
FAR = 10_000
_NOWHERE = Location(10**9, 1)
_SUITES = ("body", "handlers", "orelse", "finalbody", "cases")


class Statement(NamedTuple):
    """A statement, or a handler of `except`.

    `whole` goes from the first decorator to the end; `header` is the statement itself, of a
    compound one only up to its body; `function` is the dotted name of the functions and classes
    around it, its own included.
    """

    whole: Span
    header: Span
    function: str


def statements(tree: ast.Module, text: str, rows: Collection[int] | None = None) -> list[Statement]:
    """Return the statements of a module, outer ones before those in them.

    Given `rows`, only those that have one of them.
    """
    wanted = [(1, FAR * FAR)] if rows is None else _ranges(rows)
    return list(_in_suite(tree.body, "", Columns(text), wanted))


def _ranges(rows: Collection[int]) -> list[tuple[int, int]]:
    """Return rows as ranges, each with its first and last, none next to another."""
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and row <= found[-1][1] + 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def innermost(known: Sequence[Statement], at: Location) -> Statement:
    """Return the innermost statement that a place is in; of no statement, an empty one."""
    found = Statement(Span(at, at), Span(at, at), "")
    for statement in known:
        if statement.whole.start <= at < statement.whole.end:
            found = statement
    return found


def _in_suite(
    suite: Sequence[ast.AST],
    function: str,
    columns: Columns,
    wanted: Sequence[tuple[int, int]],
) -> Iterator[Statement]:
    for node in suite:
        if isinstance(node, ast.match_case):
            yield from _in_suite(node.body, function, columns, wanted)
            continue
        assert isinstance(node, (ast.stmt, ast.ExceptHandler))
        first, last = min(node.lineno, _decorated(node).row), node.end_lineno or node.lineno
        # The first range that does not end before this statement begins.
        at = bisect_left(wanted, first, key=itemgetter(1))
        if at == len(wanted) or wanted[at][0] > last:
            continue
        name = function
        if isinstance(node, _DEFINITIONS):
            name = f"{function}.{node.name}" if function else node.name
        yield _statement(node, name, columns)
        for field in _SUITES:
            inner = getattr(node, field, ())
            if inner and isinstance(inner, list):
                yield from _in_suite(inner, name, columns, wanted)


def _statement(node: ast.stmt | ast.ExceptHandler, function: str, columns: Columns) -> Statement:
    start = columns.location(node.lineno, node.col_offset)
    end = columns.location(node.end_lineno or node.lineno, node.end_col_offset or 0)
    body: Sequence[ast.stmt] = getattr(node, "body", ())
    header = Span(start, end)
    if body:
        inner = min(_decorated(body[0]), columns.location(body[0].lineno, body[0].col_offset))
        last = Location(max(inner.row - 1, start.row), FAR)
        header = Span(start, inner if inner.row == start.row else last)
    return Statement(Span(min(start, _decorated(node)), end), header, function)


def _decorated(node: ast.AST) -> Location:
    """Return the start of the row of the first decorator; without any, a place behind all."""
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return min((Location(decorator.lineno, 1) for decorator in decorators), default=_NOWHERE)
