"""The mirror of a boundary: within this context an effect must happen on the way, at any depth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedev_lint.catalog import Boundary, Rule
from bedev_lint.model import FunctionFacts
from bedev_lint.program.checks.analysis import Analysis
from bedev_lint.program.checks.violation import PathStep, Violation
from bedev_lint.program.resolve.coverage import NOTHING, THIRD_PARTY, Calls
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.reachability import reachable

__all__ = ["Requirements"]

_OF_FUNCTION = -1  # no site: the function itself


class Requirements:
    """Finds the functions that do not do what their context requires."""

    def __init__(self, analysis: Analysis) -> None:
        project, catalog, graph, resolver, within, _ = analysis
        self._project, self._catalog, self._graph = project, catalog, graph
        self._contexts = within.contexts
        self._calls = Calls(project, catalog, resolver)

    def violations(self, rules: Iterable[Rule], module: int) -> Iterator[Violation]:
        """Return the functions of a module that lack what rules require, rule by rule."""
        for rule in rules:
            boundary = rule.boundary
            assert boundary is not None
            label = " or ".join(self._catalog.effects[name].title for name in boundary.effects)
            for ref, facts in self._project.functions(module):
                if ref.function > 0 and self._must(ref, facts, boundary):
                    is_certain = self._is_sure(ref)
                    if is_certain is not None:
                        path = (PathStep(ref, _OF_FUNCTION),)
                        yield Violation(rule.code, path, label, is_certain)

    def _must(self, ref: FunctionRef, facts: FunctionFacts, boundary: Boundary) -> bool:
        """Return whether a function is to do what is required, and does not.

        What another function of the context calls is that one's business, what never returns or
        does nothing at all is nobody's.
        """
        if facts.parent > 0 or facts.raises or not any(s.kind == "call" for s in facts.sites):
            return False
        if not self._contexts.any_holds(ref, boundary.contexts):
            return False
        if self._graph.comes_to(ref, boundary.effects):
            return False
        if self._contexts.any_holds(ref, boundary.behind):
            return False
        callers = (caller for caller, _ in self._graph.callers(ref))
        return not any(self._contexts.any_holds(caller, boundary.contexts) for caller in callers)

    def _is_sure(self, start: FunctionRef) -> bool | None:
        """Return whether all is known of what a function calls, at any depth.

        False where a library is called that no vocabulary names, None where nobody knows what is.
        """
        is_certain = True
        for ref in reachable([start], self._graph.called):
            for site in self._project.function(ref).sites:
                if site.kind == "call":
                    origin = self._calls.resolution(site, ref).to
                    if origin == NOTHING:
                        return None
                    is_certain = is_certain and origin != THIRD_PARTY
        return is_certain
