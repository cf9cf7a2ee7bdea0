"""What a call says of the flags that a function asks: which of them are true, and which false."""

from __future__ import annotations

from bedev_lint.model import Attr, Expr, FunctionFacts, Name, Result
from bedev_lint.program.project import Project
from bedev_lint.program.regions import regions_of
from bedev_lint.program.values import FunctionRef

__all__ = ["NO_ANSWERS", "Answered", "Answers"]

# The parameters that are false, and those that are true.
Answered = tuple[frozenset[str], frozenset[str]]
NO_ANSWERS: Answered = (frozenset(), frozenset())


class Answers:
    """Follows flags through the calls of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._passes: dict[FunctionRef, frozenset[str]] = {}

    def answers(
        self,
        target: FunctionRef,
        caller: FunctionRef,
        index: int,
        known: Answered = NO_ANSWERS,
    ) -> Answered:
        """Return which parameters that a function asks are false, and which true, in a call.

        `known` says so of the parameters of the caller.
        """
        facts, site = self._project.function(target), self._project.site(caller, index)
        asked = {r.targets[0] for r in facts.regions if r.kind in ("asked", "unasked")}
        if site.kind != "call":
            return NO_ANSWERS
        asked |= self._passed_on(target)
        if not asked:
            return NO_ANSWERS
        keywords = dict(site.keywords)
        # Of what is unpacked nobody knows which parameters it gives.
        args = () if "*" in keywords else site.args
        unpacks = "*" in keywords or "**" in keywords
        bound = facts.owner >= 0 and bool(facts.params) and facts.params[0].name in ("self", "cls")
        found: dict[bool, set[str]] = {False: set(), True: set()}
        caller_facts = self._project.function(caller)
        for position, param in enumerate(facts.params[1:] if bound else facts.params):
            if param.name in asked:
                given = keywords.get(param.name)
                if given is None and param.kind == "positional" and position < len(args):
                    given = args[position]
                # Whoever passes a value for an optional parameter has one.
                optional = given is not None and param.default == Name("None")
                is_same = isinstance(given, Name) and given.id in self._passed_on(caller)
                passed_on = given.id if is_same and isinstance(given, Name) else ""
                given = param.default if given is None and not unpacks else given
                if given in (Name("False"), Name("None")) or passed_on in known[0]:
                    found[False].add(param.name)
                elif (
                    given == Name("True")
                    or passed_on in known[1]
                    or (optional and not _may_be_none(given, caller_facts))
                ):
                    found[True].add(param.name)
        return frozenset(found[False]), frozenset(found[True])

    def _passed_on(self, ref: FunctionRef) -> frozenset[str]:
        """Return the parameters of a function that it passes to others as they are."""
        known = self._passes.get(ref)
        if known is None:
            facts = self._project.function(ref)
            bound = {b.target for b in facts.bindings}
            passed = {
                arg
                for site in facts.sites
                for arg in (*site.args, *(value for _, value in site.keywords))
            }
            known = self._passes[ref] = frozenset(
                param.name for param in facts.params if Name(param.name) in passed - bound
            )
        return known

    def is_ruled_out(self, ref: FunctionRef, index: int, answers: Answered) -> bool:
        """Return whether a site does not run when parameters are answered so."""
        false, true = answers
        if index < 0 or not (false or true):
            return False
        return any(
            (region.kind == "asked" and region.targets[0] in false)
            or (region.kind == "unasked" and region.targets[0] in true)
            for region in regions_of(self._project.function(ref), index)
        )


def _may_be_none(expr: Expr | None, facts: FunctionFacts) -> bool:
    """Return whether an optional parameter is only passed on, or what may not have been found."""
    if isinstance(expr, Name):
        if any(param.name == expr.id and param.default is not None for param in facts.params):
            return True
        bound = [binding.value for binding in facts.bindings if binding.target == expr]
        return any(value == Name("None") or _may_be_missing(value, facts) for value in bound)
    return _may_be_missing(expr, facts)


def _may_be_missing(expr: Expr | None, facts: FunctionFacts) -> bool:
    """Return whether this is what a mapping has for a key, or None."""
    if not isinstance(expr, Result):
        return False
    site = facts.sites[expr.site]
    is_look_up = isinstance(site.func, Attr) and site.func.name in ("get", "pop")
    return is_look_up and site.args[1:] in ((), (Name("None"),))
