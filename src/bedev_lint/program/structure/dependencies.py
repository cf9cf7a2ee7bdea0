"""What a result was computed from: it is computed anew when that has changed, and only then."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import astuple

from bedev_lint.program.structure.values import ClassRef, FunctionRef

__all__ = ["Dependencies"]


class Dependencies(Struct, array_like=True):
    """What of a program has been looked at; or what of it has changed.

    `functions`, `classes`: their facts, and the relations of the rows of a class. `attributes`:
    what the methods of a class bind to their object. `bound`, `sites`: what a name of a module
    stands for, and what its own code does at a site; that code as a whole changes with every
    new function. `calls`, `methods`, `named`: who calls something of a name, which classes
    have a method or are called so. `above`, `below`: the classes above and below one.
    `effects`, `callers`, `reaching`: what a function does itself, who calls it, and which
    effects it comes to. `later`: whether it is called some other time. `silenced`: the
    suppressions of a module. `loading`: whether a name is that of a relation which queries
    load. `assigned`: what is assigned to attributes of a name of types that keep them.
    `modules`: which modules there are whose dotted name ends with a name. `starred`: which modules
    import all the names of modules whose dotted name ends with a name.
    """

    functions: set[FunctionRef] = set()
    classes: set[ClassRef] = set()
    attributes: set[ClassRef] = set()
    bound: set[tuple[int, str]] = set()
    sites: set[tuple[int, int]] = set()
    calls: set[str] = set()
    methods: set[str] = set()
    named: set[str] = set()
    above: set[ClassRef] = set()
    below: set[ClassRef] = set()
    effects: set[FunctionRef] = set()
    callers: set[FunctionRef] = set()
    reaching: set[FunctionRef] = set()
    later: set[FunctionRef] = set()
    silenced: set[int] = set()
    loading: set[str] = set()
    assigned: set[str] = set()
    modules: set[str] = set()
    starred: set[str] = set()

    def add(self, others: Dependencies) -> None:
        """Add all that has been looked at, or has changed, besides."""
        for mine, other in zip(astuple(self), astuple(others), strict=True):
            mine |= other

    def intersects(self, others: Dependencies) -> bool:
        """Return whether anything is in both."""
        both = zip(astuple(self), astuple(others), strict=True)
        return not all(mine.isdisjoint(other) for mine, other in both)
