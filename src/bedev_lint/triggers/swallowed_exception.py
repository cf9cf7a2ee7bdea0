"""Handlers that may hide an error."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from bedev_lint.model import Options
from bedev_lint.source import BROAD, Landmarks, Rows, below, dotted_name

# Exceptions of Python itself that are not broad.
_NARROW = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, Exception) and value is not Exception
)
_PLAIN = (ast.Call, ast.keyword, ast.JoinedStr, ast.FormattedValue, ast.Await)


def where(landmarks: Landmarks, _options: Options) -> Iterator[Rows]:
    """Name the handlers that may hide something; the silent ones with what is around them."""
    for clause in landmarks.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        # Of a broad one only the handler is looked at.
        is_broad = handler.type is None or dotted_name(handler.type) in BROAD
        if all(map(_is_silence, handler.body)):
            yield from [clause.rows] if is_broad else clause.onwards()
        elif not _catches_narrow(handler, landmarks.text) and not _raises_or_uses(handler):
            yield clause.rows


def _catches_narrow(handler: ast.ExceptHandler, text: str) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(isinstance(one, ast.Name) and _is_narrow(one.id, text) for one in caught)


def _is_narrow(name: str, text: str) -> bool:
    """Return whether a name is that of a narrow exception of Python, and is not bound anew."""
    return name in _NARROW and not any(
        form in text for form in (f"{name} =", f"{name}=", f"as {name}", f"class {name}")
    )


def _is_silence(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        return statement.value is None
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, (ast.Constant, ast.JoinedStr))
    return isinstance(statement, (ast.Pass, ast.Continue))


def _raises_or_uses(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler raises, or uses what it caught, for certain."""
    stack: list[ast.AST] = list(handler.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Name) and node.id == handler.name):
            return True
        # What stands in others may only decide what is run, or run later.
        is_plain = isinstance(node, _PLAIN) or (
            isinstance(node, (ast.Expr, ast.Return)) and not isinstance(node.value, ast.Name)
        )
        if is_plain:
            stack += below(node)
        elif isinstance(node, (ast.If, ast.With, ast.AsyncWith)):
            stack += node.body
            stack += getattr(node, "orelse", ())
    return False
