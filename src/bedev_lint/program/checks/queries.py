"""What queries in loops ask for: the same table each time, or another one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from bedev_lint.catalog import Catalog
from bedev_lint.model import (
    Attr,
    Entered,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Name,
    Result,
    Site,
    last_name,
)
from bedev_lint.names import any_match
from bedev_lint.program.effects.nesting import indices_around
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Class, External, FunctionRef, Object
from bedev_lint.reachability import reachable

__all__ = ["Queries"]

# So many names and calls are followed from a query to what it is of.
_MOST = 40


class Queries:
    """Says of queries in loops whether one query could ask for all of them."""

    def __init__(self, project: Project, catalog: Catalog, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        contexts = catalog.contexts.values()
        self._many = tuple(name for one in contexts for name in one.asking_for_many)
        self._connecting = frozenset(name for one in contexts for name in one.connecting)

    def is_another_query(self, ref: FunctionRef, site: int, loop: int) -> bool:
        """Return whether a loop runs over queries, or its query asks for another table each time.

        `for model in models: model.objects.count()`, `session.query(model)`: no query asks for
        all of them at once. Nor for what `for query in queries: session.execute(query)` asks. A
        loop around that one, the region `loop`, may run over tables. And who asks for many rows
        each time, `filter(id__in=ids)`, goes from batch to batch.
        """
        bound = self._bound_around(ref, site, loop)
        return bool(bound) and (
            any(
                name in bound and self._is_query(name, ref) for name in self._begins_with(site, ref)
            )
            or any(self._varies(entity, bound, ref) for entity in self._entities(site, ref))
            or self._asks_for_many(site, bound, ref)
        )

    def _asks_for_many(self, site: int, bound: Collection[str], ref: FunctionRef) -> bool:
        """Return whether a query is given as several what a loop binds: `Order.id.in_(ids)`."""
        facts = self._project.function(ref)
        start: list[Expr] = [Result(site)]
        parts = islice(reachable(start, lambda expr: _before(expr, facts)), _MOST)
        called = [facts.sites[one.site] for one in parts if isinstance(one, Result)]
        given = [(last_name(one.func), arg) for one in called for arg in one.args]
        given += [keyword for one in called for keyword in one.keywords]
        return any(
            isinstance(value, Name) and value.id in bound and any_match((name,), self._many)
            for name, value in given
        )

    def is_apart(self, ref: FunctionRef, site: int) -> bool:
        """Return whether what a site does in an iteration cannot be done for all of them at once.

        It is another function each time, or another database.
        """
        return self._is_by_element(ref, site) or self._is_elsewhere(ref, site)

    def _is_by_element(self, ref: FunctionRef, site: int) -> bool:
        """Return whether a loop runs over functions, and a site calls one: `check(order)`.

        Or over the keys of a table of functions, and of nothing else: `FINDERS[kind](order)`.
        """
        facts = self._project.function(ref)
        func = facts.sites[site].func if site >= 0 else None
        bound = self._bound_around(ref, site)
        if isinstance(func, Name) and func.id in bound:
            return True
        if func is None or len(bound) != 1:
            return False
        made = facts.bound_to(func) or [func]
        key = tuple(map(Name, bound))
        return all(_keys_of(value, facts) == key for value in made)

    def _is_elsewhere(self, ref: FunctionRef, site: int) -> bool:
        """Return whether a site asks another database in each iteration of a loop around it.

        `for path in paths: connection = connect(path); connection.execute(…)`, or what an object
        does that is made of the path and connects there.
        """
        bound = self._bound_around(ref, site) if site >= 0 else ()
        if not bound:
            return False
        facts = self._project.function(ref)
        start: list[Expr] = [Result(site)]
        return any(
            isinstance(expr, Result)
            and expr.site != site
            and self._connects(expr, ref)
            and self._varies(expr, bound, ref)
            for expr in islice(reachable(start, lambda expr: _used(expr, facts)), _MOST)
        )

    def _connects(self, made: Result, ref: FunctionRef) -> bool:
        """Return whether a call connects to a database, or makes an object that does so."""
        func = self._project.site(ref, made.site).func
        return last_name(func) in self._connecting or any(
            last_name(site.func) in self._connecting
            for value in self._resolver.evaluate(func, ref)
            if isinstance(value, Class) and "__init__" in self._project.class_(value.ref).methods
            for site in self._project.function(
                FunctionRef(value.ref.module, self._project.class_(value.ref).methods["__init__"])
            ).sites
        )

    def _bound_around(self, ref: FunctionRef, site: int, outermost: int = -1) -> set[str]:
        """Return the names that the loops around a site bind, up to the outermost that counts."""
        facts = self._project.function(ref)
        names: set[str] = set()
        for number in indices_around(facts, facts.sites[site].region):
            if facts.regions[number].kind in ("for", "comprehension"):
                names.update(facts.regions[number].targets)
            if number == outermost:
                break
        return names

    def _begins_with(self, site: int, ref: FunctionRef) -> Iterator[str]:
        """Return the names that a query may begin with: what it is called on, and what is run."""
        facts = self._project.function(ref)
        start: list[Expr] = [Result(site)]
        found = reachable(start, lambda expr: _before(expr, facts, arguments=1))
        return (expr.id for expr in found if isinstance(expr, Name))

    def _is_query(self, name: str, ref: FunctionRef) -> bool:
        """Return whether a name stands for a query, or the text of one."""
        return any(
            isinstance(value, Object)
            and (str(value.of).startswith("sql:") or self._resolver.is_of_owner(value))
            for value in self._resolver.evaluate(Name(name), ref)
        )

    def _entities(self, site: int, ref: FunctionRef) -> Iterator[Expr]:
        """Return what a query is of: the root of its chain, what `select` is given, and tables.

        These are what is put into the text of SQL: `f"select * from {table}"`.
        """
        facts = self._project.function(ref)

        def before(expr: Expr) -> Iterable[Expr]:
            if isinstance(expr, (Attr, Item)):
                return (expr.base,)
            if isinstance(expr, Name):
                texts = (one for one in facts.bound_to(expr) if isinstance(one, Literal))
                return (*_made(expr, facts), *texts)
            if isinstance(expr, Result):
                called = facts.sites[expr.site]
                given = [arg for arg in called.args if _is_made(arg) or isinstance(arg, Name)]
                stated = [*called.args[:1], *(value for _, value in called.keywords)]
                given += (one for one in stated if isinstance(one, Literal))
                return (called.func, *given)
            return ()

        start: list[Expr] = [Result(site)]
        for expr in islice(reachable(start, before), _MOST):
            if isinstance(expr, Name):
                values = self._resolver.evaluate(expr, ref)
                if any(isinstance(value, (Class, External)) for value in values):
                    yield expr
            elif isinstance(expr, Result):
                yield from self._asked_for(facts.sites[expr.site], ref)
            elif isinstance(expr, Literal):
                yield from expr.tables

    def _asked_for(self, site: Site, ref: FunctionRef) -> Iterator[Expr]:
        """Return the table that a call is given, of which it returns rows."""
        specs = self._resolver.vocabulary.specs(self._resolver.evaluate(site.func, ref))
        if site.args and any("argument" in spec.returns for spec in specs):
            yield site.args[0]

    def _varies(self, entity: Expr, bound: Collection[str], ref: FunctionRef) -> bool:
        """Return whether this is what a loop binds, or was looked up by that."""
        facts = self._project.function(ref)

        def before(expr: Expr) -> Iterable[Expr]:
            if isinstance(expr, Item):
                return (expr.base, *expr.args)
            if isinstance(expr, Attr):
                return (expr.base,)
            if isinstance(expr, Result):
                return (facts.sites[expr.site].func, *facts.sites[expr.site].args)
            return facts.bound_to(expr) if isinstance(expr, Name) else ()

        found = reachable([entity], before)
        return any(isinstance(expr, Name) and expr.id in bound for expr in found)


def _used(expr: Expr, facts: FunctionFacts) -> Iterable[Expr]:
    """Return what a value is made by or given, one step back."""
    if isinstance(expr, Name):
        return facts.bound_to(expr)
    if isinstance(expr, (Attr, Entered)):
        return (expr.base,)
    if isinstance(expr, Result):
        site = facts.sites[expr.site]
        return (site.func, *site.args, *(value for _, value in site.keywords))
    return ()


def _keys_of(expr: Expr, facts: FunctionFacts) -> tuple[Expr, ...]:
    """Return by what something is looked up in a table: `table[key]`, `table.get(key)`."""
    if isinstance(expr, Item):
        return expr.args
    site = facts.sites[expr.site] if isinstance(expr, Result) else None
    is_look_up = site is not None and isinstance(site.func, Attr) and site.func.name == "get"
    return site.args[:1] if site is not None and is_look_up else ()


def _before(expr: Expr, facts: FunctionFacts, arguments: int | None = None) -> Iterable[Expr]:
    """Return what leads to a value: what it is asked of, and so many `arguments` (None: all)."""
    if isinstance(expr, Name):
        return _made(expr, facts)
    if isinstance(expr, Attr):
        return (expr.base,)
    if isinstance(expr, Result):
        site = facts.sites[expr.site]
        return (site.func, *site.args[:arguments])
    return ()


def _made(name: Name, facts: FunctionFacts) -> list[Expr]:
    """Return what a name is bound to, of what is called, looked up or an attribute."""
    return [value for value in facts.bound_to(name) if _is_made(value)]


def _is_made(expr: Expr) -> bool:
    return isinstance(expr, (Attr, Result, Item))
