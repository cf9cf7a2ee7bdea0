"""Whether a condition asks for what a memo, a cache or a store has, and what is missing is kept."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from bedev_lint.facts.branches import memo_of
from bedev_lint.facts.function import Function
from bedev_lint.model import Attr, Either, Expr, Name, Result
from bedev_lint.names import words
from bedev_lint.source import dotted_name

__all__ = ["is_looked_up", "is_missing", "is_tried_first", "parts_of"]

# Methods that put something under a key, or words in the names of such: `store_value`.
_STORING = frozenset(
    "set add push put store save write insert setex psetex setnx hset rpush lpush sadd zadd".split()
)
# What a mapping raises that has no such key.
_MISSES = frozenset({"KeyError", "LookupError", "Exception"})


def parts_of(test: ast.expr, operator: type[ast.boolop]) -> list[ast.expr]:
    """Return what a test joins by an operator, or the test itself."""
    is_joined = isinstance(test, ast.BoolOp) and isinstance(test.op, operator)
    return test.values if isinstance(test, ast.BoolOp) and is_joined else [test]


def is_looked_up(
    test: ast.expr, operator: type[ast.cmpop], body: Sequence[ast.stmt], function: Function
) -> bool:
    """Return whether a test asks for what was looked up, and a body notes what was not found.

    `operator` is how the test asks: `is` for what is missing, `is not` for what is there.
    """
    is_negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    if isinstance(test, ast.UnaryOp) and is_negated:
        test = test.operand
    wants_negated = operator is ast.Is
    if isinstance(test, ast.Compare):
        asked, right = test.ops[0], test.comparators[0]
        if isinstance(asked, (ast.In, ast.NotIn)):
            is_absent = isinstance(asked, ast.NotIn) != is_negated
            return is_absent == wants_negated and _is_kept_in(dotted_name(right), body)
        if is_negated or not isinstance(asked, operator):
            return False
        test = test.left
    elif is_negated != wants_negated:
        return False
    if isinstance(test, ast.Call):
        func, key = dotted_name(test.func), dotted_name(test.args[0]) if test.args else ""
        return _is_asked(func, body) or _is_stored(func, key, body)
    if isinstance(test, ast.NamedExpr):
        test = test.target
    value = function.bound.get(test.id) if isinstance(test, ast.Name) else None
    options = value.options if isinstance(value, Either) else (value,)
    sites = (function.sites[option.site] for option in options if isinstance(option, Result))
    calls = ((_dotted(site.func), _dotted(site.args[0]) if site.args else "") for site in sites)
    return any(_is_asked(func, body) or _is_stored(func, key, body) for func, key in calls)


def _is_asked(func: str, body: Sequence[ast.stmt]) -> bool:
    """Return whether a function or method gives what a body keeps, or a cache has."""
    owner, _, name = func.rpartition(".")
    if name == "get":
        return _is_kept_in(owner, body)
    if not name.startswith("get"):
        return False
    # `cache.get_value(key)`, `self.get_cached(key)`.
    return "cache" in func.lower() or _calls(f"{owner}.set{name[len('get') :]}", body)


def _is_stored(func: str, key: str, body: Sequence[ast.stmt]) -> bool:
    """Return whether a body puts something into a store under the key that this was asked for.

    `kept = self.store.lrange(key, 0, -1)`, and `self.store.rpush(key, *found)`.
    """
    owner = func.rpartition(".")[0]
    if not body or isinstance(body[0], ast.If):
        return False  # the rest of a chain of conditions is asked by itself
    if not key or owner in ("", "self", "cls"):
        return False
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and not _STORING.isdisjoint((node.func.attr, *words(node.func.attr)))
        and dotted_name(node.func.value) == owner
        and len(node.args) > 1
        and dotted_name(node.args[0]) == key
        for statement in body
        for node in ast.walk(statement)
    )


def _calls(func: str, body: Sequence[ast.stmt]) -> bool:
    """Return whether a body calls what has this dotted name."""
    return any(
        isinstance(node, ast.Call) and dotted_name(node.func) == func
        for statement in body
        for node in ast.walk(statement)
    )


def _is_kept_in(path: str, body: Sequence[ast.stmt]) -> bool:
    """Return whether a body keeps something in what has this dotted name, or it is a cache.

    What is called a cache is filled, if not here, by what is called here.
    """
    return "cache" in path.lower() or memo_of(body, path)


def is_missing(node: ast.If, function: Function) -> bool:
    """Return whether an `if` asks for what is not in something, and its body notes that there.

    `missing = [key for key in keys if key not in known]`, `if missing: known.update(...)`.
    """
    if not isinstance(node.test, ast.Name):
        return False
    container = function.missing_in.get(node.test.id, "")
    return bool(container) and memo_of(node.body, container)


def is_tried_first(node: ast.Try, rest: Sequence[ast.stmt]) -> bool:
    """Return whether a `try` answers with what was kept, and the rest keeps what was not.

    `try: return known[key]`, `except KeyError: pass`.
    """
    if node.orelse or node.finalbody:
        return False
    last = node.body[-1]
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Subscript):
        return False
    kinds = [handler.type for handler in node.handlers if handler.type is not None]
    caught = {dotted_name(kind) for kind in kinds}
    return caught <= _MISSES and bool(caught) and _is_kept_in(dotted_name(last.value.value), rest)


def _dotted(value: Expr) -> str:
    """Return the dotted name by which a value is read, or ""."""
    parts: list[str] = []
    while isinstance(value, Attr):
        parts.append(value.name)
        value = value.base
    return ".".join([value.id, *reversed(parts)]) if isinstance(value, Name) else ""
