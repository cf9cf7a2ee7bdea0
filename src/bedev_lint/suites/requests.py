"""What test code asks for, function by function: paths, names of routes, handlers, statuses."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import NamedTuple

from bedev_lint.endpoints import (
    VERBS,
    Definitions,
    Handler,
    Path,
    Scoped,
    Text,
    Texts,
    opened,
    path_of,
)
from bedev_lint.model import (
    ANY_NAME,
    Attr,
    Either,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Name,
    Options,
    Result,
    Site,
    last_name,
)
from bedev_lint.names import PATH_WORDS, any_of, words
from bedev_lint.options import texts
from bedev_lint.program import Program
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.statuses import statuses_in
from bedev_lint.program.structure.values import Class, ClassRef, FunctionRef, ProjectFunction

__all__ = ["Called", "Request", "Requested", "Requests", "statuses_in"]

# How methods call their own object.
_OWN = ("self", "cls")
_DEEPEST = 4


class Request(NamedTuple):
    """A path that is asked for, and with which method; "" if that is not known."""

    method: str
    path: Path


class Called(NamedTuple):
    r"""The name of a route, parts of which may be left open (`\0`), and with which method.

    `made` is the call that was told the name. The method is "" where that call itself does not tell
    it: what asks for its result may. `below` is what the path goes on with: `reverse("orders") +
    "1/"`.
    """

    method: str
    name: str
    made: Scoped | None = None
    below: Path = ()


class Requested(NamedTuple):
    """What a function asks for and expects.

    `attributes` are the names of attributes that hold paths of which nothing else is known.
    """

    requests: frozenset[Request]
    names: frozenset[Called]
    attributes: frozenset[str]
    handlers: frozenset[Handler]
    statuses: frozenset[int]
    expects_failure: bool


class Requests:
    """Reads the functions of test code. The options say by what they ask and expect.

    requesting  words in names of functions that ask for a path, besides those of methods
    placing   the arguments by which a path is given, besides the first
    naming    the arguments by which they are, besides the first
    asking    names (patterns) of functions that are given the name of a route
    failing   names of functions that expect an error
    refused   names of attributes that hold what was found wrong with some input
    clients   words in names of what asks: what they are given is a path, with a slash or without
    looking   dotted names (patterns) of what is told the path of a file, or looks at a text
    """

    def __init__(self, program: Program, handlers: Collection[Handler], options: Options) -> None:
        self._project, self._graph = program.project, program.graph
        self._resolver = program.resolver
        self._definitions = Definitions(program)
        self._handlers = frozenset(handlers)
        self._requesting = frozenset(texts(options, "requesting"))
        self._asking = any_of(texts(options, "asking"))
        self._texts = Texts(program, self._definitions, self._asking)
        self._dotted = Naming(program.project, program.resolver)
        self._looking = texts(options, "looking")
        self._placing = frozenset(texts(options, "placing"))
        self._naming = frozenset(texts(options, "naming"))
        self._failing = frozenset(texts(options, "failing"))
        self._refused = frozenset(texts(options, "refused"))
        self._clients = frozenset(texts(options, "clients"))
        self._answers: dict[FunctionRef, Requested] = {}

    def of(self, ref: FunctionRef) -> Requested:
        """Return what a function of test code asks for itself."""
        if ref not in self._answers:
            self._answers[ref] = self._read(ref, self._project.function(ref))
        return self._answers[ref]

    def _read(self, ref: FunctionRef, facts: FunctionFacts) -> Requested:
        requests: set[Request] = set()
        names: set[Called] = set()
        attributes: set[str] = set()
        handlers = set(self._called_handlers(ref))
        for index, site in enumerate(facts.sites):
            if site.kind != "call":
                continue
            name = last_name(site.func)
            if self._asking.match(name):
                made = Scoped(ref, Result(index))
                names.update(Called("", one, made) for one in self._names(site, ref))
                handlers.update(self._named_handlers(site.args[:1], ref))
            else:
                requests.update(self._requests(site, name, ref))
                names.update(self._called(site, name, ref))
                attributes.update(self._attributes(site, name, ref))
            base = (site.func.base,) if isinstance(site.func, Attr) else ()
            handlers.update(self._named_handlers((site.func, *base, *site.args), ref))
        return Requested(
            frozenset(requests),
            frozenset(names),
            frozenset(attributes),
            frozenset(handlers),
            frozenset(self._statuses(ref, facts)),
            self._expects_failure(facts),
        )

    # ------------------------------------------------------------------ what is asked for

    def _requests(self, site: Site, name: str, ref: FunctionRef) -> Iterator[Request]:
        is_asking = self._is_asking(name)
        verbs, arguments = self._asked(site, name, ref)
        paths = [argument for argument in arguments if is_asking or _is_path(argument)]
        if paths and not self._only_looks(site, ref):
            for argument in paths:
                for text in self._texts.of(argument, ref):
                    is_written = any(part and "/" in part for part in text)
                    if is_written or (is_asking and self._may_ask(site.func)):
                        path = path_of(opened(text))
                        yield from (Request(verb, path) for verb in verbs or ("",))

    def _is_asking(self, name: str) -> bool:
        return name == ANY_NAME or not self._requesting.isdisjoint(words(name))

    def _only_looks(self, site: Site, ref: FunctionRef) -> bool:
        """Return whether what a call is given is the path of a file, or a pattern."""
        values = self._resolver.evaluate(site.func, ref)
        return any(self._dotted.is_one(value, self._looking) for value in values)

    def _asked(self, site: Site, name: str, ref: FunctionRef) -> tuple[list[str], list[Expr]]:
        """Return the methods that a call asks with, and the arguments that may be paths."""
        verbs = [word.upper() for word in words(name) if word in VERBS][:1]
        arguments = [*site.args[:3]]
        if not verbs and arguments and self._is_asking(name):
            verbs = self._verbs(arguments[0], ref)
            arguments = arguments[1:] if verbs else arguments
        return verbs, arguments + [value for key, value in site.keywords if key in self._placing]

    def _verbs(self, method: Expr, ref: FunctionRef) -> list[str]:
        """Return the verbs that an argument may be, "" among them for what is not known."""
        if last_name(method).lower() in VERBS:
            return [last_name(method).upper()]
        found = [
            "".join(part or "" for part in text).lower() for text in self._texts.of(method, ref)
        ]
        is_verb = any(one in VERBS for one in found)
        return [one.upper() if one in VERBS else "" for one in found] if is_verb else []

    def _may_ask(self, func: Expr) -> bool:
        """Return whether a word without a slash may be a path for what is called: no dict's key."""
        if not isinstance(func, Attr):
            return True
        owner = last_name(func.base)
        return owner in _OWN or not self._clients.isdisjoint(words(owner))

    def _called(self, site: Site, name: str, ref: FunctionRef) -> Iterator[Called]:
        """Return the names of routes that a request is for, or what may make one of its paths."""
        is_asking = self._is_asking(name)
        if is_asking:
            verbs, arguments = self._asked(site, name, ref)
        else:
            verbs, arguments = [], [one for one in site.args if isinstance(one, (Name, Attr))]
        for argument in arguments[:1] if is_asking else arguments:
            for scoped in self._given(argument, ref):
                below = self._below(scoped)
                for made in self._put_together(scoped, is_asking):
                    for one in self._made_of_name(made):
                        for verb in verbs or ("",):
                            yield Called(verb, one, made if verb else None, below)

    def _below(self, scoped: Scoped) -> Path:
        """Return with which segments a path goes on that begins with another: `f"{orders}1/"`.

        What has no slash may be a query.
        """
        if isinstance(scoped.expr, Literal):
            for first, *rest in self._texts.of(scoped.expr, scoped.ref):
                further = opened(rest)
                if first is None and "/" in further:
                    return path_of(f"/{further}")
        return ()

    def _attributes(self, site: Site, name: str, ref: FunctionRef) -> Iterator[str]:
        """Return the attributes that hold the path of a request, of which nothing is known."""
        if not self._requesting.isdisjoint(words(name)):
            for argument in site.args[:1]:
                for scoped in self._definitions.of(argument, ref):
                    if isinstance(scoped.expr, Attr) and _holds_path(scoped.expr):
                        yield scoped.expr.name

    def _given(self, expr: Expr, ref: FunctionRef) -> Iterator[Scoped]:
        """Return what an expression was made by, or what a test is given for it, each time."""
        yield from self._definitions.of(expr, ref)
        if isinstance(expr, Name):
            for value in self._texts.repeated(expr.id, ref):
                yield from self._definitions.of(value.expr, value.ref)

    def _put_together(self, scoped: Scoped, is_asked: bool, depth: int = 0) -> Iterator[Scoped]:
        """Return what made a path, and what it was put together from: `f"{path}?{query}"`.

        If it `is_asked` for, what gives it may be a function of the project.
        """
        yield scoped
        if depth < _DEEPEST:
            for part in (*self._parts(scoped), *(self._returned(scoped) if is_asked else ())):
                for made in self._given(part.expr, part.ref):
                    yield from self._put_together(made, is_asked, depth + 1)

    def _returned(self, scoped: Scoped) -> Iterator[Scoped]:
        """Return what a function of the project gives: `order.get_absolute_url()`."""
        if isinstance(scoped.expr, Result):
            func = self._project.site(scoped.ref, scoped.expr.site).func
            values = self._resolver.evaluate(func, scoped.ref)
            refs = [value.ref for value in values if isinstance(value, ProjectFunction)]
            for ref in refs or (self._methods(func) if not values else ()):
                yield from (Scoped(ref, one) for one in self._project.function(ref).results)

    def _methods(self, func: Expr) -> list[FunctionRef]:
        """Return the method of what a factory makes: the only one, or that of whose name it has."""
        if not isinstance(func, Attr):
            return []
        owners = self._project.having(func.name)
        own = frozenset(words(last_name(func.base)))
        named = [o for o in owners if own and own <= {*words(self._project.class_(o).name)}]
        return [
            FunctionRef(one.module, self._project.class_(one).methods[func.name])
            for one in (owners if len(owners) == 1 else named)
        ]

    def _parts(self, scoped: Scoped) -> Iterator[Scoped]:
        expr = scoped.expr
        parts: Collection[Expr] = ()
        if isinstance(expr, Literal):
            parts = [part for part in expr.text if not isinstance(part, str)]
        elif isinstance(expr, Either):
            parts = expr.options
        elif isinstance(expr, Result):
            site = self._project.site(scoped.ref, expr.site)
            if isinstance(site.func, Attr) and site.func.name == "format":
                parts = (*site.args, *dict(site.keywords).values())
        return (Scoped(scoped.ref, part) for part in parts)

    def _made_of_name(self, scoped: Scoped) -> Iterator[str]:
        """Return the names of the route that a path was made of, wherever that was."""
        if not isinstance(scoped.expr, Result):
            return
        made = self._project.site(scoped.ref, scoped.expr.site)
        if self._asking.match(last_name(made.func)):
            yield from self._names(made, scoped.ref)

    def _names(self, site: Site, ref: FunctionRef) -> Iterator[str]:
        named = (value for key, value in site.keywords if key in self._naming)
        for argument in (*site.args[:1], *named):
            for text in self._texts.names(argument, ref):
                if any(text):
                    yield _name(text)
        # What a name ends with: `admin_urlname(Order._meta, "release")`.
        for argument in site.args[1:2]:
            for text in self._texts.of(argument, ref):
                if any(text) and not isinstance(site.args[0], Literal):
                    yield _name((None, *text))

    def _called_handlers(self, ref: FunctionRef) -> Iterator[Handler]:
        for edge in self._graph.does(ref).edges:
            facts = self._project.function(edge.target)
            if facts.owner >= 0:
                handlers = self._by_class.get(ClassRef(edge.target.module, facts.owner), ())
                its_own = [one for one in handlers if one.action == facts.name]
                yield from its_own or (one.whole for one in handlers)
            if Handler(edge.target) in self._handlers:
                yield Handler(edge.target)

    def _named_handlers(self, exprs: Collection[Expr], ref: FunctionRef) -> Iterator[Handler]:
        for expr in exprs:
            if isinstance(expr, (Name, Attr)) and last_name(expr) in self._handler_names:
                for value in self._resolver.evaluate(expr, ref):
                    if isinstance(value, Class):
                        yield from (one.whole for one in self._by_class.get(value.ref, ()))
                    elif isinstance(value, ProjectFunction):
                        if Handler(value.ref) in self._handlers:
                            yield Handler(value.ref)

    @cached_property
    def _by_class(self) -> dict[ClassRef, list[Handler]]:
        by_class: dict[ClassRef, list[Handler]] = {}
        for handler in self._handlers:
            if handler.cls is not None:
                by_class.setdefault(handler.cls, []).append(handler)
        return by_class

    @cached_property
    def _handler_names(self) -> frozenset[str]:
        return frozenset(
            self._project.function(handler.function).name
            if handler.cls is None
            else self._project.class_(handler.cls).name
            for handler in self._handlers
        )

    # ------------------------------------------------------------------ what is expected

    def _statuses(self, ref: FunctionRef, facts: FunctionFacts) -> Iterator[int]:
        """Return the statuses that a function compares with something or hands on."""
        checks = facts.checks
        exprs = [*(checks.compared if checks is not None else ())]
        exprs += (binding.value for binding in facts.bindings)
        for site in facts.sites:
            exprs += (site.func,) if site.kind == "get" else site.args
            exprs += (value for _, value in site.keywords)
        for scoped in (*(Scoped(ref, expr) for expr in exprs), *self._decorating(ref, facts)):
            yield from statuses_in(scoped.expr)
            yield from self._statuses_named(scoped)

    def _decorating(self, ref: FunctionRef, facts: FunctionFacts) -> Iterator[Scoped]:
        """Return what the decorators of a function are given, which stands around it."""
        around = self._project.around(ref)
        for decorator in facts.decorators:
            if isinstance(decorator, Result):
                site = self._project.site(around, decorator.site)
                yield from (Scoped(around, expr) for expr in site.args)
                for row in self._texts.rows(site, around):
                    yield from row

    def _statuses_named(self, scoped: Scoped) -> Iterator[int]:
        """Return those of a constant, or a table: `REFUSED`, `STATUSES["list"][user]`."""
        expr = scoped.expr
        while isinstance(expr, Item):
            expr = expr.base
        if isinstance(expr, (Name, Attr)):
            for made in self._definitions.of(expr, scoped.ref):
                yield from statuses_in(made.expr)

    def _expects_failure(self, facts: FunctionFacts) -> bool:
        return any(
            last_name(site.func) in (self._failing if site.kind == "call" else self._refused)
            for site in facts.sites
            if site.kind in ("call", "get")
        )


def _holds_path(expr: Expr) -> bool:
    """Return whether names say that an attribute holds a path: `order.urls.cancel`."""
    names = []
    while isinstance(expr, Attr):
        names.append(expr.name)
        expr = expr.base
    return any(not PATH_WORDS.isdisjoint(words(name)) for name in names)


def _is_path(expr: Expr) -> bool:
    """Return whether a text is written as a path."""
    if not isinstance(expr, Literal) or not expr.text:
        return False
    first = expr.text[0]
    return not isinstance(first, str) or first.startswith(("/", "http://", "https://"))


def _name(text: Text) -> str:
    return "".join("\0" if part is None else part for part in text)
