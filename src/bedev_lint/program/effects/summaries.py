"""What the sites of a function do: whom they run, and which effects they have themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from msgspec.structs import replace

from bedev_lint.catalog import MemberSpec
from bedev_lint.model import Attr, FunctionFacts, Name, Site, is_slice
from bedev_lint.program.effects.alternatives import class_of, protocol_of, without_defaulted
from bedev_lint.program.effects.deferring import Deferring
from bedev_lint.program.effects.generators import Generators
from bedev_lint.program.effects.kinds import (
    READ,
    TRANSACTION,
    Edge,
    EffectSource,
    FunctionEffects,
    SiteVisit,
)
from bedev_lint.program.effects.loading import Loading, argument_of, key_asked_for
from bedev_lint.program.effects.loop_targets import values_within_loops
from bedev_lint.program.effects.nesting import is_waited_for, reached
from bedev_lint.program.effects.relation_reads import RelationReads
from bedev_lint.program.effects.statements import Statements
from bedev_lint.program.effects.threads import Threads
from bedev_lint.program.effects.transactions import Transactions
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.calls import of_itself
from bedev_lint.program.resolve.decorators import wrappers
from bedev_lint.program.resolve.managed import managed_rows
from bedev_lint.program.resolve.relations import Relation
from bedev_lint.program.resolve.typed import typed
from bedev_lint.program.resolve.unknown_rows import asked_of_unknown
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    FunctionRef,
    Object,
    ProjectFunction,
    Value,
    Values,
    label_of,
)
from bedev_lint.reachability import reachable

__all__ = ["Summaries"]

# So many methods are followed that known ones call of their own objects.
_MOST = 20


class Summaries:
    """Resolves what functions do.

    `effective` are the names of methods outside the project whose call may matter, `relations`
    those that are loaded when they are read, and `made` what they make at their other end, by name.
    """

    def __init__(
        self,
        project: Project,
        resolver: Resolver,
        effective: frozenset[str],
        relations: Mapping[str, Sequence[Relation]],
        made: Mapping[str, Collection[str]],
    ) -> None:
        self._project, self._resolver, self._effective = project, resolver, effective
        self._relations = relations
        self._transactions = Transactions(project, resolver)
        self._loading = Loading(project, resolver, made)
        self._reads = RelationReads(project, resolver, self._loading, relations)
        self._threads = Threads(project, resolver)
        self._deferring = Deferring(project, resolver)
        self._generators = Generators(project, resolver)
        self._statements = Statements(project, resolver)
        # Functions that are handed over to be called some other time.
        self.later: set[FunctionRef] = set()

    def of(self, ref: FunctionRef, facts: FunctionFacts) -> FunctionEffects:
        """Return what a function does itself."""
        edges: list[Edge] = []
        sources: list[EffectSource] = []
        for index, site in reached(facts):
            name = site.func.name if isinstance(site.func, Attr) else ""
            if site.kind == "call":
                if not name or name in self._project.defined or name in self._effective:
                    self._of_call(SiteVisit(ref, index, site, edges, sources))
            elif site.kind == "get":
                if name in self._project.properties or name in self._relations:
                    self._of_read(SiteVisit(ref, index, site, edges, sources))
            elif site.kind != "yield":
                self._of_other(SiteVisit(ref, index, site, edges, sources))
        for label, groups in self._transactions.decorator_regions(ref, facts):
            sources.append(EffectSource(-1, TRANSACTION, f"@{label}", groups=groups))
        for wrapper in wrappers(self._resolver, ref, facts):
            edges.append(Edge(-1, wrapper))
        sites = {*(edge.site for edge in edges), *(source.site for source in sources)} - {-1}
        return FunctionEffects(
            tuple(dict.fromkeys(edges)),
            tuple(dict.fromkeys(sources)),
            tuple(site for site in sorted(sites) if facts.sites[site].always),
            facts.raises,
        )

    # ------------------------------------------------------------------ kinds of sites

    def _of_call(self, visit: SiteVisit) -> None:
        values = values_within_loops(self._resolver, visit.site.func, visit)
        values = values or asked_of_unknown(self._resolver, visit.site, visit.ref)
        values = without_defaulted(self._resolver, values)
        for value in self._awaited(values) if visit.site.awaited else values:
            self._of_value(value, visit)

    def _of_read(self, visit: SiteVisit) -> None:
        func = visit.site.func
        assert isinstance(func, Attr)
        if func.name in self._project.properties:
            self._of_property(func, visit)
        if func.name in self._relations:
            visit.sources.extend(self._reads.sources(func, visit))

    def _of_other(self, visit: SiteVisit) -> None:
        func = visit.site.func
        if visit.site.kind == "enter" and isinstance(func, Attr):
            for label, groups in self._transactions.transaction_of(func.base, visit.ref):
                visit.sources.append(EffectSource(visit.index, TRANSACTION, label, groups=groups))
        for value in protocol_of(self._resolver, func, visit):
            self._of_value(value, visit)

    def _of_property(self, func: Attr, visit: SiteVisit) -> None:
        for value in self._resolver.evaluate(func.base, visit.ref):
            if not isinstance(value, Object) or not isinstance(value.of, ClassRef):
                continue
            for target in self._resolver.getters(value, func.name):
                for one, through in self._behind(ProjectFunction(target, value), visit.ref):
                    visit.edges.append(
                        Edge(
                            visit.index,
                            one.ref,
                            value.certain,
                            loading=self._loading.of_receiver(value, visit),
                            through=through,
                        )
                    )

    # ------------------------------------------------------------------ what a site runs

    def _is_off_loop(self, ref: FunctionRef, site: Site) -> bool:
        """Return whether a function that a site calls runs in another thread."""
        threads = self._threads
        return threads.is_handed_over(ref) or (site.awaited and threads.is_made_awaitable(ref))

    def _is_async(self, function: ProjectFunction) -> bool:
        return self._project.function(function.ref).is_async

    def _awaited(self, values: Values) -> Iterable[Value]:
        """Return what is run by awaiting a call of these: what is async, if any of them is."""
        functions = [value for value in values if isinstance(value, ProjectFunction)]
        run = [one for function in functions for one in self._resolver.awaited(function)]
        are_async = [one for one in run if self._is_async(one)]
        return (*(value for value in values if value not in functions), *(are_async or functions))

    def _of_value(self, value: Value, visit: SiteVisit) -> None:
        index, edges = visit.index, visit.edges
        if isinstance(value, ProjectFunction):
            certain = not isinstance(value.receiver, Object) or value.receiver.certain
            for kind, is_only in self._statements.run_by(value, visit):
                name = self._project.function(value.ref).qualname
                made = EffectSource(index, f"db.{kind}", name, certain and is_only)
                visit.sources.append(made)
            for concrete, through in self._behind(value, visit.ref):
                if self._generators.runs_little(concrete.ref, visit):
                    continue
                if visit.site.kind == "call" and self._deferring.is_queued(concrete.ref):
                    continue
                thread = self._is_off_loop(concrete.ref, visit.site) or (
                    self._generators.is_given_on(concrete.ref, visit)
                )
                receiver, loading = (
                    class_of(concrete.receiver),
                    self._loading.of_receiver(value.receiver, visit),
                )
                edges.append(Edge(index, concrete.ref, certain, thread, receiver, loading, through))
                self._of_callbacks_into(concrete.ref, visit, thread=thread)
        elif isinstance(value, Class):
            edges += self._constructors(value, index)
            for method in self._resolver.attribute((Object(value.ref, value.args),), "__init__"):
                self._of_known(method, visit)
        elif isinstance(value, Object) and isinstance(value.of, ClassRef):
            for method in self._resolver.attribute((value,), "__call__"):
                if isinstance(method, ProjectFunction):
                    for one, through in self._behind(method, visit.ref):
                        edges.append(Edge(index, one.ref, through=through))
        else:
            self._of_known(value, visit)

    def _behind(
        self, function: ProjectFunction, ref: FunctionRef | None = None
    ) -> Iterable[tuple[ProjectFunction, FunctionRef | None]]:
        """Return what a method stands for, and the method itself where that is of an interface."""
        implementations = self._resolver.implementations(function, ref)
        through = function.ref if implementations != [function] else None
        return ((one, through) for one in implementations)

    # ------------------------------------------------------------------ what vocabularies say

    def _of_known(self, value: Value, visit: SiteVisit) -> None:
        """Add what a site does that uses a function or method outside the project, if known."""
        site, spec = visit.site, self._resolver.vocabulary.spec(value)
        if spec is None or self._loading.has_run(value, visit):
            return
        receiver = getattr(value, "receiver", value)
        if spec.of_class and isinstance(receiver, Object):
            return  # a name for rows and for dicts: `row.get(key)` is a dict's
        loading = self._loading.loading_of(receiver, spec)
        if loading == "loaded" or (not spec.anew and self._loading.has_loaded(receiver, visit)):
            return  # it has run already
        certain = (receiver.certain if isinstance(receiver, Object) else True) and (
            loading != "unknown" or not self._loading.may_have_come(visit)
        )
        if site.kind == "index" and is_slice(site.args):
            certain = False  # a part of a query may be a query itself, that has yet to be run
        label, owner, own = label_of(value), class_of(receiver), loading == "own"
        loaded = own and self._loading.is_loaded_somewhere(visit)
        stated = self._statements.given_to(spec, visit)
        for effect in _effects_at(spec, visit, self._project.function(visit.ref)):
            if effect == READ and stated and all(kind != "read" for kind, _ in stated):
                continue  # `INSERT … RETURNING`: what it gives is what it has written
            if effect != "blocking" or not site.awaited:
                once = spec.kept and self._loading.is_bound_outside(site, visit.ref)
                made = EffectSource(visit.index, effect, label, certain, False, owner, once, own)
                used = _parameter_used(site, self._project.function(visit.ref))
                run = self._statements.parameter_run(spec, visit) if effect == READ else ""
                key = key_asked_for(site, spec)
                made = replace(made, loaded=loaded, parameter=used, statement=run, key=key)
                visit.sources.append(made)
        for kind, is_only in stated:  # who is given a statement is what its name says
            made = EffectSource(visit.index, f"db.{kind}", label, is_only, receiver=owner)
            visit.sources.append(made)
        for position in spec.later:
            self._note_later(self._argument_values(position, visit))
        for position in spec.calls:
            self._of_called(position, value, spec.thread, certain, visit)
        for position in spec.evaluates:
            self._of_iterated(position, visit)

    def _note_later(self, called: Values) -> None:
        self.later.update(value.ref for value in called if isinstance(value, ProjectFunction))

    def _of_called(
        self, position: int | str, value: Value, thread: bool, certain: bool, visit: SiteVisit
    ) -> None:
        """Add what a known function calls: an argument, or a method of its own object.

        And what that calls of its object in its turn, as long as nothing of it is of the project.
        """
        for own in of_itself(self._resolver, (value,), visit.site, visit.ref):
            called = self._called_values(position, own, visit)
            for one in islice(reachable(called, self._own_calls), _MOST):
                self._of_handed(one, visit, thread=thread, certain=certain)

    def _own_calls(self, value: Value) -> Iterator[Value]:
        """Return the methods that a known one calls of its object, or of what that holds."""
        spec = self._resolver.vocabulary.spec(value)
        for position in spec.calls if spec is not None else ():
            yield from self._own_method(position, value)

    def _own_method(self, position: int | str, value: Value) -> Values:
        """Return a method that a known one calls of its object, or of the one that this holds.

        Which of several it would be, chosen by what is done, nobody knows.
        """
        held, _, method = position.rpartition(".") if isinstance(position, str) else ("", "", "")
        receiver = getattr(value, "receiver", None)
        if receiver is None or held.partition(".")[0] != "self":
            return ()
        receivers = (receiver,) if held == "self" else typed(self._resolver, held, receiver)
        return self._resolver.attribute(receivers, method) if len(receivers) == 1 else ()

    def _of_handed(
        self,
        value: Value,
        visit: SiteVisit,
        *,
        thread: bool = False,
        certain: bool = True,
        transaction: bool = False,
    ) -> None:
        """Add what a function does that is handed to the one that a site calls, and called there.

        `thread` says that it runs in a thread of its own, `transaction` that it is called in a
        transaction, which is only known of functions of the project.
        """
        for edge in self._edges_to(value, visit.index):
            visit.edges.append(replace(edge, thread=thread, transaction=transaction))
        spec = self._resolver.vocabulary.spec(value)
        label, owner = label_of(value), class_of(getattr(value, "receiver", None))
        for effect in spec.effects if spec is not None else ():
            visit.sources.append(EffectSource(visit.index, effect, label, certain, thread, owner))

    def _of_iterated(self, position: int, visit: SiteVisit) -> None:
        """Add what iterating over an argument does."""
        argument = argument_of(visit.site, position)
        if argument is not None:
            used = Site("iter", Attr(argument, "__iter__"), region=visit.site.region)
            for iterated in self._resolver.evaluate(used.func, visit.ref):
                self._of_value(iterated, replace(visit, site=used))

    def _argument_values(self, position: int | str, visit: SiteVisit) -> Values:
        """Return what an argument may be."""
        argument = argument_of(visit.site, position)
        return self._resolver.evaluate(argument, visit.ref) if argument is not None else ()

    def _edges_to(self, value: Value, index: int) -> Iterable[Edge]:
        if isinstance(value, ProjectFunction):
            for concrete, through in self._behind(value):
                yield Edge(index, concrete.ref, through=through)
        elif isinstance(value, Class):
            yield from self._constructors(value, index)

    def _called_values(
        self, position: int | str, value: Value, visit: SiteVisit
    ) -> Iterable[Value]:
        """Return what a known function calls: an argument, its own method, or the rows' own."""
        of, _, method = position.partition(".") if isinstance(position, str) else ("", "", "")
        receiver = getattr(value, "receiver", None)
        if not method:
            return self._argument_values(position, visit)
        if of.isdigit():
            return self._resolver.attribute(self._argument_values(int(of), visit), method)
        if of == "self":
            return self._own_method(position, value)
        if receiver is None:
            return ()
        rows = receiver.args[0] if receiver.args else managed_rows(receiver, self._resolver)
        called = self._resolver.attribute(rows, method)
        return (one for one in called if isinstance(one, ProjectFunction))

    def _of_callbacks_into(self, target: FunctionRef, visit: SiteVisit, *, thread: bool) -> None:
        """Add what functions do that a project function calls through its parameters."""
        site = visit.site
        if not site.args and not site.keywords:
            return
        facts, called = self._project.function(target), self._project.called_in(target)
        params = [p for p in facts.params if p.kind == "positional"]
        if facts.owner >= 0 and params and params[0].name in ("self", "cls"):
            params = params[1:]
        arguments = list(zip((p.name for p in params), site.args, strict=False)) + list(
            site.keywords
        )
        for name, expr in arguments:
            if self._deferring.defers(target, name):
                self._note_later(self._resolver.evaluate(expr, visit.ref))
            elif name in called:
                opens = self._calls_in_transaction(target, name)
                for value in self._resolver.evaluate(expr, visit.ref):
                    self._of_handed(value, visit, thread=thread, transaction=opens)

    def _calls_in_transaction(self, ref: FunctionRef, name: str) -> bool:
        """Return whether a function calls its parameter in transactions that it opens."""
        sites = enumerate(self._project.function(ref).sites)
        calls = [i for i, site in sites if site.kind == "call" and site.func == Name(name)]
        return bool(calls) and all(self._transactions.in_transaction(ref, i) for i in calls)

    def _constructors(self, value: Class, index: int) -> Iterable[Edge]:
        for name in ("__init__", "__post_init__"):
            for method in self._resolver.attribute((Object(value.ref, value.args),), name):
                if isinstance(method, ProjectFunction):
                    yield Edge(index, method.ref)


def _effects_at(spec: MemberSpec, visit: SiteVisit, facts: FunctionFacts) -> Iterable[str]:
    """Return the effects of a call, with those that it has as it stands there."""
    yield from spec.effects
    yield from (e for name, e in spec.effect_with.items() if name in dict(visit.site.keywords))
    if spec.effect_waited and is_waited_for(visit.index, facts):
        yield spec.effect_waited


def _parameter_used(site: Site, facts: FunctionFacts) -> str:
    """Return the parameter without annotation of which a site uses a protocol, or ""."""
    base = site.func.base if site.kind != "call" and isinstance(site.func, Attr) else None
    if not isinstance(base, Name) or facts.bound_to(base):
        return ""
    is_given = any(p.name == base.id and p.annotation is None for p in facts.params)
    return base.id if is_given else ""
