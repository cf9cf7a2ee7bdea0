"""Which arguments of a call the parameters of a function are given."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Expr, FunctionFacts, Name, Param, Site
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["PassedOn", "arguments_of"]


class PassedOn:
    """The parameters of functions that these pass to others as they are."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names: dict[FunctionRef, frozenset[str]] = {}

    def by(self, ref: FunctionRef) -> frozenset[str]:
        """Return the names of those of a function."""
        names = self._names.get(ref)
        if names is None:
            facts = self._project.function(ref)
            bound = {b.target for b in facts.bindings}
            passed = {
                arg
                for site in facts.sites
                for arg in (*site.args, *(value for _, value in site.keywords))
            }
            names = self._names[ref] = frozenset(
                param.name for param in facts.params if Name(param.name) in passed - bound
            )
        return names


def arguments_of(facts: FunctionFacts, site: Site) -> Iterator[tuple[Param, Expr | None, str]]:
    """Return the parameters of a called function, what they are given, and as which argument."""
    keywords = dict(site.keywords)
    # Of what is unpacked nobody knows which parameters it gives.
    args = () if "*" in keywords else site.args
    bound = facts.owner >= 0 and bool(facts.params) and facts.params[0].name in ("self", "cls")
    own = facts.params[1:] if bound else facts.params
    for position, param in enumerate((*own, *_taken_from_rest(facts))):
        argument, place = keywords.get(param.name), param.name
        if argument is None and param.kind == "positional" and position < len(args):
            argument, place = args[position], str(position)
        yield param, argument, place


def _taken_from_rest(facts: FunctionFacts) -> dict[Param, None]:
    """Return the keywords that a function takes from its `**kw`, where it asks for them."""
    return {
        Param(r.targets[0], "keyword", None, Name(r.targets[1]) if r.targets[1] else None): None
        for r in facts.regions
        if r.kind in ("if_param_true", "if_param_false") and len(r.targets) > 1
    }
