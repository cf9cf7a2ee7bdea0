"""Handlers of errors of a database, and whether they leave a transaction behind that is broken."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.syntax.handling.answers import matches
from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    called_name,
    caught,
    finals,
    own,
    statements,
)
from bedev_lint.syntax.module import Module

__all__ = [
    "catches_database_errors",
    "goes_on_with",
    "has_more",
    "mends",
    "scope_around",
    "writes_in",
]

_JUMPS = (cst.Return, cst.Break, cst.Continue)
_LOOPS = (cst.For, cst.While)


def catches_database_errors(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether a handler takes errors of a database that no other has taken before it."""
    for other in tried.handlers:
        if other is handler:
            return _matches_any(handler, module, texts(options, "database-errors"))
        if _matches_any(other, module, texts(options, "all-database-errors")):
            return False
    return False


def _matches_any(handler: Handler, module: Module, names: tuple[str, ...]) -> bool:
    return any(matches(name, names) for name in caught(handler, module))


def mends(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether a handler, or a `finally`, ends the transaction, or leaves by an error."""
    blocks = [statements(handler.body), *finals(tried, module)]
    nodes = [node for block in blocks for statement in block for node in own(statement)]
    if any(isinstance(node, cst.Raise) for node in nodes):
        return True
    ending = texts(options, "ending")
    return any(isinstance(node, cst.Call) and called_name(node) in ending for node in nodes)


def writes_in(tried: Try, module: Module, options: Options) -> Iterator[tuple[str, cst.Call]]:
    """Return the calls of a `try` that may write by their names, and what they are called on.

    None where the `try` makes a transaction of its own, which is undone with it.
    """
    calls = [node for node in own(tried.body) if isinstance(node, cst.Call)]
    if any(called_name(call) in texts(options, "own-transactions") for call in calls):
        return
    for call in calls:
        on = module.dotted(call.func.value) if isinstance(call.func, cst.Attribute) else None
        if on and called_name(call) in texts(options, "writing"):
            yield on, call


def goes_on_with(on: str, handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether what was called in a `try` is used again behind its handler.

    In the handler, behind the `try`, in the next turn of a loop, or by whoever has handed it in.
    """
    root = on.split(".")[0]
    if _binds(tried.body, root):
        return False
    block = statements(handler.body)
    if any(_uses(statement, on, module) for statement in block):
        return True
    last = block[-1] if block else None
    if not isinstance(last, _JUMPS) and any(
        _uses(statement, on, module) for statement in _behind(tried, module)
    ):
        return True
    loop = _loop_around(tried, module)
    if loop is not None and not isinstance(last, (cst.Return, cst.Break)):
        return not _binds(loop, root)
    return _is_handed_in(on, tried, module)


def _behind(tried: Try, module: Module) -> Iterator[cst.CSTNode]:
    """Return the statements behind a `try` in its function, also behind a handler it stands in."""
    child: cst.CSTNode = tried
    for above in module.ancestors(tried):
        if isinstance(above, cst.IndentedBlock):
            yield from above.body[module.place(child, above, above.body) + 1 :]
        elif isinstance(above, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            return
        child = above


def _is_handed_in(on: str, tried: Try, module: Module) -> bool:
    """Return whether a function is given what it calls, by a caller that goes on with it."""
    function = module.function_of(tried)
    if not isinstance(function, cst.FunctionDef) or function.decorators or "." in on:
        return False
    params = (*function.params.params, *function.params.kwonly_params)
    return any(param.name.value == on and param.default is None for param in params)


def _loop_around(tried: Try, module: Module) -> cst.For | cst.While | None:
    for above in module.ancestors(tried):
        if isinstance(above, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            return None
        if isinstance(above, _LOOPS):
            return above
    return None


def _uses(statement: cst.CSTNode, on: str, module: Module) -> bool:
    return any(
        isinstance(node, (cst.Name, cst.Attribute)) and module.dotted(node) == on
        for node in own(statement)
    )


def _binds(block: cst.CSTNode, name: str) -> bool:
    """Return whether something in a block binds a name, or enters what is bound to it."""
    for node in own(block):
        if isinstance(node, cst.AssignTarget) and _is_name(node.target, name):
            return True
        if isinstance(node, cst.WithItem) and (
            (node.asname is not None and _is_name(node.asname.name, name))
            or _is_name(node.item, name)
        ):
            return True
        if isinstance(node, (cst.For, cst.NamedExpr)) and _is_name(node.target, name):
            return True
    return False


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return any(isinstance(part, cst.Name) and part.value == name for part in own(node))


def scope_around(node: cst.CSTNode, module: Module, options: Options) -> cst.CSTNode | None:
    """Return the block, or the function, that is one transaction, with a node in it."""
    names = texts(options, "scopes")
    for above in module.ancestors(node):
        if isinstance(above, cst.With) and any(
            _is_scope(i.item, names, module) for i in above.items
        ):
            return above
        if isinstance(above, cst.FunctionDef):
            is_one = any(_is_scope(mark.decorator, names, module) for mark in above.decorators)
            return above if is_one else None
    return None


def has_more(scope: cst.CSTNode, tried: Try, module: Module, options: Options) -> bool:
    """Return whether a transaction does more in the database than what a `try` in it does."""
    loop = _loop_around(tried, module)
    if loop is not None and scope in module.ancestors(loop):
        return True
    within = {*own(tried.body)}
    names = (*texts(options, "row-writing"), *texts(options, "own-transactions"))
    for node in own(getattr(scope, "body", scope)):
        if node not in within and isinstance(node, (cst.Call, cst.Attribute)):
            is_table = isinstance(node, cst.Attribute) and node.attr.value in texts(
                options, "tables"
            )
            if is_table or (isinstance(node, cst.Call) and called_name(node) in names):
                return True
    return False


def _is_scope(made: cst.BaseExpression, names: tuple[str, ...], module: Module) -> bool:
    func = made.func if isinstance(made, cst.Call) else made
    return (module.qualified(func) or "") in names
