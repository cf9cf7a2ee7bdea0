"""Which sites stand in a transaction, and which commits commit nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedev_lint.model import Attr, Entered, Expr, FunctionFacts, Name, Result, Site
from bedev_lint.program.callgraph import CallGraph
from bedev_lint.program.effects import WRITE
from bedev_lint.program.project import Project
from bedev_lint.program.regions import indices_around, is_own, itself
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.values import FunctionRef, Object, ProjectFunction, label_of

__all__ = ["Commits", "Transactions"]

# Regions that keep a transaction open; leaving a savepoint commits nothing.
_SCOPES = ("transaction", "savepoint")


class Transactions:
    """Follows transactions through context managers and decorators."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        self._known: dict[FunctionRef, frozenset[int]] = {}

    def in_transaction(self, ref: FunctionRef, index: int) -> bool:
        """Return whether a site stands in a transaction that this function opens."""
        known = self._known.get(ref)
        if known is None:
            self._known[ref] = frozenset()  # a wrapper that wraps itself ends here
            known = self._known[ref] = frozenset(self._sites_in_transaction(ref))
        return index in known

    def _sites_in_transaction(self, ref: FunctionRef) -> Iterator[int]:
        facts = self._project.function(ref)
        if any(self.decorator_regions(ref, facts, _SCOPES)):
            yield from range(len(facts.sites))
            return
        opening = [
            index
            for index, region in enumerate(facts.regions)
            if region.kind == "with" and region.expr is not None and self._opens(region.expr, ref)
        ]
        explicit = self._explicit_scopes(ref, facts)
        if not opening and not explicit:
            return
        for index, site in enumerate(facts.sites):
            region = site.region
            while region >= 0:
                if region in opening:
                    yield index
                    break
                region = facts.regions[region].parent
            else:
                if any(first < index < last for first, last in explicit):
                    yield index

    def _opens(self, manager: Expr, at: FunctionRef) -> bool:
        """Return whether entering this context manager opens a transaction."""
        facts = self._project.function(at)
        if isinstance(manager, Result):
            site = facts.sites[manager.site]
            for value in self._resolver.evaluate(site.func, at):
                words = self._resolver.vocabulary.words(value)
                if words is not None and words[1].region in _SCOPES:
                    return True
                if isinstance(value, ProjectFunction) and self._yields_in_transaction(value.ref):
                    return True
        for value in self._resolver.evaluate(manager, at):
            if isinstance(value, Object) and isinstance(value.of, str):
                known = self._resolver.vocabulary.member(
                    value.of, "__enter__"
                ) or self._resolver.vocabulary.member(value.of, "__aenter__")
                if known is not None and known[1].region in _SCOPES:
                    return True
        return False

    def _yields_in_transaction(self, ref: FunctionRef) -> bool:
        sites = self._project.function(ref).sites
        return any(
            site.kind == "yield" and self.in_transaction(ref, index)
            for index, site in enumerate(sites)
        )

    def decorator_regions(
        self, ref: FunctionRef, facts: FunctionFacts, regions: Sequence[str] = ("transaction",)
    ) -> Iterator[str]:
        """Return the labels of the decorators that put a function into one of these regions."""
        around = FunctionRef(ref.module, max(facts.parent, 0))
        for decorator in facts.decorators:
            func = self._project.called_by(decorator, around)
            for value in self._resolver.evaluate(func, around, facts.owner):
                words = self._resolver.vocabulary.words(value)
                if words is not None and words[1].region in regions:
                    yield label_of(value)

    def transaction_of(self, manager: Expr, at: FunctionRef) -> Iterator[str]:
        """Return the label of the transaction that ends where this context manager is left."""
        if isinstance(manager, Result):
            site = self._project.site(at, manager.site)
            for value in self._resolver.evaluate(site.func, at):
                words = self._resolver.vocabulary.words(value)
                if words is not None and words[1].region == "transaction":
                    yield label_of(value)

    def _explicit_scopes(self, ref: FunctionRef, facts: FunctionFacts) -> list[tuple[int, int]]:
        """Return from which to which site a `begin()` … `commit()` reaches."""
        managers = {region.expr for region in facts.regions if region.kind == "with"}
        found: list[tuple[int, int]] = []
        opened = -1
        for index, site in enumerate(facts.sites):
            if site.kind != "call" or not isinstance(site.func, Attr):
                continue
            if site.func.name not in self._resolver.vocabulary.scope_names:
                continue
            for value in self._resolver.evaluate(site.func, ref):
                words = self._resolver.vocabulary.words(value)
                if words is None:
                    continue
                if words[1].region in _SCOPES and Result(index) not in managers:
                    opened = index
                elif words[1].closes == "transaction" and opened >= 0:
                    found.append((opened, index))
                    opened = -1
        return found


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
        if site is None or any(_changes(binding.target, facts) for binding in facts.bindings):
            return False
        is_exit = site.kind == "exit" and isinstance(site.func, Attr)
        manager = site.func.base if is_exit and isinstance(site.func, Attr) else Result(index)
        bodies = {
            number
            for number, region in enumerate(facts.regions)
            if region.kind == "with" and region.expr == manager
        }
        if not bodies:
            return False
        # Where no context manager yields, but a generator, nothing of it runs meanwhile.
        outer = outer or not facts.decorators
        inside = [
            number
            for number, site in enumerate(facts.sites)
            if not bodies.isdisjoint(indices_around(facts, site.region))
        ]
        entered = [b.target for b in facts.bindings if b.value == Entered(manager)]
        return bool(inside) and not any(
            not outer if facts.sites[i].kind == "yield" else self._may_write(ref, i, entered)
            for i in inside
        )

    def _may_write(self, ref: FunctionRef, index: int, sessions: Sequence[Expr]) -> bool:
        """Return whether a site may change rows; one of which nothing is known, by a session."""
        facts, does = self._project.function(ref), self._graph.does(ref)
        site = facts.sites[index]
        effects = {source.effect for source in does.sources if source.site == index}
        targets = [edge.target for edge in does.edges if edge.site == index]
        if WRITE in effects or site.func == Name("setattr"):
            return True
        if any(
            self._graph.comes_to(target, (WRITE,)) or self._changes_given(target, site, facts)
            for target in targets
        ):
            return True
        if effects or targets or site.kind != "call":
            return False
        values = self._resolver.evaluate(site.func, ref)
        known = [words for words in map(self._resolver.vocabulary.words, values) if words]
        if not known:
            return any(arg in sessions for arg in (*site.args, *(v for _, v in site.keywords)))
        return any(words.effect_by_argument is not None for _, words in known)

    def _changes_given(self, target: FunctionRef, site: Site, caller: FunctionFacts) -> bool:
        """Return whether a function sets attributes of what it is given, or is called on."""
        facts = self._project.function(target)
        own = isinstance(site.func, Attr) and site.func.base == itself(caller)
        own = own or facts.name.startswith("__")
        return any(
            _changes(binding.target, facts) or (not own and isinstance(binding.target, Attr))
            for binding in facts.bindings
        )


def _changes(target: Expr, facts: FunctionFacts) -> bool:
    """Return whether what is bound is an attribute of something else than the own object."""
    return isinstance(target, Attr) and not is_own(target, facts)
