"""What the block of a context manager does, for rules about the call that makes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bedev_lint.catalog import Block
from bedev_lint.model import (
    Attr,
    Either,
    Elem,
    Entered,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Part,
    Result,
    Site,
    TupleOf,
    last_name,
)
from bedev_lint.program.checks.analysis import Analysis
from bedev_lint.program.checks.keywords import CallSite
from bedev_lint.program.effects.nesting import indices_around
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.resolve.uses import parts
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["Blocks", "bodies_of"]

_AWAITING = "__await__"
# So many calls further on it is looked at what a function does.
_DEEPEST = 3


class Blocks:
    """Tells what blocks do."""

    def __init__(self, analysis: Analysis, naming: Naming) -> None:
        self._project, self._graph = analysis.project, analysis.graph
        self._resolver, self._within = analysis.resolver, analysis.within
        self._naming = naming

    def does(self, call: CallSite, wanted: Block) -> bool:
        """Return whether a call makes a context manager whose block only does what is said."""
        facts = self._project.function(call.caller)
        bodies = bodies_of(call.number, facts)
        done = _outermost(bodies, facts)
        return bool(done) and all(self._is_done(call.caller, index, wanted) for index in done)

    def is_given(self, ref: FunctionRef, index: int, wanted: Block, depth: int = _DEEPEST) -> bool:
        """Return whether what a site gives goes nowhere but to calls that are as it is said."""
        facts = self._project.function(ref)
        site = facts.sites[index]
        value = Result(index) if site.kind == "call" else site.func
        if depth == 0 or index in facts.dropped or any(_holds(one, value) for one in _used(facts)):
            return False
        later = range(index + 1, len(facts.sites))
        takers = [number for number in later if value in _given(facts.sites[number])]
        # What is put into a text goes where that goes.
        takers = takers or [number for number in later if facts.sites[number].kind == "call"][:1]
        return bool(takers) and all(
            self._is_done(ref, taker, wanted) or self.is_given(ref, taker, wanted, depth - 1)
            for taker in takers
        )

    def _is_done(self, ref: FunctionRef, index: int, wanted: Block) -> bool:
        facts = self._project.function(ref)
        return (
            (not wanted.calls or self._calls(ref, index, wanted.calls))
            and (not wanted.effect or self._does_only(ref, index, wanted.effects))
            and (
                not wanted.after
                or not _ended(index, facts, wanted.after).isdisjoint(parts(facts.sites[index]))
            )
            and (not wanted.within or self._within.any_holds(ref, index, wanted.within))
        )

    def _calls(self, ref: FunctionRef, index: int, names: tuple[str, ...]) -> bool:
        site = self._project.site(ref, index)
        func, handed = site.func, [arg.name for arg in site.args if isinstance(arg, Attr)]
        if any(f"*.{name}" in names for name in (last_name(func), *handed)):
            return True
        return any(
            self._naming.is_one(value, names) for value in self._resolver.evaluate(func, ref)
        )

    def _does_only(
        self, caller: FunctionRef, index: int, effects: Collection[str], depth: int = _DEEPEST
    ) -> bool:
        """Return whether a call has one of these effects, or its function does nothing else."""
        does = self._graph.does(caller)
        own = {source.effect for source in does.sources if source.site == index}
        if own:
            return own <= {*effects}
        called = [edge.target for edge in does.edges if edge.site == index]
        return bool(called) and all(self._is_only(ref, effects, depth) for ref in called)

    def _is_only(self, ref: FunctionRef, effects: Collection[str], depth: int) -> bool:
        """Return whether all statements of a function that are calls have one of these effects."""
        facts = self._project.function(ref)
        done = [index for index in facts.dropped if facts.sites[index].kind == "call"]
        return (
            depth > 0
            and bool(done)
            and not any(isinstance(binding.target, Attr) for binding in facts.bindings)
            and all(self._does_only(ref, index, effects, depth - 1) for index in done)
        )


def _used(facts: FunctionFacts) -> Iterator[Expr]:
    """Return what a function keeps, gives back, goes over, or takes something of."""
    yield from (binding.value for binding in facts.bindings)
    yield from (*facts.results, *(facts.yields or ()))
    yield from (region.expr for region in facts.regions if region.expr is not None)
    yield from (site.func.base for site in facts.sites if isinstance(site.func, Attr))


def _holds(expr: Expr, value: Expr) -> bool:
    """Return whether an expression is a value, something of it, or a display that holds it."""
    if expr == value:
        return True
    if isinstance(expr, (Attr, Elem, Entered, Item, Part)):
        return _holds(expr.base, value)
    if isinstance(expr, Either):
        return any(_holds(option, value) for option in expr.options)
    items = expr.items if isinstance(expr, (Literal, TupleOf)) else ()
    return any(_holds(item, value) for item in items)


def _given(site: Site) -> tuple[Expr, ...]:
    return (*site.args, *(value for _, value in site.keywords))


def bodies_of(index: int, facts: FunctionFacts) -> set[int]:
    """Return the regions that are entered by what a call gives."""
    return {
        number
        for number, region in enumerate(facts.regions)
        if region.kind == "with" and region.expr == Result(index)
    }


def _outermost(bodies: set[int], facts: FunctionFacts) -> list[int]:
    """Return the calls in regions that are no part of another expression: what is done there."""
    kept = [binding.value for binding in facts.bindings]
    kept += [*facts.results, *(region.expr for region in facts.regions if region.expr is not None)]
    outermost = {*facts.dropped, *facts.truth_tested, *map(_site_of, kept)}
    return [
        index
        for index, site in enumerate(facts.sites)
        if (_awaits_name(site.func) or (site.kind == "call" and index in outermost))
        and not bodies.isdisjoint(indices_around(facts, site.region))
    ]


def _site_of(value: Expr) -> int:
    """Return the call that a value is, or is taken from; -1 for any other."""
    while isinstance(value, (Attr, Elem, Entered, Item, Part)):
        value = value.base
    return value.site if isinstance(value, Result) else -1


def _awaits_name(func: Expr) -> bool:
    """Return whether what is awaited here is no call, which stands for itself."""
    return isinstance(func, Attr) and func.name == _AWAITING and not isinstance(func.base, Result)


def _ended(index: int, facts: FunctionFacts, methods: Collection[str]) -> set[Expr]:
    """Return what a function has called one of these methods of before a site, or its holders."""
    ended = {
        site.func.base
        for site in facts.sites[:index]
        if isinstance(site.func, Attr) and f"*.{site.func.name}" in methods
    }
    holders = {
        binding.value.base
        for binding in facts.bindings
        if binding.target in ended and isinstance(binding.value, Elem)
    }
    return ended | holders
