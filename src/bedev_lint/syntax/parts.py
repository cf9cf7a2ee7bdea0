"""Parts of a module, every line where it was: to parse no more of it than is asked for."""

from __future__ import annotations

import ast
from collections.abc import Collection

from bedev_lint.syntax.positions import line_starts, statements_by_python

__all__ = ["only_defining"]

_FEW = 3
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def only_defining(text: str, names: Collection[str]) -> str | None:
    """Return the text with all statements blank but those that define one of these names.

    None where that would not be exact: where several statements of the module define a name,
    or where Python's own parser cannot read the text.
    """
    body = statements_by_python(text)
    if body is None:
        return None
    defining: dict[str, ast.stmt] = {}
    for statement in body:
        for name in _defined_in(statement) & set(names):
            if name in defining:
                return None
            defining[name] = statement
    if len(defining) < len(set(names)):
        return None
    lines = [*line_starts(text), len(text)]
    kept: set[int] = set()
    for statement in defining.values():
        kept.update(range(_first_row(statement), (statement.end_lineno or 0) + 1))
    rows: list[str] = []
    gap: list[str] = []
    for row in range(1, len(lines)):
        if row in kept:
            rows += [*_filled(gap), text[lines[row - 1] : lines[row]]]
            gap = []
        else:
            gap.append(_ending(text, lines[row]))
    return "".join([*rows, *_filled(gap)])


def _filled(gap: list[str]) -> list[str]:
    """Return as many rows with nothing in them: one string costs less than many empty lines."""
    if len(gap) < _FEW:
        return gap
    return [f"'''{gap[0]}", *gap[1:-1], f"'''{gap[-1]}"]


def _defined_in(statement: ast.stmt) -> set[str]:
    return {node.name for node in ast.walk(statement) if isinstance(node, _DEFINITIONS)}


def _first_row(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _ending(text: str, end: int) -> str:
    if text[end - 2 : end] == "\r\n":
        return "\r\n"
    return text[end - 1 : end] if text[end - 1 : end] in ("\n", "\r") else ""
