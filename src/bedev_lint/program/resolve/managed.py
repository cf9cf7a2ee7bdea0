"""Which rows the managers and queries of the project are of, wherever they stand."""

from __future__ import annotations

from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.generics import instances_of
from bedev_lint.program.structure.hierarchy import FEW
from bedev_lint.program.structure.values import ClassRef, External, Object, Value, Values, union

__all__ = ["ROWS", "managed_rows"]

# Under this, which no attribute is called, `Resolving.related` has the rows of a class of managers.
ROWS = "<rows>"


def managed_rows(receiver: Value, resolver: Resolving) -> Values:
    """Return the rows that a manager or query of the project is of, none of anything else.

    What it says itself, `class OrderQuerySet(QuerySet["Order"])`, or of the classes that have it;
    none where those are many.
    """
    if not isinstance(receiver, Object) or not isinstance(receiver.of, ClassRef):
        return ()
    of = receiver.of
    return resolver.memory.once(("rows", of), lambda: _rows_of(of, resolver))


def _rows_of(manager: ClassRef, resolver: Resolving) -> Values:
    groups: list[Values] = []
    for cls, _ in resolver.hierarchy.mro(manager):
        if isinstance(cls, ClassRef):
            resolver.project.class_(cls)  # notes that this hangs on the relations of that class
            groups += (
                instances_of(base.args[0])
                for base in resolver.hierarchy.bases(cls)
                if isinstance(base, External) and base.args
            )
            groups.append(resolver.related.get(cls, {}).get(ROWS, ()))
    rows = union((), *groups)
    return rows if len(rows) <= FEW else ()
