"""What a function does with its values, each looked up at once: time grows with its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from bedev_lint.model import Attr, Binding, Entered, Expr, FunctionFacts, Key, Literal, Result, Site
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["FunctionUses", "Uses", "form_of", "parts"]


class FunctionUses:
    """The uses of values in one function."""

    def __init__(self, facts: FunctionFacts) -> None:
        self.facts = facts

    @cached_property
    def dropped(self) -> frozenset[int]:
        """The sites whose result nothing reads."""
        return frozenset(self.facts.dropped)

    @cached_property
    def picked(self) -> frozenset[int]:
        """The sites of whose result only attributes are read, none in a condition."""
        return frozenset(self.facts.picked)

    @cached_property
    def of(self) -> dict[Expr, list[int]]:
        """The sites that use an attribute of a value, by that value."""
        return self._by_base({})

    @cached_property
    def of_results(self) -> dict[Expr, list[int]]:
        """The same, by the result of a site where a name can only be that."""
        return self._by_base(dict(self.facts.followed))

    def _by_base(self, followed: Mapping[int, int]) -> dict[Expr, list[int]]:
        sites: dict[Expr, list[int]] = {}
        for index, site in enumerate(self.facts.sites):
            if isinstance(site.func, Attr):
                base = Result(followed[index]) if index in followed else site.func.base
                sites.setdefault(base, []).append(index)
        return sites

    @cached_property
    def mentions(self) -> dict[Expr, list[int]]:
        """The sites that use an attribute of a value, or are given it."""
        sites: dict[Expr, list[int]] = {}
        for index, site in enumerate(self.facts.sites):
            for part in parts(site):
                sites.setdefault(part, []).append(index)
        return sites

    @cached_property
    def bound_to(self) -> dict[Expr, list[Expr]]:
        """What a value is bound to."""
        targets: dict[Expr, list[Expr]] = {}
        for binding in self.facts.bindings:
            targets.setdefault(binding.value, []).append(binding.target)
        return targets

    @cached_property
    def set_on(self) -> dict[Expr, list[Binding]]:
        """The bindings of attributes of a value."""
        bindings: dict[Expr, list[Binding]] = {}
        for binding in self.facts.bindings:
            if isinstance(binding.target, Attr):
                bindings.setdefault(binding.target.base, []).append(binding)
        return bindings

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys that it sets of something, as forms: `kwargs.setdefault("timeout", 5)`."""
        return frozenset(_keys(self.facts))

    @cached_property
    def keywords(self) -> frozenset[str]:
        """The keywords that it gives to calls, or asks for itself."""
        of_calls = (name for site in self.facts.sites for name, _ in site.keywords)
        return frozenset((*of_calls, *(param.name for param in self.facts.params)))

    def held(self, index: int) -> set[Expr]:
        """Return what stands for the result of a call: itself, entered, and names of both."""
        result = Result(index)
        held: set[Expr] = {result, Entered(result)}
        return held.union(*(self.bound_to.get(value, ()) for value in (result, Entered(result))))


class Uses:
    """The uses of values in all functions."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._by_function: dict[FunctionRef, FunctionUses] = {}

    def by(self, ref: FunctionRef) -> FunctionUses:
        """Return the uses in a function."""
        facts = self._project.function(ref)  # which notes that it is looked at
        if ref not in self._by_function:
            self._by_function[ref] = FunctionUses(facts)
        return self._by_function[ref]


def parts(site: Site, *, whole: bool = False) -> Iterator[Expr]:
    """Return what a site speaks of: its arguments, and what it calls or, if not whole, of what."""
    func = site.func
    yield func.base if isinstance(func, Attr) and not whole else func
    yield from site.args
    yield from (value for _, value in site.keywords)


def form_of(key: Expr) -> str:
    """Return a key as it is written, or "" for one that is not known."""
    if isinstance(key, Key):
        return repr(key.name)
    return key.form if isinstance(key, Literal) else ""


def _keys(facts: FunctionFacts) -> Iterator[str]:
    for site in facts.sites:
        if site.kind in ("call", "index", "iter"):
            yield from filter(None, map(form_of, site.args))
        if isinstance(site.func, Attr) and site.func.name == "update":
            yield from (repr(name) for name, _ in site.keywords)
