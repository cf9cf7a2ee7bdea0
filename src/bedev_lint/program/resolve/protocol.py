"""The resolver as the rooms around it know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bedev_lint.catalog import MemberSpec
from bedev_lint.model import Expr, Site
from bedev_lint.program.resolve.memory import Memory
from bedev_lint.program.structure.hierarchy import Hierarchy
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Assigned,
    ClassRef,
    FunctionRef,
    Object,
    ProjectFunction,
    Value,
    Values,
)
from bedev_lint.program.structure.vocabulary import Vocabulary

__all__ = ["Resolving"]


class Resolving(Protocol):
    """Each room asks it for what the rooms above its own answer.

    Rooms are functions, and keep nothing of it. It must be gone with all that it remembers as
    soon as a module is done: while linking, no collector looks for what refers to itself.
    """

    project: Project
    vocabulary: Vocabulary
    hierarchy: Hierarchy
    memory: Memory
    related: Mapping[ClassRef | str, Mapping[str, Values]]
    assigned: Mapping[tuple[str, str], Sequence[Assigned]]

    def evaluate(self, expr: Expr, ref: FunctionRef, cls: int = -1) -> Values:
        """Return what an expression may stand for in a function, or in the body of a class."""
        ...

    def in_header(self, expr: Expr, ref: FunctionRef) -> Values:
        """Return what a default, an annotation or a decorator of a function may stand for."""
        ...

    def decorator(self, expr: Expr, ref: FunctionRef) -> Values:
        """Return what decorates a function: `f` in `@f(x)` as well as in `@f`."""
        ...

    def attribute(self, bases: Values, name: str) -> Values:
        """Return what `base.name` may be for these bases."""
        ...

    def elements(self, values: Values) -> Values:
        """Return what iterating over these values gives."""
        ...

    def called(self, value: Value, site: Site, ref: FunctionRef, cls: int = -1) -> Values:
        """Return what calling a value may give, in a function or in the body of a class."""
        ...

    def returned(self, function: ProjectFunction) -> Values:
        """Return what a function of the project returns for this receiver."""
        ...

    def implementations(
        self, function: ProjectFunction, caller: FunctionRef | None = None
    ) -> list[ProjectFunction]:
        """Return what a method of an interface stands for where a function calls it."""
        ...

    def is_read(self, method: FunctionRef) -> bool:
        """Return whether a method is read as an attribute: a property of whatever kind."""
        ...

    def maker(self, value: Value) -> MemberSpec | None:
        """Return the spec of a function, or of a class that stands for what it is given."""
        ...

    def is_mapped(self, cls: ClassRef) -> bool:
        """Return whether the objects of a class are rows: they have what writes them."""
        ...

    def is_of_owner(self, value: Object) -> bool:
        """Return whether a value is a query or manager, which belongs to a class of rows."""
        ...
