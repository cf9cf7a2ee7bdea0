"""Batches: many elements at once, cut off what has more of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedev_lint.model import (
    Attr,
    Either,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Name,
    Region,
    Result,
    TupleOf,
    is_slice,
    last_name,
)
from bedev_lint.program.effects.nesting import regions_of
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef, ProjectFunction
from bedev_lint.reachability import reachable

__all__ = ["Batches", "is_in_steps", "is_page"]

_MAKING_LISTS = frozenset({"list", "tuple", "set", "enumerate", "iter"})
# What gives one row of several.
_OF_ONE = frozenset({"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none"})
# Through so many names and functions it is followed what a loop runs over.
_DEEPEST = 4


class Batches:
    """Tells what gives batches. Evaluates what is called with a resolver."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver

    def gives(self, expr: Expr, ref: FunctionRef, depth: int = 0) -> bool:
        """Return whether all elements of this are batches: `split(ids, 100)`."""
        if depth > _DEEPEST:
            return False
        facts = self._project.function(ref)
        if isinstance(expr, (Literal, TupleOf)):
            element = element_of(expr)
            return element is not None and _is_batch(element, facts)
        if isinstance(expr, Name):
            bound = self._project.bound(ref, expr.id) or ()
            return bool(bound) and all(self.gives(one, ref, depth + 1) for one in bound)
        if not isinstance(expr, Result):
            return False
        site = facts.sites[expr.site]
        if isinstance(site.func, Name) and site.func.id in _MAKING_LISTS:
            return bool(site.args) and self.gives(site.args[0], ref, depth + 1)
        values = self._resolver.evaluate(site.func, ref)
        return bool(values) and all(
            isinstance(value, ProjectFunction) and self._is_splitting(value.ref, depth + 1)
            for value in values
        )

    def _is_splitting(self, ref: FunctionRef, depth: int) -> bool:
        """Return whether a function yields or returns batches."""
        facts = self._project.function(ref)
        if facts.yields is not None:
            return bool(facts.yields) and all(_is_batch(one, facts) for one in facts.yields)
        return bool(facts.results) and all(self.gives(one, ref, depth) for one in facts.results)


def element_of(expr: Literal | TupleOf) -> Expr | None:
    """Return what a comprehension makes of each element, None if this is a display."""
    only = expr.items[0] if len(expr.items) == 1 else None
    return only.options[0] if isinstance(only, Either) and len(only.options) == 1 else None


def is_in_steps(region: Region, facts: FunctionFacts) -> bool:
    """Return whether a loop goes over one batch after the other: `range(0, count, size)`."""
    if not isinstance(region.expr, Result):
        return False
    site = facts.sites[region.expr.site]
    if site.func != Name("range") or len(site.args) != 3:
        return False
    step = site.args[2]  # one of -1 makes no batch
    return not isinstance(step, Literal) or (step.kind == "int" and step.form != "negative")


def is_page(site: int, facts: FunctionFacts) -> bool:
    """Return whether a site gives one page of rows, before or in a `while` that asks for the next.

    `rows = query.limit(100).all()`, `while rows:`, `rows = query.filter(…).limit(100).all()`. One
    row after the other is none.
    """
    if site < 0 or last_name(facts.sites[site].func) in _OF_ONE:
        return False
    names = [binding.target for binding in facts.bindings if binding.value == Result(site)]
    pages = [one.site for name in names for one in facts.bound_to(name) if isinstance(one, Result)]
    return (
        len(pages) > 1
        and all(_is_limited(facts.sites[page].func, facts) for page in pages)
        and any(r.kind == "while" for page in pages for r in regions_of(facts, page))
    )


def _is_limited(expr: Expr, facts: FunctionFacts) -> bool:
    """Return whether a query asks for so many rows at most."""
    while isinstance(expr, (Attr, Result)):
        if isinstance(expr, Attr):
            expr = expr.base
            continue
        expr = facts.sites[expr.site].func
        if last_name(expr) == "limit":
            return True
    return isinstance(expr, Item) and is_slice(expr.args)


def _is_batch(expr: Expr, facts: FunctionFacts) -> bool:
    """Return whether this is a part of something that is gone through in steps.

    `ids[start : start + size]`, `list(islice(rows, size))`.
    """
    return any(
        _is_cut(one, facts) if isinstance(one, Item) else _is_taken(one, facts)
        for one in _made_of(expr, facts)
    )


def _is_cut(expr: Item, facts: FunctionFacts) -> bool:
    """Return whether a slice is taken in each step of a loop.

    In a `while`, of what the function was given: what it reads there itself is one element.
    """
    is_given = any(expr.base == Name(param.name) for param in facts.params)
    return is_slice(expr.args) and any(
        site.kind == "index"
        and isinstance(site.func, Attr)
        and (site.func.base, site.args) == (expr.base, expr.args)
        and any(
            (is_given and r.kind == "while") or is_in_steps(r, facts)
            for r in regions_of(facts, index)
        )
        for index, site in enumerate(facts.sites)
    )


def _is_taken(expr: Expr, facts: FunctionFacts) -> bool:
    return isinstance(expr, Result) and last_name(facts.sites[expr.site].func) == "islice"


def _made_of(expr: Expr, facts: FunctionFacts) -> Iterator[Expr]:
    """Return an expression, what its name is bound to, and what a list is made of."""

    def parts_of(made: Expr) -> Iterable[Expr]:
        if isinstance(made, Result):
            site = facts.sites[made.site]
            is_list = isinstance(site.func, Name) and site.func.id in _MAKING_LISTS
            return site.args[:1] if is_list else ()
        return facts.bound_to(made) if isinstance(made, Name) else ()

    return reachable([expr], parts_of)
