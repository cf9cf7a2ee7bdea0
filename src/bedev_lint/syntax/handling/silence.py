"""Handlers that do nothing, and the comments that say why."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import chain, takewhile

import libcst as cst

from bedev_lint.linear import Pattern
from bedev_lint.names import words
from bedev_lint.syntax.handling.handlers import Handler, Try, is_name, statements, try_of
from bedev_lint.syntax.module import Module

__all__ = ["is_announced", "is_explained", "is_nothing", "is_promised", "is_silent"]


def is_silent(handler: Handler) -> bool:
    """Return whether a body is only `pass`, `...`, `continue`, a docstring, or returns nothing."""
    return all(
        isinstance(statement, (cst.Pass, cst.Continue))
        or (isinstance(statement, cst.Return) and is_nothing(statement.value))
        or (
            isinstance(statement, cst.Expr)
            and isinstance(statement.value, (cst.Ellipsis, cst.BaseString))
        )
        for statement in statements(handler.body)
    )


def is_nothing(value: cst.CSTNode | None) -> bool:
    """Return whether `return` gives nothing: no value, or None."""
    return value is None or is_name(value, "None")


# ---------------------------------------------------------------- explained by a comment

_DIRECTIVE = re.compile(
    r"(noqa|error|type:\s*ignore|pragma|nosec|pylint|ruff|flake8|mypy|pyright|pyre|fmt|isort|nosemgrep"
    r"|bedev|noinspection|sonar|coverage)\b[:\s]*((ignore|disable|no ?cover|no ?branch)\b[=:\s]*)?"
    r"(\[[^][]*\]|[A-Z]+\d+\b|[a-z]+(-[a-z]+)+|[,\s=])*",
    re.IGNORECASE,
)
# Its reason belongs to the suppression, which would else silence nothing.
_SUPPRESSION = re.compile(r"bedev:\s*ignore(?:-file)?\s*(?:\[[^\]#]*\])?(?:\s*--[^#]*)?")
_WORDS = re.compile(r"[^\W\d_]{2,}")


def is_explained(handler: Handler, module: Module) -> bool:
    """Return whether a comment tells why: directives to tools and code commented out do not.

    It stands in the handler, at the end of the `try` body, or directly behind the handler.
    """
    tried = try_of(handler, module)
    comments = [
        *module.comments(handler),
        *_comments_at_end(tried.body),
        *_comment_behind(handler, tried, module),
    ]
    return any(map(_tells_why, comments))


def _tells_why(comment: str) -> bool:
    text = _DIRECTIVE.sub(" ", _SUPPRESSION.sub(" ", comment.lstrip("#! ")))
    return _WORDS.search(text) is not None and not _is_code(text.strip())


def is_announced(
    handler: Handler,
    names: Iterable[str],
    module: Module,
    telling: Iterable[Pattern],
    explaining: Iterable[Pattern],
) -> bool:
    """Return whether a comment above the `try`, or its first or last statement, tells of silence.

    It speaks of that, as `telling` finds, names what is caught, says why that is no error
    (`explaining`), or is in another script, which nobody reads here.
    """
    tried = try_of(handler, module)
    body = tried.body.body if isinstance(tried.body, cst.IndentedBlock) else ()
    ends = dict.fromkeys([*body[:1], *body[-1:]])
    lines = [tried.leading_lines, *(getattr(end, "leading_lines", ()) for end in ends)]
    comment = " ".join(one.lstrip("#! ") for one in _comments_of(chain.from_iterable(lines)))
    if not comment:
        return False
    return (
        all(_is_named(name, comment) for name in names)
        or any(map(_is_foreign, comment))
        or any(pattern.search(comment) for pattern in (*telling, *explaining))
    )


def is_promised(handler: Handler, module: Module, telling: Iterable[Pattern]) -> bool:
    """Return whether a function tells of the silence, by its name or how its docstring begins."""
    function = module.function_of(handler)
    if not isinstance(function, cst.FunctionDef):
        return False
    announcements = [
        *_paragraphs(function.get_docstring() or ""),
        function.name.value.replace("_", " ").strip(),
    ]
    return any(pattern.search(text) for text in announcements for pattern in telling)


# What a docstring says of parameters and results is no longer of the function as a whole.
_SECTION = re.compile(r"[ \t]*(:\w|@\w|[A-Z]\w*( \w+)?:[ \t]*(\n|$)|\w+\n[ \t]*---)")


def _paragraphs(docstring: str) -> Iterator[str]:
    """Return the first paragraph of a docstring, and those that follow before its sections."""
    first, *others = docstring.split("\n\n")
    yield " ".join(first.split())
    for paragraph in takewhile(lambda one: not _SECTION.match(one), others):
        yield " ".join(paragraph.split())


# Behind it come other letters than Latin ones.
_LAST_LATIN = "\u024f"


def _is_foreign(letter: str) -> bool:
    return letter > _LAST_LATIN and letter.isalpha()


def _is_named(name: str, comment: str) -> bool:
    """Return whether a comment names a class, in one word or in several."""
    return " ".join(words(name.split(".")[-1])) in " ".join(words(comment))


def _comments_at_end(suite: cst.CSTNode) -> Iterator[str]:
    """Return the comments on and below the last line of a suite."""
    block: cst.CSTNode | None = suite
    while isinstance(block, cst.IndentedBlock):
        yield from _comments_of(block.footer)
        last = block.body[-1]
        if isinstance(last, cst.SimpleStatementLine) and last.trailing_whitespace.comment:
            yield last.trailing_whitespace.comment.value
        block = getattr(last, "body", None)


def _comment_behind(handler: Handler, tried: Try, module: Module) -> Iterator[str]:
    """Return the comment on the line behind a handler, whatever statement it is taken for."""
    if handler is not tried.handlers[-1]:
        return
    after = tried.orelse or tried.finalbody
    if after is not None:
        lines = after.leading_lines
    else:
        suite = module.parent(tried)
        if not isinstance(suite, (cst.IndentedBlock, cst.Module)):
            return
        index = module.place(tried, suite, suite.body) + 1
        if index < len(suite.body):
            lines = getattr(suite.body[index], "leading_lines", ())
        else:
            lines = suite.footer
    yield from _comments_of(lines[:1])


def _comments_of(lines: Iterable[cst.EmptyLine]) -> Iterator[str]:
    return (line.comment.value for line in lines if line.comment is not None)


def _is_code(text: str) -> bool:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not all(isinstance(s, (ast.Expr, ast.AnnAssign)) for s in body) or any(
        isinstance(s, ast.Expr) and isinstance(s.value, (ast.Call, ast.Await)) for s in body
    )
