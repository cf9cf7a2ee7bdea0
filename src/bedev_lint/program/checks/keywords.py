"""Which keywords a call is given: by itself, a `partial`, what it is called on, or callers."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import islice
from typing import NamedTuple

from bedev_lint.model import (
    Attr,
    Expr,
    Instance,
    Literal,
    Name,
    Result,
    Site,
    last_name,
)
from bedev_lint.program.checks.passing import arguments_of
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.origins import Origin, Origins
from bedev_lint.program.resolve.uses import Uses
from bedev_lint.program.structure.hierarchy import FEW
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    ClassRef,
    External,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    Value,
)

__all__ = ["CallSite", "KeywordValue", "Keywords", "State"]

_DICT = Name("dict")
# Callers of callers that are asked what they hand on.
_DEEPEST = 4


class CallSite(NamedTuple):
    """A call in a function, and what it calls."""

    caller: FunctionRef
    number: int
    site: Site
    value: Value


class State(Enum):
    """Whether a keyword is given: nobody can tell where `**x` may hold it."""

    MISSING = "missing"
    SET = "set"
    UNKNOWN = "unknown"


class KeywordValue(NamedTuple):
    """Whether a keyword is given, and what for it, as read in a function, if that is known."""

    state: State
    value: Expr | None = None
    scope: FunctionRef | None = None


_MISSING, _UNKNOWN = KeywordValue(State.MISSING), KeywordValue(State.UNKNOWN)


class Keywords:
    """Looks for keywords of calls."""

    def __init__(self, project: Project, resolver: Resolver, graph: CallGraph, uses: Uses) -> None:
        self._project, self._resolver, self._graph = project, resolver, graph
        self._uses = uses
        self._classes: dict[tuple[ClassRef, str], bool] = {}
        self._set_up: dict[tuple[Expr, FunctionRef, str], bool] = {}
        self._origins = Origins(project, resolver, self._handed)

    def value_of(self, call: CallSite, keyword: str) -> KeywordValue:
        """Return what a call is given for a keyword, by whomever."""
        setting = self._by_itself(call, keyword)
        if setting.state is State.MISSING:
            setting = self._by_partial(call, keyword)
        if setting.state is State.MISSING and isinstance(call.value, Member):
            setting = self._by_receiver(call, call.value, keyword)
        if setting.state is State.MISSING and isinstance(call.value, ProjectFunction):
            setting = self._by_default(call.value, keyword)
        return setting

    def _by_default(self, function: ProjectFunction, keyword: str) -> KeywordValue:
        """Return what a function of the project takes where it is not given a keyword."""
        params = self._project.function(function.ref).params
        default = next((param.default for param in params if param.name == keyword), None)
        return _MISSING if default is None else KeywordValue(State.SET, default, function.ref)

    def _by_itself(self, call: CallSite, keyword: str) -> KeywordValue:
        site, ref = call.site, call.caller
        named = dict(site.keywords)
        if keyword in named:
            return KeywordValue(State.SET, named[keyword], ref)
        position = self._position(call.value, keyword)
        if position is not None:
            if position < len(site.args):
                return KeywordValue(State.SET, site.args[position], ref)
            if "*" in named:
                return _UNKNOWN
        spread = (value for name, value in site.keywords if name == "**")
        return (
            _UNKNOWN if any(self._may_hold(x, ref, keyword, _DEEPEST) for x in spread) else _MISSING
        )

    def _position(self, value: Value, keyword: str) -> int | None:
        """Return the position of the argument that stands for a keyword."""
        spec = self._resolver.vocabulary.spec(value)
        if spec is not None and keyword in spec.positions:
            return spec.positions[keyword]
        if not isinstance(value, ProjectFunction):
            return None
        params = [
            p.name for p in self._project.function(value.ref).params if p.kind == "positional"
        ]
        is_bound = value.receiver is not None
        return params.index(keyword) - is_bound if keyword in params else None

    # ------------------------------------------------------------------ what is spread

    def _may_hold(self, spread: Expr, ref: FunctionRef, keyword: str, depth: int) -> bool:
        """Return whether what stands behind `**` may hold a keyword."""
        if isinstance(spread, Literal):
            return not _lacks(spread, keyword)
        facts = self._project.function(ref)
        if isinstance(spread, Result):
            return self._may_be_returned(self._project.site(ref, spread.site), ref, keyword)
        if not isinstance(spread, Name) or repr(keyword) in self._uses.by(ref).keys:
            return True
        kinds = {param.name: param.kind for param in facts.params}
        bound = self._project.bound(ref, spread.id)
        if bound is None and spread.id not in kinds:
            bound = self._project.bound(FunctionRef(ref.module, 0), spread.id)
        if bound is not None:
            given = [value for value in bound if not isinstance(value, Instance)]
            if not given:  # somebody else gives it a value
                return True
            return self._may_be_added(spread, ref, keyword, depth) or any(
                isinstance(value, Name) or self._may_hold(value, ref, keyword, depth)
                for value in given
            )
        if kinds.get(spread.id) != "kwargs":
            return True
        return keyword not in kinds and self._may_be_handed(ref, keyword, depth)

    def _may_be_added(self, holder: Name, ref: FunctionRef, keyword: str, depth: int) -> bool:
        """Return whether a function may give a dict a keyword with others: `holder.update(x)`."""
        uses = self._uses.by(ref)
        added = [
            value
            for site in (uses.facts.sites[index] for index in uses.of.get(holder, ()))
            if site.kind == "call" and last_name(site.func) == "update"
            for value in (*site.args, *(value for name, value in site.keywords if name == "**"))
        ]
        return bool(added) and (
            depth == 0 or any(self._may_hold(value, ref, keyword, depth - 1) for value in added)
        )

    def _may_be_returned(self, site: Site, ref: FunctionRef, keyword: str) -> bool:
        if site.func == _DICT and not site.args and "**" not in dict(site.keywords):
            return keyword in dict(site.keywords)
        made = [
            (result, value.ref)
            for value in self._resolver.evaluate(site.func, ref)
            if isinstance(value, ProjectFunction)
            for result in self._project.function(value.ref).results
        ]
        return not made or not all(
            isinstance(result, Literal) and _lacks(result, keyword) for result, _ in made
        )

    def _may_be_handed(self, ref: FunctionRef, keyword: str, depth: int) -> bool:
        """Return whether a caller of a function may give it a keyword; so if none is known."""
        callers = self._graph.callers(ref)
        if not callers or depth == 0:
            return True
        for caller, index in callers:
            site = self._project.site(caller, index) if index >= 0 else None
            if site is None or keyword in dict(site.keywords):
                return True
            spread = (value for name, value in site.keywords if name == "**")
            if any(self._may_hold(x, caller, keyword, depth - 1) for x in spread):
                return True
        return False

    # ------------------------------------------------------------------ what was set before

    def _by_partial(self, call: CallSite, keyword: str) -> KeywordValue:
        """Return what a function is called with that was made of another: `partial(f, x=1)`."""
        if not isinstance(call.site.func, (Name, Attr)):
            return _MISSING
        for origin in self._origins.resolved(call.site.func, call.caller):
            site = self._project.site(origin.scope, origin.number)
            for value in self._resolver.evaluate(site.func, origin.scope):
                spec = self._resolver.vocabulary.spec(value)
                if spec is not None and spec.returns == "given":
                    setting = self._by_itself(CallSite(*origin[:2], site, call.value), keyword)
                    if setting.state is not State.MISSING:
                        return setting
        return _MISSING

    def _by_receiver(self, call: CallSite, member: Member, keyword: str) -> KeywordValue:
        receiver, func = member.receiver, call.site.func
        of = receiver.of if isinstance(receiver, Object) else ""
        if isinstance(of, ClassRef) and self._class_sets(of, keyword):
            return _UNKNOWN
        if not isinstance(func, Attr):
            return _UNKNOWN
        is_made_with = isinstance(of, str) and self._position(External(of), keyword) is not None
        made = self._origins.of(func.base, call.caller)
        if made is None:
            made = self._origins.resolved(func.base, call.caller)
            if is_made_with or self._is_set_later(of, keyword):
                return _UNKNOWN
        if self._is_set_up(func.base, call.caller, keyword):
            return _UNKNOWN
        settings = {self._by_maker(origin, keyword) for origin in made} - {_MISSING}
        # A name that several objects share says nothing of one of them.
        return settings.pop() if len(settings) == 1 else _UNKNOWN if settings else _MISSING

    def _handed(self, ref: FunctionRef, name: str) -> Iterator[tuple[Expr, FunctionRef]]:
        """Return what the first callers of a function give it for a parameter, and the callers."""
        facts = self._project.function(ref)
        sites = ((caller, index) for caller, index in self._graph.callers(ref) if index >= 0)
        for caller, index in islice(sites, FEW):
            for param, argument, _ in arguments_of(facts, self._project.site(caller, index)):
                if param.name == name and argument is not None:
                    yield argument, caller

    def _is_set_later(self, of: ClassRef | str, keyword: str) -> bool:
        """Return whether who makes such an object sets this by a method of it: `settimeout`."""
        vocabulary = self._resolver.vocabulary
        return isinstance(of, str) and vocabulary.member(of, f"set{keyword}") is not None

    def _by_maker(self, origin: Origin, keyword: str) -> KeywordValue:
        """Return what the call that makes an object sets, or the code that follows it."""
        site = self._project.site(origin.scope, origin.number)
        for value in self._resolver.evaluate(site.func, origin.scope):
            setting = self._by_itself(CallSite(*origin[:2], site, value), keyword)
            if setting.state is not State.MISSING:
                return setting
        if origin.target is not None and self._is_set_up(origin.target, origin.scope, keyword):
            return _UNKNOWN
        return _MISSING

    def _is_set_up(self, holder: Expr, ref: FunctionRef, keyword: str) -> bool:
        """Return whether a function gives an object something that sets a keyword.

        `session.mount(url, Adapter(timeout=5))`, `session.request = partial(…, timeout=5)`,
        `connection.timeout = 5`, `connection.settimeout(5)`, `session.hooks["response"] = check`.
        """
        key = (holder, ref, keyword)
        if key not in self._set_up:
            self._set_up[key] = self._sets_up(holder, ref, keyword)
        return self._set_up[key]

    def _sets_up(self, holder: Expr, ref: FunctionRef, keyword: str) -> bool:
        uses = self._uses.by(ref)
        for binding in uses.set_on.get(holder, ()):
            target = binding.target
            if isinstance(target, Attr) and target.name == keyword:
                return True
            if self._sets(binding.value, ref, keyword):
                return True
        # Facts do not tell what is set from what is read: who reads hooks has set some.
        within = (uses.facts.sites[index] for index in uses.of.get(Attr(holder, keyword), ()))
        if any(site.kind == "index" for site in within):
            return True
        sites = (uses.facts.sites[index] for index in uses.of.get(holder, ()))
        return any(
            site.kind == "call"
            and (
                last_name(site.func) in (f"set{keyword}", f"set_{keyword}")
                or any(self._sets(arg, ref, keyword) for arg in site.args)
            )
            for site in sites
        )

    def _sets(self, value: Expr, ref: FunctionRef, keyword: str) -> bool:
        """Return whether a value is made with a keyword, or of a class that sets it."""
        if isinstance(value, Result):
            if keyword in dict(self._project.site(ref, value.site).keywords):
                return True
        return any(
            isinstance(one, Object)
            and isinstance(one.of, ClassRef)
            and self._class_sets(one.of, keyword)
            for one in self._resolver.evaluate(value, ref)
        )

    def _class_sets(self, ref: ClassRef, keyword: str) -> bool:
        """Return whether a class of the project has anything to do with a keyword."""
        key = (ref, keyword)
        if key not in self._classes:
            self._classes[key] = self._speaks_of(ref, keyword)
        return self._classes[key]

    def _speaks_of(self, ref: ClassRef, keyword: str) -> bool:
        for above, _ in self._resolver.hierarchy.mro(ref):
            if isinstance(above, ClassRef):
                for method in self._project.class_(above).methods.values():
                    uses = self._uses.by(FunctionRef(above.module, method))
                    if repr(keyword) in uses.keys or keyword in uses.keywords:
                        return True
        return False


def _lacks(display: Literal, keyword: str) -> bool:
    """Return whether a display is a dict of which all keys are known, without this one."""
    keys = display.form.split(" ")
    return display.kind == "dict" and keys[0] == "keys" and repr(keyword) not in keys
