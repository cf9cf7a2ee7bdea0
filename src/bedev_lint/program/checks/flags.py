"""What a call says of the parameters that a function asks: which are true, and which constants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bedev_lint.model import (
    Attr,
    Either,
    Elem,
    Expr,
    FunctionFacts,
    Item,
    Key,
    Literal,
    Name,
    Result,
    Site,
    last_name,
)
from bedev_lint.names import words
from bedev_lint.program.checks.passing import PassedOn, arguments_of
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.nesting import regions_of
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.reachability import reachable

__all__ = ["NO_FLAGS", "FlagValues", "Flags"]

# Through so many more calls a parameter is followed that a function does not ask itself.
_FURTHER = 3
# Methods that give a mapping keys which the caller has not given.
_ADDING = frozenset({"update", "setdefault"})


class Flags(NamedTuple):
    """The parameters that are false, those that are true, and the tags that others are of.

    `*name` in `constants` stands for the keys of a parameter. `texts` are given what nobody calls
    a URL.
    """

    false: frozenset[str] = frozenset()
    true: frozenset[str] = frozenset()
    constants: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    texts: frozenset[str] = frozenset()


NO_FLAGS = Flags()


class FlagValues:
    """Follows flags and constants through the calls of a project."""

    def __init__(
        self, project: Project, graph: CallGraph, resolver: Resolver, passed_on: PassedOn
    ) -> None:
        self._project, self._graph, self._resolver = project, graph, resolver
        self._passed_on = passed_on
        self._compares: dict[FunctionRef, frozenset[str]] = {}

    def answers(
        self,
        target: FunctionRef,
        caller: FunctionRef,
        index: int,
        of_caller: Flags = NO_FLAGS,
    ) -> Flags:
        """Return what a call says of the parameters that a function asks, or passes on.

        `of_caller` says so of the parameters of the caller.
        """
        facts, site = self._project.function(target), self._project.site(caller, index)
        if site.kind != "call":
            return NO_FLAGS
        tested = {
            r.targets[0] for r in facts.regions if r.kind in ("if_param_true", "if_param_false")
        }
        tested |= {n[1:] for r in facts.regions if r.kind == "once_per_key" for n in r.targets}
        tested |= self._passed_on.by(target)
        may_be_urls = any(region.kind == "if_param_url" for region in facts.regions)
        if not tested and not may_be_urls and not self._compared(target):
            return NO_FLAGS
        keywords = dict(site.keywords)
        unpacks = "*" in keywords or "**" in keywords
        caller_facts = self._project.function(caller)
        names: dict[bool, set[str]] = {False: set(), True: set()}
        for param, argument, _ in arguments_of(facts, site):
            if param.name in tested:
                # Whoever passes a value for an optional parameter has one.
                optional = argument is not None and param.default == Name("None")
                is_same = isinstance(argument, Name) and argument.id in self._passed_on.by(caller)
                passed_on = argument.id if is_same and isinstance(argument, Name) else ""
                argument = param.default if argument is None and not unpacks else argument
                if argument in (Name("False"), Name("None")) or passed_on in of_caller.false:
                    names[False].add(param.name)
                elif (
                    argument == Name("True")
                    or passed_on in of_caller.true
                    or (optional and not _may_be_none(argument, caller_facts))
                ):
                    names[True].add(param.name)
        constants = self._constants(target, caller, site, of_caller)
        addresses = self._resolver.vocabulary.addresses
        texts = _no_urls(facts, site, caller_facts, addresses) if may_be_urls else frozenset()
        return Flags(frozenset(names[False]), frozenset(names[True]), frozenset(constants), texts)

    def of_callers(self, ref: FunctionRef) -> Flags:
        """Return the optional parameters for which all that call a function have a value.

        `names(ids, known)` is asked for what is known by nobody who has it.
        """
        params = self._project.function(ref).params
        if not any(param.default == Name("None") for param in params):
            return NO_FLAGS
        given = [
            self.answers(ref, caller, site).true if site >= 0 else frozenset()
            for caller, site in self._graph.callers(ref)
        ]
        return Flags(true=frozenset.intersection(*given)) if given else NO_FLAGS

    def _constants(
        self, target: FunctionRef, caller: FunctionRef, site: Site, of_caller: Flags
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Return the constants, and keys, that a call gives and that matter where it leads to."""
        if last_name(site.func) != self._project.function(target).name:
            return  # it is called by somebody who is given it, and perhaps something else first
        tags, before = dict(site.constants), dict(of_caller.constants)
        unpacks = any(name in ("*", "**") for name, _ in site.keywords)
        for param, argument, place in arguments_of(self._project.function(target), site):
            is_default = argument is None and bool(param.constant) and not unpacks
            is_passed_on = isinstance(argument, Name) and argument.id in self._passed_on.by(caller)
            for prefix in ("", "*"):
                constants = tags.get(f"{prefix}{place}", ()) if argument is not None else ()
                if is_default and not prefix:
                    constants = (param.constant,)
                if is_passed_on and isinstance(argument, Name):
                    constants = before.get(f"{prefix}{argument.id}", ())
                name = f"{prefix}{param.name}"
                if constants and self._matters(target, name, _FURTHER):
                    yield name, constants

    def _matters(self, ref: FunctionRef, name: str, further: int) -> bool:
        """Return whether a function compares a parameter with constants, or who is given it."""
        if name in self._compared(ref):
            return True
        plain = name.removeprefix("*")
        if not further or plain not in self._passed_on.by(ref):
            return False
        prefix = name[: -len(plain)]
        return any(
            self._matters(edge.target, f"{prefix}{param.name}", further - 1)
            for edge in self._graph.does(ref).edges
            if edge.site >= 0
            for param, argument, _ in arguments_of(
                self._project.function(edge.target), self._project.site(ref, edge.site)
            )
            if argument == Name(plain)
        )

    def _compared(self, ref: FunctionRef) -> frozenset[str]:
        """Return the parameters that a function compares with constants, and `*` those by keys."""
        compared = self._compares.get(ref)
        if compared is None:
            facts = self._project.function(ref)
            names = {
                r.targets[0] for r in facts.regions if r.kind in ("if_param_in", "if_param_not_in")
            }
            compared = self._compares[ref] = frozenset(names - _filled(facts) if names else names)
        return compared

    def is_unreachable(self, ref: FunctionRef, index: int, answers: Flags) -> bool:
        """Return whether a site does not run when parameters are answered so."""
        if index < 0 or answers == NO_FLAGS:
            return False
        constants = dict(answers.constants)
        for region in regions_of(self._project.function(ref), index):
            if region.kind == "if_param_true" and region.targets[0] in answers.false:
                return True
            if region.kind == "if_param_false" and region.targets[0] in answers.true:
                return True
            if region.kind == "if_param_url" and region.targets[0] in answers.texts:
                return True
            if region.kind in ("if_param_in", "if_param_not_in"):
                argument_tags, tags = constants.get(region.targets[0], ()), region.targets[1:]
                if _are_comparable(argument_tags, tags) and not any(
                    (tag in tags) == (region.kind == "if_param_in") for tag in argument_tags
                ):
                    return True
        return False


def _are_comparable(argument_tags: Sequence[str], tags: Sequence[str]) -> bool:
    """Return whether these tags are all of members of enumerations, of names, or of values."""
    kinds = {tag[0] if tag[0] in ".:" else "" for tag in (*argument_tags, *tags)}
    return bool(argument_tags) and len(kinds) == 1


def _no_urls(
    facts: FunctionFacts, site: Site, caller: FunctionFacts, addresses: frozenset[str]
) -> frozenset[str]:
    """Return the parameters that a function takes for URLs if they are, and that are given none.

    `addresses` are words in names of URLs.
    """
    if last_name(site.func) != facts.name:
        return frozenset()
    asked = {region.targets[0] for region in facts.regions if region.kind == "if_param_url"}
    return frozenset(
        param.name
        for param, argument, _ in arguments_of(facts, site)
        if param.name in asked
        and argument is not None
        and not _may_be_url(argument, caller, addresses)
    )


def _may_be_url(argument: Expr, facts: FunctionFacts, addresses: frozenset[str]) -> bool:
    """Return whether a text is named like a URL, or is one that no name tells of."""
    bound = facts.bound_to(argument)
    return any(
        isinstance(value, Either)
        or (isinstance(value, Literal) and not value.flat)
        or _is_named_url(value, facts, addresses)
        for value in (argument, *bound)
    )


def _is_named_url(expr: Expr, facts: FunctionFacts, addresses: frozenset[str]) -> bool:
    """Return whether a name by which a value is got at, or that it is made of, is one of a URL."""

    def parts_of(made: Expr) -> Iterable[Expr]:
        if isinstance(made, (Attr, Item, Elem)):
            return (made.base, *(made.args if isinstance(made, Item) else ()))
        if isinstance(made, Result):
            return (facts.sites[made.site].func, *facts.sites[made.site].args)
        return facts.bound_to(made) if isinstance(made, Name) else ()

    names = (
        made.name if isinstance(made, Key) else last_name(made)
        for made in reachable([expr], parts_of)
    )
    return any(not addresses.isdisjoint(words(name)) for name in names)


def _filled(facts: FunctionFacts) -> set[str]:
    """Return, behind `*`, the names of mappings that a function gives further keys."""
    filled = [b.target.base for b in facts.bindings if isinstance(b.target, Item)]
    filled += [
        site.func.base
        for site in facts.sites
        if isinstance(site.func, Attr) and site.func.name in _ADDING
    ]
    return {f"*{base.id}" for base in filled if isinstance(base, Name)}


def _may_be_none(expr: Expr | None, facts: FunctionFacts) -> bool:
    """Return whether an optional parameter is only passed on, or what may not have been found."""
    if isinstance(expr, Name):
        if any(param.name == expr.id and param.default is not None for param in facts.params):
            return True
        bound = facts.bound_to(expr)
        return any(value == Name("None") or _may_be_missing(value, facts) for value in bound)
    return _may_be_missing(expr, facts)


def _may_be_missing(expr: Expr | None, facts: FunctionFacts) -> bool:
    """Return whether this is what a mapping has for a key, or None."""
    if not isinstance(expr, Result):
        return False
    site = facts.sites[expr.site]
    is_look_up = isinstance(site.func, Attr) and site.func.name in ("get", "pop")
    return is_look_up and site.args[1:] in ((), (Name("None"),))
