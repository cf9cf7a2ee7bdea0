"""A handler of an error of the database that goes on in the transaction that it has broken."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, needs
from bedev_lint.deferred.handling import handlers, wording
from bedev_lint.deferred.sql import aborted
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows, words_in
from bedev_lint.visiting import HANDLERS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module
    from bedev_lint.syntax.handling.handlers import Handler, Try


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the functions with a `try` that may write, and has a handler."""
    writing = frozenset(texts(options, "writing")) | frozenset(texts(options, "row-writing"))
    for clause in index.clauses["except"]:
        body = getattr(clause.tried, "body", ())
        if any(not writing.isdisjoint(_called(statement)) for statement in body):
            yield clause.around


def _called(statement: ast.AST) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            yield from words_in(node.func)


@visits(*HANDLERS, prefilter=candidates)
def check(handler: Handler, module: Module, options: Options) -> Iterator[Finding]:
    tried = handlers.try_of(handler, module)
    if not aborted.catches_database_errors(handler, tried, module, options):
        return
    if aborted.mends(handler, tried, module, options):
        return
    need = _in_session(handler, tried, module, options) or _in_scope(
        handler, tried, module, options
    )
    if need is not None:
        name = wording.handler_name(handler, handlers.caught(handler, module))
        yield Finding(handler, {"handler": name}, needs=(need,))


def _in_session(
    handler: Handler, tried: Try, module: Module, options: Options
) -> needs.Needed | None:
    """Return what must be shown of a session that is used on without being rolled back."""
    for on, call in aborted.writes_in(tried, module, options):
        if aborted.goes_on_with(on, handler, tried, module):
            return needs.Needed("is", "sessions", names=(module.dotted(call.func) or "",))
    return None


def _in_scope(
    handler: Handler, tried: Try, module: Module, options: Options
) -> needs.Needed | None:
    """Return what must be shown of rows that are written in a transaction around the `try`."""
    scope = aborted.scope_around(tried, module, options)
    if scope is None or not aborted.has_more(scope, tried, module, options):
        return None
    calls = [node for node in handlers.own(tried.body) if isinstance(node, cst.Call)]
    called = [handlers.called_name(call) for call in calls]
    if not {*called}.isdisjoint(texts(options, "own-transactions")):
        return None
    written = [
        _asked_first(call, module)
        for call, name in zip(calls, called, strict=True)
        if name in texts(options, "row-writing") and not _is_of_few_columns(call)
    ]
    written = [name for name in written if name]
    return needs.Needed("is", "rows", names=tuple(written)) if written else None


def _asked_first(call: cst.Call, module: Module) -> str:
    """Return the dotted name of what a chain of calls begins with: `Order.objects.filter`."""
    func = call.func
    while module.dotted(func) is None and isinstance(func, cst.Attribute):
        func = func.value.func if isinstance(func.value, cst.Call) else func.value
    return module.dotted(func) or ""


def _is_of_few_columns(call: cst.Call) -> bool:
    """Return whether a call asks whether the row is still there, by what it updates."""
    return any(
        arg.keyword is not None and arg.keyword.value == "update_fields" for arg in call.args
    )
