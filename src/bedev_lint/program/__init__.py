"""From the facts of all modules: types, the call graph, effects, and what crosses boundaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import ModuleFacts, SiteRef
from bedev_lint.program.boundaries import Boundaries, Crossing, Cut, Step
from bedev_lint.program.contexts import Contexts
from bedev_lint.program.effects import Effects
from bedev_lint.program.project import Project
from bedev_lint.program.relations import given, relations
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.values import FunctionRef

__all__ = ["Crossing", "Cut", "Program", "Step"]


class Program:
    """All modules of a project, linked. `modules` are facts by path relative to the project."""

    def __init__(self, modules: Mapping[str, ModuleFacts], catalog: Catalog) -> None:
        self._catalog = catalog
        self.project = Project(modules)
        self.resolver = Resolver(self.project, catalog)
        found = list(relations(self.project, catalog, self.resolver))
        self.resolver.relate(((r.owner, r.name) for r in found), given(found))
        self.contexts = Contexts(self.project, catalog, self.resolver)
        self.effects = Effects(self.project, catalog, self.resolver, found)
        self._index = {unit.path: unit.index for unit in self.project.units}
        self._always: dict[frozenset[str], frozenset[FunctionRef]] = {}

    def crossings(
        self, rules: Iterable[Rule], silenced: Mapping[str, tuple[frozenset[str], ...]]
    ) -> tuple[list[Crossing], list[Cut]]:
        """Return what crosses the boundaries of these rules, and which suppressions ended a walk.

        `silenced` gives for each path the codes that each of the file's suppressions silences.
        """
        by_index = {
            self._index[path]: codes for path, codes in silenced.items() if path in self._index
        }
        boundaries = Boundaries(self.project, self._catalog, self.effects, self.contexts, by_index)
        found = [crossing for rule in rules for crossing in boundaries.crossings(rule)]
        return found, list(boundaries.cuts)

    def excused(self, path: str, sites: Iterable[SiteRef], effects: frozenset[str]) -> bool:
        """Return whether one of these calls has, always, one of these effects, or always raises."""
        module = self._index.get(path)
        if module is None:
            return False
        always = self._always.get(effects)
        if always is None:
            always = self._always[effects] = self.effects.always(effects)
        for site in sites:
            does = self.effects.functions[FunctionRef(module, site.function)]
            if any(s.site == site.site and s.effect in effects for s in does.sources):
                return True
            if any(e.site == site.site and e.target in always for e in does.edges):
                return True
        return False

    def path(self, step: Step) -> str:
        """Return the path of the file that a step stands in."""
        return self.project.units[step.function.module].path

    def function_name(self, ref: FunctionRef) -> str:
        """Return the full dotted name of a function."""
        unit = self.project.units[ref.module]
        qualname = self.project.function(ref).qualname or "<module>"
        return f"{unit.name}.{qualname}" if unit.name else qualname
