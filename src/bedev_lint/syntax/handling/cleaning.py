"""Clean-up that may fail in silence: an error is on its way, or the end of something is awaited."""

from __future__ import annotations

from collections.abc import Collection
from itertools import takewhile

import libcst as cst

from bedev_lint.names import any_match, words
from bedev_lint.syntax.handling.handlers import (
    HANDLERS,
    Handler,
    Try,
    always,
    called_name,
    following,
    is_name,
    statements,
    way_to_raise,
)
from bedev_lint.syntax.handling.tries import call_of, root, targets
from bedev_lint.syntax.module import NESTED, Module
from bedev_lint.syntax.walk import one_by_one

__all__ = ["cleans_up_more", "only_cleans_up"]


def only_cleans_up(
    tried: Try, module: Module, cleanup: Collection[str], lines: Collection[str] = ()
) -> bool:
    """Return whether all that a `try` does is to clean up where that may fail, or to wait for it.

    It stands in a handler or a `finally`, or what follows raises, puts something else in the place
    of what was cleaned up, or opens it again; or it awaits what has just been closed or cancelled.
    Calls named in `lines` only tell of that.
    """
    done = [step for step in statements(tried.body) if not _is_line(step, lines)]
    if len(done) == 1 and _only_waits(tried, done[0], module):
        return True
    if not done or not all(_cleans_up(statement, cleanup) for statement in done):
        return False
    whole = module.function_of(tried) is not None
    after = following(tried, module, whole=whole)
    return (
        _is_failing(tried, module)
        or _is_replaced(tried, done[0], module)
        or always(after if whole else way_to_raise(after), lambda s: isinstance(s, cst.Raise))
    )


def cleans_up_more(handler: Handler, cleanup: Collection[str]) -> bool:
    """Return whether all that a handler does is to clean up in another way, which may fail too."""
    done = statements(handler.body)
    if len(done) == 1 and isinstance(done[0], (cst.Try, cst.TryStar)):
        done = statements(done[0].body)
    return all(_cleans_up(statement, cleanup) for statement in done)


def _only_waits(tried: Try, done: cst.CSTNode, module: Module) -> bool:
    """Return whether a `try` only awaits the end of what has just been closed or cancelled.

    `writer.close()`, then `await writer.wait_closed()`; or `task.cancel()`, then `await task`.
    """
    before = _before(tried, module)
    ended = call_of(before) if before is not None else None
    value = done.value if isinstance(done, cst.Expr) else None
    if ended is None or not isinstance(ended.func, cst.Attribute):
        return False
    if not isinstance(value, cst.Await):
        return False
    what, awaited = module.code(ended.func.value), value.expression
    if called_name(ended) == "cancel":
        return module.code(awaited) == what
    return (
        called_name(ended) == "close"
        and isinstance(awaited, cst.Call)
        and called_name(awaited) == "wait_closed"
        and isinstance(awaited.func, cst.Attribute)
        and module.code(awaited.func.value) == what
    )


def _before(node: cst.CSTNode, module: Module) -> cst.CSTNode | None:
    """Return the statement directly before another of the same block."""
    block = module.parent(node)
    if not isinstance(block, (cst.IndentedBlock, cst.Module)):
        return None
    place = module.place(node, block, block.body)
    return next(reversed(list(one_by_one(block.body[place - 1 : place]))), None) if place else None


# Words of methods that open again what has been closed.
_OPENING = frozenset("connect reconnect open reopen start restart".split())


def _is_replaced(tried: Try, done: cst.CSTNode, module: Module) -> bool:
    """Return whether what a `try` cleans up is bound anew, or opened again, next."""
    call = call_of(done)
    if call is None or not isinstance(call.func, cst.Attribute):
        return False
    what = module.code(call.func.value)
    # Outside of functions, only what is set to None has not been left out.
    whole = module.function_of(tried) is not None
    after = next(following(tried, module, whole=whole), None)
    if whole and isinstance(after, (cst.Try, cst.TryStar)):
        after = statements(after.body)[0]
    if isinstance(after, cst.Assign):
        is_bound = what in {module.code(target) for target in targets(after)}
        return is_bound and (whole or is_name(after.value, "None"))
    opened = call_of(after) if whole and after is not None else None
    return (
        opened is not None
        and isinstance(opened.func, cst.Attribute)
        and module.code(opened.func.value) == what
        and not _OPENING.isdisjoint(words(called_name(opened)))
    )


def _is_line(statement: cst.CSTNode, lines: Collection[str]) -> bool:
    call = call_of(statement) if isinstance(statement, cst.Expr) else None
    return call is not None and any_match((called_name(call),), tuple(lines))


def _cleans_up(statement: cst.CSTNode, cleanup: Collection[str]) -> bool:
    value = statement.value if isinstance(statement, cst.Expr) else None
    value = value.expression if isinstance(value, cst.Await) else value
    if not isinstance(value, cst.Call) or not root(value):
        return False
    handed = (arg.value.attr.value for arg in value.args if isinstance(arg.value, cst.Attribute))
    return any(name.lstrip("_") in cleanup for name in (called_name(value), *handed))


def _is_failing(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a node stands in a handler or in a `finally`."""
    return any(
        isinstance(above, (*HANDLERS, cst.Finally))
        for above in takewhile(lambda above: not isinstance(above, NESTED), module.ancestors(node))
    )
