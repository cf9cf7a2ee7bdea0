"""Which exceptions of the project the framework has been given a handler for."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Name, Result, Site
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Class, ClassRef, FunctionRef, ProjectFunction
from bedev_lint.source import BROAD

__all__ = ["ErrorHandlers"]

_ISINSTANCE = Name("isinstance")


class ErrorHandlers:
    """Answers which classes are handled, looking at each name of a registering call once."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        self._registered: dict[tuple[str, ...], frozenset[ClassRef]] = {}

    def handled(self, registering: tuple[str, ...]) -> frozenset[ClassRef]:
        """Return the classes of the project that are given a handler by one of these calls."""
        if registering not in self._registered:
            self._registered[registering] = frozenset(self._given_handler(registering))
        return self._registered[registering]

    def _given_handler(self, registering: tuple[str, ...]) -> Iterator[ClassRef]:
        for name in registering:
            for caller, index in self._project.calls(name):
                site = self._project.site(caller, index)
                given = [v for arg in site.args for v in self._resolver.evaluate(arg, caller)]
                yield from (value.ref for value in given if isinstance(value, Class))
                if _takes_every(site):  # its handler may ask which it is given
                    handlers = (value.ref for value in given if isinstance(value, ProjectFunction))
                    for handler in (*self._decorated_by(caller, index), *handlers):
                        yield from self._asked_for(handler)

    def _decorated_by(self, caller: FunctionRef, index: int) -> Iterator[FunctionRef]:
        """Return the functions of which a site is the decorator."""
        for ref, facts in self._project.functions(caller.module):
            if facts.parent == caller.function and Result(index) in facts.decorators:
                yield ref

    def _asked_for(self, handler: FunctionRef) -> Iterator[ClassRef]:
        """Return the classes of the project of which a function asks by `isinstance`."""
        for site in self._project.function(handler).sites:
            if site.func == _ISINSTANCE and len(site.args) > 1:
                for value in self._resolver.evaluate(site.args[1], handler):
                    if isinstance(value, Class):
                        yield value.ref


def _takes_every(site: Site) -> bool:
    """Return whether a call registers a handler of every exception."""
    return any(isinstance(arg, Name) and arg.id in BROAD for arg in site.args)
