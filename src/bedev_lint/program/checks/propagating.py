"""Whether an exception that a function raises comes up to where a framework calls the project."""

from __future__ import annotations

import builtins
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
    in_tuples,
)
from bedev_lint.reachability import reachable

__all__ = ["Propagating"]

# So many functions that lead to one are looked at.
_MOST = 500
_BARE = Literal("")
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})


class Propagating:
    """Follows the errors of classes of the project up the callers, to the `try` that ends them."""

    def __init__(
        self, project: Project, graph: CallGraph, resolver: Resolver, contexts: Contexts
    ) -> None:
        self._project, self._graph = project, graph
        self._resolver, self._contexts = resolver, contexts

    def comes_to(
        self, ref: FunctionRef, sites: list[int], error: ClassRef, endpoints: tuple[str, ...]
    ) -> bool:
        """Return whether an error that a function makes at these sites may leave such a context.

        It does not where the function, or each caller on the way up to there, has a handler for it
        that raises nothing.
        """
        on_the_way = self._on_the_way(ref, sites, error)
        return any(self._contexts.any_holds(one, endpoints) for one in on_the_way)

    def may_leave(
        self, ref: FunctionRef, sites: list[int], error: ClassRef, endpoints: tuple[str, ...]
    ) -> bool:
        """Return whether an error that a function makes at these sites may leave the project.

        It does where it comes to such a context, or to a function that nobody is known to call, or
        that somebody may call of whose calls nothing is known.
        """
        return any(
            all(by == one for by, _ in self._graph.callers(one))
            or self._contexts.any_holds(one, endpoints)
            or self._may_be_called(one)
            for one in self._on_the_way(ref, sites, error)
        )

    def _may_be_called(self, ref: FunctionRef) -> bool:
        """Return whether a call by a function's name stands for nothing that is known."""
        return any(
            not self._resolver.evaluate(self._project.site(caller, index).func, caller)
            for caller, index in self._project.calls(self._project.function(ref).name)
        )

    def _on_the_way(
        self, ref: FunctionRef, sites: list[int], error: ClassRef
    ) -> Iterator[FunctionRef]:
        """Return the functions that an error leaves which one of them makes at these sites."""
        if sites and all(self._is_caught(ref, site, error) for site in sites):
            return iter(())

        def passed_on(called: FunctionRef) -> list[FunctionRef]:
            callers = self._graph.callers(called)
            return sorted({by for by, site in callers if not self._is_caught(by, site, error)})

        return islice(reachable([ref], passed_on), _MOST)

    def _is_caught(self, ref: FunctionRef, site: int, error: ClassRef) -> bool:
        facts = self._project.function(ref)
        around = regions_of(facts, site) if site >= 0 else ()
        return any(region.kind == "try" and self._ends(region, ref, error) for region in around)

    def _ends(self, tried: Region, ref: FunctionRef, error: ClassRef) -> bool:
        """Return whether the first handler of a `try` that takes an error does not raise."""
        caught = tried.expr.items if isinstance(tried.expr, TupleOf) else ()
        first = (number for number, expr in enumerate(caught) if self._takes(expr, ref, error))
        number = next(first, None)
        return number is not None and f"raise {number}" not in tried.targets

    def _takes(self, caught: Expr, ref: FunctionRef, error: ClassRef) -> bool:
        if caught == _BARE:
            return True
        above = {cls for cls, _ in self._resolver.hierarchy.mro(error)}
        names = {*_BROAD, *(name for one in above if isinstance(one, str) for name in _line(one))}
        for value in in_tuples(self._resolver.evaluate(caught, ref)):
            if isinstance(value, Class) and value.ref in above:
                return True
            if isinstance(value, External) and value.name in names:
                return True
        return False


def _line(name: str) -> Iterator[str]:
    """Return the dotted names of a class, and, of one of Python's own, of those above it."""
    yield name
    owner, _, last = name.rpartition(".")
    cls = getattr(builtins, last, None) if owner == "builtins" else None
    yield from (f"builtins.{above.__name__}" for above in getattr(cls, "__mro__", ()))
