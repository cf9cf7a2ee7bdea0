"""Whether an exception that a function raises comes up to where a framework calls the project."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bedev_lint.model import Expr, Literal, Region, TupleOf
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.contexts import Contexts
from bedev_lint.program.effects.nesting import regions_of
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Object,
    Values,
)
from bedev_lint.reachability import reachable

__all__ = ["Propagating"]

# So many functions that lead to one are looked at.
_MOST = 500
_BARE = Literal("")
_TUPLE = "builtins.tuple"
_BROAD = frozenset({"Exception", "BaseException"})


class Propagating:
    """Follows the errors of classes of the project up the callers, to the `try` that ends them."""

    def __init__(
        self, project: Project, graph: CallGraph, resolver: Resolver, contexts: Contexts
    ) -> None:
        self._project, self._graph = project, graph
        self._resolver, self._contexts = resolver, contexts

    def comes_to(self, ref: FunctionRef, error: ClassRef, endpoints: tuple[str, ...]) -> bool:
        """Return whether an error that a function raises may leave one of these contexts.

        It does not where each caller on the way up to there has a handler for it that raises
        nothing.
        """

        def passed_on(called: FunctionRef) -> list[FunctionRef]:
            callers = self._graph.callers(called)
            return sorted({by for by, site in callers if not self._is_caught(by, site, error)})

        return any(
            self._contexts.any_holds(one, endpoints)
            for one in islice(reachable([ref], passed_on), _MOST)
        )

    def _is_caught(self, ref: FunctionRef, site: int, error: ClassRef) -> bool:
        facts = self._project.function(ref)
        around = regions_of(facts, site) if site >= 0 else ()
        return any(region.kind == "try" and self._ends(region, ref, error) for region in around)

    def _ends(self, tried: Region, ref: FunctionRef, error: ClassRef) -> bool:
        """Return whether the first handler of a `try` that takes an error does not raise."""
        caught = tried.expr.items if isinstance(tried.expr, TupleOf) else ()
        first = (number for number, expr in enumerate(caught) if self._takes(expr, ref, error))
        return str(next(first, "")) not in ("", *tried.targets)

    def _takes(self, caught: Expr, ref: FunctionRef, error: ClassRef) -> bool:
        if caught == _BARE:
            return True
        above = {cls for cls, _ in self._resolver.hierarchy.mro(error)}
        names = {*_BROAD, *(name for name in above if isinstance(name, str))}
        for value in _flat(self._resolver.evaluate(caught, ref)):
            if isinstance(value, Class) and value.ref in above:
                return True
            if isinstance(value, External) and value.name.removeprefix("builtins.") in names:
                return True
        return False


def _flat(values: Values) -> Iterator[object]:
    for value in values:
        if isinstance(value, Object) and value.of == _TUPLE:
            for items in value.args:
                yield from _flat(items)
        else:
            yield value
