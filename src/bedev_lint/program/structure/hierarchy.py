"""The classes of a project: what stands above and below each."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from copy import copy
from functools import cache

from msgspec import Struct

from bedev_lint.program.structure.generics import mapped
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    TypeVariable,
    Value,
    Values,
    union,
)

__all__ = ["ANY_CLASS", "FEW", "ClassHeader", "Hierarchy", "Mro"]

_GENERIC = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("Generic", "Protocol")
)
# Classes below one, or callers of it, that are looked at.
FEW = 8
# Classes above one that are looked at: of a long line of them each would be as many.
_MOST_ABOVE = 300

# Read by whoever looks at all classes.
ANY_CLASS = ClassRef(-1, -1)

Mro = tuple[tuple[ClassRef | str, dict[str, Values]], ...]


class ClassHeader(Struct, frozen=True, array_like=True):
    """What the first line of a class says: its direct bases in order, and its type parameters.

    `proved` is a type outside the project that the body proves, or "".
    """

    bases: Values
    parameters: tuple[str, ...] = ()
    proved: str = ""


class Hierarchy:
    """The classes of a project: `head` gives that of each, `classes` are all that are known.

    Before all are known there are none below others. What a body proves holds where no type
    above it is one of those that the vocabulary describes (`described_types`).
    """

    def __init__(
        self,
        project: Project,
        head: Callable[[ClassRef], ClassHeader],
        described_types: Container[str],
        classes: Iterable[ClassRef] = (),
    ) -> None:
        self._project, self._head, self._classes = project, head, tuple(classes)
        self._described_types = described_types
        self._every = frozenset(self._classes)
        self._mros: dict[ClassRef, Mro] = {}
        self._by_ancestor = cache(self._classes_by_ancestor)
        self._lowest: dict[str, ClassRef | None] = {}

    def view(self, project: Project) -> Hierarchy:
        """Return these classes as they are looked at through a view of the project."""
        view = copy(self)
        view._project = project
        return view

    def bases(self, ref: ClassRef) -> Values:
        """Return the direct bases of a class, in order, and what else its body proves it to be."""
        self._project.reads.above.add(ref)
        bases, proved = self._head(ref).bases, self._head(ref).proved
        above = {name for base in bases if isinstance(base, Class) for name in self._names(base)}
        if proved in self._names(Class(ref)) and proved not in above:
            return union(bases, (External(proved),))
        return bases

    def _names(self, cls: Class) -> set[ClassRef | str]:
        return {above for above, _ in self._order(cls.ref)}

    def mro(self, ref: ClassRef, args: tuple[Values, ...] = ()) -> Mro:
        """Return a class and all above it, nearest first, each with its type parameters."""
        self._project.reads.above.add(ref)
        order = self._order(ref)
        if not args:
            return order
        arguments = dict(zip(self._parameters_of(ref), args, strict=False))
        return tuple(
            (above, arguments if above == ref else mapped(mapping, arguments))
            for above, mapping in order
        )

    def names_above(self, ref: ClassRef) -> list[str]:
        """Return the dotted names of all classes above a class, nearest first."""
        return [
            above if isinstance(above, str) else self._project.class_name(above)
            for above, _ in self.mro(ref)[1:]
        ]

    def _order(self, ref: ClassRef) -> Mro:
        if ref not in self._mros:
            self._mros[ref] = tuple(self._climbed(ref).items())
        return self._mros[ref]

    def _climbed(self, start: ClassRef) -> dict[ClassRef | str, dict[str, Values]]:
        """Return a class and what stands above it, nearest first, each with its parameters."""
        ancestors: dict[ClassRef | str, dict[str, Values]] = {start: {}}
        # Of each class on the chain the bases that are left, and what its parameters are.
        of_start = (iter(self._head(start).bases), dict[str, Values]())
        chain: list[tuple[Iterator[Value], dict[str, Values]]] = [of_start]
        while chain and len(ancestors) <= _MOST_ABOVE:
            bases, arguments = chain[-1]
            base = next(bases, None)
            if base is None:
                chain.pop()
            elif isinstance(base, External):
                ancestors.setdefault(base.name, {})
            elif isinstance(base, Class) and base.ref not in ancestors:
                own = dict(zip(self._parameters_of(base.ref), base.args, strict=False))
                ancestors[base.ref] = mapped(own, arguments)
                chain.append((iter(self._head(base.ref).bases), ancestors[base.ref] or arguments))
        return {**ancestors, **self._proved(ancestors)}

    def _proved(
        self, ancestors: Iterable[ClassRef | str]
    ) -> dict[ClassRef | str, dict[str, Values]]:
        """Return what the bodies of classes prove, if nothing else is known of them."""
        if any(isinstance(above, str) and above in self._described_types for above in ancestors):
            return {}
        headers = (self._head(above) for above in ancestors if isinstance(above, ClassRef))
        return {head.proved: {} for head in headers if head.proved}

    def _parameters_of(self, ref: ClassRef) -> tuple[str, ...]:
        head = self._head(ref)
        bases = head.bases
        if head.parameters:
            return head.parameters
        generic = [b for b in bases if isinstance(b, External) and b.name in _GENERIC and b.args]
        parameters: dict[str, None] = {}
        for base in generic or bases:
            for values in getattr(base, "args", ()):
                for value in values:
                    if isinstance(value, TypeVariable):
                        parameters[value.name] = None
        return tuple(parameters)

    def external_bases(self, ref: ClassRef) -> tuple[str, ...]:
        """Return the dotted names of all classes outside the project above a class."""
        return tuple(above for above, _ in self.mro(ref) if isinstance(above, str))

    def subclasses(self, ref: ClassRef) -> list[ClassRef]:
        """Return all classes of the project below a class."""
        self._project.reads.below.add(ref)
        return self._by_ancestor().get(ref, [])

    def _classes_by_ancestor(self) -> dict[ClassRef, list[ClassRef]]:
        subclasses: dict[ClassRef, list[ClassRef]] = {}
        for below in self._classes:
            for above, _ in self._order(below):
                if isinstance(above, ClassRef) and above != below:
                    subclasses.setdefault(above, []).append(below)
        return subclasses

    def method(self, ref: ClassRef, name: str) -> FunctionRef | None:
        """Return the method that a class has, its own or an inherited one."""
        for above, _ in self.mro(ref):
            if isinstance(above, ClassRef):
                method = self._project.class_(above).methods.get(name)
                if method is not None:
                    return FunctionRef(above.module, method)
        return None

    def lowest(self, name: str, is_known: Callable[[str], bool]) -> ClassRef | None:
        """Return the project's own class below a known one, which `is_known` tells by its name.

        Of several one below the other it is the lowest, of siblings what they share. `name` is
        what they are all asked for by.
        """
        self._project.reads.below.add(ANY_CLASS)
        if name not in self._lowest:
            below = [
                ref
                for ref in self._classes
                if any(isinstance(above, str) and is_known(above) for above, _ in self._order(ref))
            ]
            chain = [ref for ref in below if all(self._are_in_line(ref, o) for o in below)]
            lowest = min(chain, key=lambda ref: len(self.subclasses(ref)), default=None)
            self._lowest[name] = lowest
        return self._lowest[name]

    def _are_in_line(self, one: ClassRef, other: ClassRef) -> bool:
        return one == other or one in self.subclasses(other) or other in self.subclasses(one)

    def changes(self, before: Hierarchy) -> tuple[set[ClassRef], set[ClassRef]]:
        """Return the classes whose line above, and those whose classes below, were others."""
        every = {*self._classes, *before._classes}
        above = {ref for ref in every if self._line(ref) != before._line(ref)}
        below = {ref for ref in every if self.subclasses(ref) != before.subclasses(ref)}
        return above, below | {ANY_CLASS} if above or below else set()

    def _line(self, ref: ClassRef) -> tuple[Mro, ClassHeader] | None:
        return (self._order(ref), self._head(ref)) if ref in self._every else None
