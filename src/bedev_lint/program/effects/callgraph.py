"""The call graph: who calls whom, and which effects that gives to whom (a least fixpoint).

It is kept module by module: what its functions do, who calls them, and which effects they have. So
a change of some functions follows the graph only as far as it changes an effect.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import zip_longest

from msgspec import Raw, Struct
from msgspec.msgpack import Decoder, Encoder

from bedev_lint.program.effects.kinds import FunctionEffects
from bedev_lint.program.structure.dependencies import Dependencies
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.reachability import reachable

__all__ = ["NOTHING_DONE", "CallGraph", "Summary"]

Functions = tuple[FunctionEffects, ...]
Callers = dict[int, list[tuple[FunctionRef, int]]]
Reached = dict[int, frozenset[str]]

_NOTHING: frozenset[str] = frozenset()
NOTHING_DONE = FunctionEffects((), ())
_NONE, _NOBODY = Raw(b"\x90"), Raw(b"\x80")  # an empty array, an empty map


class Summary(Struct, frozen=True, array_like=True):
    """What is kept of the functions of a module: what they do, who calls them, their effects."""

    functions: Raw = _NONE
    callers: Raw = _NOBODY
    reached: Raw = _NOBODY


class _Module:
    """The functions of one module as they are now, read from what was kept when they are asked for.

    `callers` holds for each function who calls it, and at which site, in order. `reached` holds the
    effects of each function that has any, itself or through calls.
    """

    def __init__(self, kept: Summary) -> None:
        self._kept = kept

    @cached_property
    def functions(self) -> Functions:
        return _FUNCTIONS(self._kept.functions)

    @cached_property
    def callers(self) -> Callers:
        return _CALLERS(self._kept.callers)

    @cached_property
    def reached(self) -> Reached:
        return _REACHED(self._kept.reached)

    def summary(self) -> Summary:
        callers = {index: those for index, those in sorted(self.callers.items()) if those}
        reached = {index: sorted(self.reached[index]) for index in sorted(self.reached)}
        return Summary(*(Raw(_ENCODE(part)) for part in (self.functions, callers, reached)))


_FUNCTIONS = Decoder(Functions).decode
_CALLERS = Decoder(Callers).decode
_REACHED = Decoder(Reached).decode
_ENCODE = Encoder().encode


class CallGraph:
    """Who calls whom in a project, and which effects functions have, themselves or through calls.

    It begins with what was kept of each module (`summaries`); `update` puts in what functions do
    now. All that is asked of a function is noted in `reads` of the project, so that whoever asked
    can be told when the answer is another.
    """

    def __init__(self, project: Project, summaries: Mapping[int, Summary]) -> None:
        self._project = project
        self._modules = {module: _Module(summary) for module, summary in summaries.items()}
        self._later: frozenset[FunctionRef] = frozenset()
        # The modules of which not all is as it was kept.
        self.changed: set[int] = set()

    def view(self, project: Project) -> CallGraph:
        """Return this graph as it is looked at through a view of the project."""
        view = copy(self)
        view._project = project
        return view

    def does(self, ref: FunctionRef) -> FunctionEffects:
        """Return what a function does itself."""
        self._project.reads.effects.add(ref)
        return self._modules[ref.module].functions[ref.function]

    def called(self, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return the functions that a function calls itself."""
        return (edge.target for edge in self.does(ref).edges)

    def is_called_later(self, ref: FunctionRef) -> bool:
        """Return whether a function is handed over to be called some other time."""
        self._project.reads.later.add(ref)
        return ref in self._later

    def callers(self, ref: FunctionRef) -> Sequence[tuple[FunctionRef, int]]:
        """Return who calls a function, and at which site."""
        self._project.reads.callers.add(ref)
        return self._callers(ref)

    def comes_to(self, ref: FunctionRef, effects: Collection[str]) -> bool:
        """Return whether a function has one of these effects, itself or through calls."""
        return not self.reached_by(ref).isdisjoint(effects)

    def reached_by(self, ref: FunctionRef) -> frozenset[str]:
        """Return the effects that a function has, itself or through calls."""
        self._project.reads.reaching.add(ref)
        return self._reached(ref)

    def site_comes_to(self, ref: FunctionRef, site: int, effects: Collection[str]) -> bool:
        """Return whether a site of a function has one of these effects, itself or through calls."""
        does = self.does(ref)
        return any(s.effect in effects for s in does.sources if s.site == site) or any(
            self.comes_to(edge.target, effects) for edge in does.edges if edge.site == site
        )

    def is_always(
        self, ref: FunctionRef, site: int, effects: Collection[str], direct: Collection[str] = ()
    ) -> bool:
        """Return whether a site always has one of these effects, or always raises.

        Of the `direct` ones it has to be the site's own.
        """
        does = self.does(ref)
        own = {s.effect for s in does.sources if s.site == site}
        return not own.isdisjoint((*effects, *direct)) or any(
            edge.site == site and self._always(edge.target, effects) for edge in does.edges
        )

    def _always(self, ref: FunctionRef, effects: Collection[str]) -> bool:
        """Return whether a function never comes back without one of these effects."""

        def certain_targets(caller: FunctionRef) -> Iterator[FunctionRef]:
            does = self.does(caller)
            certain = does.certain
            return (e.target for e in does.edges if e.site < 0 or e.site in certain)

        return any(
            does.raises or any(s.effect in effects and s.site in does.certain for s in does.sources)
            for does in map(self.does, reachable([ref], certain_targets))
        )

    # ------------------------------------------------------------------ the whole graph

    def functions(self) -> Iterator[tuple[FunctionRef, FunctionEffects]]:
        """Return all functions that do anything."""
        for number, module in self._modules.items():
            for index, does in enumerate(module.functions):
                if does.edges or does.sources or does.raises:
                    yield FunctionRef(number, index), does

    def reaching(self, effects: Collection[str]) -> frozenset[FunctionRef]:
        """Return all functions that have one of these effects, themselves or through calls."""
        return frozenset(
            FunctionRef(number, index)
            for number, module in self._modules.items()
            for index, those in module.reached.items()
            if not those.isdisjoint(effects)
        )

    def summary(self, module: int) -> Summary:
        """Return what is to be kept of a module."""
        return self._modules[module].summary()

    # ------------------------------------------------------------------ changes

    def update(
        self, functions: Mapping[int, Functions], later: Iterable[FunctionRef] = ()
    ) -> Dependencies:
        """Put in what the functions of some modules do now, and return what that changes.

        `functions` are those of each module that was summarized again; `later` are all functions
        of the program that are handed over to be called some other time.
        """
        self._later = frozenset(later)
        called: set[FunctionRef] = set()
        changes = Dependencies()
        for module in sorted(functions):
            changes.effects.update(self._replaced(module, functions[module], called))
        for ref in called:
            self._modules[ref.module].callers[ref.function].sort()
        changes.callers |= called
        changes.reaching.update(self._propagate(sorted(changes.effects)))
        for refs in (changes.effects, changes.callers, changes.reaching):
            self.changed.update(ref.module for ref in refs)
        return changes

    def _replaced(
        self, number: int, functions: Functions, called: set[FunctionRef]
    ) -> Iterator[FunctionRef]:
        """Return the functions of a module that do something else now; note whom they call."""
        module = self._modules[number]
        both = zip_longest(module.functions, functions, fillvalue=NOTHING_DONE)
        module.functions = functions
        for index, (was, does) in enumerate(both):
            if was == does:
                continue
            ref = FunctionRef(number, index)
            before = {(edge.target, edge.site) for edge in was.edges}
            after = {(edge.target, edge.site) for edge in does.edges}
            for target, site in before - after:
                self._modules[target.module].callers[target.function].remove((ref, site))
                called.add(target)
            for target, site in after - before:
                by_function = self._modules[target.module].callers
                by_function.setdefault(target.function, []).append((ref, site))
                called.add(target)
            yield ref

    def _propagate(self, changed: Sequence[FunctionRef]) -> Iterable[FunctionRef]:
        """Bring the effects that functions have through calls up to date.

        `changed` are the functions that do something else now. Returns those whose effects are
        not what they were.

        New effects are added before old ones are taken back: so in between some functions have
        too many effects, and none too few.
        """
        suspects = [ref for ref in changed if self._reached(ref)]
        before: dict[FunctionRef, frozenset[str]] = {}
        self._add_effects(changed, before)
        self._take_back_effects(suspects, before)
        return [ref for ref, effects in before.items() if self._reached(ref) != effects]

    def _add_effects(
        self, changed: Iterable[FunctionRef], before: dict[FunctionRef, frozenset[str]]
    ) -> None:
        """Give functions the effects of what they do and call now, and all their callers too.

        What a function had is noted in `before`.
        """
        unions: dict[tuple[frozenset[str], frozenset[str]], frozenset[str]] = {}
        grown = []
        for ref in changed:
            does = self._does(ref)
            effects = frozenset(source.effect for source in does.sources)
            effects = effects.union(*(self._reached(edge.target) for edge in does.edges))
            if not effects <= self._reached(ref):
                self._set(ref, effects | self._reached(ref), before)
                grown.append(ref)
        while grown:
            ref = grown.pop()
            effects = self._reached(ref)
            for caller, _ in self._callers(ref):
                reached = self._reached(caller)
                if reached is not effects and not effects <= reached:
                    # The same few sets come up again and again.
                    both = unions.setdefault((reached, effects), reached | effects)
                    self._set(caller, both, before)
                    grown.append(caller)

    def _take_back_effects(
        self, suspects: list[FunctionRef], before: dict[FunctionRef, frozenset[str]]
    ) -> None:
        """Take from functions the effects to which no path of calls leads any more.

        That a function which they call has it proves nothing, since functions may call each other
        in a circle. Who loses an effect makes suspects of its callers.
        """
        while suspects:
            ref = suspects.pop()
            reached = self._reached(ref)
            lost = {effect for effect in reached if not self._proves(ref, effect)}
            if lost:
                self._set(ref, reached - lost, before)
                callers = (caller for caller, _ in self._callers(ref))
                suspects += [ref for ref in callers if not lost.isdisjoint(self._reached(ref))]

    def _proves(self, start: FunctionRef, effect: str) -> bool:
        """Return whether a path leads from a function to a source of an effect."""

        def having(caller: FunctionRef) -> Iterator[FunctionRef]:
            targets = (edge.target for edge in self._does(caller).edges)
            return (target for target in targets if effect in self._reached(target))

        return any(
            source.effect == effect
            for ref in reachable([start], having)
            for source in self._does(ref).sources
        )

    def _does(self, ref: FunctionRef) -> FunctionEffects:
        functions = self._modules[ref.module].functions
        return functions[ref.function] if ref.function < len(functions) else NOTHING_DONE

    def _callers(self, ref: FunctionRef) -> Sequence[tuple[FunctionRef, int]]:
        return self._modules[ref.module].callers.get(ref.function, ())

    def _reached(self, ref: FunctionRef) -> frozenset[str]:
        return self._modules[ref.module].reached.get(ref.function, _NOTHING)

    def _set(
        self, ref: FunctionRef, effects: frozenset[str], before: dict[FunctionRef, frozenset[str]]
    ) -> None:
        before.setdefault(ref, self._reached(ref))
        reached = self._modules[ref.module].reached
        if effects:
            reached[ref.function] = effects
        else:
            reached.pop(ref.function, None)
