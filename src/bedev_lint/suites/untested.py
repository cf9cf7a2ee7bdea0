"""Endpoints that no test reaches, and those of which none expects that they fail."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.endpoints import Endpoint, Handler, Path, shown
from bedev_lint.endpoints.paths import ANY, MANY
from bedev_lint.model import (
    Attr,
    Expr,
    FunctionFacts,
    Literal,
    Name,
    Result,
    Scope,
    Site,
    TupleOf,
    last_name,
)
from bedev_lint.names import any_match
from bedev_lint.options import texts
from bedev_lint.program import PathStep, Program, Violation
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.suites.coverage import Coverage, Expected
from bedev_lint.suites.failures import Failures

__all__ = ["endpoints", "failures", "place_of"]

_SUPER = Name("super")
_OF_FUNCTION = -1  # no site: the function itself
_REQUESTS = ("request", "req", "None", "True", "False")


def endpoints(program: Program, catalog: Catalog, rule: Rule) -> Iterator[Violation]:
    """Return the endpoints that no test reaches; of a module without any reached, the first."""
    coverage = _coverage(program, catalog, rule)
    if coverage is None or coverage.walks_all:
        return
    tested = coverage.expected
    judged = _Judged(program, rule)
    asked = {handler.whole for handler in tested}
    by_module: dict[int, dict[Handler, list[Endpoint]]] = {}
    for one in coverage.endpoints:
        if judged.is_worth_testing(one):
            module = by_module.setdefault(one.handler.function.module, {})
            module.setdefault(one.handler.whole, []).append(one)
    untested = {
        module: [those for whole, those in handlers.items() if whole not in asked]
        for module, handlers in by_module.items()
    }
    if not tested:
        every = [those for modules in untested.values() for those in modules]
        untested = {0: every} if every else {}
    for number, found in untested.items():
        is_whole = not tested or len(found) == len(by_module[number])
        for those in found[:1] if is_whole else found:
            more = len(found) - 1 if is_whole else 0
            whole = those[0].handler.whole
            yield judged.violation(whole, those, more, "module" if tested else "project")
    yield from _actions(coverage, judged)


def _actions(coverage: Coverage, judged: _Judged) -> Iterator[Violation]:
    """Return the actions that no test reaches of classes of which some are.

    Those that come with a library are its business.
    """
    tested = coverage.expected
    asked = {handler.whole for handler in tested}
    seen = {code for one in coverage.endpoints if one.handler in tested for code in one.code[:1]}
    for one in coverage.endpoints:
        handler = one.handler
        if not handler.action or coverage.is_asked(handler) or handler.whole not in asked:
            continue
        own = judged.action(one)
        if own is not None and own not in seen and judged.is_worth_testing(one):
            seen.add(own)
            yield judged.violation(one.handler, [one])


def failures(program: Program, catalog: Catalog, rule: Rule) -> Iterator[Violation]:
    """Return the endpoints that can fail, and are only tested as if they did not."""
    coverage = _coverage(program, catalog, rule)
    if coverage is None:
        return
    judged, own_failures = _Judged(program, rule), Failures(program, rule.options)
    project = program.project
    # Nobody can tell who asks for a path of which nothing is known.
    seen = {one.handler for one in coverage.endpoints if one.path and not _known(one.path)}
    # What several actions run is told once, and not where a test of one of them expects it.
    told = {
        ref
        for one in coverage.endpoints
        if one.handler.action and coverage.expected.get(one.handler, Expected()).failure
        for ref in one.code
    }
    for one in coverage.endpoints:
        expected = coverage.expected.get(one.handler)
        if expected is None or expected.failure or one.handler in seen:
            continue
        failing = own_failures.failing(one) - told
        if failing and judged.is_worth_testing(one):
            seen.add(one.handler)
            told |= failing
            found = judged.violation(one.handler, [one])
            if one.handler.action:
                where = min(failing, key=lambda ref: (project.path(ref.module), ref.function))
                found = found._replace(path=(PathStep(where, _OF_FUNCTION),))
            yield found


def _coverage(program: Program, catalog: Catalog, rule: Rule) -> Coverage | None:
    """Return the coverage of a program; None where there are no tests."""
    beside = rule.tests.beside if rule.tests is not None else ()
    coverage = Coverage(program, catalog, beside, rule.options)
    return coverage if coverage.tests else None


class _Judged:
    """Says which endpoints a reviewer wants to see tested. The options say which not.

    exempt       patterns of paths: health checks, static files
    plain        dotted names (patterns) of classes that answer without code of their own
    changing     those (patterns) of classes that change something
    redirecting  names of functions that answer with nothing but another address, or a status
    rendering    names of functions that answer with what stands in a file
    """

    def __init__(self, program: Program, rule: Rule) -> None:
        self._program = program
        self._project, self._hierarchy = program.project, program.resolver.hierarchy
        self._code = rule.code
        self._exempt = texts(rule.options, "exempt")
        self._plain = texts(rule.options, "plain")
        self._changing = texts(rule.options, "changing")
        self._redirecting = frozenset(texts(rule.options, "redirecting"))
        self._rendering = frozenset(texts(rule.options, "rendering"))

    def is_worth_testing(self, one: Endpoint) -> bool:
        if (
            not _known(one.path)
            or one.is_hidden
            or any_match((shown(one.path).lower(),), self._exempt)
        ):
            return False
        if self._is_deprecated(one.handler):
            return False
        if one.handler.cls is not None:
            methods = self._project.class_(one.handler.cls).methods
            bases = self._hierarchy.external_bases(one.handler.cls)
            is_plain = any_match(bases, self._plain) and not any_match(bases, self._changing)
            return bool(methods) or not is_plain
        facts = self._project.function(one.handler.function)
        return not (facts.raises or self._only_redirects(facts) or self._is_static(facts))

    def _is_deprecated(self, handler: Handler) -> bool:
        """Return whether a decorator says that nobody is to ask for a handler any more."""
        if handler.cls is None:
            decorators = self._project.function(handler.function).decorators
            around = self._project.around(handler.function)
        else:
            decorators, around = self._project.class_(handler.cls).decorators, handler.function
        marks = (one for one in decorators if isinstance(one, Result))
        sites = [self._project.site(around, mark.site) for mark in marks]
        return any(("deprecated", Name("True")) in site.keywords for site in sites)

    def _only_redirects(self, facts: FunctionFacts) -> bool:
        if not facts.results:
            return False
        return len(facts.results) == 1 and all(
            isinstance(result, Result)
            and last_name(facts.sites[result.site].func) in self._redirecting
            for result in facts.results
        )

    def _is_static(self, facts: FunctionFacts) -> bool:
        """Return whether a handler answers everybody with the same: a text, or a file's."""
        calls = [site for site in facts.sites if site.kind == "call"]
        given = [value for site in calls for value in (*site.args, *dict(site.keywords).values())]
        return (
            bool(facts.results)
            and all(last_name(site.func) in self._rendering for site in calls)
            and all(isinstance(one, Result) or _is_text(one) for one in facts.results)
            and all(map(_is_given, given))
        )

    def action(self, one: Endpoint) -> FunctionRef | None:
        """Return the method of the project that an action is, if it does anything of its own."""
        method = _method_of(one.handler, self._program)
        if method is None:
            return None
        sites = self._project.function(method).sites
        only_passes_on = sites and all(_is_of_super(site.func, sites) for site in sites)
        return None if only_passes_on else method

    def violation(
        self, handler: Handler, those: list[Endpoint], more: int = 0, within: str = ""
    ) -> Violation:
        """Return what is said of a handler, whose endpoints those are; `more` are like it."""
        one = min(those, key=lambda one: len(one.path))
        actions = dict.fromkeys(one.handler.action for one in those if one.handler.action)
        label = f"{'/'.join(one.methods)} {shown(one.path)}".strip()
        if len(actions) > 1:
            label = f"{shown(one.path)} ({', '.join(actions)})"
        if more:
            label += (
                f", nor any of {more} more in this {within}" if more > 1 else ", nor another one"
            )
        place = place_of(handler, self._program)
        return Violation(self._code, (place,), label, True)


def _known(path: Path) -> list[str]:
    """Return the segments of a path that are known."""
    return [segment for segment in path if segment not in (ANY, MANY)]


def _is_text(expr: Expr) -> bool:
    """Return whether an expression is a text as it stands in the code."""
    return isinstance(expr, Literal) and expr.kind == "str" and not expr.form


def _is_given(expr: Expr) -> bool:
    """Return whether a value stands in the code, or is a request as it was given."""
    if isinstance(expr, (Literal, TupleOf)):
        return getattr(expr, "form", "") != "formatted" and all(map(_is_given, expr.items))
    return isinstance(expr, Name) and expr.id in _REQUESTS


def _is_of_super(func: Expr, sites: tuple[Site, ...]) -> bool:
    """Return whether a call is `super()`, or what that has: `super().list(request)`."""
    base = func.base if isinstance(func, Attr) else func
    made = sites[base.site].func if isinstance(base, Result) else base
    return made == _SUPER


def _method_of(handler: Handler, program: Program) -> FunctionRef | None:
    """Return the method that an action is, if its class or one above it says what it does."""
    if handler.cls is None or not handler.action:
        return None
    return program.resolver.hierarchy.method(handler.cls, handler.action)


def place_of(handler: Handler, program: Program) -> PathStep:
    """Return where a handler stands: the name of the function, or of the class."""
    method = _method_of(handler, program)
    if method is not None:
        return PathStep(method, _OF_FUNCTION)
    if handler.cls is None:
        return PathStep(handler.function, _OF_FUNCTION)
    name = Scope(handler.cls.cls, is_class=True)
    for index, site in enumerate(program.project.function(handler.function).sites):
        if site.kind == "class" and site.args == (name,):
            return PathStep(handler.function, index)
    return PathStep(handler.function, _OF_FUNCTION)
