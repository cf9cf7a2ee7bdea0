"""What the sites of a function do: whom they run, and which effects they have themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bedev_lint.catalog import Member as MemberWords
from bedev_lint.model import Attr, Expr, FunctionFacts, Literal, Name, Result, Site
from bedev_lint.program.effects import TRANSACTION, WRITE, Edge, FunctionEffects, Source
from bedev_lint.program.index import is_property
from bedev_lint.program.project import Project
from bedev_lint.program.regions import indices_around, regions_around, regions_of
from bedev_lint.program.relations import Relation
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.transactions import Transactions
from bedev_lint.program.values import (
    Class,
    ClassRef,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    Value,
    label_of,
)

__all__ = ["Summaries"]


class Summaries:
    """Resolves what functions do. `interesting` are the names whose call may matter."""

    def __init__(
        self,
        project: Project,
        resolver: Resolver,
        interesting: frozenset[str],
        relations: Mapping[str, Sequence[Relation]],
    ) -> None:
        self._project, self._resolver, self._interesting = project, resolver, interesting
        self._relations = relations
        self._transactions = Transactions(project, resolver)
        # Functions that are handed over to be called some other time.
        self.later: set[FunctionRef] = set()

    def of(self, ref: FunctionRef, facts: FunctionFacts) -> FunctionEffects:
        """Return what a function does itself."""
        edges: list[Edge] = []
        sources: list[Source] = []
        for index, site in enumerate(facts.sites):
            if site.kind == "call":
                if isinstance(site.func, Attr) and site.func.name not in self._interesting:
                    continue
                self._of_call(ref, index, site, edges, sources)
            elif site.kind == "get":
                if isinstance(site.func, Attr) and site.func.name in self._project.properties:
                    self._of_property(ref, index, site.func, edges)
                if isinstance(site.func, Attr) and site.func.name in self._relations:
                    self._of_relation(ref, index, site.func, sources)
            elif site.kind != "yield":
                if site.kind == "enter" and isinstance(site.func, Attr):
                    for label in self._transactions.transaction_of(site.func.base, ref):
                        sources.append(Source(index, TRANSACTION, label))
                for value in self._resolver.evaluate(site.func, ref):
                    self._of_value(value, index, site, ref, edges, sources)
        for label in self._transactions.decorator_regions(ref, facts):
            sources.append(Source(-1, TRANSACTION, f"@{label}"))
        for wrapper in self._wrappers(ref, facts):
            edges.append(Edge(-1, wrapper))
        sites = {*(edge.site for edge in edges), *(source.site for source in sources)} - {-1}
        return FunctionEffects(
            tuple(dict.fromkeys(edges)),
            tuple(dict.fromkeys(sources)),
            tuple(site for site in sorted(sites) if facts.sites[site].always),
            facts.raises,
        )

    def _of_relation(self, ref: FunctionRef, index: int, func: Attr, sources: list[Source]) -> None:
        """Add what it costs to read a relation of an element that was loaded without it."""
        facts = self._project.function(ref)
        base = func.base
        if not isinstance(base, Name) or not any(
            base.id in region.targets for region in regions_of(facts, index)
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
        for decorator in facts.decorators:
            for value in self._resolver.evaluate(decorator, around, facts.owner):
                words = self._resolver.vocabulary.words(value)
                if words is not None and words[1].thread:
                    return True
            if not isinstance(decorator, Result):
                continue
            for arg in self._project.site(around, decorator.site).args:
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
        if isinstance(receiver, Object) and receiver.rows and WRITE not in known.effects:
            is_query = self._resolver.is_of_owner(receiver)
            if is_query and receiver.rows == "loaded":
                return  # it has run already
            sure = sure and not (is_query and receiver.rows == "unknown")
            own = is_query and receiver.rows == "own"
        label = label_of(value)
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
                    sources.append(Source(index, effect, label_of(called), sure, known.thread))
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
        around = [-1, *indices_around(facts, site.region)]
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
        loops = [
            r for r in regions_around(facts, site.region) if r.kind in ("for", "comprehension")
        ]
        if any(base.id in loop.targets for loop in loops):
            return False
        return not any(
            binding.target == base
            and isinstance(binding.value, Result)
            and any(
                r in loops for r in regions_around(facts, facts.sites[binding.value.site].region)
            )
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
                    if is_property(self._project.function(target).decorators):
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


def _class_of(receiver: object) -> ClassRef | None:
    if isinstance(receiver, Class):
        return receiver.ref
    of = receiver.of if isinstance(receiver, Object) else None
    return of if isinstance(of, ClassRef) else None
