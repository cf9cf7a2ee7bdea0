"""A migration that cannot be undone: a step without its reverse, or nothing to go back by."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import handlers
from bedev_lint.deferred.sql import adding, migrations
from bedev_lint.model import Options
from bedev_lint.options import table, texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name all rows of a file that has such a step, or a function to go forwards by alone."""
    steps = [name.rpartition(".")[2] for name, _ in table(options, "steps")]
    if any(name in index.text for name in steps) or (
        any(one.name in texts(options, "forwards") for one in index.functions)
        and not _goes_back(index, options)
    ):
        yield 1, index.text.count("\n") + 1


def _goes_back(index: PrefilterIndex, options: Options) -> bool:
    """Return whether there is a function to go backwards by, which does something for certain."""
    backwards = [one for one in index.functions if one.name in texts(options, "backwards")]
    return any(one.col_offset == 0 for one in backwards) and not any(
        all(map(_may_do_nothing, one.body)) for one in backwards
    )


def _may_do_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Call)
    return isinstance(statement, (ast.Pass, ast.Return))


@visits("Call", "FunctionDef", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if isinstance(node, cst.Call):
        if (
            migrations.lacks_reverse(node, module, options)
            and not adding.stands_for_others(module, options)
            and not any(
                migrations.lacks_reverse(call, module, options) for call in _before(node, module)
            )
        ):
            yield Finding(node, {"step": f"`{handlers.called_name(node)}`"})
        return
    assert isinstance(node, cst.FunctionDef)
    if node.name.value not in (*texts(options, "forwards"), *texts(options, "backwards")):
        return
    forwards = migrations.function_of(module, options, "forwards")
    backwards = migrations.function_of(module, options, "backwards")
    if (
        forwards is not None
        and node is (backwards or forwards)
        and (backwards is None or migrations.does_nothing(backwards, module, options))
        and migrations.changes_schema(forwards, module, options)
    ):
        yield Finding(node, {"step": f"`{forwards.name.value}`"})


def _before(node: cst.Call, module: Module) -> Iterator[cst.Call]:
    """Return the calls that come before one."""
    for call in module.nodes(cst.Call):
        if call is node:
            return
        yield call
