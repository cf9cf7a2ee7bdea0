"""What is around a handler, as far as it may say whether the handler is right."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from bedev_lint.prefilter.index import Clause, PrefilterIndex
from bedev_lint.source import DEFINITIONS, Rows, first_row, rows_of, suites, words_in

__all__ = ["around", "asked_behind"]

_CANCELS = "cancel"
# How many statements of a suite are looked at behind another.
_SOON = 50


def around(clauses: Iterable[Clause], index: PrefilterIndex) -> Iterator[Rows]:
    """Return the rows from each `try` on to the end of the function, and some of those before it.

    Those are of what is assigned just before it, and all where something may be cancelled.
    """
    visited: set[ast.AST] = set()
    # Behind the first `try` of a function all is named already.
    for clause in sorted(clauses, key=lambda item: (first_row(item.tried), item.rows)):
        within = clause.tried if isinstance(clause.owner, ast.Module) else clause.owner
        if within in visited:
            continue
        visited.add(within)
        first, last = first_row(clause.tried), clause.around[1]
        yield first, last
        yield from _assigned_before(clause, first)
        if _CANCELS in index.written((clause.around[0], first)):
            yield clause.around[0], first


def _assigned_before(clause: Clause, first: int) -> Iterator[Rows]:
    """Return the last rows of statements just before a `try`, in each suite around it."""
    suite: Sequence[ast.AST] = getattr(clause.owner, "body", ())
    while suite:
        index = bisect_left(suite, first, key=_end)
        for node in reversed(suite[:index]):
            yield _end(node), _end(node)
            if not isinstance(node, (ast.Assign, ast.AnnAssign)):
                break
        inner = suite[index] if index < len(suite) else clause.tried
        suite = () if inner is clause.tried else _suite_with(inner, first)


def asked_behind(clause: Clause) -> Iterator[Rows]:
    """Return the rows of what may answer an error behind a `try` that stands in no function.

    Those are of all up to what raises, of what comes right after, and of conditions
    that ask for something that is bound in the `try`.
    """
    bound = frozenset(_bound_words(clause.tried))
    for soon in _behind(clause):
        raising = [index for index, node in enumerate(soon) if _raises(node)]
        yield from map(rows_of, soon[: raising[-1] + 1] if raising else ())
        for node in soon[:1]:
            yield first_row(node), first_row(node)
        for node in soon:
            asking = isinstance(node, (ast.If, ast.While)) and words_in(node.test)
            if asking and not bound.isdisjoint(asking):
                yield rows_of(node)


def _behind(clause: Clause) -> Iterator[Sequence[ast.AST]]:
    """Return what comes soon behind a `try` in each suite around it."""
    first = first_row(clause.tried)
    suite: Sequence[ast.AST] = getattr(clause.owner, "body", ())
    while suite:
        index = bisect_left(suite, first, key=_end)
        yield suite[index + 1 : index + 1 + _SOON]
        inner = suite[index] if index < len(suite) else clause.tried
        suite = () if inner is clause.tried else _suite_with(inner, first)


def _bound_words(node: ast.AST) -> Iterator[str]:
    """Return the words of all targets of the assignments in a statement."""
    for inner in chain([node], *suites(node)):
        if isinstance(inner, ast.Assign):
            yield from chain(*map(words_in, inner.targets))
        elif isinstance(inner, ast.AnnAssign):
            yield from words_in(inner.target)
        elif inner is not node:
            yield from _bound_words(inner)


def _raises(node: ast.AST) -> bool:
    if isinstance(node, DEFINITIONS):
        return False
    return isinstance(node, ast.Raise) or any(map(_raises, chain(*suites(node))))


def _end(node: ast.AST) -> int:
    return rows_of(node.body[-1] if isinstance(node, ast.match_case) else node)[1]


def _suite_with(node: ast.AST, row: int) -> Sequence[ast.AST]:
    """Return the suite in a statement that has a row, an empty one if none has."""
    for suite in suites(node):
        index = bisect_left(suite, row, key=_end)
        if index == len(suite):
            continue
        statement = suite[index]
        if isinstance(statement, (ast.ExceptHandler, ast.match_case)):
            if statement.body[0].lineno <= row:
                return statement.body
        elif rows_of(statement)[0] <= row:
            return suite
    return ()
