"""Which calls in loops could be one call for all elements: nothing else hangs on each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedev_lint.catalog import Bulk, Call
from bedev_lint.model import (
    Attr,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Name,
    Result,
    Site,
    TupleOf,
    last_name,
)
from bedev_lint.names import any_match
from bedev_lint.program.checks.analysis import Analysis
from bedev_lint.program.checks.keywords import CallSite
from bedev_lint.program.effects.nesting import are_apart, indices_around
from bedev_lint.program.effects.regions import names_on_the_way
from bedev_lint.program.resolve.coverage import NOTHING, THIRD_PARTY, Calls
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.resolve.uses import parts
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    Value,
)

__all__ = ["Bulks"]

# Methods that put something into a collection, and nothing more.
_COLLECTING = frozenset("append add extend insert update setdefault discard remove pop".split())
_KEYS = frozenset({"id", "pk"})
# What is done for one element by itself: it may fail alone, or is locked.
_BY_ITSELF = frozenset({"try", "except", "finally", "with", "while"})


class Bulks:
    """Tells which calls could be one for all elements."""

    def __init__(self, analysis: Analysis, naming: Naming) -> None:
        self._project, self._graph = analysis.project, analysis.graph
        self._resolver, self._within = analysis.resolver, analysis.within
        self._contexts = analysis.catalog.contexts
        self._calls = Calls(analysis.project, analysis.catalog, analysis.resolver)
        self._naming = naming
        self._told: dict[tuple[str, ...], list[frozenset[ClassRef]]] = {}

    def could_be(self, call: CallSite, wanted: Call) -> bool:
        """Return whether all that a table says of a loop is true of the one around a call."""
        bulk = wanted.bulk
        assert bulk is not None
        loop = self._loop_around(call, wanted.within)
        return (
            loop >= 0
            and not self._is_of_batches(call, bulk, loop)
            and self._has_loop_to_itself(call, loop)
            and self._is_on(call, bulk, loop)
            and self._is_alone(call, bulk, loop)
            and (not bulk.own or self._are_plain(call, bulk))
        )

    def _loop_around(self, call: CallSite, within: Iterable[str]) -> int:
        places = (self._contexts[name] for name in within)
        regions = self._within.regions
        return max(
            (
                regions.loop_around(call.caller, call.number, place)
                for place in places
                if place.region == "loop"
            ),
            default=-1,
        )

    def _is_of_batches(self, call: CallSite, bulk: Bulk, loop: int) -> bool:
        targets = self._project.function(call.caller).regions[loop].targets
        return any(any_match((target,), bulk.batches) for target in targets)

    def _has_loop_to_itself(self, call: CallSite, loop: int) -> bool:
        """Return whether a call stands in a loop with nothing around it but conditions."""
        facts = self._project.function(call.caller)
        for number in indices_around(facts, call.site.region):
            if number == loop:
                return True
            if facts.regions[number].kind in _BY_ITSELF:
                return False
        return False

    # ------------------------------------------------------------------ what it is called on

    def _is_on(self, call: CallSite, bulk: Bulk, loop: int) -> bool:
        facts = self._project.function(call.caller)
        if not isinstance(call.site.func, Attr):
            return False
        on = call.site.func.base
        if not bulk.on:
            return _bound_around(call.site, facts).isdisjoint(names_on_the_way(on, facts))
        if not isinstance(on, Name):
            return False
        if "element" in bulk.on and on.id in facts.regions[loop].targets:
            return True
        return (
            "made" in bulk.on
            and self._is_made(on, call, loop)
            and _is_only_kept(on, facts, call.number + 1)
        )

    def _is_made(self, name: Name, call: CallSite, loop: int) -> bool:
        """Return whether a name is bound to nothing but objects that an iteration makes."""
        ref, facts = call.caller, self._project.function(call.caller)
        bound = facts.bound_to(name)
        return bool(bound) and all(
            isinstance(value, Result)
            and loop in indices_around(facts, facts.sites[value.site].region)
            and any(
                isinstance(made, Class)
                for made in self._resolver.evaluate(facts.sites[value.site].func, ref)
            )
            for value in bound
        )

    # ------------------------------------------------------------------ what else is done

    def _is_alone(self, call: CallSite, bulk: Bulk, loop: int) -> bool:
        """Return whether an iteration does nothing else that somebody could notice."""
        ref, facts = call.caller, self._project.function(call.caller)
        return _is_only_kept(Result(call.number), facts) and not any(
            self._is_noticed(ref, index, bulk)
            for index, site in enumerate(facts.sites)
            if index != call.number
            and not (site.func == call.site.func and are_apart(facts, call.number, index))
            and loop in indices_around(facts, site.region)
        )

    def _is_noticed(self, ref: FunctionRef, index: int, bulk: Bulk) -> bool:
        """Return whether a site does more than to compute, to collect and to log."""
        facts = self._project.function(ref)
        site = facts.sites[index]
        if site.kind == "yield" or self._graph.site_comes_to(ref, index, bulk.alone):
            return True
        if site.kind != "call" or last_name(site.func) in _COLLECTING:
            return False
        if any(s.site == index and s.effect in bulk.besides for s in self._graph.does(ref).sources):
            return False
        if index in facts.dropped:
            return True
        is_known = self._calls.resolution(site, ref).to not in (NOTHING, THIRD_PARTY)
        return isinstance(site.func, Attr) and not is_known

    # ------------------------------------------------------------------ the rows

    def _are_plain(self, call: CallSite, bulk: Bulk) -> bool:
        """Return whether all rows that a call may be about are of plain classes of the project."""
        called = self._resolver.evaluate(call.site.func, call.caller)
        if any(isinstance(value, ProjectFunction) for value in called):
            return False
        rows = [row for value in called for row in _rows(value)]
        return bool(rows) and all(
            isinstance(row, ClassRef) and self._is_plain(row, bulk) for row in rows
        )

    def _is_plain(self, row: ClassRef, bulk: Bulk) -> bool:
        """Return whether nothing of the project happens for each row of a class by itself.

        A row may be of a class below, of which the table is where this one is abstract.
        """
        hierarchy, vocabulary = self._resolver.hierarchy, self._resolver.vocabulary
        below = hierarchy.subclasses(row)
        own = {*below, *(one for one, _ in hierarchy.mro(row) if isinstance(one, ClassRef))}
        return (
            not any(hierarchy.method(one, name) for one in (row, *below) for name in bulk.own)
            and all(base in vocabulary for base in hierarchy.external_bases(row))
            and not any(self._holds_signal(one, bulk) for one in own)
            and all(told and own.isdisjoint(told) for told in self._told_of(bulk))
        )

    def _holds_signal(self, cls: ClassRef, bulk: Bulk) -> bool:
        facts = self._project.class_(cls)
        scope = FunctionRef(cls.module, max(facts.scope, 0))
        return any(
            self._is_signal(self._project.site(scope, bound.value.site).func, scope, bulk)
            for bound in facts.bindings
            if isinstance(bound.value, Result)
        )

    def _told_of(self, bulk: Bulk) -> list[frozenset[ClassRef]]:
        """Return of which rows somebody is told, for each who is; of all rows where none are named.

        `@receiver(post_save, sender=Order)`, `post_save.connect(index, sender=Order)`.
        """
        key = (*bulk.hooks, *bulk.signals)
        if key not in self._told:
            hooked = {ref.module for name in bulk.hooks for ref, _ in self._project.calls(name)}
            self._told[key] = [
                self._classes_given(site, ref)
                for module in sorted(hooked)
                for ref, facts in self._project.functions(module)
                for site in facts.sites
                if site.kind == "call"
                and last_name(site.func) in bulk.hooks
                and any(self._is_signal(one, ref, bulk) for one in _flat(parts(site, whole=True)))
            ]
        return self._told[key]

    def _is_signal(self, expr: Expr, ref: FunctionRef, bulk: Bulk) -> bool:
        exprs = (expr, expr.base) if isinstance(expr, Attr) else (expr,)
        return any(
            self._naming.is_one(value, bulk.signals)
            for one in exprs
            for value in self._resolver.evaluate(one, ref)
        )

    def _classes_given(self, site: Site, ref: FunctionRef) -> frozenset[ClassRef]:
        values = (
            value
            for given in (*site.args, *(value for _, value in site.keywords))
            for value in self._resolver.evaluate(given, ref)
        )
        return frozenset(value.ref for value in values if isinstance(value, Class))


def _bound_around(site: Site, facts: FunctionFacts) -> set[str]:
    """Return the names that the loops around a site bind."""
    return {
        name
        for number in indices_around(facts, site.region)
        for name in facts.regions[number].targets
        if facts.regions[number].kind in ("for", "comprehension")
    }


def _rows(value: Value) -> Iterator[ClassRef | str]:
    """Return the classes of the rows that a method is about: of its object, or of its table."""
    receiver = value.receiver if isinstance(value, Member) else None
    if isinstance(receiver, Object):
        for row in receiver.args[0] if receiver.args else (receiver,):
            if isinstance(row, Object):
                yield row.of
            elif isinstance(row, Class):
                yield row.ref


def _is_only_kept(row: Expr, facts: FunctionFacts, after: int = 0) -> bool:
    """Return whether a row, by all its names, only gets into collections, behind a site."""
    visited, todo = {row}, [row]
    while todo:
        held = todo.pop()
        bound = [b.target for b in facts.bindings if b.value == held]
        if not all(isinstance(target, (Name, Item)) for target in bound):
            return False
        if any(_is_key_of(b.value, held) for b in facts.bindings):
            return False
        if any(
            held in parts(site) and last_name(site.func) not in _COLLECTING
            for site in facts.sites[after:]
            if site.kind in ("call", "get")
        ):
            return False
        names = {target for target in bound if isinstance(target, Name)} - visited
        visited |= names
        todo += names
    return True


def _is_key_of(value: Expr, row: Expr) -> bool:
    return (
        isinstance(value, Attr)
        and value.base == row
        and (value.name in _KEYS or value.name.endswith("_id"))
    )


def _flat(exprs: Iterable[Expr]) -> Iterator[Expr]:
    for expr in exprs:
        yield expr
        if isinstance(expr, (TupleOf, Literal)):
            yield from expr.items
