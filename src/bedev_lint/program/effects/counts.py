"""Loops over `range`: so many attempts, steps or pages, or the numbers of some data."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from bedev_lint.model import Expr, FunctionFacts, Name, Region, Result, last_name
from bedev_lint.program.effects.nesting import regions_around, regions_of
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["Counts"]


class Counts:
    """Tells the numbers of some data from those of attempts, steps and pages."""

    def __init__(self, project: Project) -> None:
        self._project = project
        # Names whose values are being looked at, which may be made of the name again.
        self._open: set[tuple[FunctionRef, str]] = set()

    def are_of_data(self, region: Region, ref: FunctionRef) -> bool:
        """Return whether a loop over a range runs once for each element of some data."""
        assert isinstance(region.expr, Result)
        facts = self._project.function(ref)
        args = facts.sites[region.expr.site].args
        is_counted = all(target.startswith("_") for target in region.targets)
        return not (
            is_counted
            or _sleeps(facts, region)
            or _is_of_pages(args, facts)
            or self._is_of_steps(region, args, ref)
        )

    def _is_of_steps(self, region: Region, args: Sequence[Expr], ref: FunctionRef) -> bool:
        """Return whether a loop over a range goes on until it is done: `for step in range(limit)`.

        It is left early, is not as long as any data, and picks nothing by its number.
        """
        facts = self._project.function(ref)
        within = {i for i, _ in enumerate(facts.regions) if region in regions_around(facts, i)}
        is_left = any(facts.regions[i].kind == "exits_loop" for i in within)
        picks = any(
            site.kind == "index" and site.region in within and Name(target) in site.args
            for site in facts.sites
            for target in region.targets
        )
        return is_left and not picks and not any(self._is_length(arg, ref, facts) for arg in args)

    def _is_length(self, expr: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether this is, or may be, the number of some rows."""
        if isinstance(expr, Result):
            func = facts.sites[expr.site].func
            if func in (Name("min"), Name("max")):
                return any(self._is_length(a, ref, facts) for a in facts.sites[expr.site].args)
            return last_name(func) in ("len", "count")
        if not isinstance(expr, Name) or (ref, expr.id) in self._open:
            return False
        values = self._project.bound(ref, expr.id) or ()
        self._open.add((ref, expr.id))
        try:
            return any(isinstance(v, Result) and self._is_length(v, ref, facts) for v in values)
        finally:
            self._open.discard((ref, expr.id))


def _is_of_pages(args: Sequence[Expr], facts: FunctionFacts) -> bool:
    """Return whether a range counts pages: `ceil(total / size)`."""
    made = chain(args, *(facts.bound_to(arg) for arg in args if isinstance(arg, Name)))
    sites = (facts.sites[one.site] for one in made if isinstance(one, Result))
    return any(last_name(site.func) == "ceil" for site in sites)


def _sleeps(facts: FunctionFacts, region: Region) -> bool:
    """Return whether a loop waits between its iterations."""
    return any(
        last_name(site.func) == "sleep" and region in regions_of(facts, index)
        for index, site in enumerate(facts.sites)
    )
