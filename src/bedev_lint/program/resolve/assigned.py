"""What a project gives the objects of a framework: to attributes, under keys, and by calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bedev_lint.catalog import Sets
from bedev_lint.model import Attr, Expr, Item, Literal, Name, Result, Site
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.kept import key_of, named_by
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Assigned,
    ClassRef,
    External,
    FunctionRef,
    Object,
    Value,
    Values,
)

__all__ = ["assigned", "by_name"]

_DISPLAYS = frozenset({"dict", "list", "set"})


def assigned(project: Project, module: int, resolver: Resolver) -> Iterator[Assigned]:
    """Return what the functions of a module give to objects of types that keep it."""
    for ref in project.assigning(module, resolver.vocabulary.setting_names):
        facts = project.function(ref)
        for binding in facts.bindings:
            target = binding.target
            name = target.name if isinstance(target, Attr) else ""
            if isinstance(target, Item):
                name = key_of(target.args)
            if (
                name
                and isinstance(target, (Attr, Item))
                and not _is_display(target.base, ref, project)
            ):
                for owner in _keepers(resolver.evaluate(target.base, ref), resolver):
                    yield Assigned(owner, name, ref, binding.value)
        for index, site in enumerate(facts.sites):
            if site.kind == "call" and isinstance(site.func, Attr):
                if site.func.name in resolver.vocabulary.setting_names:
                    yield from _set_by_call(site, index, ref, resolver)


def _is_display(expr: Expr, ref: FunctionRef, project: Project) -> bool:
    """Return whether a function binds a name to displays only, which are kept by no framework."""
    if not isinstance(expr, Name) or ref.function == 0:
        return False
    facts, values = project.function(ref), project.bound(ref, expr.id)
    return (
        bool(values)
        and all(isinstance(value, Literal) and value.kind in _DISPLAYS for value in values or ())
        and all(param.name != expr.id for param in facts.params)
        and expr.id not in facts.globals
        and not project.imports(ref, expr.id)
    )


def by_name(assignments: Iterable[Assigned]) -> Mapping[tuple[str, str], tuple[Assigned, ...]]:
    """Return what is assigned by type and name."""
    every: dict[tuple[str, str], tuple[Assigned, ...]] = {}
    for one in assignments:
        key = (one.owner, one.name)
        every[key] = (*every.get(key, ()), one)
    return every


def _set_by_call(
    site: Site, index: int, ref: FunctionRef, resolver: Resolver
) -> Iterator[Assigned]:
    assert isinstance(site.func, Attr)
    values = resolver.evaluate(site.func, ref)
    # Nobody says what a `config` is; such a name tells.
    by_name = resolver.vocabulary.setting(site.func.name) if not values else None
    by_value = [*resolver.vocabulary.specs(values)]
    for spec in by_value or filter(None, [by_name]):
        name = named_by(resolver, spec.sets.named_by, site, ref) if spec.sets else ""
        if spec.sets is not None and name:
            yield Assigned(spec.sets.on, name, ref, Result(index), _type_of(spec.sets, site))


def _type_of(sets: Sets, site: Site) -> str:
    keywords = dict(site.keywords)
    return next((text for name, text in sets.type_with.items() if name in keywords), sets.type)


def _keepers(values: Values, resolver: Resolver) -> Iterator[str]:
    """Return the types of these values that keep what is assigned to them."""
    names = (name for value in values for name in _names(value, resolver))
    return iter(dict.fromkeys(filter(None, map(resolver.vocabulary.keeper, names))))


def _names(value: Value, resolver: Resolver) -> Iterable[str]:
    if isinstance(value, External):
        return (value.name,)
    of = value.of if isinstance(value, Object) else ""
    return resolver.hierarchy.external_bases(of) if isinstance(of, ClassRef) else (of,)
