"""When the code of a branch runs: once in a while, once for each key, or never again after it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from bedev_lint.source import DEFINITIONS, below, dotted_name, suites

__all__ = ["endings", "is_sought", "keeps", "left_by", "memo_of", "missing_in", "seldom", "stores"]

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
# Methods that note something in a container or cache.
_STORING = ("add", "set", "setdefault", "update")
# Attributes that tell an element from all others.
_IDENTIFYING = ("key", "name", "id", "slug")
_NOT_OF_LOOP = (*_LOOPS, *DEFINITIONS)


def endings(handlers: Sequence[ast.ExceptHandler]) -> tuple[str, ...]:
    """Return how those of these handlers go on that do not raise: `continue`, `break`, `return`."""
    found = set()
    for handler in handlers:
        last = handler.body[-1]
        if not isinstance(last, ast.Raise):
            is_left = isinstance(last, (ast.Return, ast.Break))
            found.add(last.__class__.__name__.lower() if is_left else "continue")
    return tuple(sorted(found))


def left_by(body: Sequence[ast.stmt]) -> str:
    """Return "break" or "return" if whoever has run these leaves the loop around them so."""
    last = body[-1] if body else None
    if isinstance(last, ast.Break):
        kind = "break"
    elif isinstance(last, (ast.Return, ast.Raise)):
        kind = "return"
    else:
        return ""
    return "" if any(_goes_on(statement) for statement in body) else kind


def _goes_on(statement: ast.AST) -> bool:
    """Return whether a `continue` of the loop around this stands in it."""
    if isinstance(statement, ast.Continue):
        return True
    if isinstance(statement, _NOT_OF_LOOP):
        return False
    return any(_goes_on(inner) for suite in suites(statement) for inner in suite)


def seldom(node: ast.If, targets: Sequence[str], outer: Sequence[str]) -> str:
    """Return why the body of an `if` does not run in each iteration of a loop around it, or "".

    `counted`: every so many (`index % 1000 == 0`, `len(rows) >= size`). `memo`: once for each
    key (`if key not in known: known[key] = ...`). `once`: at all (`if self.x is None: self.x =`).
    `chosen`: for the one element that is equal to a constant, or whose name is; `targets` is what
    the loop binds, `outer` are the names that the function declares global or nonlocal.
    """
    test = node.test
    if isinstance(test, ast.BoolOp):
        if any(_is_count(value) for value in test.values):
            return "counted"
        test = test.values[0] if isinstance(test.op, ast.And) else test
    if _is_count(test):
        return "counted"
    absent: type[ast.cmpop] = ast.NotIn
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, absent = test.operand, ast.In
        if keeps(test, node.body, outer):
            return "once"
    if not isinstance(test, ast.Compare):
        return ""
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(operator, ast.Eq) and (_is_text(right) or dotted_name(right).isupper()):
        whole = left
        if isinstance(left, ast.Attribute) and left.attr in _IDENTIFYING:
            whole = left.value
        return "chosen" if isinstance(whole, ast.Name) and whole.id in targets else ""
    if isinstance(operator, ast.Is):
        return "once" if keeps(left, node.body, outer) else ""
    return "memo" if isinstance(operator, absent) and memo_of(node.body, right) else ""


def is_sought(pair: Sequence[ast.stmt]) -> bool:
    """Return whether a loop is left with what a statement has found, if it has found anything.

    `found = find(name)`, `if found: return found`.
    """
    if len(pair) < 2 or not isinstance(pair[0], ast.Assign) or not isinstance(pair[1], ast.If):
        return False
    target, following = pair[0].targets[0], pair[1]
    if not isinstance(target, ast.Name):
        return False
    test = following.test
    if isinstance(test, ast.Compare):
        right = test.comparators[0]
        is_none = isinstance(right, ast.Constant) and right.value is None
        if not is_none or not isinstance(test.ops[0], ast.IsNot):
            return False
        test = test.left
    if not isinstance(test, ast.Name) or test.id != target.id or following.orelse:
        return False
    last = following.body[-1]
    if isinstance(last, ast.Return):
        value = last.value
        return value is not None and dotted_name(value).partition(".")[0] == target.id
    return isinstance(last, ast.Break)


def keeps(asked: ast.expr, body: Sequence[ast.stmt], outer: Sequence[str]) -> bool:
    """Return whether a body binds what was asked for, for longer than its function runs.

    That is an attribute, `hasattr` of it, or a name of the module.
    """
    name = dotted_name(asked)
    if isinstance(asked, ast.Call) and dotted_name(asked.func) == "hasattr":
        owner, attribute = (*asked.args, None, None)[:2]
        if owner is not None and isinstance(attribute, ast.Constant):
            return _binds(body, f"{dotted_name(owner)}.{attribute.value!s}")
    is_kept = isinstance(asked, ast.Attribute) or name.isupper() or name in outer
    return is_kept and bool(name) and _binds(body, name)


def memo_of(body: Sequence[ast.stmt], known: ast.expr | str) -> bool:
    """Return whether a body notes something in what was asked for it: a dotted name."""
    name = known if isinstance(known, str) else dotted_name(known)
    return bool(name) and any(stores(statement, name) for statement in body)


def missing_in(value: ast.expr) -> str:
    """Return the dotted name of that which the elements of a comprehension are not in, or ""."""
    if not isinstance(value, (ast.ListComp, ast.SetComp)):
        return ""
    for test in value.generators[-1].ifs:
        if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotIn):
            return dotted_name(test.comparators[0])
    return ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


def _is_count(test: ast.expr) -> bool:
    """Return whether a test holds every so many times: `n % 100 == 0`, `len(rows) >= size`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    if isinstance(test, ast.BinOp):
        return isinstance(test.op, ast.Mod)
    if not isinstance(test, ast.Compare):
        return False
    left, size = test.left, test.comparators[0]
    if isinstance(left, ast.BinOp):
        return isinstance(left.op, ast.Mod)
    at_least = isinstance(test.ops[0], (ast.Gt, ast.GtE, ast.Eq))
    if not at_least or not isinstance(left, ast.Call) or dotted_name(left.func) != "len":
        return False
    is_large = isinstance(size, ast.Constant) and isinstance(size.value, int) and size.value >= 10
    return is_large or bool(dotted_name(size))


def _binds(body: Sequence[ast.stmt], name: str) -> bool:
    """Return whether a suite assigns to this dotted name, at any depth."""
    return any(_binds_in(statement, name) for statement in body)


def _binds_in(statement: ast.AST, name: str) -> bool:
    if isinstance(statement, ast.Assign):
        return any(dotted_name(target) == name for target in statement.targets)
    if isinstance(statement, DEFINITIONS):
        return False
    return any(_binds_in(inner, name) for suite in suites(statement) for inner in suite)


def stores(node: ast.AST, name: str) -> bool:
    """Return whether a statement assigns to an item of this name, or adds to it."""
    if isinstance(node, DEFINITIONS):
        return False
    if isinstance(node, ast.Assign):
        return any(
            isinstance(target, ast.Subscript) and dotted_name(target.value) == name
            for target in node.targets
        )
    if isinstance(node, ast.Call):
        kept_in, _, how = dotted_name(node.func).rpartition(".")
        if kept_in == name and how in _STORING:
            return True
    return any(stores(child, name) for child in below(node))
