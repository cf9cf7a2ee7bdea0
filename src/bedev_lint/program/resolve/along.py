"""Which relations of its rows a query loads along with them, as it is told by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeGuard

from msgspec.structs import replace

from bedev_lint.model import Attr, Expr, Key, Result, Site
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.values import (
    External,
    FunctionRef,
    Object,
    Value,
    Values,
    union,
)

__all__ = ["joined_with", "most_told", "named_by", "row_through", "without_others"]

# How rows came with which relations are loaded that their query names.
_NAMED = ("joined", "loaded")
# What a query loads with its rows, less before more.
_LOADED = {"": 0, "related": 0, "joined": 1, "eager": 2}
# What else comes with a relation, nobody can tell: `Prefetch("lines", rows)`.
_ANYTHING = "*"


def named_by(resolver: Resolving, site: Site, ref: FunctionRef) -> tuple[str, ...] | None:
    """Return the relations that a call names, `a` and `a__b`; None if nobody can tell them all.

    They stand there as texts, or as attributes that calls are given: `joinedload(Order.lines)`.
    """
    if not site.args or site.keywords:
        return None
    paths = [_path(resolver, arg, ref) for arg in site.args]
    if not all(paths):
        return None
    return tuple(dict.fromkeys(start for path in paths for start in _starts(path)))


def joined_with(query: Object, told: Object, named: tuple[str, ...] | None) -> Object:
    """Return a query after it was told to load some more relations than it did before."""
    if query.loading not in ("joined", "eager"):
        return replace(told, along=named)
    if query.along is None or named is None:
        return replace(told, along=None)
    return replace(told, along=tuple(dict.fromkeys((*query.along, *named))))


def most_told(values: Values) -> Values:
    """Drop what a query was before it was told to load its relations: `rows = rows.with_all()`."""
    if len(values) < 2:
        return values
    told: dict[tuple[Values, ...], list[Object]] = {}
    for value in values:
        if isinstance(value, Object) and value.args and value.loading in _LOADED:
            told.setdefault(value.args, []).append(value)
    most = {args: _most(queries) for args, queries in told.items()}
    return union((), *[most[v.args] if _is_in(v, told) else (v,) for v in values])


def _is_in(value: Value, told: Mapping[tuple[Values, ...], Sequence[Object]]) -> TypeGuard[Object]:
    return isinstance(value, Object) and value in told.get(value.args, ())


def _most(queries: Sequence[Object]) -> Values:
    """Return those queries of the same rows that load most, each with all that one of them does."""
    most = max(_LOADED[query.loading] for query in queries)
    loading = [query for query in queries if _LOADED[query.loading] == most]
    named = [query.along for query in loading if query.along is not None]
    is_known = len(named) == len(loading)
    along = tuple(dict.fromkeys(chain.from_iterable(named))) if is_known else None
    return tuple(replace(query, along=along) for query in loading)


def row_through(row: Object, relation: str) -> Object:
    """Return a row as what a relation of it leads to is loaded by: with those behind that one."""
    if row.along is None or row.loading not in _NAMED:
        return row
    if relation not in row.along:
        return replace(row, loading="related", along=None)
    behind = tuple(
        name[len(relation) + 2 :] for name in row.along if name.startswith(f"{relation}__")
    )
    return replace(row, along=None if _ANYTHING in behind else behind)


def without_others(values: Values, relation: str) -> Values:
    """Return rows as they are seen by who reads a relation of them that nobody has named."""
    return tuple(
        replace(v, loading="related", along=None)
        if isinstance(v, Object) and _lacks(v, relation)
        else v
        for v in values
    )


def _lacks(row: Object, relation: str) -> bool:
    return row.loading in _NAMED and row.along is not None and relation not in row.along


def _path(resolver: Resolving, expr: Expr, ref: FunctionRef) -> Sequence[str]:
    """Return the relations that an argument leads along, one after the other, or nothing."""
    if isinstance(expr, Key):
        return expr.name.split("__")
    if not isinstance(expr, Result):
        return ()
    site = resolver.project.function(ref).sites[expr.site]
    before: Sequence[str] = ()
    if isinstance(site.func, Attr) and isinstance(site.func.base, Result):
        before = _path(resolver, site.func.base, ref)
        if not before:
            return ()
    elif not any(isinstance(v, External) for v in resolver.evaluate(site.func, ref)):
        return ()  # a function of the project may name what it likes
    names: list[str] = []
    if site.args and isinstance(first := site.args[0], Key):
        says_more = len(site.args) > 1 or bool(site.keywords)
        names = [*first.name.split("__"), *([_ANYTHING] if says_more else [])]
    elif all(isinstance(arg, Attr) for arg in site.args):
        names = [arg.name for arg in site.args if isinstance(arg, Attr)]
    return [*before, *names] if names else ()


def _starts(path: Sequence[str]) -> Iterator[str]:
    return ("__".join(path[: number + 1]) for number in range(len(path)))
