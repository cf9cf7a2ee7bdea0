"""Which functions a test runner collects, and what it runs for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from bedev_lint.model import Attr, Either, Expr, FunctionFacts, Literal, Name, Options, last_name
from bedev_lint.names import any_match
from bedev_lint.options import texts
from bedev_lint.program import Program
from bedev_lint.program.structure.values import ClassRef, FunctionRef

__all__ = ["Suite", "plain_names"]

_MODULE = 0  # the code of a module, as a function
_FIXTURES_OF = "conftest"
_AROUND = (
    "setUp", "tearDown", "setUpClass", "tearDownClass", "setUpTestData", "asyncSetUp",
    "asyncTearDown", "setup_method", "teardown_method", "setup_class", "teardown_class",
    "setup", "teardown",
)  # fmt: skip


class Suite:
    """The tests of a program. `options` say how its files, classes and fixtures are known.

    files      globs of paths: a function `test*`, or a method of a class `Test*`, is a test there
    cases      dotted names (patterns) of classes all whose methods `test*` are tests
    skipping   names of decorators and calls of what is not run, or may fail
    fixtures   names of decorators of what a test asks for by the name of a parameter
    """

    def __init__(self, program: Program, options: Options) -> None:
        self._project, self._graph = program.project, program.graph
        self._hierarchy = program.resolver.hierarchy
        self._files, self._cases = texts(options, "files"), texts(options, "cases")
        self._skipping = frozenset(texts(options, "skipping"))
        self._fixture_names = frozenset(texts(options, "fixtures"))
        self._in_cases: dict[ClassRef, bool] = {}

    # ------------------------------------------------------------------ which are tests

    def all(self) -> Iterator[tuple[FunctionRef, FunctionFacts]]:
        """Return all tests, in the order of files and code."""
        for module in self._project.modules:
            is_file = any_match((f"/{self._project.path(module)}",), self._files)
            if self._is_marked(module):
                continue
            for ref, facts in self._project.functions(module):
                if facts.name.startswith("test") and self._is_test(ref, facts, is_file):
                    yield ref, facts

    def _is_test(self, ref: FunctionRef, facts: FunctionFacts, is_file: bool) -> bool:
        if facts.parent > 0 or facts.yields is not None or self.is_decorated(ref, self._skipping):
            return False
        if self.is_decorated(ref, self._fixture_names):
            return False
        if facts.owner < 0:
            # One that gives something to others helps them.
            return is_file and not (facts.results and self._graph.callers(ref))
        owner = ClassRef(ref.module, facts.owner)
        if self._is_skipped(owner):
            return False
        return self._is_case(owner) or (
            is_file and self._project.class_(owner).name.startswith("Test")
        )

    def _is_case(self, owner: ClassRef) -> bool:
        if owner not in self._in_cases:
            names = self._hierarchy.external_bases(owner)
            self._in_cases[owner] = any_match(names, self._cases)
        return self._in_cases[owner]

    def is_decorated(self, ref: FunctionRef, names: frozenset[str]) -> bool:
        """Return whether a decorator of a function has one of these names."""
        facts = self._project.function(ref)
        around = self._project.around(ref)
        called = (self._project.called_by(one, around) for one in facts.decorators)
        return any(last_name(func) in names for func in called)

    def _is_skipped(self, owner: ClassRef) -> bool:
        cls = self._project.class_(owner)
        scope = FunctionRef(owner.module, max(cls.scope, _MODULE))
        called = (self._project.called_by(one, scope) for one in cls.decorators)
        return any(last_name(func) in self._skipping for func in called)

    def _is_marked(self, module: int) -> bool:
        """Return whether a module says that all its tests are skipped."""
        code = FunctionRef(module, _MODULE)
        for value in self._project.bound(code, "pytestmark") or ():
            marks = value.items if isinstance(value, Literal) else (value,)
            called = (self._project.called_by(mark, code) for mark in marks)
            if any(last_name(func) in self._skipping for func in called):
                return True
        return False

    # ------------------------------------------------------------------ what runs for a test

    def run_for(self, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return what the runner runs around a function: its fixtures, what sets its class up."""
        facts = self._project.function(ref)
        for param in facts.params:
            yield from self._fixtures(param.name, ref)
        if facts.owner >= 0:
            for name in _AROUND:
                method = self._hierarchy.method(ClassRef(ref.module, facts.owner), name)
                if method is not None:
                    yield method

    def _fixtures(self, name: str, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return the fixtures of a name that a function sees: near ones, else any of that name."""
        every = self._by_name.get(name, ())
        path = self._project.path(ref.module)
        near = [one for one in every if one.module == ref.module or self._is_above(one, path)]
        return iter(near or every)

    def _is_above(self, fixture: FunctionRef, path: str) -> bool:
        """Return whether a fixture is one that all files of a folder see, and this is one."""
        folder, _, file = self._project.path(fixture.module).rpartition("/")
        return file.startswith(_FIXTURES_OF) and (not folder or path.startswith(f"{folder}/"))

    @cached_property
    def _by_name(self) -> dict[str, list[FunctionRef]]:
        fixtures: dict[str, list[FunctionRef]] = {}
        for module in self._project.modules:
            for ref, facts in self._project.functions(module):
                if facts.decorators and self.is_decorated(ref, self._fixture_names):
                    fixtures.setdefault(facts.name, []).append(ref)
        return fixtures

    def reached(
        self, start: FunctionRef, is_within: Callable[[int], bool] | None = None
    ) -> Iterator[FunctionRef]:
        """Return a test and all that it runs: fixtures, set-up, and what they call at any depth.

        With `is_within` only what stands in modules of which that is true.
        """
        visited, todo = {start}, [start]
        while todo:
            ref = todo.pop()
            yield ref
            called = [edge.target for edge in self._graph.does(ref).edges]
            # Only what the runner calls itself is given fixtures.
            if ref == start or self.is_decorated(ref, self._fixture_names):
                called += self.run_for(ref)
            for target in called:
                if target not in visited and (is_within is None or is_within(target.module)):
                    visited.add(target)
                    todo.append(target)


def plain_names(expr: Expr) -> Iterator[str]:
    """Return the last names of what an expression may be, where it is only named."""
    if isinstance(expr, (Name, Attr)):
        yield last_name(expr)
    elif isinstance(expr, Either):
        for option in expr.options:
            yield from plain_names(option)
