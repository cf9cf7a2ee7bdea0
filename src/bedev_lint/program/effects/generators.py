"""Which calls of generators run nothing where they stand."""

from __future__ import annotations

from bedev_lint.model import Expr, FunctionFacts
from bedev_lint.program.effects.kinds import SiteVisit
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.uses import Uses, parts
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import External, FunctionRef, Value

__all__ = ["Generators"]


class Generators:
    """Follows what calls of generators give to who runs it."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        self._uses = Uses(project)

    def is_left_to_others(self, ref: FunctionRef, visit: SiteVisit) -> bool:
        """Return whether a site calls a generator, and only objects outside run what it gives.

        `return Response(rows())`: a framework goes over it later, and in a thread of its own if
        it has to. A decorator makes something else of a generator.
        """
        if visit.site.kind != "call" or not _is_plain(self._project.function(ref)):
            return False
        uses = self._uses.by(visit.ref)
        held = uses.held(visit.index)
        if not held.isdisjoint((*uses.facts.results, *(uses.facts.yields or ()))):
            return False
        users = {site for value in held for site in uses.mentions.get(value, ())}
        return bool(users) and all(
            self._is_kept(uses.facts.sites[site].func, visit.ref)
            and any(value in held for value in list(parts(uses.facts.sites[site]))[1:])
            for site in users
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


def _is_plain(facts: FunctionFacts) -> bool:
    return facts.yields is not None and not facts.decorators and not facts.is_async
