"""Which functions run as parts of a context alone that spreads, such as a start-up or a command."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from bedev_lint.catalog import Catalog
from bedev_lint.model import Expr, Literal, Result, Site, TupleOf, last_name
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.contexts import Contexts
from bedev_lint.program.effects.nesting import LOOPS, regions_of
from bedev_lint.program.resolve.uses import parts
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["RUNNING", "Spreading"]

# What runs a coroutine to its end, called where none runs: `asyncio.run(main())`.
RUNNING = frozenset({"run", "run_until_complete", "run_sync"})
# What lets others run, or has them run: tasks, and the protocols of `async with` and `async for`.
_STARTING = frozenset("create_task ensure_future start_soon __aenter__ __aiter__ __await__".split())


class Spreading:
    """Says of functions whether only contexts that spread run them."""

    def __init__(
        self, project: Project, catalog: Catalog, graph: CallGraph, contexts: Contexts
    ) -> None:
        self._project, self._catalog, self._graph = project, catalog, graph
        self._contexts = contexts
        # By contexts that spread: which functions are only of these, as far as it is known.
        self._only_of: dict[tuple[str, ...], dict[FunctionRef, bool | None]] = {}

    def is_only_of(self, ref: FunctionRef, names: Iterable[str]) -> bool:
        """Return whether a function is awaited from contexts alone that spread, at any depth."""
        spreading = tuple(name for name in names if self._catalog.contexts[name].spreads)
        if not spreading:
            return False
        answers = self._only_of.setdefault(spreading, {})
        if ref not in answers:
            self._trace(ref, spreading, answers)
        return answers[ref] is True

    def _trace(
        self, ref: FunctionRef, spreading: tuple[str, ...], answers: dict[FunctionRef, bool | None]
    ) -> None:
        """Find out who runs a function in the end: contexts alone (True), others too (False).

        None is nobody, as in a ring of functions. What is found out of others on the way is known
        then, too, or each function of a ring would go around it.
        """
        # Of all that leads to the function, what it calls of that.
        calls: dict[FunctionRef, list[FunctionRef]] = {ref: []}
        of_context: list[FunctionRef] = []
        contexts = [self._catalog.contexts[name] for name in spreading]
        in_threads = any(context.threads for context in contexts)
        runners = frozenset[str]().union(*(context.run_by for context in contexts))
        todo = [ref]
        while todo:
            called = todo.pop()
            sites = self._graph.callers(called)
            if in_threads and sites and all(self._has_loop(called, *site) for site in sites):
                of_context.append(called)
                continue
            callers = dict.fromkeys(caller for caller, _ in sites)
            is_of_others = not all(self._is_waited_for(called, *site, runners) for site in sites)
            if not callers or is_of_others or any(answers.get(one) is False for one in callers):
                answers.update(dict.fromkeys(_led_to([called], calls), False))
                return
            for caller in callers:
                if answers.get(caller) or self._contexts.any_holds(caller, spreading):
                    of_context.append(called)
                elif caller in calls:
                    calls[caller].append(called)
                elif caller not in answers:
                    calls[caller] = [called]
                    todo.append(caller)
        answers.update(dict.fromkeys(calls))
        answers.update(dict.fromkeys(_led_to(of_context, calls), True))

    def _is_waited_for(
        self, called: FunctionRef, caller: FunctionRef, index: int, runners: Collection[str]
    ) -> bool:
        """Return whether a function is done before its caller goes on: it is no task."""
        if not self._project.function(called).is_async or index < 0:
            return True
        site = self._project.site(caller, index)
        return site.awaited or last_name(site.func) in runners or self._is_run(caller, index)

    def _has_loop(self, called: FunctionRef, caller: FunctionRef, site: int) -> bool:
        """Return whether a caller gives a function a thread, or a loop that runs nothing yet."""
        return self._has_thread(called, caller, site) or self._is_first(caller, site)

    def _is_first(self, caller: FunctionRef, site: int) -> bool:
        """Return whether a site makes what is then run on the loop, and is the first to be awaited.

        `async def start(): app = await create(); await app.serve()`, and `asyncio.run(start())`.
        """
        if site < 0:
            return False
        facts = self._project.function(caller)
        before = facts.sites[:site]
        if not facts.sites[site].awaited or any(r.kind in LOOPS for r in regions_of(facts, site)):
            return False
        if any(one.awaited or last_name(one.func) in _STARTING for one in before):
            return False
        made = {binding.target for binding in facts.bindings if binding.value == Result(site)}
        later = facts.sites[site + 1 :]
        if not any(one.awaited and not made.isdisjoint(parts(one)) for one in later):
            return False
        callers = self._graph.callers(caller)
        return bool(callers) and all(self._is_run(*one) for one in callers)

    def _is_run(self, caller: FunctionRef, site: int) -> bool:
        """Return whether what a site calls is run to its end on a loop of its own."""
        sites = self._project.function(caller).sites
        return any(
            last_name(other.func) in RUNNING and Result(site) in other.args for other in sites
        )

    def _has_thread(self, called: FunctionRef, caller: FunctionRef, site: int) -> bool:
        """Return whether a caller has a thread run a function, from beginning to end.

        Or what it returns: `Thread(target=asyncio.run, args=(main(),))`.
        """
        if any(
            edge.thread
            for edge in self._graph.does(caller).edges
            if (edge.site, edge.target) == (site, called)
        ):
            return True
        sites = self._project.function(caller).sites
        return any(
            any(last_name(argument) in RUNNING for argument in _arguments(other))
            and Result(site) in _handed_over(other)
            for other in sites
        )


def _arguments(site: Site) -> Iterator[Expr]:
    """Return what a call is given."""
    yield from site.args
    yield from (value for _, value in site.keywords)


def _handed_over(site: Site) -> Iterator[Expr]:
    """Return what a call is given, and what stands in the tuples and lists among that."""
    for argument in _arguments(site):
        yield argument
        if isinstance(argument, (TupleOf, Literal)):
            yield from argument.items


def _led_to(
    functions: Iterable[FunctionRef], calls: Mapping[FunctionRef, Iterable[FunctionRef]]
) -> set[FunctionRef]:
    """Return these functions and all that they come to by calls."""
    todo = list(functions)
    reached = set(todo)
    while todo:
        new = set(calls[todo.pop()]) - reached
        reached |= new
        todo += new
    return reached
