"""Whether anything tries again what a class asks of another service."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from bedev_lint.model import Attr, Expr, FunctionFacts, Item, Name, Region, Result
from bedev_lint.names import any_match
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.nesting import goes_on, regions_around
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import ClassRef, FunctionRef

__all__ = ["Retrying"]

# So many functions that lead to a class, or from it, are looked at.
_MOST = 500
# As the index of a site: each of the function.
_ANY = -1
# What gives numbers, by which attempts are counted.
_COUNTING = (Name("range"), Name("count"), Attr(Name("itertools"), "count"))


class Retrying:
    """Looks for retries in a class, in what it calls, and in those who call it."""

    def __init__(self, project: Project, graph: CallGraph, resolver: Resolver) -> None:
        self._project, self._graph, self._resolver = project, graph, resolver
        self._naming = Naming(project, resolver)

    def asks(
        self, cls: ClassRef, places: Iterable[tuple[FunctionRef, int]], effects: Collection[str]
    ) -> bool:
        """Return whether one of these sites of a class has such an effect by nobody else's class.

        It calls the class itself, those above it, and functions of none.
        """
        own = {ref for ref, _ in self._resolver.hierarchy.mro(cls)}
        todo = [*places]
        visited: set[FunctionRef] = set()
        while todo:
            ref, index = todo.pop()
            does = self._graph.does(ref)
            if any(s.effect in effects and index in (s.site, _ANY) for s in does.sources):
                return True
            for edge in does.edges:
                if index in (edge.site, _ANY) and edge.target not in visited:
                    visited.add(edge.target)
                    if self._owner(edge.target) in (None, *own):
                        todo.append((edge.target, _ANY))
        return False

    def _owner(self, ref: FunctionRef) -> ClassRef | None:
        owner = self._project.function(ref).owner
        return ClassRef(ref.module, owner) if owner >= 0 else None

    def is_retried(self, cls: ClassRef, telling: tuple[str, ...]) -> bool:
        """Return whether something around a class may try again: more than does, never less.

        `telling` are patterns of the names of what does, as it is called, decorates or is given by
        keyword; of decorators of dotted names too.
        """
        names = (name.rpartition(".")[2] for name in self._resolver.hierarchy.names_above(cls))
        if any_match(names, telling):
            return True
        methods = [*self._methods(cls)]
        around = dict.fromkeys(
            (*_reached(methods, self._called), *_reached(methods, self._callers))
        )
        return any(self._retries(ref, telling) for ref in around)

    def _methods(self, cls: ClassRef) -> Iterator[FunctionRef]:
        """Return the methods of a class, and of those of the project above it."""
        for ref, _ in self._resolver.hierarchy.mro(cls):
            if isinstance(ref, ClassRef):
                for function in self._project.class_(ref).methods.values():
                    yield FunctionRef(ref.module, function)

    def _called(self, ref: FunctionRef) -> Iterable[FunctionRef]:
        return (edge.target for edge in self._graph.does(ref).edges)

    def _callers(self, ref: FunctionRef) -> Iterable[FunctionRef]:
        return (caller for caller, _ in self._graph.callers(ref))

    def _retries(self, ref: FunctionRef, telling: tuple[str, ...]) -> bool:
        facts = self._project.function(ref)
        return (
            any_match((facts.name, *_names_in(facts)), telling)
            or any(self._is_decorated(one, ref, telling) for one in facts.decorators)
            or any(_is_tried_again(site.region, facts) for site in facts.sites)
        )

    def _is_decorated(self, decorator: Expr, ref: FunctionRef, telling: tuple[str, ...]) -> bool:
        """Return whether a decorator, or what it is given by keyword, tells of a retry."""
        scope = self._project.around(ref)
        given: Iterable[str] = ()
        if isinstance(decorator, Result):
            given = (name for name, _ in self._project.site(scope, decorator.site).keywords)
        called = self._project.called_by(decorator, scope)
        values = self._resolver.decorator(decorator, ref)
        known = (name for value in values for name in self._naming.names(value))
        return any_match((*given, *_parts(called), *known), telling)


def _reached(
    start: Iterable[FunctionRef], next_to: Callable[[FunctionRef], Iterable[FunctionRef]]
) -> Iterable[FunctionRef]:
    """Return functions with those that one comes to from them, some `_MOST` at most."""
    visited = dict.fromkeys(start)
    todo = [*visited]
    while todo and len(visited) < _MOST:
        for ref in next_to(todo.pop()):
            if ref not in visited:
                visited[ref] = None
                todo.append(ref)
    return visited


def _names_in(facts: FunctionFacts) -> Iterator[str]:
    """Return the names in what a function calls, and the keywords of these calls."""
    for site in facts.sites:
        yield from _parts(site.func)
        yield from (name for name, _ in site.keywords)


def _parts(expr: Expr) -> Iterator[str]:
    """Return the names of a chain: `session`, `retrying` of `session.retrying`."""
    while isinstance(expr, (Attr, Item)):
        if isinstance(expr, Attr):
            yield expr.name
        expr = expr.base
    if isinstance(expr, Name):
        yield expr.id


def _is_tried_again(region: int, facts: FunctionFacts) -> bool:
    """Return whether what stands in a region is done again after an error.

    In a loop that waits, or counts; who goes through data goes on with the next element.
    """
    may_fail = False
    for around in regions_around(facts, region):
        may_fail = may_fail or (around.kind == "try" and goes_on(around))
        if around.kind in ("while", "for"):
            return may_fail and (around.kind == "while" or _counts(around, facts))
    return False


def _counts(loop: Region, facts: FunctionFacts) -> bool:
    made = facts.sites[loop.expr.site].func if isinstance(loop.expr, Result) else None
    return made in _COUNTING
