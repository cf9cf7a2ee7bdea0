"""A `try` that only reads and converts values at hand: all that it can raise is a miss."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import (
    Try,
    asks_for_key,
    called_name,
    own,
    statements,
)
from bedev_lint.syntax.handling.tries import root
from bedev_lint.syntax.module import Module

__all__ = ["asks_of_file", "only_converts", "only_reads"]

# In more steps than so many, more may go wrong than who wrote the handler has seen.
_STEPS = 3
_STEP = (cst.Assign, cst.AnnAssign, cst.Return, cst.Del)
# What goes round, waits, or runs code of others: a loop, `with`, a nested `try`.
_MORE = (cst.BaseCompoundStatement, cst.Await, cst.Yield, cst.CompFor, cst.Lambda)
_OWN = frozenset({"self", "cls"})


def only_reads(tried: Try, module: Module, options: Options) -> bool:
    """Return whether all that a `try` does is to read and convert values, in few steps.

    By attributes, subscripts and calls that do nothing else: functions named in the option
    `converting`, by their dotted names, and methods of texts, numbers and mappings (`of-values`).
    """
    nodes = list(own(tried.body))
    steps = [node for node in nodes if isinstance(node, cst.BaseSmallStatement)]
    return (
        0 < len(steps) <= _STEPS
        and all(isinstance(step, _STEP) for step in steps)
        and not any(isinstance(node, _MORE) and not isinstance(node, cst.If) for node in nodes)
        and all(only_converts(n, module, options) for n in nodes if isinstance(n, cst.Call))
    )


def asks_of_file(tried: Try, module: Module, options: Options) -> bool:
    """Return whether a `try` asks of a file what the file system knows, and makes a value of it.

    It asks first, by a call that the option `stating` names, be it in a condition, and goes on in
    few steps that bind or return.
    """
    first = statements(tried.body)[0]
    asked = first.test if isinstance(first, cst.If) else first
    steps = [node for node in own(tried.body) if isinstance(node, cst.BaseSmallStatement)]
    return (
        0 < len(steps) <= _STEPS
        and all(isinstance(step, (cst.Assign, cst.AnnAssign, cst.Return)) for step in steps)
        and any(
            isinstance(node, cst.Call)
            and _is_one_of(_name(node, module), texts(options, "stating"))
            for node in own(asked)
        )
    )


def _name(call: cst.Call, module: Module) -> str:
    return module.qualified(call.func) or called_name(call)


def only_converts(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a call does nothing but to read or convert, whatever it is called on."""
    name = module.qualified(call.func)
    if name is not None and _is_one_of(name, texts(options, "converting")):
        return True
    if name is not None or not isinstance(call.func, cst.Attribute):
        return False
    return _looks_up(call) or called_name(call) in texts(options, "of-values")


def _looks_up(call: cst.Call) -> bool:
    """Return whether a call asks a mapping at hand for a key; a client gets what is at a path."""
    return (
        asks_for_key(call)
        and "/" not in (Module.string(call.args[0].value) or "")
        and all(arg.keyword is None for arg in call.args)
        and root(call.func) not in _OWN
    )


def _is_one_of(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
