"""What objects of a framework give that the project has told them: attributes, and by keys."""

from __future__ import annotations

from collections.abc import Sequence

from bedev_lint.catalog import Gets
from bedev_lint.model import Attr, Expr, Key, Name, Result, Site, last_name
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.resolve.typed import Receiver, typed
from bedev_lint.program.structure.values import (
    Class,
    FunctionRef,
    Object,
    ProjectFunction,
    Values,
    union,
)

__all__ = ["got", "kept", "key_of", "named_by"]


def kept(resolver: Resolving, type_name: str, name: str) -> Values:
    """Return what anybody in the project has assigned to an attribute of a known type.

    What has that name in a framework, and this one in the project, is that for certain. It may
    be a descriptor, which the receiver holds.
    """
    owner = resolver.vocabulary.keeper(type_name)
    if not owner or not name:
        return ()
    resolver.project.reads.assigned.add(name)
    return resolver.memory.once(("kept", owner, name), lambda: _assigned(resolver, owner, name))


def got(
    resolver: Resolving, gets: Gets, receiver: Receiver | None, site: Site, ref: FunctionRef
) -> Values:
    """Return what a call gives that asks for something by its name."""
    name = named_by(resolver, gets.named_by, site, ref)
    of = gets.on or (receiver.of if isinstance(receiver, Object) else "")
    if receiver is None or not isinstance(of, str):
        return ()
    return kept(resolver, of, name)


def key_of(args: Sequence[Expr]) -> str:
    """Return the name that a subscript has as its key: a string, or that of a constant."""
    if len(args) != 1:
        return ""
    return args[0].name if isinstance(args[0], Key) else last_name(args[0])


def named_by(
    resolver: Resolving, arguments: Sequence[int | str], site: Site, ref: FunctionRef
) -> str:
    """Return the name that the first of these arguments of a call stands for, or ""."""
    keywords = dict(site.keywords)
    for position in arguments:
        if isinstance(position, str):
            argument = keywords.get(position)
        else:
            argument = site.args[position] if position < len(site.args) else None
        if argument is not None:
            return _name_of(resolver, argument, ref)
    return ""


def _name_of(resolver: Resolving, argument: Expr, ref: FunctionRef) -> str:
    """Return the name of a string, of a function or class, or of a constant."""
    if isinstance(argument, Key):
        return argument.name
    for value in resolver.evaluate(argument, ref):
        if isinstance(value, ProjectFunction):
            return resolver.project.function(value.ref).name
        if isinstance(value, Class):
            return resolver.project.class_(value.ref).name
    return last_name(argument) if isinstance(argument, (Name, Attr)) else ""


def _assigned(resolver: Resolving, owner: str, name: str) -> Values:
    groups = []
    for one in resolver.assigned.get((owner, name), ()):
        if not (one.type and isinstance(one.value, Result)):
            groups.append(resolver.evaluate(one.value, one.scope))
        else:
            site = resolver.project.site(one.scope, one.value.site)
            groups.append(typed(resolver, one.type, None, site, one.scope))
    return union((), *groups)
