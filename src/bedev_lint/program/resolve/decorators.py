"""What the project's own decorators put around a function."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Attr, Expr, FunctionFacts, Name
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    FunctionRef,
    Object,
    ProjectFunction,
    Value,
    Values,
    union,
)

__all__ = ["applied", "calls_of_wrapped", "is_wrapped", "wrappers"]

# So many calls lead to a wrapper, of a decorator that may be used with arguments and without.
_DEEPEST = 3


def wrappers(resolver: Resolver, ref: FunctionRef, facts: FunctionFacts) -> list[FunctionRef]:
    """Return the functions of the project that its decorators put in the place of a function."""
    functions: dict[FunctionRef, None] = {}
    for decorator in facts.decorators:
        values = resolver.in_header(decorator, ref)
        for _ in range(_DEEPEST):
            functions.update((one, None) for value in values for one in _run_by(resolver, value))
            values = applied(resolver, values)
    functions.pop(ref, None)
    return list(functions)


def applied(resolver: Resolver, values: Values) -> Values:
    """Return what decorating a function with these gives."""
    return union((), *(_applied(resolver, value) for value in values))


def calls_of_wrapped(resolver: Resolver, ref: FunctionRef) -> Iterator[int]:
    """Return the sites at which a wrapper calls the function that it was made for.

    That is a parameter of a function around it, or what its object was made with.
    """
    facts = resolver.project.function(ref)
    names = {Name(name) for name in _parameters_around(resolver, ref)}
    for index, site in enumerate(facts.sites):
        if site.kind == "call" and any(
            expr in names or _is_held(resolver, ref, facts, expr)
            for expr in (site.func, *site.args)
        ):
            yield index


def is_wrapped(resolver: Resolver, ref: FunctionRef, expr: Expr) -> bool:
    """Return whether an expression is the function that a wrapper was made for."""
    facts = resolver.project.function(ref)
    if isinstance(expr, Name):
        return expr.id in _parameters_around(resolver, ref)
    return _is_held(resolver, ref, facts, expr)


def _run_by(resolver: Resolver, value: Value) -> Iterator[FunctionRef]:
    """Return what calling this runs, if a decorator may have made it."""
    if isinstance(value, ProjectFunction) and resolver.project.function(value.ref).parent > 0:
        yield value.ref
    elif isinstance(value, Object) and isinstance(value.of, ClassRef):
        method = resolver.hierarchy.method(value.of, "__call__")
        if method is not None:
            yield method


def _applied(resolver: Resolver, value: Value) -> Values:
    if isinstance(value, Class):
        return (Object(value.ref),)
    if isinstance(value, ProjectFunction):
        is_wrapper = resolver.project.function(value.ref).parent > 0 and any(
            True for _ in calls_of_wrapped(resolver, value.ref)
        )
        return () if is_wrapper else resolver.returned(value)
    if isinstance(value, Object) and isinstance(value.of, ClassRef):
        methods = resolver.attribute((value,), "__call__")
        made = (resolver.returned(one) for one in methods if isinstance(one, ProjectFunction))
        return union((), *made)
    return ()


def _parameters_around(resolver: Resolver, ref: FunctionRef) -> Iterator[str]:
    """Return the parameters, but for the own object, of the functions around one."""
    for scope in resolver.project.outward(resolver.project.around(ref)):
        if scope.function > 0:
            facts = resolver.project.function(scope)
            yield from (param.name for param in facts.params[facts.owner >= 0 :])


def _is_held(resolver: Resolver, ref: FunctionRef, facts: FunctionFacts, expr: Expr) -> bool:
    """Return whether this is an attribute of the own object that is no method."""
    if facts.owner < 0 or not facts.params or not isinstance(expr, Attr):
        return False
    owner = ClassRef(ref.module, facts.owner)
    is_own = expr.base == Name(facts.params[0].name)
    return is_own and resolver.hierarchy.method(owner, expr.name) is None
