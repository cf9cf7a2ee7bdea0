"""Linking: module by module, in five steps, each computed anew only where it has to be.

Every step of a module begins with an empty memory, so what it comes to does not depend on
what was asked before; and all that it looks at is noted. Of a program that was linked before,
a step is taken again where the module itself has changed, or something that it had looked at.
A step that fails comes to nothing, for that module alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import SiteRef
from bedev_lint.program.checks.analysis import Analysis
from bedev_lint.program.checks.boundaries import Boundaries
from bedev_lint.program.checks.call_rules import CallRules
from bedev_lint.program.checks.candidates import Question, excused, unproven
from bedev_lint.program.checks.requirements import Requirements
from bedev_lint.program.checks.violation import EdgeSuppressions, PathStep, Violation
from bedev_lint.program.effects.callgraph import NOTHING_DONE, CallGraph
from bedev_lint.program.effects.kinds import FunctionEffects
from bedev_lint.program.effects.places import Within
from bedev_lint.program.effects.summaries import Summaries
from bedev_lint.program.linking.progress import Executor, Progress
from bedev_lint.program.linking.state import (
    ModuleState,
    Program,
    StoredProgram,
    StoredStep,
    StoredViolation,
    Walked,
)
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.assigned import assigned, by_name
from bedev_lint.program.resolve.relations import Relation, makers, related_attributes, relations
from bedev_lint.program.structure.dependencies import Dependencies
from bedev_lint.program.structure.hierarchy import ClassHeader, Hierarchy
from bedev_lint.program.structure.module import Facts, ModuleSource
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Assigned, ClassRef, FunctionRef
from bedev_lint.program.structure.vocabulary import Vocabulary

__all__ = ["link", "stored"]

# The last step, of which something else may be asked though the module is the same.
_CANDIDATES = 4


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
    questions: Mapping[str, Question] | None = None,
    stored: StoredProgram | None = None,
    execute: Executor | None = None,
    timeout: float | None = None,
) -> Program:
    """Link modules, by their paths relative to the project, with their facts by digest.

    `questions` give for each path what is asked of the candidates and suppressions of a file;
    `stored` is what was kept when they were linked for the same catalog and the same rules.
    `execute` does work for modules, given their numbers and how much work each is, in any order
    and process. `timeout` are the seconds of processor time that a step of a module may take.
    """
    stored = stored or StoredProgram()
    progress = Progress(sources, facts, catalog, questions or {}, stored, execute, timeout)
    return _Linking(progress, catalog).linked(rules)


class _Linking:
    """One run through the five steps: heads of classes, relations, summaries, walks, candidates.

    Each method takes one step, for the modules of which `progress` says that it has to be taken
    again, and notes there what has come to something else than before.
    """

    def __init__(self, progress: Progress, catalog: Catalog) -> None:
        self._progress, self._project = progress, progress.project
        self._catalog, self._vocabulary = catalog, Vocabulary.of(catalog)

    def linked(self, rules: Sequence[Rule]) -> Program:
        """Take all steps, walks only if there are rules, and return what they come to."""
        hierarchy = self._hierarchy()
        resolver = self._related(hierarchy)
        graph = self._graph(resolver)
        if rules:
            self._walked(rules, graph, resolver)
        self._excused(graph, resolver)
        progress, project = self._progress, self._project
        changed = frozenset(progress.touched | graph.changed) - progress.gone
        return Program(progress.states, changed, progress.names, project, graph, resolver(project))

    def _hierarchy(self) -> Hierarchy:
        """Read what the first lines of classes say, and return which classes are above which."""

        def headers(project: Project, module: int) -> tuple[ClassHeader, ...]:
            resolver = Resolver(project, self._vocabulary)
            return tuple(resolver.head(ref) for ref, _ in project.classes(module))

        def none(module: int) -> tuple[ClassHeader, ...]:
            return tuple(ClassHeader(()) for _ in self._project.classes(module))

        progress = self._progress
        for module, result in progress.again(0, tuple[ClassHeader, ...], headers, none):
            progress.states[module].headers = result
        hierarchy = _hierarchy(self._project, self._vocabulary, progress.states)
        if any(was.headers != state.headers for was, state in progress.pairs()):
            before = _hierarchy(self._project, self._vocabulary, progress.before)
            above, below = hierarchy.changes(before)
            progress.note(Dependencies(above=above, below=below))
        return hierarchy

    def _related(self, hierarchy: Hierarchy) -> Callable[[Project], Resolver]:
        """Return what makes resolvers, for a view each, that know the relations of classes."""
        progress = self._progress
        makers_of_all = makers(
            progress.names,
            lambda module: progress.units[module].names,
            self._vocabulary.relating_names,
        )

        def declared(project: Project, module: int) -> _Declared:
            resolver = Resolver(project, self._vocabulary, hierarchy.view(project))
            return _Declared(
                tuple(relations(project, module, makers_of_all, resolver)),
                tuple(assigned(project, module, resolver)),
            )

        for module, result in progress.again(1, _Declared, declared, lambda _module: _Declared()):
            progress.states[module].relations, progress.states[module].assigned = result
        self._note_relations()
        related = related_attributes(self._relations())
        kept = by_name(one for state in progress.states.values() for one in state.assigned)
        return lambda project: Resolver(
            project, self._vocabulary, hierarchy.view(project), related, kept
        )

    def _relations(self) -> Iterator[Relation]:
        return chain.from_iterable(state.relations for state in self._progress.states.values())

    def _note_relations(self) -> None:
        changes, names = Dependencies(), set()
        for was, state in self._progress.pairs():
            if was.relations != state.relations:  # it may be their order that is another
                both = (*was.relations, *state.relations)
                for relation in {*was.relations} ^ {*state.relations} or both:
                    if isinstance(relation.owner, ClassRef):
                        changes.classes.add(relation.owner)
                    names.add(relation.name)
            if was.assigned != state.assigned:
                changes.assigned.update(one.name for one in was.assigned)
                changes.assigned.update(one.name for one in state.assigned)
        self._progress.note(changes, names)

    def _graph(self, resolver: Callable[[Project], Resolver]) -> CallGraph:
        """Summarize what functions do themselves, and return what they do through calls."""
        effective, progress = self._vocabulary.effective_names, self._progress
        lazy: dict[str, list[Relation]] = {}
        made: dict[str, set[str]] = {}
        for relation in self._relations():
            if relation.lazy:
                lazy.setdefault(relation.name, []).append(relation)
            if relation.made_by:
                made.setdefault(relation.made_by, set()).add(relation.name)

        def summarized(project: Project, module: int) -> _Summarized:
            summaries = Summaries(project, resolver(project), effective, lazy, made)
            effects = tuple(summaries.of(*function) for function in project.functions(module))
            return _Summarized(effects, tuple(sorted(summaries.later)))

        def none(module: int) -> _Summarized:
            return _Summarized(tuple(NOTHING_DONE for _ in self._project.functions(module)), ())

        before = {module: state.summary for module, state in progress.before_or_new.items()}
        graph = CallGraph(self._project, before)
        functions: dict[int, tuple[FunctionEffects, ...]] = dict.fromkeys(progress.gone, ())
        for module, result in progress.again(2, _Summarized, summarized, none):
            functions[module], progress.states[module].later = result
        later = chain.from_iterable(state.later for state in progress.states.values())
        progress.note(graph.update(functions, later))
        moved = ({*was.later} ^ {*state.later} for was, state in progress.pairs())
        progress.note(Dependencies(later=set(chain.from_iterable(moved))))
        return graph

    def _walked(
        self, rules: Sequence[Rule], graph: CallGraph, resolver: Callable[[Project], Resolver]
    ) -> None:
        """Look for what breaks rules, from each function along what it calls."""
        states = self._progress.states
        silenced = {module: state.question.silenced for module, state in states.items()}
        forbidding = [r for r in rules if r.boundary is not None and r.boundary.effect]
        requiring = [r for r in rules if r.boundary is not None and r.boundary.require]
        about_calls = [rule for rule in rules if rule.call]

        def walked(project: Project, module: int) -> Walked:
            resolved, viewed = resolver(project), graph.view(project)
            suppressions = EdgeSuppressions(project, silenced)
            within = Within(project, self._catalog, resolved, viewed)
            analysis = Analysis(project, self._catalog, viewed, resolved, within, suppressions)
            violations = [
                *Boundaries(analysis).violations(forbidding, module),
                *Requirements(analysis).violations(requiring, module),
                *CallRules(analysis).violations(about_calls, module),
            ]
            kept = tuple(stored(violation, project) for violation in violations)
            used = dict.fromkeys(suppressions.used())
            ended = tuple((project.path(module), index) for module, index in used)
            return Walked(kept, ended)

        for module, result in self._progress.again(3, Walked, walked, lambda _module: Walked()):
            states[module].walked = result

    def _excused(self, graph: CallGraph, resolver: Callable[[Project], Resolver]) -> None:
        """Ask the program of the candidates of each module whether they are findings."""
        progress, states = self._progress, self._progress.states
        for module in progress.asked_anew:
            states[module].excused = ()
            progress.forget(module, _CANDIDATES)

        def excused_in(project: Project, module: int) -> tuple[int, ...]:
            viewed, resolved = graph.view(project), resolver(project)
            question = states[module].question
            return tuple(excused(module, question, project, self._catalog, viewed, resolved))

        def nothing(module: int) -> tuple[int, ...]:
            return tuple(unproven(states[module].question))

        asked = [module for module, state in states.items() if state.question.has_candidates]
        again = progress.again(_CANDIDATES, tuple[int, ...], excused_in, nothing, asked)
        for module, result in again:
            states[module].excused = result


def stored(violation: Violation, project: Project) -> StoredViolation:
    """Return a violation as it is kept, with names and files instead of numbers."""
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
