"""What the whole program says: linked when something that matters to it has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec
from msgspec import Struct

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import SiteRef
from bedev_lint.program import Crossed, Part, Program, Source, link
from bedev_lint.program.values import FunctionRef
from bedev_lint.session.cache import Cache, Entry
from bedev_lint.session.sharing import shared
from bedev_lint.session.stamps import digest

__all__ = ["Linked", "Question", "linked", "sources_of"]

StructT = TypeVar("StructT", bound=Struct)


class Linked(Struct, frozen=True, array_like=True):
    """What linking found: crossings, the comments that ended walks, and what calls excuse.

    `cuts` are files with the index of the comment, `excused` files with that of the candidate.
    """

    crossings: tuple[Crossed, ...] = ()
    cuts: tuple[tuple[str, int], ...] = ()
    excused: tuple[tuple[str, int], ...] = ()


class Question(Struct, frozen=True, array_like=True):
    """What linking is asked of one file.

    `silenced` are the codes that each comment silences, `unless` the candidates that depend on
    what calls do: their index, these calls, and the effects that excuse them.
    """

    silenced: tuple[frozenset[str], ...] = ()
    unless: tuple[tuple[int, tuple[SiteRef, ...], frozenset[str]], ...] = ()


class _State(Struct, array_like=True):
    """All that is known of a linked program."""

    parts: list[Part]


def linked(
    entries: Mapping[str, Entry],
    questions: Mapping[str, Question],
    rules: Sequence[Rule],
    catalog: Catalog,
    cache: Cache,
    jobs: int,
) -> Linked:
    """Return what the program of these files says; from the cache, if it said so before.

    `jobs` processes may share the work.
    """
    meanings = [
        (name, entry.meaning, entry.module) for name, entry in entries.items() if entry.facts
    ]
    asked = sorted(questions.items())
    key = digest(msgspec.msgpack.encode((meanings, asked), order="deterministic"))
    known = _decoded(cache.answer("linked", key), Linked)
    if known is not None:
        return known
    before = _decoded(cache.answer("program"), _State)
    silenced = {name: question.silenced for name, question in questions.items()}
    parts = before.parts if before is not None else ()
    each = partial(shared, jobs=jobs)
    program = link(sources_of(entries), catalog, rules, silenced, parts, each)
    found = Linked(
        tuple(program.crossings(rules)),
        tuple(program.cuts()),
        tuple(_excused(program, questions)),
    )
    cache.keep_answer("linked", found, key)
    cache.keep_answer("program", _State(program.parts))
    return found


def sources_of(entries: Mapping[str, Entry]) -> dict[str, Source]:
    """Return the modules of these files that could be read."""
    return {
        name: Source(entry.module, entry.is_package, entry.facts)
        for name, entry in entries.items()
        if entry.facts
    }


def _decoded(data: bytes | None, kind: type[StructT]) -> StructT | None:
    try:
        return msgspec.msgpack.decode(data, type=kind) if data is not None else None
    except (ValueError, msgspec.MsgspecError):
        return None  # whatever it is, it is not what was written: computed anew


def _excused(program: Program, questions: Mapping[str, Question]) -> Iterator[tuple[str, int]]:
    """Return the candidates, by file and index, that a call of theirs excuses."""
    modules = {part.path: module for module, part in enumerate(program.parts)}
    for name, asked in questions.items():
        for index, sites, effects in asked.unless:
            if name in modules and any(
                program.graph.is_always(FunctionRef(modules[name], at.function), at.site, effects)
                for at in sites
            ):
                yield name, index
