"""What tells, without any rule being asked, where one could find something."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bedev_lint.source.lines import lines
from bedev_lint.source.nodes import bound_names
from bedev_lint.source.statements import header_of

__all__ = ["Clause", "Landmarks", "Text", "landmarks"]

Clause = ast.ExceptHandler | ast.stmt


class Text(NamedTuple):
    """A string, of one with fields each piece.

    `row` is where it begins, `around` the first and last row of its statement (of a compound one
    of the header), and `bound` what this binds, if it is an assignment. `is_statement` says that
    it is one by itself, as docstrings are.
    """

    row: int
    around: tuple[int, int]
    bound: tuple[str, ...]
    value: str
    is_statement: bool


@dataclass
class Landmarks:
    """All strings; and, by their keywords, handlers (`except`) and each `try` with a `finally`."""

    texts: list[Text] = field(default_factory=list)
    clauses: dict[str, list[Clause]] = field(default_factory=lambda: {"except": [], "finally": []})


def landmarks(tree: ast.Module, text: str) -> Landmarks:
    """Return the landmarks of a module."""
    found = Landmarks()
    rows = lines(text)
    stack: list[ast.AST] = [*tree.body]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.ExceptHandler):
            found.clauses["except"].append(node)
        elif getattr(node, "finalbody", None):
            assert isinstance(node, ast.stmt)
            found.clauses["finally"].append(node)
        inner, own = _parted(node)
        stack += inner
        found.texts += _texts(node, own, rows)
    return found


def _parted(node: ast.AST) -> tuple[list[ast.AST], list[ast.AST]]:
    """Return the statements and clauses in a statement, and what stands in itself."""
    inner: list[ast.AST] = []
    own: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            for one in value:
                if isinstance(one, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                    inner.append(one)
                elif isinstance(one, ast.AST):
                    own.append(one)
        elif isinstance(value, ast.AST):
            own.append(value)
    return inner, own


def _texts(node: ast.AST, own: Sequence[ast.AST], rows: Sequence[str]) -> Iterator[Text]:
    constants = list(_strings(own))
    if not constants:
        return
    if isinstance(node, ast.match_case):
        around = (node.pattern.lineno, node.body[0].lineno)
    else:
        assert isinstance(node, (ast.stmt, ast.ExceptHandler))
        first, _, _, last, _ = header_of(node, rows)
        around = (first, last)
    for row, value in constants:
        is_statement = isinstance(node, ast.Expr) and own[0].__class__ is ast.Constant
        yield Text(row, around, bound_names(node), value, is_statement)


def _strings(nodes: Sequence[ast.AST]) -> Iterator[tuple[int, str]]:
    stack = [*nodes]
    while stack:
        node = stack.pop()
        if node.__class__ is ast.Constant:
            value = node.value
            if isinstance(value, bytes):
                value = value.decode("latin-1")
            if isinstance(value, str):
                yield node.lineno, value
            continue
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                stack += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST):
                stack.append(value)
