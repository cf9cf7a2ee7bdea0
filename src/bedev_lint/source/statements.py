"""The statements of a module: where each stands, where its header ends, in what function it is."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from bedev_lint.model import Location, Span
from bedev_lint.source.lines import Columns, lines
from bedev_lint.source.nodes import DEFINITIONS, first_row, suites
from bedev_lint.source.rows import Rows, is_among, merged

__all__ = ["FAR", "Statement", "header_of", "innermost", "statements"]

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
    rows: Sequence[str]


def statements(tree: ast.Module, text: str, rows: Collection[int] | None = None) -> list[Statement]:
    """Return the statements of a module, outer ones before those in them.

    Given `rows`, only those that have one of them.
    """
    wanted = [(1, FAR * FAR)] if rows is None else merged((row, row) for row in rows)
    return list(_in_suite(tree.body, "", _Text(Columns(text), lines(text)), wanted))


def innermost(known: Sequence[Statement], at: Location) -> Statement:
    """Return the innermost statement that a place is in; of no statement, an empty one."""
    found = Statement(Span(at, at), Span(at, at), "")
    for statement in known:
        if statement.whole.start <= at < statement.whole.end:
            found = statement
    return found


def header_of(
    node: ast.stmt | ast.ExceptHandler, rows: Sequence[str]
) -> tuple[int, int, int, int, int]:
    """Return where the header of a statement stands; all of it if it has no body.

    The first row with all decorators, its first row and column, and its last row and column,
    which is `FAR` where the header ends with its row. Columns are in bytes, as in `ast`; `rows`
    are the lines of the text.
    """
    inner = _start_of_body(node)
    if inner is None:  # nor does it have decorators
        last_row, last = node.end_lineno or node.lineno, node.end_col_offset or 0
        return node.lineno, node.lineno, node.col_offset, last_row, last
    first = first_row(node)
    row, column = inner
    if rows[row - 1].encode("utf-8", "surrogatepass")[:column].strip():
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
    suite: Sequence[ast.AST],
    function: str,
    text: _Text,
    wanted: Sequence[Rows],
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
    first, row, column, last_row, last = header_of(node, text.rows)
    start = text.columns.location(row, column)
    end = text.columns.location(node.end_lineno or node.lineno, node.end_col_offset or 0)
    whole = Span(min(start, Location(first, 1)) if first < row else start, end)
    stop = Location(last_row, FAR) if last == FAR else text.columns.location(last_row, last)
    return Statement(whole, Span(start, stop), function)
