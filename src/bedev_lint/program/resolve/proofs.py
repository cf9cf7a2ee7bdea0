"""What a function calls of something that is known by its name alone, and so what it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from bedev_lint.model import Attr, Expr, Name, last_name
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.values import Class, ClassRef, FunctionRef, Object, Value, Values

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
        and (
            _is_proven(resolver, ref, expr, value)
            or _is_proven_by_class(resolver, ref, expr, value)
        )
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


def _is_proven_by_class(resolver: Resolving, ref: FunctionRef, expr: Expr, value: Object) -> bool:
    """Return whether the methods of the own class, or above it, call two such of `self.x`."""
    if not isinstance(expr, Attr):
        return False
    cls = _owner(resolver, expr.base, ref)
    if cls is None:
        return False
    question = ("proven by class", cls, expr.name, value)
    calls_two = partial(_calls_two, resolver, cls, expr.name, value)
    return bool(resolver.memory.once(question, lambda: (value,) if calls_two() else ()))


def _owner(resolver: Resolving, expr: Expr, ref: FunctionRef) -> ClassRef | None:
    """Return the class of whose method, around a function, this is the own object."""
    for scope in resolver.project.outward(ref):
        facts = resolver.project.function(scope)
        if facts.owner >= 0 and facts.params and expr == Name(facts.params[0].name):
            return ClassRef(scope.module, facts.owner)
    return None


def _calls_two(resolver: Resolving, cls: ClassRef, attribute: str, value: Object) -> bool:
    if not isinstance(value.of, str):
        return False
    names = {
        name
        for name in _called_of(resolver, cls, attribute)
        if resolver.vocabulary.member(value.of, name)
    }
    return len(names) > 1 and not names <= _COMMON


def _called_of(resolver: Resolving, cls: ClassRef, attribute: str) -> Iterator[str]:
    """Return what the methods of a class, and of those above it, call of an attribute of theirs."""
    for above, _ in resolver.hierarchy.mro(cls):
        if isinstance(above, str):
            continue
        for method in resolver.project.class_(above).methods.values():
            facts = resolver.project.function(FunctionRef(above.module, method))
            if not facts.params:
                continue
            held = Attr(Name(facts.params[0].name), attribute)
            for site in facts.sites:
                if site.kind == "call" and isinstance(site.func, Attr) and site.func.base == held:
                    yield site.func.name


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
