"""Whether anything tries again what a class asks of another service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from bedev_lint.model import Attr, Expr, FunctionFacts, Item, Name, Region, Result, Site
from bedev_lint.names import any_match
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.nesting import goes_on, regions_around
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import ClassRef, FunctionRef
from bedev_lint.reachability import reachable

__all__ = ["Retrying"]

# So many functions that lead to a class, or from it, are looked at.
_MOST = 500
_HTTP = "http.call"
# What gives numbers, by which attempts are counted.
_COUNTING = (Name("range"), Name("count"), Attr(Name("itertools"), "count"))
# What a task calls to be run once more.
_TASK_AGAIN = Attr(Name("self"), "retry")

Place = tuple[FunctionRef, int]
Classes = frozenset[ClassRef]


class Retrying:
    """Looks for retries in a class, in what it calls, and in those who call it."""

    def __init__(self, project: Project, graph: CallGraph, resolver: Resolver) -> None:
        self._project, self._graph, self._resolver = project, graph, resolver
        self._naming = Naming(project, resolver)

    def is_missing(self, cls: ClassRef, places: Iterable[Place], telling: tuple[str, ...]) -> bool:
        """Return whether one of these sites of a class asks another service, which nobody repeats.

        It asks by itself: by nothing but its methods, those above it, and functions of no class.
        `telling` are patterns of the names of what tries again, as it is called, decorates or is
        given by keyword; of decorators of dotted names too. More counts as a retry than is one.
        """
        own, places = frozenset(self._above(cls)), [*places]
        names = (name.rpartition(".")[2] for name in self._resolver.hierarchy.names_above(cls))
        if any_match(names, telling) or not any(self._asks(*place, own) for place in places):
            return False
        asking = {ref for ref, _ in places}
        called = _reached([*asking, *self._makers(cls)], lambda ref: self._called(ref, own))
        callers = _reached(asking, lambda ref: (one for one, _ in self._graph.callers(ref)))
        return not any(self._retries(ref, telling) for ref in called) and not any(
            self._is_called_unseen(ref)
            or any(self._repeats(*place, telling) for place in self._graph.callers(ref))
            for ref in callers
        )

    def _asks(self, ref: FunctionRef, index: int, own: Classes) -> bool:
        """Return whether a site asks another service, itself or by what it calls of these."""
        does = self._graph.does(ref)
        if any(source.effect == _HTTP and source.site == index for source in does.sources):
            return True
        targets = [edge.target for edge in does.edges if edge.site == index]
        called = _reached(
            [target for target in targets if self._is_of(target, own)],
            lambda ref: self._called(ref, own),
        )
        return any(s.effect == _HTTP for one in called for s in self._graph.does(one).sources)

    def _above(self, cls: ClassRef) -> Iterator[ClassRef]:
        """Return a class of the project and those above it."""
        above = (ref for ref, _ in self._resolver.hierarchy.mro(cls))
        return (ref for ref in above if isinstance(ref, ClassRef))

    def _is_called_unseen(self, ref: FunctionRef) -> bool:
        """Return whether a method is called as one of a class above, and nobody knows by whom."""
        facts = self._project.function(ref)
        if facts.owner < 0 or self._graph.callers(ref):
            return False
        _, *above = self._above(ClassRef(ref.module, facts.owner))
        return any(facts.name in self._project.class_(cls).methods for cls in above)

    def _makers(self, cls: ClassRef) -> Iterator[FunctionRef]:
        """Return what sets up the objects of a class, in those above it too."""
        for ref in self._above(cls):
            making = self._project.class_(ref).methods.get("__init__")
            if making is not None:
                yield FunctionRef(ref.module, making)

    def _called(self, ref: FunctionRef, own: Classes) -> Iterator[FunctionRef]:
        targets = (edge.target for edge in self._graph.does(ref).edges)
        return (target for target in targets if self._is_of(target, own))

    def _is_of(self, ref: FunctionRef, classes: Classes) -> bool:
        """Return whether a function is a method of one of these classes, or of none."""
        owner = self._project.function(ref).owner
        return owner < 0 or ClassRef(ref.module, owner) in classes

    def _retries(self, ref: FunctionRef, telling: tuple[str, ...]) -> bool:
        """Return whether a function tries again, or makes what does."""
        facts = self._project.function(ref)
        return (
            any_match(_names_in(facts), telling)
            or self._is_marked(ref, telling)
            or any(
                _is_tried_again(site.region, facts)
                and self._graph.site_comes_to(ref, index, (_HTTP,))
                for index, site in enumerate(facts.sites)
            )
        )

    def _repeats(self, ref: FunctionRef, index: int, telling: tuple[str, ...]) -> bool:
        """Return whether a function calls another, at a site of it, again and again."""
        if self._is_marked(ref, telling):
            return True
        if index < 0:  # at no site: it hands it on
            return False
        facts = self._project.function(ref)
        site = facts.sites[index]
        return (
            any_match(_names_of(site), telling)
            or _is_tried_again(site.region, facts)
            or any(other.func == _TASK_AGAIN for other in facts.sites)
        )

    def _is_marked(self, ref: FunctionRef, telling: tuple[str, ...]) -> bool:
        """Return whether a function is named or decorated as one that is tried again."""
        facts = self._project.function(ref)
        return any_match((facts.name,), telling) or any(
            self._is_decorated(decorator, ref, telling) for decorator in facts.decorators
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
) -> Iterator[FunctionRef]:
    """Return functions with those that one comes to from them, `_MOST` at most."""
    return islice(reachable(start, next_to), _MOST)


def _names_in(facts: FunctionFacts) -> Iterator[str]:
    """Return the names in what a function calls, and the keywords of these calls."""
    return (name for site in facts.sites for name in _names_of(site))


def _names_of(site: Site) -> Iterator[str]:
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
