"""Values seen from elsewhere: type variables replaced, classes of instances, rows reloaded."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    Object,
    TypeVariable,
    Value,
    Values,
)

__all__ = [
    "ANYTHING",
    "LISTS",
    "SELF",
    "as_likely",
    "classes_of",
    "flat",
    "instances_of",
    "is_own",
    "is_self",
    "mapped",
    "reloaded",
    "says_something",
    "substituted",
]

# What stands for the object itself where type parameters stand for others.
SELF = "typing.Self"
_SELF = frozenset({SELF, "typing_extensions.Self"})
_CLASS_OF = frozenset({"builtins.type", "typing.Type"})
# Annotations that say nothing.
ANYTHING = frozenset({"typing.Any", "typing_extensions.Any", "builtins.object"})
# What holds others that are all there.
LISTS = frozenset({"builtins.list", "builtins.tuple", "builtins.set", "builtins.dict"}).union(
    (f"typing.{name}" for name in ("List", "Tuple", "Set", "Dict", "Sequence", "Collection")),
    (f"collections.abc.{name}" for name in ("Sequence", "Collection")),
)
_NEVER = frozenset({"typing.NoReturn", "typing.Never", "typing_extensions.Never"})
# Type arguments within type arguments that are kept.
_DEEPEST = 5


def as_likely(values: Values) -> Values:
    """Return these values as a naming convention would give them."""
    return tuple(replace(v, certain=False) if isinstance(v, Object) else v for v in values)


def is_own(value: Value, owner: ClassRef) -> bool:
    """Return whether a value is the object itself whose class this is."""
    return isinstance(value, Object) and value.of == owner and not value.args and value.certain


def says_something(values: Values) -> bool:
    """Return whether what an annotation promises is more than anything."""
    return any(not isinstance(value, Object) or value.of not in ANYTHING for value in values)


def is_self(value: Value) -> bool:
    """Return whether a value is an instance of `Self`."""
    return isinstance(value, Object) and value.of in _SELF


def reloaded(value: Object, how: str) -> Object:
    """Return a query that loads its relations, or those to one row; or one that is to be run."""
    if how == "eager":
        return replace(value, loading="eager")
    if value.loading == "eager" or (value.loading in ("joined", "related") and how == "fresh"):
        return value
    if how == "fresh" and value.loading in ("own", "unknown") and any(value.args):
        return replace(value, loading="related")  # it is of the rows of the same relation
    return replace(value, loading="joined" if how == "joined" else "")


def classes_of(values: Values) -> Values:
    """Return the classes of these values."""
    classes: list[Value] = []
    for value in values:
        if isinstance(value, Object):
            of = value.of
            classes.append(
                Class(of, value.args) if isinstance(of, ClassRef) else External(of, value.args)
            )
        elif isinstance(value, TypeVariable):
            classes.append(TypeVariable(f"type:{value.name}"))
    return tuple(classes)


def instances_of(declared: Values) -> Values:
    """Return the values of these classes: what an annotation promises."""
    instances: list[Value] = []
    for value in declared:
        if isinstance(value, Class):
            instances.append(Object(value.ref, value.args))
        elif isinstance(value, External):
            if value.name in _NEVER:
                continue
            if value.name in _CLASS_OF:
                instances += classes_of(value.args[0]) if value.args else ()
            elif not value.name.startswith("builtins.object"):
                instances.append(Object(value.name, value.args))
        elif isinstance(value, (TypeVariable, Object)):
            # Annotated[X, Depends(f)] leaves no class; a default may stand for its type.
            instances.append(value)
    return tuple(dict.fromkeys(instances))


def flat(values: Values, mapping: Mapping[str, Values]) -> Values:
    """Replace type variables, and `Self`, that stand alone by all that they stand for."""
    if not mapping or not any(isinstance(v, TypeVariable) or is_self(v) for v in values):
        return values
    replaced: list[Value] = []
    for value in values:
        if is_self(value):
            replaced += mapping.get(SELF, (value,))
        elif isinstance(value, TypeVariable):
            if value.name.startswith("type:"):
                replaced += classes_of(mapping.get(value.name[5:], ()))
            else:
                replaced += mapping.get(value.name, (value,))
        else:
            replaced.append(value)
    return tuple(dict.fromkeys(replaced))


def substituted(value: Value, mapping: Mapping[str, Values], depth: int = 0) -> Value:
    """Replace the type variables among the arguments of a value.

    A type that grows with each call of a recursive generic is cut off at some depth.
    """
    if not mapping or not isinstance(value, (Object, Class, External)) or not value.args:
        return value
    if depth > _DEEPEST:
        return replace(value, args=())
    args = tuple(
        tuple(substituted(arg, mapping, depth + 1) for arg in flat(values, mapping))
        for values in value.args
    )
    return replace(value, args=args)


def rebound(value: Value, owner: ClassRef, itself: Object, depth: int = 0) -> Value:
    """Put another object in place of the object itself of a class, also among type arguments.

    As a row that a query has given it comes as the query says.
    """
    if is_own(value, owner):
        assert isinstance(value, Object)
        is_given = value.loading not in ("", "own")
        return replace(itself, loading=value.loading, along=value.along) if is_given else itself
    if not isinstance(value, Object) or not value.args or depth > _DEEPEST:
        return value
    args = tuple(
        tuple(rebound(arg, owner, itself, depth + 1) for arg in values) for values in value.args
    )
    return value if args == value.args else replace(value, args=args)


def mapped(mapping: Mapping[str, Values], replacements: Mapping[str, Values]) -> dict[str, Values]:
    """Return a mapping of type parameters in which others are replaced by what is given."""
    return {
        name: tuple(substituted(value, replacements) for value in flat(values, replacements))
        for name, values in mapping.items()
    }
