"""Which relations of a row lead back to the row that it has been reached from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from bedev_lint.model import Attr, Expr, Name
from bedev_lint.program.effects.kinds import SiteVisit
from bedev_lint.program.effects.nesting import regions_of
from bedev_lint.program.effects.regions import on_the_way
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    ClassRef,
    FunctionRef,
    Object,
    ProjectFunction,
    Value,
    Values,
)

__all__ = ["WayBack", "classes_of", "is_bound"]

# A name or attribute by which a value is got at, in the function that it stands in.
_Step = tuple[Attr | Name, FunctionRef]


class WayBack:
    """Tells what leads back; `made` is what relations make at their other end, by their names."""

    def __init__(
        self, project: Project, resolver: Resolver, made: Mapping[str, Collection[str]]
    ) -> None:
        self._project, self._resolver, self._made = project, resolver, made

    def comes_back(self, func: Attr, row: Object, visit: SiteVisit) -> bool:
        """Return whether an element of what a row has many of leads back to that row by this."""
        if func.name not in self._made or row.loading == "lazy":
            return False
        return any(self._leads(func, visit.ref, step) for step in self._taken(func.base, visit))

    def names(self, row: Expr, visit: SiteVisit) -> list[str]:
        """Return the relations by which a row of a loop, or what a row has one of, leads back."""
        steps = (
            [(row, visit.ref)]  # what a row has one of has that row
            if isinstance(row, Attr)
            else [*self._taken(row, visit)]
        )
        return sorted(
            name
            for name in self._made
            if any(self._leads(Attr(row, name), visit.ref, step) for step in steps)
        )

    def _leads(self, relation: Attr, ref: FunctionRef, step: _Step) -> bool:
        """Return whether a relation of what a step gives may be the one that makes this step."""
        expr, place = step
        name = expr.name if isinstance(expr, Attr) else expr.id
        if name not in self._made[relation.name]:
            return False
        # Where nothing else is said, all relations of a class make a step of the same name.
        owners = self._resolver.evaluate(expr.base, place) if isinstance(expr, Attr) else ()
        return self._may_be_one(owners, self._resolver.evaluate(relation, ref))

    def _may_be_one(self, values: Values, others: Values) -> bool:
        """Return whether something may be both, by its classes."""
        mine, theirs = self._lines(values), self._lines(others)
        if not mine or not theirs:
            return True
        return any(of in line for of in mine for line in theirs.values()) or any(
            of in line for of in theirs for line in mine.values()
        )

    def _lines(self, values: Values) -> dict[ClassRef | str, set[ClassRef | str]]:
        """Return the classes of these values with those above; none, if one is not known."""
        lines: dict[ClassRef | str, set[ClassRef | str]] = {}
        for value in values:
            if not isinstance(value, Object):
                return {}
            lines[value.of] = classes_of(value, self._resolver)
        return lines

    def _taken(self, element: Expr, visit: SiteVisit) -> Iterator[_Step]:
        """Return the steps by which the rows of the loops that bind an element are got at.

        `order.open_lines()` gives `self.lines.filter(open=True)`.
        """
        for region in regions_of(self._project.function(visit.ref), visit.index):
            if region.expr is not None and is_bound(element, region.targets):
                yield from self._steps(region.expr, visit.ref)
                for step in on_the_way(region.expr, self._project.function(visit.ref)):
                    for ref in self._asked_for(step, visit.ref):
                        for result in self._project.function(ref).results:
                            yield from self._steps(result, ref)

    def _steps(self, expr: Expr, ref: FunctionRef) -> Iterator[_Step]:
        """Return the steps to a value; a variable only says what it is for."""
        facts = self._project.function(ref)
        bound = {binding.target for binding in facts.bindings}
        return ((step, ref) for step in on_the_way(expr, facts) if step not in bound)

    def _asked_for(self, step: Attr | Name, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return the functions of the project, properties too, that this stands for."""
        values: list[Value] = [*self._resolver.evaluate(step, ref)]
        if isinstance(step, Attr) and step.name in self._project.properties:
            for value in self._resolver.evaluate(step.base, ref):
                if isinstance(value, Object) and isinstance(value.of, ClassRef):
                    getters = self._resolver.getters(value, step.name)
                    values += (ProjectFunction(getter) for getter in getters)
        return (value.ref for value in values if isinstance(value, ProjectFunction))


def classes_of(row: Object, resolver: Resolver) -> set[ClassRef | str]:
    """Return all classes that a row is of: its own, and those above."""
    if isinstance(row.of, str):
        return {spec.name for spec in resolver.vocabulary.above(row.of)}
    return {cls for cls, _ in resolver.hierarchy.mro(row.of)}


def is_bound(expr: Expr, names: Sequence[str]) -> bool:
    """Return whether an expression is one of these names."""
    return isinstance(expr, Name) and expr.id in names
