"""What of a program is linked already, and which steps of which modules have to be taken again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar, cast

import msgspec
from msgspec.structs import replace

from bedev_lint.cache.kept import Unusable
from bedev_lint.catalog import Catalog
from bedev_lint.limits import TooLong, within
from bedev_lint.program.checks.candidates import Question
from bedev_lint.program.linking.changes import compared
from bedev_lint.program.linking.numbers import numbered, numbered_anew
from bedev_lint.program.linking.state import (
    TOO_LONG,
    DependenciesOfSteps,
    FailuresOfSteps,
    ModuleState,
    StoredProgram,
)
from bedev_lint.program.structure.dependencies import Dependencies
from bedev_lint.program.structure.module import Facts, ModuleSource, ReadUnits, Unit
from bedev_lint.program.structure.module_index import Index
from bedev_lint.program.structure.name_index import Names
from bedev_lint.program.structure.project import Project
from bedev_lint.recursion import room_for

__all__ = ["Executor", "Progress"]

T = TypeVar("T")
Executor = Callable[
    [Callable[[int], bytes], Sequence[int], Sequence[int]], Iterable[tuple[int, bytes]]
]
Questions = Mapping[str, Question]

_NO_STATE = ModuleState(-1, "", "", False, b"")
_DEPENDENCIES = msgspec.msgpack.Decoder(Dependencies)
# Bytes that a process holds read of modules: all of a middling project, of a large one in turn.
_MOST_READ = 40_000_000
# These steps, of what classes say and of candidates, are so much less work than the others.
_SHORT_STEPS = (0, 1, 4)
_LITTLE = 10


class Progress:
    """The modules of a program that is being linked, some of which may have been linked before.

    `project` holds the modules as they are now, and `states` what each has come to: at first what
    was stored of it, then step by step what is computed anew. `gone` are the numbers of modules
    that were in the program before and no longer are.

    A step of a module is taken again if the module itself has changed, or anything that the step
    had looked at. So each step has to tell what it came to that is not as it was (`note`), and the
    steps after it see that.
    """

    def __init__(
        self,
        sources: Mapping[str, ModuleSource],
        facts: Facts,
        catalog: Catalog,
        questions: Questions,
        stored: StoredProgram,
        execute: Executor | None,
        timeout: float | None,
    ) -> None:
        """Compare the modules with those that were linked before; see `link` for the arguments."""
        self._execute, self._timeout = execute or _alone, timeout
        before, numbers = stored.states, numbered(sources, stored.states)
        if numbers is None:
            before, numbers = (), numbered_anew(sources)
        self._read_units = ReadUnits()
        self.units = {
            numbers[path]: Unit(numbers[path], path, source, facts, self._read_units)
            for path, source in sorted(sources.items())
        }
        self.before = {state.number: state for state in before}
        self.states = {
            number: self._begun(unit, questions.get(unit.path, Question()))
            for number, unit in self.units.items()
        }
        self.gone = self.before.keys() - self.states.keys()
        self.names = Names(stored.names) if before else Names.of(self._indices())
        self.project = Project(self.units, self.names)
        self._changed = Dependencies()
        # The modules that take all steps again.
        self._stale = {
            number
            for number, state in self.states.items()
            if number not in self.before or state.facts != self.before[number].facts
        }
        # Those of which something else is asked.
        self.asked_anew = {
            number
            for number, state in self.states.items()
            if state.question != self._was(number).question
        }
        self._changed.silenced.update(
            number
            for number in self.asked_anew
            if self.states[number].question.silenced != self._was(number).question.silenced
        )
        # The modules that take a step again, or are not as they were in some other way.
        self.touched = self.asked_anew | self._stale
        if self.before and (self._stale or self.gone):
            others = self._stale | self.gone
            comparison = compared(self._old(facts), self.units, others, self.names, catalog)
            self.note(comparison.changes, comparison.turned)

    def _indices(self) -> Iterator[tuple[int, Index]]:
        for number, unit in self.units.items():
            yield number, unit.names
            self._read_units.shrink(_MOST_READ)

    def _was(self, number: int) -> ModuleState:
        return self.before.get(number, _NO_STATE)

    def _begun(self, unit: Unit, question: Question) -> ModuleState:
        """Return the state of a module with all that was stored of it."""
        name, is_package, facts = unit.source[:3]
        return replace(
            self._was(unit.number),
            number=unit.number,
            path=unit.path,
            name=name,
            is_package=is_package,
            facts=facts,
            question=question,
        )

    def _old(self, facts: Facts) -> dict[int, Unit]:
        """Return the modules as they were; one that has not changed is the same as now."""
        return {
            number: self.units[number]
            if number in self.units and number not in self._stale
            else Unit(number, was.path, ModuleSource(was.name, was.is_package, was.facts), facts)
            for number, was in self.before.items()
        }

    @property
    def before_or_new(self) -> dict[int, ModuleState]:
        """The states as they were, of modules that have come those that they have now."""
        return {**self.states, **self.before}

    def pairs(self) -> Iterator[tuple[ModuleState, ModuleState]]:
        """Return the states of all modules before and now; none if nothing was linked before."""
        for module in self.before_or_new if self.before else ():
            yield self._was(module), self.states.get(module, _NO_STATE)

    def note(self, changes: Dependencies, names: Iterable[str] = ()) -> None:
        """Note what has changed; modules that mention one of these names take all steps again."""
        self._changed.add(changes)
        self._stale |= self.project.mentioning(names)

    def forget(self, module: int, step: int) -> None:
        """Have a module take a step again, whatever has changed."""
        state = self.states[module]
        state.reads = cast("DependenciesOfSteps", _with(state.reads, step, b""))
        state.failures = cast("FailuresOfSteps", _with(state.failures, step, ""))

    def again(
        self,
        step: int,
        kind: type[T],
        compute: Callable[[Project, int], T],
        nothing: Callable[[int], T],
        modules: Iterable[int] | None = None,
    ) -> Iterator[tuple[int, T]]:
        """Take a step of all modules for which it may come to something else than before.

        `compute` takes it, given the module's view of the project and its number; `nothing` is what
        it comes to where it fails, for that module alone. Both return something of this `kind`.
        Only these `modules` take it, if any are given.
        """
        todo = [
            module
            for module in (self.states if modules is None else modules)
            if self._is_open(module, step)
        ]

        def work(module: int) -> bytes:
            view = self.project.view(module)
            result, failure = _isolated(partial(compute, view), nothing, module, self._timeout)
            self._read_units.shrink(_MOST_READ)
            return msgspec.msgpack.encode((result, failure, view.reads))

        form = tuple[kind, str, msgspec.Raw]  # type: ignore[valid-type]
        decode = msgspec.msgpack.Decoder(form).decode
        divisor = _LITTLE if step in _SHORT_STEPS else 1
        sizes = [self.units[module].source.size // divisor for module in todo]
        self.touched.update(todo)
        for module, data in self._execute(work, todo, sizes):
            result, failure, reads = decode(data)
            state = self.states[module]
            # What has taken too long is taken again: next time, it may take less.
            kept = b"" if failure == TOO_LONG else bytes(reads)
            state.reads = cast("DependenciesOfSteps", _with(state.reads, step, kept))
            state.failures = cast("FailuresOfSteps", _with(state.failures, step, failure))
            yield module, result

    def _is_open(self, module: int, step: int) -> bool:
        reads = self.states[module].reads[step]
        return (
            not reads
            or module in self._stale
            or self._changed.intersects(_DEPENDENCIES.decode(reads))
        )


def _alone(
    work: Callable[[int], bytes], modules: Sequence[int], _sizes: Sequence[int]
) -> Iterator[tuple[int, bytes]]:
    return ((module, work(module)) for module in modules)


def _isolated(
    compute: Callable[[int], T], nothing: Callable[[int], T], module: int, timeout: float | None
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
