"""A handler of what nobody has foreseen that sends the client what the exception says."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import answers, handlers, infrastructure, leaks, wording
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.prefilter.answering import (
    last_name,
    may_be_unforeseen,
    parts_of_answers,
    row_of_other_work,
)
from bedev_lint.prefilter.index import Clause, PrefilterIndex
from bedev_lint.source import Rows, rows_of, target_names
from bedev_lint.visiting import HANDLERS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module
    from bedev_lint.syntax.handling.answers import Answer


# Statuses that say that the input is wrong: so it is, if nothing but the input is looked at.
_OF_INPUT = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name each handler that may answer with what it has caught."""
    for clause in index.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        answer = _answer_of(clause, index, options)
        if answer is None or not may_be_unforeseen(handler, index, options):
            continue
        if answer is not handler:
            yield rows_of(answer)
        # How the `try` is judged need not be asked of all of it.
        row = row_of_other_work(clause.tried, options)
        yield from (rows_of(clause.tried),) if row is None else (clause.rows, row)


def _answer_of(clause: Clause, index: PrefilterIndex, options: Options) -> ast.AST | None:
    """Return what may answer with what an exception says: a handler, or what is behind its `try`.

    A handler that neither answers nor ends leaves that to what follows.
    """
    handler, behind = clause.node, clause.behind
    assert isinstance(handler, ast.ExceptHandler)
    answers_given = list(parts_of_answers(handler, index, options))
    if not answers_given and not isinstance(behind, ast.Return):
        return None
    made = _made_from(handler, frozenset(texts(options, "tracebacks")))
    if any(made(value) for value in answers_given):
        return handler
    is_left = isinstance(behind, ast.Return) and behind.value is not None and made(behind.value)
    return behind if is_left else None


def _made_from(
    handler: ast.ExceptHandler, tracebacks: frozenset[str]
) -> Callable[[ast.expr], bool]:
    """Return what tells whether an expression may be made from the exception of a handler."""
    names = {handler.name}

    def is_made(value: ast.expr) -> bool:
        return any(
            (isinstance(node, ast.Name) and node.id in names)
            or (isinstance(node, ast.Call) and last_name(node.func) in tracebacks)
            for node in ast.walk(value)
        )

    assignments = (
        node
        for statement in handler.body
        for node in ast.walk(statement)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None
    )
    for node in sorted(assignments, key=lambda node: (node.lineno, node.col_offset)):
        assert node.value is not None
        if is_made(node.value):
            made = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(
                name for target in made for name in (*target_names(target), _filled(target))
            )
    return is_made


def _filled(target: ast.expr) -> str | None:
    """Return the name that an assignment to a subscript begins with: `data["message"] = …`."""
    while isinstance(target, (ast.Subscript, ast.Attribute, ast.Call)):
        target = target.func if isinstance(target, ast.Call) else target.value
    return target.id if isinstance(target, ast.Name) else None


@visits(*HANDLERS, prefilter=candidates)
def check(handler: handlers.Handler, module: Module, options: Options) -> Iterator[Finding]:
    is_broad = infrastructure.is_broad(handler, module)
    needs = () if is_broad else infrastructure.is_infrastructure(handler, module, options)
    if needs is None or answers.is_test_of_reach(handler, module, options):
        return
    if answers.is_in_background(handler, module, options):
        return
    names = leaks.names_made_from(handler, module, options)
    given = [*answers.answers_in(handler.body, module, options)]
    for answer in given or answers.answers_behind(handler, module, options):
        if leaks.is_decided_by(answer.statement, names, handler, module):
            continue
        made = [answer.statement, *module.below(handler.body, cst.ClassDef)]
        if any(leaks.passes_status_on(node, names, options) for node in made):
            continue
        if _is_leaking(answer, names, handler, module, options):
            fields = {"handler": wording.handler_name(handler, handlers.caught(handler, module))}
            tried = handlers.try_of(handler, module)
            proofs = needs
            judges = answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and (
                infrastructure.only_judges(tried, options)
            )
            if judges or answers.is_about_input(answer, options):
                proofs = (*needs, infrastructure.reaches_in(tried.body))
            elif is_broad and answer.status in _OF_INPUT:
                proofs = (infrastructure.may_reach_in(tried.body),)
            yield Finding(answer.statement, fields, needs=(*proofs, *answer.asks))


def _is_leaking(
    answer: Answer,
    names: frozenset[str],
    handler: handlers.Handler,
    module: Module,
    options: Options,
) -> bool:
    """Return whether the client gets to read what the exception says."""
    # A function of the project may look at an exception that it is given itself.
    kept = leaks.bound_name(handler) if _may_be_helper(answer) else ""
    return any(
        True
        for part in answer.body
        if not (kept and isinstance(part, cst.Name) and part.value == kept)
        for _ in leaks.leaks(part, names, handler, module, options)
    )


def _may_be_helper(answer: Answer) -> bool:
    """Return whether only the program knows what is called, which is no class by its name."""
    names = (name for needed in answer.asks for name in needed.names)
    return any(name.split(".")[-1].lstrip("_")[:1].islower() for name in names)
