"""What holds routes: routers, lists and modules of routes, and what is included in what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from bedev_lint.catalog import Catalog, Route, Router
from bedev_lint.endpoints.definitions import Definitions, Scoped
from bedev_lint.endpoints.paths import UNKNOWN, opened
from bedev_lint.endpoints.texts import Texts
from bedev_lint.model import Attr, Elem, Expr, Literal, Name, Result, Site, TupleOf, last_name
from bedev_lint.program import Program
from bedev_lint.program.effects.nesting import regions_around
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.values import FunctionRef, ProjectFunction, ProjectModule

__all__ = ["Key", "Node", "Parent", "Registration", "RouteHolder", "Routers", "argument"]

# A router by the call that made it, a list by where it stands, a module by its number alone.
Key = Scoped | int | str
_MOST_PREFIXES = 8


class Registration(NamedTuple):
    """A call that registers a route: what it says, where it stands, and if only for developers."""

    route: Route
    site: Site
    ref: FunctionRef
    is_hidden: bool = False


class RouteHolder(NamedTuple):
    """What holds routes, by the words of its type if it is a router."""

    key: Key
    router: Router | None = None


class Parent(NamedTuple):
    """What includes something that holds routes: with which prefixes, and if instead of its own."""

    key: Key
    prefixes: list[str]
    is_instead: bool = False
    is_hidden: bool = False


@dataclass
class Node:
    """What is known of something that holds routes; `parents` include it under a prefix."""

    prefixes: list[str] = field(default_factory=lambda: [""])
    names: list[str] = field(default_factory=list)
    parents: list[Parent] = field(default_factory=list)


class Routers:
    """Finds out what holds routes, and under which paths."""

    def __init__(self, program: Program, catalog: Catalog, texts: Texts) -> None:
        self._project, self._resolver = program.project, program.resolver
        self._definitions, self._texts = Definitions(program), texts
        self._naming = Naming(program.project, program.resolver)
        self._routers = {
            name: router
            for dotted, router in catalog.routers.items()
            for name in (dotted, *router.also)
        }
        self._routes = {
            name: route
            for dotted, route in catalog.routes.items()
            for name in (dotted, *route.also)
        }
        self.methods = frozenset(n for r in self._routers.values() for n, _ in r.methods())
        self.functions = frozenset(name.rpartition(".")[2] for name in self._routes)
        self.nodes: dict[Key, Node] = {}
        self._answers: dict[Scoped, list[RouteHolder]] = {}
        self._listed = {route.listed for route in self._routes.values() if route.listed}
        self._through = {name for r in self._routers.values() for name in r.through}

    # ------------------------------------------------------------------ what registers

    def call(self, site: Site, ref: FunctionRef) -> tuple[Registration, RouteHolder | None] | None:
        """Return what a call registers, and with which router, if it does; None for any other."""
        func = site.func
        if isinstance(func, Attr) and func.name in self.methods:
            for holder in self.holding(func.base, ref):
                registers = dict(holder.router.methods()) if holder.router is not None else {}
                if func.name in registers:
                    is_hidden = _says(site, holder.router) or self._is_for_developers(site, ref)
                    return Registration(registers[func.name], site, ref, is_hidden), holder
        if last_name(func) in self.functions or isinstance(func, Name):
            for value in self._resolver.evaluate(func, ref):
                for name in self._naming.names(value):
                    if name in self._routes:
                        is_hidden = self._is_for_developers(site, ref)
                        return Registration(self._routes[name], site, ref, is_hidden), None
        return None

    def _is_for_developers(self, site: Site, ref: FunctionRef) -> bool:
        """Return whether a call stands where more is told than otherwise: `if settings.DEBUG`."""
        around = regions_around(self._project.function(ref), site.region)
        return any(region.kind == "wordy" for region in around)

    # ------------------------------------------------------------------ what holds

    def holding(self, expr: Expr, ref: FunctionRef) -> list[RouteHolder]:
        """Return the routers, lists and modules that an expression may be."""
        question = Scoped(ref, expr)
        if question not in self._answers:
            self._answers[question] = []  # what leads to itself is nothing
            self._answers[question] = list(self._holding(expr, ref))
        return self._answers[question]

    def _holding(self, expr: Expr, ref: FunctionRef) -> Iterator[RouteHolder]:
        if (
            isinstance(expr, Attr)
            and expr.name in self._through
            and not any(self._definitions.bound(expr, ref))  # a router of a module, of that name
        ):
            yield from self.holding(expr.base, ref)
            return
        is_found = False
        for scoped in self._definitions.of(expr, ref):
            for holder in self._made(scoped):
                is_found = True
                yield holder
        if not is_found and isinstance(expr, (Name, Attr)):
            yield from self._typed(expr, ref)

    def _made(self, scoped: Scoped) -> Iterator[RouteHolder]:
        expr, ref = scoped.expr, scoped.ref
        if isinstance(expr, Result):
            yield from self._called(expr, ref)
        elif isinstance(expr, Elem):  # `for router in (orders.router, baskets.router): …`
            for listed in self._definitions.of(expr.base, ref):
                for item in getattr(listed.expr, "items", ()):
                    yield from self.holding(item, listed.ref)
        elif isinstance(expr, (TupleOf, Literal)) and expr.items:
            first = expr.items[0]
            if isinstance(expr, TupleOf) and not isinstance(first, Result):
                yield from self.holding(first, ref)  # with its namespace
            else:
                yield RouteHolder(self.noted(scoped))
        elif isinstance(expr, Literal) and expr.text:
            for text in self._texts.of(expr, ref):
                module = self._project.module("".join(part or "?" for part in text), ref.module)
                if module is not None:
                    yield RouteHolder(self.noted(module))
        elif isinstance(expr, (Name, Attr)):
            for value in self._resolver.evaluate(expr, ref):
                if isinstance(value, ProjectModule):
                    yield RouteHolder(self.noted(value.module))

    def _called(self, made: Result, ref: FunctionRef) -> Iterator[RouteHolder]:
        site = self._project.site(ref, made.site)
        router = self._router_made(site, ref)
        if router is not None:
            yield RouteHolder(self._constructed(Scoped(ref, made), router, site), router)
            return
        registered = self.call(site, ref) if last_name(site.func) in self.functions else None
        if registered is not None and registered[0].route.includes:
            handler = argument(site, registered[0].route.handler)
            if handler is not None:
                yield from self.holding(handler, ref)
            return
        for value in self._resolver.evaluate(site.func, ref):
            if isinstance(value, ProjectFunction):
                for result in self._project.function(value.ref).results:
                    yield from self.holding(result, value.ref)

    def _router_made(self, site: Site, ref: FunctionRef) -> Router | None:
        """Return the words of the router that a call makes, of the project's own classes too."""
        for value in self._resolver.evaluate(site.func, ref):
            for made in self._resolver.called(value, site, ref) or (value,):
                for name in (*self._naming.types(value), *self._naming.types(made)):
                    if name in self._routers:
                        return self._routers[name]
        return None

    def _typed(self, expr: Expr, ref: FunctionRef) -> Iterator[RouteHolder]:
        """Return a router of which nothing is known but its type."""
        for value in self._resolver.evaluate(expr, ref):
            for name in self._naming.types(value):
                if name in self._routers:
                    yield RouteHolder(self.noted(f"{name} {last_name(expr)}"), self._routers[name])
                    return

    def noted(self, key: Key) -> Key:
        """Return the key of something that holds routes, which is noted from now on."""
        self.nodes.setdefault(key, Node())
        return key

    def _constructed(self, key: Scoped, router: Router, site: Site) -> Key:
        if key in self.nodes:
            return key
        node = self.nodes[key] = Node()
        node.names = self.texts(site, router.named, key.ref)
        prefixes = self.texts(site, router.prefix, key.ref)
        if prefixes:
            node.prefixes = prefixes
        elif router.own and node.names:
            node.prefixes = list(node.names)
        if router.nested:
            node.prefixes = [f"{prefix}/{UNKNOWN}" for prefix in node.prefixes]
        above = argument(site, router.on)
        if above is not None:
            for holder in self.holding(above, key.ref):
                node.parents.append(Parent(holder.key, [""]))
        return key

    # ------------------------------------------------------------------ what is included

    def spread(self, module: int) -> None:
        """Note what a module's own list of routes takes over from others: `[*others, …]`."""
        code = FunctionRef(module, 0)
        for name in self._listed:
            for value in self._project.bound(code, name) or ():
                for item in value.items if isinstance(value, Literal) else ():
                    if isinstance(item, Elem):
                        for holder in self.holding(item.base, code):
                            if holder.key != module:
                                parent = Parent(self.noted(module), [""])
                                self.nodes[holder.key].parents.append(parent)

    def include(self, call: Registration, parent: Key) -> bool:
        """Note what a call includes in something that holds routes; return whether it does."""
        handler = argument(call.site, call.route.handler)
        if handler is None:
            return False
        prefixes = self.texts(call.site, call.route.path, call.ref, is_regex=call.route.regex)
        is_instead = call.route.instead and bool(prefixes)
        held = self.holding(handler, call.ref)
        for holder in held:
            if holder.key != parent:
                included = Parent(parent, prefixes or [""], is_instead, call.is_hidden)
                self.nodes[holder.key].parents.append(included)
        return bool(held)

    def prefixes(self, key: Key, below: tuple[Key, ...] = ()) -> list[str]:
        """Return all that stands before the paths of something that holds routes."""
        node = self.nodes[key]
        parents = [p for p in node.parents if p.key not in below and p.key != key]
        if not parents:
            return node.prefixes
        prefixes = [
            f"{outer}/{included}/{'' if parent.is_instead else own}"
            for parent in parents
            for outer in self.prefixes(parent.key, (*below, key))
            for included in parent.prefixes
            for own in node.prefixes
        ]
        return list(dict.fromkeys(prefixes))[:_MOST_PREFIXES]

    def is_hidden(self, key: Key, below: tuple[Key, ...] = ()) -> bool:
        """Return whether something that holds routes is nowhere included but for developers."""
        node = self.nodes[key]
        parents = [p for p in node.parents if p.key not in below and p.key != key]
        return bool(parents) and all(
            parent.is_hidden or self.is_hidden(parent.key, (*below, key)) for parent in parents
        )

    def texts(
        self, site: Site, places: Iterable[int | str], ref: FunctionRef, *, is_regex: bool = False
    ) -> list[str]:
        """Return what an argument of a call may be, with all that is unknown left open."""
        value = argument(site, places)
        if value is None:
            return []
        return [opened(text, is_regex=is_regex) for text in self._texts.of(value, ref)]

    def route_names(self, site: Site, places: Iterable[int | str], ref: FunctionRef) -> list[str]:
        """Return the names that an argument of a call may give a route."""
        value = argument(site, places)
        return [] if value is None else [opened(text) for text in self._texts.names(value, ref)]

    def texts_of(self, expr: Expr, ref: FunctionRef) -> list[str]:
        """Return the texts that an expression may be, with all that is unknown left open."""
        return [opened(text) for text in self._texts.of(expr, ref)]


def _says(site: Site, router: Router | None) -> bool:
    """Return whether an argument of a call says that nobody is meant to ask for the route."""
    hidden = router.hidden if router is not None else {}
    return any(value == Name(hidden.get(name, "")) for name, value in site.keywords)


def argument(site: Site, places: Iterable[int | str]) -> Expr | None:
    """Return the argument of a call that stands at one of these places."""
    keywords = dict(site.keywords)
    for place in places:
        if isinstance(place, str):
            if place in keywords:
                return keywords[place]
        elif place < len(site.args):
            return site.args[place]
    return None
