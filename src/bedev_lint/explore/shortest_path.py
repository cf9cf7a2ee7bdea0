"""How functions come to an effect: the shortest path from each of them to a source."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bedev_lint.program.checks.violation import PathStep
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.kinds import Edge, EffectSource
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["ShortestPath", "ShortestPaths"]


class ShortestPath(NamedTuple):
    """A path to an effect. `thread` says that a hop of it runs in another thread."""

    steps: tuple[PathStep, ...]
    effect: str
    label: str
    certain: bool
    thread: bool


class ShortestPaths:
    """The shortest paths to the effects of a program; one that is sure before a shorter one."""

    def __init__(self, graph: CallGraph) -> None:
        self._graph = graph
        self._callers: dict[FunctionRef, list[tuple[FunctionRef, Edge]]] = {}
        for caller, does in graph.functions():
            for edge in does.edges:
                self._callers.setdefault(edge.target, []).append((caller, edge))
        self._next: dict[tuple[str, bool], dict[FunctionRef, Edge | EffectSource]] = {}

    def path(self, start: FunctionRef, effect: str) -> ShortestPath | None:
        """Return how a function comes to an effect, None if it does not."""
        for certain in (True, False):
            following = self._towards(effect, certain)
            if start in following:
                return self._followed(start, following)
        return None

    def paths(self, start: FunctionRef) -> Iterator[ShortestPath]:
        """Return how a function comes to each effect that it has."""
        for effect in self.effects:
            shortest = self.path(start, effect)
            if shortest is not None:
                yield shortest

    @property
    def effects(self) -> list[str]:
        """The effects that functions of the program have."""
        functions = self._graph.functions()
        return sorted({source.effect for _, does in functions for source in does.sources})

    def _towards(self, effect: str, certain: bool) -> dict[FunctionRef, Edge | EffectSource]:
        """Return for each function that comes to an effect how it goes on."""
        key = (effect, certain)
        if key not in self._next:
            self._next[key] = self._computed(effect, certain)
        return self._next[key]

    def _computed(self, effect: str, certain: bool) -> dict[FunctionRef, Edge | EffectSource]:
        hops: dict[FunctionRef, Edge | EffectSource] = {}
        for ref, does in self._graph.functions():
            for source in does.sources:
                if source.effect == effect and (source.certain or not certain):
                    hops.setdefault(ref, source)
        queue = deque(hops)
        while queue:
            for caller, edge in self._callers.get(queue.popleft(), ()):
                if caller not in hops and (edge.certain or not certain):
                    hops[caller] = edge
                    queue.append(caller)
        return hops

    def _followed(
        self, start: FunctionRef, following: Mapping[FunctionRef, Edge | EffectSource]
    ) -> ShortestPath:
        steps: list[PathStep] = []
        certain, thread, ref = True, False, start
        while True:
            hop = following[ref]
            steps.append(PathStep(ref, hop.site))
            certain, thread = certain and hop.certain, thread or hop.thread
            if isinstance(hop, EffectSource):
                return ShortestPath(tuple(steps), hop.effect, hop.label, certain, thread)
            if hop.through is not None:
                steps.append(self._interface(hop.through, ref, hop.site, following))
            ref = hop.target

    def _interface(
        self,
        method: FunctionRef,
        ref: FunctionRef,
        site: int,
        following: Mapping[FunctionRef, Edge | EffectSource],
    ) -> PathStep:
        """Return the step through an abstract method that a function calls at a site."""
        implementations = dict.fromkeys(
            edge.target
            for edge in self._graph.does(ref).edges
            if (edge.site, edge.through) == (site, method) and edge.target in following
        )
        return PathStep(method, -1, tuple(implementations))
