"""Relations of rows of which nothing is known, by their names, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from bedev_lint.model import Attr, Expr, Key, Literal, Name, Site
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.hierarchy import FEW
from bedev_lint.program.structure.values import ClassRef, FunctionRef, Object, Values, union

__all__ = ["asked_of_unknown", "only_relation"]

# What is given conditions, by keywords that begin with an attribute of the rows.
_LOOKING_UP = frozenset({"get", "filter", "exclude"})
# How a row is called by its key, whatever its attributes are, and the ending that means its key.
_KEYS, _OF_KEY = frozenset({"pk", "id"}), "_id"


def only_relation(resolver: Resolving, name: str) -> Values:
    """Return what a relation gives whose name says which it is, if only one class has it so.

    As `order_set` says that of the class `Order`. How the row came that has it is not known.
    """
    if not name.endswith(resolver.vocabulary.reverse_endings):
        return ()
    return resolver.memory.once(("only relation", name), lambda: _only_relation(resolver, name))


def _only_relation(resolver: Resolving, name: str) -> Values:
    found = _made(resolver, name)
    return found[0] if len(found) == 1 else ()


def asked_of_unknown(resolver: Resolving, site: Site, ref: FunctionRef) -> Values:
    """Return the method of a manager that a site calls: `filter` of `flow.templates.filter(…)`.

    Only relations of the project must be called so, nothing may be known of whose it is, and what
    it is given must be what a manager takes.
    """
    func = site.func
    if not isinstance(func, Attr) or not isinstance(func.base, Attr):
        return ()
    if func.name not in _LOOKING_UP and func.name not in resolver.vocabulary.query_names:
        return ()
    managers = _managers(resolver, func.base.name)
    if not managers or resolver.evaluate(func.base, ref):
        return ()
    if not _is_unknown(resolver, func.base.base, ref) or not _is_taken(resolver, site, managers):
        return ()
    return resolver.attribute(managers, func.name)


def _managers(resolver: Resolving, name: str) -> Values:
    """Return the managers that only relations of the project give their classes under a name."""
    question = ("managers of unknown rows", name)
    return resolver.memory.once(question, lambda: _related_managers(resolver, name))


def _related_managers(resolver: Resolving, name: str) -> Values:
    found = _made(resolver, name)
    if not 0 < len(found) <= FEW or resolver.project.having(name):
        return ()
    values = union(*found)
    return tuple(v for v in values if isinstance(v, Object) and resolver.is_of_owner(v))


def _made(resolver: Resolving, name: str) -> list[Values]:
    """Return what relations give each class that has one of a name, however that is loaded."""
    found = (made[name] for made in resolver.related.values() if name in made)
    return [
        tuple(replace(v, loading="unknown") if isinstance(v, Object) else v for v in values)
        for values in found
    ]


def _is_unknown(resolver: Resolving, owner: Expr, ref: FunctionRef) -> bool:
    """Return whether nothing is known of a value, or of what it is got from.

    It may be got from a method's own object.
    """
    facts = resolver.project.function(ref)
    own = Name(facts.params[0].name) if facts.owner >= 0 and facts.params else None
    while not resolver.evaluate(owner, ref):
        if not isinstance(owner, Attr):
            return True
        owner = owner.base
    return owner == own


def _is_taken(resolver: Resolving, site: Site, managers: Values) -> bool:
    """Return whether managers take what a site gives: conditions on rows, or names."""
    assert isinstance(site.func, Attr)
    if site.func.name not in _LOOKING_UP:
        return all(map(_is_text, site.args))
    keywords = [name for name, _ in site.keywords]
    return (
        bool(keywords)
        and not site.args
        and all(name == "**" or _is_attribute(resolver, name, managers) for name in keywords)
    )


def _is_text(expr: Expr) -> bool:
    return isinstance(expr, Key) or (isinstance(expr, Literal) and expr.kind == "str")


def _is_attribute(resolver: Resolving, lookup: str, managers: Values) -> bool:
    """Return whether a condition begins with an attribute that the rows of managers may have."""
    name = lookup.partition("__")[0]
    if name in _KEYS:
        return True
    names = {name, name.removesuffix(_OF_KEY)}
    return any(_may_have(resolver, cls, names) for cls in _rows(managers))


def _rows(managers: Values) -> Iterator[ClassRef]:
    for manager in managers:
        for value in union((), *getattr(manager, "args", ())):
            if isinstance(value, Object) and isinstance(value.of, ClassRef):
                yield value.of


def _may_have(resolver: Resolving, cls: ClassRef, names: set[str]) -> bool:
    for above, _ in resolver.hierarchy.mro(cls):
        if isinstance(above, str):
            if above not in resolver.vocabulary:
                return True
        elif not names.isdisjoint(resolver.related.get(above, ())) or any(
            resolver.project.bound_in_class(above, name) is not None for name in names
        ):
            return True
    return False
