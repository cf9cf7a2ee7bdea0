"""Whether a module of settings is only the beginning of others, which replace what it says."""

from __future__ import annotations

from bedev_lint.catalog import Catalog
from bedev_lint.model import Binding, Elem, Expr, Item, Key, Literal, Name
from bedev_lint.names import any_path
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["Overriding"]


class Overriding:
    """Answers whether the modules that import all the names of one give others to them."""

    def __init__(self, project: Project, catalog: Catalog) -> None:
        self._project, self._catalog = project, catalog

    def is_replaced(self, module: int, path: tuple[str, ...], apart: tuple[str, ...]) -> bool:
        """Return whether each module that imports all names of one replaces what it has there.

        `path` is the name of a constant, with keys below it. Files of the contexts `apart` do not
        count. A module that does not replace it may be the beginning of others in its turn.
        """
        is_replaced, visited, todo = False, {module}, [module]
        while todo:
            importing = self._project.importing_all(todo.pop())
            importers = [one for one in importing if not self._is_apart(one, apart)]
            if not importers:
                return False
            staying = {one for one in importers if not self._replaces(one, path)}
            is_replaced |= len(staying) < len(importers)
            todo += staying - visited
            visited |= staying
        return is_replaced

    def _is_apart(self, module: int, contexts: tuple[str, ...]) -> bool:
        files = (self._catalog.contexts[name].files for name in contexts)
        return any(any_path(one).match(f"/{self._project.path(module)}") for one in files)

    def _replaces(self, module: int, path: tuple[str, ...]) -> bool:
        bindings = self._project.function(FunctionRef(module, 0)).bindings
        return any(_is_on(binding, path) and not _goes_on(binding) for binding in bindings)


def _is_on(binding: Binding, path: tuple[str, ...]) -> bool:
    """Return whether something is bound to a name, or to one of the keys on a path from it."""
    return any(_leads(binding.target, path[:length]) for length in range(1, len(path) + 1))


def _leads(target: Expr, path: tuple[str, ...]) -> bool:
    *above, last = path
    if not above:
        return target == Name(last)
    return (
        isinstance(target, Item) and target.args == (Key(last),) and _leads(target.base, (*above,))
    )


def _goes_on(binding: Binding) -> bool:
    """Return whether a value is made of the one before: `[*HOSTS, "…"]`, perhaps `HOSTS + […]`."""
    value = binding.value
    return isinstance(value, Literal) and (
        not value.kind or any(item == Elem(binding.target) for item in value.items)
    )
