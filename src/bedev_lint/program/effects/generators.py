"""Which calls of generators run nothing where they stand, or no more than their beginning."""

from __future__ import annotations

from collections.abc import Set
from itertools import takewhile

from bedev_lint.model import Expr, FunctionFacts, Result
from bedev_lint.program.effects.kinds import SiteVisit
from bedev_lint.program.effects.nesting import yields_in_no_loop
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.uses import Uses, parts
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Class, External, FunctionRef, ProjectFunction, Value

__all__ = ["Generators"]


# Through so many functions it is followed that one returns what another gives.
_DEEPEST = 3
_NEXT = (External("builtins.next"),)


class Generators:
    """Follows what calls of generators give to who runs it."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        self._uses = Uses(project)

    def runs_little(self, ref: FunctionRef, visit: SiteVisit) -> bool:
        """Return whether a site calls a generator, and runs nothing of it, or its beginning."""
        return self._is_left_to_others(ref, visit) or self._is_only_begun(ref, visit)

    def _is_left_to_others(self, ref: FunctionRef, visit: SiteVisit) -> bool:
        """Return whether a site calls a generator, and only objects outside run what it gives.

        `return Response(rows())`: a framework goes over it later, and in a thread of its own if
        it has to. A decorator makes something else of a generator.
        """
        if visit.site.kind != "call" or not _is_plain(self._project.function(ref)):
            return False
        uses = self._uses.by(visit.ref)
        held = uses.held(visit.index)
        if _is_given_on(held, uses.facts):
            return False
        users = {site for value in held for site in uses.mentions.get(value, ())}
        return bool(users) and all(
            self._is_kept(uses.facts.sites[site].func, visit.ref)
            and any(value in held for value in list(parts(uses.facts.sites[site]))[1:])
            for site in users
        )

    def _is_only_begun(self, ref: FunctionRef, visit: SiteVisit) -> bool:
        """Return whether a site calls a generator that is run no further than it hands over.

        `session = next(sessions())`: what stands behind its `yield` is left. Before that it must
        do nothing that matters.
        """
        facts = self._project.function(ref)
        if visit.site.kind != "call" or not _is_plain(facts) or not yields_in_no_loop(facts):
            return False
        uses, made = self._uses.by(visit.ref), Result(visit.index)
        users = [uses.facts.sites[site] for site in uses.mentions.get(made, ())]
        is_given = made in uses.bound_to or _is_given_on({made}, uses.facts)
        if is_given or [user.args[:1] for user in users] != [(made,)]:
            return False
        return self._resolver.evaluate(users[0].func, visit.ref) == _NEXT and not any(
            self._matters(value)
            for site in takewhile(lambda site: site.kind != "yield", facts.sites)
            for value in self._resolver.evaluate(site.func, ref)
        )

    def is_given_on(self, ref: FunctionRef, visit: SiteVisit) -> bool:
        """Return whether a site of a coroutine calls a generator, and only gives on what it gives.

        Who awaits the coroutine has it run, or hands it to a thread.
        """
        uses = self._uses.by(visit.ref)
        if visit.site.kind != "call" or not uses.facts.is_async or not self._makes(ref):
            return False
        held = uses.held(visit.index)
        return _is_given_on(held, uses.facts) and held.isdisjoint(uses.mentions)

    def _makes(self, ref: FunctionRef, depth: int = 0) -> bool:
        """Return whether a function is a generator, or waits for nothing and returns one."""
        facts = self._project.function(ref)
        if _is_plain(facts):
            return True
        if facts.is_async or not facts.results or depth > _DEEPEST:
            return False
        return all(isinstance(result, Result) for result in facts.results) and all(
            self._makes(value.ref, depth + 1)
            if isinstance(value, ProjectFunction) and Result(index) in facts.results
            else not self._may_block(value)
            for index, site in enumerate(facts.sites)
            if site.kind == "call"
            for value in self._resolver.evaluate(site.func, ref)
        )

    def _matters(self, value: Value) -> bool:
        """Return whether calling this may have an effect."""
        spec = self._resolver.vocabulary.spec(value)
        return isinstance(value, (ProjectFunction, Class)) or bool(spec and spec.effects)

    def _may_block(self, value: Value) -> bool:
        """Return whether calling this may make its caller wait."""
        spec = self._resolver.vocabulary.spec(value)
        return isinstance(value, (ProjectFunction, Class)) or (
            spec is not None and "blocking" in spec.effects
        )

    def _is_kept(self, func: Expr, ref: FunctionRef) -> bool:
        """Return whether a call runs over nothing that it is given, here and now."""
        values = self._resolver.evaluate(func, ref)
        return bool(values) and all(map(self._keeps, values))

    def _keeps(self, value: Value) -> bool:
        if not isinstance(value, External):
            return False
        spec = self._resolver.vocabulary.spec(value)
        if spec is not None and (spec.thread or spec.evaluates):
            return spec.thread
        return value.name.rpartition(".")[2][:1].isupper()  # it makes an object


def _is_given_on(held: Set[Expr], facts: FunctionFacts) -> bool:
    return not held.isdisjoint((*facts.results, *(facts.yields or ())))


def _is_plain(facts: FunctionFacts) -> bool:
    return facts.yields is not None and not facts.decorators and not facts.is_async
