"""Which sites stand in the transaction of a session that a context manager commits in the end.

It begins with what the session is asked first, and ends with the session's own commit or rollback.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from typing import Literal

from bedev_lint.catalog import MemberSpec
from bedev_lint.model import Attr, Entered, Expr, FunctionFacts, Result, Site
from bedev_lint.program.effects.kinds import COMMIT, LOCK, READ, WRITE
from bedev_lint.program.effects.nesting import LOOPS, indices_around, regions_of
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef, ProjectFunction

__all__ = ["WHOLE", "CommittedSessions"]

# In the place of a region: all of a function.
WHOLE = -1
# What asks a database for something, beside what is given a statement.
_STATEMENTS = frozenset({READ, WRITE, LOCK})
# What a site does to a session: `run` is a function of the project, which may begin by itself.
_Does = Literal["", "run", "begin", "end"]


class CommittedSessions:
    """Follows sessions through the context managers that commit them."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver

    def is_committed(self, ref: FunctionRef) -> bool:
        """Return whether a generator commits what it yields, where there is no error.

        `yield session`, and `session.commit()`.
        """
        facts = self._project.function(ref)
        yielded = next((i for i, site in enumerate(facts.sites) if site.kind == "yield"), -1)
        return yielded >= 0 and any(
            site.kind == "call"
            and isinstance(site.func, Attr)
            and site.func.base in (facts.yields or ())
            and not any(region.kind == "except" for region in regions_of(facts, index))
            and any(COMMIT in spec.effects for spec in self._specs(site, ref))
            for index, site in enumerate(facts.sites)
            if index > yielded
        )

    def sites(self, ref: FunctionRef, scopes: Collection[int]) -> Iterator[int]:
        """Return the sites in a transaction that begins in one of these `with`, or in `WHOLE`."""
        facts = self._project.function(ref)
        does: dict[int, _Does] = {}
        around = [{WHOLE, *indices_around(facts, site.region)} for site in facts.sites]
        for index, site in enumerate(facts.sites):
            if within := around[index].intersection(scopes):
                managers = (facts.regions[scope].expr for scope in within - {WHOLE})
                entered = {Entered(manager) for manager in managers if manager is not None}
                names = {one.target for one in facts.bindings if one.value in entered}
                does[index] = self._does(site, names, ref, facts)
        again = _loops_with("begin", does, around, facts) - _loops_with("end", does, around, facts)
        begun, ended = set[int](), set[int]()
        for index, what in does.items():
            within = around[index].intersection(scopes)
            is_open = within & begun and not around[index] & ended
            if what == "run" or is_open or around[index] & again:
                yield index
            if what == "end" and facts.sites[index].region in within:
                begun -= within
            elif what == "end":  # on one of several ways
                ended.add(facts.sites[index].region)
            elif what:
                begun |= within
                ended -= around[index]

    def _does(self, site: Site, names: Set[Expr], ref: FunctionRef, facts: FunctionFacts) -> _Does:
        """Return what a site does to a session; if that has `names`, who is given it may ask it."""
        specs = list(self._specs(site, ref))
        if any(spec.closes == "transaction" for spec in specs):
            return "end"
        given = (*site.args, *(value for _, value in site.keywords), _root(site.func, facts))
        is_given = not names.isdisjoint(given)
        if (is_given or not names) and any(
            isinstance(value, ProjectFunction) for value in self._resolver.evaluate(site.func, ref)
        ):
            return "run"
        return "begin" if is_given or any(map(_is_statement, specs)) else ""

    def _specs(self, site: Site, ref: FunctionRef) -> Iterator[MemberSpec]:
        yield from self._resolver.vocabulary.specs(self._resolver.evaluate(site.func, ref))


def _loops_with(
    wanted: _Does, does: dict[int, _Does], around: list[set[int]], facts: FunctionFacts
) -> set[int]:
    """Return the loops with a site that does something: what is before it comes after it too."""
    return {
        region
        for index, what in does.items()
        if what == wanted
        for region in around[index] - {WHOLE}
        if facts.regions[region].kind in LOOPS
    }


def _is_statement(spec: MemberSpec) -> bool:
    """Return whether a session begins a transaction with this."""
    return spec.effect_by_argument is not None or not _STATEMENTS.isdisjoint(spec.effects)


def _root(expr: Expr, facts: FunctionFacts) -> Expr:
    """Return what a chain of calls begins with: `session` of `session.query(Order).all`."""
    while isinstance(expr, (Attr, Result)):
        expr = expr.base if isinstance(expr, Attr) else facts.sites[expr.site].func
    return expr
