"""Which iterations of a loop are let be: for what they do besides, or for what they ask for."""

from __future__ import annotations

import builtins
from collections.abc import Collection

from bedev_lint.catalog import Boundary
from bedev_lint.model import Attr, Expr, Name, Result, last_name
from bedev_lint.program.checks.analysis import Analysis
from bedev_lint.program.effects.batches import is_page
from bedev_lint.program.effects.kinds import COMMIT, WRITE, Edge, EffectSource
from bedev_lint.program.effects.nesting import are_apart, indices_around, is_own, leaves, made_last
from bedev_lint.program.structure.values import (
    ClassRef,
    FunctionRef,
    ProjectFunction,
)

__all__ = ["Excuses"]

_KEYS = frozenset({"id", "pk"})
_NONE = Name("None")
_OF_CLASS = ("classmethod", "staticmethod")
# Who calls these runs what he gives them himself.
_RUNNING = frozenset(Name(name) for name in vars(builtins))


class Excuses:
    """Says of sites in loops whether once for each element is as it should be there."""

    def __init__(self, analysis: Analysis) -> None:
        project, catalog, graph, resolver, within, _ = analysis
        self._project, self._catalog, self._graph = project, catalog, graph
        self._resolver, self._regions = resolver, within.regions
        self._transactions = within.transactions
        self._having: dict[tuple[FunctionRef, tuple[str, ...], int], frozenset[int]] = {}
        self._excused: dict[tuple[FunctionRef, int, tuple[str, ...]], bool] = {}

    def is_excused(self, ref: FunctionRef, site: int, boundary: Boundary) -> bool:
        """Return whether an iteration is let be for what it does besides, or goes on after errors.

        Who calls somebody else for each element does not do that in one transaction, and waits
        for that longer than for a query.
        """
        if boundary.isolated and not boundary.unless:
            return False
        key = (ref, site, boundary.effects)
        if key not in self._excused:
            self._excused[key] = self._is_excused(ref, site, boundary)
        return self._excused[key]

    def _is_excused(self, ref: FunctionRef, site: int, boundary: Boundary) -> bool:
        loop = self.loop_around(ref, site, boundary)
        if loop < 0:
            return False
        if not boundary.isolated and self._is_isolated(ref, loop, boundary):
            return True
        facts = self._project.function(ref)
        return any(
            loop in indices_around(facts, facts.sites[other].region)
            and not are_apart(facts, site, other)
            and not leaves(facts, other, loop)
            for other in self._sites_with(ref, boundary.unless, boundary.depth)
        )

    def is_to_be_copied(self, ref: FunctionRef, site: int) -> bool:
        """Return whether a site gets a row to make another one of it: `row.pk = None`.

        Two of the same row must not be one object.
        """
        bindings = self._project.function(ref).bindings
        rows = {b.target for b in bindings if b.value == Result(site)}
        return any(
            isinstance(b.target, Attr)
            and b.target.base in rows
            and b.target.name in _KEYS
            and b.value == _NONE
            for b in bindings
        )

    def is_order(self, ref: FunctionRef, hop: Edge | EffectSource, boundary: Boundary) -> bool:
        """Return whether a site tells another function to do something, and asks it nothing.

        Nothing is done with what it gives, and it writes more than what it has missed, or has
        somebody else do something.
        """
        is_dropped = hop.site in self._project.function(ref).dropped
        if not isinstance(hop, Edge) or not is_dropped or not boundary.commands:
            return False
        if self._graph.comes_to(hop.target, boundary.unless):
            return True
        return self._graph.comes_to(
            hop.target, (*boundary.commands, COMMIT)
        ) and not self._adds_what_is_missing(hop.target, boundary)

    def _adds_what_is_missing(self, ref: FunctionRef, boundary: Boundary) -> bool:
        """Return whether a function itself asks, and writes if at all then what was not there."""
        does, sites = self._graph.does(ref), self._project.function(ref).sites
        asking = {source.site for source in does.sources if source.effect in boundary.effects}
        own = {source.site for source in does.sources if source.effect in boundary.commands}
        return (
            bool(asking)
            and self._sites_with(ref, boundary.commands, 0) <= own
            and not any(
                sites[site].always or self._is_of_found(site, asking, ref) for site in own - asking
            )
        )

    def _is_of_found(self, site: int, asking: Collection[int], ref: FunctionRef) -> bool:
        """Return whether a site does something with what one of others has found.

        Or with what has been given that: `order.customer = found`, `order.save()`; and not with
        what has been made since in its place: `found = Order()`, `session.add(found)`.
        """
        facts = self._project.function(ref)
        results = {Result(index) for index in asking}
        found = {
            b.target
            for b in facts.bindings
            if b.value in results and made_last(facts, b.target, site) in (b.value, None)
        }
        found |= {
            b.target.base for b in facts.bindings if isinstance(b.target, Attr) and b.value in found
        }
        base: Expr = facts.sites[site].func
        while isinstance(base, Attr):
            base = base.base
        return base in found or not found.isdisjoint(facts.sites[site].args)

    def is_of_command(self, ref: FunctionRef, hop: Edge | EffectSource, boundary: Boundary) -> bool:
        """Return whether a function called from a loop does more for an element than ask for it.

        It asks in a transaction of its own in which something is written, or is a method by which
        a row changes itself; or it leaves the asking to another function, or the writing, or writes
        in any case, and so does more than to add what is not there. Or it goes on page by page.
        """
        if isinstance(hop, EffectSource) and is_page(hop.site, self._project.function(ref)):
            return True
        if (
            not boundary.commands
            or hop.site < 0
            or not self._graph.comes_to(ref, boundary.commands)
        ):
            return False
        if self._is_of_row(ref):
            return True
        effects, depth = boundary.commands, boundary.depth
        if isinstance(hop, Edge):
            if not self._sites_with(ref, effects, depth) <= {hop.site}:
                return True
        elif self._leaves_to_others(ref, hop.site, effects, depth) or self._writes_besides(
            effects, ref, hop.site
        ):
            return True
        return self._transactions.in_transaction(ref, hop.site) and self._graph.comes_to(
            ref, (WRITE,)
        )

    def _leaves_to_others(
        self, ref: FunctionRef, site: int, effects: tuple[str, ...], depth: int
    ) -> bool:
        """Return whether a function has others write what it has asked for at a site.

        What asks and writes at once, as `get_or_create` does, is no command of the function.
        """
        does = self._graph.does(ref)
        own = {source.site for source in does.sources if source.effect in effects}
        return site not in own and any(
            edge.site not in (site, -1, *own) and self._comes_to(edge.target, effects, depth)
            for edge in does.edges
        )

    def _writes_besides(self, effects: tuple[str, ...], ref: FunctionRef, site: int) -> bool:
        """Return whether another site that always runs has one of these effects.

        Who writes whatever is there reads for that; and after `on_conflict_do_nothing` has added
        nothing, it reads what was there before.
        """
        sites = self._project.function(ref).sites
        return any(
            source.effect in effects and source.site not in (site, -1) and sites[source.site].always
            for source in self._graph.does(ref).sources
        )

    def _is_of_row(self, ref: FunctionRef) -> bool:
        """Return whether a function is a method of rows, called on one of them."""
        facts = self._project.function(ref)
        owner = ClassRef(ref.module, facts.owner)
        if owner.cls < 0 or any(last_name(made_by) in _OF_CLASS for made_by in facts.decorators):
            return False
        return self._resolver.is_mapped(owner)

    def loop_around(self, ref: FunctionRef, site: int, boundary: Boundary) -> int:
        """Return the region in which a site runs once for each element, or -1."""
        if site < 0:
            return -1
        contexts = [self._catalog.contexts[name] for name in boundary.contexts]
        loops = (c for c in contexts if c.region == "loop")
        return max((self._regions.loop_around(ref, site, c) for c in loops), default=-1)

    def _is_isolated(self, ref: FunctionRef, loop: int, boundary: Boundary) -> bool:
        """Return whether a loop goes on to the next element where one of its effects fails."""
        return any(
            self.loop_around(ref, site, boundary) == loop
            and self._regions.is_isolated(ref, site, loop)
            for site in self._sites_with(ref, boundary.effects, 0)
        )

    def _sites_with(self, ref: FunctionRef, effects: tuple[str, ...], depth: int) -> frozenset[int]:
        """Return the sites of a function that have one of these effects, or soon come to one.

        `depth` calls may lie between, if it is not 0: further on hardly anything is ruled out.
        """
        key = (ref, effects, depth)
        if key not in self._having:
            does = self._graph.does(ref)
            sites = {s.site for s in does.sources if s.effect in effects}
            sites |= {e.site for e in does.edges if self._comes_to(e.target, effects, depth)}
            self._having[key] = frozenset(sites - {-1})
        return self._having[key]

    def _comes_to(self, start: FunctionRef, effects: tuple[str, ...], depth: int) -> bool:
        """Return whether a function has one of these effects, by fewer than so many calls."""
        if not self._graph.comes_to(start, effects):
            return False
        visited, now = {start}, [start]
        for _ in range(depth):
            does = [self._graph.does(ref) for ref in now]
            if any(source.effect in effects for one in does for source in one.sources):
                return True
            targets = (edge.target for one in does for edge in one.edges)
            now = [
                ref
                for ref in dict.fromkeys(targets)
                if ref not in visited and self._graph.comes_to(ref, effects)
            ]
            visited.update(now)
        return not depth

    def is_of_own_class(self, ref: FunctionRef, source: EffectSource) -> bool:
        """Return whether a method leaves something to what its class has from outside the project.

        It calls that of its own object, or gives what that has returned to somebody else:
        `OrderSerializer(self.filter_queryset(found), many=True)`.
        """
        facts = self._project.function(ref)
        if source.site < 0 or facts.owner < 0:
            return False
        called = facts.sites[source.site]
        if source.receiver == ClassRef(ref.module, facts.owner):
            return True
        if self._is_inherited(called.func, ref):
            return True
        if called.kind != "call" or called.func in _RUNNING or not called.args:
            return False
        argument = called.args[0]
        bound = facts.bound_to(argument) or [argument]
        return all(
            isinstance(value, Result) and self._is_inherited(facts.sites[value.site].func, ref)
            for value in bound
        )

    def _is_inherited(self, func: Expr, ref: FunctionRef) -> bool:
        """Return whether this is a method of the own object that the project does not define."""
        facts = self._project.function(ref)
        return (
            isinstance(func, Attr)
            and is_own(func, facts)
            and not any(
                isinstance(value, ProjectFunction) for value in self._resolver.evaluate(func, ref)
            )
        )
