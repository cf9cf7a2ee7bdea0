"""What functions return, by the rows of that: much less than all that they do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import chain

from bedev_lint.prefilter.index import Function, PrefilterIndex
from bedev_lint.source import DEFINITIONS, Rows, bound_names, first_row, rows_of, suites, words_in

__all__ = ["returning"]

# Names bound to names, that are followed.
_DEEPEST = 4


def returning(functions: Iterable[Function], index: PrefilterIndex) -> Iterator[Rows]:
    """Return the rows of what functions return, and of what they bind the names in that to.

    With them come their own first rows, and the same of functions of the module named there.
    """
    named: dict[str, list[Function]] = {}
    for function in index.functions:
        named.setdefault(function.name, []).append(function)
    todo = [*functions]
    visited = set(todo)
    while todo:
        function = todo.pop()
        yield first_row(function), function.body[0].lineno
        statements = _returning(function)
        yield from map(rows_of, statements)
        words = set(chain.from_iterable(map(words_in, statements)))
        for other in chain.from_iterable(named.get(word, ()) for word in words):
            if other not in visited:
                visited.add(other)
                todo.append(other)


def _returning(function: Function) -> list[ast.stmt]:
    """Return the statements by which a function returns, and those that bind the names in them."""
    every = [*_own(function)]
    found: list[ast.stmt] = [node for node in every if isinstance(node, ast.Return)]
    binders = [(node, bound_names(node)) for node in every]
    names: set[str] = set()
    for _ in range(_DEEPEST):
        words = set(chain.from_iterable(map(words_in, found)))
        new = words - names
        names |= words
        found += [node for node, bound in binders if not new.isdisjoint(bound)]
    return found


def _own(function: Function) -> Iterator[ast.stmt]:
    """Return the statements of a function, but of those that are defined in it."""
    stack: list[ast.AST] = [*function.body]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt) and not isinstance(node, DEFINITIONS):
            yield node
        if not isinstance(node, DEFINITIONS):
            stack += chain(*suites(node))
