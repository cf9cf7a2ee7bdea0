"""Functions that observe their own errors: what may fail ends in broad handlers that tell of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from bedev_lint.source import dotted_name
from bedev_lint.source.nodes import TRIES

__all__ = ["guards"]

_BROAD = frozenset({"Exception", "BaseException"})
# Calls that fail only if all is lost: of loggers, and to wait.
_TELLING = frozenset("info warning warn error exception critical log print".split())
_HARMLESS = _TELLING | {"debug", "sleep"}
# Calls that only measure.
_MEASURING = frozenset("len time monotonic perf_counter".split())
# What may fail, whatever it is made of.
_FAILING = (ast.Subscript, ast.BinOp, ast.Raise, ast.Assert)
# Calls that do so with so many arguments: a `pop` that takes it well if there is nothing, as in
# `orders.pop(number, None)`, the `set` of an event or a context variable; and what lets go.
_HARMLESS_WITH = {("pop", 2), ("set", 0), ("set", 1)}
_RELEASING = frozenset("close remove release clear".split())
_QUIET = (
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.Pass,
    ast.Break,
    ast.Continue,
    ast.Global,
    ast.Nonlocal,
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
)


# Functions of which one has to see to an error: what is called, or a context manager around it.
Alternatives = tuple[ast.expr, ...]


def guards(body: Sequence[ast.stmt]) -> list[Alternatives] | None:
    """Return None if an error of a body may leave it, else the functions that have to see to it.

    Of each of these alternatives, the errors of one end in broad handlers that say so or keep
    them. Guards, assignments, log lines and sleeps may stand outside, in loops too.
    """
    return [] if _only_tells(body) else _guards_within(body)


def _guards_within(body: Sequence[ast.stmt]) -> list[Alternatives] | None:
    work = [statement for statement in body if not _is_harmless(statement)]
    guards_of_each = [_guards_of(statement) for statement in work]
    if not work or None in guards_of_each:
        return None
    return [alternatives for of_one in guards_of_each for alternatives in of_one or ()]


def _only_tells(body: Sequence[ast.stmt]) -> bool:
    """Return whether nothing in a body may fail, as it only measures, logs and waits."""
    if not all(map(_is_harmless, body)):  # as most are: what follows takes longer
        return False
    nodes = [node for statement in body for node in ast.walk(statement)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    awaited = [node.value for node in nodes if isinstance(node, ast.Await)]
    return (
        bool(calls)
        and all(map(_only_measures, calls))
        and all(isinstance(one, ast.Call) and _is_sleep(one) for one in awaited)
        and not any(isinstance(node, _FAILING) for node in nodes)
    )


def _only_measures(call: ast.Call) -> bool:
    """Return whether a call measures, logs or waits: a logger is told by its name."""
    receiver, _, name = dotted_name(call.func).rpartition(".")
    if name in _TELLING or name == "debug":
        return "log" in receiver.lower() or (name == "print" and not receiver)
    return _is_sleep(call) or name in _MEASURING


def _is_sleep(call: ast.Call) -> bool:
    return dotted_name(call.func).rpartition(".")[2] == "sleep"


def _guards_of(statement: ast.stmt) -> list[Alternatives] | None:
    if isinstance(statement, TRIES):
        tells = any(map(_tells, statement.handlers)) and all(map(_is_harmless, statement.orelse))
        return [] if tells else None
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        inside, manager = _guards_within(statement.body), _called(statement.items[-1].context_expr)
        if inside is None:
            return [manager] if manager else None
        return [(*alternatives, *manager) for alternatives in inside]
    if isinstance(statement, (ast.While, ast.For, ast.AsyncFor)):
        return _guards_within(statement.body)
    if isinstance(statement, ast.If):
        return _guards_within((*statement.body, *statement.orelse))
    if isinstance(statement, (ast.Expr, ast.Return)):
        called = _called(statement.value)
        return [called] if called else None
    return None


def _called(value: ast.expr | None) -> Alternatives:
    """Return the function that an expression calls, awaited or not, if it has a name."""
    value = value.value if isinstance(value, ast.Await) else value
    return (value.func,) if isinstance(value, ast.Call) and dotted_name(value.func) else ()


def _tells(handler: ast.ExceptHandler) -> bool:
    """Return whether a broad handler does something with the error.

    If it does not keep the error to itself, it has to log it first.
    """
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if not any(kind is None or dotted_name(kind) in _BROAD for kind in kinds):
        return False
    if any(isinstance(node, ast.Raise) for node in handler.body):
        return any(_called_name(statement) in _TELLING for statement in handler.body)
    return any(
        isinstance(node, (ast.Call, ast.Assign, ast.AugAssign))
        for statement in handler.body
        for node in ast.walk(statement)
    )


def _is_harmless(statement: ast.stmt) -> bool:
    if isinstance(statement, _QUIET):
        return True
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, (ast.Constant, ast.Name))
    if isinstance(statement, ast.For) and _may_fail_to_begin(statement):
        return False
    if isinstance(statement, (ast.If, ast.For, ast.While)):
        return all(map(_is_harmless, (*statement.body, *statement.orelse)))
    if not isinstance(statement, ast.Expr):
        return False
    value, name = statement.value, _called_name(statement)
    if isinstance(value, ast.Call):
        count = len(value.args) + len(value.keywords)
        if (name, count) in _HARMLESS_WITH or (name in _RELEASING and not count):
            return True
    return name in _HARMLESS or isinstance(value, ast.Constant)


def _may_fail_to_begin(loop: ast.For) -> bool:
    """Return whether a loop goes over what a call gives, other than numbers."""
    calls = (node for node in ast.walk(loop.iter) if isinstance(node, ast.Call))
    return any(dotted_name(call.func) != "range" for call in calls)


def _called_name(statement: ast.stmt) -> str:
    """Return the last name of what a statement calls, awaited or not."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    return dotted_name(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
