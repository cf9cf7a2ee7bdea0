"""Where a caught exception itself goes: to whoever waits for it, or on by another `raise`."""

from __future__ import annotations

from functools import lru_cache

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.handling.handlers import called_name, is_name, is_parameter, own, statements
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned

__all__ = ["hands_over"]

_EXITS = frozenset({"__exit__", "__aexit__"})


def hands_over(
    statement: cst.CSTNode, bound: str, module: Module, receiving: frozenset[str]
) -> bool:
    """Return whether the exception itself goes to whoever waits for it.

    `future.set_exception(e)`, `queue.put((None, e))`, `on_error(e)` of a parameter; it is kept in
    an attribute or entry, or in a name that the functions or the class around raise (also the
    first of several: `if first is None: first = e`); it is all that the caller gets: `return e`.
    So is the status with which an exit was to end the process: `e.code`.
    """
    if isinstance(statement, cst.Return):
        return is_name(statement.value, bound) or _is_status(statement.value, bound)
    if isinstance(statement, cst.If):
        return _keeps_first(statement, bound, module) or _leaves(statement.test, bound)
    if isinstance(statement, (cst.Assign, cst.AnnAssign)):
        if statement.value is None:
            return False
        targets = assigned(statement)
        if (_holds(statement.value, bound) or _is_status(statement.value, bound)) and any(
            isinstance(target, (cst.Attribute, cst.Subscript)) for target in targets
        ):
            return True
        # What is raised in the end may be made of it: `exc.with_traceback(None)`, `first or exc`.
        return any(is_name(node, bound) for node in own(statement.value)) and any(
            _is_raised(target, module) for target in targets
        )
    value = statement.value if isinstance(statement, cst.Expr) else None
    call = value.expression if isinstance(value, cst.Await) else value
    if not isinstance(call, cst.Call) or not any(_holds(a.value, bound) for a in call.args):
        return False
    if not receiving.isdisjoint(words(called_name(call))) or is_parameter(call.func, module):
        return True
    return isinstance(call.func, cst.Attribute) and _is_raised(call.func.value, module)


def _is_status(value: cst.CSTNode | None, bound: str) -> bool:
    return (
        isinstance(value, cst.Attribute)
        and value.attr.value == "code"
        and is_name(value.value, bound)
    )


def _leaves(test: cst.BaseExpression, bound: str) -> bool:
    """Return whether a context manager is asked for it: `manager.__exit__(type(e), e, None)`."""
    call = test.expression if isinstance(test, cst.Await) else test
    return (
        isinstance(call, cst.Call)
        and called_name(call) in _EXITS
        and any(is_name(arg.value, bound) for arg in call.args)
    )


def _keeps_first(statement: cst.If, bound: str, module: Module) -> bool:
    """Return whether the exception is kept where none has been: `if first is None: first = e`."""
    test = statement.test
    tested = test.left if isinstance(test, cst.Comparison) else None
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        tested = test.expression
    kept = [one for one in statements(statement.body) if isinstance(one, cst.Assign)]
    return (
        tested is not None
        and statement.orelse is None
        and any(
            is_name(one.value, bound)
            and module.code(one.targets[0].target) == module.code(tested)
            and _is_raised(tested, module)
            for one in kept
        )
    )


def _holds(node: cst.CSTNode, bound: str) -> bool:
    """Return whether a value is the exception, or a collection or object made with it in it."""
    if isinstance(node, (cst.Tuple, cst.List)):
        return any(_holds(element.value, bound) for element in node.elements)
    if isinstance(node, cst.Dict):
        return any(_holds(e.value, bound) for e in node.elements)
    if isinstance(node, cst.Call):
        return called_name(node)[:1].isupper() and any(_holds(a.value, bound) for a in node.args)
    return is_name(node, bound)


def _is_raised(kept: cst.CSTNode, module: Module) -> bool:
    """Return whether the outermost function or class around raises what is kept here."""
    owners = [n for n in module.ancestors(kept) if isinstance(n, (cst.FunctionDef, cst.ClassDef))]
    if not owners:
        return False
    return module.code(kept) in _raised_in(owners[-1], module)


@lru_cache(maxsize=1)  # all handlers in it ask the same
def _raised_in(owner: cst.CSTNode, module: Module) -> set[str]:
    """Return the code of all names, attributes and items that a function or class raises.

    What is raised under another name (`last = error`, `raise last`) is among them.
    """
    raised = {
        module.code(node)
        for statement in module.below(owner, cst.Raise, nested=True)
        if statement.exc is not None
        for node in own(statement.exc)
        if isinstance(node, (cst.Name, cst.Attribute, cst.Subscript))
    }
    renamed = {
        module.code(node.value)
        for node in module.below(owner, cst.Assign, nested=True)
        if isinstance(node.value, cst.Name)
        and any(module.code(target.target) in raised for target in node.targets)
    }
    return raised | renamed
