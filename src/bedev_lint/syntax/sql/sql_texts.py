"""Texts of SQL: whether they are given to a database, at once or by way of a variable."""

from __future__ import annotations

from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import called_name
from bedev_lint.syntax.module import NESTED, Module
from bedev_lint.syntax.scopes import assigned

__all__ = ["is_run", "is_told"]

_ASSIGNMENTS = (cst.Assign, cst.AnnAssign, cst.AugAssign)
# What is in it is not what is given.
_ELSE = (cst.Comparison, cst.Index, *NESTED)


def is_run(
    text: cst.CSTNode, module: Module, options: Options, visited: frozenset[str] = frozenset()
) -> bool:
    """Return whether a text is given to a call that runs it.

    It may be wrapped, be a piece of another one, or go by way of variables of its function; the
    `visited` ones are not followed again. Raises PrunedAccess.
    """
    child = text
    for parent in module.ancestors(text):
        if isinstance(parent, cst.Call) and isinstance(child, cst.Arg):
            if _is_first(child, parent) and _runs(parent, module, options):
                return True
            if called_name(parent) in texts(options, "gathering"):
                collection = parent.func.value if isinstance(parent.func, cst.Attribute) else None
                return _is_variable_run(collection, module, options, visited)
        elif isinstance(parent, cst.NamedExpr):
            if _is_variable_run(parent.target, module, options, visited):
                return True
        elif isinstance(parent, _ASSIGNMENTS):
            targets = assigned(parent)
            return child is parent.value and any(
                _is_variable_run(target, module, options, visited) for target in targets
            )
        elif isinstance(parent, (*_ELSE, cst.BaseStatement, cst.BaseSmallStatement)):
            return False
        child = parent
    return False


def is_told(text: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a text is written for people: it is raised, logged or printed."""
    for parent in module.ancestors(text):
        if isinstance(parent, cst.Raise):
            return True
        if isinstance(parent, cst.Call) and called_name(parent) in texts(options, "telling"):
            return True
        if isinstance(parent, (cst.BaseStatement, cst.BaseSmallStatement)):
            return isinstance(parent, cst.Expr) and parent.value is text
    return False


def _is_first(arg: cst.Arg, call: cst.Call) -> bool:
    return arg is call.args[0] or arg.keyword is not None


def _runs(call: cst.Call, module: Module, options: Options) -> bool:
    names = {module.qualified(call.func) or "", f"*.{called_name(call)}"}
    return any(fnmatchcase(name, one) for name in names for one in texts(options, "running"))


def _is_variable_run(
    target: cst.CSTNode | None, module: Module, options: Options, visited: frozenset[str]
) -> bool:
    if not isinstance(target, cst.Name) or target.value in visited:
        return False
    function = module.function_of(target) or module.tree
    return any(
        is_run(use, module, options, visited | {target.value})
        for use in module.below(function, cst.Name, nested=True)
        if use.value == target.value and use is not target
    )
