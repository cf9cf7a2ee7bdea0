"""A look-up of a secret loses its default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.editing import importing, relocating, replacing
from bedev_lint.fixer import on_nodes
from bedev_lint.model import Options
from bedev_lint.visiting import LITERALS

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

_GETTERS = ("os.getenv", "os.environ.get")
_DEFAULTS = ("default", "fallback")


@on_nodes(*LITERALS, message="Remove the default")
def fix(literal: cst.CSTNode, module: Module, _options: Options) -> cst.Module | None:
    parent = module.parent(literal)
    if isinstance(parent, cst.BooleanOperation) and literal is parent.right:
        look_up = parent.left
        return _required(look_up, parent, module) if isinstance(look_up, cst.Call) else None
    call = module.parent(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(parent, cst.Arg) or not isinstance(call, cst.Call):
        return None
    if tree := _required(call, call, module):
        return tree
    if parent.keyword is None or parent.keyword.value not in _DEFAULTS:
        return None
    args = [arg for arg in call.args if arg is not parent]
    if parent is call.args[-1] and args:
        args[-1] = args[-1].with_changes(comma=parent.comma)
    return replacing.replaced(module, call, call.with_changes(args=args)) if args else None


def _required(look_up: cst.Call, node: cst.BaseExpression, module: Module) -> cst.Module | None:
    """Return the tree in which a node is a look-up in the environment that has to be there."""
    if module.qualified(look_up.func) not in _GETTERS or not _is_plain(look_up.args):
        return None
    value = relocating.from_environment(look_up.args[0].value, node, module)
    if value is None:
        return None
    value = value.with_changes(lpar=node.lpar, rpar=node.rpar)
    return importing.with_import(replacing.replaced(module, node, value), "os")


def _is_plain(args: Sequence[cst.Arg]) -> bool:
    """Return whether the first of some arguments is the name that is looked up."""
    return bool(args) and args[0].keyword is None and not args[0].star
