"""Loops that are left with the first that is found, or with the first that is free."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from bedev_lint.facts.branches import is_none, is_with_none, left_by
from bedev_lint.source import below, dotted_name

__all__ = ["is_sought"]

_CALLS = (ast.Call, ast.Await)


def is_sought(
    body: Sequence[ast.stmt], index: int, loop: ast.For | ast.AsyncFor | None = None
) -> bool:
    """Return whether a loop is left with the first that a statement finds, or finds to be free.

    `loop` is the one of which this is the body, if it is one of a `for`.
    """
    return _is_found(body, index) or (loop is not None and _is_free(loop, index))


def _is_found(body: Sequence[ast.stmt], index: int) -> bool:
    """Return whether a loop is left with what a statement has found, if it has found anything.

    `found = find(name)`, `if found: return found`; or `if not found: continue`, and the suite
    leaves the loop in the end.
    """
    if index + 1 >= len(body):
        return False
    statement, following = body[index], body[index + 1]
    if not isinstance(statement, ast.Assign) or not isinstance(following, ast.If):
        return False
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or following.orelse:
        return False
    if is_none(following.test, target.id):
        return isinstance(following.body[-1], ast.Continue) and _is_left(body[index + 2 :])
    test = following.test
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        test = test.values[0]
    last = following.body[-1]
    if not _is_there(test, target.id):
        return False
    if isinstance(last, ast.Return):
        value = last.value
        return value is not None and dotted_name(value).partition(".")[0] == target.id
    return isinstance(last, ast.Break)


def _is_left(body: Sequence[ast.stmt]) -> bool:
    """Return whether whoever has run these has left the loop around them with an answer."""
    first, how = left_by(body)
    return first == 0 and how in ("break", "return")


def _is_there(test: ast.expr, name: str) -> bool:
    """Return whether a test asks if a name stands for something: `x`, `x is not None`."""
    if isinstance(test, ast.Compare) and is_with_none(test, ast.IsNot):
        test = test.left
    return isinstance(test, ast.Name) and test.id == name


def _is_free(loop: ast.For | ast.AsyncFor, index: int) -> bool:
    """Return whether a loop is left with the first name of which a statement asks if it is taken.

    `if not taken(name): break`, `used = taken(name)` and `if not used: break`, or
    `if taken(name): continue` before `return name`. None may be free only if that is an error, or
    the names are made up as it goes: or else it may look for what is missing, which is rare.
    """
    made_up = {*_made_up(loop, index)}
    statement = loop.body[index]
    rest = loop.body[index + isinstance(statement, ast.Assign) :]
    if not made_up or not rest or not isinstance(rest[0], ast.If) or rest[0].orelse:
        return False
    asked, is_free = _asked(rest[0].test)
    question = asked
    if isinstance(statement, ast.Assign):
        question = statement.value
        if dotted_name(asked) != dotted_name(statement.targets[0]):
            return False
    if not isinstance(question, _CALLS):
        return False
    names = made_up & _named_in(question)
    if is_free:
        return _is_left_with(rest[0].body, names, loop)
    return isinstance(rest[0].body[0], ast.Continue) and _is_left_with(rest[1:], names, loop)


def _asked(test: ast.expr) -> tuple[ast.expr, bool]:
    """Return of what a test asks whether it is there, and whether it holds if that is not."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand, True
    if isinstance(test, ast.Compare) and is_with_none(test, ast.Is):
        return test.left, True
    if isinstance(test, ast.Compare) and is_with_none(test, ast.IsNot):
        return test.left, False
    return test, False


def _made_up(loop: ast.For | ast.AsyncFor, index: int) -> Iterator[str]:
    """Return the names of texts that a loop makes before one of its statements, to ask for them.

    And the name that it binds, if it raises when it has run out of them.
    """
    for statement in loop.body[:index]:
        if isinstance(statement, ast.Assign) and _is_text_made(statement.value):
            yield dotted_name(statement.targets[0])
    if loop.orelse and isinstance(loop.orelse[-1], ast.Raise):
        yield dotted_name(loop.target)


def _is_text_made(value: ast.expr) -> bool:
    """Return whether this is a text that is made of others: `f"{word}-{n}"`, `word + "-2"`."""
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Attribute) and value.func.attr == "format"
    return isinstance(value, (ast.JoinedStr, ast.BinOp))


def _named_in(node: ast.AST) -> set[str]:
    """Return the names that an expression holds."""
    own = {node.id} if isinstance(node, ast.Name) else set[str]()
    return own.union(*map(_named_in, below(node)))


def _is_left_with(
    suite: Sequence[ast.stmt], names: Collection[str], loop: ast.For | ast.AsyncFor
) -> bool:
    """Return whether a suite does no more than leave a loop with what one of these stands for."""
    if not suite or not names or not all(_is_one_of(statement, names) for statement in suite[:-1]):
        return False
    if isinstance(suite[-1], ast.Break):
        return not loop.orelse or isinstance(loop.orelse[-1], ast.Raise)
    return isinstance(suite[-1], ast.Return) and _is_one_of(suite[-1], names)


def _is_one_of(statement: ast.stmt, names: Collection[str]) -> bool:
    """Return whether what a statement assigns or returns is what one of these names stands for."""
    value = statement.value if isinstance(statement, (ast.Assign, ast.Return)) else None
    return isinstance(value, ast.Name) and value.id in names
