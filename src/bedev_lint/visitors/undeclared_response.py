"""A route that returns data, of whose shape neither the route nor its function says anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, needs, route_functions
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.prefilter.returning import returning
from bedev_lint.source import Rows
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the functions with a decorator that may register a route, and says nothing of it."""
    verbs, declaring = texts(options, "verbs"), texts(options, "declaring")
    silent = [
        function
        for function in index.functions
        if function.returns is None
        and any(
            isinstance(mark, ast.Call)
            and isinstance(mark.func, ast.Attribute)
            and mark.func.attr in verbs
            and not any(keyword.arg in declaring for keyword in mark.keywords)
            for mark in function.decorator_list
        )
    ]
    yield from returning(silent, index)


@visits("FunctionDef", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not isinstance(node, cst.FunctionDef) or node.returns is not None or not node.decorators:
        return
    routes = [
        (mark, name)
        for mark in node.decorators
        if (name := route_functions.registering(mark, module, options)) is not None
    ]
    if not routes or any(
        route_functions.is_declared(mark, module, options)
        or route_functions.is_undocumented(mark, module, options)
        for mark, _ in routes
    ):
        return
    data = route_functions.data_of(node, module, options)
    if not data:
        return
    mark, name = routes[0]
    shown = [needs.Needed("is", "routes", names=(name,))]
    makers = route_functions.makers_of(data, module, options)
    if makers:
        shown.append(needs.Needed("none", "given", names=makers))
    yield Finding(mark, {"route": node.name.value}, needs=tuple(shown))
