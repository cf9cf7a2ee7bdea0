"""What the classes that a handler catches derive from, as far as the module itself says."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice, product

import libcst as cst

from bedev_lint.source import BROAD
from bedev_lint.syntax.handling.handlers import Handler, expand
from bedev_lint.syntax.handling.tries import all_match
from bedev_lint.syntax.module import Module

__all__ = ["are_of_flow", "readings"]

_DEEPEST = 5
# So many ways to read a tuple of classes are looked at.
_MOST = 32


def readings(handler: Handler, module: Module) -> Iterator[tuple[str, ...]]:
    """Return what a handler catches, each class by its own name or by one that it derives from."""
    if handler.type is not None:
        classes = [tuple(_above(node, module)) for node in _classes(handler.type)]
        yield from islice(product(*classes), _MOST)


def are_of_flow(handler: Handler, module: Module, flow: Collection[str]) -> bool:
    """Return whether a project says by these errors, which are its own, how it goes on.

    They are named for that, and derive from no error that is known.
    """
    if handler.type is None:
        return False
    package = module.name.split(".")[0]
    for node in _classes(handler.type):
        name, *above = _above(node, module)
        is_own = _definition(node, module) is not None or name.startswith(f"{package}.")
        if above or not is_own or not all_match([name], flow):
            return False
    return True


def _classes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.Tuple):
        for element in node.elements:
            yield from _classes(element.value)
    else:
        yield node


def _above(node: cst.CSTNode, module: Module, depth: int = 0) -> Iterator[str]:
    """Return the names of a class and of those above it that say more than `Exception`."""
    for name in expand(node, module):
        if depth == 0 or name not in BROAD:
            yield name
    defined = _definition(node, module)
    if defined is not None and depth < _DEEPEST:
        for base in defined.bases:
            yield from _above(base.value, module, depth + 1)


def _definition(node: cst.CSTNode, module: Module) -> cst.ClassDef | None:
    """Return the class of this module that a name stands for."""
    binders = module.bindings(node) if isinstance(node, cst.Name) else []
    binder = binders[0] if len(binders) == 1 else None
    return binder if isinstance(binder, cst.ClassDef) else None
