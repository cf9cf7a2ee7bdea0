"""A module with what cannot matter left out, every line where it was: LibCST is slow."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bedev_lint.source.lines import line_starts

__all__ = ["Body", "bodies", "is_left_out", "without"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SUITES = ("body", "handlers", "orelse", "finalbody", "cases")
_QUOTES = "'''"


class Body(NamedTuple):
    """The body of a function that stands in no other: its rows, and its offsets in the text.

    `start` is that of the first statement, without the indentation.
    """

    first_row: int
    last_row: int
    start: int
    end: int


def bodies(tree: ast.Module, text: str) -> list[Body]:
    """Return the bodies of all outermost functions and methods, in the order of the text."""
    starts = [*line_starts(text), len(text)]
    return list(_bodies(tree.body, text, starts))


def _bodies(suite: Sequence[ast.AST], text: str, starts: Sequence[int]) -> Iterator[Body]:
    for node in suite:
        if isinstance(node, _FUNCTIONS):
            body = _body(node, text, starts)
            if body is not None:
                yield body
            continue
        for field in _SUITES:
            inner = getattr(node, field, ())
            if inner and isinstance(inner, list):
                yield from _bodies(inner, text, starts)


def _body(
    node: ast.FunctionDef | ast.AsyncFunctionDef, text: str, starts: Sequence[int]
) -> Body | None:
    first = node.body[0]
    decorators: Sequence[ast.expr] = getattr(first, "decorator_list", ())
    row = min([first.lineno, *(decorator.lineno for decorator in decorators)])
    last = node.end_lineno or row
    line = text[starts[row - 1] : starts[row]]
    start = starts[row - 1] + len(line) - len(line.lstrip(" \t"))
    # `def f(): return 1` is short anyway.
    is_inline = first.lineno == row and bool(line.encode()[: first.col_offset].strip())
    return None if is_inline else Body(row, last, start, starts[last])


def without(text: str, left_out: Sequence[Body]) -> str:
    """Return the text with nothing in these bodies, in the order of the text."""
    pieces: list[str] = []
    at = 0
    for body in left_out:
        # One string costs less to parse than many empty lines.
        rows = "\n" * (body.last_row - body.first_row)
        pieces += [text[at : body.start], f"{_QUOTES}{rows}{_QUOTES}"]
        at = body.end
        while at > body.start and text[at - 1] in "\r\n":
            at -= 1
    return "".join([*pieces, text[at:]])


def is_left_out(literal: str) -> bool:
    """Return whether a string, as it is written, stands for a body that was left out."""
    return (
        len(literal) >= 2 * len(_QUOTES)
        and literal.startswith(_QUOTES)
        and not literal.strip("'").strip("\n")
    )
