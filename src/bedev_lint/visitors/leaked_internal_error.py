"""A handler of what nobody has foreseen that sends the client what the exception says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import answers, cst, handlers, infrastructure, leaks, wording
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.prefilter.answering import may_be_unforeseen, parts_of_answers
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows, rows_of
from bedev_lint.visiting import HANDLERS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module
    from bedev_lint.syntax.answers import Answer


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name each `try` with a handler that may answer with what it has caught."""
    tracebacks = frozenset(texts(options, "tracebacks"))
    for clause in index.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if _may_leak(handler, tracebacks) and may_be_unforeseen(handler, index, options):
            yield rows_of(clause.tried)


def _may_leak(handler: ast.ExceptHandler, tracebacks: frozenset[str]) -> bool:
    """Return whether a handler answers, and may do so with what the exception says."""
    values = list(parts_of_answers(handler))
    if not values:
        return False
    names = {node.id for value in values for node in ast.walk(value) if isinstance(node, ast.Name)}
    if handler.name in names:
        return True
    return any(
        isinstance(node, ast.Call) and _last(node.func) in tracebacks
        for statement in handler.body
        for node in ast.walk(statement)
    ) or _is_made_from(handler, names)


def _is_made_from(handler: ast.ExceptHandler, names: set[str]) -> bool:
    """Return whether a name of an answer is bound to something made of the exception."""
    return handler.name is not None and any(
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id in names for target in node.targets)
        for statement in handler.body
        for node in ast.walk(statement)
    )


def _last(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


@visits(*HANDLERS, prefilter=candidates)
def check(handler: handlers.Handler, module: Module, options: Options) -> Iterator[Finding]:
    needs = (
        ()
        if infrastructure.is_broad(handler, module)
        else infrastructure.is_infrastructure(handler, module, options)
    )
    if needs is None:
        return
    names = leaks.names_made_from(handler, module, options)
    tried = handlers.try_of(handler, module)
    reaches = infrastructure.reaches_in(tried.body)
    is_judging = infrastructure.only_judges(tried, options)
    for answer in answers.answers_in(handler.body, module, options):
        if leaks.is_decided_by(answer.statement, names, handler, module):
            continue
        made = [answer.statement, *module.below(handler.body, cst.ClassDef)]
        if any(leaks.passes_status_on(node, names, options) for node in made):
            continue
        if _is_leaking(answer, names, handler, module, options):
            fields = {"handler": wording.handler_name(handler, handlers.caught(handler, module))}
            is_of_input = is_judging or answers.is_about_input(answer, options)
            proofs = (*needs, reaches) if is_of_input else needs
            yield Finding(answer.statement, fields, needs=(*proofs, *answer.asks))


def _is_leaking(
    answer: Answer,
    names: frozenset[str],
    handler: handlers.Handler,
    module: Module,
    options: Options,
) -> bool:
    """Return whether the client gets to read what the exception says."""
    return any(
        True for part in answer.body for _ in leaks.leaks(part, names, handler, module, options)
    )
