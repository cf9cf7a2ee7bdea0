"""The modules of a project, and what the names in them stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from bedev_lint.model import (
    Attr,
    Binding,
    ClassFacts,
    Expr,
    FunctionFacts,
    Import,
    ModuleFacts,
    Name,
)
from bedev_lint.program.values import ClassRef, FunctionRef

__all__ = ["Project", "Unit", "last_name"]

_ISINSTANCE = Name("isinstance")


class Unit:
    """One module as linking sees it. `path` is relative to the project, with `/`."""

    def __init__(self, index: int, path: str, facts: ModuleFacts) -> None:
        self.index, self.path, self.facts = index, path, facts
        self.name = facts.name
        # The dotted name of the path: what an import may name from any root above the file.
        stem = path.rsplit(".", 1)[0].removesuffix("/__init__")
        self.path_name = stem.replace("/", ".")

    @cached_property
    def bindings(self) -> list[dict[str, list[Expr]]]:
        """For each function, what its plain names are bound to."""
        return [_by_name(function.bindings) for function in self.facts.functions]

    @cached_property
    def class_bindings(self) -> list[dict[str, list[Expr]]]:
        """For each class, what the names of its body are bound to."""
        return [_by_name(found.bindings) for found in self.facts.classes]

    @cached_property
    def tested(self) -> list[dict[str, list[Expr]]]:
        """For each function, the classes that its names are tested for: `isinstance(x, A)`."""
        return [_tests(function) for function in self.facts.functions]

    @cached_property
    def imports(self) -> dict[int, dict[str, list[Import]]]:
        """For each function (0: the module), its imports by the name that they bind."""
        found: dict[int, dict[str, list[Import]]] = {}
        for item in self.facts.imports:
            if item.alias != "*":
                found.setdefault(item.scope, {}).setdefault(item.alias, []).append(item)
        return found

    @cached_property
    def star_imports(self) -> list[Import]:
        return [item for item in self.facts.imports if item.alias == "*"]

    @cached_property
    def attributes(self) -> dict[int, dict[str, list[tuple[int, Expr]]]]:
        """For each class, what its methods bind to attributes of their first parameter.

        Each entry holds the index of the function that does it.
        """
        found: dict[int, dict[str, list[tuple[int, Expr]]]] = {}
        for index, function in enumerate(self.facts.functions):
            if function.owner < 0 or not function.params:
                continue
            first = function.params[0].name
            for binding in function.bindings:
                target = binding.target
                if isinstance(target, Attr) and target.base == Name(first):
                    by_name = found.setdefault(function.owner, {})
                    by_name.setdefault(target.name, []).append((index, binding.value))
        return found


def _by_name(bindings: Sequence[Binding]) -> dict[str, list[Expr]]:
    found: dict[str, list[Expr]] = {}
    for binding in bindings:
        if isinstance(binding.target, Name):
            found.setdefault(binding.target.id, []).append(binding.value)
    return found


def _tests(function: FunctionFacts) -> dict[str, list[Expr]]:
    found: dict[str, list[Expr]] = {}
    for site in function.sites:
        if site.func == _ISINSTANCE and len(site.args) == 2:
            name, cls = site.args
            if isinstance(name, Name) and cls not in found.setdefault(name.id, []):
                found[name.id].append(cls)
    return found


class Project:
    """All modules, found by the name an import uses."""

    def __init__(self, modules: Mapping[str, ModuleFacts]) -> None:
        self.units = [
            Unit(index, path, facts) for index, (path, facts) in enumerate(sorted(modules.items()))
        ]
        self._paths = frozenset(unit.path for unit in self.units)
        self._by_name: dict[str, list[Unit]] = {}
        self._by_last: dict[str, list[Unit]] = {}
        for unit in self.units:
            self._by_name.setdefault(unit.name, []).append(unit)
            last = unit.path_name.rsplit(".", 1)[-1]
            self._by_last.setdefault(last, []).append(unit)
        self._found: dict[tuple[int, str], int] = {}

    def function(self, ref: FunctionRef) -> FunctionFacts:
        return self.units[ref.module].facts.functions[ref.function]

    def class_(self, ref: ClassRef) -> ClassFacts:
        return self.units[ref.module].facts.classes[ref.cls]

    def functions(self) -> Iterator[tuple[FunctionRef, FunctionFacts]]:
        for unit in self.units:
            for index, function in enumerate(unit.facts.functions):
                yield FunctionRef(unit.index, index), function

    def classes(self) -> Iterator[tuple[ClassRef, ClassFacts]]:
        for unit in self.units:
            for index, found in enumerate(unit.facts.classes):
                yield ClassRef(unit.index, index), found

    @cached_property
    def having_method(self) -> dict[str, list[ClassRef]]:
        """The classes that define a method, by its name."""
        found: dict[str, list[ClassRef]] = {}
        for ref, facts in self.classes():
            for name in facts.methods:
                found.setdefault(name, []).append(ref)
        return found

    def module(self, name: str, importer: Unit) -> int | None:
        """Return the index of the module that an absolute import in `importer` names."""
        key = (importer.index, name)
        if key not in self._found:
            self._found[key] = self._look_up(name, importer)
        found = self._found[key]
        return found if found >= 0 else None

    def _look_up(self, name: str, importer: Unit) -> int:
        candidates = self._by_name.get(name) or self._by_suffix(name, importer)
        if not candidates:
            return -1
        # Of several with the same name, the one that shares most of its path.
        return max(
            candidates, key=lambda unit: (_shared(unit.path, importer.path), -unit.index)
        ).index

    def _by_suffix(self, name: str, importer: Unit) -> list[Unit]:
        last = name.rsplit(".", 1)[-1]
        ending = f".{name}"
        found = [
            unit for unit in self._by_last.get(last, ()) if f".{unit.path_name}".endswith(ending)
        ]
        if "." in name:
            return found
        # A bare name: only a neighbour, as in a script's own folder, which is no package.
        folder = importer.path.rpartition("/")[0]
        if f"{folder}/__init__.py" in self._paths:
            return []
        return [
            unit for unit in found if unit.path.rpartition("/")[0] in (folder, f"{folder}/{name}")
        ]

    def is_package_prefix(self, name: str) -> bool:
        """Return whether a module of the project lies below this dotted name."""
        return name in self._prefixes

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        found: set[str] = set()
        for unit in self.units:
            parts = unit.name.split(".")
            found.update(".".join(parts[:count]) for count in range(1, len(parts)))
        return frozenset(found)


def last_name(expr: Expr) -> str:
    """Return the last name of a chain, "" for anything else."""
    if isinstance(expr, Name):
        return expr.id
    return expr.name if isinstance(expr, Attr) else ""


def _shared(left: str, right: str) -> int:
    count = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count
