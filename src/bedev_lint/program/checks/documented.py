"""Which routers the documentation of an API shows, by how others include them."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.catalog import Catalog
from bedev_lint.model import Attr, Expr, Name, Site, last_name
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.origins import Origin, Origins
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["Documented"]


class Documented:
    """Follows routers to those that include them."""

    def __init__(self, project: Project, catalog: Catalog, resolver: Resolver) -> None:
        self._project = project
        self._including = {
            name
            for router in catalog.routers.values()
            for name, route in router.methods()
            if route.includes
        }
        self._origins = Origins(project, resolver, lambda _ref, _name: ())

    def is_shown(self, router: str, ref: FunctionRef, hiding: tuple[str, ...]) -> bool:
        """Return whether one of the ways to a router, by its name in a function, is documented.

        So it is where nothing includes it. `hiding` are keywords of what includes a router that
        say that it is not to be: `include_in_schema=False`.
        """
        visited, todo = set[Origin](), self._made(Name(router), ref)
        while todo:
            made = todo.pop()
            if made in visited:
                continue
            visited.add(made)
            included = [*self._included(made)]
            if not included:
                return True
            for site, by in included:
                if not _is_told(site, hiding):
                    above = self._made(site.func.base, by) if isinstance(site.func, Attr) else []
                    if not above:
                        return True
                    todo += above
        return not visited

    def _included(self, made: Origin) -> Iterator[tuple[Site, FunctionRef]]:
        """Return the calls that include a router, each with its function."""
        for name in self._including:
            for caller, index in self._project.calls(name):
                site = self._project.site(caller, index)
                if any(made in self._made(arg, caller) for arg in site.args[:1]):
                    yield site, caller

    def _made(self, router: Expr, ref: FunctionRef) -> list[Origin]:
        origins = self._origins.resolved(router, ref)
        return [Origin(origin.scope, origin.number) for origin in origins]


def _is_told(site: Site, hiding: tuple[str, ...]) -> bool:
    return any(f"{name}={last_name(value)}" in hiding for name, value in site.keywords)
