"""What a parameter may be: by its annotation or default, its callers, or a framework."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedev_lint.model import (
    Attr,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Name,
    Param,
    Site,
    TupleOf,
    last_name,
)
from bedev_lint.program.resolve.proofs import proven
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.resolve.typed import typed
from bedev_lint.program.structure.generics import (
    LISTS,
    as_likely,
    instances_of,
    is_self,
    says_something,
)
from bedev_lint.program.structure.module_index import MOST_CALLS, PARTIAL
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Object,
    ProjectFunction,
    Value,
    Values,
    union,
)

__all__ = ["is_static", "parameter", "passed"]

_NONE = Name("None")
# Callers of any other function, where they pass different things.
_FEWER = 4


def parameter(
    resolver: Resolving, ref: FunctionRef, facts: FunctionFacts, position: int, param: Param
) -> Values:
    """Return what a parameter of a function may be, by the first of these that says something."""
    values: Values = ()
    declared = _declared(param)
    if declared is not None:
        values = instances_of(resolver.in_header(declared, ref))
    own = _own(ref, facts) if position == 0 and param.kind == "positional" else ()
    if own:
        return union(own, _besides(resolver, values, own))
    if says_something(values):
        if not any(_is_bare(resolver, value) for value in values):
            return values
        passed = _from_callers(resolver, ref, facts, position)
        return union(values, tuple(v for v in passed if isinstance(v, Object) and any(v.args)))
    if param.default is not None and param.default != _NONE:
        default = resolver.in_header(param.default, ref)
        if default:
            return default
    values = (
        _from_callers(resolver, ref, facts, position)
        or _from_framework(resolver, ref, facts, position)
        or resolver.vocabulary.by_convention(param.name)
        or values
    )
    return proven(resolver, values, Name(param.name), ref)


def _declared(param: Param) -> Expr | None:
    """Return the type of what a parameter stands for: of `**options: Unpack[Options]`, `Options`.

    As PEP 692 says; what else is said of `**options` is said of each value.
    """
    declared = param.annotation
    if param.kind not in ("args", "kwargs"):
        return declared
    if not isinstance(declared, Item) or last_name(declared.base) != "Unpack":
        return None
    return declared.args[0] if param.kind == "kwargs" else None


def _is_bare(resolver: Resolving, value: Value) -> bool:
    """Return whether an annotation says that there are rows, but not which: `QuerySet`, `list`."""
    return (
        isinstance(value, Object)
        and not value.args
        and isinstance(value.of, str)
        and (value.of in LISTS or resolver.is_of_owner(value))
    )


def _own(ref: FunctionRef, facts: FunctionFacts) -> Values:
    """Return what the first parameter of a method is besides all that is said of it."""
    if facts.owner < 0:
        return ()
    owner = ClassRef(ref.module, facts.owner)
    if is_static(facts):
        return ()
    kinds = {last_name(decorator) for decorator in facts.decorators}
    is_class = "classmethod" in kinds or facts.name in ("__new__", "__init_subclass__")
    return (Class(owner),) if is_class else (Object(owner, loading="own"),)


def is_static(facts: FunctionFacts) -> bool:
    """Return whether a method is given no object or class of its own."""
    return any(last_name(decorator) == "staticmethod" for decorator in facts.decorators)


def _besides(resolver: Resolving, annotated: Values, own: Values) -> Values:
    """Return what a mixin says that its objects are besides: `self: HasSession`."""
    ref = own[0].ref if isinstance(own[0], Class) else getattr(own[0], "of", None)
    line = {above for above, _ in resolver.hierarchy.mro(ref)} if ref is not None else set()
    return tuple(
        value
        for value in annotated
        if isinstance(value, Object) and not is_self(value) and value.of not in line
    )


def _from_framework(
    resolver: Resolving, ref: FunctionRef, facts: FunctionFacts, position: int
) -> Values:
    """Return what the framework below which a method's class stands gives that method.

    Or what it gives a function that such a class lists in its body.
    """
    owner = ClassRef(ref.module, facts.owner)
    method = _framework_method(resolver, owner, facts.name) if facts.owner >= 0 else ""
    named = f"({facts.params[position].name})"
    if not method and named not in resolver.vocabulary.framework_methods:
        return ()
    owners = [owner] if facts.owner >= 0 else [*_listing(resolver, ref, facts.name)]
    for cls in owners:
        for name in resolver.hierarchy.external_bases(cls):
            for spec in resolver.vocabulary.above(name):
                types = spec.gives.get(method, ())
                if 0 < position <= len(types):
                    return typed(resolver, types[position - 1], Object(cls))
                if named in spec.gives:
                    return typed(resolver, spec.gives[named][0], Object(cls))
    return ()


def _listing(resolver: Resolving, ref: FunctionRef, name: str) -> Iterator[ClassRef]:
    """Return the classes of its module whose bodies list a function: `actions = [send, close]`."""
    for cls, facts in resolver.project.classes(ref.module):
        if any(Name(name) in getattr(binding.value, "items", ()) for binding in facts.bindings):
            yield cls


def _framework_method(resolver: Resolving, owner: ClassRef, name: str) -> str:
    """Return as what a framework may call a method of a class, or "".

    That is its name, or a beginning with `*` for an attribute that the class binds: `get_*`.
    """
    if name in resolver.vocabulary.framework_methods:
        return name
    for prefix in resolver.vocabulary.framework_prefixes:
        if name.startswith(prefix) and _binds(resolver, owner, name.removeprefix(prefix)):
            return f"{prefix}*"
    return ""


def _binds(resolver: Resolving, owner: ClassRef, attribute: str) -> bool:
    """Return whether the body of a class, or of one above it, binds an attribute."""
    return any(
        binding.target == Name(attribute)
        for cls, _ in resolver.hierarchy.mro(owner)
        if isinstance(cls, ClassRef)
        for binding in resolver.project.class_(cls).bindings
    )


def _from_callers(
    resolver: Resolving, ref: FunctionRef, facts: FunctionFacts, position: int
) -> Values:
    """Return what the places that call a function, or build an object, pass to it.

    Of a function they have to be few, unless all of them pass classes of rows.
    """
    is_init = facts.name == "__init__"
    made, called_as = _callable(resolver, ref, facts)
    if not called_as:
        return ()
    calls = resolver.project.calls(called_as)
    is_common = not is_init and len(calls) == MOST_CALLS
    if is_common and not _is_asked_for_rows(resolver, facts, facts.params[position].name):
        return ()
    groups: dict[Values, None] = {}
    displays = False
    is_bound = facts.owner >= 0 and not is_static(facts)
    for caller, index in calls[: MOST_CALLS - 1]:
        site = resolver.project.site(caller, index)
        is_method = last_name(site.func) == "partialmethod"
        site = _unbound(site, called_as)
        argument = passed(site, facts, position, int(is_bound or is_method))
        if argument is None or isinstance(argument, (Literal, TupleOf)):
            displays = displays or bool(getattr(argument, "items", ()))
            continue
        values = resolver.evaluate(site.func, caller)
        if is_method and facts.owner >= 0 and caller.module == ref.module:
            values = (made,)  # a name in the body of its class
        if any(v == made or (isinstance(v, ProjectFunction) and v.ref == ref) for v in values):
            groups[resolver.evaluate(argument, caller)] = None
    values_passed = union((), *groups)
    if is_init:
        return values_passed
    groups.pop((), None)
    classes = [v for v in values_passed if isinstance(v, Class) and resolver.is_mapped(v.ref)]
    if classes and len(classes) == len(values_passed):
        is_one = len(groups) == 1 and not is_common
        return values_passed if is_one else _in_common(resolver, classes)
    if is_common or (len(calls) > _FEWER and len(groups) > 1):
        return ()
    # A callback is the caller's: it is called from where it is handed over.
    objects = tuple(value for value in values_passed if isinstance(value, Object))
    # Where one caller passes a list, what another passes is not what all do.
    return as_likely(objects) if displays else objects


def _in_common(resolver: Resolving, classes: Sequence[Class]) -> Values:
    """Return the known class that is above all of these, as far as one is."""
    above = [resolver.hierarchy.external_bases(value.ref) for value in classes]
    for name in above[0]:
        if resolver.vocabulary.writes(name) and all(name in names for names in above):
            return (External(name),)
    return ()


def _is_asked_for_rows(resolver: Resolving, facts: FunctionFacts, name: str) -> bool:
    """Return whether a function calls a method of what classes of rows have: `x.objects.get()`."""
    return any(
        isinstance(site.func, Attr)
        and isinstance(site.func.base, Attr)
        and site.func.base.base == Name(name)
        and resolver.vocabulary.by_convention(f".{site.func.base.name}")
        for site in facts.sites
        if site.kind == "call"
    )


def _callable(resolver: Resolving, ref: FunctionRef, facts: FunctionFacts) -> tuple[Value, str]:
    """Return what is called where a function is, and by which name, "" if by none."""
    if facts.name == "__init__" and facts.owner >= 0:
        owner = ClassRef(ref.module, facts.owner)
        return Class(owner), resolver.project.class_(owner).name
    return ProjectFunction(ref), "" if facts.name == "<lambda>" else facts.name


def _unbound(site: Site, called_as: str) -> Site:
    """Return a call that binds arguments of a function as if it called it with them."""
    name = last_name(site.func)
    if name == called_as or name not in PARTIAL or not site.args:
        return site
    return Site(site.kind, site.args[0], site.args[1:], site.keywords)


def passed(site: Site, facts: FunctionFacts, position: int, skipped: int) -> Expr | None:
    """Return what a call passes for the parameter at a position of a function.

    So many parameters come first that no call passes.
    """
    argument = dict(site.keywords).get(facts.params[position].name)
    index = position - skipped
    if argument is None and 0 <= index < len(site.args):
        return site.args[index]
    return argument
