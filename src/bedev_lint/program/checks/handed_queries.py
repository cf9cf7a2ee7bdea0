"""Which arguments cost a query where they are used: queries, statements, and keys of rows."""

from __future__ import annotations

from bedev_lint.model import Attr, Expr, Literal, Name, Result
from bedev_lint.program.checks.passing import PassedOn, arguments_of
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.kinds import READ, Edge, EffectSource
from bedev_lint.program.effects.nesting import LOOPS, indices_around
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef, Object

__all__ = ["HandedQueries"]

# Through so many more calls a parameter is followed that a function does not use itself.
_FURTHER = 3


class HandedQueries:
    """Follows through the calls of a project what costs a query where it is used."""

    def __init__(
        self, project: Project, graph: CallGraph, resolver: Resolver, passed_on: PassedOn
    ) -> None:
        self._project, self._graph, self._resolver = project, graph, resolver
        self._passed_on = passed_on
        self._used: dict[tuple[FunctionRef, int, str], frozenset[str]] = {}

    def harmless(
        self, edge: Edge, ref: FunctionRef, wanted: frozenset[str], before: frozenset[str]
    ) -> frozenset[str]:
        """Return the parameters whose use may run a query, but not for what an edge gives them.

        That is no query, or one of rows that may have come before; a statement that writes; the
        key of the element before. `before` are those of the function where the edge begins.
        """
        sources = self._graph.does(edge.target).sources
        names = {source.parameter for source in sources if source.effect in wanted} - {""}
        is_read = READ in wanted
        names |= self._used_as("parameter", edge.target, _FURTHER) if is_read else frozenset()
        statements = self._used_as("statement", edge.target, _FURTHER) if is_read else frozenset()
        keys = self._used_as("key", edge.target, _FURTHER) if is_read else frozenset()
        if not names | statements | keys or edge.site < 0:
            return frozenset()
        target, site = self._project.function(edge.target), self._project.site(ref, edge.site)
        return frozenset(
            param.name
            for param, argument, _ in arguments_of(target, site)
            if argument is not None
            and (
                (param.name in names and not self._is_to_be_run(argument, ref, before))
                or (param.name in statements and self._only_writes(argument, ref, before))
                or (param.name in keys and self._is_same(argument, ref, edge.site, before))
            )
        )

    def kept_outside(self, edge: Edge, ref: FunctionRef, *, called: bool) -> frozenset[str]:
        """Return the names of a function whose rows a loop in it leaves to one within it.

        They come once, whatever the loop goes over; where the function itself is `called` in a
        loop, once for each call.
        """
        within = self._project.function(edge.target)
        if called or edge.site < 0 or FunctionRef(edge.target.module, within.parent) != ref:
            return frozenset()
        own = {param.name for param in within.params}
        own |= {bound.target.id for bound in within.bindings if isinstance(bound.target, Name)}
        names = {source.key for source in self._graph.does(edge.target).sources} - own - {""}
        return frozenset(
            name for name in names if self._is_same(Name(name), ref, edge.site, frozenset())
        )

    def is_same_row(self, ref: FunctionRef, source: EffectSource) -> bool:
        """Return whether a loop asks for the same row each time, which is kept."""
        return bool(source.key) and self._is_same(Name(source.key), ref, source.site, frozenset())

    def _is_same(
        self, argument: Expr, ref: FunctionRef, index: int, before: frozenset[str]
    ) -> bool:
        """Return whether a site is given the same in each iteration of the loops around it.

        Where it is in none, it is if it was `before`: so the caller gives it a parameter.
        """
        while isinstance(argument, Attr):
            argument = argument.base
        if not isinstance(argument, Name):
            return isinstance(argument, Literal)
        facts = self._project.function(ref)
        around = [*indices_around(facts, facts.sites[index].region)]
        loops = [number for number in around if facts.regions[number].kind in LOOPS]
        bound = facts.bound_to(argument)
        if not loops:
            return argument.id in before and not bound
        return not any(argument.id in facts.regions[number].targets for number in loops) and all(
            isinstance(value, Result)
            and loops[-1] not in indices_around(facts, facts.sites[value.site].region)
            for value in bound
        )

    def _used_as(self, what: str, ref: FunctionRef, further: int) -> frozenset[str]:
        """Return the parameters that a function, or who is given them, uses as a source says.

        As the `statement` it runs, the `key` of a row, or a `parameter` that may be a query.
        """
        key = (ref, further, what)
        if key not in self._used:
            does = self._graph.does(ref)
            params = {param.name for param in self._project.function(ref).params}
            names = {getattr(source, what) for source in does.sources} & params
            bound = {b.target for b in self._project.function(ref).bindings}
            own = {name for name in names if Name(name) not in bound}
            passed_on = self._passed_on.by(ref)
            for edge in does.edges if passed_on and further else ():
                if edge.site >= 0 and self._graph.comes_to(edge.target, {READ}):
                    run = self._used_as(what, edge.target, further - 1)
                    target = self._project.function(edge.target)
                    names |= {
                        argument.id
                        for param, argument, _ in arguments_of(
                            target, self._project.site(ref, edge.site)
                        )
                        if param.name in run and isinstance(argument, Name)
                    }
            self._used[key] = frozenset((names & passed_on) | own)
        return self._used[key]

    def _only_writes(self, argument: Expr, ref: FunctionRef, before: frozenset[str]) -> bool:
        """Return whether this is a statement that gives only what it has written."""
        if isinstance(argument, Name) and argument.id in before & self._passed_on.by(ref):
            return True
        kinds = self._resolver.vocabulary.statements(self._resolver.evaluate(argument, ref))
        return bool(kinds) and "read" not in kinds

    def _is_to_be_run(self, argument: Expr, ref: FunctionRef, before: frozenset[str]) -> bool:
        """Return whether this is a query that has yet to be run."""
        if isinstance(argument, Name) and argument.id in before & self._passed_on.by(ref):
            return False
        return any(
            isinstance(value, Object)
            and value.loading in ("", "related", "joined", "eager")
            and self._resolver.is_of_owner(value)
            for value in self._resolver.evaluate(argument, ref)
        )
