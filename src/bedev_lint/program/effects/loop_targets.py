"""What a name is within a loop that binds it, whatever it is elsewhere in the function."""

from __future__ import annotations

from bedev_lint.model import (
    Attr,
    Either,
    Elem,
    Expr,
    FunctionFacts,
    Item,
    Name,
    Part,
    Result,
    is_literal,
)
from bedev_lint.program.effects.kinds import SiteVisit
from bedev_lint.program.effects.nesting import LOOPS, indices_around
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.values import Values

__all__ = ["values_within_loops"]


def values_within_loops(resolver: Resolver, expr: Expr, visit: SiteVisit) -> Values:
    """Return what an expression of a site can be, with names as the loops around it bind them.

    To resolve it, a name is one thing in a whole function; but two loops may bind the same one,
    or a statement before the loop: `order = first(orders)`, `for order in orders:`.
    """
    values, name = resolver.evaluate(expr, visit.ref), expr
    while isinstance(name, Attr):
        name = name.base
    if not values or not isinstance(name, Name) or visit.site.region < 0:
        return values
    facts = resolver.project.function(visit.ref)
    around = indices_around(facts, visit.site.region)
    regions = ((index, facts.regions[index]) for index in around)
    loop = next((i for i, r in regions if r.kind in LOOPS and name.id in r.targets), -1)
    bound = _bound_by(loop, name, facts) if loop >= 0 else None
    return values if bound is None else resolver.evaluate(_with_base(expr, bound), visit.ref)


def _bound_by(loop: int, name: Name, facts: FunctionFacts) -> Expr | None:
    """Return what a loop binds a name to, None where something else within it may do so too."""
    region, made = facts.regions[loop], facts.bound_to(name)
    if region.expr is None or len(made) < 2:
        return None
    of_loop = next((one for one in made if _whole(one) == Elem(region.expr)), None)
    if all(
        one == of_loop
        # What one loop puts under keys another may go over: these are not told apart.
        or (isinstance(of_loop, Elem) and isinstance(one, Elem))
        or _is_made_outside(one, loop, facts)
        for one in made
    ):
        return of_loop
    return None


def _is_made_outside(made: Expr, loop: int, facts: FunctionFacts) -> bool:
    """Return whether this is made of calls that stand outside of a loop, or of nothing at all."""
    if isinstance(made, Either):
        return all(_is_made_outside(option, loop, facts) for option in made.options)
    if isinstance(made, (Attr, Item)):
        return _is_made_outside(made.base, loop, facts)
    if isinstance(made, Result):
        return loop not in indices_around(facts, facts.sites[made.site].region)
    return is_literal(made)


def _whole(expr: Expr) -> Expr:
    """Return what a part of a tuple is taken of, anything else as it is."""
    while isinstance(expr, Part):
        expr = expr.base
    return expr


def _with_base(expr: Expr, base: Expr) -> Expr:
    """Return a name, or attributes of one, with something in the place of that name."""
    return Attr(_with_base(expr.base, base), expr.name) if isinstance(expr, Attr) else base
