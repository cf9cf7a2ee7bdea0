"""Which statements a call is given to run, SQL or an object, itself or by a function it calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedev_lint.catalog import MemberSpec
from bedev_lint.model import Expr, Name, Site
from bedev_lint.program.effects.kinds import SiteVisit
from bedev_lint.program.effects.loading import argument_of
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.parameters import passed
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    FunctionRef,
    Object,
    ProjectFunction,
    Value,
    Values,
    union,
)

__all__ = ["Statements"]

_Parameter = tuple[FunctionRef, str]


class Statements:
    """Says of calls what they read or write, by the statements that they are given."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        # Which parameters functions run as statements, as far as it has been asked.
        self._run: dict[FunctionRef, frozenset[str]] = {}

    def given_to(self, spec: MemberSpec, visit: SiteVisit) -> list[tuple[str, bool]]:
        """Return what an argument does, SQL or a statement object, and whether surely only that."""
        given = (argument_of(visit.site, place) for place in _places(spec))
        return self._kinds(self._values(given, visit.ref))

    def parameter_run(self, spec: MemberSpec, visit: SiteVisit) -> str:
        """Return the parameter of the function that a site runs as a statement, or ""."""
        return self._parameter_run(spec, visit.site, visit.ref)

    def run_by(self, function: ProjectFunction, visit: SiteVisit) -> list[tuple[str, bool]]:
        """Return what the statements do that a function of the project is given, and runs."""
        facts = self._project.function(function.ref)
        # A class that a method is called on binds none of its parameters.
        skipped = int(facts.owner >= 0 and function.receiver is not None)
        found = []
        for position, param in enumerate(facts.params[skipped:], skipped):
            argument = passed(visit.site, facts, position, skipped)
            kinds = self._kinds(self._values((argument,), visit.ref)) if argument else []
            if kinds and param.name in self._parameters_run(function.ref):
                found += kinds
        return found

    def _values(self, given: Iterable[Expr | None], ref: FunctionRef) -> Values:
        arguments = (self._resolver.evaluate(one, ref) for one in given if one is not None)
        return union((), *arguments)

    def _kinds(self, values: Values) -> list[tuple[str, bool]]:
        kinds = self._resolver.vocabulary.statements(values)
        is_certain = all(value.certain for value in values if isinstance(value, Object))
        return [(kind, is_certain and len(kinds) == 1) for kind in kinds]

    def _parameters_run(self, ref: FunctionRef) -> frozenset[str]:
        """Return the parameters that a function runs as statements, or has another one run."""
        if ref not in self._run:
            self._trace(ref)
        return self._run[ref]

    def _trace(self, start: FunctionRef) -> None:
        """Find out which parameters a function runs, and all those that it gives its own to.

        In turns, not one within the other: chains of functions may be long, and lead in circles.
        """
        run: list[_Parameter] = []
        givers: dict[_Parameter, list[_Parameter]] = {}
        found: dict[FunctionRef, set[str]] = {start: set()}
        todo = [start]
        while todo:
            ref = todo.pop()
            run += ((ref, name) for name in self._run_itself(ref))
            for name, taker in self._passed_on(ref):
                function, param = taker
                if function in self._run:
                    run += [(ref, name)] if param in self._run[function] else []
                    continue
                givers.setdefault(taker, []).append((ref, name))
                if function not in found:
                    found[function] = set()
                    todo.append(function)
        while run:
            ref, name = run.pop()
            if name not in found[ref]:
                found[ref].add(name)
                run += givers.get((ref, name), ())
        self._run.update((ref, frozenset(names)) for ref, names in found.items())

    def _run_itself(self, ref: FunctionRef) -> Iterator[str]:
        """Return the parameters that a function gives to what runs a statement."""
        for site, value in self._given_parameters(ref):
            spec = self._resolver.vocabulary.spec(value)
            if spec is not None:
                yield from filter(None, [self._parameter_run(spec, site, ref)])

    def _passed_on(self, ref: FunctionRef) -> Iterator[tuple[str, _Parameter]]:
        """Return the parameters that a function gives to others, and as which of theirs."""
        own = {param.name for param in self._project.function(ref).params}
        for site, value in self._given_parameters(ref):
            if not isinstance(value, ProjectFunction):
                continue
            facts = self._project.function(value.ref)
            skipped = int(facts.owner >= 0 and value.receiver is not None)
            for position, param in enumerate(facts.params[skipped:], skipped):
                argument = passed(site, facts, position, skipped)
                if isinstance(argument, Name) and argument.id in own:
                    yield argument.id, (value.ref, param.name)

    def _given_parameters(self, ref: FunctionRef) -> Iterator[tuple[Site, Value]]:
        """Return the calls that a function gives its parameters to, with what they call."""
        facts = self._project.function(ref)
        own = {param.name for param in facts.params}
        for site in facts.sites:
            if site.kind == "call" and not own.isdisjoint(_names_given(site)):
                for value in self._resolver.evaluate(site.func, ref):
                    yield site, value

    def _parameter_run(self, spec: MemberSpec, site: Site, ref: FunctionRef) -> str:
        facts = self._project.function(ref)
        given = (argument_of(site, place) for place in _places(spec))
        argument = next((one for one in given if one is not None), None)
        if not isinstance(argument, Name) or facts.bound_to(argument):
            return ""
        return argument.id if any(p.name == argument.id for p in facts.params) else ""


def _names_given(site: Site) -> set[str]:
    """Return the plain names that a call is given."""
    given = (*site.args, *(value for _, value in site.keywords))
    return {argument.id for argument in given if isinstance(argument, Name)}


def _places(spec: MemberSpec) -> list[int | str]:
    """Return where a function is given a statement: a position and keywords, or nowhere."""
    position = spec.effect_by_argument
    if position is None:
        return []
    named = (name for name, stands_for in spec.positions.items() if stands_for == position)
    return [position, *named]
