"""What else a function, or the whole program, uses that excuses a call."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bedev_lint.model import Attr, Expr, FunctionFacts, Name, Result, last_name
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.resolve.uses import parts
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef, ProjectFunction, Values

__all__ = ["Using"]


class Using:
    """Says whether something is used that has one of these dotted names, or is `*.method`."""

    def __init__(self, project: Project, resolver: Resolver, naming: Naming) -> None:
        self._project, self._resolver, self._naming = project, resolver, naming
        self._known: dict[tuple[FunctionRef, tuple[str, ...], Collection[str]], bool] = {}
        # For each module, by the number of a function, those that are defined in it.
        self._nested: dict[int, dict[int, list[FunctionRef]]] = {}

    def is_called(self, names: tuple[str, ...]) -> bool:
        """Return whether the program calls one of these anywhere."""
        return any(
            self._naming.is_one(value, names)
            for name in names
            for caller, index in self._project.calls(name.rpartition(".")[2])
            for value in self._resolver.evaluate(self._project.site(caller, index).func, caller)
        )

    def uses(self, ref: FunctionRef, names: tuple[str, ...], own: Collection[str]) -> bool:
        """Return whether a function uses one of these, for more than to call what is named `own`.

        What the functions that it names use counts too.
        """
        key = (ref, names, own)
        if key not in self._known:
            self._known[key] = self._look_for(ref, names, own)
        return self._known[key]

    def _look_for(self, ref: FunctionRef, names: tuple[str, ...], own: Collection[str]) -> bool:
        named: dict[FunctionRef, None] = {}
        for scope, expr in self._used(ref, own):
            values = self._resolver.evaluate(expr, scope) if isinstance(expr, (Name, Attr)) else ()
            if self._is_use(expr, values, names):
                return True
            named.update((v.ref, None) for v in values if isinstance(v, ProjectFunction))
        return any(
            self._is_use(expr, self._resolver.evaluate(expr, other), names)
            for other in named
            for expr in _calls_and_raises(self._project.function(other))
        )

    def _is_use(self, expr: Expr, values: Values, names: tuple[str, ...]) -> bool:
        name = last_name(expr)
        if name and f"*.{name}" in names:
            return True
        return any(self._naming.is_one(value, names) for value in values)

    def _used(self, ref: FunctionRef, own: Collection[str]) -> Iterator[tuple[FunctionRef, Expr]]:
        """Return what a function, its decorators and what is defined in it call and hand over."""
        for inner in self._inside(ref):
            facts = self._project.function(inner)
            for site in facts.sites:
                if site.kind == "call" and last_name(site.func) not in own:
                    yield from ((inner, part) for part in parts(site, whole=True))
            for value in (*(b.value for b in facts.bindings), *facts.raised):
                yield inner, value
        around = self._project.around(ref)
        for decorator in self._project.function(ref).decorators:
            if isinstance(decorator, Result):
                site = self._project.site(around, decorator.site)
                for part in parts(site, whole=True):
                    yield around, part
                    if isinstance(part, Result):
                        yield around, self._project.site(around, part.site).func

    def _inside(self, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return a function and those that are defined in it; of a module its own code alone."""
        if ref.module not in self._nested:
            nested = self._nested[ref.module] = {}
            for inner, facts in self._project.functions(ref.module):
                nested.setdefault(facts.parent, []).append(inner)
        todo = [ref]
        while todo:
            function = todo.pop()
            yield function
            if function.function > 0:
                todo += self._nested[ref.module].get(function.function, ())


def _calls_and_raises(facts: FunctionFacts) -> Iterator[Expr]:
    yield from (site.func for site in facts.sites if site.kind == "call")
    yield from facts.raised
