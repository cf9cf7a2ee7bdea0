"""Boundary rules: effect E must not happen within context C, and the path that proves it does."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import FunctionFacts, SiteRef
from bedev_lint.program.contexts import Contexts
from bedev_lint.program.effects import COMMIT, TRANSACTION, Effects, Source
from bedev_lint.program.project import Project
from bedev_lint.program.values import ClassRef, FunctionRef

__all__ = ["Boundaries", "Crossing", "Cut", "Step"]


_COMMITS = frozenset({COMMIT, TRANSACTION})


class Step(NamedTuple):
    """A function, and the site at which it goes on."""

    function: FunctionRef
    site: int


class Crossing(NamedTuple):
    """An effect that happens where it must not: from the reported function to its source."""

    rule: str
    path: tuple[Step, ...]
    effect: str
    label: str
    sure: bool
    reached_from: tuple[Step, ...]

    @property
    def source(self) -> Step:
        return self.path[-1]


class Cut(NamedTuple):
    """A suppression (its index in its file) that ended a walk of a rule."""

    module: int
    suppression: int
    rule: str


class _Walk(NamedTuple):
    """Where a walk is, how it came there, and whether a hop stands in a transaction.

    `answers` are the parameters that the last hop gives as false, and as true; `rows` says how
    the relations of the method's own object are loaded, `idle` that the last hop is a context
    manager in whose body nothing is changed.
    """

    function: FunctionRef
    path: tuple[Step, ...]
    open: bool = False
    answers: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    rows: str = "lazy"
    idle: bool = False


class Boundaries:
    """Finds the crossings of a rule. `silenced` says which suppressions silence which rule."""

    def __init__(
        self,
        project: Project,
        catalog: Catalog,
        effects: Effects,
        contexts: Contexts,
        silenced: dict[int, tuple[frozenset[str], ...]],
    ) -> None:
        self._project, self._catalog = project, catalog
        self._effects, self._contexts, self._silenced = effects, contexts, silenced
        self.cuts: dict[Cut, None] = {}

    def crossings(self, rule: Rule) -> Iterator[Crossing]:
        """Return one crossing for each function in the context and call in it, shortest path."""
        boundary = rule.boundary
        assert boundary is not None
        wanted = frozenset(boundary.effects)
        reaching = self._effects.reaching(wanted)
        for ref in sorted(reaching):
            if ref.function == 0 or not self._may_start(ref, rule):
                continue
            found: dict[tuple[FunctionRef, int], None] = {}
            calls: dict[int, None] = {}
            for sure_only in (True, False):
                for path, source in self._walk(ref, rule, wanted, reaching, sure_only):
                    end = (path[-1].function, source.site)
                    if end in found or path[0].site in calls:
                        continue
                    found[end] = None
                    calls[path[0].site] = None
                    above = tuple(self._reached_from(ref, rule))
                    yield Crossing(rule.code, path, source.effect, source.label, sure_only, above)

    # ------------------------------------------------------------------ contexts

    def _places(self, rule: Rule) -> list[str]:
        assert rule.boundary is not None
        return list(rule.boundary.contexts)

    def _may_start(self, ref: FunctionRef, rule: Rule) -> bool:
        assert rule.boundary is not None
        if self._contexts.any_holds(ref, rule.boundary.behind):
            return False
        if ref in self._effects.later and self._project.function(ref).parent > 0:
            return False  # it only stands in a function of the context
        return any(
            self._is_region(name) or self._contexts.holds(ref, name) for name in self._places(rule)
        )

    def _is_region(self, name: str) -> bool:
        return self._catalog.contexts[name].region in ("loop", "transaction")

    def _inside(self, ref: FunctionRef, site: int, rule: Rule) -> bool:
        """Return whether a site of a function is itself within the rule's context."""
        for name in self._places(rule):
            context = self._catalog.contexts[name]
            region = context.region
            if region == "loop":
                if self._effects.in_loop(ref, site, context.not_over):
                    return True
            elif region == "transaction":
                if self._effects.in_transaction(ref, site):
                    return True
            elif self._contexts.holds(ref, name):
                return True
        return False

    # ------------------------------------------------------------------ walking

    def _walk(
        self,
        start: FunctionRef,
        rule: Rule,
        wanted: frozenset[str],
        reaching: frozenset[FunctionRef],
        sure_only: bool,
    ) -> Iterator[tuple[tuple[Step, ...], Source]]:
        """Return the sources that a function reaches, by the shortest path first."""
        boundary = rule.boundary
        assert boundary is not None
        skip_threads = any(
            self._catalog.contexts[name].region == "async" for name in boundary.contexts
        )
        nested = TRANSACTION in wanted
        commits = wanted <= _COMMITS
        per_element = any(
            self._catalog.contexts[name].region == "loop" for name in boundary.contexts
        )
        queue = deque([_Walk(start, ())])
        seen = {queue[0]._replace(path=())}
        while queue:
            at, path, is_open, answers, rows, idle = queue.popleft()
            facts, does = self._project.function(at), self._effects.functions[at]
            first = not path
            for source in does.sources:
                if source.effect not in wanted or (sure_only and not source.sure):
                    continue
                if skip_threads and source.thread:
                    continue
                if source.own and (rows == "loaded" or (sure_only and rows != "lazy")):
                    continue
                if self._effects.is_ruled_out(at, source.site, answers):
                    continue
                if source.site < 0:
                    if first:
                        continue
                elif self._inside(at, source.site, rule) != first:
                    continue
                if per_element and first and source.once:
                    continue
                if per_element and not first and self._effects.is_remembered(at, source.site):
                    continue
                if source.effect == TRANSACTION and (
                    is_open or self._effects.in_transaction(at, source.site)
                ):
                    continue
                if per_element and self._effects.is_handling(at, source.site):
                    continue
                if source.effect == COMMIT and idle:
                    continue
                if boundary.reach == "direct" and self._is_own(at, source):
                    continue
                if self._contexts.class_holds(source.receiver, boundary.behind):
                    continue
                if self._is_cut(at, facts, source.site, rule):
                    continue
                yield (*path, Step(at, source.site)) if source.site >= 0 else path, source
            if boundary.reach == "direct":
                return
            if boundary.depth and len(path) >= boundary.depth:
                continue
            for edge in does.edges:
                target = edge.target
                if target not in reaching or (sure_only and not edge.sure):
                    continue
                if skip_threads and edge.thread:
                    continue
                if self._effects.is_ruled_out(at, edge.site, answers):
                    continue
                if edge.site < 0:
                    if first:  # a wrapper around the function itself has no place in it
                        continue
                elif self._inside(at, edge.site, rule) != first:
                    continue
                if self._contexts.class_holds(edge.receiver, boundary.behind):
                    continue
                if self._ends_at(target, rule) or self._is_cut(at, facts, edge.site, rule):
                    continue
                if per_element and not first and self._effects.is_remembered(at, edge.site):
                    continue
                if per_element and self._effects.is_handling(at, edge.site):
                    continue
                if per_element and commits and self._effects.is_spawned(at, edge.site):
                    continue
                opened = nested and (is_open or self._effects.in_transaction(at, edge.site))
                given = answers
                if edge.site >= 0:
                    given = self._effects.answers(target, at, edge.site, answers)
                own = rows if edge.rows == "own" else edge.rows
                quiet = COMMIT in wanted and self._effects.is_idle(at, edge.site, idle)
                following = _Walk(target, (), opened, given, own, quiet)
                if following not in seen:
                    seen.add(following)
                    queue.append(following._replace(path=(*path, Step(at, edge.site))))

    def _is_own(self, at: FunctionRef, source: Source) -> bool:
        """Return whether a method calls what its own class inherits from outside the project."""
        owner = self._project.function(at).owner
        return owner >= 0 and source.receiver == ClassRef(at.module, owner)

    def _ends_at(self, target: FunctionRef, rule: Rule) -> bool:
        """Return whether a walk goes no further: a function that answers for itself, or behind."""
        assert rule.boundary is not None
        if self._contexts.any_holds(target, rule.boundary.behind):
            return True
        return any(
            not self._is_region(name) and self._contexts.holds(target, name)
            for name in self._places(rule)
        )

    def _is_cut(self, at: FunctionRef, facts: FunctionFacts, site: int, rule: Rule) -> bool:
        if site < 0:
            return False
        cut = False
        for index in facts.sites[site].quiet:
            if rule.code in self._silenced.get(at.module, ())[index]:
                self.cuts[Cut(at.module, index, rule.code)] = None
                cut = True
        return cut

    def _reached_from(self, ref: FunctionRef, rule: Rule) -> Iterable[Step]:
        """Return the functions of the same context that come to this one through calls."""
        seen = {ref}
        queue = deque([ref])
        while queue:
            for caller, site in self._effects.callers(queue.popleft()):
                if caller in seen or site < 0:
                    continue
                seen.add(caller)
                if self._inside(caller, site, rule):
                    yield Step(caller, site)
                queue.append(caller)


def site_ref(step: Step) -> SiteRef:
    """Return a step's place in the facts of its module."""
    return SiteRef(step.function.function, step.site)
