"""How often a site runs, by the regions that it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedev_lint.catalog import Context
from bedev_lint.model import (
    Attr,
    Either,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Name,
    Region,
    RegionKind,
    Result,
    TupleOf,
    last_name,
)
from bedev_lint.names import any_match
from bedev_lint.program.effects.batches import Batches, element_of, is_in_steps
from bedev_lint.program.effects.contexts import Contexts
from bedev_lint.program.effects.iterated import REARRANGING, Iterated
from bedev_lint.program.effects.nesting import (
    LOOPS,
    comprehensions_of,
    goes_on,
    indices_around,
    itself,
    regions_of,
)
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.generics import LISTS
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import External, FunctionRef, Object, Value
from bedev_lint.reachability import reachable

__all__ = ["Regions", "names_on_the_way", "on_the_way", "steps_on_the_way"]

# Where nothing runs in each iteration.
_NOT_EACH_TIME = frozenset(
    {"now_and_then", "once_per_key", "once", "for_one_element", "search_result"}
)
# Methods of caches.
_LOOKING = frozenset("get aget".split())
_STORING = frozenset("set aset setex add put".split())
# Functions that run a coroutine which they are given as a task, and do not wait for it.
_SPAWNING = frozenset("create_task ensure_future run_coroutine_threadsafe".split())


class Regions:
    """Says how often a site runs. Evaluates what loops run over with a resolver."""

    def __init__(self, project: Project, resolver: Resolver, contexts: Contexts) -> None:
        self._project, self._resolver, self._contexts = project, resolver, contexts
        self._iterated = Iterated(project, resolver)
        self._batches = Batches(project, resolver)
        self._cached: dict[FunctionRef, list[tuple[int, int]]] = {}
        self._few: dict[tuple[FunctionRef, int, int], bool] = {}

    def loop_around(self, ref: FunctionRef, index: int, loop: Context) -> int:
        """Return the region in which a site runs once for each element of some data, or -1.

        Loops over what the context `loop` says is no data do not count, nor do those over a
        literal of constants.
        """
        facts = self._project.function(ref)
        if self._is_within(ref, index, "rehearsed"):
            return -1
        left = ""  # how the code around the site leaves the loop around that
        once_in = 0  # in so many loops it runs only the first time
        for number in indices_around(facts, facts.sites[index].region):
            region = facts.regions[number]
            if region.kind in _NOT_EACH_TIME:
                return -1
            if region.kind == "once_in_loops":
                once_in = int(region.targets[0])
            elif region.kind in LOOPS and once_in:
                once_in -= 1
                left = "" if left == "break" else left
            elif region.kind == "exits_loop":
                left = left if left in ("return", "raise") else region.targets[0]
            elif region.kind == "try":
                if left and left != "raise" and "continue" in region.targets:
                    return -1  # a search, which ends with what it finds
                if left == "raise":
                    left = ""  # what is left by an exception may be tried again
                elif left and "break" in region.targets:
                    left = "break"  # its handlers leave no more than this loop
            elif region.kind == "with":
                names = names_on_the_way(region.expr, facts) if region.expr is not None else ()
                if any_match([name.lower() for name in names], loop.not_within):
                    return -1  # `with lock(order):`
            elif region.kind == "while" and not left:
                return -1  # each time hangs on what the last one has found
            elif region.kind in LOOPS:
                if not left and self._iterated.is_over_data(region, ref, facts):
                    is_batch = (
                        is_in_steps(region, facts)
                        or _is_named(region, facts, loop.not_over)
                        or any_match(region.targets, loop.not_binding)
                        or self._receives(region, ref, loop)
                        or (region.expr is not None and self._batches.gives(region.expr, ref))
                    )
                    return -1 if is_batch or self._is_over_few(number, ref, loop) else number
                left = "" if left == "break" else left
        return -1

    def _receives(self, region: Region, ref: FunctionRef, loop: Context) -> bool:
        """Return whether a loop waits for each of its elements: `for message in consumer`."""
        if region.expr is None or not any_match(region.targets, loop.not_receiving):
            return False
        return not any(
            isinstance(value, Object) and (value.of in LISTS or self._resolver.is_of_owner(value))
            for value in self._resolver.evaluate(region.expr, ref)
        )

    def _is_over_few(self, number: int, ref: FunctionRef, loop: Context) -> bool:
        """Return whether a loop runs over what an operator has written, or the schema has."""
        key = (ref, number, id(loop))
        if key not in self._few:
            facts = self._project.function(ref)
            self._few[key] = self._is_of_few(facts.regions[number], ref, facts, loop)
        return self._few[key]

    def _is_of_few(
        self, region: Region, ref: FunctionRef, facts: FunctionFacts, loop: Context
    ) -> bool:
        if region.expr is None:
            return False
        names = set(names_on_the_way(region.expr, facts))
        if not names.isdisjoint(loop.not_of):
            return True
        if loop.not_over_arguments and self._contexts.any_holds(ref, loop.not_over_arguments):
            params = facts.params[1:] if facts.owner >= 0 else facts.params
            if not names.isdisjoint(param.name for param in params):
                # Rows that a command gives to another of its methods nobody has typed.
                values = self._resolver.evaluate(region.expr, ref)
                return not any(map(self._resolver.holds_rows, values))
        return any(
            name in loop.not_over_types
            for step in on_the_way(region.expr, facts)
            for value in self._resolver.evaluate(step, ref)
            for name in self._types_of(value)
        )

    def _types_of(self, value: Value) -> Iterator[str]:
        """Return the known types that a value is an object of, or the name of what it is."""
        if isinstance(value, External):
            yield value.name
        elif isinstance(value, Object):
            of = value.of
            yield from (
                (of,) if isinstance(of, str) else self._resolver.hierarchy.external_bases(of)
            )

    def is_isolated(self, ref: FunctionRef, index: int, loop: int) -> bool:
        """Return whether an iteration that fails at a site lets the loop go on to the next."""
        facts = self._project.function(ref)
        for number in indices_around(facts, facts.sites[index].region):
            if number == loop:
                return False
            region = facts.regions[number]
            if region.kind == "try" and "continue" in region.targets:
                return True
        return False

    def is_caught(self, ref: FunctionRef, index: int, *, narrowly: bool = False) -> bool:
        """Return whether an error at a site ends in a handler that does not raise.

        Where it has to be caught `narrowly`, one that takes any error does not count.
        """
        facts = self._project.function(ref)
        return index >= 0 and any(
            region.kind == "try" and (("narrow" in region.targets) if narrowly else goes_on(region))
            for region in regions_of(facts, index)
        )

    def is_remembered(
        self,
        ref: FunctionRef,
        index: int,
        false: frozenset[str] = frozenset(),
        true: frozenset[str] = frozenset(),
    ) -> bool:
        """Return whether what a site gives is kept, and it runs again for no second caller.

        It does where parameters by which nothing is looked up first are said to be `false`, or
        `true`: `if fresh or key not in known`.
        """
        if index < 0:
            return False
        if ref not in self._cached:
            self._cached[ref] = _cached(self._project.function(ref))
        never = {f"+{name}" for name in false} | {f"-{name}" for name in true}
        return any(
            region.kind == "once"
            or (region.kind == "once_per_key" and never.isdisjoint(region.targets))
            for region in regions_of(self._project.function(ref), index)
        ) or any(first < index < last for first, last in self._cached[ref])

    def is_once(self, ref: FunctionRef, index: int) -> bool:
        """Return whether what a site gives is kept by an object or a module for good."""
        return self._is_within(ref, index, "once")

    def is_handling(self, ref: FunctionRef, index: int) -> bool:
        """Return whether a site only runs where there was an error."""
        return self._is_within(ref, index, "except")

    def _is_within(self, ref: FunctionRef, index: int, *kinds: RegionKind) -> bool:
        facts = self._project.function(ref)
        return index >= 0 and any(region.kind in kinds for region in regions_of(facts, index))

    def is_gathered(self, ref: FunctionRef, index: int, target: FunctionRef) -> bool:
        """Return whether a site calls a coroutine for several that run side by side.

        `tasks = [save(row) for row in rows]`, `tasks.append(save(row))`.
        """
        called, facts = self._project.function(target), self._project.function(ref)
        if facts.sites[index].awaited or not called.is_async or called.yields is not None:
            return False
        coroutine = Result(index)
        given_to = [last_name(s.func) for s in facts.sites if coroutine in s.args]
        loops = (r for r in regions_of(facts, index) if r.kind in LOOPS)
        innermost = next(loops, None)
        is_made = innermost is not None and innermost.kind == "comprehension" and not given_to
        return is_made or given_to == ["append"]

    def is_spawned(self, ref: FunctionRef, index: int) -> bool:
        """Return whether what a site calls runs as a task of its own."""
        facts = self._project.function(ref)
        names = [b.target for b in facts.bindings if b.value == Result(index)]
        return any(
            site.kind == "call"
            and last_name(site.func) in _SPAWNING
            and any(arg == Result(index) or arg in names for arg in site.args)
            for site in facts.sites
        )


def _is_named(region: Region, facts: FunctionFacts, patterns: tuple[str, ...]) -> bool:
    """Return whether a loop's names are like one of these: `for chunk in split(rows)`.

    Of what it runs over, only the plural counts: `for row in batch` is a loop over rows.
    """
    names = [*region.targets]
    if region.expr is not None:
        is_call = isinstance(region.expr, Result)
        names += [n for n in _names_in(region.expr, facts) if is_call or n.endswith("s")]
    return any_match(names, patterns)


def names_on_the_way(expr: Expr, facts: FunctionFacts) -> Iterator[str]:
    """Return the names by which a value is got at: of what it was bound to, and called on."""
    return (step.id if isinstance(step, Name) else step.name for step in on_the_way(expr, facts))


def steps_on_the_way(expr: Expr, facts: FunctionFacts) -> Iterator[str]:
    """Return those of these names that say what is got: a variable only says what it is for."""
    bound = {binding.target for binding in facts.bindings}
    for step in on_the_way(expr, facts):
        if isinstance(step, Attr):
            yield step.name
        elif step not in bound:
            yield step.id


def on_the_way(expr: Expr, facts: FunctionFacts) -> Iterator[Attr | Name]:
    """Return the names and attributes by which a value is got at."""

    def before(step: Expr) -> Iterable[Expr]:
        if isinstance(step, (Attr, Item)):
            return (step.base,)
        if isinstance(step, Result):
            site = facts.sites[step.site]
            is_rearranged = isinstance(site.func, Name) and site.func.id in REARRANGING
            return (site.args[0] if is_rearranged and site.args else site.func,)
        if isinstance(step, Either):
            return step.options
        if isinstance(step, (Literal, TupleOf)) and (made := element_of(step)) is not None:
            return (loop.expr for loop in comprehensions_of(made, facts) if loop.expr is not None)
        return facts.bound_to(step) if isinstance(step, Name) else ()

    return (step for step in reachable([expr], before) if isinstance(step, (Attr, Name)))


def _cached(facts: FunctionFacts) -> list[tuple[int, int]]:
    """Return from which look into a cache to which storing under the same key sites stand.

    What the function binds itself is none that a second caller finds filled.
    """
    looked: dict[tuple[Expr, Expr], int] = {}
    pairs = []
    for index, site in enumerate(facts.sites):
        if site.kind == "call" and isinstance(site.func, Attr) and site.args:
            key = (site.func.base, site.args[0])
            if site.func.name in _LOOKING:
                looked.setdefault(key, index)
            elif site.func.name in _STORING and key in looked:
                pairs.append((looked[key], index))
    if not pairs:
        return pairs
    own: set[Expr] = {Name(param.name) for param in facts.params}
    own -= {itself(facts)}
    own |= {binding.target for binding in facts.bindings}
    bases = {first: base for (base, _), first in looked.items()}
    return [(first, last) for first, last in pairs if _root(bases[first]) not in own]


def _root(expr: Expr) -> Expr:
    while isinstance(expr, Attr):
        expr = expr.base
    return expr


def _names_in(expr: Expr, facts: FunctionFacts) -> Iterator[str]:
    """Return the names that say what an expression is: `chunked(rows)`, `self.batches`."""
    if isinstance(expr, Name):
        yield expr.id
    elif isinstance(expr, Attr):
        yield expr.name
    elif isinstance(expr, Result):
        yield from _names_in(facts.sites[expr.site].func, facts)
        for arg in facts.sites[expr.site].args:
            yield from _names_in(arg, facts)
