"""Which handlers may answer a request, told without LibCST: more than do, never fewer."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from fnmatch import fnmatchcase

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import BROAD, dotted_name, words_in

__all__ = ["may_be_unforeseen", "parts_of_answers"]

_CLASSES = frozenset(dir(builtins))


def may_be_unforeseen(handler: ast.ExceptHandler, index: PrefilterIndex, options: Options) -> bool:
    """Return False only for a handler that is neither broad nor of infrastructure errors."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if not index.naming(BROAD).isdisjoint(words_in(handler.type)):
        return True
    return any(_may_be(kind, index, options) for kind in kinds)


def _may_be(kind: ast.expr, index: PrefilterIndex, options: Options) -> bool:
    name = dotted_name(kind)
    last = name.split(".")[-1]
    if not last or index.binds(last):
        return True
    listed = texts(options, "infrastructure-errors")
    if any(fnmatchcase(last, pattern.split(".")[-1]) for pattern in listed):
        return True
    return (
        last not in _CLASSES
        and not any(fnmatchcase(last, pattern) for pattern in texts(options, "own-errors"))
        and set(words(last)[-1:]) <= {*texts(options, "infrastructure-words")}
    )


def parts_of_answers(handler: ast.ExceptHandler) -> Iterator[ast.expr]:
    """Return what a handler raises, returns, or calls as a statement."""
    for statement in handler.body:
        for node in ast.walk(statement):
            value: ast.expr | None = None
            if isinstance(node, ast.Raise):
                value = node.exc
            elif isinstance(node, (ast.Return, ast.Expr)):
                value = node.value
            if value is not None and not _is_plain(value):
                yield value


def _is_plain(value: ast.expr) -> bool:
    """Return whether a value is no answer for certain: None, a flag, a built-in exception."""
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in _CLASSES
    return isinstance(value, ast.Constant)
