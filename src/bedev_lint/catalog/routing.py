"""What a vocabulary may hold of web frameworks: how they are told which function answers what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import field

from bedev_lint.catalog.tables import Table

__all__ = ["Action", "Mark", "Place", "Resource", "Route", "Router", "routing_names"]

# Where an argument stands: its position or its keyword.
Place = int | str


class Route(Table, frozen=True):
    """A call that says which function answers a path. Each key lists where an argument may stand.

    also      other dotted names of the same call
    path      the path; of an `includes` what is put before the paths of what is included
    handler   the function or class; none: it is what the call decorates
    methods   the methods that it answers; none: all, or the one that the call's own name tells
    name      the name by which the path may be asked for
    default   the methods that it answers where none are given
    rest      all positional arguments from that of the path on are paths
    regex     the path is a regular expression
    includes  what stands for the handler is a router, a list of routes, or names a module that
              has one
    instead   the path of an `includes` replaces the prefix of what is included
    resource  what is registered is a class whose actions answer at its path and below it: the
              name of a `resource`
    model     the attribute of a class of a `resource` by whose rows it is called, if it has no name
    listed    the attribute by which a module that is named keeps its routes
    """

    also: tuple[str, ...] = ()
    path: tuple[Place, ...] = ()
    handler: tuple[Place, ...] = ()
    methods: tuple[Place, ...] = ()
    name: tuple[Place, ...] = ()
    default: tuple[str, ...] = ()
    rest: bool = False
    regex: bool = False
    includes: bool = False
    instead: bool = False
    resource: str = ""
    model: str = ""
    listed: str = ""


class Router(Table, frozen=True):
    """A type whose objects hold routes.

    also       other dotted names of the same type
    prefix     where its constructor is given what is put before all its paths
    named      where it is given the name that is put before the names of its routes
    nested     its paths are below one of the things that the prefix stands for
    own        the prefix is the name where none is given
    on         where it is given the router that it adds its routes to
    routes     where it is given a list of routes
    through    attributes that stand for the router itself
    hidden     arguments of what it registers that say, by one of these constants, that nobody is
               meant to ask for it
    registers  methods that register routes, or include routers; several in one key
    """

    also: tuple[str, ...] = ()
    prefix: tuple[Place, ...] = ()
    named: tuple[Place, ...] = ()
    nested: bool = False
    own: bool = False
    on: tuple[Place, ...] = ()
    routes: tuple[Place, ...] = ()
    through: tuple[str, ...] = ()
    hidden: dict[str, str] = field(default_factory=dict)
    registers: dict[str, Route] = field(default_factory=dict)

    def methods(self) -> Iterator[tuple[str, Route]]:
        """Return the methods that register routes, each by its own name."""
        for names, route in self.registers.items():
            yield from ((name, route) for name in names.replace(",", " ").split())


class Action(Table, frozen=True):
    """A method that answers because of its name.

    methods  the methods of HTTP that it answers
    detail   it is about one thing: a parameter stands behind the path
    bases    patterns of dotted names of classes that bring it along
    hooks    methods of the class that it calls where it is brought along
    """

    methods: tuple[str, ...]
    detail: bool = False
    bases: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()


class Mark(Table, frozen=True):
    """A decorator that makes a method an action. Each key lists where an argument may stand.

    also     other dotted names of the same decorator
    detail   whether it is about one thing
    single   it always is
    methods  the methods of HTTP that it answers; `default` where none are given
    path     what stands behind the path; none: the name of the method
    name     what stands behind the name; none: that of the method, with hyphens
    more     the attribute whose attributes, called after methods of HTTP, mark what answers these
             at the same path
    """

    also: tuple[str, ...] = ()
    detail: tuple[Place, ...] = ()
    single: bool = False
    methods: tuple[Place, ...] = ()
    default: tuple[str, ...] = ()
    path: tuple[Place, ...] = ()
    name: tuple[Place, ...] = ()
    more: str = ""


class Resource(Table, frozen=True):
    """How the actions of a class are known that answers at one path and below it.

    views    the method of the class that makes a view of it, if it is given which actions
    limits   the attribute that lists the methods of HTTP that it answers at all
    known    patterns of dotted names of classes above it that bring no more than is told here
    actions  by the names of methods
    marks    by decorators
    """

    views: str = ""
    limits: str = ""
    known: tuple[str, ...] = ()
    actions: dict[str, Action] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)


def routing_names(
    routers: Mapping[str, Router], routes: Mapping[str, Route], resources: Mapping[str, Resource]
) -> frozenset[str]:
    """Return the last names of all that is told of paths."""
    dotted = [name for key, one in routers.items() for name in (key, *one.also)]
    dotted += (name for key, one in routes.items() for name in (key, *one.also))
    marks = (mark for one in resources.values() for mark in one.marks.items())
    dotted += (name for key, mark in marks for name in (key, *mark.also))
    dotted += (name for one in resources.values() for name in (one.views, one.limits) if name)
    names = {name.rpartition(".")[2] for name in dotted}
    for router in routers.values():
        names.update(name for name, _ in router.methods())
    return frozenset(names)
