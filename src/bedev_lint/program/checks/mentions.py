"""What a function comes to that is named so, near it or anywhere on its way."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Attr, Expr, last_name
from bedev_lint.names import any_match
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.reachability import reachable

__all__ = ["Mentions", "prefixes"]

# Who has so many functions on his way may come to anything.
_MOST = 500
# What is looked at first of all is so many calls away at most.
_STEPS = 3


class Mentions:
    """Says whether functions are named by one of these patterns, or call or read what is."""

    def __init__(self, project: Project, graph: CallGraph) -> None:
        self._project, self._graph = project, graph

    def on_the_way(self, start: FunctionRef, names: tuple[str, ...]) -> bool:
        """Return whether a function may come to one that is named so."""
        return any(
            self._is_one(ref, names) or count >= _MOST
            for count, ref in enumerate(reachable([start], self._graph.called))
        )

    def soon(self, start: FunctionRef, names: tuple[str, ...]) -> bool:
        """Return whether a function comes to one that is named so within a few calls."""
        near, last = {start}, {start}
        for _ in range(_STEPS):
            last = {called for ref in last for called in self._graph.called(ref)} - near
            near |= last
        return len(near) > _MOST or any(self._is_one(ref, names) for ref in near)

    def _is_one(self, ref: FunctionRef, names: tuple[str, ...]) -> bool:
        facts = self._project.function(ref)
        called = [last_name(part) for site in facts.sites for part in prefixes(site.func)]
        return any_match((facts.name, *called), names)


def prefixes(expr: Expr) -> Iterator[Expr]:
    """Return a chain of names with those that it begins with: `a.b.c`, `a.b`, `a`."""
    yield expr
    while isinstance(expr, Attr):
        expr = expr.base
        yield expr
