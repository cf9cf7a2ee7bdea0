"""A handler of webhooks that lets its sender wait for another service."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, needs, receivers
from bedev_lint.deferred.handling import handlers
from bedev_lint.model import Confidence, Options
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.prefilter.receiving import receivers as rows_of_receivers
from bedev_lint.source import Rows
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the rows of a file that may have a handler of webhooks."""
    return rows_of_receivers(index, options)


@visits("FunctionDef", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not isinstance(node, cst.FunctionDef) or not receivers.is_receiver(node, module, options):
        return
    for call in _outermost(node, module):
        if not _is_let_be(call, module, options):
            yield Finding(
                call,
                {"function": node.name.value, "call": handlers.called_name(call)},
                confidence=Confidence.LIKELY,
                needs=(needs.Needed("always", "waiting", within=(call,)),),
            )


def _outermost(function: cst.FunctionDef, module: Module) -> Iterator[cst.Call]:
    """Return the calls in a function that are no part of another, `f(x)` of `f(x).y()` neither."""
    within: set[cst.CSTNode] = set()
    for call in module.below(function.body, cst.Call):
        if within.isdisjoint(module.ancestors(call)):
            within.add(call)
            yield call


def _is_let_be(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a call verifies, confirms, or leaves the work to somebody else."""
    names = [handlers.called_name(inner) for inner in module.below(call, cst.Call)]
    patterns = (*texts(options, "verifying"), *texts(options, "enqueuing"))
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
