"""Which sites stand in a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from bedev_lint.catalog import MemberSpec
from bedev_lint.model import Attr, Expr, FunctionFacts, Result, Site, last_name
from bedev_lint.program.effects.committed_sessions import WHOLE, CommittedSessions
from bedev_lint.program.effects.nesting import indices_around, itself
from bedev_lint.program.resolve import SUPER, Resolver
from bedev_lint.program.resolve.decorators import applied, calls_of_wrapped, wrappers
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    FunctionRef,
    Object,
    ProjectFunction,
    Value,
    Values,
    label_of,
)

__all__ = ["Transactions"]

# Regions that keep a transaction open; leaving a savepoint commits nothing.
_SCOPES = ("transaction", "savepoint")
_ENTERING = ("__enter__", "__aenter__")
# What makes a context manager of a generator; one that is called is a decorator too.
_MAKING_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})


class Transactions:
    """Follows transactions through context managers and decorators."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        self._in_transaction: dict[FunctionRef, frozenset[int]] = {}
        self._answers: dict[tuple[str, FunctionRef], bool] = {}
        self._sessions = CommittedSessions(project, resolver)

    def in_transaction(self, ref: FunctionRef, index: int) -> bool:
        """Return whether a site stands in a transaction that this function opens."""
        sites = self._in_transaction.get(ref)
        if sites is None:
            self._in_transaction[ref] = frozenset()  # a wrapper that wraps itself ends here
            sites = self._in_transaction[ref] = frozenset(self._sites_in_transaction(ref))
        return index in sites

    def _sites_in_transaction(self, ref: FunctionRef) -> Iterator[int]:
        facts = self._project.function(ref)
        if (
            any(self.decorator_regions(ref, facts, _SCOPES))
            or self._is_wrapped(ref, facts, self._gives_opening, self.in_transaction)
            or any(self._is_opened(decorator, ref) for decorator in facts.decorators)
        ):
            yield from range(len(facts.sites))
            return
        opening = self._managing(ref, facts, self._opens)
        committing = self._managing(ref, facts, self._commits) - opening
        if self._is_wrapped(ref, facts, self._gives_committing, self._is_committing):
            committing.add(WHOLE)
        explicit, _ = self._explicit_scopes(ref, facts)
        for index, site in enumerate(facts.sites if opening or explicit else ()):
            around = indices_around(facts, site.region)
            if not opening.isdisjoint(around) or any(a < index < b for a, b in explicit):
                yield index
        if committing:
            yield from self._sessions.sites(ref, committing)

    def _managing(
        self, ref: FunctionRef, facts: FunctionFacts, does: Callable[[Expr, FunctionRef], bool]
    ) -> set[int]:
        """Return the regions of a function whose context manager does something."""
        return {
            index
            for index, region in enumerate(facts.regions)
            if region.kind == "with" and region.expr is not None and does(region.expr, ref)
        }

    # ------------------------------------------------------------------ context managers

    def _called(self, manager: Expr, ref: FunctionRef) -> Values:
        """Return the functions, and methods of objects, by which a context manager is made."""
        values = self._resolver.evaluate(self._made_by(manager, ref), ref)
        if not isinstance(manager, Result):
            return values
        objects = tuple(value for value in values if isinstance(value, Object))
        return (*values, *self._resolver.attribute(objects, "__call__"))

    def _opens(self, manager: Expr, ref: FunctionRef) -> bool:
        """Return whether entering this context manager opens a transaction."""
        if any(self._gives_opening(value, ref) for value in self._called(manager, ref)):
            return True
        values = self._resolver.evaluate(manager, ref)
        return any(self._is_opening(value, ref) for value in values)

    def _commits(self, manager: Expr, ref: FunctionRef) -> bool:
        """Return whether leaving this context manager commits what a session did in it."""
        return any(self._gives_committing(value, ref) for value in self._called(manager, ref))

    def _gives_committing(self, value: Value, ref: FunctionRef) -> bool:
        """Return whether calling this gives a context manager that commits a session in the end."""
        return isinstance(value, ProjectFunction) and _are_most(
            self._answer(("commits", one.ref), self._yields_or_returns_committing)
            for one in self._resolver.implementations(value, ref)
        )

    def _yields_or_returns_committing(self, ref: FunctionRef) -> bool:
        facts = self._project.function(ref)
        if facts.yields is None:
            return any(self._commits(expr, ref) for expr in facts.results)
        return self._sessions.is_committed(ref) or any(
            site.kind == "yield" and self._is_committing(ref, index)
            for index, site in enumerate(facts.sites)
        )

    def _gives_opening(self, value: Value, ref: FunctionRef) -> bool:
        """Return whether calling this gives a context manager that opens a transaction."""
        spec = self._resolver.vocabulary.spec(value)
        if spec is not None:
            return spec.region in _SCOPES
        return isinstance(value, ProjectFunction) and _are_most(
            self._answer(("gives", one.ref), self._yields_or_returns_opening)
            for one in self._resolver.implementations(value, ref)
        )

    def _yields_or_returns_opening(self, ref: FunctionRef) -> bool:
        facts = self._project.function(ref)
        if facts.yields is None:
            return any(self._opens(expr, ref) for expr in facts.results)
        return any(
            site.kind == "yield" and self.in_transaction(ref, index)
            for index, site in enumerate(facts.sites)
        )

    def _is_opening(self, value: Value, ref: FunctionRef) -> bool:
        """Return whether an object opens a transaction where it is entered."""
        if not isinstance(value, Object):
            return False
        if isinstance(value.of, str):
            members = map(partial(self._resolver.vocabulary.member, value.of), _ENTERING)
            return any(member is not None and member[1].region in _SCOPES for member in members)
        return any(
            _are_most(
                self._answer(("begins", one.ref), self._begins)
                for one in self._resolver.implementations(method, ref)
            )
            for name in _ENTERING
            for method in self._resolver.attribute((value,), name)
            if isinstance(method, ProjectFunction)
        )

    def _begins(self, ref: FunctionRef) -> bool:
        """Return whether a transaction is open after a function that was not open before."""
        facts = self._project.function(ref)
        if self._explicit_scopes(ref, facts)[1]:
            return True
        managers = _managers(facts)
        return any(
            _are_most(
                self._answer(("begins", one.ref), self._begins) or self._gives_opening(one, ref)
                for one in self._resolver.implementations(value, ref)
            )
            for index, site in enumerate(facts.sites)
            if Result(index) not in managers and _is_of_itself(site, facts)
            for value in self._resolver.evaluate(site.func, ref)
            if isinstance(value, ProjectFunction)
        )

    def _answer(
        self, question: tuple[str, FunctionRef], ask: Callable[[FunctionRef], bool]
    ) -> bool:
        """Answer a question about a function once; where it leads in a circle, with no."""
        if question not in self._answers:
            self._answers[question] = False
            self._answers[question] = ask(question[1])
        return self._answers[question]

    # ------------------------------------------------------------------ decorators

    def _is_wrapped(
        self,
        ref: FunctionRef,
        facts: FunctionFacts,
        gives: Callable[[Value, FunctionRef], bool],
        holds: Callable[[FunctionRef, int], bool],
    ) -> bool:
        """Return whether a decorator of the project is a context manager that `gives` asks for.

        Or calls the function at a site that `holds` asks for.
        """
        around = self._project.around(ref)
        made = (value for one in facts.decorators for value in self._resolver.decorator(one, ref))
        return any(self._makes_manager(value) and gives(value, around) for value in made) or any(
            holds(wrapper, index)
            for wrapper in wrappers(self._resolver, ref, facts)
            for index in calls_of_wrapped(self._resolver, wrapper)
        )

    def _makes_manager(self, value: Value) -> bool:
        """Return whether this is a generator that becomes a context manager where it is called."""
        return isinstance(value, ProjectFunction) and not _MAKING_MANAGERS.isdisjoint(
            map(last_name, self._project.function(value.ref).decorators)
        )

    def _is_committing(self, ref: FunctionRef, index: int) -> bool:
        """Return whether a site stands in a context manager that commits in the end."""
        facts = self._project.function(ref)
        around = indices_around(facts, facts.sites[index].region)
        return not self._managing(ref, facts, self._commits).isdisjoint(around)

    def _is_opened(self, decorator: Expr, ref: FunctionRef) -> bool:
        """Return whether a decorator is an object that opens a transaction around a function."""
        around, values = self._project.around(ref), self._resolver.in_header(decorator, ref)
        return any(
            self._is_opening(value, around) for value in (*values, *applied(self._resolver, values))
        )

    def decorator_regions(
        self, ref: FunctionRef, facts: FunctionFacts, regions: Sequence[str] = ("transaction",)
    ) -> Iterator[tuple[str, bool]]:
        """Return the decorators that put a function into one of these regions.

        Of each that is its label, and whether without it each statement commits itself.
        """
        for decorator in facts.decorators:
            for value in self._resolver.decorator(decorator, ref):
                spec = self._resolver.vocabulary.spec(value)
                if spec is not None and spec.region in regions:
                    yield label_of(value), spec.autocommit

    def transaction_of(self, manager: Expr, ref: FunctionRef) -> Iterator[tuple[str, bool]]:
        """Return the transaction that ends where this context manager is left.

        That is its label, and whether without it each statement commits itself.
        """
        for value in self._resolver.evaluate(self._made_by(manager, ref), ref):
            spec = self._resolver.vocabulary.spec(value)
            if spec is not None and spec.region == "transaction":
                yield label_of(value), spec.autocommit

    def _made_by(self, manager: Expr, ref: FunctionRef) -> Expr:
        """Return what is called for a context manager, or itself, which may be entered as it is."""
        if isinstance(manager, Result):
            return self._project.site(ref, manager.site).func
        return manager

    def _explicit_scopes(
        self, ref: FunctionRef, facts: FunctionFacts
    ) -> tuple[list[tuple[int, int]], bool]:
        """Return from which to which site a `begin()` … `commit()` reaches.

        And whether one that begins ends nowhere.
        """
        managers = _managers(facts)
        ranges: list[tuple[int, int]] = []
        opened: list[tuple[str, int]] = []
        for index, site in enumerate(facts.sites):
            for spec in self._specs(site, ref):
                if spec.region in _SCOPES and Result(index) not in managers:
                    opened.append((spec.region, index))
                elif spec.closes and any(kind == spec.closes for kind, _ in opened):
                    while (last := opened.pop())[0] != spec.closes:
                        pass  # what began inside ends with it
                    ranges.append((last[1], index))
        return ranges, bool(opened)

    def _specs(self, site: Site, ref: FunctionRef) -> Iterable[MemberSpec]:
        """Return what vocabularies say of a call that may begin or end a transaction."""
        vocabulary = self._resolver.vocabulary
        if site.kind != "call" or last_name(site.func) not in vocabulary.scope_names:
            return ()
        return vocabulary.specs(self._resolver.evaluate(site.func, ref))


def _are_most(answers: Iterable[bool]) -> bool:
    """Return whether at least half of what stands behind an interface does something."""
    every = list(answers)
    return any(every) and 2 * sum(every) >= len(every)


def _is_of_itself(site: Site, facts: FunctionFacts) -> bool:
    """Return whether a site calls a method of the own object, or the one above it."""
    base = site.func.base if site.kind == "call" and isinstance(site.func, Attr) else None
    if isinstance(base, Result):
        return facts.sites[base.site].func == SUPER
    return base is not None and base == itself(facts)


def _managers(facts: FunctionFacts) -> set[Expr | None]:
    return {region.expr for region in facts.regions if region.kind == "with"}
