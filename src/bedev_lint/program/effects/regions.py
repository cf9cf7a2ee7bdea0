"""The regions of a function that a site stands in, and what they say of how often it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from bedev_lint.catalog import Context
from bedev_lint.model import (
    Attr,
    Either,
    Elem,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Name,
    Region,
    Result,
    TupleOf,
)
from bedev_lint.program.effects.contexts import Contexts
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.module_index import last_name
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Class, ClassRef, External, FunctionRef, Object

__all__ = [
    "Regions",
    "are_apart",
    "indices_around",
    "is_own",
    "itself",
    "names_on_the_way",
    "regions_around",
    "regions_of",
]

_LOOPS = frozenset({"for", "while", "comprehension"})
# Where nothing runs in each iteration.
_SELDOM = frozenset({"counted", "memo", "once", "chosen", "sought"})
# Built-in functions that give as many elements as they are given.
_REARRANGING = frozenset("range enumerate zip reversed sorted list tuple set".split())
# Methods that give some of what a set has.
_TAKING = frozenset("difference intersection".split())
# Methods of caches.
_LOOKING = frozenset("get aget".split())
_STORING = frozenset("set aset setex add put".split())
# Functions that run a coroutine which they are given as a task, and do not wait for it.
_SPAWNING = frozenset("create_task ensure_future run_coroutine_threadsafe".split())


class Regions:
    """Says how often a site runs. Evaluates what loops run over with a resolver."""

    def __init__(self, project: Project, resolver: Resolver, contexts: Contexts) -> None:
        self._project, self._resolver, self._contexts = project, resolver, contexts
        self._cached: dict[FunctionRef, list[tuple[int, int]]] = {}
        self._few: dict[tuple[FunctionRef, int, int], bool] = {}

    def loop_around(self, ref: FunctionRef, index: int, loop: Context) -> int:
        """Return the region in which a site runs once for each element of some data, or -1.

        Loops over what the context `loop` says is no data do not count, nor do those over a
        literal of constants.
        """
        facts = self._project.function(ref)
        left = ""  # how the code around the site leaves the loop around that
        once_in = 0  # in so many loops it runs only the first time
        for number in indices_around(facts, facts.sites[index].region):
            region = facts.regions[number]
            if region.kind in _SELDOM:
                return -1
            if region.kind == "first":
                once_in = int(region.targets[0])
            elif region.kind in _LOOPS and once_in:
                once_in -= 1
                left = "" if left == "break" else left
            elif region.kind == "leaves":
                left = left if left in ("return", "raise") else region.targets[0]
            elif region.kind == "try":
                if left and left != "raise" and "continue" in region.targets:
                    return -1  # a search, which ends with what it finds
                left = ""  # what is left by an exception may be tried again
            elif region.kind == "with":
                if region.expr is not None and _is_like(region.expr, facts, loop.not_within):
                    return -1
            elif region.kind == "while" and not left:
                return -1  # each time hangs on what the last one has found
            elif region.kind in _LOOPS:
                if not left and self._is_over_data(region, ref, facts):
                    is_batch = (
                        _is_in_steps(region, facts)
                        or _is_named(region, facts, loop.not_over)
                        or _any_like(region.targets, loop.not_binding)
                    )
                    return -1 if is_batch or self._is_over_few(number, ref, loop) else number
                left = "" if left == "break" else left
        return -1

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
                return True
        return any(
            isinstance(value, Object) and value.of in loop.not_over_types
            for value in self._resolver.evaluate(region.expr, ref)
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
            region.kind == "try"
            and (("narrow" in region.targets) if narrowly else bool(region.targets))
            for region in regions_of(facts, index)
        )

    def sites_in(self, ref: FunctionRef, loop: int) -> frozenset[int]:
        """Return the sites that stand in a region."""
        facts = self._project.function(ref)
        return frozenset(
            index
            for index, site in enumerate(facts.sites)
            if loop in indices_around(facts, site.region)
        )

    def is_remembered(self, ref: FunctionRef, index: int) -> bool:
        """Return whether what a site gives is kept, and it runs again for no second caller."""
        facts = self._project.function(ref)
        return index >= 0 and (
            any(region.kind in ("memo", "once") for region in regions_of(facts, index))
            or any(first < index < last for first, last in self._cached_in(ref, facts))
        )

    def _cached_in(self, ref: FunctionRef, facts: FunctionFacts) -> list[tuple[int, int]]:
        if ref not in self._cached:
            self._cached[ref] = _cached(facts)
        return self._cached[ref]

    def is_once(self, ref: FunctionRef, index: int) -> bool:
        """Return whether what a site gives is kept by an object or a module for good."""
        facts = self._project.function(ref)
        return index >= 0 and any(region.kind == "once" for region in regions_of(facts, index))

    def is_handling(self, ref: FunctionRef, index: int) -> bool:
        """Return whether a site only runs where there was an error."""
        facts = self._project.function(ref)
        return index >= 0 and any(region.kind == "except" for region in regions_of(facts, index))

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

    def _is_over_data(self, region: Region, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a loop runs once for each element of some data."""
        if region.expr is None or self._is_constant(region.expr, ref, facts):
            return False
        if not isinstance(region.expr, Result):
            return True
        site = facts.sites[region.expr.site]
        func = site.func
        if func == Name("range"):
            # So many attempts, or steps.
            is_counted = all(target.startswith("_") for target in region.targets)
            return not (is_counted or _sleeps(facts, region) or self._is_of_steps(region, ref))
        return External("itertools.count") not in self._resolver.evaluate(func, ref)

    def _is_of_steps(self, region: Region, ref: FunctionRef) -> bool:
        """Return whether a loop over a range goes on until it is done: `for step in range(limit)`.

        It is left early, is not as long as any data, and picks nothing by its number.
        """
        facts = self._project.function(ref)
        assert isinstance(region.expr, Result)
        within = {i for i, _ in enumerate(facts.regions) if region in regions_around(facts, i)}
        is_left = any(facts.regions[i].kind == "leaves" for i in within)
        picks = any(
            site.kind == "index" and site.region in within and Name(target) in site.args
            for site in facts.sites
            for target in region.targets
        )
        return (
            is_left
            and not picks
            and not any(
                self._is_length(arg, ref, facts) for arg in facts.sites[region.expr.site].args
            )
        )

    def _is_length(self, expr: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether this is, or may be, the number of some rows."""
        if isinstance(expr, Result):
            func = facts.sites[expr.site].func
            if func in (Name("min"), Name("max")):
                return any(self._is_length(a, ref, facts) for a in facts.sites[expr.site].args)
            return last_name(func) in ("len", "count")
        if isinstance(expr, Name):
            bound = self._project.bound(ref, expr.id) or ()
            return any(isinstance(b, Result) and self._is_length(b, ref, facts) for b in bound)
        return False

    def _is_constant(self, expr: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a loop runs over constants that stand in the code: few, and no data."""
        if isinstance(expr, (Literal, TupleOf)):
            if isinstance(expr, Literal) and expr.kind in ("", "None"):
                return False
            return not any(
                isinstance(item, Either)
                or (isinstance(item, Elem) and not self._is_constant(item.base, ref, facts))
                for item in expr.items
            )
        if isinstance(expr, Either):
            return all(self._is_constant(option, ref, facts) for option in expr.options)
        if isinstance(expr, Result):
            site = facts.sites[expr.site]
            if isinstance(site.func, Attr):
                base = site.func.base
                if site.func.name in _TAKING:
                    return self._is_constant(base, ref, facts)
                of_dict = site.func.name in ("items", "keys", "values") and not site.args
                return of_dict and (
                    self._is_constant(base, ref, facts) or self._is_filled_of_few(base, ref, facts)
                )
            if isinstance(site.func, Name) and site.func.id in _REARRANGING:
                return bool(site.args) and all(
                    self._is_constant(arg, ref, facts) for arg in site.args
                )
            return False
        if isinstance(expr, (Name, Attr)):
            name = expr.id if isinstance(expr, Name) else expr.name
            if name.isupper():
                return True
            if isinstance(expr, Attr) and is_own(expr, facts):
                owner = ClassRef(ref.module, facts.owner)
                if self._project.bound_by_methods(owner, name):
                    return False
                in_body = self._project.bound_in_class(owner, name) or []
                body = FunctionRef(ref.module, self._project.class_(owner).scope)
                return bool(in_body) and all(self._is_display(value, body) for value in in_body)
            if isinstance(expr, Name):
                if any(param.name == name for param in facts.params):
                    return False  # `if type(ids) is not list: ids = [ids]`
                for at in dict.fromkeys((ref, FunctionRef(ref.module, 0))):
                    bound = self._project.bound(at, name)
                    if bound is not None:
                        return all(self._is_display(value, at) for value in bound)
                if self._is_imported_display(name, ref):
                    return True
            return any(
                isinstance(value, Class)
                and any(
                    name.startswith("enum.")
                    for name in self._resolver.hierarchy.external_bases(value.ref)
                )
                for value in self._resolver.evaluate(expr, ref)
            )
        return False

    def _is_imported_display(self, name: str, ref: FunctionRef) -> bool:
        """Return whether a name is imported from a module that binds it to constants alone."""
        for at in dict.fromkeys((ref, FunctionRef(ref.module, 0))):
            for item in self._project.imports(at, name):
                of = self._project.imported_module(item, ref.module)
                module = self._project.module(of, ref.module) if item.name else None
                if module is not None:
                    there = FunctionRef(module, 0)
                    bound = self._project.bound(there, item.name) or ()
                    return bool(bound) and all(self._is_display(v, there) for v in bound)
        return False

    def _is_filled_of_few(self, expr: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a dictionary of the function has no keys but constants.

        `for kind in KINDS: found[kind] = …`, and `for kind in found.items()`.
        """
        made = [binding.value for binding in facts.bindings if binding.target == expr]
        if not isinstance(expr, Name) or not made or not all(_is_empty(m, facts) for m in made):
            return False
        kept = [
            key
            for binding in facts.bindings
            if isinstance(binding.target, Item) and binding.target.base == expr
            for key in binding.target.args
        ]
        asked = [
            key
            for site in facts.sites
            if site.kind == "index" and isinstance(site.func, Attr) and site.func.base == expr
            for key in site.args
        ]
        few = {
            Name(target)
            for region in facts.regions
            if region.kind == "for" and isinstance(region.expr, (Name, Attr, Literal, TupleOf))
            if self._is_constant(region.expr, ref, facts)
            for target in region.targets
        }
        return bool(kept or asked) and few.issuperset([*kept, *asked])

    def _is_display(self, expr: Expr, at: FunctionRef) -> bool:
        """Return whether a name is bound to a display of constants that is not empty."""
        facts = self._project.function(at)
        site = facts.sites[expr.site] if isinstance(expr, Result) else None
        if site is not None and site.func == Name("cast") and len(site.args) == 2:
            return self._is_display(site.args[1], at)
        if site is not None and (last_name(site.func) in (_REARRANGING | _TAKING)):
            return self._is_constant(expr, at, facts)
        is_display = isinstance(expr, (Literal, TupleOf)) and bool(expr.items)
        return is_display and self._is_constant(expr, at, facts)


def regions_of(facts: FunctionFacts, index: int) -> Iterator[Region]:
    """Return the regions that a site stands in, innermost first."""
    return regions_around(facts, facts.sites[index].region)


def regions_around(facts: FunctionFacts, region: int) -> Iterator[Region]:
    """Return a region and those around it, innermost first."""
    return (facts.regions[index] for index in indices_around(facts, region))


def indices_around(facts: FunctionFacts, region: int) -> Iterator[int]:
    """Return the index of a region and of those around it, innermost first."""
    while region >= 0:
        yield region
        region = facts.regions[region].parent


def are_apart(facts: FunctionFacts, site: int, other: int) -> bool:
    """Return whether an iteration that comes to one of two sites does not come to the other."""
    arms = _arms(facts, site)
    return any(arms.get(fork, arm) != arm for fork, arm in _arms(facts, other).items())


def _arms(facts: FunctionFacts, site: int) -> dict[str, int]:
    """Return the ways that were taken to a site, by the forks where they begin."""
    return {
        facts.regions[index].targets[0]: index
        for index in indices_around(facts, facts.sites[site].region)
        if facts.regions[index].kind == "arm"
    }


def is_own(expr: Attr, facts: FunctionFacts) -> bool:
    """Return whether this is an attribute of the object whose method this is."""
    return expr.base == itself(facts)


def itself(facts: FunctionFacts) -> Expr | None:
    """Return the name by which a method knows its own object."""
    return Name(facts.params[0].name) if facts.owner >= 0 and facts.params else None


def _is_empty(expr: Expr, facts: FunctionFacts) -> bool:
    """Return whether this is a new dictionary with nothing in it."""
    if isinstance(expr, Result):
        site = facts.sites[expr.site]
        return last_name(site.func) in ("dict", "defaultdict") and len(site.args) < 2
    return isinstance(expr, Literal) and expr.kind == "dict" and not expr.items


def _is_in_steps(region: Region, facts: FunctionFacts) -> bool:
    """Return whether a loop goes over one batch after the other: `range(0, count, size)`."""
    if not isinstance(region.expr, Result):
        return False
    site = facts.sites[region.expr.site]
    if site.func != Name("range") or len(site.args) != 3:
        return False
    step = site.args[2]  # one of -1 makes no batch
    return not isinstance(step, Literal) or (step.kind == "int" and step.form != "negative")


def _is_named(region: Region, facts: FunctionFacts, patterns: Sequence[str]) -> bool:
    """Return whether a loop's names are like one of these: `for chunk in split(rows)`.

    Of what it runs over, only the plural counts: `for row in batch` is a loop over rows.
    """
    names = [*region.targets]
    if region.expr is not None:
        is_call = isinstance(region.expr, Result)
        names += [n for n in _names_in(region.expr, facts) if is_call or n.endswith("s")]
    return _any_like(names, patterns)


def _any_like(names: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _is_like(manager: Expr, facts: FunctionFacts, patterns: Sequence[str]) -> bool:
    """Return whether a name in a context manager is like one of these: `with lock(order):`."""
    return _any_like([name.lower() for name in names_on_the_way(manager, facts)], patterns)


def names_on_the_way(expr: Expr, facts: FunctionFacts) -> Iterator[str]:
    """Return the names by which a value is got at: of what it was bound to, and called on."""
    todo: list[Expr] = [expr]
    seen: set[str] = set()
    while todo:
        expr = todo.pop()
        if isinstance(expr, Attr):
            yield expr.name
        if isinstance(expr, (Attr, Item)):
            todo.append(expr.base)
        elif isinstance(expr, Result):
            site = facts.sites[expr.site]
            is_rearranged = isinstance(site.func, Name) and site.func.id in _REARRANGING
            todo.append(site.args[0] if is_rearranged and site.args else site.func)
        elif isinstance(expr, Name) and expr.id not in seen:
            seen.add(expr.id)
            yield expr.id
            todo += [binding.value for binding in facts.bindings if binding.target == expr]


def _cached(facts: FunctionFacts) -> list[tuple[int, int]]:
    """Return from which look into a cache to which storing under the same key sites stand.

    What the function binds itself is none that a second caller finds filled.
    """
    looked: dict[tuple[Expr, Expr], int] = {}
    found = []
    for index, site in enumerate(facts.sites):
        if site.kind == "call" and isinstance(site.func, Attr) and site.args:
            key = (site.func.base, site.args[0])
            if site.func.name in _LOOKING:
                looked.setdefault(key, index)
            elif site.func.name in _STORING and key in looked:
                found.append((looked[key], index))
    if not found:
        return found
    own: set[Expr] = {Name(param.name) for param in facts.params}
    own -= {itself(facts)}
    own |= {binding.target for binding in facts.bindings}
    bases = {first: base for (base, _), first in looked.items()}
    return [(first, last) for first, last in found if _root(bases[first]) not in own]


def _root(expr: Expr) -> Expr:
    while isinstance(expr, Attr):
        expr = expr.base
    return expr


def _sleeps(facts: FunctionFacts, region: Region) -> bool:
    """Return whether a loop waits between its iterations."""
    return any(
        site.kind == "call"
        and getattr(site.func, "name", getattr(site.func, "id", "")) == "sleep"
        and region in regions_of(facts, index)
        for index, site in enumerate(facts.sites)
    )


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
