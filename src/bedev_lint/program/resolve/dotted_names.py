"""The dotted names by which rules speak of functions, classes and members."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.names import any_match
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    Member,
    Object,
    ProjectFunction,
    Value,
)

__all__ = ["Naming"]


class Naming:
    """Names values."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver

    def is_one(self, value: Value, patterns: tuple[str, ...]) -> bool:
        """Return whether one of the names of a value is like one of these patterns."""
        return any_match(self.names(value), patterns)

    def name(self, value: Value) -> str:
        """Return the name by which a value is known first, or ""."""
        return next(self.names(value), "")

    def names(self, value: Value) -> Iterator[str]:
        """Return the dotted names of a value: of a member also that of what it is a member of."""
        if isinstance(value, External):
            declared = self._resolver.vocabulary.declared(value)
            last = value.name.rpartition(".")[2]
            if declared is not None and declared[0] != value.name:
                yield f"{declared[0]}.{last}"
            yield value.name
        elif isinstance(value, Member):
            yield f"{value.owner}.{value.name}"
            if value.receiver is not None:
                yield from (f"{name}.{value.name}" for name in self._types(value.receiver))
        elif isinstance(value, ProjectFunction):
            yield self._project.function_name(value.ref)
            if value.receiver is not None:
                last = self._project.function(value.ref).name
                yield from (f"{name}.{last}" for name in self._types(value.receiver))
        elif isinstance(value, Class):
            yield self._project.class_name(value.ref)

    def types(self, value: Value) -> Iterator[str]:
        """Return the names of a class or function, or of the class of an object."""
        if isinstance(value, Object):
            yield from self._types(value)
        else:
            yield from self.names(value)

    def _types(self, receiver: Object | Class | External) -> Iterator[str]:
        if isinstance(receiver, External):
            yield receiver.name
            return
        of = receiver.of if isinstance(receiver, Object) else receiver.ref
        if isinstance(of, str):
            yield of
            return
        for above, _ in self._resolver.hierarchy.mro(of):
            yield self._project.class_name(above) if isinstance(above, ClassRef) else above
