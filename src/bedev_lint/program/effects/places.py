"""Where a site stands: in functions of a context, and in places inside a function."""

from __future__ import annotations

from collections.abc import Iterable

from bedev_lint.catalog import PLACES, Catalog
from bedev_lint.model import Expr, Result, Site
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.contexts import Contexts
from bedev_lint.program.effects.nesting import regions_of
from bedev_lint.program.effects.regions import Regions
from bedev_lint.program.effects.transactions import Transactions
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef, Values

__all__ = ["Within"]


# The kinds of regions that a place is, where these alone say it.
_KINDS = {"failing": ("except", "finally", "raises"), "wordy": ("wordy",)}


class Within:
    """Tells of a site which contexts and regions it stands in."""

    def __init__(
        self, project: Project, catalog: Catalog, resolver: Resolver, graph: CallGraph
    ) -> None:
        self._project, self._catalog, self._resolver = project, catalog, resolver
        self.contexts = Contexts(project, catalog, resolver, graph)
        self.regions = Regions(project, resolver, self.contexts)
        self.transactions = Transactions(project, resolver)
        self._takers: dict[FunctionRef, dict[int, list[int]]] = {}

    def is_place(self, name: str) -> bool:
        """Return whether a context is a place inside functions."""
        return self._catalog.contexts[name].region in PLACES

    def any_holds(self, ref: FunctionRef, site: int, names: Iterable[str]) -> bool:
        """Return whether a site of a function stands in one of these contexts."""
        return any(self._holds(ref, site, name) for name in names)

    def _holds(self, ref: FunctionRef, site: int, name: str) -> bool:
        context = self._catalog.contexts[name]
        if context.region == "loop":
            return self.regions.loop_around(ref, site, context) >= 0
        if context.region == "transaction":
            return self.transactions.in_transaction(ref, site)
        if context.region == "deadline":
            return self._is_limited(ref, site)
        if context.region in _KINDS:
            around = regions_of(self._project.function(ref), site)
            return any(region.kind in _KINDS[context.region] for region in around)
        return self.contexts.holds(ref, name)

    # ------------------------------------------------------------------ limits of time

    def _is_limited(self, ref: FunctionRef, index: int) -> bool:
        """Return whether a function that sets a limit of time is around a site.

        It is entered around it, is given what it makes, or decorates the function.
        """
        facts = self._project.function(ref)
        entered = (region.expr for region in regions_of(facts, index) if region.kind == "with")
        if any(self._sets_limit(made, ref) for made in entered):
            return True
        if any(
            self._limits(self._resolver.evaluate(facts.sites[by].func, ref))
            for by in self._given_to(ref).get(index, ())
        ):
            return True
        return any(
            self._limits(self._resolver.decorator(decorator, ref)) for decorator in facts.decorators
        )

    def _given_to(self, ref: FunctionRef) -> dict[int, list[int]]:
        """Return the calls of a function that are given what another gives, by that one's site."""
        if ref not in self._takers:
            takers = self._takers[ref] = {}
            for index, site in enumerate(self._project.function(ref).sites):
                for arg in site.args if site.kind == "call" else ():
                    if isinstance(arg, Result):
                        takers.setdefault(arg.site, []).append(index)
        return self._takers[ref]

    def _sets_limit(self, made: Expr | None, ref: FunctionRef) -> bool:
        if not isinstance(made, Result):
            return False
        site: Site = self._project.site(ref, made.site)
        return self._limits(self._resolver.evaluate(site.func, ref))

    def _limits(self, called: Values) -> bool:
        return any(spec.region == "deadline" for spec in self._resolver.vocabulary.specs(called))
