"""Which candidates of a file the program excuses: by what calls do, and by what it cannot show."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from bedev_lint.catalog import Catalog
from bedev_lint.model import CallersDo, Need, SiteRef
from bedev_lint.program.checks.callers import Callers
from bedev_lint.program.checks.proofs import Proofs
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["Answer", "Question", "excused", "unproven"]

Texts = tuple[str, ...]


class Answer(Struct, frozen=True, array_like=True):
    """A candidate, by its index, that depends on the callers of a function of its file.

    They have to do one of `callers`: by these calls (`spawning`), in these `contexts`.
    """

    index: int
    function: int
    callers: tuple[CallersDo, ...]
    spawning: Texts
    contexts: Texts


class Question(Struct, frozen=True, array_like=True):
    """What the program is asked of one file, besides where it breaks rules.

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

    @property
    def has_candidates(self) -> bool:
        return bool(self.unless or self.answers or self.needs)


def excused(
    module: int,
    question: Question,
    project: Project,
    catalog: Catalog,
    graph: CallGraph,
    resolver: Resolver,
) -> Iterator[int]:
    """Return the candidates of a module, by their indices, that are no findings."""
    callers = Callers(project, catalog, graph, resolver)
    proofs = Proofs(project, catalog, graph, resolver)
    for index, need, *listed in question.needs:
        if not proofs.holds(module, need, *listed):
            yield index
    for answer in question.answers:
        ref = FunctionRef(module, answer.function)
        if any(_do(wanted, answer, ref, callers) for wanted in answer.callers):
            yield answer.index
    for index, sites, effects, direct in question.unless:
        refs = ((FunctionRef(module, site.function), site.site) for site in sites)
        if any(graph.is_always(*ref, effects, direct) for ref in refs):
            yield index


def unproven(question: Question) -> Iterator[int]:
    """Return the candidates that are no findings where nothing can be said of a module."""
    return (index for index, *_ in question.needs)


def _do(wanted: CallersDo, answer: Answer, ref: FunctionRef, callers: Callers) -> bool:
    """Return whether all callers of a function do what excuses it, in the wanted way."""
    if wanted == "ask":
        return callers.is_asked_by_all(ref)
    if wanted == "start":
        return callers.is_only_started(ref, answer.spawning)
    if wanted == "fail":
        return callers.is_only_failing(ref)
    return callers.is_last(ref) if wanted == "exit" else callers.is_only_in(ref, answer.contexts)
