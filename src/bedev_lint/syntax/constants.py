"""Where literals stand: as named constants, as defaults that a caller replaces, as arguments."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import dotted

__all__ = ["can_be_set", "given_to", "is_kind_of", "is_named_constant"]

_COLLECTIONS = (cst.Dict, cst.List, cst.Tuple, cst.Set)
_ENTRIES = (cst.DictElement, cst.Element)
# What a value is put together by, and what has a name for it.
_PLAIN = (*_COLLECTIONS, *_ENTRIES, cst.BinaryOperation, cst.BooleanOperation, cst.IfExp, cst.Arg)
_ASSIGNMENTS = (cst.Assign, cst.AnnAssign, cst.AugAssign)
# What a value does not go through.
_NO_VALUE = (cst.BaseSmallStatement, cst.BaseCompoundStatement, cst.Comparison)
_DEPTH = 5


_FORMATTING = (cst.BinaryOperation, cst.Attribute, cst.Call)


def given_to(node: cst.CSTNode, module: Module) -> str | None:
    """Return the dotted name of the function whose argument a literal is.

    It may stand in a collection, or be formatted. The name is as resolved through imports; else
    `*.name`, the last part as it is written.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Call) and parent.func is not child:
            return module.qualified(parent.func) or f"*.{last_name(parent.func) or ''}"
        if not isinstance(parent, (*_COLLECTIONS, *_ENTRIES, *_FORMATTING, cst.Arg)):
            return None
        child = parent
    return None


def is_named_constant(node: cst.CSTNode, module: Module, wrappers: Sequence[str]) -> bool:
    """Return whether a literal is a constant of a module or class, or stands in one.

    Calls of `wrappers` keep what they are given.
    """
    if module.function_of(node) is not None:
        return False
    for parent in module.ancestors(node):
        if isinstance(parent, _ASSIGNMENTS):
            return True
        if isinstance(parent, cst.Call):
            if module.qualified(parent.func) not in wrappers:
                return False
        elif not isinstance(parent, _PLAIN):
            return False
    return False


def can_be_set(node: cst.CSTNode, module: Module, fields: Sequence[str]) -> bool:
    """Return whether a literal only stands in for what a caller may give.

    The default of a parameter; of a field that a constructor takes (`fields` are patterns of base
    classes and decorators of classes that have such); what comes behind `or`, or under
    `if x is None`.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Param):
            return child is parent.default
        if isinstance(parent, cst.BooleanOperation):
            if isinstance(parent.operator, cst.Or) and child is parent.right:
                return True
        elif isinstance(parent, cst.IfExp):
            other = parent.body if child is parent.orelse else parent.orelse
            name = last_name(other)
            if name is not None and name in _tested(parent.test):
                return True
        elif isinstance(parent, _ASSIGNMENTS):
            return _is_field(parent, module, fields) or _fills_gap(parent, module)
        elif isinstance(parent, _NO_VALUE):
            return False
        child = parent
    return False


def _tested(test: cst.BaseExpression) -> list[str]:
    """Return the names that a condition asks for: of `not x`, `x is None`, `x` and the like."""
    if isinstance(test, cst.UnaryOperation):
        return _tested(test.expression)
    if isinstance(test, cst.Comparison):
        return _tested(test.left)
    if isinstance(test, cst.Call):  # settings.get("url")
        return [name for arg in test.args[:1] if (name := Module.string(arg.value))]
    name = last_name(test)
    return [name] if name is not None else []


def _fills_gap(assign: cst.CSTNode, module: Module) -> bool:
    """Return whether an assignment is made where its target is empty: `if x is None: x = …`."""
    if not isinstance(assign, cst.Assign):
        return False
    for parent in module.ancestors(assign):
        if isinstance(parent, cst.If):
            names = {last_name(target.target) for target in assign.targets}
            return not names.isdisjoint(_tested(parent.test))
        if not isinstance(parent, (cst.SimpleStatementLine, cst.IndentedBlock)):
            return False
    return False


def _is_field(assign: cst.CSTNode, module: Module, fields: Sequence[str]) -> bool:
    """Return whether an assignment is a field that the constructor of its class takes."""
    cls = module.class_of(assign)
    if cls is None:
        return False
    if isinstance(assign, cst.AnnAssign):
        annotation = assign.annotation.annotation
        if isinstance(annotation, cst.Subscript):
            annotation = annotation.value
        if last_name(annotation) in ("ClassVar", "Final"):
            return False
    elif not isinstance(assign, cst.Assign) or not isinstance(assign.value, cst.Call):
        return False
    return is_kind_of(cls, module, fields)


def is_kind_of(cls: cst.ClassDef, module: Module, kinds: Sequence[str], depth: int = 0) -> bool:
    """Return whether a class, or a base of it in this module, has such a base or decorator."""
    above = [base.value for base in cls.bases]
    above += [
        mark.decorator.func if isinstance(mark.decorator, cst.Call) else mark.decorator
        for mark in cls.decorators
    ]
    for base in above:
        name = module.qualified(base) or dotted(base) or ""
        if any(fnmatchcase(name, pattern) for pattern in kinds):
            return True
        if isinstance(base, cst.Name) and depth < _DEPTH:
            binders = (one for one in module.bindings(base) if isinstance(one, cst.ClassDef))
            if any(is_kind_of(one, module, kinds, depth + 1) for one in binders if one is not cls):
                return True
    return False
