"""Which handlers have a failure of their own, that a test can expect."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.endpoints import VERBS, Handler
from bedev_lint.model import Attr, Expr, FunctionFacts, Options, Result, Site, TupleOf, last_name
from bedev_lint.names import any_match
from bedev_lint.options import texts
from bedev_lint.program import Program
from bedev_lint.program.effects.nesting import regions_of
from bedev_lint.program.structure.statuses import statuses_in
from bedev_lint.program.structure.values import Class, FunctionRef

__all__ = ["Failures"]

_FIRST_FAILURE = 400


class Failures:
    """Says which handlers can fail by what stands in them. The options say by what.

    aborting    patterns of names of functions that answer with a failure, or give what is there
    refusing    patterns of names of exceptions and responses that say that something is wrong
    validating  patterns of names of functions that refuse what is not valid
    acting      patterns of names of methods of a class that answers, besides those of verbs
    """

    def __init__(self, program: Program, options: Options) -> None:
        self._project, self._resolver = program.project, program.resolver
        self._aborting, self._refusing = texts(options, "aborting"), texts(options, "refusing")
        self._validating, self._acting = texts(options, "validating"), texts(options, "acting")

    def can_fail(self, handler: Handler) -> bool:
        """Return whether the body of a handler, or of a method of it that answers, can fail."""
        return any(self._fails(ref) for ref in self._bodies(handler))

    def _bodies(self, handler: Handler) -> Iterator[FunctionRef]:
        if handler.cls is None:
            yield handler.function
            return
        for name, index in self._project.class_(handler.cls).methods.items():
            ref = FunctionRef(handler.cls.module, index)
            is_action = bool(self._project.function(ref).decorators)
            if name in VERBS or any_match((name,), self._acting) or is_action:
                yield ref

    def _fails(self, ref: FunctionRef) -> bool:
        facts = self._project.function(ref)
        checks = facts.checks
        return (
            any(self._refuses(raised, ref, facts) for raised in (checks.raised if checks else ()))
            or any(_answers_failure(result, facts) for result in facts.results)
            or any(self._calls_failure(result, facts) for result in facts.results)
            or any(
                any_match((last_name(site.func),), self._aborting)
                or (any_match((last_name(site.func),), self._validating) and takes_in)
                for site, takes_in in _calls(facts)
            )
        )

    def _refuses(self, raised: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether what is raised is an error of the web or of the project."""
        func = facts.sites[raised.site].func if isinstance(raised, Result) else raised
        if any_match((last_name(func),), self._refusing):
            return True
        return any(isinstance(value, Class) for value in self._resolver.evaluate(func, ref))

    def _calls_failure(self, result: Expr, facts: FunctionFacts) -> bool:
        return isinstance(result, Result) and any_match(
            (last_name(facts.sites[result.site].func),), self._refusing
        )


def _calls(facts: FunctionFacts) -> Iterator[tuple[Site, bool]]:
    """Return the calls of a function, and if their values may be input: no answer is put together.

    What is returned, or made of each of some rows, is an answer.
    """
    returned = {result.site for result in facts.results if isinstance(result, Result)}
    for index, site in enumerate(facts.sites):
        if site.kind == "call":
            kinds = (region.kind for region in regions_of(facts, index))
            yield site, index not in returned and "comprehension" not in kinds


def _answers_failure(result: Expr, facts: FunctionFacts) -> bool:
    """Return whether what is returned says a status of a failure."""
    if isinstance(result, TupleOf):
        return any(
            status >= _FIRST_FAILURE for item in result.items for status in statuses_in(item)
        )
    if not isinstance(result, Result):
        return False
    site = facts.sites[result.site]
    values = [value for name, value in site.keywords if "status" in name]
    values += (value for value in site.args if isinstance(value, Attr))
    values += site.args[1:2]
    return any(status >= _FIRST_FAILURE for value in values for status in statuses_in(value))
