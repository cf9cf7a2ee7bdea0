"""What the whole program says: linked when something that matters to it has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import ModuleFacts, SiteRef
from bedev_lint.program import Program, Step
from bedev_lint.session.cache import Cache, Entry
from bedev_lint.session.stamps import digest

__all__ = ["Crossed", "Linked", "Question", "Spot", "link", "program_of"]


class Spot(Struct, frozen=True, array_like=True):
    """A step of a path: the file, the dotted name of the function, and the site."""

    file: str
    function: str
    site: SiteRef


class Crossed(Struct, frozen=True, array_like=True):
    """A boundary that is crossed, see `program.Crossing`."""

    rule: str
    path: tuple[Spot, ...]
    label: str
    sure: bool
    reached_from: tuple[Spot, ...]


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


def link(
    entries: Mapping[str, Entry],
    questions: Mapping[str, Question],
    rules: Sequence[Rule],
    catalog: Catalog,
    cache: Cache,
) -> Linked:
    """Return what the program of these files says; from the cache, if it said so before."""
    meanings = [
        (name, entry.meaning, entry.module) for name, entry in entries.items() if entry.facts
    ]
    asked = sorted(questions.items())
    key = digest(msgspec.msgpack.encode((meanings, asked), order="deterministic"))
    known = cache.answer("linked", key)
    if known is not None:
        try:
            return msgspec.msgpack.decode(known, type=Linked)
        except (ValueError, msgspec.MsgspecError):
            pass  # whatever it is, it is not what was written: computed anew
    found = _linked(program_of(entries, catalog), questions, rules)
    cache.keep_answer("linked", key, msgspec.msgpack.encode(found))
    return found


def program_of(entries: Mapping[str, Entry], catalog: Catalog) -> Program:
    """Link the facts of these files."""
    decode = msgspec.msgpack.Decoder(ModuleFacts).decode
    facts = {name: decode(entry.facts) for name, entry in entries.items() if entry.facts}
    return Program(facts, catalog)


def _linked(program: Program, questions: Mapping[str, Question], rules: Sequence[Rule]) -> Linked:
    silenced = {name: asked.silenced for name, asked in questions.items() if asked.silenced}
    crossings, cuts = program.crossings(rules, silenced)

    def spots(steps: Iterable[Step]) -> tuple[Spot, ...]:
        return tuple(
            Spot(
                program.path(step),
                program.function_name(step.function),
                SiteRef(step.function.function, step.site),
            )
            for step in steps
        )

    return Linked(
        tuple(
            Crossed(c.rule, spots(c.path), c.label, c.sure, spots(c.reached_from))
            for c in crossings
        ),
        tuple((program.project.units[cut.module].path, cut.suppression) for cut in cuts),
        tuple(_excused(questions, program.excused)),
    )


def _excused(
    questions: Mapping[str, Question],
    excused: Callable[[str, Iterable[SiteRef], frozenset[str]], bool],
) -> Iterable[tuple[str, int]]:
    for name, asked in questions.items():
        for index, sites, effects in asked.unless:
            if excused(name, sites, effects):
                yield name, index
