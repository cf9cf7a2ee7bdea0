"""How much of a program is understood: what its calls are resolved to, and why the rest is not.

It answers questions of people, and of rules that require something: nothing else computes it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from bedev_lint.catalog import Catalog
from bedev_lint.model import (
    Attr,
    Caught,
    Either,
    Elem,
    Entered,
    Expr,
    FunctionFacts,
    Instance,
    Item,
    Name,
    Part,
    Result,
    Site,
)
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.generics import ANYTHING
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    ProjectModule,
    Value,
)

__all__ = [
    "KNOWN",
    "NOTHING",
    "PROJECT",
    "THIRD_PARTY",
    "Calls",
    "Coverage",
    "Resolution",
    "shown_call",
]

PROJECT = "project code"
KNOWN = "a known library"
THIRD_PARTY = "an unknown third party"
NOTHING = "nothing"

# Names bound to names, calls of results: how many of them are followed for a cause.
_DEEPEST = 12


class Resolution(NamedTuple):
    """What a call is resolved to; `cause` says why to nothing, or names the third party."""

    to: str
    cause: str = ""


class Coverage(NamedTuple):
    """How many calls are resolved to what, and the causes of those that are not."""

    counts: dict[str, int]
    third_parties: list[tuple[str, int]]
    causes: list[tuple[str, int]]


class Calls:
    """Says of calls what they are resolved to. The standard library is a known one."""

    def __init__(self, project: Project, catalog: Catalog, resolver: Resolver) -> None:
        self._project, self._catalog, self._resolver = project, catalog, resolver

    def coverage(self) -> Coverage:
        """Count all calls of the program."""
        numbers = Counter(
            self.resolution(site, ref)
            for module in self._project.modules
            for ref, facts in self._project.functions(module)
            for site in facts.sites
            if site.kind == "call"
        )
        counts = dict.fromkeys((PROJECT, KNOWN, THIRD_PARTY, NOTHING), 0)
        for resolution, number in numbers.items():
            counts[resolution.to] += number

        def causes(to: str) -> list[tuple[str, int]]:
            these = [(r.cause, number) for r, number in numbers.items() if r.to == to]
            return sorted(these, key=lambda one: (-one[1], one[0]))

        return Coverage(counts, causes(THIRD_PARTY), causes(NOTHING))

    def unresolved(self, ref: FunctionRef) -> Iterator[tuple[int, Site, str]]:
        """Return the calls of a function that are resolved to nothing, each with the cause."""
        for index, site in enumerate(self._project.function(ref).sites):
            if site.kind == "call":
                resolution = self.resolution(site, ref)
                if resolution.to == NOTHING:
                    yield index, site, resolution.cause

    def resolution(self, site: Site, ref: FunctionRef) -> Resolution:
        """Return what a call is resolved to."""
        values = self._resolver.evaluate(site.func, ref)
        resolutions = [self._of_value(value) for value in values]
        if isinstance(site.func, Attr) and not values:
            bases = self._resolver.evaluate(site.func.base, ref)
            resolutions = [self._of_member(base) for base in bases]
        for kind in (PROJECT, KNOWN, THIRD_PARTY, NOTHING):
            for one in resolutions:
                if one.to == kind:
                    return one
        return Resolution(NOTHING, self._cause(site.func, ref, _DEEPEST))

    # ------------------------------------------------------------------ what is called

    def _of_value(self, value: Value) -> Resolution:
        if isinstance(value, (ProjectFunction, Class)):
            return Resolution(PROJECT)
        if isinstance(value, Object) and isinstance(value.of, ClassRef):
            return Resolution(PROJECT)
        if isinstance(value, Member) or self._resolver.vocabulary.spec(value) is not None:
            return Resolution(KNOWN)
        if isinstance(value, External):
            return self._of_type(value.name)
        if isinstance(value, Object) and isinstance(value.of, str):
            return self._of_type(value.of)
        return Resolution(NOTHING, "a type parameter, or a module that is called")

    def _of_member(self, base: Value) -> Resolution:
        """Return what a member is that nothing is known of, by what it is a member of."""
        if isinstance(base, Object) and isinstance(base.of, str):
            return self._of_type(base.of)
        if isinstance(base, External):
            return self._of_type(base.name)
        if isinstance(base, Member):
            return Resolution(KNOWN)
        if isinstance(base, (Object, Class)):
            ref = base.of if isinstance(base, Object) else base.ref
            assert isinstance(ref, ClassRef)
            return self._inherited(ref)
        if isinstance(base, ProjectModule):
            return Resolution(NOTHING, "a module of the project binds no such name")
        if isinstance(base, ProjectFunction):
            return Resolution(NOTHING, "an attribute of a function")
        return Resolution(NOTHING, "a type parameter of which nothing is known")

    def _inherited(self, ref: ClassRef) -> Resolution:
        """Return what a member of a project class is that the project does not define."""
        above = [self._of_type(name) for name in self._resolver.hierarchy.external_bases(ref)]
        for kind in (THIRD_PARTY, KNOWN):
            for one in above:
                if one.to == kind:
                    return one
        return Resolution(NOTHING, "a class of the project binds no such attribute")

    def _of_type(self, name: str) -> Resolution:
        if name in ANYTHING:
            return Resolution(NOTHING, "declared to be anything")
        top = name.split(".")[0].split(":")[0]
        if top in sys.stdlib_module_names or self._is_known(name):
            return Resolution(KNOWN)
        return Resolution(THIRD_PARTY, top)

    def _is_known(self, name: str) -> bool:
        return name in self._catalog.types or name.rpartition(".")[0] in self._catalog.types

    # ------------------------------------------------------------------ why nothing is known

    def _cause(self, expr: Expr, ref: FunctionRef, depth: int) -> str:
        """Return why an expression stands for nothing: the cause at its root."""
        if depth == 0:
            return "names that lead back to themselves, or too far"
        if isinstance(expr, Name):
            return self._cause_of_name(expr.id, ref, depth)
        if isinstance(expr, Result):
            return self._cause_of_result(self._project.function(ref).sites[expr.site], ref, depth)
        if isinstance(expr, Instance):
            return "an annotation that is not resolved"
        if isinstance(expr, Either):
            return self._cause(expr.options[0], ref, depth - 1)
        if isinstance(expr, Attr):
            for base in self._resolver.evaluate(expr.base, ref):
                resolution = self._of_member(base)
                return (
                    resolution.cause if resolution.to == NOTHING else _of_attribute(resolution.to)
                )
            return self._cause(expr.base, ref, depth - 1)
        if isinstance(expr, (Elem, Entered, Part, Item, Caught)):
            if self._resolver.evaluate(expr.base, ref):
                return "an element of something whose elements are not known"
            return self._cause(expr.base, ref, depth - 1)
        return "an expression that is not followed"

    def _cause_of_result(self, site: Site, ref: FunctionRef, depth: int) -> str:
        resolution = self.resolution(site, ref)
        if resolution.to == NOTHING:
            return self._cause(site.func, ref, depth - 1)
        return f"a result of {resolution.to}, which does not say what it is"

    def _cause_of_name(self, name: str, ref: FunctionRef, depth: int) -> str:
        for scope in self._project.outward(ref):
            facts = self._project.function(scope)
            if any(param.name == name for param in facts.params):
                return _cause_of_parameter(name, facts)
            if self._project.imports(scope, name):
                return "an import of a name that the module does not bind"
            for value in self._project.bound(scope, name) or ():
                return self._cause(value, scope, depth - 1)
        return "a name that is bound nowhere in sight"


def _of_attribute(owner: str) -> str:
    return f"an attribute of {owner}, which does not say what it is"


def _cause_of_parameter(name: str, facts: FunctionFacts) -> str:
    for param in facts.params:
        if param.name == name and param.kind in ("args", "kwargs"):
            return "one of any number of arguments"
        if param.name == name and param.annotation is not None:
            return "an annotation that is not resolved"
    return "a parameter without a type"


def shown_call(func: Expr, facts: FunctionFacts) -> str:
    """Return what is called as people write it, without any arguments: `self.bus.send`."""
    if isinstance(func, Name):
        return func.id
    if isinstance(func, Attr):
        return f"{shown_call(func.base, facts)}.{func.name}"
    if isinstance(func, Result):
        return f"{shown_call(facts.sites[func.site].func, facts)}(…)"
    if isinstance(func, Item):
        return f"{shown_call(func.base, facts)}[…]"
    if isinstance(func, Instance):
        return shown_call(func.of, facts)
    return "(…)"
