"""What a function calls of something that is known by its name alone, and so what it is."""

from __future__ import annotations

from msgspec.structs import replace

from bedev_lint.model import Attr, Expr, last_name
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.values import Class, FunctionRef, Object, Value, Values

__all__ = ["proven", "told_by_use"]

# Methods that containers and texts have too.
_COMMON = frozenset(dir(dict)) | frozenset(dir(list)) | frozenset(dir(set)) | frozenset(dir(str))
# Types of the language itself, whatever they are called.
_LANGUAGE = ("builtins.", "typing.", "typing_extensions.", "collections.", "sql:")


def proven(resolver: Resolving, values: Values, expr: Expr, ref: FunctionRef) -> Values:
    """Return these values of an expression, those for certain that its function proves."""
    return tuple(
        replace(value, certain=True)
        if isinstance(value, Object)
        and not value.certain
        and _is_proven(resolver, ref, expr, value)
        else value
        for value in values
    )


def told_by_use(resolver: Resolving, values: Values, expr: Expr, ref: FunctionRef) -> Values:
    """Return what an expression is by its name, if its function proves that and no more is known.

    `values` are objects of types outside the project of which no vocabulary says anything.
    """
    conventional = resolver.vocabulary.by_convention(last_name(expr) or "") if values else ()
    if not conventional or not all(_is_unknown(resolver, value) for value in values):
        return values
    told = proven(resolver, conventional, expr, ref)
    return told if all(isinstance(v, Object) and v.certain for v in told) else values


def _is_unknown(resolver: Resolving, value: Value) -> bool:
    """Return whether a value is an object of a package that nobody has told of."""
    return (
        isinstance(value, Object)
        and isinstance(value.of, str)
        and value.of not in resolver.vocabulary
        and not value.of.startswith(_LANGUAGE)
    )


def _is_proven(resolver: Resolving, ref: FunctionRef, expr: Expr, value: Object) -> bool:
    """Return whether a function calls what only this type has: two of it, or with its like."""
    if not isinstance(value.of, str):
        return False
    called = [
        (site.func.name, site.args[:1])
        for site in resolver.project.function(ref).sites
        if site.kind == "call"
        and isinstance(site.func, Attr)
        and site.func.base == expr
        and resolver.vocabulary.member(value.of, site.func.name)
    ]
    telling = [args for name, args in called if name not in _COMMON]
    return bool(telling) and (
        len({name for name, _ in called}) > 1
        or any(
            _is_of_database(resolver, resolver.evaluate(a, ref)) for args in telling for a in args
        )
    )


def _is_of_database(resolver: Resolving, values: Values) -> bool:
    """Return whether this is a statement, or a class of rows that is known by its base."""
    if resolver.vocabulary.statements(values):
        return True
    return any(
        isinstance(value, Class)
        and any(
            base in resolver.vocabulary for base in resolver.hierarchy.external_bases(value.ref)
        )
        for value in values
    )
