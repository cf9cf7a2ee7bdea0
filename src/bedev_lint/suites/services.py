"""Services whose own errors no test expects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.endpoints import Handler
from bedev_lint.model import Caught, Expr, Literal, Result, TupleOf, last_name
from bedev_lint.names import any_match
from bedev_lint.options import texts
from bedev_lint.program import Program, Violation
from bedev_lint.program.effects.contexts import Contexts
from bedev_lint.program.structure.values import Class, ClassRef, External, FunctionRef
from bedev_lint.reachability import reachable
from bedev_lint.suites.coverage import Coverage
from bedev_lint.suites.untested import place_of

__all__ = ["failures"]

_MOST_NAMED = 3


def failures(program: Program, catalog: Catalog, rule: Rule) -> Iterator[Violation]:
    """Return the services that tests reach, and that raise errors which no test expects."""
    assert rule.tests is not None
    coverage = Coverage(program, catalog, rule.tests.beside, rule.options)
    if coverage.tests:
        services = _Services(program, catalog, rule, coverage)
        for service, raised in services.raising():
            if services.is_reached(raised) and not services.is_expected(raised):
                names = sorted({program.project.class_(cls).name for cls in raised.values()})
                listed = ", ".join(names[:_MOST_NAMED])
                place = place_of(service, program)
                yield Violation(rule.code, (place,), listed, True)


# The functions of a service that raise errors of the project, each with one of them.
_Raised = dict[tuple[FunctionRef, ClassRef], ClassRef]


class _Services:
    """Finds services, their errors, and what tests expect. The options say by what.

    impossible  patterns of names of errors that nobody can provoke
    broad       dotted names of errors that say nothing of what was expected
    failing     names of functions that expect an error
    listing     names of decorators that list the cases of a test
    """

    def __init__(self, program: Program, catalog: Catalog, rule: Rule, coverage: Coverage) -> None:
        self._project, self._graph = program.project, program.graph
        self._resolver, self._coverage = program.resolver, coverage
        self._mro = program.resolver.hierarchy.mro
        self._contexts = Contexts(program.project, catalog, program.resolver, program.graph)
        assert rule.tests is not None
        self._within = rule.tests.within
        self._impossible = texts(rule.options, "impossible")
        self._broad = frozenset(texts(rule.options, "broad"))
        self._failing = frozenset(texts(rule.options, "failing"))
        self._listing = frozenset(texts(rule.options, "listing"))
        self._called = self._called_by_tests()
        self._failing_endpoints = self._closure(self._expected_to_fail())
        self._expected = frozenset(self._expected_errors())
        self._kept: dict[int, frozenset[ClassRef]] = {}

    # ------------------------------------------------------------------ services

    def raising(self) -> Iterator[tuple[Handler, _Raised]]:
        """Return the services that raise errors of the project, with what raises which."""
        services: dict[Handler, _Raised] = {}
        for module in self._project.modules:
            if self._coverage.is_test_code(module):
                continue
            for ref, facts in self._project.functions(module):
                raised = facts.checks.raised if facts.checks is not None else ()
                if not raised or facts.parent > 0:
                    continue
                errors = [error for one in raised for error in self._errors(one, ref)]
                if errors and self._contexts.any_holds(ref, self._within):
                    service = services.setdefault(self._service(ref, facts.owner), {})
                    service.update(((ref, error), error) for error in errors)
        yield from services.items()

    def _service(self, ref: FunctionRef, owner: int) -> Handler:
        if owner < 0:
            return Handler(ref)
        cls = ClassRef(ref.module, owner)
        scope = FunctionRef(ref.module, max(self._project.class_(cls).scope, 0))
        return Handler(scope, cls)

    def _errors(self, raised: Expr, ref: FunctionRef) -> Iterator[ClassRef]:
        """Return the errors of the project that are raised, and that somebody can provoke."""
        func = self._project.site(ref, raised.site).func if isinstance(raised, Result) else raised
        for value in self._resolver.evaluate(func, ref):
            if not isinstance(value, Class):
                continue
            name = self._project.class_(value.ref).name
            is_of_tests = self._coverage.is_test_code(value.ref.module)
            if is_of_tests or name.startswith("_") or self._is_impossible(name):
                continue
            if not any(above in self._kept_in(ref.module) for above, _ in self._mro(value.ref)):
                yield value.ref

    def _kept_in(self, module: int) -> frozenset[ClassRef]:
        """Return the errors of the project that a module handles: they do not leave it as such."""
        if module not in self._kept:
            self._kept[module] = frozenset(
                value.ref
                for ref, facts in self._project.functions(module)
                for binding in facts.bindings
                if isinstance(binding.value, Caught)
                for one in _each(binding.value.base)
                for value in self._resolver.evaluate(one, ref)
                if isinstance(value, Class)
            )
        return self._kept[module]

    def _is_impossible(self, name: str) -> bool:
        return any_match((name,), self._impossible)

    # ------------------------------------------------------------------ what tests do

    def is_reached(self, raised: _Raised) -> bool:
        """Return whether a test calls what raises one of these errors, or what leads to it there.

        What lies behind other modules may have been replaced in the test.
        """
        modules = {ref.module for ref, _ in raised}
        near = [ref for ref in self._called if ref.module in modules]
        within = self._closure(near, modules)
        return any(ref in within for ref, _ in raised)

    def _called_by_tests(self) -> frozenset[FunctionRef]:
        """Return what the code of tests calls itself."""
        own = {ref for test in self._coverage.tests for ref in self._coverage.code_of(test)}
        return frozenset(edge.target for ref in own for edge in self._graph.does(ref).edges)

    def is_expected(self, raised: _Raised) -> bool:
        """Return whether a test expects one of these errors, itself or as a response."""
        if any(ref in self._failing_endpoints for ref, _ in raised):
            return True
        return any(
            above in self._expected for error in raised.values() for above, _ in self._mro(error)
        )

    def _closure(
        self, starts: Iterable[FunctionRef], modules: Collection[int] | None = None
    ) -> frozenset[FunctionRef]:
        """Return all that these functions come to through calls; within some modules alone."""

        def called(ref: FunctionRef) -> Iterator[FunctionRef]:
            targets = self._graph.called(ref)
            return (one for one in targets if modules is None or one.module in modules)

        return frozenset(reachable(starts, called))

    def _expected_to_fail(self) -> Iterator[FunctionRef]:
        """Return the functions of endpoints of which a test expects a failure."""
        for handler, expected in self._coverage.expected.items():
            if expected.failure and handler.cls is None:
                yield handler.function
            elif expected.failure and handler.cls is not None:
                for method in self._project.class_(handler.cls).methods.values():
                    yield FunctionRef(handler.cls.module, method)

    def _expected_errors(self) -> Iterator[ClassRef | str]:
        """Return the classes of errors that tests expect, or list for their cases."""
        for module in self._project.modules:
            if not self._coverage.is_test_code(module):
                continue
            for ref, facts in self._project.functions(module):
                for site in facts.sites:
                    name = last_name(site.func)
                    if site.kind == "call" and name in self._failing:
                        yield from self._classes(
                            (*site.args[:1], *dict(site.keywords).values()), ref
                        )
                    elif site.kind == "call" and name in self._listing:
                        yield from self._classes(site.args[1:2], ref)

    def _classes(self, exprs: Iterable[Expr], ref: FunctionRef) -> Iterator[ClassRef | str]:
        for expr in exprs:
            if isinstance(expr, (Literal, TupleOf)):
                yield from self._classes(expr.items, ref)
                continue
            for value in self._resolver.evaluate(expr, ref):
                if isinstance(value, Class):
                    yield value.ref
                elif isinstance(value, External) and value.name not in self._broad:
                    yield value.name


def _each(expr: Expr) -> Iterator[Expr]:
    """Return the classes that a handler names."""
    yield from expr.items if isinstance(expr, (Literal, TupleOf)) else (expr,)
