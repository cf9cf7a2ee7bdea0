"""Lists of results of which the exceptions are left out, and nothing is done with them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bedev_lint.source import dotted_name

__all__ = ["filtered_names"]

_ERRORS = frozenset({"Exception", "BaseException"})
# What gives the elements of lists one by one, with something beside them.
_PAIRING = frozenset({"zip", "enumerate"})


def filtered_names(function: ast.AST) -> frozenset[str]:
    """Return the names that a function only goes over, each time leaving out what is an exception.

    They are bound once. `[r for r in results if not isinstance(r, Exception)]`, or a loop that goes
    on with the next.
    """
    nodes = [*ast.walk(function)]
    filtering = Counter(name for node in nodes for name in _gone_over(node))
    named = Counter(node.id for node in nodes if isinstance(node, ast.Name)) if filtering else {}
    return frozenset(name for name, times in filtering.items() if named[name] == times + 1)


def _gone_over(node: ast.AST) -> Iterator[str]:
    """Return the names of lists that a loop or comprehension goes over without exceptions."""
    if isinstance(node, ast.comprehension):
        is_filtered = _leaves_out(node.ifs, _names(node.target))
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        is_filtered = _skips(node.body, _names(node.target))
    else:
        return
    if is_filtered:
        yield from _lists(node.iter)


def _lists(iterated: ast.expr) -> Iterator[str]:
    if isinstance(iterated, ast.Name):
        yield iterated.id
    elif isinstance(iterated, ast.Call) and dotted_name(iterated.func) in _PAIRING:
        yield from (arg.id for arg in iterated.args if isinstance(arg, ast.Name))


def _names(target: ast.expr) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _leaves_out(tests: Iterable[ast.expr], names: frozenset[str]) -> bool:
    """Return whether one of these tests is that a name is no exception."""
    return any(
        isinstance(part, ast.UnaryOp)
        and isinstance(part.op, ast.Not)
        and _is_exception(part.operand, names)
        for test in tests
        for part in (test.values if _is_and(test) else [test])  # type: ignore[attr-defined]
    )


def _is_and(test: ast.expr) -> bool:
    return isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)


def _is_exception(test: ast.expr, names: frozenset[str]) -> bool:
    """Return whether a test is that a name is an exception: `isinstance(r, Exception)`."""
    if not isinstance(test, ast.Call) or dotted_name(test.func) != "isinstance":
        return False
    value, *kinds = test.args
    classes = [*ast.walk(kinds[0])] if kinds else []
    return (
        isinstance(value, ast.Name)
        and value.id in names
        and any(isinstance(one, ast.Name) and one.id in _ERRORS for one in classes)
    )


def _skips(body: list[ast.stmt], names: frozenset[str]) -> bool:
    """Return whether a loop does nothing for an exception."""
    only = body[0] if len(body) == 1 else None
    if isinstance(only, ast.If) and not only.orelse and _leaves_out([only.test], names):
        return True
    return any(
        isinstance(statement, ast.If)
        and _is_exception(statement.test, names)
        and all(isinstance(inner, (ast.Continue, ast.Pass)) for inner in statement.body)
        for statement in body
    )
