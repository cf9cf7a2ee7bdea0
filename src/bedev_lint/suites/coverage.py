"""Which tests reach which endpoints, and what they expect of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from bedev_lint.catalog import Catalog
from bedev_lint.endpoints import (
    ANY,
    CONSTANT,
    MANY,
    Endpoint,
    Handler,
    Path,
    Scoped,
    endpoints,
    fits,
)
from bedev_lint.model import Options, last_name
from bedev_lint.names import any_path, words
from bedev_lint.options import texts
from bedev_lint.program import Program
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.suites.collected import Suite
from bedev_lint.suites.requests import Called, Request, Requested, Requests

__all__ = ["Coverage", "Expected"]

_OPEN = (ANY, MANY)
# Words that say no more of an attribute than that it holds a path.
_MEANINGLESS = frozenset({"url", "urls", "uri", "path", "base", "full", "absolute", "api"})


class Expected(NamedTuple):
    """The tests that reach a handler, the statuses that they expect, and whether any fails."""

    tests: tuple[FunctionRef, ...] = ()
    statuses: frozenset[int] = frozenset()
    failure: bool = False


class Coverage:
    """The endpoints of a program and the tests that reach them.

    `beside` are the contexts of files that hold tests; the options are those of `Suite` and
    `Requests`, and

    walking    names of calls by which a test goes over all routes
    unhappy    words in the name of a test that is about a failure, whatever it looks at to see it
    never-run  names of decorators of tests that nothing runs
    """

    def __init__(
        self, program: Program, catalog: Catalog, beside: Iterable[str], options: Options
    ) -> None:
        self._project = program.project
        contexts = [catalog.contexts[name] for name in beside]
        self._globs = tuple(glob for context in contexts for glob in context.files)
        self._folders = frozenset(name for context in contexts for name in context.folders)
        self._is_of_tests: dict[int, bool] = {}
        modules = [m for m in self._project.modules if not self.is_test_code(m)]
        self.endpoints = endpoints(program, catalog, modules)
        # What is skipped under a condition, or may fail, is run somewhere.
        self.suite = Suite(program, {**options, "skipping": texts(options, "never-run")})
        tests = [*(ref for ref, _ in self.suite.all()), *self.suite.inherited()]
        self.tests = [ref for ref in tests if self.is_test_code(ref.module)]
        handlers = {one.handler for one in self.endpoints}
        self._requests = Requests(program, handlers, options)
        self._walking = frozenset(texts(options, "walking"))
        self._unhappy = frozenset(texts(options, "unhappy"))

    def is_test_code(self, module: int) -> bool:
        """Return whether a module is one of those that hold tests."""
        if module not in self._is_of_tests:
            path = f"/{self._project.path(module)}"
            is_like = any_path(self._globs).match(path) is not None
            self._is_of_tests[module] = is_like or not self._folders.isdisjoint(path.split("/"))
        return self._is_of_tests[module]

    def code_of(self, test: FunctionRef) -> Iterator[FunctionRef]:
        """Return a test, and what it runs of the code of tests."""
        return self.suite.reached(test, self.is_test_code)

    @cached_property
    def walks_all(self) -> bool:
        """Whether a test goes over all routes that there are."""
        return any(
            last_name(site.func) in self._walking
            for ref in self._every
            for site in self._project.function(ref).sites
            if site.kind == "call"
        ) or any(
            _is_any(called.name) for ref in self._every for called in self._requests.of(ref).names
        )

    @cached_property
    def _every(self) -> dict[FunctionRef, None]:
        """The tests, and all that they run of the code of tests."""
        return dict.fromkeys(ref for test in self.tests for ref in self.code_of(test))

    @cached_property
    def _asked_with(self) -> frozenset[Scoped]:
        """The calls that are told the name of a route, where something asks for that."""
        every = (called for ref in self._every for called in self._requests.of(ref).names)
        return frozenset(called.made for called in every if called.made and called.method)

    def is_asked(self, handler: Handler) -> bool:
        """Return whether a test reaches a handler, or calls what may be any action of its class."""
        return handler in self.expected or handler.whole in self.expected

    @cached_property
    def expected(self) -> dict[Handler, Expected]:
        """What is expected of each handler that a test reaches; of a class what it as such is."""
        reached: dict[Handler, dict[FunctionRef, None]] = {}
        by_test: dict[FunctionRef, tuple[frozenset[int], bool]] = {}
        for test in self.tests:
            statuses: set[int] = set()
            fails = not self._unhappy.isdisjoint(words(self._project.function(test).name))
            for ref in self.code_of(test):
                requested = self._requests.of(ref)
                statuses |= requested.statuses
                fails = fails or requested.expects_failure
                for handler in self._handlers_of(ref, requested):
                    reached.setdefault(handler, {})[test] = None
            by_test[test] = frozenset(statuses), fails or any(s >= 400 for s in statuses)
        return {
            handler: Expected(
                tuple(tests),
                frozenset().union(*(by_test[test][0] for test in tests)),
                any(by_test[test][1] for test in tests),
            )
            for handler, tests in reached.items()
        }

    # ------------------------------------------------------------------ what is meant

    def _handlers_of(self, ref: FunctionRef, requested: Requested) -> frozenset[Handler]:
        if ref not in self._meant:
            handlers = set(requested.handlers)
            for request in requested.requests:
                handlers |= self._by_path(request)
            for name in requested.attributes:
                handlers |= self._by_words(name)
            for called in requested.names:
                is_told = called.method or called.made not in self._asked_with
                if is_told and not _is_any(called.name):
                    handlers.update(self._by_route_name(called))
            self._meant[ref] = frozenset(handlers)
        return self._meant[ref]

    @cached_property
    def _meant(self) -> dict[FunctionRef, frozenset[Handler]]:
        return {}

    @cached_property
    def _by_last(self) -> dict[str, list[Endpoint]]:
        by_last: dict[str, list[Endpoint]] = {}
        for one in self.endpoints:
            by_last.setdefault(one.path[-1] if one.path else "", []).append(one)
        return by_last

    def _by_path(self, request: Request) -> frozenset[Handler]:
        """Return the handlers of the paths that fit best."""
        if request not in self._fitting:
            last = request.path[-1] if request.path else ""
            keys = self._by_last if last in (ANY, MANY) else (last, ANY, MANY)
            candidates = [one for key in keys for one in self._by_last.get(key, ())]
            left = {
                one: rest
                for one in candidates
                if (not request.method or not one.methods or request.method in one.methods)
                and (rest := fits(one.path, request.path)) is not None
            }
            ranks = {
                one: (
                    rest + _leading(one.path, request.path) + _taken(one.path, request.path),
                    *_guessed(one.path, request.path),
                )
                for one, rest in left.items()
            }
            best = min(ranks.values(), default=(0, 0, 0))
            self._fitting[request] = _told_apart(
                one.handler for one, rank in ranks.items() if rank == best
            )
        return self._fitting[request]

    @cached_property
    def _fitting(self) -> dict[Request, frozenset[Handler]]:
        return {}

    def _by_words(self, attribute: str) -> frozenset[Handler]:
        """Return the handlers whose paths and names have all words of an attribute, and fewest.

        With which method is not known, nor what stands behind the path: of a class all actions.
        """
        wanted = frozenset(words(attribute)) - _MEANINGLESS
        sizes = {
            whole: len(own) for whole, own in self._words_of.items() if wanted and wanted <= own
        }
        fewest = min(sizes.values(), default=0)
        return frozenset(
            one.handler for one in self.endpoints if sizes.get(one.handler.whole) == fewest
        )

    @cached_property
    def _words_of(self) -> dict[Handler, frozenset[str]]:
        """The words of each handler; of a class with actions those that all of them have."""
        words_of: dict[Handler, frozenset[str]] = {}
        for one in self.endpoints:
            whole = one.handler.whole
            texts_of = (*one.path, *one.names, self._name(one.handler))
            own = frozenset(word for text in texts_of for word in words(text))
            before = words_of.get(whole, own)
            words_of[whole] = own & before if one.handler.action else own | before
        return words_of

    def _name(self, handler: Handler) -> str:
        if handler.cls is None:
            return self._project.function(handler.function).name
        return self._project.class_(handler.cls).name

    def _by_route_name(self, called: Called) -> set[Handler]:
        """Return the handlers of a name; of one that no route has, those of unknown constants."""
        name = called.name
        found = {one for one in self.endpoints if any(_is_called(name, own) for own in one.names)}
        # What has no name that is known may only be meant where nothing is called so.
        named = {one for one in found if not all(own.startswith("\0") for own in one.names)}
        found = named or found
        if not found and not name.startswith(CONSTANT):
            found = {
                one for one in self.endpoints if any(n.startswith(CONSTANT) for n in one.names)
            }
        below = (Request(called.method, one.path + called.below) for one in found if called.below)
        further = frozenset().union(*map(self._by_path, below))
        answering = {one for one in found if _may_answer(one, called.method)}
        return {*(further or _told_apart(one.handler for one in answering or found))}


def _may_answer(one: Endpoint, method: str) -> bool:
    """Return whether an endpoint answers a method; a class may inherit what answers another one."""
    is_class = one.handler.cls is not None and not one.handler.action
    return is_class or not method or not one.methods or method in one.methods


def _told_apart(handlers: Iterable[Handler]) -> frozenset[Handler]:
    """Return handlers without the classes of which an action is among them."""
    every = frozenset(handlers)
    return every - {one.whole for one in every if one.action}


def _leading(path: Path, requested: Path) -> int:
    """Return how many parameters a path begins with: any prefix fits them, and proves nothing.

    But what is asked for may have just such segments there: `f"/{team}/orders/"`.
    """
    count = next((count for count, one in enumerate(path) if one != ANY), len(path))
    is_alike = len(path) == len(requested) and path[:count] == requested[:count]
    return 0 if is_alike else count


def _taken(path: Path, requested: Path) -> int:
    """Return how many segments more than one a parameter takes that is for any number of them.

    What answers all that nothing else does is asked for by what is left, and proves as little.
    """
    return max(0, len(requested) - len(path)) if MANY in path else 0


def _guessed(path: Path, requested: Path) -> tuple[int, int]:
    """Return how many segments stand where what is asked for may be anything, and the reverse.

    Where another path has a parameter there, or the very word, it is that one which is asked for.
    What a path begins with may be any prefix.
    """
    begun = next((count for count, one in enumerate(path) if one not in _OPEN), len(path))
    pairs = [*zip(reversed(path[begun:]), reversed(requested), strict=False)]
    written = sum(other == ANY and one not in _OPEN for one, other in pairs)
    left_open = sum(one in _OPEN and other not in _OPEN for one, other in pairs)
    return written, left_open


def _is_any(name: str) -> bool:
    """Return whether nothing is known of a name but, at most, what holds the route."""
    return not re.split(r"[.:]", name)[-1].strip("\0")


def _is_called(name: str, own: str) -> bool:
    """Return whether a name, with those of what holds the route or without, is a route's own."""
    own = own.rpartition(":")[2]
    last = re.split(r"[.:]", name)[-1 - own.count(".") :]
    return _may_be_same(".".join(last), own)


@lru_cache(maxsize=65536)
def _may_be_same(name: str, other: str) -> bool:
    """Return whether two names, parts of which may be left open, may be one."""
    if "\0" not in name and "\0" not in other:
        return name == other
    return bool(_pattern(name).fullmatch(other) or _pattern(other).fullmatch(name))


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, name.split("\0"))))
