"""Handlers that may hide an error."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bedev_lint.linear import Pattern
from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import patterns, texts
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

__all__ = ["ErrorWords", "error_words", "where"]


def where(landmarks: Landmarks, options: Options) -> Iterator[Rows]:
    """Name the handlers that may hide something, with what is around them."""
    unheard: list[Clause] = []
    tells = error_words(options)
    for clause in landmarks.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if all(map(_is_silence, handler.body)):
            if not _is_broad(handler, landmarks):
                # What the function binds, and what it does with that.
                yield clause.around
            unheard.append(clause)
        elif not _is_heard(handler, tells) and _may_be_broad(handler, landmarks):
            unheard.append(clause)
    yield from around(unheard, landmarks)


# What tells of an error is said here: a handler that does needs no second look.


@dataclass(frozen=True)
class ErrorWords:
    """The words of names and texts that tell of an error: options of the rule, which says more.

    `modes` are texts with which a call is told what to do with errors.
    """

    words: frozenset[str]
    undoing: frozenset[str]
    success: frozenset[str]
    status: frozenset[str]
    responding: frozenset[str]
    modes: frozenset[str]
    names: tuple[Pattern, ...]
    texts: tuple[Pattern, ...]

    def undoes(self, name: str) -> bool:
        """Return whether a name says that errors are none, or no longer: `clear_errors`."""
        return not self.undoing.isdisjoint(words(name))

    def in_name(self, name: str) -> bool:
        """Return whether what has this name tells of an error: `BadRequest`, `mark_failed`."""
        parts = words(name)
        if not self.undoing.isdisjoint(parts):
            return False
        text = " ".join(parts)
        return not self.words.isdisjoint(parts) or any(p.search(text) for p in self.names)

    def in_text(self, text: str) -> bool:
        """Return whether a text tells of an error."""
        plain = text.replace("_", " ")
        return any(pattern.search(plain) for pattern in self.texts)


def error_words(options: Options) -> ErrorWords:
    """Return what tells of an error by these options."""

    def listed(key: str) -> frozenset[str]:
        return frozenset(texts(options, key))

    return ErrorWords(
        listed("error-words"),
        listed("undoing"),
        listed("success"),
        listed("status"),
        listed("responding"),
        listed("error-modes"),
        patterns(options, "error-names"),
        patterns(options, "error-texts"),
    )


def _is_broad(handler: ast.ExceptHandler, landmarks: Landmarks) -> bool:
    """Return whether a handler catches every error, for certain."""
    name = dotted_name(handler.type) if handler.type else "BaseException"
    return name in BROAD and not landmarks.binds(name)


def _may_be_broad(handler: ast.ExceptHandler, landmarks: Landmarks) -> bool:
    """Return False only for a handler that cannot catch every error, under whatever names."""
    return handler.type is None or not landmarks.naming(BROAD).isdisjoint(words_in(handler.type))


def _is_silence(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        value = statement.value
        return value is None or (isinstance(value, ast.Constant) and value.value is None)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, (ast.Constant, ast.JoinedStr))
    return isinstance(statement, (ast.Pass, ast.Continue))


def _is_heard(handler: ast.ExceptHandler, tells: ErrorWords) -> bool:
    """Return whether a handler raises, uses what it caught, or tells of an error, for certain.

    What stands in other nodes than these may only decide what is run, or run later.
    """
    stack: list[ast.AST] = list(handler.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Raise) or _tells(node, tells):
            return True
        if isinstance(node, ast.Name):
            if node.id == handler.name:
                return True
        elif isinstance(node, ast.Call):
            stack += [*node.args, *(keyword.value for keyword in node.keywords)]
            if isinstance(node.func, ast.Attribute) and not tells.undoes(node.func.attr):
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


def _tells(node: ast.AST, tells: ErrorWords) -> bool:
    """Return whether a name or a text tells of an error."""
    if isinstance(node, ast.Name):
        return tells.in_name(node.id)
    if isinstance(node, ast.Attribute):
        return tells.in_name(node.attr)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and tells.in_name(node.func.id)
    if isinstance(node, ast.JoinedStr):
        text = "".join(constant_text(part) or HOLE for part in node.values)
        return tells.in_text(text) and not ECHO.search(text)
    return isinstance(node, ast.Constant) and tells.in_text(constant_text(node) or "")
