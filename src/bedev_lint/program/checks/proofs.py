"""What only the program can show of a piece of syntax: what it reaches, is, or is part of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from bedev_lint.catalog import Catalog
from bedev_lint.model import (
    Attr,
    Expr,
    FunctionFacts,
    Name,
    Need,
    Result,
    Site,
    TupleOf,
    last_name,
)
from bedev_lint.names import any_match
from bedev_lint.program.checks.error_handlers import ErrorHandlers
from bedev_lint.program.checks.giving import Giving
from bedev_lint.program.checks.mentions import Mentions, prefixes
from bedev_lint.program.checks.overriding import Overriding
from bedev_lint.program.checks.propagating import Propagating
from bedev_lint.program.checks.retrying import Retrying
from bedev_lint.program.checks.telling import Telling
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.contexts import Contexts
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.coverage import NOTHING, PROJECT, THIRD_PARTY, Calls
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    FunctionRef,
    Object,
    ProjectFunction,
    Value,
)
from bedev_lint.reachability import reachable

__all__ = ["Proofs"]

# So many functions that lead to one are looked at.
_MOST = 500


class _Question(NamedTuple):
    """Whether a need of a function is met: see `Proofs.holds`."""

    ref: FunctionRef
    need: Need
    wanted: tuple[str, ...]
    registering: tuple[str, ...]
    endpoints: tuple[str, ...]


_Proof = Callable[[_Question], bool]


class Proofs:
    """Says whether what a finding needs is so."""

    def __init__(
        self, project: Project, catalog: Catalog, graph: CallGraph, resolver: Resolver
    ) -> None:
        self._project, self._graph, self._resolver = project, graph, resolver
        self._contexts = Contexts(project, catalog, resolver, graph)
        self._naming = Naming(project, resolver)
        self._calls = Calls(project, catalog, resolver)
        self._telling = Telling(project, graph, resolver)
        self._overriding = Overriding(project, catalog)
        self._error_handlers = ErrorHandlers(project, resolver)
        self._propagating = Propagating(project, graph, resolver, self._contexts)
        self._mentions = Mentions(project, graph)
        self._retrying = Retrying(project, graph, resolver)
        self._giving = Giving(project, graph)
        self._proofs: dict[str, _Proof] = {
            "within": self._within,
            "handed": self._handed,
            "reach": self._reach,
            "may-reach": self._may_reach,
            "always": self._always,
            "given": self._given,
            "never": self._never,
            "untold": self._untold,
            "stays": self._stays,
            "not-retried": self._not_retried,
            "comes-to": self._comes_to,
            "blames": self._blames,
            "no-error": self._no_error,
            "no-row": self._no_row,
            "is": self._is_one,
            "none": self._none,
            "answers": self._answers,
            "raises": self._raises,
            "takes-few": self._takes_few,
        }

    def holds(
        self,
        module: int,
        need: Need,
        wanted: tuple[str, ...],
        registering: tuple[str, ...],
        endpoints: tuple[str, ...],
    ) -> bool:
        """Return whether a need of something in a module is met.

        `wanted` is what the rule lists for it, `registering` are the names of calls that give the
        framework a handler for an exception, `endpoints` the contexts of what it calls itself.
        """
        ref = FunctionRef(module, need.function)
        return self._proofs[need.proof](_Question(ref, need, wanted, registering, endpoints))

    def _within(self, asked: _Question) -> bool:
        return self._contexts.any_holds(asked.ref, asked.wanted)

    def _handed(self, asked: _Question) -> bool:
        """Return whether a function of the module that is of such a context comes to this one."""

        def callers(ref: FunctionRef) -> list[FunctionRef]:
            own = {by for by, _ in self._graph.callers(ref) if by.module == ref.module}
            return sorted(own)

        leading = islice(reachable([asked.ref], callers), _MOST)
        return any(self._contexts.any_holds(ref, asked.wanted) for ref in leading)

    def _reach(self, asked: _Question) -> bool:
        return any(self._graph.site_comes_to(*place, asked.wanted) for place in _places(asked))

    def _may_reach(self, asked: _Question) -> bool:
        """Return whether a site comes to one of these effects, or calls no code of the project."""
        for called, index in _places(asked):
            site = self._project.site(called, index)
            is_foreign = site.kind == "call" and self._calls.resolution(site, called).to != PROJECT
            if is_foreign or self._graph.site_comes_to(called, index, asked.wanted):
                return True
        return False

    def _always(self, asked: _Question) -> bool:
        return any(
            self._graph.site_comes_to(*place, asked.wanted)
            and self._graph.is_always(*place, asked.wanted)
            for place in _places(asked)
        )

    def _given(self, asked: _Question) -> bool:
        return any(
            self._giving.may_give(asked.ref, name, asked.wanted) for name in asked.need.names
        )

    def _never(self, asked: _Question) -> bool:
        return not self._mentions.soon(asked.ref, asked.wanted) and self._knows_takers(
            asked.ref, asked.need.names
        )

    def _untold(self, asked: _Question) -> bool:
        caught = [[*self._values(name, asked.ref)] for name in asked.need.names]
        return not all(caught) or not self._telling.is_told(
            [*chain(*caught)], asked.ref.module, asked.need.sites, asked.wanted
        )

    def _stays(self, asked: _Question) -> bool:
        return not self._overriding.is_replaced(asked.ref.module, asked.need.names, asked.wanted)

    def _not_retried(self, asked: _Question) -> bool:
        places = [*_places(asked)]
        return any(
            facts.qualname in asked.need.names
            and self._retrying.is_missing(cls, places, asked.wanted)
            for cls, facts in self._project.classes(asked.ref.module)
        )

    def _comes_to(self, asked: _Question) -> bool:
        return all(self._calls_one(ref, asked.wanted) for ref in self._functions(asked))

    def _blames(self, asked: _Question) -> bool:
        """Return whether an answer is made by a function that blames the client, or a class."""
        told = asked.wanted, asked.registering
        for name in asked.need.names:
            values = [*self._values(name, asked.ref)]
            makers = [value.ref for value in values if isinstance(value, ProjectFunction)]
            if makers:  # what it is a method of says nothing of that
                return all(self._error_handlers.always_answers_with(one, *told) for one in makers)
            classes = (value.ref for value in values if isinstance(value, Class))
            if any(self._error_handlers.is_answered_with(one, *told) for one in classes):
                return True
        return False

    def _no_error(self, asked: _Question) -> bool:
        return not any(
            isinstance(value, ProjectFunction)
            and self._is(value, asked.wanted)
            and self._error_handlers.always_answers_with(value.ref, asked.wanted, asked.registering)
            for value in self._named(asked)
        )

    def _no_row(self, asked: _Question) -> bool:
        return not any(
            isinstance(value, Object)
            and isinstance(value.of, ClassRef)
            and self._resolver.is_mapped(value.of)
            for value in self._named(asked)
        )

    def _is_one(self, asked: _Question) -> bool:
        return any(self._is(value, asked.wanted) for value in self._named(asked))

    def _none(self, asked: _Question) -> bool:
        return not self._is_one(asked) and not self._gives_nothing(asked)

    def _gives_nothing(self, asked: _Question) -> bool:
        """Return whether these are all functions of the project, and none returns anything.

        A method may do so in a class below.
        """
        named = [*self._named(asked)]
        functions = [self._project.function(ref) for ref in self._functions(asked)]
        return len(named) == len(functions) > 0 and all(
            facts.owner < 0
            and facts.yields is None
            and not (facts.results or facts.raises or facts.decorators)
            and bool(facts.sites)  # else it only stands for another one
            for facts in functions
        )

    def _answers(self, asked: _Question) -> bool:
        named = [*self._named(asked)]
        made = [index for ref, index in _places(asked) if ref == asked.ref]
        errors = [*self._classes(named)]
        if any(self._is(value, asked.wanted) for value in named):
            return not errors or any(
                self._propagating.may_leave(asked.ref, made, one.ref, asked.endpoints)
                for one in errors
            )
        handled = self._error_handlers.handled(asked.registering) if errors else frozenset()
        return any(
            self._is(error, asked.wanted, handled)
            and self._propagating.comes_to(asked.ref, made, error.ref, asked.endpoints)
            for error in errors
        )

    def _raises(self, asked: _Question) -> bool:
        """Return whether this is a function that never comes back, and tells what it is given."""
        return any(
            self._project.function(ref).raises
            and any(
                self._is(value, asked.wanted)
                for site in self._project.function(ref).sites
                if site.kind == "call" and _is_told(site, self._project.function(ref))
                for value in self._resolver.evaluate(site.func, ref)
                if not isinstance(value, ProjectFunction)
            )
            for ref in self._functions(asked)
        )

    def _takes_few(self, asked: _Question) -> bool:
        params = (self._project.function(ref).params for ref in self._functions(asked))
        kinds = ({param.kind for param in one} for one in params)
        # What has both may hand them on to a look-up that takes few.
        return not any("args" in of_one and "kwargs" not in of_one for of_one in kinds)

    def _functions(self, asked: _Question) -> Iterator[FunctionRef]:
        return (v.ref for v in self._named(asked) if isinstance(v, ProjectFunction))

    def _named(self, asked: _Question) -> Iterator[Value]:
        return (value for name in asked.need.names for value in self._values(name, asked.ref))

    def _calls_one(self, ref: FunctionRef, names: tuple[str, ...]) -> bool:
        """Return whether a method comes to a call of what is named so, or leaves it to a library.

        That is, to the method of the same name above it, which is no code of the project.
        """
        facts = self._project.function(ref)
        return self._mentions.on_the_way(ref, names) or any(
            _is_of_super(site, facts)
            and not any(
                isinstance(value, ProjectFunction)
                for value in self._resolver.evaluate(site.func, ref)
            )
            for site in facts.sites
        )

    def _knows_takers(self, ref: FunctionRef, names: tuple[str, ...]) -> bool:
        """Return whether all is known that is given one of these names, or what is read of it."""
        return not any(
            site.kind == "call"
            and any(_root(given) in names for given in (*site.args, *(v for _, v in site.keywords)))
            and self._calls.resolution(site, ref).to in (NOTHING, THIRD_PARTY)
            for site in self._project.function(ref).sites
        )

    def _classes(self, values: Iterable[Value]) -> Iterator[Class]:
        """Return the classes of the project among values and what functions make to return it."""
        for value in values:
            made = self._made_behind(value.ref) if isinstance(value, ProjectFunction) else (value,)
            yield from (one for one in made if isinstance(one, Class))

    def _values(self, name: str, ref: FunctionRef) -> Iterator[Value]:
        first, *others = name.split(".")
        expr: Expr = Name(first)
        for other in others:
            expr = Attr(expr, other)
        yield from self._resolver.evaluate(expr, ref)

    def _is(
        self, value: Value, wanted: tuple[str, ...], handled: frozenset[ClassRef] = frozenset()
    ) -> bool:
        """Return whether a value, or a class above it, is one of these, or has a handler.

        A function of the project is what it calls to return what comes of that.
        """
        if self._naming.is_one(value, wanted):
            return True
        if isinstance(value, ProjectFunction):
            return any(self._is(made, wanted, handled) for made in self._made_behind(value.ref))
        if not isinstance(value, Class):
            return False
        above = {ref for ref, _ in self._resolver.hierarchy.mro(value.ref)}
        names = self._resolver.hierarchy.names_above(value.ref)
        return any_match(names, wanted) or not above.isdisjoint(handled)

    def _made_behind(self, start: FunctionRef) -> Iterator[Value]:
        """Return what is called for what a function returns, or for what those that it calls do.

        And what they say that they return. None of that is of the project. Of a tuple it is the
        first element: `jsonify(…), 400`.
        """
        return (
            value
            for ref in islice(reachable([start], self._functions_behind), _MOST)
            for value in self._called_behind(ref)
            if not isinstance(value, ProjectFunction)
        )

    def _functions_behind(self, ref: FunctionRef) -> Iterator[FunctionRef]:
        called = self._called_behind(ref)
        return (value.ref for value in called if isinstance(value, ProjectFunction))

    def _called_behind(self, ref: FunctionRef) -> Iterator[Value]:
        facts = self._project.function(ref)
        if facts.returns is not None:
            yield from self._resolver.evaluate(facts.returns, ref)
        for func in _called_for(facts):
            yield from self._resolver.evaluate(func, ref)


def _called_for(facts: FunctionFacts) -> Iterator[Expr]:
    """Return what a function calls for what it returns: `return f()`, `r = f()`, `return r`."""
    for result in facts.results:
        first = result.items[0] if isinstance(result, TupleOf) and result.items else result
        made = facts.bound_to(first) if isinstance(first, Name) else [first]
        yield from (facts.sites[one.site].func for one in made if isinstance(one, Result))


def _places(asked: _Question) -> Iterator[tuple[FunctionRef, int]]:
    """Return the sites that a need speaks of, each with its function."""
    sites, module = asked.need.sites, asked.ref.module
    return ((FunctionRef(module, site.function), site.site) for site in sites)


def _is_told(site: Site, facts: FunctionFacts) -> bool:
    """Return whether a call is given a parameter of its function, other than as a status."""
    names = {param.name for param in facts.params}
    given = (value for name, value in site.keywords if "status" not in name)
    return any(isinstance(one, Name) and one.id in names for one in (*site.args[1:], *given))


def _is_of_super(site: Site, facts: FunctionFacts) -> bool:
    """Return whether a call in a method is one of the same method above: `super().close()`."""
    func = site.func
    if not isinstance(func, Attr) or func.name != facts.name or not isinstance(func.base, Result):
        return False
    return facts.sites[func.base.site].func == Name("super")


def _root(expr: Expr) -> str:
    return last_name([*prefixes(expr)][-1])
