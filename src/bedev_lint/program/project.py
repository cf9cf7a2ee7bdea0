"""The modules of a project, and what the names in them stand for."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import NamedTuple

import msgspec

from bedev_lint.model import (
    Attr,
    Binding,
    ClassFacts,
    Expr,
    FunctionFacts,
    Import,
    ModuleFacts,
    Name,
    Result,
    Site,
)
from bedev_lint.program.index import MOST_CALLS, Index, index_of
from bedev_lint.program.names import Names
from bedev_lint.program.reads import Reads
from bedev_lint.program.values import ClassRef, FunctionRef

__all__ = ["Facts", "Project", "Source", "Unit", "first_calls", "last_part"]

_ISINSTANCE = Name("isinstance")
# The tables of names that what a module does may hang on.
_MENTIONS = ("calls", "attributes")
_FACTS = msgspec.msgpack.Decoder(ModuleFacts).decode
_INDEX = msgspec.msgpack.Decoder(Index).decode

Facts = Callable[[bytes], bytes]


class Source(NamedTuple):
    """A module as it comes: its dotted name, whether it is a package, and what it says.

    `facts` is the digest of its facts, by which they are read when they are needed, `size` how
    long they are in bytes, `names` their index as MessagePack; empty, it is made of them.
    """

    name: str
    is_package: bool
    facts: bytes
    size: int = 0
    names: bytes = b""


class Unit:
    """One module as linking sees it. `path` is relative to the project, with `/`.

    Numbers of modules are in the order of their paths, but need not follow upon each other. `facts`
    are read by their digests, as MessagePack, when they are asked for.
    """

    def __init__(self, number: int, path: str, source: Source, facts: Facts) -> None:
        self.number, self.path, self.source = number, path, source
        self._facts = facts
        self.name, self.is_package = source.name, source.is_package
        # The dotted name of the path: what an import may name from any root above the file.
        stem = path.rsplit(".", 1)[0].removesuffix("/__init__")
        self.path_name = stem.replace("/", ".")

    @property
    def prefixes(self) -> Iterator[str]:
        """The dotted names that the module lies below."""
        parts = self.name.split(".")
        return (".".join(parts[:count]) for count in range(1, len(parts)))

    @cached_property
    def names(self) -> Index:
        return _INDEX(self.source.names) if self.source.names else index_of(self.facts)

    @cached_property
    def facts(self) -> ModuleFacts:
        return _FACTS(self._facts(self.source.facts))

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
    def called(self) -> list[frozenset[str]]:
        """For each function, the plain names that it calls."""
        return [_called(function) for function in self.facts.functions]

    @cached_property
    def imports(self) -> dict[int, dict[str, list[Import]]]:
        """For each function (0: the module), its imports by the name that they bind."""
        found: dict[int, dict[str, list[Import]]] = {}
        for item in self.facts.imports:
            found.setdefault(item.scope, {}).setdefault(item.alias, []).append(item)
        return found

    @cached_property
    def globals(self) -> dict[str, list[tuple[int, Expr]]]:
        """What functions bind to names of the module that they declare global."""
        found: dict[str, list[tuple[int, Expr]]] = {}
        for index, function in enumerate(self.facts.functions):
            for name in function.globals:
                for expr in self.bindings[index].get(name, ()):
                    found.setdefault(name, []).append((index, expr))
        return found

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


def _called(function: FunctionFacts) -> frozenset[str]:
    return frozenset(
        site.func.id
        for site in function.sites
        if site.kind == "call" and isinstance(site.func, Name)
    )


def _tests(function: FunctionFacts) -> dict[str, list[Expr]]:
    found: dict[str, list[Expr]] = {}
    for site in function.sites:
        if site.func == _ISINSTANCE and len(site.args) == 2:
            name, cls = site.args
            if isinstance(name, Name) and cls not in found.setdefault(name.id, []):
                found[name.id].append(cls)
    return found


class Project:
    """All modules: the one door to their facts, which notes in `reads` what is looked at.

    Where a module is, and what it is called, is not noted: called otherwise it has another number.
    Neither is what stands in the module `own`, for which something is looked at; but its classes
    are: what is known of them stands elsewhere too.
    """

    def __init__(self, units: Mapping[int, Unit], names: Names) -> None:
        self._units, self._names = units, names
        self.reads, self.own = Reads(), -1
        self._paths = frozenset(unit.path for unit in units.values())
        self._by_name: dict[str, list[Unit]] = {}
        self._by_last: dict[str, list[Unit]] = {}
        for unit in units.values():
            self._by_name.setdefault(unit.name, []).append(unit)
            last = unit.path_name.rsplit(".", 1)[-1]
            self._by_last.setdefault(last, []).append(unit)
        self._found: dict[tuple[int | None, str], int] = {}

    # ------------------------------------------------------------------ facts

    def function(self, ref: FunctionRef) -> FunctionFacts:
        if ref.module != self.own:
            self.reads.functions.add(ref)
        return self._units[ref.module].facts.functions[ref.function]

    def class_(self, ref: ClassRef) -> ClassFacts:
        self.reads.classes.add(ref)
        return self._units[ref.module].facts.classes[ref.cls]

    def site(self, ref: FunctionRef, index: int) -> Site:
        """Return a site of a function (0: the module)."""
        if ref.module != self.own:
            if ref.function == 0:
                self.reads.sites.add((ref.module, index))
            else:
                self.reads.functions.add(ref)
        return self._units[ref.module].facts.functions[ref.function].sites[index]

    def called_by(self, decorator: Expr, around: FunctionRef) -> Expr:
        """Return what a decorator calls: `@f(x)` as well as `@f` is known by `f`."""
        return (
            self.site(around, decorator.site).func if isinstance(decorator, Result) else decorator
        )

    def bound(self, ref: FunctionRef, name: str) -> list[Expr] | None:
        """Return what a function (0: the module) binds to a plain name."""
        if ref.module != self.own:
            if ref.function == 0:
                self.reads.bound.add((ref.module, name))
            else:
                self.reads.functions.add(ref)
        return self._units[ref.module].bindings[ref.function].get(name)

    def bound_in_class(self, ref: ClassRef, name: str) -> list[Expr] | None:
        """Return what the body of a class binds to a plain name."""
        self.reads.classes.add(ref)
        return self._units[ref.module].class_bindings[ref.cls].get(name)

    def bound_by_methods(self, ref: ClassRef, name: str) -> Sequence[tuple[FunctionRef, Expr]]:
        """Return what methods bind to an attribute of their object, and which methods do."""
        if ref.module != self.own:
            self.reads.attributes.add(ref)
        found = self._units[ref.module].attributes.get(ref.cls, {}).get(name, ())
        return [(FunctionRef(ref.module, function), expr) for function, expr in found]

    def bound_as_global(self, module: int, name: str) -> Sequence[tuple[FunctionRef, Expr]]:
        """Return what functions bind to a name of the module, and which functions do."""
        if module != self.own:
            self.reads.bound.add((module, name))
        found = self._units[module].globals.get(name, ())
        return [(FunctionRef(module, function), expr) for function, expr in found]

    def tested(self, ref: FunctionRef, name: str) -> Sequence[Expr]:
        """Return the classes that a function tests a name for."""
        if ref.module != self.own:
            self.reads.functions.add(ref)
        return self._units[ref.module].tested[ref.function].get(name, ())

    def called_in(self, ref: FunctionRef) -> frozenset[str]:
        """Return the plain names that a function calls."""
        if ref.module != self.own:
            self.reads.functions.add(ref)
        return self._units[ref.module].called[ref.function]

    def imports(self, ref: FunctionRef, name: str) -> Sequence[Import]:
        """Return the imports of a function (0: the module) that bind a name, `*` among them."""
        if ref.module != self.own:
            if ref.function == 0:
                self.reads.bound.add((ref.module, name))
            else:
                self.reads.functions.add(ref)
        return self._units[ref.module].imports.get(ref.function, {}).get(name, ())

    # ------------------------------------------------------------------ modules

    @property
    def modules(self) -> Iterable[int]:
        """The numbers of all modules, in the order of their paths."""
        return self._units.keys()

    def name(self, module: int) -> str:
        """Return the dotted name of a module."""
        return self._units[module].name

    def path(self, module: int) -> str:
        """Return the path of a module, relative to the project."""
        return self._units[module].path

    def path_name(self, module: int) -> str:
        """Return the path of a module with dots."""
        return self._units[module].path_name

    def function_name(self, ref: FunctionRef) -> str:
        """Return the full dotted name of a function."""
        return self._dotted(ref.module, self.function(ref).qualname or "<module>")

    def class_name(self, ref: ClassRef) -> str:
        """Return the full dotted name of a class."""
        return self._dotted(ref.module, self.class_(ref).qualname)

    def _dotted(self, module: int, qualname: str) -> str:
        name = self.name(module)
        return f"{name}.{qualname}" if name else qualname

    def functions(self, module: int) -> Iterator[tuple[FunctionRef, FunctionFacts]]:
        """Return the functions of a module, its own code first."""
        for index in range(len(self._units[module].facts.functions)):
            ref = FunctionRef(module, index)
            yield ref, self.function(ref)

    def classes(self, module: int) -> Iterator[tuple[ClassRef, ClassFacts]]:
        """Return the classes of a module; of one without any the facts are not even read."""
        for index in range(sum(map(len, self._units[module].names.classes.values()))):
            ref = ClassRef(module, index)
            yield ref, self.class_(ref)

    def module(self, name: str, importer: int | None = None) -> int | None:
        """Return the number of the module that an absolute import in `importer` names."""
        self.reads.modules.add(last_part(name))
        key = (importer, name)
        if key not in self._found:
            path = "" if importer is None else self._units[importer].path
            self._found[key] = self._look_up(name, path)
        found = self._found[key]
        return found if found >= 0 else None

    def imported_module(self, item: Import, importer: int) -> str:
        """Return the dotted name of the module that an import speaks of."""
        if item.level == 0:
            return item.module
        unit = self._units[importer]
        parts = unit.name.split(".") if unit.name else []
        drop = item.level - 1 if unit.is_package else item.level
        kept = parts[: len(parts) - drop] if drop else parts
        return ".".join([*kept, item.module] if item.module else kept)

    def _look_up(self, name: str, importer: str) -> int:
        candidates = self._by_name.get(name) or self._by_suffix(name, importer)
        if not candidates:
            return -1
        # Of several with the same name, the one that shares most of its path.
        return max(candidates, key=lambda unit: (_shared(unit.path, importer), -unit.number)).number

    def _by_suffix(self, name: str, importer: str) -> list[Unit]:
        last = name.rsplit(".", 1)[-1]
        ending = f".{name}"
        found = [
            unit for unit in self._by_last.get(last, ()) if f".{unit.path_name}".endswith(ending)
        ]
        if "." in name:
            return found
        # A bare name: only a neighbour, as in a script's own folder, which is no package.
        folder = importer.rpartition("/")[0]
        if f"{folder}/__init__.py" in self._paths:
            return []
        return [
            unit for unit in found if unit.path.rpartition("/")[0] in (folder, f"{folder}/{name}")
        ]

    def is_package_prefix(self, name: str) -> bool:
        """Return whether a module of the project lies below this dotted name."""
        self.reads.modules.add(last_part(name))
        return name in self._prefixes

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(unit.prefixes for unit in self._units.values()))

    # ------------------------------------------------------------------ names

    def calls(self, name: str) -> list[tuple[FunctionRef, int]]:
        """Return the first calls of something of this name, by function and site."""
        self.reads.calls.add(name)
        modules = self._names.modules("calls", name)
        return first_calls(name, ((module, self._units[module].names) for module in modules))

    def having(self, method: str) -> list[ClassRef]:
        """Return the classes that define a method of this name."""
        self.reads.methods.add(method)
        return [
            ClassRef(module, index)
            for module in self._names.modules("methods", method)
            for index in self._units[module].names.methods[method]
        ]

    def called(self, name: str) -> list[ClassRef]:
        """Return the classes of this name."""
        self.reads.named.add(name)
        return [
            ClassRef(module, index)
            for module in self._names.modules("classes", name)
            for index in self._units[module].names.classes[name]
        ]

    @property
    def known(self) -> Container[str]:
        """All names by which something of the project may be called."""
        return self._names.table("known")

    @property
    def properties(self) -> Container[str]:
        """The names of all properties."""
        return self._names.table("properties")

    def mentioning(self, names: Iterable[str]) -> set[int]:
        """Return the modules that call something of these names, or read such an attribute."""
        every = [self._names.modules(table, name) for name in names for table in _MENTIONS]
        return set(chain.from_iterable(every))


def last_part(name: str) -> str:
    """Return the last part of a dotted name."""
    return name[name.rfind(".") + 1 :]


def first_calls(name: str, modules: Iterable[tuple[int, Index]]) -> list[tuple[FunctionRef, int]]:
    """Return the first calls in these modules of something of this name."""
    found = (
        (FunctionRef(module, function), site)
        for module, index in modules
        for function, site in index.calls.get(name, ())
    )
    return list(islice(found, MOST_CALLS))


def _shared(left: str, right: str) -> int:
    count = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count
