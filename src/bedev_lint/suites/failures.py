"""Which handlers have a failure of their own, that a test can expect."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.endpoints import VERBS, Endpoint
from bedev_lint.model import (
    Attr,
    Elem,
    Expr,
    FunctionFacts,
    Item,
    Name,
    Options,
    Part,
    Result,
    Site,
    TupleOf,
    last_name,
)
from bedev_lint.names import any_match
from bedev_lint.options import texts
from bedev_lint.program import Program
from bedev_lint.program.effects.nesting import regions_of
from bedev_lint.program.structure.statuses import statuses_in
from bedev_lint.program.structure.values import Class, FunctionRef

__all__ = ["Failures"]

_FIRST_FAILURE = 400
_REQUESTS = ("request", "req")  # global in some frameworks
_UNFORESEEN = 500  # what nobody has thought of: no test can be asked to provoke it


class Failures:
    """Says which handlers can fail by what stands in them. The options say by what.

    aborting    patterns of names of functions that answer with a failure, or give what is there
    looking-up  those of them that are given what to look for
    refusing    patterns of names of exceptions and responses that say that something is wrong
    unforeseen  patterns of names of exceptions of which nobody has thought
    validating  patterns of names of functions that refuse what is not valid
    acting      patterns of names of methods of a class that answers, besides those of verbs
    choosing    patterns of names of those that give rows: what is only asked if it is valid there
                is a filter, without which there are more of them
    """

    def __init__(self, program: Program, options: Options) -> None:
        self._project, self._resolver = program.project, program.resolver
        self._aborting, self._refusing = texts(options, "aborting"), texts(options, "refusing")
        self._looking_up = texts(options, "looking-up")
        self._unforeseen = texts(options, "unforeseen")
        self._validating, self._acting = texts(options, "validating"), texts(options, "acting")
        self._choosing = texts(options, "choosing")

    def failing(self, one: Endpoint) -> frozenset[FunctionRef]:
        """Return the bodies that can fail, of what answers, or of methods of it that do."""
        return frozenset(ref for ref in self._bodies(one) if self._fails(ref))

    def _bodies(self, one: Endpoint) -> Iterator[FunctionRef]:
        """Return the functions that answer; what several actions choose rows by is none of them."""
        for ref in one.code:
            facts = self._project.function(ref)
            if one.handler.action:
                is_answering = not any_match((facts.name,), self._choosing)
            else:
                is_acting = facts.name in VERBS or any_match((facts.name,), self._acting)
                is_answering = one.handler.cls is None or is_acting or bool(facts.decorators)
            if is_answering:
                yield ref

    def _fails(self, ref: FunctionRef) -> bool:
        facts = self._project.function(ref)
        checks = facts.checks
        return (
            any(self._refuses(raised, ref, facts) for raised in (checks.raised if checks else ()))
            or any(_answers_failure(result, facts) for result in facts.results)
            or any(self._calls_failure(result, facts) for result in facts.results)
            or any(
                self._aborts(site, facts) or (takes_in and self._validates(site, facts))
                for site, takes_in in _calls(facts)
            )
        )

    def _aborts(self, site: Site, facts: FunctionFacts) -> bool:
        """Return whether a call answers with a failure of the handler's own.

        That there is no row with the key of the path is the framework's business.
        """
        if not any_match((last_name(site.func),), self._aborting) or _is_unforeseen(site):
            return False
        return not (
            any_match((last_name(site.func),), self._looking_up) and _is_by_key(site, facts)
        )

    def _validates(self, site: Site, facts: FunctionFacts) -> bool:
        """Return whether a call refuses what is not valid: of input, if it is given a value."""
        if not any_match((last_name(site.func),), self._validating):
            return False
        if any_match((facts.name,), self._choosing) and not (site.args or site.keywords):
            return False
        if not site.args:
            return not _judges_own(site, facts)
        return any(_is_given(one, facts) for one in site.args)

    def _refuses(self, raised: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether what is raised is an error of the web or of the project."""
        func = facts.sites[raised.site].func if isinstance(raised, Result) else raised
        if isinstance(raised, Result) and _is_unforeseen(facts.sites[raised.site]):
            return False
        if any_match((last_name(func),), self._unforeseen):
            return False
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
        return any(_is_failure(status) for item in result.items for status in statuses_in(item))
    if not isinstance(result, Result):
        return False
    site = facts.sites[result.site]
    values = [value for name, value in site.keywords if "status" in name]
    values += (value for value in site.args if isinstance(value, Attr))
    values += site.args[1:2]
    return any(_is_failure(status) for value in values for status in statuses_in(value))


def _is_failure(status: int) -> bool:
    return status >= _FIRST_FAILURE and status != _UNFORESEEN


def _is_given(expr: Expr, facts: FunctionFacts, depth: int = 4) -> bool:
    """Return whether a value is a part of what a function is given, or made of it."""
    while isinstance(expr, (Attr, Item, Result)):
        expr = facts.sites[expr.site].func if isinstance(expr, Result) else expr.base
    if not isinstance(expr, Name) or depth == 0:
        return False
    if expr.id in _REQUESTS or any(param.name == expr.id for param in facts.params):
        return True
    bound = facts.bound_to(expr)
    return any(_is_given(one, facts, depth - 1) for one in bound)


def _judges_own(judging: Site, facts: FunctionFacts) -> bool:
    """Return whether a handler has what it judges from itself: it looks at nothing it is given.

    It is given a request alone, and makes what it asks if that is valid of something.
    """
    given = [param.name for param in facts.params]
    is_of_request = given[facts.owner >= 0 :] in ([name] for name in _REQUESTS)
    asked = judging.func.base if isinstance(judging.func, Attr) else None
    made = facts.bound_to(asked)
    makers = [facts.sites[one.site] for one in made if isinstance(one, Result)]
    if not is_of_request or not makers or len(makers) < len(made):
        return False
    others = [site for site in facts.sites if site not in makers]
    looked_at = [site.func for site in others] + [binding.value for binding in facts.bindings]
    for site in facts.sites:
        looked_at += (*site.args, *dict(site.keywords).values())
    return all(site.args or site.keywords for site in makers) and not any(
        name in given for one in looked_at for name in _names(one)
    )


def _names(expr: Expr) -> Iterator[str]:
    """Return the names that an expression begins with, or that are among its parts."""
    if isinstance(expr, Name):
        yield expr.id
    elif isinstance(expr, (Attr, Item, Elem, Part)):
        yield from _names(expr.base)
    for part in (*getattr(expr, "items", ()), *getattr(expr, "options", ())):
        yield from _names(part)


def _is_by_key(site: Site, facts: FunctionFacts) -> bool:
    """Return whether a call looks for a row by one condition alone, in a class or in its query."""
    if site.args and isinstance(site.args[0], Result):
        return False  # rows that were chosen before
    conditions, func = len(site.args) + len(site.keywords), site.func
    most = 1 if isinstance(func, Attr) and isinstance(func.base, Result) else 2
    while isinstance(func, Attr) and isinstance(func.base, Result):
        link = facts.sites[func.base.site]
        conditions, func = conditions + len(link.args) + len(link.keywords), link.func
    return conditions <= most


def _is_unforeseen(site: Site) -> bool:
    """Return whether a call is told the status of what nobody has thought of, and no other."""
    given = [*site.args, *(value for _, value in site.keywords)]
    return {*(status for value in given for status in statuses_in(value))} == {_UNFORESEEN}
