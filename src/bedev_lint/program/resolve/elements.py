"""What is in a value: under an index, as a part, an element, or what a `with` binds."""

from __future__ import annotations

from functools import partial

from bedev_lint.model import Attr, Expr, Item, Literal, Site, is_slice
from bedev_lint.program.resolve.kept import kept, key_of
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.resolve.typed import is_iterator, typed
from bedev_lint.program.structure.generics import instances_of
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    Values,
    union,
)

__all__ = ["elements", "entered", "item", "method_result", "part"]

_TRANSPARENT = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("Annotated", "Optional", "ClassVar", "Final", "Required", "NotRequired")
)
_UNKNOWN = Literal("")
_UNIONS = frozenset({"typing.Union", "types.UnionType"})
_TYPED = frozenset({"typing.TypedDict", "typing_extensions.TypedDict"})
_TUPLES = frozenset({"builtins.tuple", "typing.Tuple"})


# ---------------------------------------------------------------------- base[…]


def item(resolver: Resolving, expr: Item, ref: FunctionRef, cls: int) -> Values:
    """Return what a subscript gives: of a type one with arguments, else what is held there."""
    groups: list[Values] = []
    for base in resolver.evaluate(expr.base, ref, cls):
        if isinstance(base, External):
            groups.append(_subscripted(resolver, base, expr.args, ref, cls))
        elif isinstance(base, Class):
            groups.append((Class(base.ref, _type_args(resolver, expr.args, ref, cls)),))
        elif isinstance(base, Object):
            groups.append(
                (base,) if is_slice(expr.args) else _indexed(resolver, base, expr.args, ref)
            )
    return union(*groups) if groups else ()


def _subscripted(
    resolver: Resolving, base: External, args: tuple[Expr, ...], ref: FunctionRef, cls: int
) -> Values:
    if base.name in _TRANSPARENT:
        return resolver.evaluate(args[0], ref, cls) if args else ()
    if base.name in _UNIONS:
        return union((), *(resolver.evaluate(arg, ref, cls) for arg in args))
    return (External(base.name, _type_args(resolver, args, ref, cls)),)


def _type_args(
    resolver: Resolving, args: tuple[Expr, ...], ref: FunctionRef, cls: int
) -> tuple[Values, ...]:
    return tuple(instances_of(resolver.evaluate(arg, ref, cls)) for arg in args)


def _indexed(resolver: Resolving, base: Object, args: tuple[Expr, ...], ref: FunctionRef) -> Values:
    if not isinstance(base.of, str):
        return (
            method_result(resolver, base, "__getitem__")
            or _under_key(resolver, base, key_of(args))
            or _kept_above(resolver, base, args)
        )
    values = kept(resolver, base.of, key_of(args))
    if values:
        return values
    member = resolver.vocabulary.member(base.of, "__getitem__")
    if member is not None:
        used = Site("index", Attr(_UNKNOWN, "__getitem__"), args)
        return typed(resolver, member[1].returns, base, used, ref)
    if base.of in _TUPLES:
        return union((), *_at(base.args, args))
    return base.args[-1] if base.args else ()


def _at(elements_of: tuple[Values, ...], args: tuple[Expr, ...]) -> tuple[Values, ...]:
    """Return what of a tuple stands at a place, all of it where nobody can tell."""
    place = args[0].form if args and isinstance(args[0], Literal) else ""
    is_there = place.isdigit() and int(place) < len(elements_of)
    return (elements_of[int(place)],) if is_there else elements_of


def _under_key(resolver: Resolving, base: Object, key: str) -> Values:
    """Return what a mapping has under a key, if its class says so: a `TypedDict`."""
    assert isinstance(base.of, ClassRef)
    if not key or _TYPED.isdisjoint(resolver.hierarchy.external_bases(base.of)):
        return ()
    return resolver.attribute((base,), key)


def _kept_above(resolver: Resolving, base: Object, args: tuple[Expr, ...]) -> Values:
    """Return what a class of the project keeps under a key as the known type that it is."""
    assert isinstance(base.of, ClassRef)
    above = resolver.hierarchy.external_bases(base.of)
    return union((), *(kept(resolver, name, key_of(args)) for name in above))


# ---------------------------------------------------------------------- for … in base


def elements(resolver: Resolving, values: Values) -> Values:
    """Return what iterating over these values gives."""
    groups: list[Values] = []
    for value in values:
        if not isinstance(value, Object):
            continue
        if not isinstance(value.of, str):
            compute = partial(_iterated, resolver, value)
            groups.append(resolver.memory.once(("elements", value), compute))
            continue
        member = resolver.vocabulary.member(value.of, "__iter__")
        if member is not None and member[1].returns:
            groups.append(typed(resolver, member[1].returns, value))
        elif value.of == "builtins.tuple":
            groups += value.args
        elif value.args:
            groups.append(value.args[0])
    return union(*groups) if groups else ()


def _iterated(resolver: Resolving, value: Object) -> Values:
    """Return what iterating over an object of a project class gives."""
    return (
        method_result(resolver, value, "__next__")
        or method_result(resolver, value, "__anext__")
        or method_result(resolver, value, "__iter__", unpack=True)
        or method_result(resolver, value, "__aiter__", unpack=True)
    )


def part(resolver: Resolving, values: Values, index: int) -> Values:
    """Return what unpacking these values binds to the name at an index."""
    groups = []
    for value in values:
        if isinstance(value, Object) and value.of in _TUPLES:
            groups.append(value.args[index] if index < len(value.args) else ())
        else:
            groups.append(elements(resolver, (value,)))
    return union(*groups) if groups else ()


# ---------------------------------------------------------------------- with base as …


def entered(resolver: Resolving, values: Values) -> Values:
    """Return what entering these values gives: a context manager that says nothing, itself."""
    groups = [_entered(resolver, value) for value in values if isinstance(value, Object)]
    return union(*groups) if groups else ()


def _entered(resolver: Resolving, value: Object) -> Values:
    if not isinstance(value.of, str):
        values = method_result(resolver, value, "__enter__")
        return values or method_result(resolver, value, "__aenter__") or (value,)
    vocabulary = resolver.vocabulary
    member = vocabulary.member(value.of, "__enter__") or vocabulary.member(value.of, "__aenter__")
    if member is not None and member[1].returns:
        return typed(resolver, member[1].returns, value)
    if is_iterator(value.of):
        return value.args[0] if value.args else ()
    return (value,)


# ---------------------------------------------------------------------- their methods


def method_result(resolver: Resolving, value: Object, name: str, unpack: bool = False) -> Values:
    """Return what a method gives that Python calls, or the elements of that."""
    groups: list[Values] = []
    for method in resolver.attribute((value,), name):
        if isinstance(method, ProjectFunction):
            returned = resolver.returned(method)
            groups.append(elements(resolver, returned) if unpack else returned)
        elif isinstance(method, Member):
            # Inherited from a known type, whose `__iter__` says what an element is.
            groups.append(typed(resolver, resolver.vocabulary.of_member(method).returns, value))
    return union(*groups) if groups else ()
