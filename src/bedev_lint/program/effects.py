"""What each function does: its calls resolved, its effects, and how they spread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from bedev_lint.catalog import Catalog
from bedev_lint.catalog import Member as MemberWords
from bedev_lint.model import (
    Attr,
    Either,
    Elem,
    Entered,
    Expr,
    FunctionFacts,
    Literal,
    Name,
    Region,
    Result,
    Site,
    TupleOf,
)
from bedev_lint.program.project import Project, last_name
from bedev_lint.program.relations import Relation
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    Value,
)

# Built-in functions that give as many elements as they are given.
_REARRANGING = frozenset("range enumerate zip reversed sorted list tuple set".split())
# Functions that run a coroutine which they are given as a task, and do not wait for it.
_SPAWNING = frozenset("create_task ensure_future run_coroutine_threadsafe".split())
_NO_ANSWERS: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
# Regions that keep a transaction open; leaving a savepoint commits nothing.
_SCOPES = ("transaction", "savepoint")
# The effect of leaving a transaction; of one within another, which is a savepoint, there is none.
TRANSACTION = "db.transaction"
# The effect of a commit; of one by a context manager whose body changed nothing there is none.
COMMIT = "db.commit"
# What needs the database though the rows are there.
_WRITE = "db.write"

__all__ = ["COMMIT", "TRANSACTION", "Edge", "Effects", "FunctionEffects", "Source"]


class Edge(NamedTuple):
    """A site of a function runs another function of the project, on an object of `receiver`.

    `rows` says how the relations of that object are loaded, see `Object`.
    """

    site: int
    target: FunctionRef
    sure: bool = True
    thread: bool = False
    receiver: ClassRef | None = None
    rows: str = ""


class Source(NamedTuple):
    """A site of a function has an effect itself; `label` is what it calls, for people.

    `receiver` is the class of the project that it is called on, if it inherits that. `once`
    says that it has the effect only the first time that a loop comes to it, `own` that it reads
    a relation of the method's own object, which may have been loaded before.
    """

    site: int
    effect: str
    label: str
    sure: bool = True
    thread: bool = False
    receiver: ClassRef | None = None
    once: bool = False
    own: bool = False


class FunctionEffects(NamedTuple):
    """What one function does itself."""

    edges: tuple[Edge, ...]
    sources: tuple[Source, ...]


class Effects:
    """The call graph of a project, with effects at its ends."""

    def __init__(
        self,
        project: Project,
        catalog: Catalog,
        resolver: Resolver,
        relations: Iterable[Relation],
    ) -> None:
        self._project, self._catalog, self._resolver = project, catalog, resolver
        self._interesting = self._interesting_names()
        self._properties = self._property_names()
        # Attributes whose reading may have an effect.
        self._relations: dict[str, list[Relation]] = {}
        for relation in relations:
            if relation.lazy:
                self._relations.setdefault(relation.name, []).append(relation)
        self._passes: dict[FunctionRef, frozenset[str]] = {}
        self._transactions: dict[FunctionRef, frozenset[int]] = {}
        # Functions that are handed over to be called some other time.
        self.later: set[FunctionRef] = set()
        self.functions: dict[FunctionRef, FunctionEffects] = {
            ref: self._of(ref, facts) for ref, facts in project.functions()
        }
        self._reaching: dict[frozenset[str], frozenset[FunctionRef]] = {}
        self._callers: dict[FunctionRef, list[tuple[FunctionRef, int]]] | None = None

    # ------------------------------------------------------------------ queries

    def reaching(self, effects: frozenset[str]) -> frozenset[FunctionRef]:
        """Return all functions that have one of these effects, themselves or through calls."""
        known = self._reaching.get(effects)
        if known is None:
            frontier = [
                ref
                for ref, does in self.functions.items()
                if any(source.effect in effects for source in does.sources)
            ]
            found = set(frontier)
            while frontier:
                for caller, _ in self.callers(frontier.pop()):
                    if caller not in found:
                        found.add(caller)
                        frontier.append(caller)
            known = self._reaching[effects] = frozenset(found)
        return known

    def callers(self, ref: FunctionRef) -> list[tuple[FunctionRef, int]]:
        """Return who calls a function, and at which site."""
        if self._callers is None:
            self._callers = {}
            for caller, does in self.functions.items():
                for edge in does.edges:
                    self._callers.setdefault(edge.target, []).append((caller, edge.site))
        return self._callers.get(ref, [])

    def always(self, effects: frozenset[str]) -> frozenset[FunctionRef]:
        """Return the functions that never come back without one of these effects.

        Those that raise whatever happens are among them.
        """
        found: set[FunctionRef] = set()
        waiting: dict[FunctionRef, list[FunctionRef]] = {}
        frontier: list[FunctionRef] = []
        for ref, facts in self._project.functions():
            does = self.functions[ref]
            sites = facts.sites
            if facts.raises or any(
                source.effect in effects and source.site >= 0 and sites[source.site].always
                for source in does.sources
            ):
                found.add(ref)
                frontier.append(ref)
            for edge in does.edges:
                if edge.site < 0 or sites[edge.site].always:
                    waiting.setdefault(edge.target, []).append(ref)
        while frontier:
            for caller in waiting.get(frontier.pop(), ()):
                if caller not in found:
                    found.add(caller)
                    frontier.append(caller)
        return frozenset(found)

    def in_loop(self, ref: FunctionRef, index: int, not_over: Sequence[str]) -> bool:
        """Return whether a site runs once for each element of some data.

        Loops that bind, or run over, a name like one of `not_over` do not count, nor do those
        over a literal of constants.
        """
        facts = self._project.function(ref)
        left = ""  # how the code around the site leaves the loop around that
        for region in _regions(facts, index):
            if region.kind in ("counted", "memo", "chosen"):
                return False
            if region.kind == "leaves":
                left = "return" if left == "return" else region.targets[0]
            elif region.kind == "try":
                left = ""  # what is left by an exception may be tried again
            elif region.kind in ("for", "while", "comprehension"):
                if not left and self._is_over_data(region, ref, facts):
                    return not (_is_in_steps(region, facts) or _is_named(region, facts, not_over))
                left = "" if left == "break" else left
        return False

    def is_remembered(self, ref: FunctionRef, index: int) -> bool:
        """Return whether what a site gives is kept, and it runs again for no second caller."""
        facts = self._project.function(ref)
        return index >= 0 and any(region.kind == "memo" for region in _regions(facts, index))

    def is_handling(self, ref: FunctionRef, index: int) -> bool:
        """Return whether a site only runs where there was an error."""
        facts = self._project.function(ref)
        return index >= 0 and any(region.kind == "except" for region in _regions(facts, index))

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

    def answers(
        self,
        target: FunctionRef,
        caller: FunctionRef,
        index: int,
        known: tuple[frozenset[str], frozenset[str]] = _NO_ANSWERS,
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return which parameters that a function asks are false, and which true, in a call.

        `known` says so of the parameters of the caller.
        """
        facts, site = self._project.function(target), self._project.function(caller).sites[index]
        asked = {r.targets[0] for r in facts.regions if r.kind in ("asked", "unasked")}
        if site.kind != "call":
            return _NO_ANSWERS
        asked |= self._passed_on(target)
        if not asked:
            return _NO_ANSWERS
        keywords = dict(site.keywords)
        # Of what is unpacked nobody knows which parameters it gives.
        args = () if "*" in keywords else site.args
        unpacks = "*" in keywords or "**" in keywords
        bound = facts.owner >= 0 and bool(facts.params) and facts.params[0].name in ("self", "cls")
        found: dict[bool, set[str]] = {False: set(), True: set()}
        caller_facts = self._project.function(caller)
        for position, param in enumerate(facts.params[1:] if bound else facts.params):
            if param.name in asked:
                given = keywords.get(param.name)
                if given is None and param.kind == "positional" and position < len(args):
                    given = args[position]
                # Whoever passes a value for an optional parameter has one.
                optional = given is not None and param.default == Name("None")
                is_same = isinstance(given, Name) and given.id in self._passed_on(caller)
                passed_on = given.id if is_same and isinstance(given, Name) else ""
                given = param.default if given is None and not unpacks else given
                if given in (Name("False"), Name("None")) or passed_on in known[0]:
                    found[False].add(param.name)
                elif (
                    given == Name("True")
                    or passed_on in known[1]
                    or (optional and not _may_be_none(given, caller_facts))
                ):
                    found[True].add(param.name)
        return frozenset(found[False]), frozenset(found[True])

    def _passed_on(self, ref: FunctionRef) -> frozenset[str]:
        """Return the parameters of a function that it passes to others as they are."""
        known = self._passes.get(ref)
        if known is None:
            facts = self._project.function(ref)
            bound = {b.target for b in facts.bindings}
            passed = {
                arg
                for site in facts.sites
                for arg in (*site.args, *(value for _, value in site.keywords))
            }
            known = self._passes[ref] = frozenset(
                param.name for param in facts.params if Name(param.name) in passed - bound
            )
        return known

    def is_ruled_out(
        self, ref: FunctionRef, index: int, answers: tuple[frozenset[str], frozenset[str]]
    ) -> bool:
        """Return whether a site does not run when parameters are answered so."""
        false, true = answers
        if index < 0 or not (false or true):
            return False
        return any(
            (region.kind == "asked" and region.targets[0] in false)
            or (region.kind == "unasked" and region.targets[0] in true)
            for region in _regions(self._project.function(ref), index)
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
            # So many attempts.
            return region.targets != ("_",) and not _sleeps(facts, region)
        return External("itertools.count") not in self._resolver.evaluate(func, ref)

    def _is_constant(self, expr: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a loop runs over constants that stand in the code: few, and no data."""
        if isinstance(expr, (Literal, TupleOf)):
            if isinstance(expr, Literal) and expr.kind in ("", "None"):
                return False
            return not any(isinstance(item, (Either, Elem)) for item in expr.items)
        if isinstance(expr, Either):
            return all(self._is_constant(option, ref, facts) for option in expr.options)
        if isinstance(expr, Result):
            site = facts.sites[expr.site]
            if isinstance(site.func, Attr):
                of_dict = site.func.name in ("items", "keys", "values") and not site.args
                return of_dict and self._is_constant(site.func.base, ref, facts)
            if isinstance(site.func, Name) and site.func.id in _REARRANGING:
                return bool(site.args) and all(
                    self._is_constant(arg, ref, facts) for arg in site.args
                )
            return False
        if isinstance(expr, (Name, Attr)):
            name = expr.id if isinstance(expr, Name) else expr.name
            if name.isupper():
                return True
            unit = self._project.units[ref.module]
            if isinstance(expr, Attr) and _is_own(expr, facts):
                if name in unit.attributes.get(facts.owner, {}):
                    return False
                in_body = unit.class_bindings[facts.owner].get(name, [])
                return bool(in_body) and all(self._is_display(value, ref) for value in in_body)
            if isinstance(expr, Name):
                for function in dict.fromkeys((ref.function, 0)):
                    bound = unit.bindings[function].get(name)
                    if bound is not None:
                        at = FunctionRef(ref.module, function)
                        return all(self._is_display(value, at) for value in bound)
            return any(
                isinstance(value, Class)
                and any(
                    name.startswith("enum.")
                    for name in self._resolver.hierarchy.external_bases(value.ref)
                )
                for value in self._resolver.evaluate(expr, ref)
            )
        return False

    def _is_display(self, expr: Expr, at: FunctionRef) -> bool:
        """Return whether a name is bound to a display of constants that is not empty."""
        facts = self._project.function(at)
        site = facts.sites[expr.site] if isinstance(expr, Result) else None
        if site is not None and site.func == Name("cast") and len(site.args) == 2:
            return self._is_display(site.args[1], at)
        is_display = isinstance(expr, (Literal, TupleOf)) and bool(expr.items)
        return is_display and self._is_constant(expr, at, facts)

    def in_transaction(self, ref: FunctionRef, index: int) -> bool:
        """Return whether a site stands in a transaction that this function opens."""
        known = self._transactions.get(ref)
        if known is None:
            self._transactions[ref] = frozenset()  # a wrapper that wraps itself ends here
            known = self._transactions[ref] = frozenset(self._sites_in_transaction(ref))
        return index in known

    def is_idle(self, ref: FunctionRef, index: int, outer: bool) -> bool:
        """Return whether a site enters or leaves a context manager in which nothing is changed.

        What that commits in the end is nothing. `outer` says so of the one whose body runs where
        this function itself yields.
        """
        facts = self._project.function(ref)
        site = facts.sites[index] if index >= 0 else None
        if site is None or any(_changes(binding.target, facts) for binding in facts.bindings):
            return False
        is_exit = site.kind == "exit" and isinstance(site.func, Attr)
        manager = site.func.base if is_exit and isinstance(site.func, Attr) else Result(index)
        # Where no context manager yields, but a generator, nothing of it runs meanwhile.
        outer = outer or not facts.decorators
        inside = [
            number
            for number in range(len(facts.sites))
            if any(r.kind == "with" and r.expr == manager for r in _regions(facts, number))
        ]
        entered = [b.target for b in facts.bindings if b.value == Entered(manager)]
        return bool(inside) and not any(
            not outer if facts.sites[i].kind == "yield" else self._may_write(ref, i, entered)
            for i in inside
        )

    def _may_write(self, ref: FunctionRef, index: int, sessions: Sequence[Expr]) -> bool:
        """Return whether a site may change rows; one of which nothing is known, by a session."""
        facts, does = self._project.function(ref), self.functions[ref]
        site = facts.sites[index]
        effects = {source.effect for source in does.sources if source.site == index}
        targets = [edge.target for edge in does.edges if edge.site == index]
        if _WRITE in effects or site.func == Name("setattr"):
            return True
        writing = self.reaching(frozenset({_WRITE}))
        if any(target in writing or self._changes_given(target, site, facts) for target in targets):
            return True
        if effects or targets or site.kind != "call":
            return False
        values = self._resolver.evaluate(site.func, ref)
        known = [words for words in map(self._resolver.vocabulary.words, values) if words]
        if not known:
            return any(arg in sessions for arg in (*site.args, *(v for _, v in site.keywords)))
        return any(words.effect_by_argument is not None for _, words in known)

    def _changes_given(self, target: FunctionRef, site: Site, caller: FunctionFacts) -> bool:
        """Return whether a function sets attributes of what it is given, or is called on."""
        facts = self._project.function(target)
        own = isinstance(site.func, Attr) and site.func.base == _self(caller)
        own = own or facts.name.startswith("__")
        return any(
            _changes(binding.target, facts) or (not own and isinstance(binding.target, Attr))
            for binding in facts.bindings
        )

    # ------------------------------------------------------------------ regions

    def _sites_in_transaction(self, ref: FunctionRef) -> Iterator[int]:
        facts = self._project.function(ref)
        if any(self._decorator_regions(ref, facts, _SCOPES)):
            yield from range(len(facts.sites))
            return
        opening = [
            index
            for index, region in enumerate(facts.regions)
            if region.kind == "with" and region.expr is not None and self._opens(region.expr, ref)
        ]
        explicit = self._explicit_scopes(ref, facts)
        if not opening and not explicit:
            return
        for index, site in enumerate(facts.sites):
            region = site.region
            while region >= 0:
                if region in opening:
                    yield index
                    break
                region = facts.regions[region].parent
            else:
                if any(first < index < last for first, last in explicit):
                    yield index

    def _opens(self, manager: Expr, at: FunctionRef) -> bool:
        """Return whether entering this context manager opens a transaction."""
        facts = self._project.function(at)
        if isinstance(manager, Result):
            site = facts.sites[manager.site]
            for value in self._resolver.evaluate(site.func, at):
                words = self._resolver.vocabulary.words(value)
                if words is not None and words[1].region in _SCOPES:
                    return True
                if isinstance(value, ProjectFunction) and self._yields_in_transaction(value.ref):
                    return True
        for value in self._resolver.evaluate(manager, at):
            if isinstance(value, Object) and isinstance(value.of, str):
                known = self._resolver.vocabulary.member(
                    value.of, "__enter__"
                ) or self._resolver.vocabulary.member(value.of, "__aenter__")
                if known is not None and known[1].region in _SCOPES:
                    return True
        return False

    def _yields_in_transaction(self, ref: FunctionRef) -> bool:
        sites = self._project.function(ref).sites
        return any(
            site.kind == "yield" and self.in_transaction(ref, index)
            for index, site in enumerate(sites)
        )

    def _decorator_regions(
        self, ref: FunctionRef, facts: FunctionFacts, regions: Sequence[str]
    ) -> Iterator[str]:
        """Return the labels of the decorators that put a function into one of these regions."""
        around = FunctionRef(ref.module, max(facts.parent, 0))
        sites = self._project.function(around).sites
        for decorator in facts.decorators:
            func = sites[decorator.site].func if isinstance(decorator, Result) else decorator
            for value in self._resolver.evaluate(func, around, facts.owner):
                words = self._resolver.vocabulary.words(value)
                if words is not None and words[1].region in regions:
                    yield _label(value)

    def _transaction_of(self, manager: Expr, at: FunctionRef) -> Iterator[str]:
        """Return the label of the transaction that ends where this context manager is left."""
        if isinstance(manager, Result):
            site = self._project.function(at).sites[manager.site]
            for value in self._resolver.evaluate(site.func, at):
                words = self._resolver.vocabulary.words(value)
                if words is not None and words[1].region == "transaction":
                    yield _label(value)

    def _explicit_scopes(self, ref: FunctionRef, facts: FunctionFacts) -> list[tuple[int, int]]:
        """Return from which to which site a `begin()` … `commit()` reaches."""
        managers = {region.expr for region in facts.regions if region.kind == "with"}
        found: list[tuple[int, int]] = []
        opened = -1
        for index, site in enumerate(facts.sites):
            if site.kind != "call" or not isinstance(site.func, Attr):
                continue
            if site.func.name not in self._interesting:
                continue
            for value in self._resolver.evaluate(site.func, ref):
                words = self._resolver.vocabulary.words(value)
                if words is None:
                    continue
                if words[1].region in _SCOPES and Result(index) not in managers:
                    opened = index
                elif words[1].closes == "transaction" and opened >= 0:
                    found.append((opened, index))
                    opened = -1
        return found

    # ------------------------------------------------------------------ resolving

    def _interesting_names(self) -> frozenset[str]:
        """Return every attribute name whose call may matter; any other is not even looked at."""
        found = set()
        for _, function in self._project.functions():
            found.add(function.name)
            found.update(b.target.name for b in function.bindings if isinstance(b.target, Attr))
        for _, cls in self._project.classes():
            found.add(cls.name)
            found.update(b.target.id for b in cls.bindings if isinstance(b.target, Name))
        for unit in self._project.units:
            found.update(item.alias for item in unit.facts.imports)
            found.update(unit.bindings[0])
        for name, words in self._catalog.types.items():
            if "()" in words.members:
                found.add(name.rsplit(".", 1)[-1])
            found.update(
                member
                for member, what in words.members.items()
                if what.effect
                or what.effect_by_argument is not None
                or what.calls
                or what.later
                or what.evaluates
                or what.region
                or what.closes
            )
        return frozenset(found)

    def _property_names(self) -> frozenset[str]:
        return frozenset(
            facts.name
            for ref, facts in self._project.functions()
            if facts.decorators and facts.owner >= 0 and self._resolver.is_property(ref)
        )

    def _of_relation(self, ref: FunctionRef, index: int, func: Attr, sources: list[Source]) -> None:
        """Add what it costs to read a relation of an element that was loaded without it."""
        facts = self._project.function(ref)
        base = func.base
        if not isinstance(base, Name) or not any(
            base.id in region.targets for region in _regions(facts, index)
        ):
            return
        if any(site.kind == "get" and site.func == func for site in facts.sites[:index]):
            return  # the first access has loaded it
        for value in self._resolver.evaluate(base, ref):
            if not isinstance(value, Object) or value.rows not in ("lazy", "own"):
                continue
            if not isinstance(value.of, ClassRef):
                continue
            own = value.rows == "own"
            above = {cls for cls, _ in self._resolver.hierarchy.mro(value.of)}
            for relation in self._relations[func.name]:
                if relation.owner in above:
                    name = f"{self._project.class_(value.of).name}.{func.name}"
                    sources += [
                        Source(index, what, name, value.sure, own=own) for what in relation.lazy
                    ]

    def _of(self, ref: FunctionRef, facts: FunctionFacts) -> FunctionEffects:
        edges: list[Edge] = []
        sources: list[Source] = []
        for index, site in enumerate(facts.sites):
            if site.kind == "call":
                if isinstance(site.func, Attr) and site.func.name not in self._interesting:
                    continue
                self._of_call(ref, index, site, edges, sources)
            elif site.kind == "get":
                if isinstance(site.func, Attr) and site.func.name in self._properties:
                    self._of_property(ref, index, site.func, edges)
                if isinstance(site.func, Attr) and site.func.name in self._relations:
                    self._of_relation(ref, index, site.func, sources)
            elif site.kind != "yield":
                if site.kind == "enter" and isinstance(site.func, Attr):
                    for label in self._transaction_of(site.func.base, ref):
                        sources.append(Source(index, TRANSACTION, label))
                for value in self._resolver.evaluate(site.func, ref):
                    self._of_value(value, index, site, ref, edges, sources)
        for label in self._decorator_regions(ref, facts, ("transaction",)):
            sources.append(Source(-1, TRANSACTION, f"@{label}"))
        for wrapper in self._wrappers(ref, facts):
            edges.append(Edge(-1, wrapper))
        return FunctionEffects(tuple(dict.fromkeys(edges)), tuple(dict.fromkeys(sources)))

    def _of_call(
        self,
        ref: FunctionRef,
        index: int,
        site: Site,
        edges: list[Edge],
        sources: list[Source],
    ) -> None:
        values = self._resolver.evaluate(site.func, ref)
        if site.awaited and any(self._is_async(value) for value in values):
            # What is awaited is the asynchronous one of the two.
            values = tuple(
                v for v in values if not isinstance(v, ProjectFunction) or self._is_async(v)
            )
        for value in values:
            self._of_value(value, index, site, ref, edges, sources)

    def _is_handed_over(self, ref: FunctionRef) -> bool:
        """Return whether a decorator keeps a function from the event loop that calls it.

        It hands it to a thread, or is given an asynchronous one to be called in its place.
        """
        facts = self._project.function(ref)
        around = FunctionRef(ref.module, max(facts.parent, 0))
        sites = self._project.function(around).sites
        for decorator in facts.decorators:
            for value in self._resolver.evaluate(decorator, around, facts.owner):
                words = self._resolver.vocabulary.words(value)
                if words is not None and words[1].thread:
                    return True
            args = sites[decorator.site].args if isinstance(decorator, Result) else ()
            for arg in args:
                if any(map(self._is_async, self._resolver.evaluate(arg, around, facts.owner))):
                    return True
        return False

    def _is_async(self, value: Value) -> bool:
        return isinstance(value, ProjectFunction) and self._project.function(value.ref).is_async

    def _of_value(
        self,
        value: Value,
        index: int,
        site: Site,
        ref: FunctionRef,
        edges: list[Edge],
        sources: list[Source],
    ) -> None:
        if isinstance(value, ProjectFunction):
            sure = not isinstance(value.receiver, Object) or value.receiver.sure
            for concrete in self._resolver.hierarchy.implementations(value, ref):
                thread = self._is_handed_over(concrete.ref)
                receiver, rows = concrete.receiver, getattr(value.receiver, "rows", "")
                edges.append(Edge(index, concrete.ref, sure, thread, _class_of(receiver), rows))
            edges += self._callbacks_into(value.ref, index, site, ref)
        elif isinstance(value, Class):
            edges += self._constructors(value, index)
            for method in self._resolver.attribute((Object(value.ref, value.args),), "__init__"):
                words = self._resolver.vocabulary.words(method)
                if words is not None:
                    self._of_words(method, words, index, site, ref, edges, sources)
        elif isinstance(value, Object) and isinstance(value.of, ClassRef):
            for method in self._resolver.attribute((value,), "__call__"):
                if isinstance(method, ProjectFunction):
                    edges.append(Edge(index, method.ref))
        else:
            words = self._resolver.vocabulary.words(value)
            if words is not None:
                self._of_words(value, words, index, site, ref, edges, sources)

    def _of_words(
        self,
        value: Value,
        words: tuple[str, MemberWords],
        index: int,
        site: Site,
        ref: FunctionRef,
        edges: list[Edge],
        sources: list[Source],
    ) -> None:
        known = words[1]
        if self._has_run(value, index, site, ref):
            return
        receiver = getattr(value, "receiver", value)
        sure = receiver.sure if isinstance(receiver, Object) else True
        if site.kind == "index" and Literal("slice") in site.args:
            sure = False  # a part of a query may be a query itself, that has yet to be run
        own = False
        if isinstance(receiver, Object) and receiver.rows and _WRITE not in known.effects:
            is_query = self._resolver.is_of_owner(receiver)
            if is_query and receiver.rows == "loaded":
                return  # it has run already
            sure = sure and not (is_query and receiver.rows == "unknown")
            own = is_query and receiver.rows == "own"
        label = _label(value)
        for effect in known.effects:
            if effect == "blocking" and site.awaited:
                continue
            once = known.kept and self._is_bound_outside(site, ref)
            sources.append(
                Source(index, effect, label, sure, False, _class_of(receiver), once, own)
            )
        if known.effect_by_argument is not None:
            given = self._argument(site, known.effect_by_argument)
            values = self._resolver.evaluate(given, ref) if given is not None else ()
            kinds = self._resolver.vocabulary.statements(values)
            for kind in kinds:
                is_sure = sure and len(kinds) == 1
                sources.append(
                    Source(index, f"db.{kind}", label, is_sure, receiver=_class_of(receiver))
                )
        for position in known.later:
            given = self._argument(site, position)
            for called in self._resolver.evaluate(given, ref) if given is not None else ():
                if isinstance(called, ProjectFunction):
                    self.later.add(called.ref)
        for position in known.calls:
            for called in self._called_values(position, value, site, ref):
                for edge in self._edges_to(called, index):
                    edges.append(edge._replace(thread=known.thread))
                outside = self._resolver.vocabulary.words(called)
                for effect in outside[1].effects if outside is not None else ():
                    sources.append(Source(index, effect, _label(called), sure, known.thread))
        for position in known.evaluates:
            given = self._argument(site, position)
            if given is not None:
                used = Site("iter", Attr(given, "__iter__"), region=site.region)
                for iterated in self._resolver.evaluate(used.func, ref):
                    self._of_value(iterated, index, used, ref, edges, sources)

    def _has_run(self, value: Value, index: int, site: Site, ref: FunctionRef) -> bool:
        """Return whether a site uses the rows of a name that the code before has asked for."""
        base = site.func.base if isinstance(site.func, Attr) else None
        if not isinstance(base, Name) or not isinstance(value, Member):
            return False
        kept = self._resolver.vocabulary.member(value.type, "__iter__")
        if kept is None or not kept[1].kept:
            return False
        if not self._resolver.vocabulary.of_member(value).kept and value.name != "__getitem__":
            return False
        facts = self._project.function(ref)
        bound = [binding.value for binding in facts.bindings if binding.target == base]
        around = [-1, *_indices_around(facts, site.region)]
        return any(
            earlier.kind in ("iter", "bool")
            and isinstance(earlier.func, Attr)
            and earlier.func.base == base
            and earlier.region in around
            and all(isinstance(made, Result) and made.site < number for made in bound)
            for number, earlier in enumerate(facts.sites[:index])
        )

    def _is_bound_outside(self, site: Site, ref: FunctionRef) -> bool:
        """Return whether a site uses a plain name that no loop around it binds."""
        base = site.func.base if isinstance(site.func, Attr) else None
        if not isinstance(base, Name) or site.region < 0:
            return False
        facts = self._project.function(ref)
        loops = [r for r in _around(facts, site.region) if r.kind in ("for", "comprehension")]
        if any(base.id in loop.targets for loop in loops):
            return False
        return not any(
            binding.target == base
            and isinstance(binding.value, Result)
            and any(r in loops for r in _around(facts, facts.sites[binding.value.site].region))
            for binding in facts.bindings
        )

    @staticmethod
    def _argument(site: Site, position: int | str) -> Expr | None:
        if isinstance(position, str):
            return dict(site.keywords).get(position)
        return site.args[position] if position < len(site.args) else None

    def _handed_over(self, given: Expr | None, index: int, ref: FunctionRef) -> Iterable[Edge]:
        """Return the edges to functions that are passed as an argument and called there."""
        if given is None:
            return
        for value in self._resolver.evaluate(given, ref):
            yield from self._edges_to(value, index)

    def _edges_to(self, value: Value, index: int) -> Iterable[Edge]:
        if isinstance(value, ProjectFunction):
            for concrete in self._resolver.hierarchy.implementations(value):
                yield Edge(index, concrete.ref)
        elif isinstance(value, Class):
            yield from self._constructors(value, index)

    def _called_values(
        self, position: int | str, value: Value, site: Site, ref: FunctionRef
    ) -> Iterable[Value]:
        """Return what a known function calls: an argument, or a method of its own object."""
        if isinstance(position, str) and position.startswith("self."):
            receiver = getattr(value, "receiver", None)
            if receiver is None:
                return ()
            return self._resolver.attribute((receiver,), position.removeprefix("self."))
        given = self._argument(site, position)
        return self._resolver.evaluate(given, ref) if given is not None else ()

    def _callbacks_into(
        self, target: FunctionRef, index: int, site: Site, ref: FunctionRef
    ) -> Iterable[Edge]:
        """Return the edges to functions that a project function calls through its parameters."""
        facts = self._project.function(target)
        if not site.args and not site.keywords:
            return
        called = {s.func.id for s in facts.sites if s.kind == "call" and isinstance(s.func, Name)}
        params = [p for p in facts.params if p.kind == "positional"]
        if facts.owner >= 0 and params and params[0].name in ("self", "cls"):
            params = params[1:]
        given = list(zip((p.name for p in params), site.args, strict=False)) + list(site.keywords)
        for name, expr in given:
            if name in called:
                yield from self._handed_over(expr, index, ref)

    def _constructors(self, value: Class, index: int) -> Iterable[Edge]:
        for name in ("__init__", "__post_init__"):
            for method in self._resolver.attribute((Object(value.ref, value.args),), name):
                if isinstance(method, ProjectFunction):
                    yield Edge(index, method.ref)

    def _of_property(self, ref: FunctionRef, index: int, func: Attr, edges: list[Edge]) -> None:
        for value in self._resolver.evaluate(func.base, ref):
            if not isinstance(value, Object) or not isinstance(value.of, ClassRef):
                continue
            for above, _ in self._resolver.hierarchy.mro(value.of):
                if isinstance(above, str):
                    continue
                method = self._project.class_(above).methods.get(func.name)
                if method is not None:
                    target = FunctionRef(above.module, method)
                    if self._resolver.is_property(target):
                        edges.append(Edge(index, target, value.sure, rows=value.rows))
                    break

    def _wrappers(self, ref: FunctionRef, facts: FunctionFacts) -> Iterator[FunctionRef]:
        """Return the functions that the project's decorators put around a function."""
        around = FunctionRef(ref.module, max(facts.parent, 0))
        for decorator in facts.decorators:
            for value in self._resolver.evaluate(decorator, around, facts.owner):
                if isinstance(value, ProjectFunction) and not isinstance(decorator, Result):
                    values = self._resolver.returned(value)
                else:
                    values = (value,)
                for made in values:
                    if isinstance(made, ProjectFunction) and made.ref != ref:
                        nested = self._project.function(made.ref).parent > 0
                        if nested:
                            yield made.ref


def _regions(facts: FunctionFacts, index: int) -> Iterator[Region]:
    return _around(facts, facts.sites[index].region)


def _around(facts: FunctionFacts, region: int) -> Iterator[Region]:
    return (facts.regions[index] for index in _indices_around(facts, region))


def _indices_around(facts: FunctionFacts, region: int) -> Iterator[int]:
    while region >= 0:
        yield region
        region = facts.regions[region].parent


def _is_own(expr: Attr, facts: FunctionFacts) -> bool:
    """Return whether this is an attribute of the object whose method this is."""
    return expr.base == _self(facts)


def _self(facts: FunctionFacts) -> Expr | None:
    """Return the name by which a method knows its own object."""
    return Name(facts.params[0].name) if facts.owner >= 0 and facts.params else None


def _changes(target: Expr, facts: FunctionFacts) -> bool:
    """Return whether what is bound is an attribute of something else than the own object."""
    return isinstance(target, Attr) and not _is_own(target, facts)


def _may_be_none(expr: Expr | None, facts: FunctionFacts) -> bool:
    """Return whether an optional parameter is only passed on, or what may not have been found."""
    if isinstance(expr, Name):
        if any(param.name == expr.id and param.default is not None for param in facts.params):
            return True
        bound = [binding.value for binding in facts.bindings if binding.target == expr]
        return any(value == Name("None") or _may_be_missing(value, facts) for value in bound)
    return _may_be_missing(expr, facts)


def _may_be_missing(expr: Expr | None, facts: FunctionFacts) -> bool:
    """Return whether this is what a mapping has for a key, or None."""
    if not isinstance(expr, Result):
        return False
    site = facts.sites[expr.site]
    is_look_up = isinstance(site.func, Attr) and site.func.name in ("get", "pop")
    return is_look_up and site.args[1:] in ((), (Name("None"),))


def _is_in_steps(region: Region, facts: FunctionFacts) -> bool:
    """Return whether a loop goes over one batch after the other: `range(0, count, size)`."""
    if not isinstance(region.expr, Result):
        return False
    site = facts.sites[region.expr.site]
    # A step of -1 is no literal, and no batch.
    return site.func == Name("range") and len(site.args) == 3 and site.args[2] != Literal("")


def _is_named(region: Region, facts: FunctionFacts, patterns: Sequence[str]) -> bool:
    """Return whether a loop's names are like one of these: `for chunk in split(rows)`.

    Of what it runs over, only the plural counts: `for row in batch` is a loop over rows.
    """
    names = [*region.targets]
    if region.expr is not None:
        is_call = isinstance(region.expr, Result)
        names += [n for n in _names_in(region.expr, facts) if is_call or n.endswith("s")]
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _sleeps(facts: FunctionFacts, region: Region) -> bool:
    """Return whether a loop waits between its iterations."""
    return any(
        site.kind == "call"
        and getattr(site.func, "name", getattr(site.func, "id", "")) == "sleep"
        and region in _regions(facts, index)
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


def _class_of(receiver: object) -> ClassRef | None:
    if isinstance(receiver, Class):
        return receiver.ref
    of = receiver.of if isinstance(receiver, Object) else None
    return of if isinstance(of, ClassRef) else None


def _label(value: Value) -> str:
    if isinstance(value, External):
        return value.name.removeprefix("builtins.")
    if isinstance(value, Member):
        return f"{value.type.rsplit('.', 1)[-1]}.{value.name}"
    if isinstance(value, Object) and isinstance(value.of, str):
        return value.of.rsplit(".", 1)[-1]
    return ""
