"""A handler of everything whose log lines do not say which exception there was."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import handlers, log_lines, tries, wording
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import BROAD, Rows, rows_of, words_in
from bedev_lint.visiting import HANDLERS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name each `try` with a broad handler that logs, does not raise, and uses no exception."""
    loud = frozenset(texts(options, "loud"))
    for clause in index.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if _may_be_broad(handler, index, options) and _logs_only(handler, loud, options):
            yield rows_of(clause.tried)


def _may_be_broad(handler: ast.ExceptHandler, index: PrefilterIndex, options: Options) -> bool:
    """Return False only for a handler that cannot be one of everything, under whatever names."""
    if handler.type is None or texts(options, "families"):
        return True
    return not index.naming(BROAD).isdisjoint(words_in(handler.type))


def _logs_only(handler: ast.ExceptHandler, loud: frozenset[str], options: Options) -> bool:
    """Return whether a handler may log, and neither raises nor names what it has caught."""
    logs = False
    names_it = False
    for statement in handler.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Raise):
                return False
            if isinstance(node, ast.Name) and node.id == handler.name:
                names_it = True
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                logs = logs or node.func.attr in loud
    return logs and not (names_it and options.get("text-is-enough", True))


@visits(*HANDLERS, prefilter=candidates)
def check(handler: handlers.Handler, module: Module, options: Options) -> Iterator[Finding]:
    names = handlers.caught(handler, module)
    families = texts(options, "families")
    if not BROAD & set(names) and not any(tries.all_match([name], families) for name in names):
        return
    lines = list(log_lines.lines_of(handler.body, options))
    if not lines or _tells(handler, lines, module, options):
        return
    tried = handlers.try_of(handler, module)
    if tries.only_calls(tried.body, texts(options, "cleanup")):
        return
    others = [
        node
        for node in handlers.own(handler.body)
        if isinstance(node, cst.Call) and node not in lines
    ]
    fields = {
        "handler": wording.handler_name(handler, names),
        "call": module.dotted(lines[0].func) or f"….{handlers.called_name(lines[0])}",
    }
    yield Finding(handler, fields, others)


def _tells(
    handler: handlers.Handler, lines: list[cst.Call], module: Module, options: Options
) -> bool:
    """Return whether a handler raises, or tells anybody which exception there was."""
    body = handler.body
    if any(True for _ in module.below(body, cst.Raise, nested=True)):
        return True
    if log_lines.names_traceback(body):
        return True
    outer = log_lines.outer_names(handler, module)
    if outer and any(log_lines.mentions(line, *outer) for line in lines):
        return True
    bound = handler.name.name.value if handler.name else ""  # type: ignore[union-attr]
    if not bound:
        return False
    if options.get("text-is-enough", True):
        return log_lines.mentions(body, bound)
    return any(
        isinstance(node, cst.Name) and node.value == bound and not _is_in(node, lines, module)
        for node in handlers.own(body)
    )


def _is_in(node: cst.CSTNode, lines: list[cst.Call], module: Module) -> bool:
    return any(above in lines for above in module.ancestors(node))
