"""Handlers that may catch an interrupt."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.source import BASE, Clause, Landmarks, Rows, words_in
from bedev_lint.triggers.handled import around

SYNC = frozenset({"KeyboardInterrupt", "SystemExit"})
_JUMPS = (ast.Return, ast.Break, ast.Continue)


def where(landmarks: Landmarks, options: Options) -> Iterator[Rows]:
    """Name the handlers that may catch an interrupt, with all that runs before and after them."""
    interrupts = {*texts(options, "cancellations"), *SYNC, BASE}
    words = frozenset(name.split(".")[-1] for name in interrupts)
    hiding: list[Clause] = []
    for clause in landmarks.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if handler.type is not None and landmarks.naming(words).isdisjoint(words_in(handler.type)):
            continue
        if _reraises(handler):
            continue
        if handler.name is None:
            hiding.append(clause)
        else:  # what it caught may be raised anywhere in the function
            yield clause.around
    yield from around(hiding, landmarks)


def _reraises(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler ends with `raise` on every path, as its visitor says it."""
    last = handler.body[-1]
    return (
        isinstance(last, ast.Raise)
        and last.exc is None
        and not any(isinstance(node, _JUMPS) for node in ast.walk(handler))
    )
