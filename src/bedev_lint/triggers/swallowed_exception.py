"""Handlers that may hide an error."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.source import (
    BROAD,
    ECHO,
    HOLE,
    Clause,
    Landmarks,
    Rows,
    constant_text,
    dotted_name,
    words_in,
)
from bedev_lint.triggers.handled import around

__all__ = ["ERROR_WORDS", "is_error_name", "is_error_text", "undoes", "where"]

ERROR_WORDS = frozenset(
    "error errors err errs exception exceptions exc fail fails failed failure failures fault "
    "faults invalid unhealthy problem problems aborted rejected".split()
)
_UNDONE = frozenset("clear reset pop discard ignore suppress skip is has remove no without".split())
_ERROR_NAMES = re.compile(
    r"(bad request|not found|forbidden|unauthori[sz]ed|unavailable|not allowed|gone|denied)$"
)
_HTTP_NAME = re.compile(r"HTTP_[45]\d\d")
_ERROR_TEXT = re.compile(
    r"\b(errors?|exception|fail(s|ed|ure|ures)?|failing|invalid|unable|could ?n[o']t|cannot|can't"
    r"|unavailable|unhealthy|denied|forbidden|unauthori[sz]ed|not found|went wrong)\b|^[45]\d\d\b",
    re.IGNORECASE,
)


def where(landmarks: Landmarks, _options: Options) -> Iterator[Rows]:
    """Name the handlers that may hide something; the silent ones with what is around them."""
    silent: list[Clause] = []
    for clause in landmarks.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if all(map(_is_silence, handler.body)):
            if _is_broad(handler, landmarks):
                yield clause.rows  # only the handler is looked at
            else:
                silent.append(clause)
        elif not _is_heard(handler) and _may_be_broad(handler, landmarks):
            yield clause.rows
    yield from around(silent, landmarks)


# What tells of an error is said here: a handler that does needs no second look.


def is_error_name(name: str) -> bool:
    """Return whether what has this name tells of an error: `BadRequest`, `mark_failed`."""
    if undoes(name):
        return False
    parts = words(name)
    return not ERROR_WORDS.isdisjoint(parts) or bool(
        _ERROR_NAMES.search(" ".join(parts)) or _HTTP_NAME.search(name)
    )


def is_error_text(text: str) -> bool:
    """Return whether a text tells of an error."""
    return bool(_ERROR_TEXT.search(text.replace("_", " ")))


def undoes(name: str) -> bool:
    """Return whether a name says that errors are none, or no longer: `clear_errors`."""
    return not _UNDONE.isdisjoint(words(name))


def _is_broad(handler: ast.ExceptHandler, landmarks: Landmarks) -> bool:
    """Return whether a handler catches every error, for certain."""
    name = dotted_name(handler.type) if handler.type else "BaseException"
    return name in BROAD and not landmarks.binds(name)


def _may_be_broad(handler: ast.ExceptHandler, landmarks: Landmarks) -> bool:
    """Return False only for a handler that cannot catch every error, under whatever names."""
    return handler.type is None or not landmarks.naming(BROAD).isdisjoint(words_in(handler.type))


def _is_silence(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        return statement.value is None
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, (ast.Constant, ast.JoinedStr))
    return isinstance(statement, (ast.Pass, ast.Continue))


def _is_heard(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler raises, uses what it caught, or tells of an error, for certain.

    What stands in other nodes than these may only decide what is run, or run later.
    """
    stack: list[ast.AST] = list(handler.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Raise) or _tells(node):
            return True
        if isinstance(node, ast.Name):
            if node.id == handler.name:
                return True
        elif isinstance(node, ast.Call):
            stack += [*node.args, *(keyword.value for keyword in node.keywords)]
            if isinstance(node.func, ast.Attribute) and not undoes(node.func.attr):
                stack.append(node.func)
        elif isinstance(node, ast.Expr):
            if not isinstance(node.value, (ast.Name, ast.Constant, ast.JoinedStr)):
                stack.append(node.value)
        elif isinstance(node, (ast.If, ast.With, ast.AsyncWith)):
            stack += [*node.body, *getattr(node, "orelse", ())]
        elif isinstance(node, ast.JoinedStr):
            stack += (part for part in node.values if isinstance(part, ast.FormattedValue))
        elif isinstance(node, (ast.List, ast.Tuple)):
            stack += node.elts
        elif isinstance(node, (ast.Attribute, ast.Await, ast.FormattedValue, ast.Return)):
            stack += [node.value] if node.value else []
    return False


def _tells(node: ast.AST) -> bool:
    """Return whether a name or a text tells of an error."""
    if isinstance(node, ast.Name):
        return is_error_name(node.id)
    if isinstance(node, ast.Attribute):
        return is_error_name(node.attr)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and is_error_name(node.func.id)
    if isinstance(node, ast.JoinedStr):
        text = "".join(constant_text(part) or HOLE for part in node.values)
        return is_error_text(text) and not ECHO.search(text)
    return isinstance(node, ast.Constant) and is_error_text(constant_text(node) or "")
