"""What a function adds to a list or a set that it has under a name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from bedev_lint.model import Elem, Expr, FunctionFacts, Literal, Name, TupleOf
from bedev_lint.program.effects.batches import element_of
from bedev_lint.program.effects.nesting import comprehensions_of
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["added"]


def added(project: Project, name: str, ref: FunctionRef) -> Iterator[Expr]:
    """Return what a function adds the elements of: `names.extend(found)`, or one after the other.

    Not a comprehension of which it cannot be told what it runs over.
    """
    facts = project.function(ref)
    put = project.put_into(ref, name, by_key=False)
    for item in chain(put, *(facts.bound_to(item) for item in put if isinstance(item, Name))):
        if isinstance(item, Elem) and not _is_made_of_unknown(item.base, facts):
            yield item.base


def _is_made_of_unknown(expr: Expr, facts: FunctionFacts) -> bool:
    made = element_of(expr) if isinstance(expr, (Literal, TupleOf)) else None
    return made is not None and not isinstance(made, Elem) and not comprehensions_of(made, facts)
