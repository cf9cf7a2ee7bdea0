"""What a linked program does, made ready to be shown: by function, and as a map of its layers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bedev_lint.catalog import Catalog, nearest
from bedev_lint.explore.shortest_path import ShortestPath, ShortestPaths
from bedev_lint.inspection.source_map import FUNCTION, span_of
from bedev_lint.model import Confidence, Diagnostic, Hop, Location, SiteRef, SourceMap
from bedev_lint.program import PathStep
from bedev_lint.program.effects.contexts import Contexts
from bedev_lint.program.effects.regions import Regions
from bedev_lint.program.effects.transactions import Transactions
from bedev_lint.program.resolve.coverage import Calls, shown_call
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.recursion import room_for
from bedev_lint.report.effects import EffectPath, FunctionSummary, Unresolved
from bedev_lint.report.graph import Call, Function, Layer, Map, Touch, Violation
from bedev_lint.session.run import Survey
from bedev_lint.settings.config import Config
from bedev_lint.settings.selection import selected_codes

__all__ = ["NoSuchFunction", "Overview"]

OTHER = "other"
_OTHER_LAYER = 5


class NoSuchFunction(Exception):
    """No function of the program has this name."""


class Overview:
    """Looks at a linked program for people."""

    def __init__(self, survey: Survey, config: Config, catalog: Catalog) -> None:
        program = survey.program
        self._program, self._config, self._catalog = program, config, catalog
        self._places = survey.places
        self._decoded: dict[int, SourceMap] = {}
        self._paths = ShortestPaths(program.graph)
        self._calls = Calls(program.project, catalog, program.resolver)
        self._layered = Contexts(program.project, catalog, program.resolver, program.graph)
        self._repeated = Regions(program.project, program.resolver, self._layered)
        self._transactions = Transactions(program.project, program.resolver)

    # ------------------------------------------------------------------ which functions

    def in_files(self, names: Iterable[str]) -> list[FunctionRef]:
        """Return the functions of files, given by their paths relative to the project."""
        wanted = frozenset(names)
        project = self._program.project
        return [
            ref
            for module in project.modules
            if project.path(module) in wanted
            for ref, _ in project.functions(module)
        ]

    def named(self, module: str, function: str) -> list[FunctionRef]:
        """Return the functions of this dotted name; `module` is dotted, or a relative path.

        Raises NoSuchFunction.
        """
        project = self._program.project
        modules = [m for m in project.modules if module in (project.path(m), project.name(m))] or [
            m for m in project.modules if f".{project.path_name(m)}".endswith(f".{module}")
        ]
        if not modules:
            names = [project.name(other) for other in project.modules]
            raise NoSuchFunction(f'no module "{module}" in the program{nearest(module, names)}')
        every = [function for number in modules for function in project.functions(number)]
        functions = [ref for ref, facts in every if facts.qualname == function]
        if not functions:
            hint = nearest(function, [facts.qualname for _, facts in every])
            path = project.path(modules[0])
            raise NoSuchFunction(f'no function "{function}" in {path}{hint}')
        return functions

    # ------------------------------------------------------------------ by function

    def summaries_of(
        self, refs: Sequence[FunctionRef], effects: Sequence[str] = ()
    ) -> list[FunctionSummary]:
        """Return what each function does; of the effects only these, if any are given."""
        with room_for():
            return [self._doer(ref, effects) for ref in refs]

    def _doer(self, ref: FunctionRef, effects: Sequence[str]) -> FunctionSummary:
        project = self._program.project
        paths = [path for path in self._paths.paths(ref) if not effects or path.effect in effects]
        return FunctionSummary(
            project.function_name(ref),
            self._filename(ref),
            self._location(PathStep(ref, FUNCTION)),
            tuple(name for name in self._catalog.contexts if self._layered.holds(ref, name)),
            tuple(self._effect_path(path) for path in paths),
            tuple(
                Unresolved(
                    shown_call(site.func, project.function(ref)),
                    self._location(PathStep(ref, index)),
                    cause,
                )
                for index, site, cause in self._calls.unresolved(ref)
            ),
        )

    def _effect_path(self, path: ShortestPath) -> EffectPath:
        hops = [
            Hop(
                self._program.project.function_name(s.function),
                self._filename(s.function),
                self._location(s),
                tuple(sorted(map(self._program.project.function_name, s.implementations))),
            )
            for s in path.steps
        ]
        hops.append(Hop(path.label, hops[-1].filename, hops[-1].location))
        within = [self._regions(step) for step in path.steps]
        effect = self._catalog.effects.get(path.effect)
        return EffectPath(
            path.effect,
            effect.title if effect is not None else "",
            Confidence.CERTAIN if path.certain else Confidence.LIKELY,
            path.thread,
            tuple(hops),
            (*within, ()),
        )

    def _regions(self, step: PathStep) -> tuple[str, ...]:
        """Return the regions that a site stands in, by the names of their contexts."""
        if step.site < 0:
            return ()
        ref, site = step.function, step.site
        return tuple(
            name
            for name, context in self._catalog.contexts.items()
            if (context.region == "loop" and self._repeated.loop_around(ref, site, context) >= 0)
            or (context.region == "transaction" and self._transactions.in_transaction(ref, site))
        )

    def _location(self, step: PathStep) -> Location:
        places = self._places_of(step.function.module)
        return span_of(places, SiteRef(step.function.function, step.site)).start

    def _places_of(self, module: int) -> SourceMap:
        if module not in self._decoded:
            path = self._program.project.path(module)
            self._decoded[module] = self._places(path)
        return self._decoded[module]

    def _filename(self, ref: FunctionRef) -> str:
        return os.path.join(self._config.root, self._program.project.path(ref.module))

    # ------------------------------------------------------------------ as a map

    @room_for()
    def map(self, diagnostics: Iterable[Diagnostic], names: Iterable[str]) -> Map:
        """Return the layers of these files and all that they reach, with what must not be there.

        `names` are paths relative to the project. The effects are those that the rules in force
        speak of.
        """
        effects = self._effects_in_force()
        wanted = frozenset(effects)
        project = self._program.project
        reaching = self._program.graph.reaching(wanted)
        inside = self._reached_from(self.in_files(names), reaching)
        shown = [ref for ref in sorted(inside) if ref in reaching]
        index = {ref: number for number, ref in enumerate(shown)}
        place = {module: position for position, module in enumerate(project.modules)}
        layers = self._layers()
        layer_of = {ref: self._layer(ref, layers) for ref in inside}
        return Map(
            self._config.root.name,
            [layer for layer, _ in layers],
            [(name, self._catalog.effects[name].title) for name in effects],
            [(project.path(module), project.name(module)) for module in project.modules],
            [
                (place[ref.module], layer_of[ref])
                for ref in sorted(inside)
                if ref in index or self._is_function(ref)
            ],
            [
                Function(
                    place[ref.module],
                    self._program.project.function(ref).qualname or "<module>",
                    layer_of[ref],
                    self._location(PathStep(ref, FUNCTION)).row,
                )
                for ref in shown
            ],
            list(self._map_calls(index)),
            list(self._map_touches(index, effects)),
            list(self._violations(diagnostics, effects, index)),
        )

    def _effects_in_force(self) -> list[str]:
        rules = self._catalog.rules
        codes = sorted(selected_codes(self._config, self._catalog))
        linked = [rules[code] for code in codes if rules[code].is_linked]
        linked = linked or [rule for rule in rules.values() if rule.is_linked]
        named = {effect for rule in linked for effect in rule.effects}
        return [effect for effect in self._catalog.effects if effect in named]

    def _is_function(self, ref: FunctionRef) -> bool:
        return ref.function > 0 and self._program.project.function(ref).name != "<lambda>"

    def _reached_from(
        self, starts: Iterable[FunctionRef], reaching: frozenset[FunctionRef]
    ) -> set[FunctionRef]:
        reached = set(starts)
        frontier = list(reached)
        while frontier:
            for edge in self._program.graph.does(frontier.pop()).edges:
                if edge.target in reaching and edge.target not in reached:
                    reached.add(edge.target)
                    frontier.append(edge.target)
        return reached

    def _layers(self) -> list[tuple[Layer, tuple[str, ...]]]:
        """Return the layers from top to bottom, each with the contexts that it is made of."""
        by_number: dict[int, list[str]] = {}
        for name, context in self._catalog.contexts.items():
            if context.layer > 0 and context.layer != _OTHER_LAYER:
                by_number.setdefault(context.layer, []).append(name)
        by_number[_OTHER_LAYER] = []
        return [
            (Layer(names[0] if names else OTHER, bool(names)), tuple(names))
            for _, names in sorted(by_number.items())
        ]

    def _layer(self, ref: FunctionRef, layers: Sequence[tuple[Layer, tuple[str, ...]]]) -> int:
        other = 0
        for number in reversed(range(len(layers))):
            names = layers[number][1]
            if not names:
                other = number
            elif self._layered.any_holds(ref, names):
                return number
        return other

    def _map_calls(self, index: Mapping[FunctionRef, int]) -> Iterator[Call]:
        for ref, caller in index.items():
            for edge in self._program.graph.does(ref).edges:
                callee = index.get(edge.target)
                if callee is not None and callee != caller:
                    row = self._location(PathStep(ref, edge.site)).row
                    yield Call(caller, callee, row, edge.certain)

    def _map_touches(
        self, index: Mapping[FunctionRef, int], effects: Sequence[str]
    ) -> Iterator[Touch]:
        for ref, number in index.items():
            for source in self._program.graph.does(ref).sources:
                if source.effect in effects:
                    row = self._location(PathStep(ref, source.site)).row
                    effect = effects.index(source.effect)
                    yield Touch(number, effect, row, source.label, source.certain)

    def _violations(
        self,
        diagnostics: Iterable[Diagnostic],
        effects: Sequence[str],
        index: Mapping[FunctionRef, int],
    ) -> Iterator[Violation]:
        """Return the diagnostics that have a path, each tied to the function that it begins in."""
        by_name = {
            (self._filename(ref), self._program.project.function_name(ref)): ref
            for ref in sorted(index)
        }
        every = enumerate(self._program.project.modules)
        modules = {self._filename(FunctionRef(module, 0)): position for position, module in every}
        for diagnostic in diagnostics:
            rule = self._catalog.rules[diagnostic.code]
            if rule.boundary is None or len(diagnostic.path) < 2:
                continue
            *hops, end = diagnostic.path
            start = by_name.get((hops[0].filename, hops[0].function))
            last = by_name.get((hops[-1].filename, hops[-1].function))
            named = [effect for effect in effects if effect in rule.boundary.effects]
            if start is None or not named:
                continue
            yield Violation(
                diagnostic.code,
                diagnostic.name,
                rule.title,
                diagnostic.severity,
                diagnostic.confidence,
                index[start],
                effects.index(self._touched(named, last, end.function)),
                tuple((h.function, modules[h.filename], h.location.row) for h in diagnostic.path),
            )

    def _touched(self, effects: Sequence[str], ref: FunctionRef | None, label: str) -> str:
        """Return which of these effects a path ends in, by what its last function calls."""
        sources = self._program.graph.does(ref).sources if ref is not None else ()
        return next(
            (s.effect for s in sources if s.label == label and s.effect in effects), effects[0]
        )
