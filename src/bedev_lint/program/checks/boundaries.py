"""Boundary rules: effect E must not happen within context C, and the path that proves it does."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from bedev_lint.catalog import Boundary, Rule
from bedev_lint.model import Severity
from bedev_lint.program.checks.analysis import Analysis
from bedev_lint.program.checks.excuses import Excuses
from bedev_lint.program.checks.flags import NO_FLAGS, Flags, FlagValues
from bedev_lint.program.checks.handed_queries import HandedQueries
from bedev_lint.program.checks.handed_rows import HandedRows, has_come
from bedev_lint.program.checks.passing import PassedOn
from bedev_lint.program.checks.queries import Queries
from bedev_lint.program.checks.spreading import Spreading
from bedev_lint.program.checks.violation import PathStep, Trail, Violation, path_to
from bedev_lint.program.effects.commits import Commits
from bedev_lint.program.effects.kept_results import KeptResults
from bedev_lint.program.effects.kinds import COMMIT, TRANSACTION, Edge, EffectSource
from bedev_lint.program.effects.nesting import told_apart
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["Boundaries"]


_COMMITS = frozenset({COMMIT, TRANSACTION})
# Of so many implementations of an interface one is enough to be sure of what calling it does.
_FEW = 4
# Of the functions that come to a finding, the nearest: all of them would be told of each of them.
_MOST_ABOVE = 100


class _Search(Struct, frozen=True):
    """What a walk looks for: these effects, of `certain` hops alone or of all.

    `per_element` says that once is harmless: the rule is about loops; `skips_threads` that what
    runs in another thread is, and what an object or a module does once and keeps.
    """

    rule: Rule
    boundary: Boundary
    wanted: frozenset[str]
    certain: bool
    per_element: bool
    skips_threads: bool


class _Walk(Struct, frozen=True):
    """Where a walk is, whether that is behind its first hop, and a hop stands in a transaction.

    `answers` says what the last hop gives for parameters; `loading` how the relations of the
    method's own object are loaded (`own`: nobody says), `idle` that the last hop is a context
    manager in whose body nothing is changed; `conditions` counts the hops behind the first one that
    do not always run; `others` are parameters that are given no query, `bare` the
    relations of parameters without which these are given a row of a loop. `start` is the site of
    the first hop, where each has to be walked from.
    """

    function: FunctionRef
    on: bool = False
    conditions: int = 0
    open: bool = False
    answers: Flags = NO_FLAGS
    loading: str = "own"
    idle: bool = False
    others: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()
    start: int = -1


class Boundaries:
    """Finds where rules about boundaries are broken."""

    def __init__(self, analysis: Analysis) -> None:
        project, catalog, graph, resolver, within, suppressions = analysis
        self._project, self._catalog, self._graph = project, catalog, graph
        self._within, self._suppressions = within, suppressions
        self._contexts, self._regions = within.contexts, within.regions
        self._transactions = within.transactions
        self._commits = Commits(project, resolver, graph)
        self._kept = KeptResults(project, resolver, within.regions)
        self._spreading = Spreading(project, catalog, graph, self._contexts)
        self._excuses = Excuses(analysis)
        self._queries = Queries(project, catalog, resolver)
        passed_on = PassedOn(project)
        self._answers = FlagValues(project, graph, resolver, passed_on)
        self._handed_queries = HandedQueries(project, graph, resolver, passed_on)
        self._handed_rows = HandedRows(project, graph, resolver, passed_on)

    def violations(self, rules: Iterable[Rule], module: int) -> Iterator[Violation]:
        """Return what crosses the boundaries of rules from the functions of a module."""
        functions = (ref for ref, _ in self._project.functions(module) if ref.function > 0)
        doing = [ref for ref in functions if self._graph.reached_by(ref)]
        for rule in rules:
            surely, at_all = self._searches(rule)
            for ref in doing:
                if self._may_start(ref, surely):
                    yield from self._crossings(ref, (surely, at_all))

    def _crossings(self, ref: FunctionRef, searches: Iterable[_Search]) -> Iterator[Violation]:
        """Return what crosses a boundary from a function, of each call the shortest path."""
        ends: set[object] = set()
        calls: set[int] = set()
        above: tuple[PathStep, ...] | None = None
        for search in searches:
            for path, source in self._walk(ref, search):
                call = self._project.site(ref, path[0].site)
                loop = self._excuses.loop_around(ref, path[0].site, search.boundary)
                # In a loop each call costs something more, but not the same one again.
                same = (loop, told_apart(call)) if search.per_element else ()
                end = (path[-1].function, source.site, same)
                if end in ends or path[0].site in calls:
                    continue
                ends.add(end)
                calls.add(path[0].site)
                if above is None:  # the same for both searches, which are of one boundary
                    above = tuple(islice(self._reached_from(ref, search.boundary), _MOST_ABOVE))
                severity = self._severity(path[-1].function, source, search.boundary)
                yield Violation(
                    search.rule.code, path, source.label, search.certain, above, severity, loop
                )

    def _severity(
        self, ref: FunctionRef, source: EffectSource, boundary: Boundary
    ) -> Severity | None:
        """Return the severity that another effect of the same source gives a finding."""
        if not boundary.severities:
            return None
        of_same = (
            boundary.severities.get(other.effect)
            for other in self._graph.does(ref).sources
            if (other.site, other.label) == (source.site, source.label)
        )
        return next((severity for severity in of_same if severity is not None), None)

    def _searches(self, rule: Rule) -> tuple[_Search, _Search]:
        """Return what to look for: what is sure to happen first, then what may happen."""
        boundary = rule.boundary
        assert boundary is not None
        wanted = frozenset(boundary.effects)
        regions = [self._catalog.contexts[name].region for name in boundary.contexts]
        per_element, skips_threads = "loop" in regions, "async" in regions
        surely = _Search(rule, boundary, wanted, True, per_element, skips_threads)
        return surely, replace(surely, certain=False)

    # ------------------------------------------------------------------ contexts

    def _may_start(self, ref: FunctionRef, search: _Search) -> bool:
        if not self._graph.comes_to(ref, search.wanted):
            return False
        if not any(
            self._within.is_place(name) or self._contexts.holds(ref, name)
            for name in search.boundary.contexts
        ):
            return False
        if self._graph.is_called_later(ref) and self._project.function(ref).parent > 0:
            return False  # it only stands in a function of the context
        behind = search.boundary.behind
        return not (
            self._contexts.any_holds(ref, behind) or self._spreading.is_only_of(ref, behind)
        )

    # ------------------------------------------------------------------ walking

    def _walk(
        self, start: FunctionRef, search: _Search
    ) -> Iterator[tuple[tuple[PathStep, ...], EffectSource]]:
        """Return the sources that a function reaches, by the shortest path first."""
        boundary = search.boundary
        # Ways share where they have come from, or a long chain of calls would be as many of them.
        answers = self._answers.of_callers(start)
        queue: deque[tuple[_Walk, Trail | None]] = deque([(_Walk(start, answers=answers), None)])
        visited = {_Walk(start, on=True)}
        while queue:
            walk, trail = queue.popleft()
            ref, length = walk.function, trail.length if trail is not None else 0
            does = self._graph.does(ref)
            is_far = 0 < boundary.depth < length
            surely = is_far or 0 < boundary.conditions <= walk.conditions
            for source in does.sources:
                if source.effect not in search.wanted or (surely and not self._runs(source, ref)):
                    continue
                if self._crosses(source, walk, search):
                    yield path_to(trail, PathStep(ref, source.site)), source
            if boundary.reach == "direct":
                return
            is_last = bool(boundary.depth) and length >= boundary.depth
            if is_last and not boundary.beyond:
                continue
            for edge in does.edges:
                if search.per_element and edge.target == start:
                    continue  # what it asks for itself is told there
                if self._leads_on(edge, walk, search):
                    following = self._through(edge, walk, search)
                    if following not in visited and not (is_last and following.conditions):
                        visited.add(following)
                        behind = Trail(trail, PathStep(ref, edge.site), length + 1)
                        if edge.through is not None:
                            step = self._interface(edge.through, edge.site, walk, search)
                            behind = Trail(behind, step, length + 1)
                        queue.append((following, behind))

    def _interface(self, method: FunctionRef, site: int, walk: _Walk, search: _Search) -> PathStep:
        """Return the step through an abstract method that is called at a site."""
        implementations = (
            edge.target
            for edge in self._graph.does(walk.function).edges
            if (edge.site, edge.through) == (site, method) and self._leads_on(edge, walk, search)
        )
        return PathStep(method, -1, tuple(dict.fromkeys(implementations)))

    def _crosses(self, source: EffectSource, walk: _Walk, search: _Search) -> bool:
        """Return whether a source of a wanted effect is forbidden there where a walk is."""
        ref, site, boundary = walk.function, source.site, search.boundary
        return (
            (source.certain or not search.certain)
            and not (search.skips_threads and source.thread)
            and not (source.own and has_come(source, walk.loading, certain=search.certain))
            and walk.others.isdisjoint(source.uses)
            and (not source.row or source.row in walk.bare)
            and not self._answers.is_unreachable(ref, site, walk.answers)
            and self._is_in_place(site, walk, boundary)
            and not self._is_harmless(source, walk, search)
            and not (boundary.reach == "direct" and self._excuses.is_of_own_class(ref, source))
            and not self._contexts.class_holds(source.receiver, boundary.behind)
            and not self._suppressions.silences(ref, site, search.rule.code)
        )

    def _leads_on(self, edge: Edge, walk: _Walk, search: _Search) -> bool:
        """Return whether a walk goes on to what an edge runs."""
        ref, site, boundary = walk.function, edge.site, search.boundary
        return (
            (edge.certain or not search.certain)
            and self._graph.comes_to(edge.target, search.wanted)
            and not (search.skips_threads and (edge.thread or self._regions.is_once(ref, site)))
            and not self._answers.is_unreachable(ref, site, walk.answers)
            and (
                self._is_opened_around(edge, walk, boundary)
                or self._is_in_place(site, walk, boundary)
            )
            and not self._contexts.class_holds(edge.receiver, boundary.behind)
            and not self._ends_at(edge.target, boundary)
            and not self._suppressions.silences(ref, site, search.rule.code)
            and self._is_agreed(edge, ref, search)
            and not (search.per_element and self._runs_apart(edge, walk, search.wanted))
            and not (search.per_element and self._kept.is_kept(edge.target))
            and not self._is_let_be(edge, walk, search)
        )

    def _is_agreed(self, edge: Edge, ref: FunctionRef, search: _Search) -> bool:
        """Return whether what stands behind an interface counts, and enough of it agrees.

        That one of a few does is what somebody has to know who calls it; one of many is likely.
        """
        if edge.through is None:
            return True
        answers = [
            self._graph.comes_to(other.target, search.wanted)
            for other in self._graph.does(ref).edges
            if (other.site, other.through) == (edge.site, edge.through)
        ]
        if not search.boundary.interfaces and len(answers) > 1 and all(answers):
            return False
        return not search.certain or _FEW * sum(answers) >= len(answers)

    def _through(self, edge: Edge, walk: _Walk, search: _Search) -> _Walk:
        """Return where a walk is behind an edge."""
        ref, site, wanted = walk.function, edge.site, search.wanted
        opened = TRANSACTION in wanted and (
            walk.open or edge.transaction or self._transactions.in_transaction(ref, site)
        )
        answers = walk.answers
        if site >= 0:
            answers = self._answers.answers(edge.target, ref, site, answers)
        loading = walk.loading if edge.loading == "own" else edge.loading
        idle = not _COMMITS.isdisjoint(wanted) and (
            self._commits.is_idle(ref, site, walk.idle)
            if site >= 0
            else self._commits.is_read_only(ref, site)
        )
        conditions = walk.conditions + (walk.on and not self._runs(edge, ref))
        conditions = min(conditions, search.boundary.conditions + 1)
        others = self._handed_queries.harmless(edge, ref, wanted, walk.others)
        start, bare = walk.start, walk.bare
        if search.per_element:
            start = walk.start if walk.on else site
            others |= self._handed_queries.kept_outside(edge, ref, called=walk.on)
            bare = self._handed_rows.bare(edge, ref, walk.bare)
        return _Walk(
            edge.target, True, conditions, opened, answers, loading, idle, others, bare, start
        )

    # ------------------------------------------------------------------ what does not count

    def _runs(self, hop: Edge | EffectSource, ref: FunctionRef) -> bool:
        """Return whether whoever runs a function runs this of it."""
        return hop.site < 0 or self._project.function(ref).sites[hop.site].always

    def _is_in_place(self, site: int, walk: _Walk, boundary: Boundary) -> bool:
        """Return whether a site is in the context where a walk begins, and in none after that."""
        if site < 0:
            return walk.on  # a wrapper around the function itself has no place in it
        return self._within.any_holds(walk.function, site, boundary.contexts) != walk.on

    def _is_opened_around(self, edge: Edge, walk: _Walk, boundary: Boundary) -> bool:
        """Return whether a walk begins with what is handed over to be called in a transaction."""
        names = boundary.contexts if edge.transaction and not walk.on else ()
        return any(self._catalog.contexts[name].region == "transaction" for name in names)

    def _is_let_be(self, hop: Edge | EffectSource, walk: _Walk, search: _Search) -> bool:
        """Return whether an iteration that comes to a hop is let be, or what that belongs to."""
        if not search.per_element:
            return False
        if self._excuses.is_order(walk.function, hop, search.boundary):
            return True
        if walk.on:
            if not search.boundary.isolated and self._regions.is_caught(
                walk.function, hop.site, narrowly=True
            ):
                return True  # of two that do the same, one sees that the other has
            return self._excuses.is_of_command(walk.function, hop, search.boundary)
        return (
            self._excuses.is_excused(walk.function, hop.site, search.boundary)
            or self._excuses.is_to_be_copied(walk.function, hop.site)
            or self._queries.is_apart(walk.function, hop.site)
        )

    def _is_harmless(self, source: EffectSource, walk: _Walk, search: _Search) -> bool:
        """Return whether a source does nothing here, or nothing that adds up in a loop."""
        ref, site = walk.function, source.site
        if self._is_let_be(source, walk, search):
            return True
        if search.per_element and not walk.on:
            loop = self._excuses.loop_around(ref, site, search.boundary)
            another = self._queries.is_another_query(ref, site, loop)
            is_there = self._handed_rows.has_been_read(ref, source)
            if another or is_there or self._handed_queries.is_same_row(ref, source):
                return True
        if search.per_element:
            if self._is_remembered(ref, site, walk) if walk.on else source.once:
                return True
        if search.skips_threads and self._regions.is_once(ref, site):
            return True
        if source.effect == TRANSACTION:
            if walk.open or self._transactions.in_transaction(ref, site):
                return True
            if walk.on and not search.boundary.isolated and self._regions.is_caught(ref, site):
                return True  # it is there for what it undoes
            if self._commits.is_read_only(ref, site):
                return True
            if search.per_element and self._commits.is_for_rows(ref, source, called=walk.on):
                return True
        if search.per_element and self._regions.is_handling(ref, site):
            return True
        return source.effect in _COMMITS and walk.idle

    def _is_remembered(self, ref: FunctionRef, site: int, walk: _Walk) -> bool:
        """Return whether what a site gives is kept where a walk is."""
        return self._regions.is_remembered(ref, site, walk.answers.false, walk.answers.true)

    def _runs_apart(self, edge: Edge, walk: _Walk, wanted: frozenset[str]) -> bool:
        """Return whether what a site runs in a loop does not run for each element, one by one."""
        ref, site = walk.function, edge.site
        if walk.on and self._is_remembered(ref, site, walk):
            return True
        if self._regions.is_handling(ref, site):
            return True
        if not wanted <= _COMMITS:
            return False
        is_left_alone = edge.thread and not self._project.site(ref, site).awaited
        is_task = self._regions.is_spawned(ref, site)
        return is_left_alone or is_task or self._regions.is_gathered(ref, site, edge.target)

    def _ends_at(self, target: FunctionRef, boundary: Boundary) -> bool:
        """Return whether a walk goes no further: a function that answers for itself, or behind."""
        if self._contexts.any_holds(target, (*boundary.behind, *boundary.kept)):
            return True
        return any(
            not self._within.is_place(name) and self._contexts.holds(target, name)
            for name in boundary.contexts
        )

    def _reached_from(self, ref: FunctionRef, boundary: Boundary) -> Iterable[PathStep]:
        """Return the functions of the context that come to this one, the nearest first."""
        visited = {ref}
        queue = deque([ref])
        while queue:
            for caller, site in self._graph.callers(queue.popleft()):
                if caller in visited or site < 0:
                    continue
                visited.add(caller)
                if self._within.any_holds(caller, site, boundary.contexts):
                    yield PathStep(caller, site)
                queue.append(caller)
