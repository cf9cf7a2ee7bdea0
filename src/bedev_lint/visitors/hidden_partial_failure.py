"""A loop that skips what fails, in a function that reports success all the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import handlers, infrastructure, skipping, wording
from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.answering import may_be_unforeseen
from bedev_lint.prefilter.index import Clause, PrefilterIndex
from bedev_lint.source import Rows
from bedev_lint.visiting import HANDLERS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module, Needed

_TRACELESS = (ast.Pass, ast.Continue, ast.Expr, ast.Assign)


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the functions with a `for` loop in which a handler only logs, that return a value."""
    looping: dict[ast.AST, set[int]] = {}
    for clause in index.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if not all(isinstance(statement, _TRACELESS) for statement in handler.body):
            continue
        if not may_be_unforeseen(handler, index, options):
            continue
        if clause.owner not in looping:
            looping[clause.owner] = set(_in_loops(clause))
        if id(clause.tried) in looping[clause.owner]:
            yield clause.around


def _in_loops(clause: Clause) -> Iterator[int]:
    """Return each `try` directly in a loop of a function that returns a value."""
    if isinstance(clause.owner, ast.Module):
        return
    nodes = list(ast.walk(clause.owner))
    if any(isinstance(node, ast.Return) and node.value is not None for node in nodes):
        for node in nodes:
            if isinstance(node, (ast.For, ast.AsyncFor)):
                yield from map(id, node.body)


@visits(*HANDLERS, prefilter=candidates)
def check(handler: handlers.Handler, module: Module, options: Options) -> Iterator[Finding]:
    tried = handlers.try_of(handler, module)
    loop = skipping.loop_over_data(tried, module)
    function = module.function_of(handler)
    if loop is None or not isinstance(function, cst.FunctionDef):
        return
    if not skipping.is_skipping(handler, module, options) or _is_excused(function, options):
        return
    needs = _needs(handler, tried, module, options)
    answer = skipping.answer_after(loop, module, options)
    if needs is None or answer is None or answer.value is None:
        return
    if not skipping.says_success(answer.value, module, options):
        needs += (infrastructure.reaches_in(loop.body),)
    fields = {
        "handler": wording.handler_name(handler, handlers.caught(handler, module)),
        "function": function.name.value,
    }
    yield Finding(handler, fields, needs=needs)


def _needs(
    handler: handlers.Handler, tried: handlers.Try, module: Module, options: Options
) -> tuple[Needed, ...] | None:
    """Return what the program has to show for a handler to take what nobody has foreseen."""
    needs: tuple[Needed, ...] | None = ()
    if not infrastructure.is_broad(handler, module):
        needs = infrastructure.is_infrastructure(handler, module, options)
    if needs is not None and infrastructure.only_judges(tried, options):
        needs += (infrastructure.reaches_in(tried.body),)
    return needs


def _is_excused(function: cst.FunctionDef, options: Options) -> bool:
    """Return whether a function cleans up, or is run by something that reads no result."""
    if not set(words(function.name.value)).isdisjoint(texts(options, "cleaning")):
        return True
    return any(
        not set(words(_last(decorator.decorator))).isdisjoint(texts(options, "background"))
        for decorator in function.decorators
    )


def _last(decorator: cst.BaseExpression) -> str:
    func = decorator.func if isinstance(decorator, cst.Call) else decorator
    if isinstance(func, cst.Attribute):
        return func.attr.value
    return func.value if isinstance(func, cst.Name) else ""
