"""Loops that skip what fails: what they write, and what is answered after them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    called_name,
    following,
    is_name,
    loop_around,
    own,
    statements,
)
from bedev_lint.syntax.handling.log_lines import names_traceback
from bedev_lint.syntax.handling.silence import is_nothing
from bedev_lint.syntax.handling.tries import call_of, root, targets
from bedev_lint.syntax.literals import last_name, text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.walk import children

__all__ = ["answer_after", "is_skipping", "loop_over_data", "says_success"]

_HARMLESS = (cst.Pass, cst.Continue)


def loop_over_data(tried: Try, module: Module) -> cst.For | None:
    """Return the loop that a `try` stands directly in, if that runs over data to its end.

    Not one over numbers or over candidates that are written there, nor one that ends with the
    first that works.
    """
    loop = loop_around(tried, module)
    if not isinstance(loop, cst.For) or module.parent(tried) is not loop.body:
        return None
    over = loop.iter
    if isinstance(over, (cst.List, cst.Tuple, cst.Set)):
        return None
    if isinstance(over, cst.Call) and called_name(over) in ("range", "count", "repeat"):
        return None
    ends = (cst.Break, cst.Return, cst.Yield)
    return None if any(isinstance(node, ends) for node in _all(loop.body)) else loop


def _all(block: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Return all that a block runs, with what its handlers run."""
    for node in own(block):
        yield node
        if isinstance(node, (cst.Try, cst.TryStar)):
            for handler in node.handlers:
                yield from _all(handler.body)


def is_skipping(handler: Handler, module: Module, options: Options) -> bool:
    """Return whether a handler leaves no trace but lines of a log, and lets the loop go on."""
    local: set[str] = set()
    for statement in statements(handler.body):
        if isinstance(statement, _HARMLESS):
            continue
        if isinstance(statement, cst.Assign):
            names = [t.value for t in targets(statement) if isinstance(t, cst.Name)]
            if len(names) != len(list(targets(statement))):
                return False
            local.update(names)
        elif not isinstance(statement, cst.Expr) or not _is_told(statement, options):
            return False
    return not local or not _are_used(local, handler, module)


def _is_told(statement: cst.Expr, options: Options) -> bool:
    """Return whether a statement is a line of a log or the like, or undoes what has failed."""
    call = call_of(statement)
    if call is None:
        return isinstance(statement.value, (cst.BaseString, cst.Ellipsis))
    name = called_name(call)
    if name in texts(options, "undoing-calls") or names_traceback(call):
        return True
    if not isinstance(call.func, cst.Attribute):
        return name == "print"
    logger = call.func.value
    called = called_name(logger) if isinstance(logger, cst.Call) else last_name(logger)
    return not set(words(called or "")).isdisjoint(texts(options, "logger-words"))


def _are_used(names: Collection[str], handler: Handler, module: Module) -> bool:
    """Return whether one of these names is read outside of a handler."""
    function = module.function_of(handler)
    if function is None:
        return True
    inside = set(map(id, _all(handler.body)))
    return any(
        name.value in names and id(name) not in inside
        for name in module.below(function.body, cst.Name, nested=True)
    )


def _written_in(loop: cst.For) -> frozenset[str]:
    """Return the names that a loop may change: bound, called on, filled, or handed to a call."""
    written: set[str] = set()
    for node in _all(loop.body):
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            written.update(root(target) for target in targets(node))
        elif isinstance(node, (cst.AugAssign, cst.NamedExpr)):
            written.add(root(node.target))
        elif isinstance(node, cst.Call):
            written.add(root(node.func))
            written.update(root(arg.value) for arg in node.args)
    return frozenset(written - {""})


def answer_after(loop: cst.For, module: Module, options: Options) -> cst.Return | None:
    """Return the `return` of a value that the way on from a loop leads to.

    None if it leads elsewhere, or if the way forks by something that the loop may have changed.
    """
    changed = set(_written_in(loop)) - _numbers(loop, module)
    over = _names(loop.iter)
    shared = _sharing(changed | over, loop, module)
    for statement in following(loop, module):
        if isinstance(statement, cst.Return):
            value = statement.value
            if value is None or is_nothing(value) or _holds(value, shared, module):
                return None
            is_same = not _depends(value, over, changed, texts(options, "making"))
            return statement if is_same else None
        if isinstance(statement, (cst.Raise, cst.Break, cst.Continue)):
            return None
        if isinstance(statement, (cst.If, cst.While)) and changed & _names(statement.test):
            return None
        for node in _all(statement):
            if isinstance(node, (cst.Assign, cst.AnnAssign)):
                changed.update(root(target) for target in targets(node))
            elif isinstance(node, cst.Yield):
                return None
    return None


def _depends(
    value: cst.BaseExpression, over: set[str], changed: set[str], making: Collection[str]
) -> bool:
    """Return whether a value may be another one because of what a loop has done."""
    stack: list[cst.CSTNode] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Name) and (node.value in changed or node.value in over):
            return True
        if isinstance(node, cst.Call):
            name = called_name(node)
            if name == "len" and not changed & _names(node):
                continue  # as many as there were, not as many as there are
            if not name[:1].isupper() and name not in making:
                return True
            stack += node.args
        else:
            stack += children(node)
    return False


def _holds(value: cst.BaseExpression, names: Collection[str], module: Module) -> bool:
    """Return whether a value holds what one of these names stands for, and not what that has."""
    return any(
        isinstance(node, cst.Name)
        and node.value in names
        and not isinstance(module.parent(node), cst.Attribute)
        for node in own(value)
    )


def _sharing(names: set[str], loop: cst.For, module: Module) -> set[str]:
    """Return what holds the same objects as these names before a loop, so that it changes too.

    `items = page["items"]`: what is done to them is done to the page.
    """
    function = module.function_of(loop)
    beside: dict[str, set[str]] = {}
    for node in _all(function.body) if function is not None else ():
        if isinstance(node, cst.Assign):
            for one, other in product(map(root, targets(node)), _parts(node.value)):
                beside.setdefault(one, set()).add(other)
                beside.setdefault(other, set()).add(one)
    found, todo = set(names), [*names]
    while todo:
        more = beside.get(todo.pop(), set()) - found
        found |= more
        todo += more
    return found - names


def _parts(value: cst.BaseExpression) -> set[str]:
    """Return the names of which a value is a part, or that it holds: `page["items"]`, `[order]`."""
    if isinstance(value, (cst.Dict, cst.List, cst.Tuple, cst.Set)):
        return {
            element.value.value for element in value.elements if isinstance(element.value, cst.Name)
        }
    if isinstance(value, (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)):
        value = value.for_in.iter
    if isinstance(value, cst.Call) and called_name(value) not in _OF_MAPPINGS:
        return set()
    return {root(value)} - {""}


_OF_MAPPINGS = ("get", "items", "values", "setdefault")


def _numbers(loop: cst.For, module: Module) -> set[str]:
    """Return the names that nothing but a number is bound to: no call can change what they are."""
    function = module.function_of(loop)
    numbers: set[str] = set()
    others: set[str] = set()
    for node in _all(function.body) if function is not None else ():
        if isinstance(node, (cst.Assign, cst.AnnAssign)) and node.value is not None:
            is_number = isinstance(node.value, (cst.Integer, cst.Float)) or (
                isinstance(node.value, cst.Call) and called_name(node.value) in ("len", "int")
            )
            (numbers if is_number else others).update(map(root, targets(node)))
        elif isinstance(node, (cst.AugAssign, cst.NamedExpr)):
            others.add(root(node.target))
    return numbers - others


def _names(node: cst.CSTNode) -> set[str]:
    return {part.value for part in own(node) if isinstance(part, cst.Name)}


def says_success(value: cst.BaseExpression, module: Module, options: Options) -> bool:
    """Return whether a value is a constant that says that all is well: `True`, `{"ok": True}`."""
    if is_name(value, "True"):
        return True
    if isinstance(value, cst.BaseString):
        return not set(words(text_of(value))).isdisjoint(texts(options, "success-words"))
    if isinstance(value, cst.Dict):
        parts = [e.value for e in value.elements]
        return all(map(_is_constant, parts)) and any(
            says_success(part, module, options) for part in parts
        )
    if isinstance(value, cst.Call) and value.args:
        parts = [arg.value for arg in value.args]
        return all(map(_is_constant, parts)) and any(
            says_success(part, module, options) for part in parts
        )
    return False


def _is_constant(value: cst.CSTNode) -> bool:
    if isinstance(value, cst.Dict):
        return all(_is_constant(element.value) for element in value.elements)
    if isinstance(value, (cst.List, cst.Tuple)):
        return all(_is_constant(element.value) for element in value.elements)
    return isinstance(
        value, (cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float)
    ) or is_name(value, "True", "False", "None")
