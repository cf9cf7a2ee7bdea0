"""Who runs whom, and which effects spread over that to whom: the least fixpoint."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

from bedev_lint.program.effects import FunctionEffects
from bedev_lint.program.project import Project
from bedev_lint.program.values import FunctionRef

__all__ = ["CallGraph"]


class CallGraph:
    """The call graph of a project, with effects at its ends.

    `modules` are what the functions of each module do, `later` the functions that are handed
    over to be called some other time. What it is asked of a function is noted in the reads of
    the project.
    """

    def __init__(
        self,
        project: Project,
        modules: Sequence[Sequence[FunctionEffects]],
        later: Iterable[FunctionRef] = (),
    ) -> None:
        self._project, self._modules, self.later = project, modules, frozenset(later)
        self._always: dict[frozenset[str], frozenset[FunctionRef]] = {}

    def does(self, ref: FunctionRef) -> FunctionEffects:
        """Return what a function does itself."""
        self._project.reads.effects.add(ref)
        return self._modules[ref.module][ref.function]

    def is_called_later(self, ref: FunctionRef) -> bool:
        """Return whether a function is handed over to be called some other time."""
        self._project.reads.later.add(ref)
        return ref in self.later

    def callers(self, ref: FunctionRef) -> Sequence[tuple[FunctionRef, int]]:
        """Return who calls a function, and at which site."""
        self._project.reads.callers.add(ref)
        return self._callers.get(ref, ())

    def comes_to(self, ref: FunctionRef, effects: Collection[str]) -> bool:
        """Return whether a function has one of these effects, itself or through calls."""
        return not self.reached_by(ref).isdisjoint(effects)

    def reached_by(self, ref: FunctionRef) -> frozenset[str]:
        """Return the effects that a function has, itself or through calls."""
        self._project.reads.reaching.add(ref)
        return self.reached.get(ref, _NOTHING)

    # ------------------------------------------------------------------ the whole graph

    def functions(self) -> Iterator[tuple[FunctionRef, FunctionEffects]]:
        """Return all functions that do anything."""
        for module, functions in enumerate(self._modules):
            for index, does in enumerate(functions):
                if does.edges or does.sources or does.raises:
                    yield FunctionRef(module, index), does

    def reaching(self, effects: Collection[str]) -> frozenset[FunctionRef]:
        """Return all functions that have one of these effects, themselves or through calls."""
        return frozenset(
            ref for ref, those in self.reached.items() if not those.isdisjoint(effects)
        )

    @cached_property
    def reached(self) -> dict[FunctionRef, frozenset[str]]:
        """The effects that functions have, themselves or through calls; no function without."""
        found: dict[FunctionRef, frozenset[str]] = {}
        for ref, does in self.functions():
            if does.sources:
                found[ref] = frozenset(source.effect for source in does.sources)
        frontier = list(found)
        known: dict[tuple[frozenset[str], frozenset[str]], frozenset[str]] = {}
        while frontier:
            ref = frontier.pop()
            effects = found[ref]
            for caller, _ in self._callers.get(ref, ()):
                before = found.get(caller, _NOTHING)
                if before is effects or effects <= before:
                    continue
                # The same few sets come up again and again.
                both = known.setdefault((before, effects), before | effects)
                found[caller] = both
                frontier.append(caller)
        return found

    @cached_property
    def _callers(self) -> dict[FunctionRef, list[tuple[FunctionRef, int]]]:
        found: dict[FunctionRef, list[tuple[FunctionRef, int]]] = {}
        for caller, does in self.functions():
            for edge in does.edges:
                found.setdefault(edge.target, []).append((caller, edge.site))
        return found

    def is_always(self, ref: FunctionRef, site: int, effects: frozenset[str]) -> bool:
        """Return whether a site always has one of these effects, or always raises."""
        if effects not in self._always:
            self._always[effects] = self.always(effects)
        does, always = self.does(ref), self._always[effects]
        return any(s.site == site and s.effect in effects for s in does.sources) or any(
            e.site == site and e.target in always for e in does.edges
        )

    def always(self, effects: Collection[str]) -> frozenset[FunctionRef]:
        """Return the functions that never come back without one of these effects.

        Those that raise whatever happens are among them.
        """
        found: set[FunctionRef] = set()
        waiting: dict[FunctionRef, list[FunctionRef]] = {}
        frontier: list[FunctionRef] = []
        for ref, does in self.functions():
            if does.raises or any(
                source.effect in effects and source.site in does.certain for source in does.sources
            ):
                found.add(ref)
                frontier.append(ref)
            for edge in does.edges:
                if edge.site < 0 or edge.site in does.certain:
                    waiting.setdefault(edge.target, []).append(ref)
        while frontier:
            for caller in waiting.get(frontier.pop(), ()):
                if caller not in found:
                    found.add(caller)
                    frontier.append(caller)
        return frozenset(found)

    def changes(self, before: CallGraph) -> Iterator[FunctionRef]:
        """Return the functions that came to other effects."""
        for ref in {*self.reached, *before.reached}:
            if self.reached.get(ref) != before.reached.get(ref):
                yield ref


_NOTHING: frozenset[str] = frozenset()
