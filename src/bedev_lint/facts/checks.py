"""What a function checks, and what it says of itself: for rules about tests alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from bedev_lint.model import Checks, TestWords
from bedev_lint.options import compiled
from bedev_lint.source import DEFINITIONS

__all__ = ["checks_of", "name_of"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def name_of(node: ast.ClassDef) -> ast.expr:
    """Return where the name of a class stands, as an expression."""
    start = node.col_offset + len("class ")
    return ast.Name(
        node.name,
        lineno=node.lineno,
        col_offset=start,
        end_lineno=node.lineno,
        end_col_offset=start + len(node.name.encode()),
    )


def checks_of(node: _Function, text_lines: Sequence[str], words: TestWords) -> Checks:
    """Return what a function checks itself, what is defined in it left out."""
    if isinstance(node, ast.Lambda):
        return Checks()
    asserts = any(_may_fail(statement, words) for statement in _statements(node.body))
    return Checks(asserts, not asserts and _claims(node, text_lines, words))


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    todo = list(body)
    while todo:
        statement = todo.pop()
        yield statement
        if not isinstance(statement, DEFINITIONS):
            todo += _inner(statement)


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Return the statements directly in another one."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
            yield from child.body


def _may_fail(statement: ast.stmt, words: TestWords) -> bool:
    """Return whether a statement raises, or asserts what may be false."""
    if not isinstance(statement, ast.Assert):
        return isinstance(statement, ast.Raise)
    test = statement.test
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute):
        return test.func.attr not in words.vacuous
    return not (isinstance(test, ast.Tuple) and test.elts)


def _claims(
    node: ast.FunctionDef | ast.AsyncFunctionDef, text_lines: Sequence[str], words: TestWords
) -> bool:
    """Return whether a name, the docstring or a comment says that it is there not to fail."""
    docstring = ast.get_docstring(node, clean=False) or ""
    texts = [node.name.replace("_", " "), " ".join(docstring.split())]
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    while first > 1 and text_lines[first - 2].lstrip().startswith("#"):
        first -= 1
    last = node.end_lineno or node.lineno
    body = [*text_lines[first - 1 : last], *_comments_below(text_lines[last:], node.col_offset)]
    texts += filter(None, _comments_in(body))
    patterns = [compiled(expression) for expression in words.claims]
    return any(pattern.search(text) for pattern in patterns for text in texts)


def _comments_in(text_lines: Sequence[str]) -> Iterator[str]:
    """Return the comments of some lines, those that are one below the other as one."""
    whole: list[str] = []
    for line in text_lines:
        code, _, comment = line.partition("#")
        if code.strip() or not comment:
            yield " ".join(whole)
            whole = []
            yield comment
        else:
            whole.append(comment.strip())
    yield " ".join(whole)


def _comments_below(text_lines: Sequence[str], column: int) -> Iterator[str]:
    """Return the comments behind the last statement of a block that begins at a column."""
    for line in text_lines:
        comment = line.lstrip()
        is_inside = comment.startswith("#") and len(line) - len(comment) > column
        if comment and not is_inside:
            return
        yield comment
