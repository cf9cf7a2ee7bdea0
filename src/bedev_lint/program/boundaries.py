"""Boundary rules: effect E must not happen within context C, and the path that proves it does."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import FunctionFacts
from bedev_lint.program.answers import NO_ANSWERS, Answered, Answers
from bedev_lint.program.callgraph import CallGraph
from bedev_lint.program.contexts import Contexts
from bedev_lint.program.effects import COMMIT, TRANSACTION, Source
from bedev_lint.program.project import Project
from bedev_lint.program.regions import Regions
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.transactions import Commits, Transactions
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
    label: str
    sure: bool
    reached_from: tuple[Step, ...]


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
    answers: Answered = NO_ANSWERS
    rows: str = "lazy"
    idle: bool = False


class Boundaries:
    """Finds the crossings of a rule. `silenced` says which suppressions silence which rule."""

    def __init__(
        self,
        project: Project,
        catalog: Catalog,
        graph: CallGraph,
        resolver: Resolver,
        silenced: Sequence[Sequence[frozenset[str]]],
    ) -> None:
        self._project, self._catalog = project, catalog
        self._graph, self._silenced = graph, silenced
        self._contexts = Contexts(project, catalog, resolver)
        self._regions = Regions(project, resolver)
        self._transactions = Transactions(project, resolver)
        self._commits = Commits(project, resolver, graph)
        self._answers = Answers(project)
        self.cuts: dict[Cut, None] = {}

    def crossings(self, rule: Rule, module: int) -> Iterator[Crossing]:
        """Return what crosses the boundary of a rule from the functions of a module.

        One for each function in the context and call in it, by the shortest path.
        """
        boundary = rule.boundary
        assert boundary is not None
        wanted = frozenset(boundary.effects)
        for ref, _ in self._project.functions(module):
            if not self._may_start(ref, rule, wanted):
                continue
            found: dict[tuple[FunctionRef, int], None] = {}
            calls: dict[int, None] = {}
            for sure_only in (True, False):
                for path, source in self._walk(ref, rule, wanted, sure_only):
                    end = (path[-1].function, source.site)
                    if end in found or path[0].site in calls:
                        continue
                    found[end] = None
                    calls[path[0].site] = None
                    above = tuple(self._reached_from(ref, rule))
                    yield Crossing(rule.code, path, source.label, sure_only, above)

    # ------------------------------------------------------------------ contexts

    def _places(self, rule: Rule) -> list[str]:
        assert rule.boundary is not None
        return list(rule.boundary.contexts)

    def _may_start(self, ref: FunctionRef, rule: Rule, wanted: frozenset[str]) -> bool:
        assert rule.boundary is not None
        if ref.function == 0 or not self._graph.comes_to(ref, wanted):
            return False
        if self._contexts.any_holds(ref, rule.boundary.behind):
            return False
        if self._graph.is_called_later(ref) and self._project.function(ref).parent > 0:
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
                if self._regions.in_loop(ref, site, context.not_over):
                    return True
            elif region == "transaction":
                if self._transactions.in_transaction(ref, site):
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
            facts, does = self._project.function(at), self._graph.does(at)
            first = not path
            for source in does.sources:
                if source.effect not in wanted or (sure_only and not source.sure):
                    continue
                if skip_threads and source.thread:
                    continue
                if source.own and (rows == "loaded" or (sure_only and rows != "lazy")):
                    continue
                if self._answers.is_ruled_out(at, source.site, answers):
                    continue
                if source.site < 0:
                    if first:
                        continue
                elif self._inside(at, source.site, rule) != first:
                    continue
                if per_element and first and source.once:
                    continue
                if per_element and not first and self._regions.is_remembered(at, source.site):
                    continue
                if source.effect == TRANSACTION and (
                    is_open or self._transactions.in_transaction(at, source.site)
                ):
                    continue
                if per_element and self._regions.is_handling(at, source.site):
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
                if (sure_only and not edge.sure) or not self._graph.comes_to(target, wanted):
                    continue
                if skip_threads and edge.thread:
                    continue
                if self._answers.is_ruled_out(at, edge.site, answers):
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
                if per_element and not first and self._regions.is_remembered(at, edge.site):
                    continue
                if per_element and self._regions.is_handling(at, edge.site):
                    continue
                if per_element and commits and self._regions.is_spawned(at, edge.site):
                    continue
                opened = nested and (is_open or self._transactions.in_transaction(at, edge.site))
                given = answers
                if edge.site >= 0:
                    given = self._answers.answers(target, at, edge.site, answers)
                own = rows if edge.rows == "own" else edge.rows
                quiet = COMMIT in wanted and self._commits.is_idle(at, edge.site, idle)
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
            self._project.reads.silenced.add(at.module)
            if rule.code in self._silenced[at.module][index]:
                self.cuts[Cut(at.module, index, rule.code)] = None
                cut = True
        return cut

    def _reached_from(self, ref: FunctionRef, rule: Rule) -> Iterable[Step]:
        """Return the functions of the same context that come to this one through calls."""
        seen = {ref}
        queue = deque([ref])
        while queue:
            for caller, site in self._graph.callers(queue.popleft()):
                if caller in seen or site < 0:
                    continue
                seen.add(caller)
                if self._inside(caller, site, rule):
                    yield Step(caller, site)
                queue.append(caller)
