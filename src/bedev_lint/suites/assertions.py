"""Tests that nothing can fail: neither they nor what they run asserts anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import Attr, Expr, FunctionFacts, Literal, Name, Result, Site, last_name
from bedev_lint.names import any_match, words
from bedev_lint.options import texts
from bedev_lint.program import PathStep, Program, Violation
from bedev_lint.program.effects.nesting import itself, regions_around
from bedev_lint.program.structure.values import ClassRef, FunctionRef
from bedev_lint.suites.collected import Suite, plain_names

__all__ = ["lacking"]

_OF_FUNCTION = -1  # no site: the function itself


def lacking(program: Program, _catalog: Catalog, rule: Rule) -> Iterator[Violation]:
    """Return the tests that cannot fail but by an error, and do not say that this is what for."""
    assertions = _Assertions(program, rule)
    for ref, facts in assertions.tests.all():
        if not assertions.is_expected(ref, facts) and not assertions.can_fail(ref):
            yield Violation(rule.code, (PathStep(ref, _OF_FUNCTION),), facts.name, True)


class _Assertions:
    """Says whether tests assert. The options of the rule say by what that is known.

    words      words of names of functions that assert
    checking   patterns of names of functions that assert, or that wait for something
    keywords   arguments by which a call is told what to assert
    watching   patterns of names of fixtures that check what was done
    judging    patterns of names of functions that raise for what is not valid
    fetching   patterns of a method and what it is called on, as last call: it fails where there is
               nothing
    approving  words in the name of a test that say that something is valid
    harmless   names of methods of libraries' test cases that do not assert
    """

    def __init__(self, program: Program, rule: Rule) -> None:
        self._project, self._graph = program.project, program.graph
        self._hierarchy = program.resolver.hierarchy
        options = rule.options
        self.tests = Suite(program, options)
        self._words = frozenset(texts(options, "words"))
        self._approving = frozenset(texts(options, "approving"))
        self._checking, self._judging = texts(options, "checking"), texts(options, "judging")
        self._fetching = texts(options, "fetching")
        self._keywords = texts(options, "keywords")
        self._watching = texts(options, "watching")
        self._skipping = frozenset(texts(options, "skipping"))
        self._harmless = frozenset(texts(options, "harmless"))
        self._asserting: dict[FunctionRef, bool] = {}
        # For each module, by the number of a function, those that are defined in it.
        self._nested: dict[int, dict[int, list[FunctionRef]]] = {}
        self._raising: dict[int, frozenset[str]] = {}

    # ------------------------------------------------------------------ what can fail

    def can_fail(self, test: FunctionRef) -> bool:
        """Return whether a test, or something that it runs, asserts, as far as that is known."""
        return any(self._asserts(ref) for ref in self.tests.reached(test))

    def _asserts(self, ref: FunctionRef) -> bool:
        if ref not in self._asserting:
            facts = self._project.function(ref)
            checks = facts.checks
            self._asserting[ref] = (
                (checks is not None and checks.asserts)
                or any(any_match((param.name,), self._watching) for param in facts.params)
                or any(self._site_asserts(site, ref, facts) for site in facts.sites)
                # What it defines it puts in the place of something that is called.
                or any(self._asserts(inner) for inner in self._defined_in(ref))
            )
        return self._asserting[ref]

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
        arguments = (*site.args, *(value for _, value in site.keywords))
        return any(name in self._keywords for name, _ in site.keywords) or any(
            self._tells(name) for argument in arguments for name in plain_names(argument)
        )

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

    # ------------------------------------------------------------------ what is right so

    def is_expected(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether not to raise is what a test claims, or there is nothing to run."""
        return (
            (facts.checks is not None and facts.checks.claims)
            or any(last_name(site.func) in self._skipping for site in _calls(facts))
            or self._is_empty_override(ref, facts)
            or self._is_other_half(ref, facts)
            or self._approves(facts)
            or self._ends_in_query(facts)
        )

    def _is_empty_override(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a test does nothing, instead of one that its class would inherit."""
        if facts.owner < 0 or facts.sites:
            return False
        above = self._hierarchy.mro(ClassRef(ref.module, facts.owner))[1:]
        return any(
            isinstance(cls, ClassRef) and facts.name in self._project.class_(cls).methods
            for cls, _ in above
        )

    def _is_other_half(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether another test of the module expects what this one calls to raise."""
        called = {last_name(site.func) for site in _calls(facts)}
        return not called.isdisjoint(self._expected_to_raise(ref.module))

    def _expected_to_raise(self, module: int) -> frozenset[str]:
        if module not in self._raising:
            functions = self._project.functions(module)
            names = (name for _, facts in functions for name in _raising(facts))
            self._raising[module] = frozenset(names)
        return self._raising[module]

    def _approves(self, facts: FunctionFacts) -> bool:
        """Return whether the last call of a test that is named after what is valid judges that."""
        last = next((site for site in reversed(facts.sites) if site.kind == "call"), None)
        return (
            last is not None
            and any_match((last_name(last.func),), self._judging)
            and not self._approving.isdisjoint(words(facts.name))
        )

    def _ends_in_query(self, facts: FunctionFacts) -> bool:
        """Return whether a test ends with a query, which fails where there is nothing of it."""
        *_, last = [None, *_calls(facts)]
        if last is None:
            return False
        func = last.func
        if isinstance(func, Attr) and any_match(
            (f"{_owner(func.base, facts)}.{func.name}",), self._fetching
        ):
            return True
        arguments = [*last.args]
        for argument in last.args:
            if isinstance(argument, Result):
                arguments += facts.sites[argument.site].args
        return any(isinstance(one, Literal) and one.sql == "select" for one in arguments)


def _owner(expr: Expr, facts: FunctionFacts) -> str:
    """Return the last name of what a method is called on."""
    return last_name(facts.sites[expr.site].func if isinstance(expr, Result) else expr)


def _is_own(expr: Expr, facts: FunctionFacts) -> bool:
    """Return whether an expression is the object of a method, or `super()` of it."""
    if isinstance(expr, Result):
        return facts.sites[expr.site].func == Name("super")
    return expr == itself(facts)


def _calls(facts: FunctionFacts) -> Iterator[Site]:
    return (site for site in facts.sites if site.kind == "call")


def _raising(facts: FunctionFacts) -> Iterator[str]:
    """Return the names of what a function calls where it expects an error."""
    for site in _calls(facts):
        if _expects_error(site):
            yield from (name for argument in site.args[1:2] for name in plain_names(argument))
        elif any(
            region.kind == "with" and _is_expectation(region.expr, facts)
            for region in regions_around(facts, site.region)
        ):
            yield last_name(site.func)


def _is_expectation(expr: Expr | None, facts: FunctionFacts) -> bool:
    return isinstance(expr, Result) and _expects_error(facts.sites[expr.site])


def _expects_error(site: Site) -> bool:
    return "raises" in words(last_name(site.func))
