"""One module of a project, as linking looks things up in its facts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import msgspec

from bedev_lint.model import (
    Attr,
    Binding,
    Elem,
    Expr,
    FunctionFacts,
    Import,
    Item,
    ModuleFacts,
    Name,
)
from bedev_lint.program.structure.module_index import MOST_CALLS, Index, index_of
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["Facts", "ModuleSource", "ReadUnits", "Unit", "first_calls", "last_part"]

_ISINSTANCE = Name("isinstance")
# Methods by which a list or a set gets what they are given last.
_ADDING = frozenset({"append", "appendleft", "add", "insert"})
_FACTS = msgspec.msgpack.Decoder(ModuleFacts).decode
_INDEX = msgspec.msgpack.Decoder(Index).decode

Facts = Callable[[bytes], bytes]


class ModuleSource(NamedTuple):
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

    def __init__(
        self,
        number: int,
        path: str,
        source: ModuleSource,
        facts: Facts,
        read_units: ReadUnits | None = None,
    ) -> None:
        self.number, self.path, self.source = number, path, source
        self._facts, self._read_units = facts, read_units
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
        if not self.source.names:
            return index_of(self.facts)
        self._note_read("names", len(self.source.names))
        return _INDEX(self.source.names)

    @cached_property
    def facts(self) -> ModuleFacts:
        self._note_read("facts", self.source.size)
        return _FACTS(self._facts(self.source.facts))

    def _note_read(self, part: str, size: int) -> None:
        if self._read_units is not None:
            self._read_units.add(self, part, size)

    def forget(self, part: str) -> None:
        """Let go of its `names`, or of its `facts` and what was made of them."""
        for name in _OF_FACTS if part == "facts" else (part,):
            self.__dict__.pop(name, None)

    @cached_property
    def bindings(self) -> list[dict[str, list[Expr]]]:
        """For each function, what its plain names are bound to."""
        return [_by_name(function.bindings) for function in self.facts.functions]

    @cached_property
    def class_bindings(self) -> list[dict[str, list[Expr]]]:
        """For each class, what the names of its body are bound to."""
        return [_by_name(cls.bindings) for cls in self.facts.classes]

    @cached_property
    def tested(self) -> list[dict[str, list[Expr]]]:
        """For each function, the classes that its names are tested for: `isinstance(x, A)`."""
        return [_tests(function) for function in self.facts.functions]

    @cached_property
    def put(self) -> list[dict[tuple[str, bool], list[Expr]]]:
        """For each function, what it puts into its plain names: without a key, and under one."""
        return [_put(function) for function in self.facts.functions]

    @cached_property
    def called_on(self) -> list[dict[Expr, list[int]]]:
        """For each function, the sites at which it calls a method of something, with arguments."""
        return [_called_on(function) for function in self.facts.functions]

    @cached_property
    def called(self) -> list[frozenset[str]]:
        """For each function, the plain names that it calls."""
        return [_called(function) for function in self.facts.functions]

    @cached_property
    def imports(self) -> dict[int, dict[str, list[Import]]]:
        """For each function (0: the module), its imports by the name that they bind."""
        by_scope: dict[int, dict[str, list[Import]]] = {}
        for item in self.facts.imports:
            by_scope.setdefault(item.scope, {}).setdefault(item.alias, []).append(item)
        return by_scope

    @cached_property
    def globals(self) -> dict[str, list[tuple[int, Expr]]]:
        """What functions bind to names of the module that they declare global."""
        by_name: dict[str, list[tuple[int, Expr]]] = {}
        for index, function in enumerate(self.facts.functions):
            for name in function.globals:
                for expr in self.bindings[index].get(name, ()):
                    by_name.setdefault(name, []).append((index, expr))
        return by_name

    @cached_property
    def attributes(self) -> dict[int, dict[str, list[tuple[int, Expr]]]]:
        """For each class, what its methods bind to attributes of their first parameter.

        Each entry holds the index of the function that does it.
        """
        by_class: dict[int, dict[str, list[tuple[int, Expr]]]] = {}
        for index, function in enumerate(self.facts.functions):
            if function.owner < 0 or not function.params:
                continue
            first = function.params[0].name
            for binding in function.bindings:
                target = binding.target
                if isinstance(target, Attr) and target.base == Name(first):
                    by_name = by_class.setdefault(function.owner, {})
                    by_name.setdefault(target.name, []).append((index, binding.value))
        return by_class


_OF_FACTS = [
    name
    for name, value in vars(Unit).items()
    if isinstance(value, cached_property) and name != "names"
]


class ReadUnits:
    """What is in memory of modules, where it takes ten times the bytes that it is read of."""

    def __init__(self) -> None:
        self._read: deque[tuple[Unit, str, int]] = deque()
        self._size = 0

    def add(self, unit: Unit, part: str, size: int) -> None:
        """Note that a part of a module, so many bytes, is about to be read."""
        self._read.append((unit, part, size))
        self._size += size

    def shrink(self, most: int) -> None:
        """Let go of what was read first, until no more bytes than this are read."""
        while self._size > most:
            unit, part, size = self._read.popleft()
            self._size -= size
            unit.forget(part)


def _by_name(bindings: Sequence[Binding]) -> dict[str, list[Expr]]:
    values: dict[str, list[Expr]] = {}
    for binding in bindings:
        if isinstance(binding.target, Name):
            values.setdefault(binding.target.id, []).append(binding.value)
    return values


def _called(function: FunctionFacts) -> frozenset[str]:
    return frozenset(
        site.func.id
        for site in function.sites
        if site.kind == "call" and isinstance(site.func, Name)
    )


def _called_on(function: FunctionFacts) -> dict[Expr, list[int]]:
    sites: dict[Expr, list[int]] = {}
    for index, site in enumerate(function.sites):
        if site.kind == "call" and isinstance(site.func, Attr) and site.args:
            sites.setdefault(site.func.base, []).append(index)
    return sites


def _tests(function: FunctionFacts) -> dict[str, list[Expr]]:
    classes: dict[str, list[Expr]] = {}
    for site in function.sites:
        if site.func == _ISINSTANCE and len(site.args) == 2:
            name, cls = site.args
            if isinstance(name, Name) and cls not in classes.setdefault(name.id, []):
                classes[name.id].append(cls)
    return classes


def _put(function: FunctionFacts) -> dict[tuple[str, bool], list[Expr]]:
    held: dict[tuple[str, bool], list[Expr]] = {}
    for site in function.sites:
        base = site.func.base if site.kind == "call" and isinstance(site.func, Attr) else None
        if isinstance(base, Name) and isinstance(site.func, Attr) and site.args:
            if site.func.name in _ADDING:
                held.setdefault((base.id, False), []).append(site.args[-1])
            elif site.func.name == "extend":
                held.setdefault((base.id, False), []).append(Elem(site.args[0]))
    for binding in function.bindings:
        target = binding.target
        if isinstance(target, Item) and isinstance(target.base, Name):
            held.setdefault((target.base.id, True), []).append(binding.value)
    return held


def last_part(name: str) -> str:
    """Return the last part of a dotted name."""
    return name[name.rfind(".") + 1 :]


def first_calls(name: str, modules: Iterable[tuple[int, Index]]) -> list[tuple[FunctionRef, int]]:
    """Return the first calls in these modules of something of this name."""
    calls = (
        (FunctionRef(module, function), site)
        for module, index in modules
        for function, site in index.calls.get(name, ())
    )
    return list(islice(calls, MOST_CALLS))
