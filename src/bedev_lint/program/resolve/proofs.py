"""What a function calls of something that is known by its name alone, and so what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from bedev_lint.model import Attr, Elem, Expr, Name, Part, Result, Site, last_name
from bedev_lint.names import words
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Object,
    Value,
    Values,
    parse_type,
)

__all__ = ["proven", "told_by_statement", "told_by_use"]

# Methods that containers and texts have too.
_COMMON = frozenset(dir(dict)) | frozenset(dir(list)) | frozenset(dir(set)) | frozenset(dir(str))
# What runs statements of a library, and what runs texts.
_SESSION, _RUNNER = "conventional.DatabaseSession", "conventional.Runner"
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

    `values` are of packages of which no vocabulary says anything, or objects of their types.
    """
    if not values or not all(_is_unknown(resolver, value) for value in values):
        return values
    conventional = resolver.vocabulary.by_convention(last_name(expr) or "")
    told = proven(resolver, conventional, expr, ref)
    if told and all(isinstance(value, Object) and value.certain for value in told):
        return told
    return told_by_statement(resolver, expr, ref) or values


def told_by_statement(resolver: Resolving, expr: Expr, ref: FunctionRef) -> Values:
    """Return an expression, whatever it is called, as what its function has run statements.

    `tx.scalar(select(Order))`, `self.store.query(Order)`, `db.fetch_one("SELECT …")`; nothing if it
    does not.
    """
    sites = resolver.project.called_on(ref, expr)
    question = ("told by statement", ref, expr)
    return resolver.memory.once(question, lambda: _running(resolver, sites, ref)) if sites else ()


def _running(resolver: Resolving, sites: Iterable[int], ref: FunctionRef) -> Values:
    for index in sites:
        site = resolver.project.site(ref, index)
        name = last_name(site.func) or ""
        if not _runs(resolver, _SESSION, name):
            continue
        given = resolver.evaluate(site.args[0], ref)
        if _are_statements(resolver, given) or (
            name == "query" and _are_of_mapped_classes(resolver, given)
        ):
            return (Object(_SESSION),)
        # Others take a text that begins as a statement does: what runs it is known by its method.
        if _runs(resolver, _RUNNER, name) and resolver.vocabulary.statements(given):
            return (Object(_RUNNER),)
    return ()


def _runs(resolver: Resolving, type_name: str, method: str) -> bool:
    """Return whether this method of a known type runs the statement that it is given."""
    member = resolver.vocabulary.member(type_name, method)
    return member is not None and member[1].effect_by_argument is not None


def _are_statements(resolver: Resolving, values: Values) -> bool:
    """Return whether these are statements of a library, no texts."""
    return bool(resolver.vocabulary.statements(values)) and not any(
        isinstance(value, Object) and str(value.of).startswith("sql:") for value in values
    )


def _are_of_mapped_classes(resolver: Resolving, values: Values) -> bool:
    """Return whether these are classes of rows, and nothing else."""
    return bool(values) and all(
        isinstance(value, Class) and resolver.is_mapped(value.ref) for value in values
    )


def _is_unknown(resolver: Resolving, value: Value) -> bool:
    """Return whether a value is of a package that nobody has told of, or an object of one."""
    if isinstance(value, External):
        return not resolver.vocabulary.is_of_library(value.name)
    return (
        isinstance(value, Object)
        and isinstance(value.of, str)
        and value.of not in resolver.vocabulary
        and not value.of.startswith(_LANGUAGE)
    )


def _is_proven(resolver: Resolving, ref: FunctionRef, expr: Expr, value: Object) -> bool:
    """Return whether a function calls what only this type has.

    That is two methods of it, the second perhaps on what the first has given; one that is given
    something of a database; or `get` of a class, by keywords alone. What belongs to each element of
    something may be another table each time, and proves nothing.
    """
    if not isinstance(value.of, str):
        return False
    if resolver.is_of_owner(value) and _is_of_elements(resolver, expr, ref):
        return False
    sites = resolver.project.function(ref).sites
    called = {
        index: site
        for index, site in enumerate(sites)
        if site.kind == "call"
        and isinstance(site.func, Attr)
        and site.func.base == expr
        and resolver.vocabulary.member(value.of, site.func.name)
    }
    names = {last_name(site.func) for site in called.values()}
    telling = [site for site in called.values() if last_name(site.func) not in _COMMON]
    if any(map(_is_got_by_keywords, called.values())) and _is_named_class(expr):
        return True
    given = (
        argument
        for site in called.values()
        for argument in (*site.args[:1], *(value for _, value in site.keywords))
    )
    if any(_is_of_database(resolver, resolver.evaluate(arg, ref)) for arg in given):
        return True
    return bool(telling) and (len(names) > 1 or _is_gone_on_with(resolver, sites, called, value.of))


def _is_of_elements(resolver: Resolving, expr: Expr, ref: FunctionRef) -> bool:
    """Return whether this is an attribute of a value that comes of the elements of something."""
    visited: set[Expr] = set()
    todo = [expr.base] if isinstance(expr, Attr) else []
    while todo:
        origin = todo.pop()
        if isinstance(origin, Elem):
            return True
        if origin in visited:
            continue
        visited.add(origin)
        if isinstance(origin, Name):
            todo += resolver.project.bound(ref, origin.id) or ()
        elif isinstance(origin, (Attr, Part)):
            todo.append(origin.base)
        elif isinstance(origin, Result):
            site = resolver.project.site(ref, origin.site)
            todo += (site.func, *site.args)
    return False


def _is_got_by_keywords(site: Site) -> bool:
    """Return whether `get` is given nothing but keywords, which no container's takes."""
    return last_name(site.func) == "get" and bool(site.keywords) and not site.args


def _is_named_class(expr: Expr) -> bool:
    """Return whether this is of what is a class by its name: of `Order`, of `self.model`."""
    name = last_name(expr.base) if isinstance(expr, Attr) else ""
    return name[:1].isupper() or not {"model", "cls", "klass", "class"}.isdisjoint(words(name))


def _is_gone_on_with(
    resolver: Resolving, sites: Sequence[Site], called: Mapping[int, Site], type_name: str
) -> bool:
    """Return whether what one of these calls gives is called as what it should give is."""
    for site in sites:
        func = site.func
        if site.kind != "call" or not isinstance(func, Attr) or func.name in _COMMON:
            continue
        made = called.get(func.base.site) if isinstance(func.base, Result) else None
        if made is None:
            continue
        member = resolver.vocabulary.member(type_name, last_name(made.func) or "")
        given = parse_type(member[1].returns) if member and member[1].returns else ()
        # A query is asked on by its own methods.
        names = (type_name, *(one.name for one in given))
        if any(resolver.vocabulary.member(name, func.name) for name in names):
            return True
    return False


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
