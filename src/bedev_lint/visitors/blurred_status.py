"""A handler that answers a failure of the infrastructure as if it were the client's fault."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import answers, cst, handlers, infrastructure, leaks, wording
from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import table, texts
from bedev_lint.prefilter.answering import may_be_unforeseen, parts_of_answers
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows, rows_of
from bedev_lint.visiting import HANDLERS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module, Needed

_CLIENT = range(400, 500)
# What may stand for such a status: a number, or the name of a constant or of a class.
_MAY_BE = re.compile(r"HTTP_4\d\d|[A-Z][A-Z_]+|4\d\d")


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name each `try` with a handler that may answer with a status below 500."""
    classes = [pattern.split(".")[-1].strip("*") for pattern, _ in table(options, "statuses")]
    for clause in index.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if _may_blame(handler, classes) and may_be_unforeseen(handler, index, options):
            yield rows_of(clause.tried)


def _may_blame(handler: ast.ExceptHandler, classes: list[str]) -> bool:
    return any(
        _is_status(node, classes) for value in parts_of_answers(handler) for node in ast.walk(value)
    )


def _is_status(node: ast.AST, classes: list[str]) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int) and node.value in _CLIENT
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return bool(name) and (_MAY_BE.match(name) is not None or any(part in name for part in classes))


@visits(*HANDLERS, prefilter=candidates)
def check(handler: handlers.Handler, module: Module, options: Options) -> Iterator[Finding]:
    if _asks_for_it(handler, module, options):
        return
    tried = handlers.try_of(handler, module)
    needs = _needs(handler, tried, module, options)
    if needs is None:
        return
    names = leaks.names_made_from(handler, module, options)
    for answer in answers.answers_in(handler.body, module, options):
        if answer.status not in _CLIENT or str(answer.status) in texts(options, "fitting"):
            continue
        if leaks.is_decided_by(answer.statement, names, handler, module):
            continue
        fields = {
            "handler": wording.handler_name(handler, handlers.caught(handler, module)),
            "status": str(answer.status),
        }
        yield Finding(answer.statement, fields, needs=(*needs, *answer.asks))
        return


def _needs(
    handler: handlers.Handler, tried: handlers.Try, module: Module, options: Options
) -> tuple[Needed, ...] | None:
    """Return what the program has to show for a handler to take errors of the infrastructure."""
    if not infrastructure.is_broad(handler, module):
        needs = infrastructure.is_infrastructure(handler, module, options)
        is_of_files = set(handlers.caught(handler, module)) <= {*texts(options, "of-files")}
        if needs is not None and (is_of_files or infrastructure.only_judges(tried, options)):
            return (*needs, infrastructure.reaches_in(tried.body))
        return needs
    for other in tried.handlers:
        if other is handler:
            break
        if infrastructure.is_infrastructure(other, module, options) == ():
            return None
    return (infrastructure.reaches_in(tried.body),)


def _asks_for_it(handler: handlers.Handler, module: Module, options: Options) -> bool:
    """Return whether what the client has asked for is the test itself, or the exception decides."""
    function, cls = module.function_of(handler), None
    if isinstance(function, cst.FunctionDef):
        cls = module.class_of(function)
        if not set(words(function.name.value)[:1]).isdisjoint(texts(options, "testing")):
            return True
    if cls is not None and not set(words(cls.name.value)).isdisjoint(texts(options, "testing")):
        return True
    bound = leaks.bound_name(handler)
    return bool(bound) and any(
        isinstance(part, cst.Name) and part.value == bound
        for node in handlers.own(handler.body)
        if isinstance(node, (cst.If, cst.IfExp, cst.Match))
        for part in handlers.own(node.subject if isinstance(node, cst.Match) else node.test)
    )
