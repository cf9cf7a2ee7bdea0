"""Which calls of a function may be of something with a certain name: each table of rules asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from bedev_lint.model import Attr, Expr, FunctionFacts, Name, last_name
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef, ProjectModule

__all__ = ["Calls"]


class _OfFunction(NamedTuple):
    """The sites that are calls, and those that may call what has a last name."""

    every: list[int]
    by_name: dict[str, list[int]]


class Calls:
    """Finds the calls of functions by the last names of what they may call."""

    def __init__(self, project: Project, resolver: Resolver, naming: Naming) -> None:
        self._project, self._resolver, self._naming = project, resolver, naming
        self._calls: dict[FunctionRef, _OfFunction] = {}
        self._imported: dict[tuple[FunctionRef, str], bool] = {}

    def like(
        self, names: frozenset[str] | None, ref: FunctionRef, facts: FunctionFacts
    ) -> Sequence[int]:
        """Return the sites that may call something with one of these last names, None: any."""
        if ref not in self._calls:
            self._calls[ref] = self._of(ref, facts)
        calls = self._calls[ref]
        if names is None:
            return calls.every
        return sorted({*chain(*(calls.by_name[name] for name in calls.by_name.keys() & names))})

    def _of(self, ref: FunctionRef, facts: FunctionFacts) -> _OfFunction:
        calls = _OfFunction([], {})
        for index, site in enumerate(facts.sites):
            if site.kind == "call":
                calls.every.append(index)
                for name in self._last_names(site.func, ref):
                    calls.by_name.setdefault(name, []).append(index)
        return calls

    def _last_names(self, func: Expr, ref: FunctionRef) -> Iterable[str]:
        """Return the last names that what is called may have where it is defined."""
        if not self._may_be_renamed(func, ref):
            return (last_name(func),)
        values = self._resolver.evaluate(func, ref)
        names = chain(*(self._naming.names(value) for value in values))
        return {name.rpartition(".")[2] for name in names}

    def _may_be_renamed(self, func: Expr, ref: FunctionRef) -> bool:
        """Return whether what is called may have another name where it is defined.

        So may what a plain name stands for, unless nothing binds it (it is a builtin then), and
        what a module of the project hands on.
        """
        if isinstance(func, Name):
            return self._is_bound(func.id, ref)
        if not isinstance(func, Attr):
            return True
        base = func.base.base if isinstance(func.base, Attr) else func.base
        if not isinstance(base, Name) or not self._is_imported(base.id, ref):
            return False
        values = self._resolver.evaluate(func.base, ref)
        return any(isinstance(value, ProjectModule) for value in values)

    def _is_bound(self, name: str, ref: FunctionRef) -> bool:
        return (
            any(
                self._project.bound(around, name) is not None
                or any(param.name == name for param in self._project.function(around).params)
                for around in self._project.outward(ref)
            )
            or self._is_imported(name, ref)
            or bool(self._project.imports(FunctionRef(ref.module, 0), "*"))
        )

    def _is_imported(self, name: str, ref: FunctionRef) -> bool:
        if (ref, name) not in self._imported:
            self._imported[ref, name] = any(
                self._project.imports(around, name) for around in self._project.outward(ref)
            )
        return self._imported[ref, name]
