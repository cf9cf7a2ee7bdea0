"""Tests that nothing can fail: neither they nor what they run asserts anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import Attr, Expr, FunctionFacts, Name, Result, Site, last_name
from bedev_lint.names import any_match, words
from bedev_lint.options import texts
from bedev_lint.program import PathStep, Program, Violation
from bedev_lint.program.effects.nesting import itself
from bedev_lint.program.structure.values import ClassRef, FunctionRef, Object
from bedev_lint.suites.claimed import Claimed
from bedev_lint.suites.collected import Suite, plain_names

__all__ = ["lacking"]

_OF_FUNCTION = -1  # no site: the function itself


def lacking(program: Program, _catalog: Catalog, rule: Rule) -> Iterator[Violation]:
    """Return the tests that cannot fail but by an error, and do not say that this is what for."""
    assertions = _Assertions(program, rule)
    claimed = Claimed(program, rule)
    for ref, facts in assertions.tests.all():
        if not claimed.is_expected(ref, facts) and not assertions.can_fail(ref, facts):
            yield Violation(rule.code, (PathStep(ref, _OF_FUNCTION),), facts.name, True)


class _Assertions:
    """Says whether tests assert. The options of the rule say by what that is known.

    words      words of names of functions that assert
    checking   patterns of names of functions that assert, or that wait for something
    keywords   arguments by which a call is told what to assert
    watching   patterns of names of fixtures and decorators that check what was done
    harmless   names of methods of libraries' test cases that do not assert
    closing    names of methods that the runner runs after a test
    """

    def __init__(self, program: Program, rule: Rule) -> None:
        self._project, self._graph = program.project, program.graph
        self._resolver = program.resolver
        self._hierarchy = program.resolver.hierarchy
        options = rule.options
        self.tests = Suite(program, options)
        self._words = frozenset(texts(options, "words"))
        self._checking, self._keywords = texts(options, "checking"), texts(options, "keywords")
        self._watching = texts(options, "watching")
        self._harmless = frozenset(texts(options, "harmless"))
        self._closing = frozenset(texts(options, "closing"))
        self._asserting: dict[FunctionRef, bool] = {}
        # For each module, by the number of a function, those that are defined in it.
        self._nested: dict[int, dict[int, list[FunctionRef]]] = {}
        self._after: dict[FunctionRef, bool] = {}

    def can_fail(self, test: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a test, or what is run for it, asserts, as far as that is known."""
        return (
            any(map(self._runs_assertion, (test, *self.tests.handed(test))))
            or any(self._asserts_after(ref) for ref in self.tests.around(test))
            or any(self._given_asserts(param.name, test, facts) for param in facts.params)
            or self._is_told_what_to_expect(test, facts)
            or self._has_unread_base(test, facts)
        )

    # ------------------------------------------------------------------ what it runs

    def _runs_assertion(self, ref: FunctionRef) -> bool:
        """Return whether a function, or one that it calls, asserts."""
        return any(map(self._asserts, self.tests.called(ref)))

    def _asserts(self, ref: FunctionRef) -> bool:
        if ref not in self._asserting:
            facts = self._project.function(ref)
            checks = facts.checks
            self._asserting[ref] = (
                (checks is not None and checks.asserts)
                or self._is_watched(ref, facts)
                or any(self._site_asserts(site, ref, facts) for site in facts.sites)
                # What it defines it puts in the place of something that is called.
                or any(self._asserts(inner) for inner in self._defined_in(ref))
            )
        return self._asserting[ref]

    def _is_watched(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a fixture that a function asks for, or a decorator, checks."""
        if any(any_match((param.name,), self._watching) for param in facts.params):
            return True
        around = self._project.around(ref)
        called = (last_name(self._project.called_by(one, around)) for one in facts.decorators)
        return any(any_match((name,), self._watching) or self._tells(name) for name in called)

    def _defined_in(self, ref: FunctionRef) -> Sequence[FunctionRef]:
        if ref.module not in self._nested:
            nested = self._nested[ref.module] = {}
            for inner, facts in self._project.functions(ref.module):
                nested.setdefault(facts.parent, []).append(inner)
        return self._nested[ref.module].get(ref.function, ()) if ref.function > 0 else ()

    def _site_asserts(self, site: Site, ref: FunctionRef, facts: FunctionFacts) -> bool:
        if site.kind != "call":
            return False
        if self._tells(last_name(site.func)) or self._is_unknown(site, ref, facts):
            return True
        if any(map(self._tells, self._other_names(site.func, ref))):
            return True
        arguments = (*site.args, *(value for _, value in site.keywords))
        return any(name in self._keywords for name, _ in site.keywords) or any(
            self._tells(name) for argument in arguments for name in plain_names(argument)
        )

    def _other_names(self, func: Expr, ref: FunctionRef) -> Iterator[str]:
        """Return the names of what a plain name is bound to, in a function or around it."""
        if isinstance(func, Name):
            for scope in self._project.outward(ref):
                bound = self._project.bound(scope, func.id)
                if bound is not None:
                    yield from (name for expr in bound for name in plain_names(expr))
                    return

    def _tells(self, name: str) -> bool:
        """Return whether a function of this name asserts."""
        return not self._words.isdisjoint(words(name)) or any_match((name,), self._checking)

    def _is_unknown(self, site: Site, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a site calls a method of its own object that may come from anywhere.

        It is one of a class below, or of one above that is not of the project.
        """
        func = site.func
        if facts.owner < 0 or not isinstance(func, Attr) or func.name in self._harmless:
            return False
        if not _is_own(func.base, facts):
            return False
        above = self._hierarchy.mro(ClassRef(ref.module, facts.owner))
        classes = [cls for cls, _ in above if isinstance(cls, ClassRef)]
        return not any(
            func.name in self._project.class_(cls).methods
            or func.name in self._project.attributes_of(cls)
            for cls in classes
        )

    # ------------------------------------------------------------------ what is run around it

    def _asserts_after(self, ref: FunctionRef) -> bool:
        """Return whether a fixture, or what sets a class up, judges what a test has done.

        What it asserts before that is about its own work.
        """
        if ref not in self._after:
            facts = self._project.function(ref)
            if facts.name in self._closing:
                self._after[ref] = self._runs_assertion(ref)
            else:
                self._after[ref] = self._asserts_behind_yield(ref, facts) or any(
                    any(self._runs_assertion(inner) for inner in self._defined_in(called))
                    or any(map(self._makes_asserting, self._project.function(called).sites))
                    for called in self.tests.called(ref)
                )
        return self._after[ref]

    def _asserts_behind_yield(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a function asserts once a test is through: by what it hands over, too."""
        handing = [index for index, site in enumerate(facts.sites) if site.kind == "yield"]
        start = handing[0] if handing else len(facts.sites)
        if handing and facts.checks is not None and facts.checks.asserts:
            return True
        if any(self._site_asserts(site, ref, facts) for site in facts.sites[start:]):
            return True
        if any(self._hands_over(site) for site in facts.sites[:start]):
            return True
        later = [edge.target for edge in self._graph.does(ref).edges if edge.site >= start]
        return any(map(self._runs_assertion, later))

    def _hands_over(self, site: Site) -> bool:
        """Return whether a call makes an object that asserts, or is given what does."""
        return self._makes_asserting(site) or (
            site.kind == "call"
            and any(self._tells(name) for argument in site.args for name in plain_names(argument))
        )

    def _makes_asserting(self, site: Site) -> bool:
        """Return whether a call makes an object that asserts whatever it is asked."""
        made = last_name(site.func)
        return site.kind == "call" and made[:1].isupper() and any_match((made,), self._checking)

    def _given_asserts(self, name: str, test: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a test calls a method that asserts, of what a fixture gives it."""
        called = {
            site.func.name
            for site in facts.sites
            if site.kind == "call" and isinstance(site.func, Attr) and site.func.base == Name(name)
        }
        return bool(called) and any(
            method is not None and self._runs_assertion(method)
            for fixture in self.tests.fixtures(name, test)
            for cls in self._classes_given(fixture)
            for method in map(partial(self._hierarchy.method, cls), called)
        )

    def _is_told_what_to_expect(self, test: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a block is what a decorator gives each time: `raises(…)` or nothing."""
        blocks = {region.expr for region in facts.regions if region.kind == "with"}
        params = [param.name for param in facts.params if Name(param.name) in blocks]
        if not facts.decorators or all(any(self.tests.fixtures(p, test)) for p in params):
            return False
        around = self._project.function(self._project.around(test))
        return any(
            site.kind == "call" and self._tells(last_name(site.func)) for site in around.sites
        )

    def _classes_given(self, fixture: FunctionRef) -> Iterator[ClassRef]:
        """Return the classes of the objects that a fixture gives to a test."""
        facts = self._project.function(fixture)
        for expr in (*facts.results, *(facts.yields or ())):
            for value in self._resolver.evaluate(expr, fixture):
                if isinstance(value, Object) and isinstance(value.of, ClassRef):
                    yield value.of

    def _has_unread_base(self, test: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a class above a test stands in a file beside it that nothing leads to.

        A file of a package, run as a script, imports that by its bare name.
        """
        if facts.owner < 0:
            return False
        folder = self._project.path(test.module).rpartition("/")[0]
        bases = self._hierarchy.external_bases(ClassRef(test.module, facts.owner))
        return any(f"{folder}/{base.partition('.')[0]}.py" in self._paths for base in bases)

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(map(self._project.path, self._project.modules))


def _is_own(expr: Expr, facts: FunctionFacts) -> bool:
    """Return whether an expression is the object of a method, or `super()` of it."""
    if isinstance(expr, Result):
        return facts.sites[expr.site].func == Name("super")
    return expr == itself(facts)
