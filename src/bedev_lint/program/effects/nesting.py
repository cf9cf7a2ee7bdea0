"""The regions of a function that a site stands in, one around the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec.structs import replace

from bedev_lint.model import (
    Attr,
    Either,
    Elem,
    Expr,
    FunctionFacts,
    Item,
    Key,
    Literal,
    Name,
    Region,
    Result,
    Site,
    TupleOf,
)

__all__ = [
    "LOOPS",
    "are_apart",
    "comprehensions_of",
    "goes_on",
    "indices_around",
    "is_own",
    "is_waited_for",
    "itself",
    "leaves",
    "made_last",
    "reached",
    "regions_around",
    "regions_of",
    "takes_values",
    "told_apart",
    "yields_in_no_loop",
]

LOOPS = frozenset({"for", "while", "comprehension"})
_OF_VALUES = "of values"
_GOING_ON = frozenset({"continue", "break", "return"})


def regions_of(facts: FunctionFacts, index: int) -> Iterator[Region]:
    """Return the regions that a site stands in, innermost first."""
    return regions_around(facts, facts.sites[index].region)


def regions_around(facts: FunctionFacts, region: int) -> Iterator[Region]:
    """Return a region and those around it, innermost first."""
    return (facts.regions[index] for index in indices_around(facts, region))


def indices_around(facts: FunctionFacts, region: int) -> Iterator[int]:
    """Return the index of a region and of those around it, innermost first."""
    while region >= 0:
        yield region
        region = facts.regions[region].parent


def reached(facts: FunctionFacts) -> Iterator[tuple[int, Site]]:
    """Return the sites of a function that may run, each behind its index."""
    never = {index for index, region in enumerate(facts.regions) if region.kind == "never"}
    for index, site in enumerate(facts.sites):
        if not never or never.isdisjoint(indices_around(facts, site.region)):
            yield index, site


def comprehensions_of(element: Expr, facts: FunctionFacts) -> list[Region]:
    """Return the loops of the comprehension that gives an element, and of those around it.

    Those in its conditions too: what is bound by one loop does not tell how many there are within.
    Nothing, if that cannot be told of the element.
    """
    if isinstance(element, TupleOf):
        return [loop for item in element.items for loop in comprehensions_of(item, facts)]
    while isinstance(element, (Attr, Item)):
        element = element.base
    if isinstance(element, Result):
        around = set(indices_around(facts, facts.sites[element.site].region))
    else:
        chains = [set(indices_around(facts, index)) for index in range(len(facts.regions))]
        binding = {
            index
            for index, region in enumerate(facts.regions)
            if region.kind == "comprehension"
            and isinstance(element, Name)
            and element.id in region.targets
        }
        around = {index for chain in chains if chain & binding for index in chain}
    return [
        facts.regions[index] for index in around if facts.regions[index].kind == "comprehension"
    ]


def goes_on(tried: Region) -> bool:
    """Return whether one of the handlers of a `try` does not raise."""
    return not _GOING_ON.isdisjoint(tried.targets)


def takes_values(facts: FunctionFacts, index: int) -> bool:
    """Return whether a site is in a `try` that handles values of another form than was thought."""
    return any(
        region.kind == "try" and _OF_VALUES in region.targets for region in regions_of(facts, index)
    )


def are_apart(facts: FunctionFacts, site: int, other: int) -> bool:
    """Return whether an iteration that comes to one of two sites does not come to the other."""
    arms = _arms(facts, site)
    return any(arms.get(fork, arm) != arm for fork, arm in _arms(facts, other).items())


def made_last(facts: FunctionFacts, target: Expr, site: int) -> Result | None:
    """Return the result of the last call that a target is bound to before a site.

    None if there is none, or one that not every way to the site leads by.
    """
    calls = [b.value for b in facts.bindings if b.target == target and isinstance(b.value, Result)]
    last = max((call for call in calls if call.site < site), key=lambda c: c.site, default=None)
    around = set(indices_around(facts, facts.sites[site].region))
    if last is None or not around.issuperset(indices_around(facts, facts.sites[last.site].region)):
        return None
    return last


def _arms(facts: FunctionFacts, site: int) -> dict[str, int]:
    """Return the ways that were taken to a site, by the forks where they begin."""
    return {
        facts.regions[index].targets[0]: index
        for index in indices_around(facts, facts.sites[site].region)
        if facts.regions[index].kind == "branch"
    }


def is_own(expr: Attr, facts: FunctionFacts) -> bool:
    """Return whether this is an attribute of the object whose method this is."""
    return expr.base == itself(facts)


def itself(facts: FunctionFacts) -> Expr | None:
    """Return the name by which a method knows its own object."""
    return Name(facts.params[0].name) if facts.owner >= 0 and facts.params else None


def is_waited_for(index: int, facts: FunctionFacts) -> bool:
    """Return whether a call is done when it returns: of what it gives attributes are read.

    Or nobody reads it: a coroutine would not run then.
    """
    return (
        index in facts.dropped
        or index in facts.picked
        or any(
            isinstance(site.func, Attr) and site.func.base == Result(index) for site in facts.sites
        )
    )


def leaves(facts: FunctionFacts, site: int, loop: int) -> bool:
    """Return whether a loop is left in the block of a site, which so runs once in all of it."""
    left = ""
    for index in indices_around(facts, facts.sites[site].region):
        if index == loop:
            break
        region = facts.regions[index]
        if region.kind == "exits_loop":
            left = left if left in ("return", "raise") else region.targets[0]
        elif (region.kind in LOOPS and left == "break") or (
            region.kind == "try" and left == "raise"
        ):
            left = ""
    return bool(left)


def told_apart(site: Site) -> tuple[Expr, ...]:
    """Return what tells a call from others of its function.

    Of literals that is their kind: what they say is only there where some rule asks for it.
    """
    given = (*site.args, *chain.from_iterable((Key(name), expr) for name, expr in site.keywords))
    return tuple(map(_by_kind, (site.func, *given)))


def _by_kind(expr: Expr) -> Expr:
    if isinstance(expr, Literal):
        return Literal(expr.kind, expr.sql, tuple(map(_by_kind, expr.items)))
    if isinstance(expr, (TupleOf, Either)):
        return type(expr)(
            tuple(map(_by_kind, expr.items if isinstance(expr, TupleOf) else expr.options))
        )
    return replace(expr, base=_by_kind(expr.base)) if isinstance(expr, Attr) else expr


def yields_in_no_loop(facts: FunctionFacts) -> bool:
    """Return whether a function is a generator that hands over what it has, and nothing more."""
    yielding = [index for index, site in enumerate(facts.sites) if site.kind == "yield"]
    return (
        bool(yielding)
        and not any(isinstance(value, Elem) for value in facts.yields or ())
        and not any(
            region.kind in ("for", "while", "comprehension")
            for index in yielding
            for region in regions_of(facts, index)
        )
    )
