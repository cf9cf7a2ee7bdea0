"""What the callers of a function give one of its parameters."""

from __future__ import annotations

from bedev_lint.model import Expr, Literal, Result, last_name
from bedev_lint.names import any_match
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["Giving"]


class Giving:
    """Says of parameters whether what they are given is known to be safe."""

    def __init__(self, project: Project, graph: CallGraph) -> None:
        self._project, self._graph = project, graph

    def may_give(self, ref: FunctionRef, name: str, safe: tuple[str, ...]) -> bool:
        """Return whether a caller may give a parameter what is neither a literal nor safe."""
        sites = [(caller, index) for caller, index in self._graph.callers(ref) if index >= 0]
        params = [param.name for param in self._project.function(ref).params]
        if not sites or name not in params:
            return True
        is_method = params[0] in ("self", "cls")
        for caller, index in sites:
            site = self._project.site(caller, index)
            place, named = params.index(name) - is_method, dict(site.keywords)
            given = named.get(name, site.args[place] if place < len(site.args) else None)
            if given is None and not {"*", "**"}.isdisjoint(named):
                return True
            if given is not None and not self._is_safe(given, caller, safe):
                return True
        return False

    def _is_safe(self, value: Expr, ref: FunctionRef, safe: tuple[str, ...]) -> bool:
        if isinstance(value, Literal):
            return value.form != "formatted"
        if isinstance(value, Result):
            called = last_name(self._project.site(ref, value.site).func) or ""
            return any_match((called, f"*.{called}"), safe)
        return (last_name(value) or "").isupper()
