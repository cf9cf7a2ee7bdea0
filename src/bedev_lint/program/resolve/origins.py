"""Which calls make a value: followed through names, attributes, parameters and what is returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from bedev_lint.model import Attr, Either, Entered, Expr, Literal, Name, Result, Site
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Object,
    ProjectFunction,
    ProjectModule,
)

__all__ = ["Origin", "Origins"]

# Names bound to names, and results of results, that are followed.
_DEEPEST = 6
_CLOSING = frozenset({External("contextlib.closing"), External("contextlib.aclosing")})


class Origin(NamedTuple):
    """The call that makes a value, in a function, and what that binds it to, if anything."""

    scope: FunctionRef
    number: int
    target: Expr | None = None


# What the known callers of a function give it for a parameter, each as read in the caller.
_Handed = Callable[[FunctionRef, str], Iterable[tuple[Expr, FunctionRef]]]


class Origins:
    """Follows values to the calls that make them, where `handed` leads on from a parameter."""

    def __init__(self, project: Project, resolver: Resolver, handed: _Handed) -> None:
        self._project, self._resolver, self._handed = project, resolver, handed

    def of(self, expr: Expr, ref: FunctionRef) -> list[Origin] | None:
        """Return the calls that may make a value in a function; None if there may be others."""
        origins = list(self._of(expr, ref, None, _DEEPEST))
        return None if None in origins else [one for one in origins if one is not None]

    def resolved(self, expr: Expr, ref: FunctionRef) -> list[Origin]:
        """Return those that are known of the calls that may make a value in a function."""
        return [one for one in self._of(expr, ref, None, _DEEPEST) if one is not None]

    def _of(
        self, expr: Expr, ref: FunctionRef, target: Expr | None, depth: int
    ) -> Iterator[Origin | None]:
        if depth == 0:
            yield None
        elif isinstance(expr, Name):
            if expr.id != "None":
                yield from self._of_name(expr, ref, depth - 1)
        elif isinstance(expr, Attr):
            yield from self._of_attribute(expr, ref, depth - 1)
        elif isinstance(expr, Result):
            yield from self._of_result(expr, ref, target, depth - 1)
        elif isinstance(expr, Entered):
            yield from self._of(self._closed(expr.base, ref), ref, target, depth - 1)
        elif isinstance(expr, Either):
            for option in expr.options:
                yield from self._of(option, ref, target, depth - 1)
        elif not (isinstance(expr, Literal) and expr.kind):  # else it stands for nothing yet
            yield None

    def _closed(self, expr: Expr, ref: FunctionRef) -> Expr:
        """Return what is entered: of `closing(x)` it is `x`."""
        site = self._project.site(ref, expr.site) if isinstance(expr, Result) else None
        if site is None or not site.args:
            return expr
        is_closing = _CLOSING.intersection(self._resolver.evaluate(site.func, ref))
        return site.args[0] if is_closing else expr

    def _of_all(
        self, bound: Iterable[tuple[Expr, FunctionRef]], target: Expr | None, depth: int
    ) -> Iterator[Origin | None]:
        for value, ref in bound:
            yield from self._of(value, ref, target, depth)

    def _of_name(self, name: Name, ref: FunctionRef, depth: int) -> Iterator[Origin | None]:
        for scope in self._project.outward(ref):
            bound = self._project.bound(scope, name.id)
            if bound is not None:
                yield from self._of_all(((value, scope) for value in bound), name, depth)
                return
            for item in self._project.imports(scope, name.id):
                module = self._project.imported_module(item, scope.module)
                number = self._project.module(module, scope.module) if item.name else None
                if number is None or item.name == "*":
                    yield None
                else:
                    yield from self._of_name(Name(item.name), FunctionRef(number, 0), depth)
                return
            if depth == 0:
                break
            if any(param.name == name.id for param in self._project.function(scope).params):
                yield from self._of_all(self._handed(scope, name.id), None, depth)
                break
            depth -= 1
        yield None  # nobody knows all callers

    def _of_attribute(self, expr: Attr, ref: FunctionRef, depth: int) -> Iterator[Origin | None]:
        is_bound = False
        for value in self._resolver.evaluate(expr.base, ref):
            if isinstance(value, ProjectModule):
                module = FunctionRef(value.module, 0)
                yield from self._of_name(Name(expr.name), module, depth)
                is_bound = True
            of = value.of if isinstance(value, Object) else getattr(value, "ref", None)
            if isinstance(of, ClassRef):
                bound = list(self._bound_to(of, expr.name))
                yield from self._of_all(bound, expr, depth)
                is_bound = is_bound or bool(bound)
        if not is_bound:
            yield None

    def _bound_to(self, ref: ClassRef, name: str) -> Iterator[tuple[Expr, FunctionRef]]:
        """Return what an object of a class holds under a name, and where that is said."""
        for above, _ in self._resolver.hierarchy.mro(ref):
            if not isinstance(above, ClassRef):
                continue
            cls = self._project.class_(above)
            body = FunctionRef(above.module, cls.scope)
            bound = [
                (expr, function) for function, expr in self._project.bound_by_methods(above, name)
            ]
            bound += [(expr, body) for expr in self._project.bound_in_class(above, name) or ()]
            method = FunctionRef(above.module, cls.methods.get(name, -1))
            if method.function >= 0 and self._resolver.is_read(method):
                bound += [(expr, method) for expr in self._project.function(method).results]
            if bound:
                yield from bound
                return

    def _of_result(
        self, expr: Result, ref: FunctionRef, target: Expr | None, depth: int
    ) -> Iterator[Origin | None]:
        site: Site = self._project.site(ref, expr.site)
        values = self._resolver.evaluate(site.func, ref)
        if not values:
            yield None
        for value in values:
            if isinstance(value, (External, Class)):
                yield Origin(ref, expr.site, target)
            elif isinstance(value, ProjectFunction):
                facts = self._project.function(value.ref)
                made = [*facts.results, *(facts.yields or ())]
                for result in made:
                    yield from self._of(result, value.ref, None, depth)
                if not made:
                    yield None
            else:
                yield None
