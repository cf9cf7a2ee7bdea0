"""The classes of a project: what stands above and below each, and who implements a method."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bedev_lint.model import FunctionFacts
from bedev_lint.program.generics import mapped
from bedev_lint.program.project import Project, last_name
from bedev_lint.program.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Object,
    ProjectFunction,
    TypeVariable,
    Values,
)

__all__ = ["FEW", "Hierarchy"]

_GENERIC = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("Generic", "Protocol")
)
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
_ABSTRACT = ("abstractmethod", "abstractproperty")
# Classes below one, or callers of it, that are looked at.
FEW = 8

Mro = tuple[tuple[ClassRef | str, dict[str, Values]], ...]


class Hierarchy:
    """The classes of a project; `bases` gives the direct bases of one, in order."""

    def __init__(self, project: Project, bases: Callable[[ClassRef], Values]) -> None:
        self._project, self._bases = project, bases
        self._mros: dict[ClassRef, Mro] = {}
        self._subclasses: dict[ClassRef, list[ClassRef]] | None = None

    def mro(self, ref: ClassRef, args: tuple[Values, ...] = ()) -> Mro:
        """Return a class and all above it, nearest first, each with its type parameters."""
        order = self._mros.get(ref)
        if order is None:
            self._mros[ref] = ((ref, {}),)  # a class that inherits from itself ends here
            order = self._mros[ref] = tuple(self._linearized(ref))
        if not args:
            return order
        given = dict(zip(self._parameters_of(ref), args, strict=False))
        return tuple(
            (above, given if above == ref else mapped(mapping, given)) for above, mapping in order
        )

    def _linearized(self, ref: ClassRef) -> Iterable[tuple[ClassRef | str, dict[str, Values]]]:
        found: dict[ClassRef | str, dict[str, Values]] = {ref: {}}
        for base in self._bases(ref):
            if isinstance(base, Class):
                for above, mapping in self.mro(base.ref, base.args):
                    found.setdefault(above, mapping)
            elif isinstance(base, External):
                found.setdefault(base.name, {})
        return found.items()

    def _parameters_of(self, ref: ClassRef) -> tuple[str, ...]:
        declared = self._project.class_(ref).type_params
        if declared:
            return declared
        bases = self._bases(ref)
        generic = [b for b in bases if isinstance(b, External) and b.name in _GENERIC and b.args]
        found: dict[str, None] = {}
        for base in generic or bases:
            for values in getattr(base, "args", ()):
                for value in values:
                    if isinstance(value, TypeVariable):
                        found[value.name] = None
        return tuple(found)

    def external_bases(self, ref: ClassRef) -> tuple[str, ...]:
        """Return the dotted names of all classes outside the project above a class."""
        return tuple(above for above, _ in self.mro(ref) if isinstance(above, str))

    def subclasses(self, ref: ClassRef) -> list[ClassRef]:
        """Return all classes of the project below a class."""
        if self._subclasses is None:
            self._subclasses = {}
            for below, _ in self._project.classes():
                for above, _ in self.mro(below):
                    if isinstance(above, ClassRef) and above != below:
                        self._subclasses.setdefault(above, []).append(below)
        return self._subclasses.get(ref, [])

    def implementations(
        self, function: ProjectFunction, caller: FunctionRef | None = None
    ) -> list[ProjectFunction]:
        """Return what an abstract method stands for; the function itself, if it is concrete.

        `caller` is where it is called: a class that has another method in the caller's place
        does not come there.
        """
        facts = self._project.function(function.ref)
        if facts.owner < 0 or not self._is_abstract(function.ref, facts):
            return [function]
        receiver = function.receiver
        if isinstance(receiver, Object) and isinstance(receiver.of, ClassRef):
            start = receiver.of
        elif isinstance(receiver, Class):
            start = receiver.ref
        else:
            start = ClassRef(function.ref.module, facts.owner)
        found: dict[FunctionRef, ProjectFunction] = {}
        for below in self.subclasses(start) or self._conforming(start):
            ref = self.method(below, facts.name)
            if ref is None or self._is_abstract(ref, self._project.function(ref)):
                continue
            if caller is not None and not self._comes_to(below, caller, receiver):
                continue
            # A namesake that is not async where this is async does something else.
            if facts.is_async <= self._project.function(ref).is_async:
                found.setdefault(ref, ProjectFunction(ref, Object(below)))
        return list(found.values())[:FEW] or [function]

    def _comes_to(
        self, ref: ClassRef, caller: FunctionRef, receiver: Object | Class | None
    ) -> bool:
        """Return whether an object of a class, if it is the caller's own, runs the caller."""
        if not isinstance(receiver, Object) or receiver.rows != "own":
            return True
        return self.method(ref, self._project.function(caller).name) in (None, caller)

    def method(self, ref: ClassRef, name: str) -> FunctionRef | None:
        """Return the method that a class has, its own or an inherited one."""
        for above, _ in self.mro(ref):
            if isinstance(above, ClassRef):
                method = self._project.class_(above).methods.get(name)
                if method is not None:
                    return FunctionRef(above.module, method)
        return None

    def _conforming(self, protocol: ClassRef) -> list[ClassRef]:
        """Return the classes that have all methods of a Protocol without naming it (PEP 544)."""
        if not self._is_protocol(protocol):
            return []
        wanted = {name for name in self._project.class_(protocol).methods if name != "__init__"}
        having = self._project.having_method
        return [
            ref
            for ref in min((having.get(name, []) for name in wanted), key=len, default=[])
            if wanted <= self._project.class_(ref).methods.keys() and not self._is_protocol(ref)
        ]

    def _is_protocol(self, ref: ClassRef) -> bool:
        return any(
            isinstance(base, External) and base.name in _PROTOCOLS for base in self._bases(ref)
        )

    def _is_abstract(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        if any(last_name(decorator) in _ABSTRACT for decorator in facts.decorators):
            return True
        calls = [site for site in facts.sites if site.kind == "call"]
        if facts.raises and all(last_name(site.func) == "NotImplementedError" for site in calls):
            return True
        owner = ClassRef(ref.module, facts.owner)
        return self._is_protocol(owner) and not facts.sites and not facts.results

    def lowest(self, is_known: Callable[[str], bool]) -> ClassRef | None:
        """Return the project's own class below a known one, which `is_known` tells by its name.

        Of several one below the other it is the lowest, of siblings what they share.
        """
        below = [
            ref
            for ref, _ in self._project.classes()
            if any(is_known(name) for name in self.external_bases(ref))
        ]
        chain = [
            ref
            for ref in below
            if all(
                other == ref or other in self.subclasses(ref) or ref in self.subclasses(other)
                for other in below
            )
        ]
        return min(chain, key=lambda ref: len(self.subclasses(ref)), default=None)
