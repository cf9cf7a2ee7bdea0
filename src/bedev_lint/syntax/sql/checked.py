"""What a function makes sure of before it uses a value: its type, or that it is one of a list."""

from __future__ import annotations

import re

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import called_name, own
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.sql.building import only_value

__all__ = ["is_checked", "leaves_room"]

_NAME = re.compile("[A-Za-z_]+")
_COLLECTIONS = (cst.List, cst.Tuple, cst.Set)


def leaves_room(annotation: cst.Annotation, options: Options) -> bool:
    """Return whether an annotation leaves room for any text; what else it names is known.

    A collection of which it says no more does, too.
    """
    if last_name(annotation.annotation) in texts(options, "open-collections"):
        return True
    names: set[str] = set()
    for node in own(annotation.annotation):
        if isinstance(node, cst.SimpleString):
            names.update(_NAME.findall(node.raw_value))
        elif isinstance(node, (cst.Name, cst.Attribute)):
            names.add(last_name(node) or "")
    return not names.isdisjoint(texts(options, "open-types"))


def is_checked(name: cst.Name, module: Module, options: Options) -> bool:
    """Return whether the function around compares a value with a list, or has it checked.

    A list of literals or one with a name of its own; a call of a `validate…`, a method such as
    `isdigit`. Raises PrunedAccess.
    """
    function = module.function_of(name)
    return function is not None and any(
        _is_compared(node, name.value, module)
        if isinstance(node, cst.Comparison)
        else _is_given(node, name.value, options)
        for node in module.below(function, cst.Comparison, cst.Call)
    )


def _is_compared(node: cst.Comparison, name: str, module: Module) -> bool:
    target = node.comparisons[0]
    if last_name(node.left) != name or not isinstance(target.operator, (cst.In, cst.NotIn)):
        return False
    allowed = target.comparator
    if isinstance(allowed, cst.Name) and not allowed.value.isupper():
        allowed = only_value(allowed, module) or allowed
    if isinstance(allowed, _COLLECTIONS):
        return all(module.string(element.value) is not None for element in allowed.elements)
    if isinstance(allowed, cst.Dict):
        return True
    return (last_name(allowed) or "").isupper()


def _is_given(call: cst.CSTNode, name: str, options: Options) -> bool:
    if not isinstance(call, cst.Call):
        return False
    func = call.func
    if isinstance(func, cst.Attribute) and last_name(func.value) == name:
        return func.attr.value in texts(options, "checking-methods")
    first = words(called_name(call))[:1]
    is_check = bool(first) and first[0] in texts(options, "checking-words")
    return is_check and any(last_name(arg.value) == name for arg in call.args)
