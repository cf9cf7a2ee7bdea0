"""A `return`, `break` or `continue` in `finally` that discards the exception in flight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import handlers
from bedev_lint.model import Options
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


@visits("Return", "Break", "Continue", inside_finally=True)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if _leaves_finally(node, module) and not _only_without_error(node, module):
        yield Finding(node, fields={"jump": type(node).__name__.lower()})


def _leaves_finally(node: cst.CSTNode, module: Module) -> bool:
    """Say whether a `finally` lies between a jump and what it jumps to."""
    stays = not isinstance(node, cst.Return)
    child = node
    for above in module.ancestors(node):
        if isinstance(above, cst.Finally):
            return True
        if isinstance(above, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            return False
        # A jump in the `else` of a loop belongs to the loop around it.
        if stays and isinstance(above, (cst.For, cst.While)) and child is above.body:
            return False
        child = above
    return False


# ---------------------------------------------------------------- guarded by a check for one

_CURRENT = frozenset({"sys.exc_info", "sys.exception"})


def _only_without_error(node: cst.CSTNode, module: Module) -> bool:
    """Say whether a jump is only reached if no exception is in flight.

    `if sys.exc_info()[0] is None: return`, or in the `else` of the opposite.
    """
    child = node
    for above in module.ancestors(node):
        if isinstance(above, (cst.Finally, cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            return False
        if isinstance(above, cst.If) and child is not above.test:
            is_none = _says_none(above.test, module)
            if is_none is not None and is_none == (child is above.body):
                return True
        child = above
    return False


def _says_none(test: cst.BaseExpression, module: Module) -> bool | None:
    """Return whether a test holds if there is no exception (or if there is one); else None."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        opposite = _says_none(test.expression, module)
        return None if opposite is None else not opposite
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        sides = (_says_none(test.left, module), _says_none(test.right, module))
        return True if True in sides else None
    if not any(_is_current(part, module) for part in handlers.own(test)):
        return None
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        operator = test.comparisons[0].operator
        return isinstance(operator, (cst.Is, cst.Equal))
    return False


def _is_current(node: cst.CSTNode, module: Module) -> bool:
    """Say whether this is `sys.exc_info()` or the like, or a name that was given to it."""
    if isinstance(node, cst.Call):
        return module.qualified(node.func) in _CURRENT
    if not isinstance(node, cst.Name):
        return False
    return any(
        isinstance(binder, cst.Assign)
        and any(
            isinstance(part, cst.Call) and module.qualified(part.func) in _CURRENT
            for part in handlers.own(binder.value)
        )
        for binder in module.bindings(node)
    )
