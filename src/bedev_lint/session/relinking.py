"""What the whole program says: linked when something that matters to it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
from msgspec import Struct

from bedev_lint.cache.kept import Row
from bedev_lint.cache.project import Cache, Entry
from bedev_lint.cache.trust import digest
from bedev_lint.catalog import Catalog, Rule
from bedev_lint.inspection.parallel import shared
from bedev_lint.model import CallersDo, Need, SiteRef
from bedev_lint.program import (
    TOO_LONG,
    ModuleSource,
    ModuleState,
    Program,
    StoredProgram,
    StoredViolation,
    link,
)
from bedev_lint.program.checks.callers import Callers
from bedev_lint.program.checks.proofs import Proofs
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.suites import lacking

__all__ = ["Answer", "Linked", "Question", "linked", "sources_of"]


class Kinds(NamedTuple):
    """What the rows of a program are called in the cache."""

    linked: str
    module: str
    names: str


class Linked(Struct, frozen=True, array_like=True):
    """What linking found: violations, the suppressions that ended walks, what calls excuse.

    `used_suppressions` are files with the index of the comment, `excused` files with that of the
    candidate, `failures` files with the name of the exception that kept them from being linked.
    """

    violations: tuple[StoredViolation, ...] = ()
    used_suppressions: tuple[tuple[str, int], ...] = ()
    excused: tuple[tuple[str, int], ...] = ()
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def overdue(self) -> frozenset[str]:
        """The files that have taken too long: another time they may not."""
        return frozenset(name for name, failure in self.failures if failure == TOO_LONG)

    def __add__(self, other: Linked) -> Linked:
        """Return what is found in both of two programs."""
        both = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        return Linked(*(tuple(dict.fromkeys((*mine, *others))) for mine, others in both))


class Answer(Struct, frozen=True, array_like=True):
    """A candidate, by its index, that depends on the callers of a function of its file.

    They have to do one of `callers`: by these calls (`spawning`), in these `contexts`.
    """

    index: int
    function: int
    callers: tuple[CallersDo, ...]
    spawning: tuple[str, ...]
    contexts: tuple[str, ...]


Texts = tuple[str, ...]


class Question(Struct, frozen=True, array_like=True):
    """What linking is asked of one file.

    `silenced` are the codes that each comment silences, `unless` the candidates that depend on
    what calls do: their index, these calls, the effects that excuse them, and those that do
    so only if the call itself has them. `answers` are those that depend on callers, `needs` those
    of which something must be proved: their index, what, what the rule lists for it, the calls by
    which exceptions are given a handler, and the contexts of endpoints.
    """

    silenced: tuple[frozenset[str], ...] = ()
    unless: tuple[tuple[int, tuple[SiteRef, ...], frozenset[str], frozenset[str]], ...] = ()
    answers: tuple[Answer, ...] = ()
    needs: tuple[tuple[int, Need, Texts, Texts, Texts], ...] = ()


def linked(
    entries: Mapping[str, Entry],
    questions: Mapping[str, Question],
    rules: Sequence[Rule],
    catalog: Catalog,
    cache: Cache,
    jobs: int,
    timeout: float | None = None,
    world: str = "",
) -> Linked:
    """Return what the program of these files says; from the cache, if it said so before.

    `jobs` processes may share the work; a step of one file may take `timeout` seconds of their
    time. `world` is what it is called in the cache if there are others. Raises Unusable.
    """
    kinds = Kinds(*(f"{kind} {world}".strip() for kind in Kinds._fields))
    meanings = [(name, entry.facts, entry.module) for name, entry in entries.items() if entry.facts]
    sorted_questions = sorted(questions.items())
    key = digest(
        msgspec.msgpack.encode((meanings, sorted_questions), order="deterministic"), cache.key
    )
    kept = cache.rows(kinds.linked)
    if key.hex() in kept:
        return msgspec.msgpack.decode(kept[key.hex()], type=Linked)
    before = cache.rows(kinds.module)
    stored = StoredProgram(
        [_STATE.decode(before[path]) for path in sorted(before)], cache.rows(kinds.names)
    )
    silenced = {name: question.silenced for name, question in questions.items()}
    execute = partial(shared, jobs=jobs, ready=cache.load)
    program = link(
        sources_of(entries), cache.blob, catalog, rules, silenced, stored, execute, timeout
    )
    of_tests = lacking(program, catalog, rules)
    result = Linked(
        (*program.violations(rules), *of_tests.violations),
        tuple(program.used_suppressions()),
        tuple(_excused(program, questions, catalog)),
        (*program.failures(), *of_tests.failures),
    )
    for name in kept:
        cache.delete_row(kinds.linked, name)
    if not result.overdue:
        cache.set_row(Row(kinds.linked, key.hex(), msgspec.msgpack.encode(result)))
    _keep(program, before, cache, kinds)
    return result


def _keep(program: Program, before: Iterable[str], cache: Cache, kinds: Kinds) -> None:
    """Keep what is known of the modules of a program; `before` are those known until now."""
    for path in set(before).difference(state.path for state in program.states.values()):
        cache.delete_row(kinds.module, path)
    states, names = program.to_keep()
    for table, data in names.items():
        cache.set_row(Row(kinds.names, table, data))
    for state in states:
        cache.set_row(Row(kinds.module, state.path, msgspec.msgpack.encode(state), state.facts))


def sources_of(entries: Mapping[str, Entry]) -> dict[str, ModuleSource]:
    """Return the modules of these files that could be read."""
    return {
        name: ModuleSource(entry.module, entry.is_package, entry.facts, entry.size, entry.names)
        for name, entry in entries.items()
        if entry.facts
    }


def _excused(
    program: Program, questions: Mapping[str, Question], catalog: Catalog
) -> Iterator[tuple[str, int]]:
    """Return the candidates, by file and index, that a call of theirs, or all callers, excuse."""
    modules = {state.path: module for module, state in program.states.items()}
    callers = Callers(program.project, catalog, program.graph, program.resolver)
    proofs = Proofs(program.project, catalog, program.graph, program.resolver)
    for name, question in questions.items():
        for index, need, *listed in question.needs:
            if name not in modules or not proofs.holds(modules[name], need, *listed):
                yield name, index
        for answer in question.answers if name in modules else ():
            ref = FunctionRef(modules[name], answer.function)
            if any(_do(wanted, answer, ref, callers) for wanted in answer.callers):
                yield name, answer.index
        for index, sites, effects, direct in question.unless:
            if name in modules and any(
                program.graph.is_always(
                    FunctionRef(modules[name], site.function), site.site, effects, direct
                )
                for site in sites
            ):
                yield name, index


def _do(wanted: CallersDo, answer: Answer, ref: FunctionRef, callers: Callers) -> bool:
    """Return whether all callers of a function do what excuses it, in the wanted way."""
    if wanted == "ask":
        return callers.is_asked_by_all(ref)
    if wanted == "start":
        return callers.is_only_started(ref, answer.spawning)
    if wanted == "fail":
        return callers.is_only_failing(ref)
    return callers.is_last(ref) if wanted == "exit" else callers.is_only_in(ref, answer.contexts)


_STATE = msgspec.msgpack.Decoder(ModuleState)
