"""Which commits commit nothing, and which transactions are there for more than a commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bedev_lint.model import Attr, Entered, Expr, FunctionFacts, Name, Param, Result
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.kinds import LOCK, READ, WRITE, EffectSource
from bedev_lint.program.effects.nesting import goes_on, indices_around
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Class, FunctionRef, Object

__all__ = ["Commits"]


class Commits:
    """Tells commits of changes from those of nothing."""

    def __init__(self, project: Project, resolver: Resolver, graph: CallGraph) -> None:
        self._project, self._resolver, self._graph = project, resolver, graph

    def is_idle(self, ref: FunctionRef, index: int, outer: bool) -> bool:
        """Return whether a site enters or leaves a context manager in which nothing is changed.

        What that commits in the end is nothing. `outer` says so of the one whose body runs where
        this function itself yields.
        """
        facts = self._project.function(ref)
        site = facts.sites[index] if index >= 0 else None
        if site is None or self._changes_rows(ref):
            return False
        is_exit = site.kind == "exit" and isinstance(site.func, Attr)
        manager = site.func.base if is_exit and isinstance(site.func, Attr) else Result(index)
        bodies = _bodies(manager, facts)
        if not bodies:  # a part of what such a context manager does
            return outer and not self._graph.site_comes_to(ref, index, (WRITE,))
        # Where no context manager yields, but a generator, nothing of it runs meanwhile.
        outer = outer or not facts.decorators
        inside = _sites_in(bodies, facts)
        entered = [b.target for b in facts.bindings if b.value == Entered(manager)]
        return bool(inside) and not any(
            not outer if facts.sites[i].kind == "yield" else self._may_write(ref, i, entered)
            for i in inside
        )

    def is_read_only(self, ref: FunctionRef, index: int) -> bool:
        """Return whether a transaction is there to read in, and nothing in it may write.

        `index` is where it is entered; -1 says that all of the function runs in it.
        """
        facts = self._project.function(ref)
        site = facts.sites[index] if index >= 0 else None
        if site is None:
            inside = list(range(len(facts.sites)))
            sessions: list[Expr] = [Name(p.name) for p in facts.params if self._is_known(p, ref)]
        elif isinstance(site.func, Attr):
            bodies = _bodies(site.func.base, facts)
            inside = _sites_in(bodies, facts)
            sessions = [b.target for b in facts.bindings if b.value == Entered(site.func.base)]
        else:
            return False
        return (
            any(self._graph.site_comes_to(ref, number, (READ,)) for number in inside)
            and not self._changes_rows(ref)
            and not any(self._may_write(ref, number, sessions) for number in inside)
        )

    def is_for_rows(self, ref: FunctionRef, source: EffectSource, *, called: bool) -> bool:
        """Return whether a transaction is there for what it holds: a lock, or what may fail in it.

        In a function that is `called` for each element, it may also make one commit of several;
        and of one that does not always run nobody knows that it is a commit more.
        """
        facts = self._project.function(ref)
        site = facts.sites[source.site] if source.site >= 0 else None
        inside = list(range(len(facts.sites)))
        if site is not None:
            if not isinstance(site.func, Attr):
                return False
            bodies = _bodies(site.func.base, facts)
            inside = _sites_in(bodies, facts)
            if any(self._is_caught_in(bodies, number, facts) for number in inside):
                return True
        if any(self._graph.site_comes_to(ref, number, (LOCK,)) for number in inside):
            return True
        if not called or not source.groups:
            return False
        is_several = sum(self._graph.site_comes_to(ref, number, (WRITE,)) for number in inside) > 1
        return is_several or (site is not None and not site.always)

    @staticmethod
    def _is_caught_in(bodies: Collection[int], index: int, facts: FunctionFacts) -> bool:
        """Return whether what fails at a site is caught within bodies that it stands in."""
        for number in indices_around(facts, facts.sites[index].region):
            if number in bodies:
                return False
            if facts.regions[number].kind == "try" and goes_on(facts.regions[number]):
                return True
        return False

    def _is_known(self, param: Param, ref: FunctionRef) -> bool:
        values = self._resolver.evaluate(Name(param.name), ref)
        return any(
            isinstance(value, Object)
            and isinstance(value.of, str)
            and not value.of.startswith("builtins.")
            for value in values
        )

    def _may_write(self, ref: FunctionRef, index: int, sessions: Sequence[Expr]) -> bool:
        """Return whether a site may change rows; one of which nothing is known, by a session."""
        facts, does = self._project.function(ref), self._graph.does(ref)
        site = facts.sites[index]
        effects = {source.effect for source in does.sources if source.site == index}
        targets = [edge.target for edge in does.edges if edge.site == index]
        if WRITE in effects or site.func == Name("setattr"):
            return True
        if READ in effects:  # whatever else it is given elsewhere, here it is told to read
            return False
        if any(
            self._graph.comes_to(target, (WRITE,)) or self._changes_rows(target)
            for target in targets
        ):
            return True
        if effects or targets or site.kind != "call":
            return False
        values = self._resolver.evaluate(site.func, ref)
        specs = [*self._resolver.vocabulary.specs(values)]
        if not specs:
            return any(arg in sessions for arg in (*site.args, *(v for _, v in site.keywords)))
        return any(spec.effect_by_argument is not None for spec in specs)

    def _changes_rows(self, ref: FunctionRef) -> bool:
        """Return whether a function sets an attribute of a row; one just made is none yet."""
        facts = self._project.function(ref)
        made = {
            b.target
            for b in facts.bindings
            if isinstance(b.value, Result)
            and any(
                isinstance(value, Class)
                for value in self._resolver.evaluate(facts.sites[b.value.site].func, ref)
            )
        }
        return any(
            self._is_row(binding.target.base, ref)
            for binding in facts.bindings
            if isinstance(binding.target, Attr) and binding.target.base not in made
        )

    def _is_row(self, expr: Expr, ref: FunctionRef) -> bool:
        """Return whether this is of a class whose attributes are columns."""
        setters = (
            setter
            for value in self._resolver.evaluate(expr, ref)
            if isinstance(value, Object)
            for setter in self._resolver.attribute((value,), "__setattr__")
        )
        return any(WRITE in spec.effects for spec in self._resolver.vocabulary.specs(setters))


def _bodies(manager: Expr, facts: FunctionFacts) -> set[int]:
    """Return the regions in which a context manager has been entered."""
    return {
        number
        for number, region in enumerate(facts.regions)
        if region.kind == "with" and region.expr == manager
    }


def _sites_in(bodies: set[int], facts: FunctionFacts) -> list[int]:
    return [
        number
        for number, site in enumerate(facts.sites)
        if not bodies.isdisjoint(indices_around(facts, site.region))
    ]
