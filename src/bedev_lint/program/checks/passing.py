"""Which arguments of a call the parameters of a function are given."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Expr, FunctionFacts, Name, Param, Site

__all__ = ["arguments_of"]


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
