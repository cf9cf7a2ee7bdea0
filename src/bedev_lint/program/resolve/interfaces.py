"""What stands behind an interface: who implements a method of an abstract class or a Protocol."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import ClassFacts, FunctionFacts, Param, last_name
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.hierarchy import FEW
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Object,
    ProjectFunction,
)

__all__ = ["Interfaces"]

_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
_BASES = frozenset({"abc.ABC", *_PROTOCOLS})
_ABSTRACT = ("abstractmethod", "abstractproperty")
_CALL = "__call__"


class Interfaces:
    """Who implements what, as one resolver sees it, which is asked the same for each call."""

    def __init__(self, resolver: Resolving) -> None:
        self._resolver = resolver
        self._asked: dict[tuple[ProjectFunction, FunctionRef | None], list[ProjectFunction]] = {}
        self._abstract: dict[FunctionRef, bool] = {}
        self._interfaces: dict[ClassRef, bool] = {}
        self._behind: dict[tuple[ClassRef, str], list[tuple[ClassRef, FunctionRef]]] = {}

    def implementations(
        self, function: ProjectFunction, caller: FunctionRef | None = None
    ) -> list[ProjectFunction]:
        """Return what a method of an interface stands for; the function itself, if it is no such.

        Where the receiver is of an abstract class, that is what the classes below it have, also in
        the place of a method that is not abstract. `caller` is where it is called: a class that has
        another method in the caller's place does not come there. What only stands in for another
        in tests is left out.
        """
        question = (function, caller)
        if question not in self._asked:
            self._asked[question] = self._implementations(function, caller)
        return self._asked[question]

    def awaited(self, function: ProjectFunction) -> list[ProjectFunction]:
        """Return what is run where the result of a method is awaited: the method itself, if async.

        Else that is what classes below have in its place, where that is.
        """
        project = self._resolver.project
        facts = project.function(function.ref)
        if facts.is_async or facts.owner < 0 or facts.decorators:
            return [function]
        below = self._concrete(_start(function, facts), facts.name)
        found = {ref: Object(cls) for cls, ref in reversed(below) if project.function(ref).is_async}
        return [ProjectFunction(ref, cls) for ref, cls in found.items()][:FEW] or [function]

    def _implementations(
        self, function: ProjectFunction, caller: FunctionRef | None
    ) -> list[ProjectFunction]:
        resolver = self._resolver
        facts = resolver.project.function(function.ref)
        if facts.owner < 0:
            return [function]
        start = _start(function, facts)
        if not self._is_abstract(function.ref) and not (
            isinstance(function.receiver, Object)
            and bool(resolver.hierarchy.subclasses(start))
            and _is_from_outside(resolver, start, caller)
            and self._is_interface(start)
        ):
            return [function]
        methods: dict[FunctionRef, ProjectFunction] = {}
        for below, ref in self._concrete(start, facts.name):
            if caller is not None and not _comes_to(resolver, below, caller, function):
                continue
            # A namesake that is not async where this is async does something else.
            if facts.is_async <= resolver.project.function(ref).is_async:
                methods.setdefault(ref, ProjectFunction(ref, Object(below)))
        return list(methods.values())[:FEW] or [function]

    def _concrete(self, start: ClassRef, name: str) -> list[tuple[ClassRef, FunctionRef]]:
        """Return the classes behind an interface that have a method of a name, and which."""
        question = (start, name)
        if question not in self._behind:
            having = (
                (below, self._resolver.hierarchy.method(below, name))
                for below in _classes_behind(self._resolver, start)
            )
            self._behind[question] = [
                (below, ref) for below, ref in having if ref and not self._is_abstract(ref)
            ]
        return self._behind[question]

    def _is_interface(self, ref: ClassRef) -> bool:
        """Return whether no object is of this very class: it is there to be derived from."""
        if ref not in self._interfaces:
            facts = self._resolver.project.class_(ref)
            self._interfaces[ref] = _is_declared(self._resolver, ref, facts) or any(
                self._is_abstract(FunctionRef(ref.module, number))
                for number in facts.methods.values()
            )
        return self._interfaces[ref]

    def _is_abstract(self, ref: FunctionRef) -> bool:
        if ref not in self._abstract:
            facts = self._resolver.project.function(ref)
            self._abstract[ref] = _is_abstract(self._resolver, ref, facts)
        return self._abstract[ref]


def _start(function: ProjectFunction, facts: FunctionFacts) -> ClassRef:
    """Return the class by which the receiver of a method is known."""
    receiver = function.receiver
    if isinstance(receiver, Object) and isinstance(receiver.of, ClassRef):
        return receiver.of
    if isinstance(receiver, Class):
        return receiver.ref
    return ClassRef(function.ref.module, facts.owner)


def _comes_to(
    resolver: Resolving, below: ClassRef, caller: FunctionRef, function: ProjectFunction
) -> bool:
    """Return whether an object of a class, if it is the caller's own, runs the caller."""
    receiver = function.receiver
    if not isinstance(receiver, Object) or receiver.loading != "own":
        return True
    name = resolver.project.function(caller).name
    return resolver.hierarchy.method(below, name) in (None, caller)


def _is_from_outside(resolver: Resolving, start: ClassRef, caller: FunctionRef | None) -> bool:
    """Return whether an object is another's: no class of its own line calls a method of it."""
    if caller is None:
        return False
    owner = resolver.project.function(caller).owner
    return owner < 0 or all(
        above != start for above, _ in resolver.hierarchy.mro(ClassRef(caller.module, owner))
    )


# ---------------------------------------------------------------------- abstract classes


def _is_declared(resolver: Resolving, ref: ClassRef, facts: ClassFacts) -> bool:
    """Return whether a class says of itself that it is abstract."""
    return any(keyword == "metaclass" for keyword, _ in facts.keywords) or any(
        isinstance(base, External) and base.name in _BASES for base in resolver.hierarchy.bases(ref)
    )


def _is_abstract(resolver: Resolving, ref: FunctionRef, facts: FunctionFacts) -> bool:
    if any(last_name(decorator) in _ABSTRACT for decorator in facts.decorators):
        return True
    if facts.raises:
        called = [last_name(site.func) for site in facts.sites if site.kind == "call"]
        if not called or "NotImplementedError" in called:
            return True
    if facts.sites or facts.results:
        return False
    # What does nothing in an abstract class is there for what others do.
    owner = ClassRef(ref.module, facts.owner)
    return facts.owner >= 0 and _is_declared(resolver, owner, resolver.project.class_(owner))


# ---------------------------------------------------------------------- classes behind them


def _classes_behind(resolver: Resolving, start: ClassRef) -> list[ClassRef]:
    """Return the classes that implement an interface, and are more than stand-ins for tests."""
    classes = dict.fromkeys(resolver.hierarchy.subclasses(start))
    if _is_protocol(resolver, start):
        classes.update(dict.fromkeys(_conforming(resolver, start)))
    return [ref for ref in classes if not _stands_in(resolver, ref)]


def _stands_in(resolver: Resolving, ref: ClassRef) -> bool:
    project = resolver.project
    return resolver.vocabulary.stands_in(project.class_(ref).name, project.path(ref.module))


def _is_protocol(resolver: Resolving, ref: ClassRef) -> bool:
    return any(
        isinstance(base, External) and base.name in _PROTOCOLS
        for base in resolver.hierarchy.bases(ref)
    )


def _conforming(resolver: Resolving, protocol: ClassRef) -> list[ClassRef]:
    """Return the classes that have all methods of a Protocol without naming it (PEP 544).

    That more than a few have them says that they were not made for it.
    """
    wanted = dict(_methods(resolver, protocol))
    having = (resolver.project.having(name) for name in sorted(wanted))
    rarest = min(having, key=len, default=[])
    near = (one for ref in rarest for one in (ref, *resolver.hierarchy.subclasses(ref)))
    classes = [
        ref
        for ref in dict.fromkeys(near)
        if not _is_protocol(resolver, ref)
        and all(_has(resolver, ref, name, method) for name, method in wanted.items())
    ]
    return classes if len(classes) <= FEW else []


def _methods(resolver: Resolving, protocol: ClassRef) -> Iterator[tuple[str, FunctionFacts]]:
    for above, _ in resolver.hierarchy.mro(protocol):
        if isinstance(above, ClassRef) and _is_protocol(resolver, above):
            for name, number in resolver.project.class_(above).methods.items():
                if name != "__init__":
                    yield name, resolver.project.function(FunctionRef(above.module, number))


def _has(resolver: Resolving, ref: ClassRef, name: str, wanted: FunctionFacts) -> bool:
    """Return whether a class has a method that can be called as the one of a Protocol."""
    method = resolver.hierarchy.method(ref, name)
    if method is None:
        return False
    params = resolver.project.function(method).params
    if name == _CALL and _positional(params) < _positional(wanted.params):
        return False  # whatever can be called with anything was not made for this
    return _takes(params, wanted.params)


def _positional(params: tuple[Param, ...]) -> int:
    return sum(param.kind == "positional" for param in params)


def _takes(params: tuple[Param, ...], wanted: tuple[Param, ...]) -> bool:
    """Return whether a method takes what another does, and needs no more."""
    kinds = {param.kind for param in params}
    names, wanted_names = {p.name for p in params[1:]}, {p.name for p in wanted[1:]}
    if "args" not in kinds and "kwargs" not in kinds:
        if not {p.name for p in wanted[1:] if p.kind in ("positional", "keyword")} <= names:
            return False
    return all(
        p.name in wanted_names or p.default is not None or p.kind in ("args", "kwargs")
        for p in params[1:]
    )
