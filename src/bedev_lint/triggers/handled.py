"""What is around a handler, as far as it may say whether the handler is right."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from bedev_lint.source import Clause, Landmarks, Rows, rows_of, suites

__all__ = ["around"]

_CANCELS = "cancel"


def around(clause: Clause, landmarks: Landmarks) -> Iterator[Rows]:
    """Return the rows from the `try` on to the end of the function, and some of those before it.

    Those are of what is assigned just before it, and where something may be cancelled.
    """
    first, last = rows_of(clause.tried)[0], clause.around[1]
    yield first, last
    suite: Sequence[ast.AST] = getattr(clause.owner, "body", ())
    while suite:
        before = [node for node in suite if rows_of(node)[1] < first]
        for node in reversed(before):
            row = rows_of(node)[1]
            yield row, row
            if not isinstance(node, (ast.Assign, ast.AnnAssign)):
                break
        inner = suite[len(before)] if len(before) < len(suite) else clause.tried
        suite = () if inner is clause.tried else _suite_with(inner, first)
    if _CANCELS in landmarks.written((clause.around[0], first)):
        rows = landmarks.rows_holding([_CANCELS])
        yield from (row for row in rows if clause.around[0] <= row[0] < first)


def _suite_with(node: ast.AST, row: int) -> Sequence[ast.AST]:
    """Return the suite in a statement that has a row, an empty one if none has."""
    for suite in suites(node):
        for each in suite:
            if isinstance(each, (ast.ExceptHandler, ast.match_case)):
                if each.body[0].lineno <= row <= rows_of(each.body[-1])[1]:
                    return each.body
            elif rows_of(each)[0] <= row <= rows_of(each)[1]:
                return suite
    return ()
