"""What tells, without any rule being asked, where one could find something."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

from bedev_lint.source.lines import lines
from bedev_lint.source.nodes import FIELDS, SUITES, bound_names, first_row, suites
from bedev_lint.source.statements import header_of

__all__ = ["Clause", "Landmarks", "Text", "landmarks"]

Clause = ast.ExceptHandler | ast.stmt

# The fields of each kind of statement that hold none of its suites.
_OWN = {
    kind: tuple(name for name in FIELDS[kind] if name not in inner)
    for kind, inner in SUITES.items()
}


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
    # How many rows with a quote there are up to each: where there is none, no string stands.
    quotes = list(accumulate(('"' in row or "'" in row for row in rows), initial=0))
    stack: list[list[Any]] = [tree.body]
    while stack:
        for node in stack.pop():
            around = _rows(node)
            if quotes[around[0] - 1] < quotes[around[1]]:
                found.texts += _texts(node, around, rows)
            if SUITES[node.__class__]:
                stack += suites(node)
                if isinstance(node, ast.ExceptHandler):
                    found.clauses["except"].append(node)
                elif getattr(node, "finalbody", None):
                    found.clauses["finally"].append(node)
    return found


def _rows(node: Any) -> tuple[int, int]:
    """Return the first and the last row in which a statement's own strings may stand."""
    if not SUITES[node.__class__]:
        return node.lineno, node.end_lineno or node.lineno
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, node.body[0].lineno
    if isinstance(node, ast.Match):
        return node.lineno, node.cases[0].pattern.lineno
    return first_row(node), node.body[0].lineno


def _texts(node: ast.AST, around: tuple[int, int], rows: Sequence[str]) -> Iterator[Text]:
    strings = _strings(node)
    if not strings:
        return
    if isinstance(node, (ast.stmt, ast.ExceptHandler)):
        first, _, _, last, _ = header_of(node, rows)
        around = (first, last)
    is_statement = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    bound = bound_names(node)
    for row, value in strings:
        yield Text(row, around, bound, value, is_statement)


def _strings(statement: ast.AST) -> list[tuple[int, str]]:
    """Return the strings of a statement without those of its suites, and the row of each."""
    found: list[tuple[int, str]] = []
    stack: list[Any] = [getattr(statement, name, None) for name in _OWN[statement.__class__]]
    while stack:
        node = stack.pop()
        kind = node.__class__
        if kind is list:
            stack += node
        elif kind is ast.Constant:
            value = node.value
            if isinstance(value, bytes):
                value = value.decode("latin-1")
            if isinstance(value, str):
                found.append((node.lineno, value))
        else:
            for name in FIELDS.get(kind, ()):
                stack.append(getattr(node, name, None))
    return found
