"""A `try` that only reads and converts values at hand: all that it can raise is a miss.

What is not there, or of another form, is all that can go wrong, whatever the handler catches.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.syntax.handlers import (
    Handler,
    Try,
    called_name,
    following,
    is_name,
    is_parameter,
    is_return,
    own,
    statements,
)
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.silence import is_nothing, is_silent
from bedev_lint.syntax.tries import bound_in, is_empty_before, root

__all__ = ["asks_of_file", "means_absent", "only_reads"]

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
        and all(_converts(n, module, options) for n in nodes if isinstance(n, cst.Call))
    )


def asks_of_file(tried: Try, module: Module, options: Options) -> bool:
    """Return whether a `try` asks of a file what the file system knows, and makes a value of it.

    It asks first, by a call that the option `stating` names, and goes on in few steps that bind or
    return.
    """
    steps = [node for node in own(tried.body) if isinstance(node, cst.BaseSmallStatement)]
    return (
        0 < len(steps) <= _STEPS
        and all(isinstance(step, (cst.Assign, cst.AnnAssign, cst.Return)) for step in steps)
        and any(
            isinstance(node, cst.Call)
            and _is_one_of(_name(node, module), texts(options, "stating"))
            for node in own(steps[0])
        )
    )


def _name(call: cst.Call, module: Module) -> str:
    return module.qualified(call.func) or called_name(call)


def _converts(call: cst.Call, module: Module, options: Options) -> bool:
    name = module.qualified(call.func)
    if name is not None and _is_one_of(name, texts(options, "converting")):
        return True
    if name is not None or not isinstance(call.func, cst.Attribute):
        return False
    method = called_name(call)
    if method == "get":
        return _looks_up(call)
    return method in texts(options, "of-values")


def _looks_up(call: cst.Call) -> bool:
    """Return whether a `get` asks a mapping at hand for a key: `order.get("total", 0)`."""
    key = call.args[0].value if call.args else None
    return (
        isinstance(key, cst.SimpleString)
        # A client gets what is at a path.
        and "/" not in key.value
        and all(arg.keyword is None for arg in call.args)
        and root(call.func) not in _OWN
    )


def _is_one_of(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def means_absent(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether a handler says nothing but that what the `try` reads is not there.

    It gives None, an empty text or one that says so (`absent-texts`), what the caller has handed in
    for that, what the `try` gives elsewhere, or another part of what that reads; or it leaves what
    would have been bound as it was: the text that would have been parsed, or something empty.
    """
    done = statements(handler.body)
    if not is_silent(handler):
        return all(
            isinstance(step, (cst.Assign, cst.AnnAssign, cst.Return))
            and (
                _is_absent(step.value, module, options)
                or _is_handed_in(step.value, tried, module)
                or _is_known(step.value, tried, module)
            )
            for step in done
        )
    if any(isinstance(step, cst.Continue) for step in done):
        return False
    if any(map(is_return, done)):
        return True
    bound = bound_in(tried.body, module)
    if bound:
        return bound <= _given(tried.body, module) or is_empty_before(bound, tried, module)
    if any(isinstance(node, cst.Return) for node in own(tried.body)):
        after = next(following(tried, module), None)
        return after is None or (
            isinstance(after, cst.Return) and _is_absent(after.value, module, options)
        )
    return True


def _is_absent(value: cst.CSTNode | None, module: Module, options: Options) -> bool:
    if is_nothing(value):
        return True
    text = module.string(value) if value is not None else None
    return text is not None and (not text or text.lower() in texts(options, "absent-texts"))


def _is_handed_in(value: cst.CSTNode | None, tried: Try, module: Module) -> bool:
    """Return whether a value is a parameter that is there for nothing but this: `default`."""
    return (
        isinstance(value, cst.Name)
        and is_parameter(value, module)
        and value.value not in {n.value for n in own(tried.body) if isinstance(n, cst.Name)}
    )


def _is_known(value: cst.CSTNode | None, tried: Try, module: Module) -> bool:
    """Return whether the `try` gives the same in another case, or reads another part of it."""
    if not isinstance(value, (cst.Name, cst.Attribute, cst.Subscript)):
        return False
    if is_name(value, "True", "False"):  # by which somebody may be let in, or turned away
        return False
    nodes = list(own(tried.body))
    given = [n.value for n in nodes if isinstance(n, (cst.Assign, cst.AnnAssign, cst.Return))]
    if any(one is not None and module.code(one) == module.code(value) for one in given):
        return True
    reads = {root(n) for n in nodes if isinstance(n, (cst.Attribute, cst.Subscript))}
    return not isinstance(value, cst.Name) and root(value) in reads - {"", *_OWN}


def _given(block: cst.CSTNode, module: Module) -> set[str]:
    """Return what the calls of a block are given, as it is written."""
    return {module.code(node.value) for node in own(block) if isinstance(node, cst.Arg)}
