"""Which constants of a module of settings are only what another file, if it is there, replaces."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import takewhile

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.needs import Needed
from bedev_lint.syntax.scopes import assigned

__all__ = ["is_replaced_below", "staying"]

# What gives the names of the module that calls it.
_NAMESPACES = frozenset({"globals", "locals", "vars"})
_EXECUTING = frozenset({"exec", "execfile"})
# A key that facts keep, and so one that others may be seen to replace.
_KEY = re.compile("[A-Za-z_][A-Za-z_.]{0,79}")
# What asks whether a file is there.
_LOOKING = frozenset({"exists", "find_spec", "is_file", "isfile"})


def is_replaced_below(
    node: cst.CSTNode,
    module: Module,
    configuration_words: Collection[str],
    overlaying: Collection[str],
) -> bool:
    """Return whether a module of settings reads others behind a literal, which go over its own.

    `from local import *` where that may fail, `exec(open(path).read())`,
    `globals().update(loaded)`, `vars()[name] = value`, `load(globals())`, or one of the functions
    `overlaying`. Raises PrunedAccess.
    """
    if module.function_of(node) is not None or module.class_of(node) is not None:
        return False
    if frozenset(words(module.name)).isdisjoint(configuration_words):
        return False
    line = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Module):
            break
        line = parent
    place = module.place(line, module.tree, module.tree.body)
    return place < _last_overlay(module, frozenset(overlaying))


def staying(node: cst.CSTNode, module: Module) -> tuple[Needed, ...]:
    """Return what the program must show of a literal of a constant: that no module replaces it.

    Where the settings of a deployment are those of this module with others over them. The option
    `not-deployed` lists the contexts of modules that no deployment is made of.
    """
    keys: list[str] = []
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            return ()
        if isinstance(parent, (cst.Assign, cst.AnnAssign)):
            targets = [*assigned(parent)]
            if module.function_of(parent) or module.class_of(parent) or len(targets) != 1:
                return ()
            target = targets[0]
            if not isinstance(target, cst.Name) or not target.value.isupper():
                return ()
            known = takewhile(_KEY.fullmatch, reversed(keys))
            return (Needed("stays", "not-deployed", names=(target.value, *known)),)
        if isinstance(parent, cst.DictElement):
            keys.append(Module.string(parent.key) or "")
        elif not isinstance(parent, cst.Dict):
            keys.clear()
    return ()


@lru_cache(maxsize=4)
def _last_overlay(module: Module, overlaying: frozenset[str]) -> int:
    """Return the place of the last line of a module that reads other settings, or -1."""
    overlays = (
        place
        for place, line in enumerate(module.tree.body)
        if not isinstance(line, (cst.FunctionDef, cst.ClassDef))
        and any(_is_overlay(part, module, overlaying) for part in _parts(line, module))
    )
    return max(overlays, default=-1)


def _parts(line: cst.CSTNode, module: Module) -> Iterator[cst.CSTNode]:
    return module.below(line, cst.ImportFrom, cst.Call, cst.AssignTarget)


def _is_overlay(node: cst.CSTNode, module: Module, overlaying: frozenset[str]) -> bool:
    if isinstance(node, cst.ImportFrom):
        may_fail = any(_tries(parent, module) for parent in module.ancestors(node))
        return isinstance(node.names, cst.ImportStar) and may_fail
    if isinstance(node, cst.AssignTarget):
        target = node.target
        return isinstance(target, cst.Subscript) and _is_namespace(target.value)
    if not isinstance(node, cst.Call):
        return False
    if module.qualified(node.func) in _EXECUTING | overlaying:
        return True
    if not isinstance(module.parent(node), cst.Expr):
        return False
    if any(_is_namespace(arg.value) and not arg.star for arg in node.args):
        return True
    func = node.func
    return (
        isinstance(func, cst.Attribute)
        and func.attr.value == "update"
        and _is_namespace(func.value)
        and not any(isinstance(arg.value, cst.Dict) for arg in node.args)
    )


def _tries(node: cst.CSTNode, module: Module) -> bool:
    """Return whether what stands in a block may not be there: a file, or a module."""
    if isinstance(node, cst.If):
        asked = module.below(node.test, cst.Call)
        return any(last_name(call.func) in _LOOKING for call in asked)
    return isinstance(node, (cst.Try, cst.With))


def _is_namespace(node: cst.BaseExpression) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and (node.func.value in _NAMESPACES and not node.args)
    )
