"""What the callers of a function do with what it gives them, and where they run it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from bedev_lint.catalog import Catalog
from bedev_lint.model import Either, Expr, FunctionFacts, Result, last_name
from bedev_lint.program.checks.spreading import RUNNING, Spreading
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.contexts import Contexts
from bedev_lint.program.effects.nesting import indices_around
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["Callers"]

_EXIT = "exit"
_EXITING = "SystemExit"


class Callers:
    """Says of functions whether all that is known to call them excuses what they do."""

    def __init__(
        self, project: Project, catalog: Catalog, graph: CallGraph, resolver: Resolver
    ) -> None:
        self._project, self._graph = project, graph
        self._contexts = Contexts(project, catalog, resolver, graph)
        self._spreading = Spreading(project, catalog, graph, self._contexts)

    def is_asked_by_all(self, ref: FunctionRef) -> bool:
        """Return whether every caller that is known asks what a function gave, and there is one.

        Who returns it as it is leaves the question to its own callers.
        """
        return self._all_callers(ref, lambda caller, site: site in self._facts(caller).truth_tested)

    def is_only_started(self, ref: FunctionRef, spawning: Collection[str]) -> bool:
        """Return whether a coroutine is only ever started as a task, by one of these calls.

        Nobody awaits it then who could wait for its cancellation to be passed on.
        """
        callers = self._callers(ref)
        return bool(callers) and all(
            _is_started(self._facts(caller), site, spawning) for caller, site in callers
        )

    def is_only_in(self, ref: FunctionRef, contexts: Collection[str]) -> bool:
        """Return whether a function is of one of these contexts, or run by nothing else."""
        return self._contexts.any_holds(ref, contexts) or self._spreading.is_only_of(ref, contexts)

    def is_only_failing(self, ref: FunctionRef) -> bool:
        """Return whether an error that is on its way anyhow is what a function is called for.

        All its callers stand in handlers that raise, or end the process, behind the call.
        """
        callers = self._callers(ref)
        return bool(callers) and all(self._is_failing(caller, site) for caller, site in callers)

    def is_last(self, ref: FunctionRef) -> bool:
        """Return whether the process ends with what a function gives: `sys.exit(serve())`."""
        return self._all_callers(ref, self._is_given_to_exit)

    def _is_failing(self, caller: FunctionRef, site: int) -> bool:
        facts = self._facts(caller)
        around = list(indices_around(facts, facts.sites[site].region))
        kinds = [facts.regions[index].kind for index in around]
        if "except" not in kinds:
            return False
        within = kinds.index("except")
        return "raises" in kinds[:within] or any(
            source.effect == _EXIT
            and source.site > site
            and facts.sites[source.site].region in around[: within + 1]
            for source in self._graph.does(caller).sources
        )

    def _is_given_to_exit(self, caller: FunctionRef, site: int) -> bool:
        facts = self._facts(caller)
        exits = {s.site for s in self._graph.does(caller).sources if s.effect == _EXIT}
        todo, visited = [site], {site}
        while todo:
            results = _held(todo.pop(), facts)
            for index, other in enumerate(facts.sites):
                if index in visited or results.isdisjoint(other.args):
                    continue
                if index in exits or last_name(other.func) == _EXITING:
                    return True
                if last_name(other.func) in RUNNING:
                    visited.add(index)
                    todo.append(index)
        return False

    def _all_callers(self, ref: FunctionRef, are_so: Callable[[FunctionRef, int], bool]) -> bool:
        """Return whether this is so of all calls of a function, or of those of who returns it."""
        visited, todo = {ref}, [ref]
        while todo:
            callers = self._callers(todo.pop())
            if not callers:
                return False
            for caller, site in callers:
                if are_so(caller, site):
                    continue
                if site not in _returned(self._facts(caller)):
                    return False
                if caller not in visited:
                    visited.add(caller)
                    todo.append(caller)
        return True

    def _callers(self, ref: FunctionRef) -> list[tuple[FunctionRef, int]]:
        """Return who calls a function; if that is not known, who calls something of its name."""
        sites = [(caller, site) for caller, site in self._graph.callers(ref) if site >= 0]
        by_name = sites or self._project.calls(self._facts(ref).name)
        return [(caller, site) for caller, site in by_name if caller != ref]

    def _facts(self, ref: FunctionRef) -> FunctionFacts:
        return self._project.function(ref)


def _is_started(facts: FunctionFacts, site: int, spawning: Collection[str]) -> bool:
    if last_name(facts.sites[site].func) in spawning:
        return True  # it is handed over: `start_server(self.answer)`
    return any(
        last_name(other.func) in spawning
        and not other.awaited
        and Result(site) in (*other.args, *(value for _, value in other.keywords))
        for other in facts.sites
    )


def _held(site: int, facts: FunctionFacts) -> set[Expr]:
    """Return what a site gives, and the names that it is bound to."""
    held: set[Expr] = {Result(site)}
    return held | {binding.target for binding in facts.bindings if binding.value in held}


def _returned(facts: FunctionFacts) -> set[int]:
    """Return the sites of which a function returns what they give."""
    bound: dict[Expr, list[Expr]] = {}
    for binding in facts.bindings:
        bound.setdefault(binding.target, []).append(binding.value)
    return {
        value.site
        for result in facts.results
        for bound_value in bound.get(result, [result])
        for value in _options(bound_value)
        if isinstance(value, Result)
    }


def _options(value: Expr) -> Iterator[Expr]:
    yield from value.options if isinstance(value, Either) else (value,)
