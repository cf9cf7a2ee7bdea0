"""Folders that a `try` makes: what is done in them fails where they could not be made."""

from __future__ import annotations

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import Try, called_name, following, own
from bedev_lint.syntax.handling.tries import only_calls
from bedev_lint.syntax.module import Module

__all__ = ["are_used_later"]

_PLACES = (cst.Name, cst.Attribute, cst.Subscript)


def are_used_later(tried: Try, module: Module, options: Options) -> bool:
    """Return whether all that a `try` does is to make folders, and what follows works in one.

    A call is given the path, or that of a file for which it was made, and is no line of a log:
    `os.makedirs(os.path.dirname(path))`, and then `open(path, "w")`. Without the folder it raises.
    """
    if module.function_of(tried) is None:
        return False
    making = texts(options, "making-folders")
    if not only_calls(tried.body, making):
        return False
    calls = [node for node in own(tried.body) if isinstance(node, cst.Call)]
    made = {
        module.code(path)
        for call in calls
        if called_name(call) in making and (path := _path_made(call, module)) is not None
    }
    told = texts(options, "logged")
    return any(
        isinstance(node, cst.Call)
        and called_name(node) not in told
        and any(_names(given, made, module) for given in _given(node, module))
        for statement in following(tried, module)
        for node in own(statement)
    )


def _path_made(call: cst.Call, module: Module) -> cst.CSTNode | None:
    """Return the path of a folder that a call makes, or of the file whose folder it makes."""
    given = _given(call, module)
    path = given[0] if given else None
    if isinstance(path, cst.Call) and called_name(path) == "dirname" and path.args:
        return path.args[0].value
    if isinstance(path, cst.Attribute) and path.attr.value == "parent":
        return path.value
    return path


def _given(call: cst.Call, module: Module) -> list[cst.BaseExpression]:
    """Return the object that a call is a method of, and what it is given."""
    func = call.func
    of = [func.value] if isinstance(func, cst.Attribute) and not module.qualified(func) else []
    return [*of, *(arg.value for arg in call.args)]


def _names(given: cst.CSTNode, made: set[str], module: Module) -> bool:
    return any(isinstance(node, _PLACES) and module.code(node) in made for node in own(given))
