"""What attributes stand for: of modules, classes and objects, of the project and outside."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bedev_lint.model import Expr
from bedev_lint.program.resolve.along import row_through
from bedev_lint.program.resolve.elements import method_result
from bedev_lint.program.resolve.kept import kept
from bedev_lint.program.resolve.names import module_attribute
from bedev_lint.program.resolve.properties import descriptor, given_to
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.resolve.typed import typed
from bedev_lint.program.structure.generics import LISTS, as_likely, flat, substituted
from bedev_lint.program.structure.hierarchy import FEW
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
    Values,
    parse_type,
    union,
)

__all__ = ["attribute", "cooperative", "inherited"]


def attribute(resolver: Resolving, bases: Values, name: str) -> Values:
    """Return what `base.name` may be for these bases."""
    if len(bases) == 1:
        return _attribute(resolver, bases[0], name)
    return union(*(_attribute(resolver, base, name) for base in bases)) if bases else ()


def inherited(resolver: Resolving, bases: Values, name: str) -> Values:
    """Return what `super().name` may be: nothing that only other subclasses have."""
    groups = (
        _in_classes(resolver, base, base.of, name) or ()
        if isinstance(base, Object) and isinstance(base.of, ClassRef)
        else _attribute(resolver, base, name)
        for base in bases
    )
    return union((), *groups)


def cooperative(resolver: Resolving, owner: ClassRef, name: str) -> Values:
    """Return what `super().name` may be in a mixin, above which nothing has it.

    That is what comes next in the classes that inherit the mixin, if it is the same in all.
    """
    owners = {
        _next_with(resolver, [above for above, _ in resolver.hierarchy.mro(subclass)], owner, name)
        for subclass in resolver.hierarchy.subclasses(owner)[:FEW]
    }
    owners.discard(None)  # other mixins
    after = owners.pop() if len(owners) == 1 else None
    if after is None:
        return ()
    if isinstance(after, str):
        return _of_known(resolver, after, name, Object(owner))
    method = resolver.project.class_(after).methods[name]
    return (ProjectFunction(FunctionRef(after.module, method), Object(after)),)


def _next_with(
    resolver: Resolving, line: Sequence[ClassRef | str], owner: ClassRef, name: str
) -> ClassRef | str | None:
    """Return the first class behind another one on a line that has a method of this name."""
    for above in line[line.index(owner) + 1 :]:
        if isinstance(above, str):
            if resolver.vocabulary.member(above, name) is not None:
                return above
        elif name in resolver.project.class_(above).methods:
            return above
    return None


def _attribute(resolver: Resolving, base: Value, name: str) -> Values:
    if isinstance(base, External):
        return _of_external(resolver, base, name)
    if isinstance(base, ProjectModule):
        return module_attribute(resolver, base.module, name)
    if isinstance(base, Object) and isinstance(base.of, str):
        return _of_known(resolver, base.of, name, base)
    if isinstance(base, (Class, Object)):
        return resolver.memory.once(
            ("attribute", base, name), lambda: _of_project(resolver, base, name)
        )
    if isinstance(base, ProjectFunction):
        return resolver.memory.once(
            ("decorated", base, name), lambda: _of_decorated(resolver, base, name)
        )
    return ()


# ---------------------------------------------------------------------- outside the project


def _of_external(resolver: Resolving, base: External, name: str) -> Values:
    full = f"{base.name}.{name}"
    if resolver.project.is_package_prefix(base.name):
        module = resolver.project.module(full)
        if module is not None:
            return (ProjectModule(module),)
    member = resolver.vocabulary.member(base.name, name)
    if member is not None and member[1].type:
        return typed(resolver, member[1].type, base)
    if base.name.rpartition(".")[2][:1].isupper():
        # Of a class of somebody else it is what only such a class has.
        told = resolver.vocabulary.by_convention(f".{name}")
        if told:
            return tuple(replace(v, certain=True) if isinstance(v, Object) else v for v in told)
    return (External(full),)


def _of_known(resolver: Resolving, type_name: str, name: str, receiver: Object | Class) -> Values:
    vocabulary = resolver.vocabulary
    if vocabulary.keeper(type_name) and vocabulary.is_any(type_name, name):
        values = kept(resolver, type_name, name)
        if values:
            return tuple(_bound(value, receiver) for value in _held(resolver, values, receiver))
    member = vocabulary.member(type_name, name)
    if member is None:
        kinds = (resolver.related.get(spec.name, {}) for spec in vocabulary.above(type_name))
        by_relation = next((made[name] for made in kinds if name in made), ())
        return _related(resolver, by_relation, receiver, name)
    declared_by, spec = member
    if spec.type:
        values = typed(resolver, spec.type, receiver)
        is_relation = any(_is_of_others(resolver, value, receiver) for value in values)
        return _related(resolver, values, receiver, name) if is_relation else values
    return (Member(declared_by, name, receiver),)


def _is_of_others(resolver: Resolving, value: Value, base: Object | Class) -> bool:
    """Return whether a value is a query of other rows than those of a row, or class, itself."""
    of = base.of if isinstance(base, Object) else base.ref
    return (
        isinstance(value, Object)
        and bool(value.args)
        and resolver.is_of_owner(value)
        and not any(getattr(row, "of", of) == of for row in value.args[0])
    )


def _of_decorated(resolver: Resolving, function: ProjectFunction, name: str) -> Values:
    """Return an attribute of the object that a known decorator makes of a function.

    The function itself is the type argument of that object.
    """
    groups = []
    for decorator in resolver.project.function(function.ref).decorators:
        for spec in resolver.vocabulary.specs(resolver.decorator(decorator, function.ref)):
            for made in parse_type(spec.returns) if spec.returns else ():
                if made.holds_given:
                    decorated = Object(made.name, ((function,),))
                    groups.append(_attribute(resolver, decorated, name))
    return union(*groups) if groups else ()


# ---------------------------------------------------------------------- of the project's classes


def _of_project(resolver: Resolving, base: Object | Class, name: str) -> Values:
    ref = base.of if isinstance(base, Object) else base.ref
    assert isinstance(ref, ClassRef)
    values = _in_classes(resolver, base, ref, name)
    if values is None:
        # Nothing here or above: a mixin or a template method means what a subclass gives it.
        groups = []
        for subclass in resolver.hierarchy.subclasses(ref)[:FEW]:
            below: Object | Class = Class(subclass)
            if isinstance(base, Object):
                below = Object(subclass, loading=base.loading)
            of_subclass = _in_classes(resolver, below, subclass, name)
            if of_subclass:
                groups.append(of_subclass)
        values = union(*groups) if groups else ()
    if isinstance(base, Object) and not base.certain:
        return as_likely(values)
    return values


def _in_classes(
    resolver: Resolving, base: Object | Class, ref: ClassRef, name: str
) -> Values | None:
    """Return what a class or the nearest above it has under a name; None if none has it.

    What is of a type of which nothing is known still is a manager where it stands for one.
    """
    unknown: Values = ()
    for above, mapping in resolver.hierarchy.mro(ref, base.args):
        if isinstance(above, str):
            values_above = _of_known(resolver, above, name, base)
            if values_above:
                return union(
                    unknown, _managers(resolver, values_above) if unknown else values_above
                )
            continue
        values = _in_class(resolver, base, above, name)
        if values is not None and not unknown:
            values = tuple(substituted(value, mapping) for value in flat(values, mapping))
            if not _is_unknown(resolver, values):
                return values
            unknown = values
        if values is not None:
            continue
        by_relation = resolver.related.get(above, {}).get(name)
        if by_relation:
            return _related(resolver, by_relation, base, name)
    return unknown or None


def _managers(resolver: Resolving, values: Values) -> Values:
    return tuple(v for v in values if isinstance(v, Object) and resolver.is_of_owner(v))


def _is_unknown(resolver: Resolving, values: Values) -> bool:
    """Return whether these are all objects of types of others that no vocabulary describes."""
    for value in values:
        if not isinstance(value, Object):
            return False
        of = value.of
        above = (of,) if isinstance(of, str) else resolver.hierarchy.external_bases(of)
        if not above or any(name in resolver.vocabulary for name in above):
            return False
    return bool(values)


def _in_class(resolver: Resolving, base: Object | Class, ref: ClassRef, name: str) -> Values | None:
    facts = resolver.project.class_(ref)
    method = facts.methods.get(name)
    if method is not None:
        bound = ProjectFunction(FunctionRef(ref.module, method), base)
        if isinstance(base, Class):
            return (bound,)
        return resolver.returned(bound) if resolver.is_read(bound.ref) else (bound,)
    scope = FunctionRef(ref.module, facts.scope)
    groups = [
        _owned(resolver, _read(resolver, expr, scope, ref, base), base)
        for expr in resolver.project.bound_in_class(ref, name) or ()
    ]
    if not any(groups) or not resolver.is_mapped(ref):  # else a column holds what it is of
        for method_ref, expr in resolver.project.bound_by_methods(ref, name):
            groups.append(resolver.evaluate(expr, method_ref))
    if groups:
        values = _held(resolver, union(*groups), base)
        if name in resolver.related.get(ref, ()):
            values = _related(resolver, values, base, name)
        return values or None
    if name in facts.classes:
        return (Class(ClassRef(ref.module, facts.classes[name])),)
    return None


def _read(
    resolver: Resolving, expr: Expr, scope: FunctionRef, ref: ClassRef, base: Object | Class
) -> Values:
    """Return what reading an attribute gives that the body of a class binds to an expression.

    Of a descriptor of the project that is what its `__get__` returns.
    """
    values = resolver.evaluate(expr, scope, ref.cls)
    if isinstance(base, Class) or not any(descriptor(resolver, value) for value in values):
        return values
    groups: list[Values] = []
    for value in values:
        method = descriptor(resolver, value)
        if method is None or not isinstance(value, Object):
            groups.append((value,))
            continue
        made = [_bound(one, base) for one in given_to(resolver, value, expr, scope, ref.cls)]
        calls = [one for one in made if isinstance(one, ProjectFunction)] or [
            ProjectFunction(method, value)
        ]
        groups.append(union((), *map(resolver.returned, calls)) or (value,))
    return union((), *groups)


# ---------------------------------------------------------------------- seen from their owner


def _held(resolver: Resolving, values: Values, base: Object | Class) -> Values:
    """Return what an object gives that holds these: of a descriptor, what it is asked for."""
    descriptors = resolver.vocabulary.descriptors
    if isinstance(base, Class) or not any(
        isinstance(value, Object) and value.of in descriptors for value in values
    ):
        return values
    groups = (
        method_result(resolver, replace(value, args=_methods(value.args, base)), "__get__")
        if isinstance(value, Object) and value.of in descriptors
        else (value,)
        for value in values
    )
    return union((), *groups)


def _methods(args: tuple[Values, ...], base: Object | Class) -> tuple[Values, ...]:
    """Bind the functions that a descriptor holds to the object that is asked."""
    return tuple(tuple(_bound(value, base) for value in values) for values in args)


def _bound(value: Value, base: Object | Class) -> Value:
    """Bind a function that is found in the body of a class."""
    is_free = isinstance(value, ProjectFunction) and value.receiver is None
    return replace(value, receiver=base) if is_free else value


def _owned(resolver: Resolving, values: Values, base: Object | Class) -> Values:
    """Tell descriptors of a class body, such as managers, which class they stand in."""
    if isinstance(base, Object) and base.loading == "loaded":
        values = tuple(
            replace(v, loading="loaded", along=None) if isinstance(v, Object) else v for v in values
        )
    if any(isinstance(value, ProjectFunction) for value in values):
        values = tuple(_bound(value, base) for value in values)
    if not any(isinstance(v, Object) and not v.args for v in values):
        return values
    owner = Object(base.of if isinstance(base, Object) else base.ref, base.args)
    return tuple(
        replace(v, args=((owner,),))
        if isinstance(v, Object) and not v.args and resolver.is_of_owner(v)
        else v
        for v in values
    )


# How the relations of a row to others come, by how the row came.
_MANAGERS = {
    "loaded": "loaded",
    "lazy": "related",
    "related": "related",
    "joined": "related",
    "own": "own",
}


def _related(resolver: Resolving, values: Values, base: Object | Class, name: str) -> Values:
    """Say of the rows behind a relation what is known of the row that it is of."""
    if isinstance(base, Class):
        return values
    seen = row_through(base, name)
    manager = replace(seen, loading=_MANAGERS.get(seen.loading, "unknown"))
    row = replace(seen, loading=seen.loading if seen.loading in _MANAGERS else "")
    return tuple(
        _come_as(v, manager if v.of in LISTS or resolver.is_of_owner(v) else row)
        if isinstance(v, Object)
        else v
        for v in values
    )


def _come_as(value: Object, like: Object) -> Object:
    """Return a query, a row or a list of rows as one that came so."""
    args = value.args
    if value.of in LISTS:
        args = tuple(
            tuple(_come_as(v, like) if isinstance(v, Object) else v for v in values)
            for values in args
        )
    return replace(value, args=args, loading=like.loading, along=like.along)
