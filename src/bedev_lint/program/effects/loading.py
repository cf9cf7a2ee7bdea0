"""What the code before a site has loaded: rows, their relations, what an object keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

from bedev_lint.catalog import MemberSpec
from bedev_lint.model import (
    Attr,
    Either,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Name,
    Result,
    Site,
    is_literal,
    last_name,
)
from bedev_lint.program.effects.kinds import WRITE, SiteVisit
from bedev_lint.program.effects.nesting import LOOPS, indices_around, regions_around, regions_of
from bedev_lint.program.effects.regions import steps_on_the_way
from bedev_lint.program.effects.way_back import WayBack, is_bound
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.parameters import is_static
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    FunctionRef,
    Member,
    Object,
    Value,
)

__all__ = ["Loading", "argument_of", "key_asked_for"]

# Built-in functions that go over all that they are given.
_RUNNING = frozenset("len list sorted set tuple dict sum any all min max".split())
# Those that do so while a loop goes over what they give.
_GOING_OVER = frozenset("enumerate zip".split())


class Loading:
    """Tells of a site that asks the database for something whether that is there already."""

    def __init__(
        self, project: Project, resolver: Resolver, made: Mapping[str, Collection[str]]
    ) -> None:
        self._project, self._resolver, self._made = project, resolver, made
        self.way_back = WayBack(project, resolver, made)

    def is_itself(self, expr: Expr, visit: SiteVisit) -> bool:
        """Return whether an expression is the object whose method a function is."""
        facts = self._project.function(visit.ref)
        if facts.owner < 0 or not facts.params or is_static(facts):
            return False
        return expr == Name(facts.params[0].name)

    def is_read_first(self, func: Attr, visit: SiteVisit) -> bool:
        """Return whether a site reads a relation of an element that nothing has loaded before."""
        facts = self._project.function(visit.ref)
        base = func.base
        bound = _binding(base, visit.site, facts) if isinstance(base, Name) else -1
        # What a method reads of its own object in some cases only, it may not need.
        is_own = self.is_itself(base, visit) and visit.site.always
        if not isinstance(base, Name) or (bound < 0 and not is_own):
            return False
        if any(
            site.kind == "get" and site.func == func and _binding(base, site, facts) == bound
            for site in facts.sites[: visit.index]
        ):
            return False  # the first access has loaded it
        if facts.bound_to(func):
            return False  # it is what the function has set
        return not self._has_been_read(func, visit) and not self._is_loaded(visit)

    def parameter_read(self, func: Attr, visit: SiteVisit) -> str:
        """Return the parameter of which a site reads a relation, whatever else happens, or ""."""
        facts, base = self._project.function(visit.ref), func.base
        if not isinstance(base, Name) or not visit.site.always or self.is_itself(base, visit):
            return ""
        if all(param.name != base.id for param in facts.params):
            return ""
        if facts.bound_to(base) or facts.bound_to(func):
            return ""  # it is what the function has set
        earlier = (s for s in facts.sites[: visit.index] if s.kind == "get")
        return "" if any(site.func == func for site in earlier) else base.id

    def _has_been_read(self, func: Attr, visit: SiteVisit) -> bool:
        """Return whether a loop before has read the same attribute of the same rows."""
        facts = self._project.function(visit.ref)
        around = [-1, *indices_around(facts, visit.site.region)]
        iterated = {
            region.expr
            for region in regions_of(facts, visit.index)
            if is_bound(func.base, region.targets) and isinstance(region.expr, Name)
        }
        return any(
            site.kind == "get"
            and isinstance(site.func, Attr)
            and site.func.name == func.name
            and site.region not in around
            and facts.regions[site.region].kind in ("for", "comprehension")
            and facts.regions[site.region].parent in around
            and facts.regions[site.region].expr in iterated
            and is_bound(site.func.base, facts.regions[site.region].targets)
            and not self._is_bound_between(facts.regions[site.region].expr, number, visit)
            for number, site in enumerate(facts.sites[: visit.index])
        )

    def _is_bound_between(self, iterated: Expr | None, first: int, visit: SiteVisit) -> bool:
        """Return whether a name is bound to what a call gives that stands between two sites."""
        return any(
            isinstance(value, Result) and first < value.site < visit.index
            for value in self._project.function(visit.ref).bound_to(iterated)
        )

    def has_loaded(self, receiver: object, visit: SiteVisit) -> bool:
        """Return whether a site asks a query for rows that the code before has loaded."""
        is_query = isinstance(receiver, Object) and self._resolver.is_of_owner(receiver)
        return is_query and (self._is_list_of_query(visit.site) or self._is_loaded(visit))

    def _is_list_of_query(self, site: Site) -> bool:
        """Return whether a site uses an attribute as a list that some query puts there by name.

        What gives the rows of a relation can be used so only after it was asked for them.
        """
        base = site.func.base if site.kind != "call" and isinstance(site.func, Attr) else None
        return isinstance(base, Attr) and self._project.is_loaded(base.name)

    def is_loaded_somewhere(self, visit: SiteVisit) -> bool:
        """Return whether some query of the project loads what a site runs over."""
        facts = self._project.function(visit.ref)
        return any(
            self._project.is_loaded(name) for name in steps_on_the_way(visit.site.func, facts)
        )

    def may_have_come(self, visit: SiteVisit) -> bool:
        """Return whether some query may load the relation of a row of which nothing is known."""
        steps = self._steps(visit.site.func, visit)
        return not steps or self._is_unseen() or any(map(self._project.is_loaded, steps))

    def may_have_come_along(self, func: Attr, visit: SiteVisit) -> bool:
        """Return whether some query may load a relation of an element that came so."""
        steps = self._steps_to(func.base, visit)
        return not steps or self._is_unseen() or self.is_loaded_along(func, visit)

    def is_loaded_along(self, func: Attr, visit: SiteVisit) -> bool:
        """Return whether some query loads a relation of an element along with the elements."""
        project, name = self._project, func.name
        steps = self._steps_to(func.base, visit)
        if any(project.is_loaded(f"{step}__{name}") for step in steps):
            return True
        told_more = any(project.is_loaded(f"{step}__") for step in steps)
        return project.is_loaded(name) and (not steps or told_more or self._is_unseen())

    def _is_unseen(self) -> bool:
        """Return whether the project has a query of which one cannot tell what it loads."""
        return self._project.names_unseen(self._resolver.vocabulary.naming_relations)

    def _steps_to(self, element: Expr, visit: SiteVisit) -> set[str]:
        """Return the relations to many rows that the loops go over which bind an element."""
        regions = regions_of(self._project.function(visit.ref), visit.index)
        over = (r.expr for r in regions if r.expr is not None and is_bound(element, r.targets))
        return {step for expr in over for step in self._steps(expr, visit)}

    def _steps(self, expr: Expr, visit: SiteVisit) -> set[str]:
        """Return the relations to many rows by which a value is got at."""
        names = steps_on_the_way(expr, self._project.function(visit.ref))
        return {name for name in names if any(name in made for made in self._made.values())}

    def _is_loaded(self, visit: SiteVisit) -> bool:
        """Return whether the code before has loaded the relations of the rows of a loop."""
        facts = self._project.function(visit.ref)
        row = _root(visit.site.func, facts)
        iterated = {
            region.expr
            for region in regions_of(facts, visit.index)
            if is_bound(row, region.targets)
        }
        if not iterated:
            return False
        return any(
            site.kind == "call" and site.args and self._loads(site, iterated | {row}, visit.ref)
            for site in facts.sites[: visit.index]
        )

    def _loads(self, site: Site, iterated: Collection[Expr | None], ref: FunctionRef) -> bool:
        """Return whether a call loads the relations of one of these."""
        if last_name(site.func) not in self._resolver.vocabulary.loading_names:
            return False
        for spec in self._resolver.vocabulary.specs(self._resolver.evaluate(site.func, ref)):
            argument = argument_of(site, spec.loads) if spec.loads is not None else None
            items = argument.items if isinstance(argument, Literal) else (argument,)
            if any(item in iterated for item in items):
                return True
        return False

    def loading_of(self, receiver: object, spec: MemberSpec) -> str:
        """Return how the rows come that a query asks for, "" where it needs the database anyway."""
        if not isinstance(receiver, Object) or spec.anew or WRITE in spec.effects:
            return ""
        return receiver.loading if self._resolver.is_of_owner(receiver) else ""

    def has_run(self, value: Value, visit: SiteVisit) -> bool:
        """Return whether a site uses the rows of a name that the code before has asked for."""
        func = visit.site.func
        base = func.base if isinstance(func, Attr) else None
        if not isinstance(base, Name) or not isinstance(value, Member):
            return False
        kept = self._resolver.vocabulary.member(value.owner, "__iter__")
        if kept is None or not kept[1].kept:
            return False
        spec = self._resolver.vocabulary.of_member(value)
        if spec.anew or WRITE in spec.effects:
            return False
        facts = self._project.function(visit.ref)
        queries = {base, *facts.bound_to(base)}
        around = [-1, *indices_around(facts, visit.site.region)]
        return any(
            _runs(earlier, queries, facts)
            and earlier.region in around
            and (_is_gone_over(number, visit, facts) or not _may_change(base, number, visit, facts))
            for number, earlier in enumerate(facts.sites[: visit.index])
        )

    def of_receiver(self, receiver: object, visit: SiteVisit) -> str:
        """Return how the row came that a site calls a method of: `single` if always the same.

        Behind `related` stand the relations that lead back, if it is known by which it came.
        """
        loading = getattr(receiver, "loading", "")
        if loading not in ("lazy", "related"):
            return loading
        if not self._is_element(visit):
            return "single"
        of = visit.site.func.base if isinstance(visit.site.func, Attr) else None
        if of is None or not (isinstance(of, Attr) or loading == "related"):
            return loading
        if back := self.way_back.names(of, visit):
            return " ".join(("related", *back))
        is_known = not isinstance(of, Attr) and self._steps_to(of, visit)
        return "lazy" if is_known else loading

    def _is_element(self, visit: SiteVisit) -> bool:
        """Return whether the innermost loop around a site binds the row that it uses."""
        func, facts = visit.site.func, self._project.function(visit.ref)
        row = _root(func.base if isinstance(func, Attr) else func, facts)
        loops = [r for r in regions_of(facts, visit.index) if r.kind in ("for", "comprehension")]
        if not loops or not isinstance(row, Name) or row.id in loops[0].targets:
            return True
        is_of_outer = any(row.id in loop.targets for loop in loops)
        return not is_of_outer and not self.is_bound_outside(visit.site, visit.ref)

    def is_bound_outside(self, site: Site, ref: FunctionRef) -> bool:
        """Return whether a site uses a plain name that no loop around it binds."""
        base = site.func.base if isinstance(site.func, Attr) else None
        if not isinstance(base, Name) or site.region < 0:
            return False
        facts = self._project.function(ref)
        loops = [
            r for r in regions_around(facts, site.region) if r.kind in ("for", "comprehension")
        ]
        if any(base.id in loop.targets for loop in loops):
            return False
        return not any(
            isinstance(value, Result)
            and any(r in loops for r in regions_around(facts, facts.sites[value.site].region))
            for value in facts.bound_to(base)
        )


def argument_of(site: Site, position: int | str) -> Expr | None:
    """Return the argument of a site at a position, or for a keyword."""
    if isinstance(position, str):
        return dict(site.keywords).get(position)
    return site.args[position] if position < len(site.args) else None


def key_asked_for(site: Site, spec: MemberSpec) -> str:
    """Return the name by which a site asks for what is then kept, or "".

    Of a row that is the key or what the key is an attribute of, of a query the query itself.
    """
    if spec.kept and isinstance(site.func, Attr):
        return site.func.base.id if isinstance(site.func.base, Name) else ""
    key = argument_of(site, spec.by_key) if spec.by_key is not None and not site.keywords else None
    while isinstance(key, Attr):
        key = key.base
    return key.id if isinstance(key, Name) else ""


def _root(expr: Expr, facts: FunctionFacts) -> Expr:
    """Return what an expression begins with: `row` of `row.orders.all().count`.

    What is given arguments on the way asks for something else.
    """
    while isinstance(expr, (Attr, Result)):
        if isinstance(expr, Attr):
            expr = expr.base
            continue
        site = facts.sites[expr.site]
        if site.args or site.keywords:
            break
        expr = site.func
    return expr


def _binding(name: Name, site: Site, facts: FunctionFacts) -> int:
    """Return the innermost region around a site that binds a name, or -1."""
    around = indices_around(facts, site.region)
    return next((index for index in around if name.id in facts.regions[index].targets), -1)


def _is_gone_over(number: int, visit: SiteVisit, facts: FunctionFacts) -> bool:
    """Return whether a loop around a site goes over what another gives: `range(len(rows))`."""
    loops = (region.expr for region in regions_of(facts, visit.index))
    return any(
        isinstance(expr, Result)
        and (expr.site == number or Result(number) in facts.sites[expr.site].args)
        for expr in loops
    )


def _may_change(name: Name, number: int, visit: SiteVisit, facts: FunctionFacts) -> bool:
    """Return whether a name may be bound again between a site and a later one that uses it.

    What is made after that one matters only where a loop comes back to that, and not to the first.
    """
    before = set(indices_around(facts, facts.sites[number].region))
    since = set(indices_around(facts, visit.site.region)) - before
    loops = {index for index in since if facts.regions[index].kind in LOOPS}

    def is_between(made: Expr) -> bool:
        while isinstance(made, Item):
            made = made.base
        if isinstance(made, Either):
            # All of one statement, of which `[]` or `None` say nothing.
            return any(is_between(one) for one in made.options if not is_literal(one))
        if not isinstance(made, Result):
            return True
        around = indices_around(facts, facts.sites[made.site].region)
        return number <= made.site and (made.site < visit.index or not loops.isdisjoint(around))

    return any(map(is_between, facts.bound_to(name)))


def _runs(site: Site, queries: Set[Expr], facts: FunctionFacts) -> bool:
    """Return whether a site runs one of some queries, and leaves the rows in it."""
    if site.kind == "call":
        return bool(site.args) and site.args[0] in queries and last_name(site.func) in _RUNNING
    if site.kind not in ("iter", "bool") or not isinstance(site.func, Attr):
        return False
    base = site.func.base
    if isinstance(base, Result) and last_name(facts.sites[base.site].func) in _GOING_OVER:
        return not queries.isdisjoint(facts.sites[base.site].args)
    return base in queries
