"""Linking: module by module, in four steps, each computed anew only where it has to be.

Every step of a module begins with an empty memory, so what it comes to does not depend on
what was asked before; and all that it looks at is noted. Of a program that was linked before,
a step is taken again where the module itself has changed, or something that it had looked at.
A step that fails comes to nothing, for that module alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple, TypeVar, cast

import msgspec
from msgspec.structs import replace

from bedev_lint.cache.kept import Unusable
from bedev_lint.catalog import Catalog, Rule
from bedev_lint.limits import TooLong, within
from bedev_lint.model import SiteRef
from bedev_lint.program.checks.analysis import Analysis
from bedev_lint.program.checks.boundaries import Boundaries
from bedev_lint.program.checks.call_rules import CallRules
from bedev_lint.program.checks.requirements import Requirements
from bedev_lint.program.checks.violation import EdgeSuppressions, PathStep, Violation
from bedev_lint.program.effects.callgraph import NOTHING_DONE, CallGraph
from bedev_lint.program.effects.kinds import FunctionEffects
from bedev_lint.program.effects.places import Within
from bedev_lint.program.effects.summaries import Summaries
from bedev_lint.program.linking.changes import compared
from bedev_lint.program.linking.numbers import numbered, numbered_anew
from bedev_lint.program.linking.state import (
    TOO_LONG,
    DependenciesOfSteps,
    FailuresOfSteps,
    ModuleState,
    Program,
    StoredProgram,
    StoredStep,
    StoredViolation,
    Walked,
)
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.assigned import assigned, by_name
from bedev_lint.program.resolve.relations import Relation, makers, relations, reverse_attributes
from bedev_lint.program.structure.dependencies import Dependencies
from bedev_lint.program.structure.hierarchy import ClassHeader, Hierarchy
from bedev_lint.program.structure.module import Facts, ModuleSource, Unit
from bedev_lint.program.structure.name_index import Names
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Assigned, ClassRef, FunctionRef
from bedev_lint.program.structure.vocabulary import Vocabulary
from bedev_lint.recursion import room_for

__all__ = ["Executor", "link"]

T = TypeVar("T")
Executor = Callable[
    [Callable[[int], bytes], Sequence[int], Sequence[int]], Iterable[tuple[int, bytes]]
]


class _Declared(NamedTuple):
    """What the classes of a module declare, and what its functions give to known types."""

    relations: tuple[Relation, ...] = ()
    assigned: tuple[Assigned, ...] = ()


class _Summarized(NamedTuple):
    """What the functions of a module do, and those that they hand over to be called later."""

    functions: tuple[FunctionEffects, ...]
    later: tuple[FunctionRef, ...]


def link(
    sources: Mapping[str, ModuleSource],
    facts: Facts,
    catalog: Catalog,
    rules: Sequence[Rule] = (),
    silenced: Mapping[str, tuple[frozenset[str], ...]] | None = None,
    stored: StoredProgram | None = None,
    execute: Executor | None = None,
    timeout: float | None = None,
) -> Program:
    """Link modules, by their paths relative to the project, with their facts by digest.

    `silenced` gives for each path the codes that each suppression of the file silences; `stored`
    is what was kept when they were linked for the same catalog and the same rules. `execute` does
    work for modules, given their numbers and how much work each is, in any order and process.
    `timeout` are the seconds of processor time that a step of a module may take.
    """
    stored, execute = stored or StoredProgram(), execute or _alone
    linking = _Linking(sources, facts, catalog, silenced or {}, stored, execute, timeout)
    return linking.linked(rules)


class _Linking:
    """One run through the four steps: heads of classes, relations, summaries, walks.

    `stale` are the modules that take all steps again: those that have changed, and those that hang
    on a name of which no note is taken. `changed` is what else may be looked at and has changed.
    """

    def __init__(
        self,
        sources: Mapping[str, ModuleSource],
        facts: Facts,
        catalog: Catalog,
        silenced: Mapping[str, tuple[frozenset[str], ...]],
        stored: StoredProgram,
        execute: Executor,
        timeout: float | None,
    ) -> None:
        self._execute, self._timeout = execute, timeout
        self._catalog, self._vocabulary = catalog, Vocabulary(catalog)
        before, numbers = stored.states, numbered(sources, stored.states)
        if numbers is None:
            before, numbers = (), numbered_anew(sources)
        self._units = {
            numbers[path]: Unit(numbers[path], path, source, facts)
            for path, source in sorted(sources.items())
        }
        self._before = {state.number: state for state in before}
        self._states = {
            number: self._begun(unit, silenced.get(unit.path, ()))
            for number, unit in self._units.items()
        }
        self._gone = self._before.keys() - self._states.keys()
        self._names = (
            Names(stored.names)
            if before
            else Names.of((number, unit.names) for number, unit in self._units.items())
        )
        self._project = Project(self._units, self._names)
        self._changed = Dependencies()
        # Those of which all steps are taken again.
        self._stale = {
            number
            for number, state in self._states.items()
            if number not in self._before or state.facts != self._before[number].facts
        }
        for number, state in self._states.items():
            if state.silenced != self._was(number).silenced:
                self._changed.silenced.add(number)
        # Those of which a step is taken, or something else is not as it was before.
        self._touched = self._changed.silenced | self._stale
        if self._before and (self._stale or self._gone):
            others = self._stale | self._gone
            comparison = compared(self._old(facts), self._units, others, self._names, catalog)
            self._changed.add(comparison.changes)
            self._stale |= self._project.mentioning(comparison.turned)

    def _was(self, number: int) -> ModuleState:
        return self._before.get(number, _NO_STATE)

    def _begun(self, unit: Unit, silenced: tuple[frozenset[str], ...]) -> ModuleState:
        """Return the state of a module with all that was stored of it."""
        name, is_package, facts = unit.source[:3]
        return replace(
            self._was(unit.number),
            number=unit.number,
            path=unit.path,
            name=name,
            is_package=is_package,
            facts=facts,
            silenced=silenced,
        )

    def _old(self, facts: Facts) -> dict[int, Unit]:
        """Return the modules as they were; one that has not changed is the same as now."""
        return {
            number: self._units[number]
            if number in self._units and number not in self._stale
            else Unit(number, was.path, ModuleSource(was.name, was.is_package, was.facts), facts)
            for number, was in self._before.items()
        }

    # ------------------------------------------------------------------ the steps

    def linked(self, rules: Sequence[Rule]) -> Program:
        hierarchy = self._hierarchy()
        resolver = self._related(hierarchy)
        graph = self._graph(resolver)
        if rules:
            self._walked(rules, graph, resolver)
        changed = frozenset(self._touched | graph.changed) - self._gone
        project = self._project
        return Program(self._states, changed, self._names, project, graph, resolver(project))

    def _again(
        self,
        step: int,
        kind: type[T],
        compute: Callable[[Project, int], T],
        nothing: Callable[[int], T],
    ) -> Iterator[tuple[int, T]]:
        """Take a step of all modules for which it may come to something else than before.

        `compute` takes it, given the module's view of the project and its number; `nothing` is what
        it comes to where it fails.
        """
        todo = [
            module
            for module, state in self._states.items()
            if not state.reads[step]
            or module in self._stale
            or self._changed.intersects(_READS.decode(state.reads[step]))
        ]

        def work(module: int) -> bytes:
            view = self._project.view(module)
            result, failure = _isolated(partial(compute, view), nothing, module, self._timeout)
            return msgspec.msgpack.encode((result, failure, view.reads))

        form = tuple[kind, str, msgspec.Raw]  # type: ignore[valid-type]
        decode = msgspec.msgpack.Decoder(form).decode
        divisor = _LITTLE if step < 2 else 1
        sizes = [self._units[module].source.size // divisor for module in todo]
        self._touched.update(todo)
        for module, data in self._execute(work, todo, sizes):
            result, failure, reads = decode(data)
            state = self._states[module]
            # What has taken too long is taken again: next time, it may take less.
            kept = b"" if failure == TOO_LONG else bytes(reads)
            state.reads = cast("DependenciesOfSteps", _with(state.reads, step, kept))
            state.failures = cast("FailuresOfSteps", _with(state.failures, step, failure))
            yield module, result

    def _hierarchy(self) -> Hierarchy:
        def headers(project: Project, module: int) -> tuple[ClassHeader, ...]:
            resolver = Resolver(project, self._vocabulary)
            return tuple(resolver.head(ref) for ref, _ in project.classes(module))

        def none(module: int) -> tuple[ClassHeader, ...]:
            return tuple(ClassHeader(()) for _ in self._project.classes(module))

        for module, result in self._again(0, tuple[ClassHeader, ...], headers, none):
            self._states[module].headers = result
        hierarchy = _hierarchy(self._project, self._vocabulary, self._states)
        if self._before and any(was.headers != state.headers for was, state in self._pairs()):
            changes = Dependencies()
            before = _hierarchy(self._project, self._vocabulary, self._before)
            changes.above, changes.below = hierarchy.changes(before)
            self._changed.add(changes)
        return hierarchy

    def _related(self, hierarchy: Hierarchy) -> Callable[[Project], Resolver]:
        """Return what makes resolvers, for a view each, that know the relations of classes."""
        makers_of_all = makers(self._names, lambda module: self._units[module].names, self._catalog)

        def declared(project: Project, module: int) -> _Declared:
            resolver = Resolver(project, self._vocabulary, hierarchy.view(project))
            return _Declared(
                tuple(relations(project, module, makers_of_all, resolver)),
                tuple(assigned(project, module, resolver)),
            )

        for module, result in self._again(1, _Declared, declared, lambda _module: _Declared()):
            self._states[module].relations, self._states[module].assigned = result
        self._every = [relation for state in self._states.values() for relation in state.relations]
        self._note_relations()
        owned = frozenset((relation.owner, relation.name) for relation in self._every)
        reverse = reverse_attributes(self._every)
        kept = by_name(one for state in self._states.values() for one in state.assigned)
        return lambda project: Resolver(
            project, self._vocabulary, hierarchy.view(project), owned, reverse, kept
        )

    def _note_relations(self) -> None:
        changes, names = Dependencies(), set()
        for was, state in self._pairs() if self._before else ():
            if was.relations != state.relations:  # it may be their order that is another
                both = (*was.relations, *state.relations)
                for relation in {*was.relations} ^ {*state.relations} or both:
                    changes.classes.add(relation.owner)
                    names.add(relation.name)
            if was.assigned != state.assigned:
                changes.assigned.update(one.name for one in was.assigned)
                changes.assigned.update(one.name for one in state.assigned)
        self._changed.add(changes)
        self._stale |= self._project.mentioning(names)

    def _graph(self, resolver: Callable[[Project], Resolver]) -> CallGraph:
        effective = self._vocabulary.effective_names
        lazy: dict[str, list[Relation]] = {}
        for relation in self._every:
            if relation.lazy:
                lazy.setdefault(relation.name, []).append(relation)

        def summarized(project: Project, module: int) -> _Summarized:
            summaries = Summaries(project, resolver(project), effective, lazy)
            effects = tuple(summaries.of(*function) for function in project.functions(module))
            return _Summarized(effects, tuple(sorted(summaries.later)))

        def none(module: int) -> _Summarized:
            return _Summarized(tuple(NOTHING_DONE for _ in self._project.functions(module)), ())

        graph = CallGraph(
            self._project, {module: state.summary for module, state in self._before_or_new.items()}
        )
        functions: dict[int, tuple[FunctionEffects, ...]] = dict.fromkeys(self._gone, ())
        for module, result in self._again(2, _Summarized, summarized, none):
            functions[module], self._states[module].later = result
        every = chain.from_iterable(state.later for state in self._states.values())
        self._changed.add(graph.update(functions, every))
        for was, state in self._pairs() if self._before else ():
            self._changed.later |= {*was.later} ^ {*state.later}
        return graph

    @property
    def _before_or_new(self) -> dict[int, ModuleState]:
        """The states as they were, of modules that have come those that they have now."""
        return {**self._states, **self._before}

    def _pairs(self) -> Iterator[tuple[ModuleState, ModuleState]]:
        """Return the states of all modules as they were, and as they are now."""
        for module in self._before_or_new:
            yield self._was(module), self._states.get(module, _NO_STATE)

    def _walked(
        self, rules: Sequence[Rule], graph: CallGraph, resolver: Callable[[Project], Resolver]
    ) -> None:
        silenced = {module: state.silenced for module, state in self._states.items()}
        forbidding = [r for r in rules if r.boundary is not None and r.boundary.effect]
        requiring = [r for r in rules if r.boundary is not None and r.boundary.require]
        about_calls = [rule for rule in rules if rule.call]

        def walked(project: Project, module: int) -> Walked:
            resolved, viewed = resolver(project), graph.view(project)
            cuts = EdgeSuppressions(project, silenced)
            within = Within(project, self._catalog, resolved, viewed)
            analysis = Analysis(project, self._catalog, viewed, resolved, within, cuts)
            violations = [
                *Boundaries(analysis).crossings(forbidding, module),
                *Requirements(analysis).crossings(requiring, module),
                *CallRules(analysis).crossings(about_calls, module),
            ]
            crossings = tuple(_stored(violation, project) for violation in violations)
            used = dict.fromkeys(cuts.used())
            ended = tuple((project.path(module), index) for module, index in used)
            return Walked(crossings, ended)

        for module, result in self._again(3, Walked, walked, lambda _module: Walked()):
            self._states[module].walked = result


# ---------------------------------------------------------------------- helpers

_NO_STATE = ModuleState(-1, "", "", False, b"", ())

_READS = msgspec.msgpack.Decoder(Dependencies)
# Heads and relations are so much less work than what functions do.
_LITTLE = 10


def _alone(
    work: Callable[[int], bytes], modules: Sequence[int], _sizes: Sequence[int]
) -> Iterator[tuple[int, bytes]]:
    return ((module, work(module)) for module in modules)


def _isolated(
    compute: Callable[[int], T],
    nothing: Callable[[int], T],
    module: int,
    timeout: float | None,
) -> tuple[T, str]:
    """Take a step of a module; return what it came to, and the name of what went wrong, or ""."""
    try:
        with room_for():
            return within(timeout, partial(compute, module)), ""
    except TooLong:
        return nothing(module), TOO_LONG
    except Unusable:  # the cache, not the module
        raise
    except Exception as error:  # a mistake of ours in one module must not end the run
        return nothing(module), type(error).__name__


def _with(steps: tuple[T, ...], step: int, replacement: T) -> tuple[T, ...]:
    return (*steps[:step], replacement, *steps[step + 1 :])


def _stored(violation: Violation, project: Project) -> StoredViolation:
    rule, path, label, certain, reached_from, severity, loop = violation
    reaching = _stored_steps(reached_from, project)
    return StoredViolation(
        rule, _stored_steps(path, project), label, certain, reaching, severity, loop
    )


def _stored_steps(steps: Iterable[PathStep], project: Project) -> tuple[StoredStep, ...]:
    return tuple(
        StoredStep(
            project.path(step.function.module),
            project.function_name(step.function),
            SiteRef(step.function.function, step.site),
            tuple(sorted(map(project.function_name, step.implementations))),
        )
        for step in steps
    )


def _hierarchy(
    project: Project, vocabulary: Vocabulary, states: Mapping[int, ModuleState]
) -> Hierarchy:
    headers = {
        ClassRef(module, index): head
        for module, state in states.items()
        for index, head in enumerate(state.headers)
    }
    return Hierarchy(project, headers.__getitem__, vocabulary, headers)
