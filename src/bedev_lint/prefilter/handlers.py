"""What is around a handler, as far as it may say whether the handler is right."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from bedev_lint.prefilter.index import Clause, PrefilterIndex
from bedev_lint.source import Rows, first_row, rows_of, suites

__all__ = ["around"]

_CANCELS = "cancel"


def around(clauses: Iterable[Clause], index: PrefilterIndex) -> Iterator[Rows]:
    """Return the rows from each `try` on to the end of the function, and some of those before it.

    Those are of what is assigned just before it, and where something may be cancelled.
    """
    cancelling: Sequence[Rows] | None = None
    seen: set[ast.AST] = set()
    # Behind the first `try` of a function all is named already.
    for clause in sorted(clauses, key=lambda each: (first_row(each.tried), each.rows)):
        within = clause.tried if isinstance(clause.owner, ast.Module) else clause.owner
        if within in seen:
            continue
        seen.add(within)
        first, last = first_row(clause.tried), clause.around[1]
        yield first, last
        yield from _assigned_before(clause, first)
        if _CANCELS in index.written((clause.around[0], first)):
            if cancelling is None:
                cancelling = index.rows_holding([_CANCELS])
            begin = bisect_left(cancelling, (clause.around[0], 0))
            yield from cancelling[begin : bisect_left(cancelling, (first, 0))]


def _assigned_before(clause: Clause, first: int) -> Iterator[Rows]:
    """Return the last rows of statements just before a `try`, in each suite around it."""
    suite: Sequence[ast.AST] = getattr(clause.owner, "body", ())
    while suite:
        at = bisect_left(suite, first, key=_end)
        for node in reversed(suite[:at]):
            yield _end(node), _end(node)
            if not isinstance(node, (ast.Assign, ast.AnnAssign)):
                break
        inner = suite[at] if at < len(suite) else clause.tried
        suite = () if inner is clause.tried else _suite_with(inner, first)


def _end(node: ast.AST) -> int:
    return rows_of(node.body[-1] if isinstance(node, ast.match_case) else node)[1]


def _suite_with(node: ast.AST, row: int) -> Sequence[ast.AST]:
    """Return the suite in a statement that has a row, an empty one if none has."""
    for suite in suites(node):
        at = bisect_left(suite, row, key=_end)
        if at == len(suite):
            continue
        each = suite[at]
        if isinstance(each, (ast.ExceptHandler, ast.match_case)):
            if each.body[0].lineno <= row:
                return each.body
        elif rows_of(each)[0] <= row:
            return suite
    return ()
