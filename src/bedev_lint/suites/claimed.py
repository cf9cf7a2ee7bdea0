"""Tests that are right as they are, though they assert nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.catalog import Rule
from bedev_lint.model import (
    Attr,
    Expr,
    FunctionFacts,
    Literal,
    Name,
    Result,
    Scope,
    Site,
    last_name,
)
from bedev_lint.names import any_match, words
from bedev_lint.options import texts
from bedev_lint.program import Program
from bedev_lint.program.effects.nesting import regions_around
from bedev_lint.program.structure.values import ClassRef, FunctionRef
from bedev_lint.suites.collected import plain_names

__all__ = ["Claimed"]


class Claimed:
    """Says which tests are there to show that nothing is raised. The options say by what.

    skipping   names of decorators and calls of what is not run, or may fail
    judging    patterns of names of functions that raise for what is not valid
    approving  words in the name of a test that say that something is valid
    replacing  words in names of what puts something in the place of what code calls: a test with
               it is to show what is called
    trying     words in names of classes whose tests only run what there is
    fetching   patterns of a method and what it is called on, as last call: it fails where there is
               nothing
    """

    def __init__(self, program: Program, rule: Rule) -> None:
        self._project = program.project
        self._hierarchy = program.resolver.hierarchy
        options = rule.options
        self._skipping, self._approving, self._replacing = (
            frozenset(texts(options, key)) for key in ("skipping", "approving", "replacing")
        )
        self._trying = frozenset(texts(options, "trying"))
        self._judging, self._fetching = texts(options, "judging"), texts(options, "fetching")
        self._raising: dict[int, frozenset[str]] = {}

    def is_expected(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether not to raise is what a test claims, or there is nothing to run."""
        return (
            (facts.checks is not None and facts.checks.claims)
            or any(last_name(site.func) in self._skipping for site in _calls(facts))
            or self._only_tries(ref, facts)
            or self._is_empty_override(ref, facts)
            or self._is_other_half(ref, facts)
            or self._approves(facts)
            or self._ends_in_query(facts)
        )

    def _only_tries(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether the class of a test says that it does no more: `SmokeTests`."""
        if facts.owner < 0:
            return False
        name = self._project.class_(ClassRef(ref.module, facts.owner)).name
        return not self._trying.isdisjoint(words(name))

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
        """Return whether another test of the module expects what this one calls to raise.

        What is called with something in the place of what it calls does more than to judge, unless
        a name says that it does not, or an object is made that nobody looks at.
        """
        called = {last_name(site.func) for site in _calls(facts)}
        called |= {name for site in facts.sites for name in self._defining(site, ref.module)}
        both = called & self._expected_to_raise(ref.module)
        if self._replaces(ref, facts) and self._approving.isdisjoint(words(facts.name)):
            made = {last_name(facts.sites[index].func) for index in facts.dropped}
            both = {
                name
                for name in both
                if any_match((name,), self._judging) or (name in made and name[:1].isupper())
            }
        return bool(both)

    def _replaces(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a test puts something in the place of what is not to run."""
        around = self._project.around(ref)
        named = [self._project.called_by(one, around) for one in facts.decorators]
        named += [site.func for site in _calls(facts)]
        names = [param.name for param in facts.params]
        names += (name for expr in named for name in _path(expr))
        return any(not self._replacing.isdisjoint(words(name)) for name in names)

    def _expected_to_raise(self, module: int) -> frozenset[str]:
        if module not in self._raising:
            functions = self._project.functions(module)
            names = (name for ref, facts in functions for name in self._raised(ref, facts))
            self._raising[module] = frozenset(names)
        return self._raising[module]

    def _raised(self, ref: FunctionRef, facts: FunctionFacts) -> Iterator[str]:
        """Return the names of what a function calls, or defines, where it expects an error.

        What is called may be its own, made by a decorator: that is what raises.
        """
        module = ref.module
        for name in _raising(facts):
            yield name
            for made in self._project.bound(ref, name) or ():
                if isinstance(made, Scope) and not made.is_class:
                    inner = FunctionRef(module, made.function)
                    for decorator in self._project.function(inner).decorators:
                        yield last_name(self._project.called_by(decorator, ref))
        for site in facts.sites:
            if site.kind == "class" and _is_to_raise(site, facts):
                yield from self._defining(site, module)

    def _defining(self, site: Site, module: int) -> Iterator[str]:
        """Return what runs where a class is defined: `__init_subclass__` of its bases."""
        for scope in site.args if site.kind == "class" else ():
            if isinstance(scope, Scope):
                for base in self._project.class_(ClassRef(module, scope.function)).bases:
                    yield f"class {last_name(base)}"

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


def _calls(facts: FunctionFacts) -> Iterator[Site]:
    return (site for site in facts.sites if site.kind == "call")


def _raising(facts: FunctionFacts) -> Iterator[str]:
    """Return the names of what a function calls where it expects an error."""
    for site in _calls(facts):
        if _expects_error(site):
            yield from (name for argument in site.args[1:2] for name in plain_names(argument))
        elif _is_to_raise(site, facts):
            yield last_name(site.func)


def _is_to_raise(site: Site, facts: FunctionFacts) -> bool:
    """Return whether something stands where an error is expected."""
    return any(
        region.kind == "with" and _is_expectation(region.expr, facts)
        for region in regions_around(facts, site.region)
    )


def _is_expectation(expr: Expr | None, facts: FunctionFacts) -> bool:
    return isinstance(expr, Result) and _expects_error(facts.sites[expr.site])


def _expects_error(site: Site) -> bool:
    return "raises" in words(last_name(site.func))


def _path(expr: Expr) -> Iterator[str]:
    """Return the names of an access path: `mock` and `patch` of `mock.patch`."""
    while isinstance(expr, Attr):
        yield expr.name
        expr = expr.base
    if isinstance(expr, Name):
        yield expr.id
