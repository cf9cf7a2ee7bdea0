"""Types as vocabularies write them: what each of their words stands for at a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import starmap

from msgspec import Struct
from msgspec.structs import replace

from bedev_lint.model import Expr, Key, Named, Result, Site
from bedev_lint.program.resolve.along import joined_with, named_by
from bedev_lint.program.resolve.managed import managed_rows
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.generics import as_likely, classes_of, instances_of, reloaded
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    TypeExpr,
    Value,
    Values,
    parse_type,
    union,
)

__all__ = ["WORDS", "Receiver", "is_iterator", "typed"]

Receiver = Object | Class | External

# How the rows of a query come, by how the query came.
_ROWS = {"": "lazy", "related": "related", "joined": "joined", "own": "own", "unknown": "unknown"}


class _Place(Struct, frozen=True):
    """Where a type is looked at: of which receiver, and at which call, if any."""

    resolver: Resolving
    receiver: Receiver | None
    site: Site | None
    scope: FunctionRef | None
    cls: int


def typed(
    resolver: Resolving,
    text: str,
    receiver: Receiver | None,
    site: Site | None = None,
    ref: FunctionRef | None = None,
    cls: int = -1,
) -> Values:
    """Return the values of a type of a vocabulary, as seen from this receiver and this call.

    The call stands in a function, or in the body of a class in it.
    """
    if not text:
        return ()
    place = _Place(resolver, receiver, site, ref, cls)
    return union(*[_one(expr, place) for expr in parse_type(text)])


def is_iterator(name: str) -> bool:
    """Return whether a type is known by its name for one that gives elements."""
    return name.rsplit(".", 1)[-1] in (
        "Generator",
        "AsyncGenerator",
        "Iterator",
        "AsyncIterator",
        "Iterable",
        "AsyncIterable",
    )


def _one(expr: TypeExpr, place: _Place) -> Values:
    word = WORDS.get(expr.name)
    if word is not None:
        return word(expr, place)
    if expr.name.startswith("self."):
        return _of_receiver(expr.name.split(".")[1:], place)
    if expr.name.startswith("argument."):
        return _keyword(expr, place)
    if expr.name.startswith("given."):
        named = _keyword_of(expr, place)
        return named if named is not None else _all_of(expr.args, place)
    if expr.name.startswith("result."):
        return _made(expr, place)
    return _instance(expr, place)


def _all_of(exprs: Sequence[TypeExpr], place: _Place) -> Values:
    return union((), *[_one(expr, place) for expr in exprs])


def _instance(expr: TypeExpr, place: _Place) -> Values:
    """Return an instance of a known type, which is as sure as the receiver.

    What is asked for rows of a class of the project, as no other thing of its name can be, is sure.
    """
    args = tuple([_one(arg, place) for arg in expr.args])
    receiver = place.receiver
    if not isinstance(receiver, Object):
        return (Object(expr.name, args),)
    asked_for = (
        arg.name == "argument" and _are_of_project(values)
        for arg, values in zip(expr.args, args, strict=True)
    )
    made = Object(expr.name, args, receiver.certain or any(asked_for))
    is_of_owner = place.resolver.is_of_owner
    if receiver.loading and is_of_owner(made) and is_of_owner(receiver):
        made = replace(made, loading=receiver.loading, along=receiver.along)
    return (made,)


def _are_of_project(values: Values) -> bool:
    return any(isinstance(v, Object) and isinstance(v.of, ClassRef) and v.certain for v in values)


# ---------------------------------------------------------------------- of the receiver


def _self(expr: TypeExpr, place: _Place) -> Values:
    """Return the receiver, of a class an instance, with the type arguments of the expression."""
    receiver = place.receiver
    if receiver is None:
        return ()
    args = tuple([_one(arg, place) for arg in expr.args]) or receiver.args
    if isinstance(receiver, Class):
        return (Object(receiver.ref, args),)
    if isinstance(receiver, External):
        return (Object(receiver.name, args),)
    return (replace(receiver, args=args),)


def _owner(_expr: TypeExpr, place: _Place) -> Values:
    receiver = place.receiver
    if isinstance(receiver, (Class, External)):
        return instances_of((receiver,))
    return (receiver,) if receiver is not None else ()


def _item(expr: TypeExpr, place: _Place) -> Values:
    """Return the first type argument of the receiver, or the last: an element of its rows."""
    receiver = place.receiver
    args = receiver.args if receiver is not None else ()
    values = args[0 if expr.name == "item" else -1] if args else ()
    if not values and expr.args:
        return _one(expr.args[0], place)
    if isinstance(receiver, Object) and place.resolver.is_of_owner(receiver):
        values = values or managed_rows(receiver, place.resolver)
        loading = _ROWS.get(receiver.loading, "loaded")
        return tuple(
            replace(v, loading=loading, along=receiver.along) if isinstance(v, Object) else v
            for v in values
        )
    return values


def _of_receiver(path: Sequence[str], place: _Place) -> Values:
    """Return what the receiver has under this path of attributes and methods."""
    resolver, receiver = place.resolver, place.receiver
    values: Values = (receiver,) if receiver is not None else ()
    for name in path:
        values = resolver.attribute(values, name)
        groups = [
            resolver.returned(value)
            if isinstance(value, ProjectFunction)
            else typed(resolver, resolver.vocabulary.of_member(value).returns, value.receiver)
            if isinstance(value, Member)
            else (value,)
            for value in values
        ]
        values = union((), *groups)
    args = receiver.args if receiver is not None else ()
    return tuple(
        _come_before(replace(value, args=value.args or args), place)
        if isinstance(value, Object)
        else value
        for value in instances_of(values)
    )


def _come_before(value: Object, place: _Place) -> Object:
    """Return a query as what has come before, if that is known of the relation it is asked for."""
    receiver, is_query = place.receiver, place.resolver.is_of_owner
    if not isinstance(receiver, Object) or not is_query(receiver) or not is_query(value):
        return value  # a view has a query of its own, wherever the view comes from
    loading = receiver.loading
    if not loading:
        return value
    if value.loading in ("joined", "eager"):  # the manager sees to what its rows come with
        if loading == "related":
            return value
        if loading in ("own", "unknown"):
            return replace(value, loading="loaded", along=None)
    return replace(value, loading=loading, along=receiver.along)


# ---------------------------------------------------------------------- of the call


def _first_argument(_expr: TypeExpr, place: _Place) -> Values:
    """Return what the first argument of the call may be."""
    if place.site is None or place.scope is None or not place.site.args:
        return ()
    return place.resolver.evaluate(place.site.args[0], place.scope, place.cls)


def _argument(expr: TypeExpr, place: _Place) -> Values:
    return tuple(
        value if isinstance(value, ProjectFunction) else instance
        for value in _first_argument(expr, place)
        for instance in (instances_of((value,)) or (value,))
        # A text may name a class, but which one is not known.
        if instance != Object("builtins.str")
    )


def _element(expr: TypeExpr, place: _Place) -> Values:
    return place.resolver.elements(_first_argument(expr, place))


def _result(expr: TypeExpr, place: _Place) -> Values:
    """Return what calling a provider gives, the first argument or what is named in brackets.

    The first argument gets what follows it at the site: `to_thread(f, x)` calls `f(x)`.
    """
    site = place.site
    if expr.args:
        return _called(_all_of(expr.args, place), (), place)
    return _called(_first_argument(expr, place), site.args[1:] if site is not None else (), place)


def _made(expr: TypeExpr, place: _Place) -> Values:
    """Return what calling a keyword argument gives, or what stands for it if it is not given."""
    named = _keyword_of(expr, place)
    return _called(named, (), place) if named is not None else _all_of(expr.args, place)


def _called(values: Values, args: tuple[Expr, ...], place: _Place) -> Values:
    """Return what calling values gives: of a generator, what it yields."""
    resolver, site, ref = place.resolver, place.site, place.scope
    groups = []
    for value in values:
        made: Values = ()
        if isinstance(value, ProjectFunction):
            made = resolver.returned(value)
        elif site is not None and ref is not None:
            inner = Site(site.kind, site.func, args, site.keywords)
            made = resolver.called(value, inner, ref, place.cls)
        elif isinstance(value, (Class, External)):  # by a descriptor, which stands at no call
            made = instances_of((value,))
        groups += [_yielded(one) for one in made]
    return union(*groups) if groups else ()


def _yielded(value: Value) -> Values:
    if isinstance(value, Object) and isinstance(value.of, str) and is_iterator(value.of):
        return value.args[0] if value.args else ()
    return (value,)


def _keyword(expr: TypeExpr, place: _Place) -> Values:
    """Return an instance of a keyword argument, or what stands for it where it is not given."""
    named = _keyword_of(expr, place)
    return instances_of(named) if named is not None else _all_of(expr.args, place)


def _keyword_of(expr: TypeExpr, place: _Place) -> Values | None:
    """Return what a keyword argument of the call may be; None if it is not given."""
    site, ref = place.site, place.scope
    if site is None or ref is None:
        return None
    name = expr.name.partition(".")[2]
    if name.isdigit():
        named = site.args[int(name)] if int(name) < len(site.args) else None
    else:
        named = dict(site.keywords).get(name)
    if named is None:
        return None
    return place.resolver.evaluate(named, ref, place.cls)


def _named(_expr: TypeExpr, place: _Place) -> Values:
    """Return an instance of the class that the strings of the call name: `("shop", "Order")`."""
    site, ref = place.site, place.scope
    if site is None or ref is None:
        return ()
    arguments = (*site.args, *(value for _, value in site.keywords))
    name = ".".join(value.name for value in arguments if isinstance(value, Key))
    return instances_of(place.resolver.evaluate(Named(name), ref)) if name else ()


def _registered(_expr: TypeExpr, place: _Place) -> Values:
    """Return instances of the classes that the receiver's class is registered for.

    Its decorators are given them: `@register(Order)`.
    """
    of = place.receiver.of if isinstance(place.receiver, Object) else None
    if not isinstance(of, ClassRef):
        return ()
    resolver, facts = place.resolver, place.resolver.project.class_(of)
    scope = FunctionRef(of.module, facts.scope)
    sites = [
        resolver.project.site(scope, d.site) for d in facts.decorators if isinstance(d, Result)
    ]
    given = [resolver.evaluate(arg, scope, facts.owner) for site in sites for arg in site.args]
    return instances_of(union((), *given))


# ---------------------------------------------------------------------- of other types


def _below(expr: TypeExpr, place: _Place) -> Values:
    """Return instances of the project's own classes below known ones, or of those themselves."""
    instances = union((), *[_lowest(arg.name, place.resolver) for arg in expr.args])
    receiver = place.receiver
    return (
        as_likely(instances) if isinstance(receiver, Object) and not receiver.certain else instances
    )


def _lowest(name: str, resolver: Resolving) -> Values:
    def is_known(other: str) -> bool:
        return any(spec.name == name for spec in resolver.vocabulary.above(other))

    return (Object(resolver.hierarchy.lowest(name, is_known) or name),)


def _type(expr: TypeExpr, place: _Place) -> Values:
    return classes_of(_all_of(expr.args, place))


def _reloaded(expr: TypeExpr, place: _Place) -> Values:
    queries = [value for value in _all_of(expr.args, place) if isinstance(value, Object)]
    told = [reloaded(query, expr.name) for query in queries]
    if expr.name == "fresh" or place.site is None or place.scope is None:
        return tuple(told)
    named = named_by(place.resolver, place.site, place.scope)
    return tuple(starmap(partial(joined_with, named=named), zip(queries, told, strict=True)))


def _loaded(expr: TypeExpr, place: _Place) -> Values:
    """Return rows of which nothing is loaded later on."""
    values = _all_of(expr.args, place)
    return tuple(
        replace(v, loading="loaded", along=None) if isinstance(v, Object) else v for v in values
    )


def _unloaded(expr: TypeExpr, place: _Place) -> Values:
    """Return rows as they come that are asked for of a class itself."""
    values = _all_of(expr.args, place)
    return tuple(
        replace(v, loading="lazy", along=None)
        for v in values
        if isinstance(v, Object) and not place.resolver.is_of_owner(v)
    )


def _awaited(expr: TypeExpr, place: _Place) -> Values:
    """Return rows as an asynchronous session gives them if it is awaited, else as another does."""
    is_async = place.site is None or place.site.awaited
    return _loaded(expr, place) if is_async else _all_of(expr.args, place)


# What each means is told by `TypeSpec`.
WORDS: dict[str, Callable[[TypeExpr, _Place], Values]] = {
    "self": _self,
    "owner": _owner,
    "item": _item,
    "value": _item,
    "given": _first_argument,
    "argument": _argument,
    "element": _element,
    "result": _result,
    "below": _below,
    "type": _type,
    "named": _named,
    "registered": _registered,
    "eager": _reloaded,
    "joined": _reloaded,
    "fresh": _reloaded,
    "loaded": _loaded,
    "unloaded": _unloaded,
    "awaited": _awaited,
}
