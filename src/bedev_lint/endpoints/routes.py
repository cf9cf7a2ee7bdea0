"""All endpoints of a program: what answers, which methods and paths, and by which names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from msgspec.structs import astuple, replace

from bedev_lint.catalog import Catalog
from bedev_lint.endpoints.actions import Actions, Answer
from bedev_lint.endpoints.definitions import Definitions, Scoped
from bedev_lint.endpoints.paths import ANY, Path, path_of
from bedev_lint.endpoints.routers import Key, Parent, Registration, Routers, argument
from bedev_lint.endpoints.texts import Texts
from bedev_lint.model import Attr, Expr, Literal, Name, Result, Site, TupleOf, last_name
from bedev_lint.program import Program
from bedev_lint.program.structure.values import Class, ClassRef, FunctionRef, ProjectFunction

__all__ = ["VERBS", "Endpoint", "Handler", "endpoints"]

VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


class Handler(NamedTuple):
    """What answers: a function, or a class and the function (0: the module) that it stands in.

    Where each of several methods of a class answers by itself, `action` is the name of that.
    """

    function: FunctionRef
    cls: ClassRef | None = None
    action: str = ""

    @property
    def whole(self) -> Handler:
        """The class, whatever of it answers."""
        return self._replace(action="")


class Endpoint(NamedTuple):
    r"""A handler with one of its paths; no `methods` are any, `names` may be left open (`\0`).

    `is_hidden` says that nobody is meant to ask for it, `code` are the functions that answer.
    """

    handler: Handler
    methods: tuple[str, ...]
    path: Path
    names: tuple[str, ...] = ()
    is_hidden: bool = False
    code: tuple[FunctionRef, ...] = ()


def endpoints(program: Program, catalog: Catalog, modules: Collection[int]) -> list[Endpoint]:
    """Return the endpoints that these modules register, in the order of files and code."""

    def order(one: Endpoint) -> tuple[object, ...]:
        # Numbers of modules depend on what was linked before.
        (module, function), cls = astuple(one.handler.function), one.handler.cls
        place = (program.project.path(module), function, cls.cls if cls is not None else -1)
        return (*place, one.path, one.methods, one.names, one.handler.action)

    registered = _Endpoints(program, catalog, frozenset(modules)).registered()
    return sorted(dict.fromkeys(registered), key=order)


class _Endpoints:
    """One search for all that registers routes."""

    def __init__(self, program: Program, catalog: Catalog, modules: frozenset[int]) -> None:
        self._project, self._resolver = program.project, program.resolver
        self._modules = modules
        self._definitions = Definitions(program)
        self._routers = Routers(program, catalog, Texts(program, self._definitions))
        self._actions = Actions(program, catalog, self._routers)
        # What is registered, with what holds it; calls that stand in a list, by where they stand.
        self._held: list[tuple[Registration, Key, tuple[Handler, ...]]] = []
        self._listed: dict[tuple[FunctionRef, int], Registration] = {}
        self._chosen: dict[Handler, Answer] = {}

    def registered(self) -> Iterator[Endpoint]:
        for module in self._in_order():
            for ref, facts in self._project.functions(module):
                for index, site in enumerate(facts.sites):
                    if site.kind == "call" and self._may_register(site.func):
                        self._called(ref, index)
                self._decorated(facts.decorators, self._project.around(ref), Handler(ref))
            for cls, class_facts in self._project.classes(module):
                scope = FunctionRef(module, max(class_facts.scope, 0))
                self._decorated(class_facts.decorators, scope, Handler(scope, cls))
        self._place_listed()
        for call, key, handlers in self._held:
            yield from self._endpoints_of(call, key, handlers)

    def _in_order(self) -> list[int]:
        return sorted(self._modules, key=self._project.path)

    def _may_register(self, func: Expr) -> bool:
        name = last_name(func)
        return name in self._routers.methods or name in self._routers.functions

    # ------------------------------------------------------------------ what registers

    def _called(self, ref: FunctionRef, index: int) -> None:
        registered = self._routers.call(self._project.site(ref, index), ref)
        if registered is None:
            return
        call, holder = registered
        if holder is None:
            self._listed[ref, index] = call
        elif call.route.includes:
            self._routers.include(call, holder.key)
        elif call.route.handler:
            self._hold(call, holder.key)

    def _decorated(
        self, decorators: tuple[Expr, ...], around: FunctionRef, handler: Handler
    ) -> None:
        for decorator in decorators:
            if not isinstance(decorator, Result):
                continue
            site = self._handed_over(self._project.site(around, decorator.site))
            if last_name(site.func) not in self._routers.methods:
                continue
            registered = self._routers.call(site, around)
            if (
                registered is not None
                and registered[1] is not None
                and not registered[0].route.handler
            ):
                self._held.append((registered[0], registered[1].key, (handler,)))

    def _handed_over(self, site: Site) -> Site:
        """Return the call that another one makes of what it is given: `guarded(app.get, "/x")`."""
        first = site.args[0] if site.args else None
        is_method = isinstance(first, Attr) and first.name in self._routers.methods
        return replace(site, func=first, args=site.args[1:]) if is_method and first else site

    def _hold(self, call: Registration, key: Key) -> None:
        """Note what a call registers: handlers, or what is included under its path."""
        expr = argument(call.site, call.route.handler)
        handlers = tuple(self._handlers(expr, call.ref)) if expr is not None else ()
        if handlers:
            self._held.append((call, key, handlers))
        else:
            self._routers.include(call, key)

    def _handlers(self, expr: Expr, ref: FunctionRef, depth: int = 0) -> Iterator[Handler]:
        for value in self._resolver.evaluate(expr, ref) if not _is_made(expr) else ():
            if isinstance(value, ProjectFunction):
                yield Handler(value.ref)
            elif isinstance(value, Class):
                yield self._of_class(value.ref)
        if isinstance(expr, Result) and depth < 6:
            yield from self._wrapped(expr, ref, depth)
        elif isinstance(expr, (Name, Attr)) and depth < 6:
            for scoped in self._definitions.of(expr, ref):
                if _is_made(scoped.expr):
                    yield from self._handlers(scoped.expr, scoped.ref, depth + 1)

    def _wrapped(self, made: Result, ref: FunctionRef, depth: int) -> Iterator[Handler]:
        """Return what a call makes a handler of: `View.as_view()`, `cached(view)`, `cache()(view)`.

        What includes others makes none.
        """
        site = self._project.site(ref, made.site)
        if self._may_register(site.func) and self._routers.call(site, ref) is not None:
            return
        if isinstance(site.func, Attr):
            for value in self._resolver.evaluate(site.func.base, ref):
                if isinstance(value, Class):
                    yield from self._of_actions(site, value.ref, ref)
                    return
        for passed in site.args:
            if isinstance(passed, (Name, Attr, Result)):
                handlers = list(self._handlers(passed, ref, depth + 1))
                if handlers:
                    yield from handlers
                    return

    def _of_actions(self, site: Site, cls: ClassRef, ref: FunctionRef) -> Iterator[Handler]:
        """Return those methods of a class that a view is made of, or the class."""
        whole, is_whole = self._of_class(cls), True
        for answer in self._actions.chosen(site, cls, ref):
            handler, is_whole = whole._replace(action=answer.action), False
            self._chosen[handler] = answer._replace(path=())
            yield handler
        if is_whole:
            yield whole

    def _of_class(self, cls: ClassRef) -> Handler:
        scope = FunctionRef(cls.module, max(self._project.class_(cls).scope, 0))
        return Handler(scope, cls)

    # ------------------------------------------------------------------ lists of routes

    def _place_listed(self) -> None:
        """Note what holds each route of a list: what the list is given to, or its module."""
        placed: set[tuple[FunctionRef, int]] = set()
        for module in self._in_order():
            self._routers.spread(module)
        for (ref, _), call in [*self._listed.items()]:
            for inner, key in self._inside(call, ref):
                placed.add(inner)
                self._hold(self._listed[inner], key)
        for key in [key for key in self._routers.nodes if isinstance(key, Scoped)]:
            for inner in self._items(key):
                if inner in self._listed and inner not in placed:
                    placed.add(inner)
                    self._hold(self._listed[inner], key)
        for (ref, index), call in self._listed.items():
            if (ref, index) not in placed and not (call.route.includes and not call.route.path):
                self._routers.noted(ref.module)
                self._hold(call, ref.module)
        # What a module of routes makes besides belongs to them.
        for key, node in self._routers.nodes.items():
            if isinstance(key, Scoped) and key.ref.function == 0 and not node.parents:
                if key.ref.module in self._routers.nodes and isinstance(key.expr, Result):
                    node.parents.append(Parent(key.ref.module, [""]))

    def _inside(
        self, call: Registration, ref: FunctionRef
    ) -> Iterator[tuple[tuple[FunctionRef, int], Key]]:
        """Return the routes in the lists that a call is given, and what holds them."""
        expr = argument(call.site, call.route.handler)
        for holder in self._routers.holding(expr, ref) if expr is not None else ():
            if isinstance(holder.key, Scoped):
                for inner in self._items(holder.key):
                    if inner in self._listed:
                        yield inner, holder.key

    def _items(self, key: Scoped) -> Iterator[tuple[FunctionRef, int]]:
        items = key.expr.items if isinstance(key.expr, (Literal, TupleOf)) else ()
        return ((key.ref, item.site) for item in items if isinstance(item, Result))

    # ------------------------------------------------------------------ what they say

    def _endpoints_of(
        self, call: Registration, key: Key, handlers: tuple[Handler, ...]
    ) -> Iterator[Endpoint]:
        is_hidden = call.is_hidden or self._routers.is_hidden(key)
        paths = [
            path_of(f"{prefix}/{text}" if prefix else text)
            for prefix in self._routers.prefixes(key)
            for text in self._paths(call)
        ]
        for handler in handlers:
            names = [*self._names(call, handler)]
            for one in self._answers(call, handler):
                action = handler._replace(action=one.action)
                own = tuple(f"{name}-{one.name}" if one.name else name for name in names)
                for path in paths:
                    yield Endpoint(
                        action, one.methods, (*path, *one.path), own, is_hidden, one.code
                    )

    def _answers(self, call: Registration, handler: Handler) -> Iterator[Answer]:
        """Return what a handler answers below the path of a call: its actions, if it has some."""
        kind, cls = call.route.resource, handler.cls
        if not kind or cls is None:
            chosen = self._chosen.get(handler)
            methods = self._methods(call, handler) if chosen is None else chosen.methods
            code = self._code(handler) if chosen is None else chosen.code
            yield Answer(handler.action, methods, (), "", code)
            return
        actions = self._actions.of(cls, kind)
        yield from actions
        if not actions or self._actions.is_open(cls, kind):
            for path in ((), (ANY,), (ANY, ANY)):
                yield Answer("", (), path, "\0", self._code(handler))

    def _code(self, handler: Handler) -> tuple[FunctionRef, ...]:
        if handler.cls is None:
            return (handler.function,)
        methods = self._project.class_(handler.cls).methods.values()
        return tuple(FunctionRef(handler.cls.module, index) for index in methods)

    def _paths(self, call: Registration) -> list[str]:
        route, site = call.route, call.site
        if not route.rest:
            return self._routers.texts(site, route.path, call.ref, is_regex=route.regex) or [""]
        first = next((place for place in route.path if isinstance(place, int)), 0)
        places = range(first, len(site.args))
        return [text for place in places for text in self._routers.texts(site, [place], call.ref)]

    def _methods(self, call: Registration, handler: Handler) -> tuple[str, ...]:
        value = argument(call.site, call.route.methods)
        if value is not None:
            items = getattr(value, "items", ()) or (value,)
            texts = [t for item in items for t in self._routers.texts_of(item, call.ref)]
            return tuple(sorted({text.upper() for text in texts if text.isalpha()}))
        if handler.cls is not None:
            methods = self._project.class_(handler.cls).methods
            return tuple(sorted(name.upper() for name in methods if name in VERBS))
        verb = last_name(call.site.func).rpartition("_")[2]
        if verb in VERBS:
            return (verb.upper(),)
        return call.route.default

    def _names(self, call: Registration, handler: Handler) -> Iterator[str]:
        names = self._routers.route_names(call.site, call.route.name, call.ref)
        if call.route.resource:
            yield from names or list(self._models(handler, call.route.model)) or ["\0"]
        elif names:
            yield from names
        elif handler.cls is None:
            yield self._project.function(handler.function).name
        else:
            yield self._project.class_(handler.cls).name.lower()

    def _models(self, handler: Handler, attribute: str) -> Iterator[str]:
        """Return what a class with one kind of rows is called after: its model."""
        if handler.cls is None:
            return
        for scoped in self._definitions.in_class(handler.cls, attribute):
            expr = scoped.expr
            while isinstance(expr, (Attr, Result)):
                expr = (
                    expr.base
                    if isinstance(expr, Attr)
                    else self._project.site(scoped.ref, expr.site).func
                )
            if isinstance(expr, Name):
                yield expr.id.lower()


def _is_made(expr: Expr) -> bool:
    return isinstance(expr, Result)
