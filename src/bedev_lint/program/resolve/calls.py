"""What calls give: of functions and classes, of the project and outside, and of `super`."""

from __future__ import annotations

from typing import TypeGuard

from msgspec.structs import replace

from bedev_lint.catalog import MemberSpec
from bedev_lint.model import Attr, FunctionFacts, Item, Name, Result, Site, last_name, text_of
from bedev_lint.program.resolve.elements import method_result
from bedev_lint.program.resolve.kept import got
from bedev_lint.program.resolve.managed import managed_rows
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.resolve.typed import typed
from bedev_lint.program.resolve.unknown_rows import asked_of_unknown
from bedev_lint.program.structure.generics import (
    SELF,
    as_likely,
    classes_of,
    flat,
    instances_of,
    is_own,
    rebound,
    says_something,
    substituted,
)
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    TypeVariable,
    Value,
    Values,
    union,
)

__all__ = ["SUPER", "called", "class_around", "of_itself", "result", "returned"]

SUPER = Name("super")
# What rows are given in.
_ROWS = frozenset(
    {
        "builtins.list",
        "collections.abc.Collection",
        "collections.abc.Iterable",
        "collections.abc.Sequence",
        "typing.Collection",
        "typing.Iterable",
        "typing.List",
        "typing.Sequence",
    }
)


def result(resolver: Resolving, site: Site, ref: FunctionRef, cls: int = -1) -> Values:
    """Return what the call at a site gives, in a function or in the body of a class."""
    if site.func == SUPER:
        return _super(resolver, ref)
    values = _fitting(resolver, resolver.evaluate(site.func, ref, cls), site)
    if (
        not values
        and isinstance(site.func, Attr)
        and not resolver.evaluate(site.func.base, ref, cls)
    ):
        values = asked_of_unknown(resolver, site, ref)
        if not values:
            keywords = (name for name, _ in site.keywords)
            return resolver.vocabulary.by_call(site.func.name, keywords)
    values = of_itself(resolver, values, site, ref)
    given = union((), *(called(resolver, value, site, ref, cls) for value in values))
    return _as_own(resolver, given, ref) if _is_of_super(resolver, site, ref) else given


def _super(resolver: Resolving, ref: FunctionRef) -> Values:
    owner = class_around(resolver, ref)
    return instances_of(resolver.hierarchy.bases(owner)) if owner is not None else ()


def class_around(resolver: Resolving, ref: FunctionRef) -> ClassRef | None:
    """Return the class of the method that a function is, or stands in."""
    owners = (resolver.project.function(scope).owner for scope in resolver.project.outward(ref))
    return next((ClassRef(ref.module, owner) for owner in owners if owner >= 0), None)


def _is_of_super(resolver: Resolving, site: Site, ref: FunctionRef) -> bool:
    """Return whether a site calls a method of `super()`."""
    if not isinstance(site.func, Attr) or not isinstance(site.func.base, Result):
        return False
    return resolver.project.site(ref, site.func.base.site).func == SUPER


def of_itself(resolver: Resolving, values: Values, site: Site, ref: FunctionRef) -> Values:
    """Return what a site calls: of `super()`, known methods as they see the object that it is."""
    owner = class_around(resolver, ref) if _is_of_super(resolver, site, ref) else None
    if owner is None:
        return values
    return tuple(
        replace(value, receiver=Object(owner)) if isinstance(value, Member) else value
        for value in values
    )


def _as_own(resolver: Resolving, values: Values, ref: FunctionRef) -> Values:
    """Return what a base class gives of itself as what the class around gives of itself."""
    owner = class_around(resolver, ref)
    if owner is None:
        return values
    itself = Object(owner)
    above = [value for value in _super(resolver, ref) if isinstance(value, Object)]
    queries = [value for value in above if resolver.is_of_owner(value)]
    values = tuple(
        replace(v, of=owner) if isinstance(v, Object) and replace(v, loading="") in queries else v
        for v in values
    )
    for base, _ in resolver.hierarchy.mro(owner):
        if isinstance(base, ClassRef):
            values = tuple(rebound(value, base, itself) for value in values)
    return values


# ---------------------------------------------------------------------- what is called


def _said_of(spec: MemberSpec, site: Site) -> str:
    """Return the type that a call gives, which one of its keywords may say."""
    told = (spec.returns_by.get(text_of(value)) for _, value in site.keywords)
    return next(filter(None, told), spec.returns) if spec.returns_by else spec.returns


def called(
    resolver: Resolving, value: Value, site: Site, ref: FunctionRef, cls: int = -1
) -> Values:
    """Return what calling a value may give, in a function or in the body of a class."""
    if isinstance(value, ProjectFunction):
        made = returned(resolver, value)
        is_certain = not isinstance(value.receiver, Object) or value.receiver.certain
        return made if is_certain else as_likely(made)
    if isinstance(value, Class):
        maker = resolver.maker(value)
        if maker is not None:
            return typed(resolver, _said_of(maker, site), value, site, ref, cls)
        return (Object(value.ref, value.args),)
    if isinstance(value, External):
        return _of_external(resolver, value, site, ref, cls)
    if isinstance(value, Member):
        spec = resolver.vocabulary.of_member(value)
        if spec.gets is not None:
            values = got(resolver, spec.gets, value.receiver, site, ref)
            if values:
                return values
        return typed(resolver, _said_of(spec, site), value.receiver, site, ref, cls)
    if isinstance(value, Object):
        if isinstance(value.of, str):
            member = resolver.vocabulary.member(value.of, "__call__")
            return typed(resolver, member[1].returns, value, site, ref, cls) if member else ()
        return method_result(resolver, value, "__call__")
    return ()


def _of_external(
    resolver: Resolving, value: External, site: Site, ref: FunctionRef, cls: int
) -> Values:
    vocabulary = resolver.vocabulary
    owner, _, name = value.name.rpartition(".")
    member = vocabulary.member(value.name, "()") or vocabulary.member(owner, name)
    if member is not None and member[1].returns:
        return typed(resolver, _said_of(member[1], site), value, site, ref, cls)
    if value.name in vocabulary or name[:1].isupper():
        return (Object(value.name, value.args),)
    if value.name == "builtins.type" and site.args:
        return classes_of(resolver.evaluate(site.args[0], ref, cls))
    return ()


# ---------------------------------------------------------------------- what is returned


def returned(resolver: Resolving, function: ProjectFunction) -> Values:
    """Return what a function of the project returns for this receiver."""
    values = resolver.memory.once(
        ("returned", function.ref), lambda: _returned_by(resolver, function.ref)
    )
    facts = resolver.project.function(function.ref)
    receiver = function.receiver
    if facts.owner >= 0 and not values and not facts.results:
        values = resolver.memory.once(
            ("implemented", function), lambda: _implemented(resolver, function)
        )
    if facts.owner < 0 or receiver is None or not values:
        return values
    owner = ClassRef(function.ref.module, facts.owner)
    itself = receiver if isinstance(receiver, Object) else Object(receiver.ref, receiver.args)
    ref = itself.of
    if not isinstance(ref, ClassRef):
        return values
    above = resolver.hierarchy.mro(ref, itself.args)
    mapping = next((mapping for cls, mapping in above if cls == owner), {})
    if resolver.is_of_owner(itself):
        values = _of_rows(resolver, values, owner, itself)
    if facts.returns is None:  # what is declared may be another object of the class
        values = tuple(rebound(value, owner, itself) for value in values)
    mapping = {**mapping, SELF: (itself,)}
    return tuple(
        value if value == itself else substituted(_as(value, owner, itself), mapping)
        for value in flat(values, mapping)
    )


def _as(value: Value, owner: ClassRef, itself: Object) -> Value:
    """Return an object, or what is of the class that a method stands in as who it is called on."""
    return rebound(value, owner, itself) if is_own(value, owner) else value


def _implemented(resolver: Resolving, function: ProjectFunction) -> Values:
    """Return what the implementations of a method return that itself says nothing of it."""
    every = resolver.implementations(function)
    return union((), *(returned(resolver, one) for one in every if one.ref != function.ref))


def _returned_by(resolver: Resolving, ref: FunctionRef) -> Values:
    facts = resolver.project.function(ref)
    declared: Values = ()
    if facts.returns is not None:
        declared = instances_of(resolver.in_header(facts.returns, ref))
        if any(isinstance(v, TypeVariable) for v in declared) and _is_of_own(facts):
            declared = (Object(ClassRef(ref.module, facts.owner)),)
        if says_something(declared):
            return _as_made(resolver, declared, ref) if facts.yields is None else declared
    if facts.yields is not None:
        items = union((), *(resolver.evaluate(expr, ref) for expr in facts.yields))
        return (Object("typing.Generator", (items,)),)
    return union((), *(resolver.evaluate(expr, ref) for expr in facts.results)) or declared


def _as_made(resolver: Resolving, declared: Values, ref: FunctionRef) -> Values:
    """Return what a function declares, with what it does to load it, if it is rows or a query."""
    if not any(_may_load(value, resolver) for value in declared):
        return declared
    results = resolver.project.function(ref).results
    made = union((), *(resolver.evaluate(expr, ref) for expr in results))
    return union((), *[_made_as(resolver, value, made) for value in declared])


def _may_load(value: Value, resolver: Resolving) -> TypeGuard[Object]:
    if not isinstance(value, Object) or not isinstance(value.of, str):
        return False
    rows = (row for row in value.args[0] if isinstance(row, Object)) if value.args else ()
    of_project = not value.args or any(isinstance(row.of, ClassRef) for row in rows)
    return of_project and (value.of in _ROWS or resolver.is_of_owner(value))


def _made_as(resolver: Resolving, value: Value, made: Values) -> Values:
    """Return a declared value as one of these, where that is of the same rows.

    A bare `QuerySet` or `list` is of whatever rows it is made of, and a query may be given for
    rows, if nothing else is: `def orders() -> Iterable[Order]`.
    """
    if not _may_load(value, resolver):
        return (value,)
    are_rows = value.of in _ROWS
    same = tuple(
        replace(one, of=value.of if (one.of in _ROWS) == are_rows else one.of, certain=True)
        for one in made
        if isinstance(one, Object)
        and (_classes(one) == _classes(value) or (not value.args and _may_load(one, resolver)))
        and (are_rows or one.of not in _ROWS)
    )
    rows = tuple(one for one in same if one.of in _ROWS)
    return rows or same or (value,)


def _classes(value: Object) -> set[object]:
    """Return of which classes the elements of a value are."""
    return {row.of for row in value.args[0] if isinstance(row, Object)} if value.args else set()


def _is_of_own(facts: FunctionFacts) -> bool:
    """Return whether a method returns what its object is: `def also(self: T) -> T`."""
    if facts.owner < 0 or not facts.params:
        return False
    annotation = facts.params[0].annotation
    return annotation == facts.returns or (
        isinstance(annotation, Item) and facts.returns in annotation.args
    )


def _of_rows(resolver: Resolving, values: Values, owner: ClassRef, manager: Object) -> Values:
    """Tell what a manager's method returns which rows it is of, if that does not know.

    Or knows no more than the class of the manager: those of any model that has one. Where somebody
    may have loaded these rows before, a query may have them already.
    """
    own = {row.of for row in managed_rows(Object(owner), resolver) if isinstance(row, Object)}
    groups: list[Values] = []
    for value in values:
        if not isinstance(value, Object) or is_own(value, owner):
            groups.append((value,))
        elif resolver.is_of_owner(value):
            is_unknown = manager.loading == "unknown" and not value.loading
            is_told = any(value.args) and not (_classes(value) and _classes(value) <= own)
            args = value.args if is_told or not manager.args else manager.args
            loading = manager.loading if is_unknown else value.loading
            groups.append((replace(value, args=args, loading=loading),))
        elif value.of in own and manager.args:
            groups.append(tuple(_come_like(row, value) for row in manager.args[0]))
        else:
            groups.append((value,))
    return union((), *groups)


def _come_like(row: Value, other: Object) -> Value:
    is_row = isinstance(row, Object)
    return replace(row, loading=other.loading, along=other.along) if is_row else row


# ---------------------------------------------------------------------- overloads


def _fitting(resolver: Resolving, values: Values, site: Site) -> Values:
    """Return of the overloads of a function those that a call fits, if there are any."""
    fitting = []
    for value in values:
        if isinstance(value, ProjectFunction):
            facts = resolver.project.function(value.ref)
            is_overload = any(last_name(d) == "overload" for d in facts.decorators)
            if is_overload and _fits(facts, site):
                fitting.append(value)
    return tuple(fitting) or values


def _fits(facts: FunctionFacts, site: Site) -> bool:
    """Return whether a call gives all that a function must have, and nothing else.

    An overload with `flag: Literal[True]` is for that value only.
    """
    keywords = dict(site.keywords)
    unpacks = "*" in keywords or "**" in keywords
    args = list(site.args)
    for param in facts.params:
        argument = keywords.pop(param.name, None)
        if argument is None and param.kind == "positional" and args:
            argument = args.pop(0)
        if argument is None and param.default is None and param.kind in ("positional", "keyword"):
            if not unpacks:
                return False
        elif argument in (Name("True"), Name("False")) and isinstance(param.annotation, Item):
            if (
                last_name(param.annotation.base) == "Literal"
                and argument not in param.annotation.args
            ):
                return False
    return unpacks or not (keywords or args) or any("args" in p.kind for p in facts.params)
