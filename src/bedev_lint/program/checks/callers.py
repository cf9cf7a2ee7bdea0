"""What the callers of a function do with what it gives them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bedev_lint.model import Either, Expr, FunctionFacts, Result
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.structure.module_index import last_name
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["is_asked_by_all", "is_only_started"]


def is_asked_by_all(ref: FunctionRef, graph: CallGraph, project: Project) -> bool:
    """Return whether every caller that is known asks what a function gave, and there is one.

    Who returns it as it is leaves the question to its own callers.
    """
    seen, todo = {ref}, [ref]
    while todo:
        callers = _callers(todo.pop(), graph, project)
        if not callers:
            return False
        for caller, site in callers:
            facts = project.function(caller)
            if site in facts.asked:
                continue
            if site not in _returned(facts):
                return False
            if caller not in seen:
                seen.add(caller)
                todo.append(caller)
    return True


def is_only_started(
    ref: FunctionRef, spawning: Collection[str], graph: CallGraph, project: Project
) -> bool:
    """Return whether a coroutine is only ever started as a task of its own, by one of these calls.

    Nobody awaits it then who could wait for its cancellation to be passed on.
    """
    callers = _callers(ref, graph, project)
    return bool(callers) and all(
        _is_started(project.function(caller), site, spawning) for caller, site in callers
    )


def _is_started(facts: FunctionFacts, site: int, spawning: Collection[str]) -> bool:
    if last_name(facts.sites[site].func) in spawning:
        return True  # it is handed over: `start_server(self.answer)`
    return any(
        last_name(other.func) in spawning
        and not other.awaited
        and Result(site) in (*other.args, *(value for _, value in other.keywords))
        for other in facts.sites
    )


def _callers(ref: FunctionRef, graph: CallGraph, project: Project) -> list[tuple[FunctionRef, int]]:
    """Return who calls a function; if that is not known, who calls something of its name."""
    known = [(caller, site) for caller, site in graph.callers(ref) if site >= 0]
    by_name = known or project.calls(project.function(ref).name)
    return [(caller, site) for caller, site in by_name if caller != ref]


def _returned(facts: FunctionFacts) -> set[int]:
    """Return the sites of which a function returns what they give."""
    bound: dict[Expr, list[Expr]] = {}
    for binding in facts.bindings:
        bound.setdefault(binding.target, []).append(binding.value)
    return {
        each.site
        for result in facts.results
        for value in bound.get(result, [result])
        for each in _options(value)
        if isinstance(each, Result)
    }


def _options(value: Expr) -> Iterator[Expr]:
    yield from value.options if isinstance(value, Either) else (value,)
