"""What a function returns after an error, beside what it returns in all other cases."""

from __future__ import annotations

import libcst as cst

from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    always,
    called_name,
    following,
    is_name,
    is_return,
    own,
    statements,
)
from bedev_lint.syntax.handling.silence import is_nothing
from bedev_lint.syntax.module import Module

__all__ = ["gives_otherwise", "tells_by_flag", "tells_by_status"]


def gives_otherwise(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a handler returns None, and its function surely not in any other case."""
    function = module.function_of(tried)
    last = statements(handler.body)[-1]
    if not isinstance(function, cst.FunctionDef) or not isinstance(last, cst.Return):
        return False
    if not is_nothing(last.value):
        return False
    if not always([*statements(tried.body), *following(tried, module)], is_return):
        return False  # it comes to its end, which gives None
    # What returns has not been left out.
    values = [n.value for n in own(function.body, whole=False) if isinstance(n, cst.Return)]
    return all(map(_is_something, values))


_MADE = (
    cst.BaseNumber,
    cst.BaseString,
    cst.BaseList,
    cst.BaseSet,
    cst.BaseDict,
    cst.Tuple,
    cst.BinaryOperation,
    cst.Comparison,
)
_MAKING = frozenset("bool bytes dict float int len list set sorted str tuple".split())


def _is_something(value: cst.CSTNode | None) -> bool:
    """Return whether a value is not None for certain: it is made where it stands."""
    if isinstance(value, cst.IfExp):
        return _is_something(value.body) and _is_something(value.orelse)
    if isinstance(value, cst.Call):
        name = called_name(value)
        return name in _MAKING or name[:1].isupper()
    return isinstance(value, _MADE) or is_name(value, "True", "False")


def tells_by_flag(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a handler returns a tuple whose flag says the opposite in all other cases.

    `return None, True` where all others are `return found, False`.
    """
    function = module.function_of(tried)
    done = statements(handler.body)
    last = done[-1] if len(done) == 1 else None
    returned = last.value if isinstance(last, cst.Return) else None
    if not isinstance(function, cst.FunctionDef) or not isinstance(returned, cst.Tuple):
        return False
    others = [
        node.value
        for node in own(function.body)
        if isinstance(node, cst.Return) and node is not last
    ]
    return bool(others) and any(
        all(
            _is_flag(other, place, _OPPOSITE[flag.value], len(returned.elements))
            for other in others
        )
        for place, flag in enumerate(element.value for element in returned.elements)
        if isinstance(flag, cst.Name) and flag.value in _OPPOSITE
    )


_OPPOSITE = {"True": "False", "False": "True"}


def _is_flag(value: cst.CSTNode | None, place: int, flag: str, length: int) -> bool:
    """Return whether a value is a tuple of so many with this flag at this place."""
    return (
        isinstance(value, cst.Tuple)
        and len(value.elements) == length
        and is_name(value.elements[place].value, flag)
    )


def tells_by_status(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a handler returns a number, and 0 is what its function returns otherwise.

    That is how commands and probes say whether they have failed: `return 1`.
    """
    function = module.function_of(tried)
    last = statements(handler.body)[-1]
    if not isinstance(function, cst.FunctionDef) or not isinstance(last, cst.Return):
        return False
    if not isinstance(last.value, cst.Integer) or last.value.evaluated_value == 0:
        return False
    values = _returned(function.body)
    return (
        any(_is_zero(value) for value in values)
        and all(isinstance(value, cst.Integer) for value in _returned(tried.body))
        and all(isinstance(value, (cst.Integer, cst.Call)) for value in values)
    )


def _returned(block: cst.CSTNode) -> list[cst.BaseExpression | None]:
    return [node.value for node in own(block) if isinstance(node, cst.Return)]


def _is_zero(value: cst.CSTNode | None) -> bool:
    return isinstance(value, cst.Integer) and value.evaluated_value == 0
