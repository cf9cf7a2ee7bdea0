"""Tests that script the queries of a database, instead of asking one."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import Attr, Expr, FunctionFacts, Item, Name, Result, last_name
from bedev_lint.names import any_path, words
from bedev_lint.options import texts
from bedev_lint.program import PathStep, Program, Violation
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.suites.collected import Suite

__all__ = ["queries"]


def queries(program: Program, _catalog: Catalog, rule: Rule) -> Iterator[Violation]:
    """Return the tests that say what a query of a mock gives, at their first such statement."""
    suite, scripted = Suite(program, rule.options), _Scripted(program, rule)
    for ref, facts in suite.all():
        site = scripted.site(ref, facts)
        if site >= 0:
            yield Violation(rule.code, (PathStep(ref, site),), facts.name, True)


class _Scripted:
    """Says which statements script a query. The options say by what that is known.

    links       names of methods that build or run a query
    certain     those of them that nothing but a database has
    giving      attributes of a mock that say what it gives
    database-words  words in names of what is a database
    other-words     words in names of what is none, though its methods are called the same
    mocks       names of functions that make a mock
    whole       patterns of paths of tests that are to run against a real database
    checking    names of functions by which a test looks at the statement itself
    """

    def __init__(self, program: Program, rule: Rule) -> None:
        self._project = program.project
        options = rule.options
        self._links, self._certain = (frozenset(texts(options, k)) for k in ("links", "certain"))
        self._giving = frozenset(texts(options, "giving"))
        self._databases, self._others = (
            frozenset(texts(options, key)) for key in ("database-words", "other-words")
        )
        self._mocks = frozenset(texts(options, "mocks"))
        self._whole = any_path(texts(options, "whole"))
        self._checking = frozenset(texts(options, "checking"))

    def site(self, ref: FunctionRef, facts: FunctionFacts) -> int:
        """Return the site of the first statement of a test that scripts a query, or -1."""
        calls = (site for site in facts.sites if site.kind == "call")
        if any(last_name(site.func) in self._checking for site in calls):
            return -1
        is_whole = self._whole.match(f"/{self._project.path(ref.module)}") is not None
        for binding in facts.bindings:
            target, value = binding.target, binding.value
            if isinstance(target, Attr) and self._scripts(target, value, facts):
                return _place(target, facts)
            if is_whole and self._mocks_database(target, value, facts):
                assert isinstance(value, Result)
                return value.site
        return -1

    def _scripts(self, target: Attr, value: Expr, facts: FunctionFacts) -> bool:
        if target.name not in self._giving or self._is_error(target.name, value, facts):
            return False
        chain = list(_chain(target, facts))
        links = [name for name in chain if name in self._links]
        return (
            len(links) > 1
            and any(name in self._giving for name in chain[:-1])
            and self._is_of_database(chain)
        )

    def _is_error(self, giving: str, value: Expr, facts: FunctionFacts) -> bool:
        """Return whether a mock is told to raise: that a database fails has to be made up.

        A class, or an object of one, that is to be the effect of a call is an exception.
        """
        func = facts.sites[value.site].func if isinstance(value, Result) else value
        name = last_name(func)
        is_class = giving.endswith("effect") and name[:1].isupper()
        return is_class or not {"error", "exception"}.isdisjoint(words(name))

    def _is_of_database(self, chain: list[str]) -> bool:
        first = next(index for index, name in enumerate(chain) if name in self._links)
        before = {word for name in chain[:first] for word in words(name)}
        if not self._others.isdisjoint(before):
            return False
        return not self._databases.isdisjoint(before) or not self._certain.isdisjoint(chain)

    def _mocks_database(self, target: Expr, value: Expr, facts: FunctionFacts) -> bool:
        if not isinstance(target, Name) or not isinstance(value, Result):
            return False
        named = set(words(target.id))
        is_mock = last_name(facts.sites[value.site].func) in self._mocks
        return is_mock and not self._databases.isdisjoint(named) and self._others.isdisjoint(named)


def _chain(expr: Expr, facts: FunctionFacts) -> Iterator[str]:
    """Return the names of an access path from its start, calls and keys left out."""
    names = []
    while not isinstance(expr, Name):
        if isinstance(expr, Attr):
            names.append(expr.name)
            expr = expr.base
        elif isinstance(expr, Result):
            expr = facts.sites[expr.site].func
        elif isinstance(expr, Item):
            expr = expr.base
        else:
            break
    if isinstance(expr, Name):
        names.append(expr.id)
    return reversed(names)


def _place(target: Attr, facts: FunctionFacts) -> int:
    """Return the site at which what is bound to is read, or that of the function."""
    for index, site in enumerate(facts.sites):
        if site.kind == "get" and site.func == target.base:
            return index
    base = target.base
    return base.site if isinstance(base, Result) else -1
