"""Which methods are read as attributes: properties of Python, of libraries, of the project."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Attr, Expr, Name, Result, last_name
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    FunctionRef,
    Object,
    ProjectFunction,
    Value,
    parse_type,
)

__all__ = ["descriptor", "getters", "given_to", "is_read"]


def is_read(resolver: Resolving, method: FunctionRef) -> bool:
    """Return whether a decorator makes a descriptor of a method that calls it when it is read."""
    decorators = resolver.project.function(method).decorators
    return any(_is_read_by(resolver, decorator, method) for decorator in decorators)


def getters(resolver: Resolving, value: Object, name: str) -> Iterator[FunctionRef]:
    """Return what runs where an attribute of an object of the project is read."""
    assert isinstance(value.of, ClassRef)
    for above, _ in resolver.hierarchy.mro(value.of):
        if isinstance(above, str):
            continue
        facts = resolver.project.class_(above)
        method = facts.methods.get(name)
        if method is not None:
            target = FunctionRef(above.module, method)
            if resolver.is_read(target):
                yield target
            return
        bound = resolver.project.bound_in_class(above, name)
        if bound is not None:
            scope = FunctionRef(above.module, facts.scope)
            for expr in bound:
                for bound_value in resolver.evaluate(expr, scope, above.cls):
                    yield from _functions_held(resolver, bound_value)
                    made = given_to(resolver, bound_value, expr, scope, above.cls)
                    yield from (one.ref for one in made)
            return


def descriptor(resolver: Resolving, value: Value) -> FunctionRef | None:
    """Return the method that the project's own descriptor runs where it is read."""
    if not isinstance(value, Object) or not isinstance(value.of, ClassRef):
        return None
    return resolver.hierarchy.method(value.of, "__get__")


def given_to(
    resolver: Resolving, value: Value, expr: Expr, ref: FunctionRef, cls: int
) -> list[ProjectFunction]:
    """Return the functions that a descriptor was made with, if it calls them when it is read."""
    if not isinstance(value, Object) or not isinstance(value.of, ClassRef):
        return []
    if not isinstance(expr, Result) or not _calls_what_it_holds(resolver, value.of):
        return []
    args = resolver.project.site(ref, expr.site).args[:1]
    values = (one for arg in args for one in resolver.evaluate(arg, ref, cls))
    return [one for one in values if isinstance(one, ProjectFunction)]


def _functions_held(resolver: Resolving, value: Value) -> Iterator[FunctionRef]:
    """Return the functions of the project that a descriptor holds."""
    if isinstance(value, Object) and value.of in resolver.vocabulary.descriptors:
        for arg in (one for values in value.args for one in values):
            if isinstance(arg, ProjectFunction):
                yield arg.ref


def _is_read_by(resolver: Resolving, decorator: Expr, method: FunctionRef) -> bool:
    if last_name(resolver.project.called_by(decorator, resolver.project.around(method))).endswith(
        "property"
    ):
        return True  # whoever it is imported from
    return any(_makes_one(resolver, value) for value in resolver.decorator(decorator, method))


def _makes_one(resolver: Resolving, value: Value) -> bool:
    """Return whether calling this with a function makes a property of it."""
    if isinstance(value, ProjectFunction):
        return any(_is_one(resolver, made) for made in resolver.returned(value))
    spec = resolver.maker(value)
    returns = parse_type(spec.returns) if spec is not None and spec.returns else ()
    if any(made.holds_given and made.name in resolver.vocabulary.descriptors for made in returns):
        return True
    return isinstance(value, Class) and _calls_what_it_holds(resolver, value.ref)


def _is_one(resolver: Resolving, value: Value) -> bool:
    """Return whether this is a property: what a decorator of the project returns."""
    if isinstance(value, ProjectFunction):
        return resolver.is_read(value.ref)
    if isinstance(value, Object) and isinstance(value.of, ClassRef):
        return _makes_one(resolver, Class(value.of))
    return isinstance(value, Object) and value.of in resolver.vocabulary.descriptors


def _calls_what_it_holds(resolver: Resolving, ref: ClassRef) -> bool:
    """Return whether objects of a class call, where they are read, what they were made with."""
    method = resolver.hierarchy.method(ref, "__get__")
    if method is None:
        return False
    facts = resolver.project.function(method)
    return bool(facts.params) and any(
        site.kind == "call"
        and isinstance(site.func, Attr)
        and site.func.base == Name(facts.params[0].name)
        and resolver.hierarchy.method(ref, site.func.name) is None
        for site in facts.sites
    )
