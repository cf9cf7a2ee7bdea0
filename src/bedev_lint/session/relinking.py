"""What the whole program says: linked when something that matters to it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
from msgspec import Struct

from bedev_lint.cache.kept import Row
from bedev_lint.cache.project import Cache, Entry
from bedev_lint.cache.trust import digest
from bedev_lint.catalog import Catalog, Rule
from bedev_lint.inspection.parallel import shared
from bedev_lint.program import (
    TOO_LONG,
    ModuleSource,
    ModuleState,
    Program,
    StoredProgram,
    StoredViolation,
    link,
)
from bedev_lint.program.checks.candidates import Question
from bedev_lint.suites import lacking

__all__ = ["Linked", "linked", "sources_of"]


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
    execute = partial(shared, jobs=jobs, ready=cache.load)
    program = link(
        sources_of(entries), cache.blob, catalog, rules, questions, stored, execute, timeout
    )
    of_tests = lacking(program, catalog, rules)
    result = Linked(
        (*program.violations(rules), *of_tests.violations),
        tuple(program.used_suppressions()),
        tuple(program.excused()),
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


_STATE = msgspec.msgpack.Decoder(ModuleState)
