"""What a site calls or uses, where it may be one of several: which of them, and how surely."""

from __future__ import annotations

from msgspec.structs import replace

from bedev_lint.model import Attr, Expr
from bedev_lint.program.effects.kinds import SiteVisit
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.generics import LISTS
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    Member,
    Object,
    ProjectFunction,
    Values,
)

__all__ = ["class_of", "protocol_of", "without_defaulted"]


def without_defaulted(resolver: Resolver, values: Values) -> Values:
    """Return these without the methods of interfaces beside which the default is known.

    `self.outbox = outbox or TableOutbox()`: what stands behind is that, as far as anybody sees,
    unless it does nothing: `source or NoSource()`.
    """
    functions = [value for value in values if isinstance(value, ProjectFunction)]
    if len(functions) < 2:
        return values
    doing = [one for one in functions if resolver.project.function(one.ref).sites]
    classes = {cls for one in doing if (cls := class_of(one.receiver)) is not None}
    above = {cls for one in classes for cls, _ in resolver.hierarchy.mro(one)} - classes
    return tuple(
        value
        for value in values
        if not isinstance(value, ProjectFunction)
        or class_of(value.receiver) not in above
        or resolver.implementations(value) == [value]
    )


def protocol_of(resolver: Resolver, func: Expr, visit: SiteVisit) -> Values:
    """Return what a site may use of a protocol: not for sure a query's, where it may be a list.

    `return [as_dict(row) for row in rows] if as_dicts else rows`.
    """
    values = resolver.evaluate(func, visit.ref)
    if not isinstance(func, Attr) or not any(isinstance(value, Member) for value in values):
        return values
    bases = resolver.evaluate(func.base, visit.ref)
    if not any(isinstance(one, Object) and one.of in LISTS and any(one.args) for one in bases):
        return values
    return tuple(
        replace(value, receiver=replace(value.receiver, certain=False))
        if isinstance(value, Member) and isinstance(value.receiver, Object)
        else value
        for value in values
    )


def class_of(receiver: object) -> ClassRef | None:
    """Return the class of the project of what a method is called on, if it is of one."""
    if isinstance(receiver, Class):
        return receiver.ref
    of = receiver.of if isinstance(receiver, Object) else None
    return of if isinstance(of, ClassRef) else None
