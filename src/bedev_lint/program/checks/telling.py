"""Whether the errors of a class of the project have been told of where they are raised."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bedev_lint.model import FunctionFacts, SiteRef
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Class, ClassRef, FunctionRef, Value

__all__ = ["Telling"]

# So many functions that may raise are looked at.
_MOST = 500
_RAISING = "raises"
# Regions that are the last statements of a block, or one of them.
_PARTS = frozenset({"exits_loop", "search_result"})


class Telling:
    """Says of classes whether who raises them has had one of these effects before."""

    def __init__(self, project: Project, graph: CallGraph, resolver: Resolver) -> None:
        self._project, self._graph, self._resolver = project, graph, resolver

    def is_told(
        self,
        values: Collection[Value],
        module: int,
        sites: Collection[SiteRef],
        effects: tuple[str, ...],
    ) -> bool:
        """Return whether these are classes of which all that are known to be raised are told of.

        Anywhere where they are made, and by what the sites of a module come to.
        """
        classes = {value.ref for value in values if isinstance(value, Class)}
        if not classes or len(classes) < len(values):
            return False
        classes.update(*(self._resolver.hierarchy.subclasses(ref) for ref in [*classes]))
        told = [self._tells_before(*made, effects) for made in self._made(classes)]
        for ref in self._called(module, sites):
            raised = self._raised_plainly(ref, classes)
            told += [self._tells_each_time(ref, raised, effects)] if raised else []
        return bool(told) and all(told)

    def _made(self, classes: Collection[ClassRef]) -> Iterator[tuple[FunctionRef, int]]:
        """Return where an error of these classes is made."""
        names = {self._project.class_(ref).name for ref in classes}
        for name in sorted(names):
            for caller, index in self._project.calls(name):
                func = self._project.site(caller, index).func
                if self._is_one(self._resolver.evaluate(func, caller), classes):
                    yield caller, index

    def _tells_before(self, ref: FunctionRef, index: int, effects: tuple[str, ...]) -> bool:
        """Return whether a block tells of something before it makes an error, or by making it.

        A method that tells may be handed to it: `raise OrderError("…", logger.warning)`.
        """
        site = self._project.site(ref, index)
        block = _block(self._project.function(ref), site.region)
        return (
            min(self._telling(ref, block, effects), default=index) < index
            or (
                self._graph.site_comes_to(ref, index, effects)
                and self._graph.is_always(ref, index, effects)
            )
            or any(
                not {*effects}.isdisjoint(spec.effects)
                for given in (*site.args, *(value for _, value in site.keywords))
                for spec in self._resolver.vocabulary.specs(self._resolver.evaluate(given, ref))
            )
        )

    def _raised_plainly(self, ref: FunctionRef, classes: Collection[ClassRef]) -> int:
        """Return how often a function raises one of these classes as it is: `raise OrderError`."""
        raised = self._project.function(ref).raised
        return sum(self._is_one(self._resolver.evaluate(one, ref), classes) for one in raised)

    def _tells_each_time(self, ref: FunctionRef, raised: int, effects: tuple[str, ...]) -> bool:
        """Return whether there are so many blocks that do more than to raise, and all of them tell.

        In which of them a class is raised as it is, is not known.
        """
        regions = self._project.function(ref).regions
        raising = [index for index, region in enumerate(regions) if region.kind == _RAISING]
        return len(raising) >= raised and all(
            self._telling(ref, index, effects) for index in raising
        )

    def _telling(self, ref: FunctionRef, block: int, effects: tuple[str, ...]) -> list[int]:
        """Return the sites of a block, and of no block in it, that have one of these effects."""
        facts = self._project.function(ref)
        if block < 0:
            return []
        return [
            source.site
            for source in self._graph.does(ref).sources
            if source.effect in effects
            and source.site >= 0
            and _block(facts, facts.sites[source.site].region) == block
        ]

    def _called(self, module: int, sites: Collection[SiteRef]) -> Iterator[FunctionRef]:
        """Return the functions that these sites of a module come to."""
        todo = [
            edge.target
            for function in {site.function for site in sites}
            for edge in self._graph.does(FunctionRef(module, function)).edges
            if SiteRef(function, edge.site) in sites
        ]
        visited = set(todo)
        while todo and len(visited) < _MOST:
            ref = todo.pop()
            yield ref
            for edge in self._graph.does(ref).edges:
                if edge.target not in visited:
                    visited.add(edge.target)
                    todo.append(edge.target)

    def _is_one(self, values: Collection[Value], classes: Collection[ClassRef]) -> bool:
        return any(isinstance(value, Class) and value.ref in classes for value in values)


def _block(facts: FunctionFacts, region: int) -> int:
    """Return the block that ends in a `raise` to which a region belongs; -1: there is none."""
    while region >= 0 and facts.regions[region].kind in _PARTS:
        region = facts.regions[region].parent
    return region if region >= 0 and facts.regions[region].kind == _RAISING else -1
