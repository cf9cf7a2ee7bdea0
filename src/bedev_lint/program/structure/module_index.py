"""What the names of a module say of the whole program, without its facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from msgspec import Struct

from bedev_lint.model import (
    Attr,
    ClassFacts,
    Expr,
    FunctionFacts,
    Item,
    Key,
    Literal,
    ModuleFacts,
    Name,
    Result,
    Scope,
    Site,
    TupleOf,
    last_name,
)

__all__ = ["CALLED", "MOST_CALLS", "PARTIAL", "Index", "index_of"]

# Those that never make a method something that is read.
CALLED = frozenset("staticmethod classmethod abstractmethod overload override setter".split())

# What binds arguments of a function that is called some time.
PARTIAL = frozenset({"partial", "partialmethod"})

# Of something that is called more often, one call more says nothing more.
MOST_CALLS = 9
# Literals that say nothing of what something is given.
_PLAIN = frozenset({"int", "str"})

IndicesT = dict[str, list[int]]


class Index(Struct, frozen=True, array_like=True):
    """The names of one module.

    `calls` are the first calls, by the last name of what is called, of many of them rather those
    that are given no mere numbers and texts: each the index of a function and of its site.
    `methods` and `classes` are the indices of the classes that have a method, or are called so;
    `derived` are the names of classes with the last names of their bases. `defined` are all names
    by which something of the module may be called, `properties` those of what may be properties,
    `attributes` those of attributes that it reads, `loading` those that its calls name in texts,
    such as relations that a query is to load, and the calls that may name others. `assigning` are
    the functions that assign to an attribute of something else than their own object, or under a
    key. `starred` are the last parts of the names of modules all names of which it imports.
    """

    calls: dict[str, list[tuple[int, int]]]
    methods: IndicesT
    classes: IndicesT
    derived: list[tuple[str, list[str]]]
    defined: list[str]
    properties: list[str]
    attributes: list[str]
    loading: list[str]
    assigning: list[int]
    starred: list[str]


def index_of(facts: ModuleFacts) -> Index:
    """Return the index of a module."""
    calls: dict[str, list[tuple[int, int]]] = {}
    attributes: set[str] = set()
    loading: set[str] = set()
    # Names of which all calls that are kept say something.
    full: set[str] = set()
    for number, function in enumerate(facts.functions):
        for place, site in enumerate(function.sites):
            if site.kind == "call":
                for name in _called_by(site):
                    calls_of_name = calls.setdefault(name, [])
                    if len(calls_of_name) < MOST_CALLS:
                        calls_of_name.append((number, place))
                    elif name not in full and not _gives_literals(site):
                        if _makes_room(calls_of_name, facts):
                            calls_of_name.append((number, place))
                        else:
                            full.add(name)
                loading.update(_named_by(site))
                loading.update(_attributes_named(site.args, function))
            elif site.kind == "get":
                attributes.add(last_name(site.func))
        displayed = [binding.value for binding in function.bindings]
        loading.update(_attributes_named((*displayed, *function.results), function))
    methods: IndicesT = {}
    classes: IndicesT = {}
    for number, cls in enumerate(facts.classes):
        classes.setdefault(cls.name, []).append(number)
        for name in cls.methods:
            methods.setdefault(name, []).append(number)
    return Index(
        calls,
        methods,
        classes,
        [(cls.name, [last_name(base) for base in cls.bases]) for cls in facts.classes if cls.bases],
        sorted({*_defined_names(facts)} - {""}),  # the code of a module has no name
        sorted({*_properties(facts)}),
        sorted(attributes),
        sorted(loading),
        [number for number, function in enumerate(facts.functions) if _assigns(function)],
        sorted({item.module.rpartition(".")[2] for item in facts.imports if item.name == "*"}),
    )


def _makes_room(calls: list[tuple[int, int]], facts: ModuleFacts) -> bool:
    """Take out the last of these calls that gives nothing but numbers and texts, if there is one.

    Those say nothing of what is given: `handler(404)` makes room for `handler(ShopError)`.
    """
    for index in reversed(range(len(calls))):
        function, place = calls[index]
        if _gives_literals(facts.functions[function].sites[place]):
            del calls[index]
            return True
    return False


def _gives_literals(site: Site) -> bool:
    given = [*site.args, *(value for _, value in site.keywords)]
    return bool(given) and all(
        isinstance(value, Literal) and value.kind in _PLAIN for value in given
    )


def _called_by(site: Site) -> Iterator[str]:
    """Return the names of what a call calls, now or, with arguments that it binds, some time."""
    name = last_name(site.func)
    if name:
        yield name
    if name in PARTIAL and site.args and (bound := last_name(site.args[0])):
        yield bound


def _named_by(site: Site) -> Iterator[str]:
    """Return the names in the texts that a call is given: `a` and `b` of `a__b`, and those two.

    Texts under keywords are names too: of what is loaded, `Prefetch("a", to_attr="all_a")`.
    What a call says besides, as `Prefetch("a", rows)` does, may name anything behind `a`: `a__`. Of
    one that may be given other texts, or names of them, it is the name of what is called: `f()`.
    """
    texts = [arg.name.split("__") for arg in site.args if isinstance(arg, Key)]
    says_more = bool(site.keywords) or len(texts) < len(site.args)
    yield from (arg.name for _, arg in site.keywords if isinstance(arg, Key))
    for names in texts:
        yield from names
        yield from map("__".join, pairwise(names))
        if says_more:
            yield f"{names[-1]}__"
    is_first_known = not site.args or isinstance(site.args[0], (Key, Result))
    is_spread = any(keyword == "*" for keyword, _ in site.keywords)
    if is_spread or not is_first_known or any(isinstance(arg, Literal) for arg in site.args):
        yield f"{last_name(site.func)}()"


def _attributes_named(exprs: Iterable[Expr], function: FunctionFacts) -> Iterator[str]:
    """Return the names of attributes that chains of calls are given, from the first call on.

    So a query is told what to load: `joinedload(Order.lines).joinedload(Line.product)`.
    """
    for expr in exprs:
        if isinstance(expr, (TupleOf, Literal)):
            yield from _attributes_named(expr.items, function)
        chain = [[*site.args] for site in _chain(expr, function)]
        if not chain or not chain[-1] or not all(map(_is_of_class, chain[-1])):
            continue
        last = ""
        for args in reversed(chain):
            names = [arg.name for arg in args if isinstance(arg, Attr)]
            yield from names
            if last:
                yield f"{last}__{names[0] if names else ''}"
            last = names[-1] if names else last


def _is_of_class(expr: Expr) -> bool:
    return isinstance(expr, Attr) and last_name(expr.base)[:1].isupper()


def _chain(expr: Expr, function: FunctionFacts) -> Iterator[Site]:
    """Return the calls of which each is made on what the one after it gives."""
    while isinstance(expr, Result):
        site = function.sites[expr.site]
        yield site
        expr = site.func.base if isinstance(site.func, Attr) else site.func


def _assigns(function: FunctionFacts) -> bool:
    own = Name(function.params[0].name) if function.owner >= 0 and function.params else None
    return any(
        isinstance(binding.target, (Attr, Item)) and binding.target.base != own
        for binding in function.bindings
    )


def _defined_names(facts: ModuleFacts) -> Iterator[str]:
    for function in facts.functions:
        yield function.name
        for binding in function.bindings:
            if isinstance(binding.target, Attr):
                yield binding.target.name
    for cls in facts.classes:
        yield cls.name
        for binding in cls.bindings:
            if isinstance(binding.target, Name):
                yield binding.target.id
    for item in facts.imports:
        yield item.alias
    for binding in facts.functions[0].bindings:
        if isinstance(binding.target, Name):
            yield binding.target.id


def _properties(facts: ModuleFacts) -> Iterator[str]:
    """Return the names of what some decorator may make a property of."""
    for function in facts.functions:
        names = map(last_name, function.decorators)
        if function.owner >= 0 and any(name not in CALLED for name in names):
            yield function.name
    for cls in facts.classes:
        sites = facts.functions[cls.scope].sites
        for binding in cls.bindings:
            target, value = binding.target, binding.value
            site = sites[value.site] if isinstance(value, Result) else None
            args = (*site.args[:1], *(arg for _, arg in site.keywords)) if site else ()
            if isinstance(target, Name) and any(_is_function(arg, cls) for arg in args):
                yield target.id


def _is_function(expr: Expr, cls: ClassFacts) -> bool:
    return isinstance(expr, Scope) or (isinstance(expr, Name) and expr.id in cls.methods)
