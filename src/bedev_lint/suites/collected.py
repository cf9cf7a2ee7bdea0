"""Which functions a test runner collects, and what it runs for each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cached_property

from bedev_lint.model import (
    Attr,
    ClassFacts,
    Either,
    Expr,
    FunctionFacts,
    Literal,
    Name,
    Options,
    Result,
    last_name,
)
from bedev_lint.names import any_match, words
from bedev_lint.options import texts
from bedev_lint.program import Program
from bedev_lint.program.structure.values import ClassRef, FunctionRef, ProjectFunction
from bedev_lint.reachability import reachable

__all__ = ["Suite", "plain_names"]

_MODULE = 0  # the code of a module, as a function
_FIXTURES_OF = "conftest"
_PROPERTIES = frozenset({"property", "cached_property"})
_TESTS = frozenset({"test", "tests", "testing", "unittests"})
_AROUND = (
    "setUp", "tearDown", "setUpClass", "tearDownClass", "setUpTestData", "asyncSetUp",
    "asyncTearDown", "setup_method", "teardown_method", "setup_class", "teardown_class",
    "setup", "teardown",
)  # fmt: skip


class Suite:
    """The tests of a program. `options` say how its files, classes and fixtures are known.

    files      patterns of names of files: a function `test*` is a test there, or a method of a
               class of `classes`
    classes    patterns of names of classes
    commands   names of folders whose files are commands, where they are in no folder of tests
    cases      dotted names (patterns) of classes all whose methods `test*` are tests
    skipping   names of decorators and calls of what is not run, or may fail
    fixtures   names of decorators of what a test asks for by the name of a parameter
    asking-for names of decorators that ask for fixtures by their names
    """

    def __init__(self, program: Program, options: Options) -> None:
        self._project, self._graph = program.project, program.graph
        self._resolver, self._hierarchy = program.resolver, program.resolver.hierarchy
        self._files, self._cases = texts(options, "files"), texts(options, "cases")
        self._classes = texts(options, "classes")
        self._commands = frozenset(texts(options, "commands"))
        self._asking_for = frozenset(texts(options, "asking-for"))
        self._skipping = frozenset(texts(options, "skipping"))
        self._fixture_names = frozenset(texts(options, "fixtures"))
        self._in_cases: dict[ClassRef, bool] = {}
        self._called_names: dict[int, frozenset[str]] = {}
        self._set_up: dict[ClassRef, tuple[FunctionRef, ...]] = {}

    # ------------------------------------------------------------------ which are tests

    def all(self) -> Iterator[tuple[FunctionRef, FunctionFacts]]:
        """Return all tests, in the order of files and code."""
        for module in self._project.modules:
            is_file = self._is_file(self._project.path(module))
            if self._is_marked(module):
                continue
            for ref, facts in self._project.functions(module):
                if facts.name.startswith("test") and self._is_test(ref, facts, is_file):
                    yield ref, facts

    def _is_file(self, path: str) -> bool:
        """Return whether functions of a file are tests if they are called so."""
        *folders, name = path.split("/")
        if not any_match((name,), self._files):
            return False
        is_command = bool(folders) and folders[-1] in self._commands
        return not is_command or any(not _TESTS.isdisjoint(words(folder)) for folder in folders)

    def _is_test(self, ref: FunctionRef, facts: FunctionFacts, is_file: bool) -> bool:
        if facts.parent > 0 or facts.yields is not None or self.is_decorated(ref, self._skipping):
            return False
        if self.is_decorated(ref, self._fixture_names) or self.is_decorated(ref, _PROPERTIES):
            return False
        if facts.owner < 0:
            # One that gives something to others, or is given what no runner has, helps them.
            return is_file and not (
                (facts.results and self._is_used(ref, facts.name)) or self._is_given(ref, facts)
            )
        return self._holds_tests(ClassRef(ref.module, facts.owner), is_file)

    def _holds_tests(self, owner: ClassRef, is_file: bool) -> bool:
        """Return whether a class is one whose methods are tests."""
        if self._is_skipped(owner):
            return False
        if self._is_case(owner):
            return True
        name = self._project.class_(owner).name
        # Code makes objects of one that is only called like a class of tests.
        is_named = any_match((name,), self._classes)
        return is_file and is_named and name not in self._called_in(owner.module)

    def inherited(self) -> Iterator[FunctionRef]:
        """Return the tests that only classes below theirs run: those of a mixin."""
        for cls, facts in self._every_class():
            names = [name for name in facts.methods if name.startswith("test")]
            if names and not self._holds_tests_itself(cls) and self._is_below_of_tests(cls):
                for name in names:
                    ref = FunctionRef(cls.module, facts.methods[name])
                    if not self.is_decorated(ref, self._skipping):
                        yield ref

    def _every_class(self) -> Iterator[tuple[ClassRef, ClassFacts]]:
        return (one for module in self._project.modules for one in self._project.classes(module))

    def _holds_tests_itself(self, cls: ClassRef) -> bool:
        return self._holds_tests(cls, self._is_file(self._project.path(cls.module)))

    def _is_below_of_tests(self, cls: ClassRef) -> bool:
        return any(map(self._holds_tests_itself, self._hierarchy.subclasses(cls)))

    def _called_in(self, module: int) -> frozenset[str]:
        """Return the names of what is called in a module."""
        if module not in self._called_names:
            functions = self._project.functions(module)
            sites = (site for _, facts in functions for site in facts.sites if site.kind == "call")
            self._called_names[module] = frozenset(last_name(site.func) for site in sites)
        return self._called_names[module]

    def _is_used(self, ref: FunctionRef, name: str) -> bool:
        """Return whether a function is called, or handed to something in its module."""
        return bool(self._graph.callers(ref)) or any(
            Name(name) in (*site.args, *(value for _, value in site.keywords))
            for _, facts in self._project.functions(ref.module)
            for site in facts.sites
        )

    def _is_given(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether another function gives this one what no fixture or decorator is for.

        One that hands on its own fixtures, by their names, only runs another test once more.
        """
        needed = [param.name for param in facts.params if param.default is None]
        if facts.decorators or not needed or any(any(self.fixtures(one, ref)) for one in needed):
            return False
        sites = [
            self._project.site(caller, index)
            for caller, index in self._graph.callers(ref)
            if caller.function > _MODULE and index >= 0
        ]
        return any(site.args and site.args[0] != Name(needed[0]) for site in sites)

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
        marks = self._class_decorators(owner)
        called = (self._project.called_by(mark, scope) for mark, scope in marks)
        return any(last_name(func) in self._skipping for func in called)

    def _class_decorators(self, owner: ClassRef) -> list[tuple[Expr, FunctionRef]]:
        """Return the decorators of a class, each with where it stands."""
        cls = self._project.class_(owner)
        scope = FunctionRef(owner.module, max(cls.scope, _MODULE))
        return [(mark, scope) for mark in cls.decorators]

    def _is_marked(self, module: int) -> bool:
        """Return whether a module says that all its tests are skipped."""
        code = FunctionRef(module, _MODULE)
        called = (self._project.called_by(mark, code) for mark in self._marks(module))
        return any(last_name(func) in self._skipping for func in called)

    def _marks(self, module: int) -> Iterator[Expr]:
        """Return what a module says of all its tests."""
        for value in self._project.bound(FunctionRef(module, _MODULE), "pytestmark") or ():
            yield from value.items if isinstance(value, Literal) else (value,)

    # ------------------------------------------------------------------ what runs for a test

    def run_for(self, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return what the runner runs around a function: its fixtures, what sets its class up."""
        facts = self._project.function(ref)
        for name in (*(param.name for param in facts.params), *self._asked_for(ref, facts.owner)):
            yield from self.fixtures(name, ref)
        yield from self._automatic(ref, facts.owner)
        if facts.owner >= 0:
            yield from self._setting_up(ClassRef(ref.module, facts.owner))

    def _setting_up(self, cls: ClassRef) -> tuple[FunctionRef, ...]:
        """Return what sets a class of tests up, and tears it down."""
        if cls not in self._set_up:
            methods = (self._hierarchy.method(cls, name) for name in _AROUND)
            self._set_up[cls] = tuple(method for method in methods if method is not None)
        return self._set_up[cls]

    def around(self, test: FunctionRef) -> list[FunctionRef]:
        """Return all that the runner runs around a test: its fixtures, and what they ask for.

        Each class below that of the test has the test too, and sets it up in its own way.
        """
        owner = self._project.function(test).owner
        below = self._hierarchy.subclasses(ClassRef(test.module, owner)) if owner >= 0 else ()
        set_up = [method for cls in below for method in self._setting_up(cls)]
        return [ref for ref in reachable([test, *set_up], self.run_for) if ref != test]

    def handed(self, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return the functions that a decorator gives to a test: `@parametrize("ask", [a, b])`."""
        around = self._project.around(ref)
        listed: list[Expr] = [
            mark for mark in self._project.function(ref).decorators if isinstance(mark, Result)
        ]
        while listed:
            expr = listed.pop()
            if isinstance(expr, (Name, Attr)):
                for value in self._resolver.evaluate(expr, around):
                    if isinstance(value, ProjectFunction):
                        yield value.ref
            elif isinstance(expr, Result):  # `param(ask, id="asking")`
                listed += self._project.site(around, expr.site).args
            else:
                listed += getattr(expr, "items", ()) or getattr(expr, "options", ())

    def _asked_for(self, ref: FunctionRef, owner: int) -> Iterator[str]:
        """Return the names of fixtures for which a test, its class or its module is marked."""
        scope = self._project.around(ref)
        marks = [(mark, scope) for mark in self._project.function(ref).decorators]
        if owner >= 0:
            marks += self._class_decorators(ClassRef(ref.module, owner))
        marks += [(mark, FunctionRef(ref.module, _MODULE)) for mark in self._marks(ref.module)]
        for mark, around in marks:
            if isinstance(mark, Result):
                site = self._project.site(around, mark.site)
                if last_name(site.func) in self._asking_for:
                    yield from (name for argument in site.args for name in _texts_in(argument))

    def _automatic(self, ref: FunctionRef, owner: int) -> Iterator[FunctionRef]:
        """Return the fixtures that run for every test of a class or of a module.

        What runs for all tests there are says nothing of one of them.
        """
        classes: list[object] = []
        if owner >= 0 and self._automatic_ones:
            classes = [cls for cls, _ in self._hierarchy.mro(ClassRef(ref.module, owner))]
        modules = [cls.module for cls in classes if isinstance(cls, ClassRef)]
        for module in dict.fromkeys([ref.module, *modules]):
            for fixture in self._automatic_ones.get(module, ()):
                of_class = self._project.function(fixture).owner
                is_here = of_class < 0 and module == ref.module
                if fixture != ref and (is_here or ClassRef(module, of_class) in classes):
                    yield fixture

    @cached_property
    def _automatic_ones(self) -> dict[int, list[FunctionRef]]:
        """The fixtures that nobody has to ask for, by their modules."""
        found: dict[int, list[FunctionRef]] = {}
        for ref in (ref for those in self._by_name.values() for ref in those):
            around = self._project.around(ref)
            marks = self._project.function(ref).decorators
            sites = (self._project.site(around, m.site) for m in marks if isinstance(m, Result))
            if any(key == "autouse" for site in sites for key, _ in site.keywords):
                found.setdefault(ref.module, []).append(ref)
        return found

    def fixtures(self, name: str, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return the fixtures of a name that a function sees: near ones, else any of that name."""
        every = self._by_name.get(name, ())
        path = self._project.path(ref.module)
        near = [one for one in every if one.module == ref.module or self._is_above(one, path)]
        return iter(self._of_its_class(every, ref) or near or every)

    def _of_its_class(
        self, fixtures: Collection[FunctionRef], ref: FunctionRef
    ) -> list[FunctionRef]:
        """Return those fixtures that are of the nearest class of a function that has any."""
        owners = {one: self._project.function(one).owner for one in fixtures if one != ref}
        owner = self._project.function(ref).owner
        if owner < 0 or all(cls < 0 for cls in owners.values()):
            return []
        for cls, _ in self._hierarchy.mro(ClassRef(ref.module, owner)):
            own = [one for one, of in owners.items() if ClassRef(one.module, of) == cls]
            if own:
                return own
        return []

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
                    fixtures.setdefault(self._asked_as(ref, facts), []).append(ref)
        return fixtures

    def _asked_as(self, ref: FunctionRef, facts: FunctionFacts) -> str:
        """Return by which name a fixture is asked for: `@fixture(name="shop")`."""
        around = self._project.around(ref)
        marks = (mark for mark in facts.decorators if isinstance(mark, Result))
        given = (self._project.site(around, mark.site).keywords for mark in marks)
        named = (dict(keywords).get("name") for keywords in given)
        return next((text for one in named if one for text in _texts_in(one)), facts.name)

    def reached(
        self, start: FunctionRef, is_within: Callable[[int], bool]
    ) -> Iterator[FunctionRef]:
        """Return a test and all that it runs: fixtures, set-up, and what they call at any depth.

        Of that only what stands in modules of which `is_within` is true.
        """
        besides = [
            ref for ref in (*self.around(start), *self.handed(start)) if is_within(ref.module)
        ]
        return self._called([start, *besides], is_within)

    def called(self, start: FunctionRef) -> Iterator[FunctionRef]:
        """Return a function and all that it calls, at any depth."""
        return self._called([start], lambda _: True)

    def _called(
        self, starts: Collection[FunctionRef], is_within: Callable[[int], bool]
    ) -> Iterator[FunctionRef]:
        def called(ref: FunctionRef) -> Iterator[FunctionRef]:
            return (one for one in self._graph.called(ref) if is_within(one.module))

        return reachable(starts, called)


def _texts_in(expr: Expr) -> Iterator[str]:
    """Return the texts of which an expression is made, as far as they are kept."""
    if isinstance(expr, Literal):
        yield from (part for part in expr.text if isinstance(part, str))


def plain_names(expr: Expr) -> Iterator[str]:
    """Return the last names of what an expression may be, where it is only named."""
    if isinstance(expr, (Name, Attr)):
        yield last_name(expr)
    elif isinstance(expr, Either):
        for option in expr.options:
            yield from plain_names(option)
