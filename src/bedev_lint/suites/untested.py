"""Endpoints that no test reaches, and those of which none expects that they fail."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.endpoints import Endpoint, Handler, Path, shown
from bedev_lint.endpoints.paths import ANY, MANY
from bedev_lint.model import (
    Expr,
    FunctionFacts,
    Literal,
    Name,
    Result,
    Scope,
    TupleOf,
    last_name,
)
from bedev_lint.names import any_match
from bedev_lint.options import texts
from bedev_lint.program import PathStep, Program, Violation
from bedev_lint.program.structure.project import Project
from bedev_lint.suites.coverage import Coverage
from bedev_lint.suites.failures import Failures

__all__ = ["endpoints", "failures", "place_of"]

_OF_FUNCTION = -1  # no site: the function itself
_REQUESTS = ("request", "req", "None", "True", "False")


def endpoints(program: Program, catalog: Catalog, rule: Rule) -> Iterator[Violation]:
    """Return the endpoints that no test reaches; of a module without any reached, the first."""
    coverage = _coverage(program, catalog, rule)
    if coverage is None or coverage.walks_all:
        return
    tested = coverage.expected
    judged = _Judged(program, rule)
    by_module: dict[int, dict[Handler, Endpoint]] = {}
    for one in coverage.endpoints:
        if judged.is_worth_testing(one):
            by_module.setdefault(one.handler.function.module, {}).setdefault(one.handler, one)
    untested = {
        module: [one for handler, one in handlers.items() if handler not in tested]
        for module, handlers in by_module.items()
    }
    if not tested:
        every = [one for those in untested.values() for one in those]
        untested = {0: every} if every else {}
    for module, those in untested.items():
        whole = not tested or len(those) == len(by_module[module])
        for one in those[:1] if whole else those:
            more = len(those) - 1 if whole else 0
            yield judged.violation(one, more, "module" if tested else "project")


def failures(program: Program, catalog: Catalog, rule: Rule) -> Iterator[Violation]:
    """Return the endpoints that can fail, and are only tested as if they did not."""
    coverage = _coverage(program, catalog, rule)
    if coverage is None:
        return
    judged, own_failures = _Judged(program, rule), Failures(program, rule.options)
    # Nobody can tell who asks for a path of which nothing is known.
    seen = {one.handler for one in coverage.endpoints if one.path and not _known(one.path)}
    for one in coverage.endpoints:
        expected = coverage.expected.get(one.handler)
        if expected is None or expected.failure or one.handler in seen:
            continue
        if judged.is_worth_testing(one) and own_failures.can_fail(one.handler):
            seen.add(one.handler)
            yield judged.violation(one)


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

    def violation(self, one: Endpoint, more: int = 0, within: str = "") -> Violation:
        label = f"{'/'.join(one.methods)} {shown(one.path)}".strip()
        if more:
            label += (
                f", nor any of {more} more in this {within}" if more > 1 else ", nor another one"
            )
        return Violation(self._code, (place_of(one.handler, self._project),), label, True)


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


def place_of(handler: Handler, project: Project) -> PathStep:
    """Return where a handler stands: the name of the function, or of the class."""
    if handler.cls is None:
        return PathStep(handler.function, _OF_FUNCTION)
    name = Scope(handler.cls.cls, is_class=True)
    for index, site in enumerate(project.function(handler.function).sites):
        if site.kind == "class" and site.args == (name,):
            return PathStep(handler.function, index)
    return PathStep(handler.function, _OF_FUNCTION)
