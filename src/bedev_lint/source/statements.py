"""The statements of a module: where each stands, where its header ends, in what function it is."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bedev_lint.model import Location, Span
from bedev_lint.source.lines import Columns, lines
from bedev_lint.source.nodes import DEFINITIONS, first_row, suites
from bedev_lint.source.rows import Rows, is_among

__all__ = ["FAR", "Innermost", "Statement", "header_of", "statements"]

# A column behind the end of every line.
FAR = 10_000


class Statement(NamedTuple):
    """A statement, or a handler of `except`.

    `whole` goes from the first decorator to the end; `header` is the statement itself, of a
    compound one only up to its body; `function` is the dotted name of the functions and classes
    around it, its own included.
    """

    whole: Span
    header: Span
    function: str


class _Text(NamedTuple):
    columns: Columns
    lines: Sequence[str]


def statements(
    tree: ast.Module, text: str, wanted: Sequence[Rows] = ((1, FAR * FAR),)
) -> list[Statement]:
    """Return the statements of a module that have one of the rows wanted, in order.

    Outer ones stand before those in them; `wanted` are ranges that follow one another.
    """
    return list(_in_suite(tree.body, "", _Text(Columns(text), lines(text)), wanted))


class Innermost:
    """Finds the innermost of these statements, outer ones before those in them, at a place."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        self._starts = [statement.whole.start for statement in statements]
        # The index of the statement around each, -1 for none.
        self._around: list[int] = []
        open_: list[int] = []
        for index, statement in enumerate(statements):
            while open_ and statements[open_[-1]].whole.end <= statement.whole.start:
                open_.pop()
            self._around.append(open_[-1] if open_ else -1)
            open_.append(index)

    def at(self, place: Location) -> Statement:
        """Return the statement that a place is in; of no statement, an empty one."""
        index = bisect_right(self._starts, place) - 1
        while index >= 0 and self._statements[index].whole.end <= place:
            index = self._around[index]
        return (
            self._statements[index]
            if index >= 0
            else Statement(Span(place, place), Span(place, place), "")
        )


def header_of(
    node: ast.stmt | ast.ExceptHandler, text_lines: Sequence[str]
) -> tuple[int, int, int, int, int]:
    """Return where the header of a statement stands; all of it if it has no body.

    The first row with all decorators, its first row and column, and its last row and column,
    which is `FAR` where the header ends with its row. Columns are in bytes, as in `ast`;
    `text_lines` are the lines of the text.
    """
    inner = _start_of_body(node)
    if inner is None:  # nor does it have decorators
        last_row, last = node.end_lineno or node.lineno, node.end_col_offset or 0
        return node.lineno, node.lineno, node.col_offset, last_row, last
    first = first_row(node)
    row, column = inner
    if text_lines[row - 1].encode("utf-8", "surrogatepass")[:column].strip():
        return first, node.lineno, node.col_offset, row, column
    return first, node.lineno, node.col_offset, max(row - 1, node.lineno), FAR


def _start_of_body(node: ast.AST) -> tuple[int, int] | None:
    """Return the row and column at which the body of a statement begins, None if it has none."""
    if isinstance(node, ast.Match):
        return node.cases[0].pattern.lineno, 0
    body: Sequence[ast.stmt] = getattr(node, "body", ())
    if not body:
        return None
    row = first_row(body[0])
    return row, body[0].col_offset if row == body[0].lineno else 0


def _in_suite(
    suite: Sequence[ast.AST], function: str, text: _Text, wanted: Sequence[Rows]
) -> Iterator[Statement]:
    for node in suite:
        if isinstance(node, ast.match_case):
            yield from _in_suite(node.body, function, text, wanted)
            continue
        assert isinstance(node, (ast.stmt, ast.ExceptHandler))
        first, last = first_row(node), node.end_lineno or node.lineno
        if not is_among((first, last), wanted):
            continue
        name = function
        if isinstance(node, DEFINITIONS):
            name = f"{function}.{node.name}" if function else node.name
        yield _statement(node, name, text)
        for inner in suites(node):
            yield from _in_suite(inner, name, text, wanted)


def _statement(node: ast.stmt | ast.ExceptHandler, function: str, text: _Text) -> Statement:
    first, row, column, last_row, last = header_of(node, text.lines)
    start = text.columns.location(row, column)
    end = text.columns.location(node.end_lineno or node.lineno, node.end_col_offset or 0)
    whole = Span(min(start, Location(first, 1)) if first < row else start, end)
    stop = Location(last_row, FAR) if last == FAR else text.columns.location(last_row, last)
    return Statement(whole, Span(start, stop), function)
