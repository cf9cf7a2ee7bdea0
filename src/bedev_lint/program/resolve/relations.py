"""Relations that class bodies declare, and what they give the class at their other end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from bedev_lint.catalog import MemberSpec
from bedev_lint.model import ClassFacts, Name, Named, Result, Site, last_name, text_of
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.managed import ROWS
from bedev_lint.program.structure.module_index import Index
from bedev_lint.program.structure.name_index import Names
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Class, ClassRef, FunctionRef, Object, Values, union

__all__ = ["Relation", "makers", "related_attributes", "relations"]

# What stands for the class in the name of its attribute at the other end.
_CLASS = "%(class)s"


class Relation(Struct, frozen=True, array_like=True):
    """An attribute of the rows of a class that leads to other rows.

    `lazy` are the effects of reading it of a row that was loaded without it, `values` what it
    gives; `made_by` is the relation of the other class that makes it, if one does: the rows that
    it leads to have this row under that name. The owner may be a known type that is a kind of
    another, as users are of rows.
    """

    owner: ClassRef | str
    name: str
    lazy: tuple[str, ...]
    values: Values
    made_by: str = ""


def makers(
    names: Names, index: Callable[[int], Index], names_of_makers: frozenset[str]
) -> frozenset[str]:
    """Return the names of all that makes a relation when it is called in a class body.

    A class of the project that is derived from one of these of the vocabularies makes relations
    too. `index` gives that of a module.
    """
    derived = (
        cls
        for name in names_of_makers
        for module in names.modules("bases", name)
        for cls, bases in index(module).derived
        if name in bases
    )
    return names_of_makers.union(derived)


def relations(
    project: Project, module: int, makers: frozenset[str], resolver: Resolver
) -> Iterator[Relation]:
    """Return what the classes of a module declare, and what that gives other classes."""
    for ref, name, site in _calls(project, module, makers):
        scope = FunctionRef(ref.module, project.class_(ref).scope)
        for value in resolver.evaluate(site.func, scope, ref.cls):
            spec = resolver.maker(value)
            if spec is None or not (spec.lazy or spec.reverse):
                continue
            values = resolver.called(value, site, scope)
            yield Relation(ref, name, () if _is_eager(site, spec) else spec.lazy, values)
            yield from _reversed(ref, name, site, values, spec, resolver)
    for ref, facts in project.classes(module):
        yield from _managed(ref, facts, resolver)


def related_attributes(
    relations_of_all: Iterable[Relation],
) -> Mapping[ClassRef | str, Mapping[str, Values]]:
    """Return the attributes that classes have by relations, their own and those of others."""
    attributes: dict[ClassRef | str, dict[str, Values]] = {}
    for relation in relations_of_all:
        of_class = attributes.setdefault(relation.owner, {})
        of_class[relation.name] = union(of_class.get(relation.name, ()), relation.values)
    return attributes


def _calls(
    project: Project, module: int, makers: frozenset[str]
) -> Iterator[tuple[ClassRef, str, Site]]:
    """Return the calls in class bodies that may make a relation, with the name they bind."""
    for ref, facts in project.classes(module):
        sites = _sites(ref, project)
        for binding in facts.bindings:
            if isinstance(binding.target, Name) and isinstance(binding.value, Result):
                site = sites[binding.value.site]
                if last_name(site.func) in makers:
                    yield ref, binding.target.id, site


def _managed(ref: ClassRef, facts: ClassFacts, resolver: Resolver) -> Iterator[Relation]:
    """Return what the managers of the project that stand in a class have: its rows."""
    scope, sites = FunctionRef(ref.module, facts.scope), _sites(ref, resolver.project)
    for binding in facts.bindings:
        target, value = binding.target, binding.value
        if not isinstance(target, Name) or not isinstance(value, Result):
            continue
        if any(map(_is_named_manager, (target.id, last_name(sites[value.site].func)))):
            for manager in resolver.evaluate(value, scope, ref.cls):
                if (
                    isinstance(manager, Object)
                    and isinstance(manager.of, ClassRef)
                    and resolver.is_of_owner(manager)
                ):
                    yield Relation(manager.of, ROWS, (), (Object(ref),), made_by=target.id)


def _is_named_manager(name: str) -> bool:
    """Return whether a class has a manager under this name, or one is made by what is called so."""
    return name in ("objects", "as_manager") or name.lower().endswith("manager")


def _sites(ref: ClassRef, project: Project) -> Sequence[Site]:
    """Return the sites in the body of a class."""
    return project.function(FunctionRef(ref.module, project.class_(ref).scope)).sites


def _is_eager(site: Site, spec: MemberSpec) -> bool:
    return any(
        keyword in spec.eager_by and text_of(value) not in spec.lazy_as
        for keyword, value in site.keywords
    )


def _reversed(
    ref: ClassRef,
    declared: str,
    site: Site,
    values: Values,
    spec: MemberSpec,
    resolver: Resolver,
) -> Iterator[Relation]:
    reverse = spec.reverse
    if reverse is None:
        return
    owner = Class(ref)
    keyword = dict(site.keywords).get(reverse.keyword)
    lazy = reverse.lazy
    if isinstance(keyword, Result):  # `backref=backref("orders", lazy="joined")`
        told = _sites(ref, resolver.project)[keyword.site]
        lazy = () if _is_eager(told, spec) else lazy
        keyword = next(iter(told.args), keyword)
    if keyword is None:
        names = _names(ref, reverse.default, resolver)
    elif isinstance(keyword, Named) and _CLASS in keyword.name:
        names = _names(ref, keyword.name.replace(_CLASS, "{owner}"), resolver)
    else:
        names = [keyword.name] if isinstance(keyword, Named) else []
    for target in dict.fromkeys(_row_classes(values, resolver)):
        for name in names:
            made = resolver.typed(reverse.type, owner)
            yield Relation(target, name, lazy, made, made_by=declared)


def _names(ref: ClassRef, form: str, resolver: Resolver) -> list[str]:
    """Return what the attribute is called after the class, or those below it, if it is abstract."""
    owners = [ref, *resolver.hierarchy.subclasses(ref)] if form else []
    names = (resolver.project.class_(owner).name.lower() for owner in owners)
    return [form.format(owner=name) for name in names]


def _row_classes(values: Values, resolver: Resolver) -> Iterator[ClassRef | str]:
    """Return the classes that a relation leads to: of the project, or known kinds of rows."""
    for value in values:
        if not isinstance(value, Object):
            continue
        if isinstance(value.of, ClassRef):
            yield value.of
        elif value.args:
            yield from _row_classes(union((), *value.args), resolver)
        else:
            # The kind of rows itself: several names stand for the users of a project.
            kinds = [spec.name for spec in resolver.vocabulary.above(value.of) if spec.bases]
            yield from kinds[-1:]
