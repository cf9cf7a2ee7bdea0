"""Which exceptions of the project the framework has a handler for, and what that answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice

from bedev_lint.model import Either, Expr, FunctionFacts, Name, Result, Site, TupleOf
from bedev_lint.names import any_match
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.statuses import statuses_in
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    FunctionRef,
    ProjectFunction,
    Values,
)
from bedev_lint.reachability import reachable
from bedev_lint.source import BROAD

__all__ = ["ErrorHandlers"]

_ISINSTANCE = Name("isinstance")
# How the attribute of a class is called under which frameworks look for the status of its objects.
_STATUS_NAMES = ("status_code", "status", "http_status", "code")
# So many functions that one leaves its answer to are looked at.
_MOST = 20


class ErrorHandlers:
    """Answers which classes are handled, looking at each name of a registering call once."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        self._registered: dict[tuple[str, ...], frozenset[ClassRef]] = {}
        self._statuses: dict[tuple[str, ...], dict[ClassRef, frozenset[int]]] = {}

    def handled(self, registering: tuple[str, ...]) -> frozenset[ClassRef]:
        """Return the classes of the project that are given a handler by one of these calls."""
        if registering not in self._registered:
            self._registered[registering] = frozenset(self._given_handler(registering))
        return self._registered[registering]

    def is_answered_with(
        self, error: ClassRef, wanted: tuple[str, ...], registering: tuple[str, ...]
    ) -> bool:
        """Return whether the framework answers an exception with a status that is wanted.

        The class, or the nearest above it, says so, or the handler that is nearest to it; `wanted`
        are statuses and dotted names of classes that the framework answers with one.
        """
        above, answered = self._resolver.hierarchy.mro(error), self.statuses(registering)
        handled = next((cls for cls, _ in above if cls in answered), None)
        for cls, _ in above:
            if isinstance(cls, str):
                if any_match((cls,), wanted):
                    return True
                continue
            bound = (self._project.bound_in_class(cls, name) or () for name in _STATUS_NAMES)
            own = [str(s) for value in chain.from_iterable(bound) for s in statuses_in(value)]
            if own:
                return own[0] in wanted
            if cls == handled and answered[cls]:
                return all(str(status) in wanted for status in answered[cls])
        return False

    def always_answers_with(
        self, maker: FunctionRef, wanted: tuple[str, ...], registering: tuple[str, ...]
    ) -> bool:
        """Return whether whatever a function returns is a response, or error, of a wanted status.

        It writes that itself, or leaves it to a function or class of the project.
        """
        makers = [*islice(reachable([maker], self._makers_behind), _MOST)]
        return any(self._makes_itself(ref) for ref in makers) and all(
            self._is_made_with(ref, wanted, registering) for ref in makers
        )

    def _makes_itself(self, ref: FunctionRef) -> bool:
        """Return whether a function leaves one of its answers to no other function."""
        facts = self._project.function(ref)
        return any(
            _status_of(result, facts) is not None
            or not any(isinstance(v, ProjectFunction) for v in self._made_for(result, ref))
            for result in facts.results
        )

    def _is_made_with(
        self, ref: FunctionRef, wanted: tuple[str, ...], registering: tuple[str, ...]
    ) -> bool:
        facts = self._project.function(ref)
        for result in facts.results:
            status = _status_of(result, facts)
            made = self._made_for(result, ref) if status is None else ()
            is_wanted = str(status) in wanted or any(
                isinstance(value, ProjectFunction)
                or (
                    isinstance(value, Class)
                    and not _is_given_status(result, facts)
                    and self.is_answered_with(value.ref, wanted, registering)
                )
                for value in made
            )
            if not is_wanted:
                return False
        return bool(facts.results)

    def _makers_behind(self, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return the functions that a function leaves it to which status it answers with."""
        facts = self._project.function(ref)
        for result in facts.results:
            if _status_of(result, facts) is None:
                for value in self._made_for(result, ref):
                    if isinstance(value, ProjectFunction):
                        yield value.ref

    def _made_for(self, result: Expr, ref: FunctionRef) -> Values:
        if not isinstance(result, Result):
            return ()
        return self._resolver.evaluate(self._project.site(ref, result.site).func, ref)

    def statuses(self, registering: tuple[str, ...]) -> Mapping[ClassRef, frozenset[int]]:
        """Return with which statuses the handlers answer that these calls give classes.

        There are none of a handler that does not write one wherever it answers.
        """
        if registering not in self._statuses:
            found: dict[ClassRef, frozenset[int]] = {}
            for name in registering:
                for caller, index in self._project.calls(name):
                    answered = self._answered_by(caller, index)
                    found.update((cls, answered) for cls in self._classes_given(caller, index))
            self._statuses[registering] = found
        return self._statuses[registering]

    def _classes_given(self, caller: FunctionRef, index: int) -> Iterator[ClassRef]:
        for arg in self._project.site(caller, index).args:
            for value in self._resolver.evaluate(arg, caller):
                if isinstance(value, Class):
                    yield value.ref

    def _answered_by(self, caller: FunctionRef, index: int) -> frozenset[int]:
        """Return the statuses of the handlers that a call registers."""
        handlers = [*self._decorated_by(caller, index)]
        for arg in self._project.site(caller, index).args:
            values = self._resolver.evaluate(arg, caller)
            handlers += [value.ref for value in values if isinstance(value, ProjectFunction)]
        answers = {
            _status_of(result, facts)
            for facts in map(self._project.function, handlers)
            for result in facts.results
        }
        return frozenset() if None in answers else frozenset(filter(None, answers))

    def _given_handler(self, registering: tuple[str, ...]) -> Iterator[ClassRef]:
        for name in registering:
            for caller, index in self._project.calls(name):
                site = self._project.site(caller, index)
                given = [v for arg in site.args for v in self._resolver.evaluate(arg, caller)]
                yield from (value.ref for value in given if isinstance(value, Class))
                if _takes_every(site):  # its handler may ask which it is given
                    handlers = (value.ref for value in given if isinstance(value, ProjectFunction))
                    for handler in (*self._decorated_by(caller, index), *handlers):
                        yield from self._asked_for(handler)

    def _decorated_by(self, caller: FunctionRef, index: int) -> Iterator[FunctionRef]:
        """Return the functions of which a site is the decorator."""
        for ref, facts in self._project.functions(caller.module):
            if facts.parent == caller.function and Result(index) in facts.decorators:
                yield ref

    def _asked_for(self, handler: FunctionRef) -> Iterator[ClassRef]:
        """Return the classes of the project of which a function asks by `isinstance`."""
        for site in self._project.function(handler).sites:
            if site.func == _ISINSTANCE and len(site.args) > 1:
                for value in self._resolver.evaluate(site.args[1], handler):
                    if isinstance(value, Class):
                        yield value.ref


def _takes_every(site: Site) -> bool:
    """Return whether a call registers a handler of every exception."""
    return any(isinstance(arg, Name) and arg.id in BROAD for arg in site.args)


def _status_of(result: Expr, facts: FunctionFacts) -> int | None:
    """Return the status that is written in what a handler returns, None if it may be another.

    Numbers that no rule asks for are not kept in the facts, and so are not known.
    """
    if isinstance(result, Name):  # `response = JsonResponse(…)`, `return response`
        bound = facts.bound_to(result)
        result = bound[0] if len(bound) == 1 else result
    status: Expr | None = None
    if isinstance(result, Result):
        status = _given_status(result, facts)
    elif isinstance(result, TupleOf) and len(result.items) > 1:
        status = result.items[1]
    if status is None or isinstance(status, Either):
        return None
    return next(statuses_in(status), None)


def _given_status(result: Result, facts: FunctionFacts) -> Expr | None:
    given = dict(facts.sites[result.site].keywords)
    return next((given[name] for name in _STATUS_NAMES if name in given), None)


def _is_given_status(result: Expr, facts: FunctionFacts) -> bool:
    """Return whether what makes a result is told a status, whichever that is."""
    return isinstance(result, Result) and _given_status(result, facts) is not None
