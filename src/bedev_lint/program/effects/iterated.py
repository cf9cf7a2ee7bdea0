"""What a loop runs over: some data, of which nobody knows how long it is, or a few constants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

from bedev_lint.model import (
    Attr,
    Either,
    Elem,
    Expr,
    FunctionFacts,
    Instance,
    Item,
    Literal,
    Name,
    Region,
    Result,
    TupleOf,
    is_slice,
    last_name,
)
from bedev_lint.program.effects.additions import added
from bedev_lint.program.effects.batches import element_of
from bedev_lint.program.effects.counts import Counts
from bedev_lint.program.effects.nesting import (
    comprehensions_of,
    yields_in_no_loop,
)
from bedev_lint.program.effects.registries import Registries
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.parameters import passed
from bedev_lint.program.structure.module_index import MOST_CALLS
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Object,
    ProjectFunction,
)

__all__ = ["REARRANGING", "Iterated"]

# Built-in functions that give as many elements as they are given.
REARRANGING = frozenset("range enumerate zip reversed sorted list tuple set frozenset dict".split())
# Stands for what a function returns, among names.
_ITS_RESULT = "()"
# What stands where there are no elements, and cannot be given any.
_NOTHING = (Name("None"), TupleOf(()))
# What a base class has where those below it have something.
_NO_LIST = Literal("list")
# The first few of some rows.
_SHORT = (Literal("slice", form="short"),)
# Methods that give some of what a set has.
_TAKING = frozenset("difference intersection".split())
_OF_CLASS = frozenset({"classmethod", "staticmethod"})


class Iterated:
    """Tells data from constants. Evaluates what a loop runs over with a resolver."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        self._counts = Counts(project)
        self._registries = Registries(project, resolver)
        # What is being looked at: names for their values, and what comprehensions make.
        self._open: set[tuple[FunctionRef, str | Expr]] = set()

    def is_over_data(self, region: Region, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a loop runs once for each element of some data."""
        if region.expr is None or self._is_constant(region.expr, ref, facts):
            return False
        if not isinstance(region.expr, Result):
            return True
        site = facts.sites[region.expr.site]
        func = site.func
        if self._hands_over_once(func, ref):
            return False
        if func == Name("range"):
            return self._counts.are_of_data(region, ref)
        return External("itertools.count") not in self._resolver.evaluate(func, ref)

    def _hands_over_once(self, func: Expr, ref: FunctionRef) -> bool:
        """Return whether a call gives a generator that yields in no loop: `for db in get_db()`."""
        values = self._resolver.evaluate(func, ref)
        return bool(values) and all(
            isinstance(value, ProjectFunction)
            and yields_in_no_loop(self._project.function(value.ref))
            for value in values
        )

    @contextmanager
    def _looking_at(self, name: str | Expr, scope: FunctionRef) -> Iterator[None]:
        """Note that the values of a name are looked at, which may be made of the name again."""
        self._open.add((scope, name))
        try:
            yield
        finally:
            self._open.discard((scope, name))

    def _is_constant(self, expr: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a loop runs over constants that stand in the code: few, and no data."""
        if isinstance(expr, (Literal, TupleOf)):
            if isinstance(expr, Literal) and expr.kind in ("", "None"):
                return False
            if (made := element_of(expr)) is not None:
                return self._is_of_constants(made, ref, facts)
            return not any(
                isinstance(item, Either)
                or (isinstance(item, Elem) and not self._is_constant(item.base, ref, facts))
                for item in expr.items
            )
        if isinstance(expr, Either):
            return all(self._is_constant(option, ref, facts) for option in expr.options)
        if isinstance(expr, Result):
            site = facts.sites[expr.site]
            if self._gives_display(site.func, ref):
                return True
            if isinstance(site.func, Attr):
                base = site.func.base
                if site.func.name in _TAKING:
                    return self._is_constant(base, ref, facts)
                of_dict = site.func.name in ("items", "keys", "values") and not site.args
                return of_dict and (
                    self._is_constant(base, ref, facts) or self._is_filled_of_few(base, ref, facts)
                )
            if isinstance(site.func, Name) and site.func.id in REARRANGING:
                constant = [self._is_constant(arg, ref, facts) for arg in site.args]
                # It ends with the shortest of them.
                return any(constant) and (site.func.id == "zip" or all(constant))
            return False
        if isinstance(expr, Item):
            return expr.args == _SHORT or (
                is_slice(expr.args) and self._is_constant(expr.base, ref, facts)
            )
        return isinstance(expr, (Name, Attr)) and self._is_named_constant(expr, ref, facts)

    def _is_of_constants(self, element: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a comprehension that makes this of each element runs over constants alone.

        `[kind for kind in KINDS if kind.name in names]` gives no more than there are of them.
        """
        if isinstance(element, Elem):
            return self._is_constant(element.base, ref, facts)
        over = [loop.expr for loop in comprehensions_of(element, facts)]
        if not over or (ref, element) in self._open:  # a loop over what another makes of it
            return False
        with self._looking_at(element, ref):
            return all(expr and self._is_constant(expr, ref, facts) for expr in over)

    def _is_named_constant(self, expr: Name | Attr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether all that a name or an attribute stands for are constants."""
        name = expr.id if isinstance(expr, Name) else expr.name
        if name.isupper():
            return isinstance(expr, Name) or not self._is_of_library(expr.base, ref)
        if self._is_enumeration(expr, ref):
            return True
        if self._registries.is_one(expr, ref):
            return True
        if isinstance(expr, Attr):
            return self._is_class_constant(expr, ref) or self._is_enumeration(expr.base, ref)
        if any(param.name == name for param in facts.params):
            return self._is_given_displays(name, ref, facts)
        for scope in dict.fromkeys((ref, FunctionRef(ref.module, 0))):
            bound = self._project.bound(scope, name)
            if bound is not None:
                return self._are_displays(name, bound, scope)
        return self._is_imported_display(name, ref)

    def _is_given_displays(self, name: str, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether all that call a function give it displays of constants for a parameter.

        One that is bound again may be something else: `if type(ids) is not list: ids = [ids]`.
        """
        if (ref, name) in self._open or facts.bound_to(Name(name)):
            return False
        made_by = {last_name(decorator) for decorator in facts.decorators}
        position = [param.name for param in facts.params].index(name)
        skipped = int(facts.owner >= 0 and "staticmethod" not in made_by)
        calls = self._calls_of(ref, facts) if made_by <= _OF_CLASS else []
        given = [
            (passed(self._project.site(*call), facts, position, skipped), call[0]) for call in calls
        ]
        with self._looking_at(name, ref):
            return bool(given) and all(
                argument is not None and self._is_display(argument, caller)
                for argument, caller in given
            )

    def _calls_of(self, ref: FunctionRef, facts: FunctionFacts) -> list[tuple[FunctionRef, int]]:
        """Return the calls of a function, nothing where there are many, or some that may be."""
        calls = self._project.calls(facts.name)
        found = []
        for caller, index in calls:
            values = self._resolver.evaluate(self._project.site(caller, index).func, caller)
            if not values:
                return []
            if any(isinstance(value, ProjectFunction) and value.ref == ref for value in values):
                found.append((caller, index))
        return found if len(calls) < MOST_CALLS else []

    def _is_of_library(self, expr: Expr, ref: FunctionRef) -> bool:
        """Return whether this is an object of a known type, of which `request.POST` is data."""
        values = self._resolver.evaluate(expr, ref)
        return any(isinstance(value, Object) and isinstance(value.of, str) for value in values)

    def _is_enumeration(self, expr: Expr, ref: FunctionRef) -> bool:
        """Return whether this is a class of which all members stand in the code."""
        values = self._resolver.evaluate(expr, ref) if isinstance(expr, (Name, Attr)) else ()
        return bool(values) and all(
            isinstance(value, Class)
            and any(map(self._enumerates, self._resolver.hierarchy.external_bases(value.ref)))
            for value in values
        )

    def _enumerates(self, name: str) -> bool:
        """Return whether this is a base of enumerations, or a known type below one."""
        known = self._resolver.vocabulary.above(name)
        names = chain((name,), *(spec.bases for spec in known))
        return any(base.startswith("enum.") for base in names)

    def _is_class_constant(self, expr: Attr, ref: FunctionRef) -> bool:
        """Return whether this is an attribute that only bodies of classes bind, to constants."""
        values = self._resolver.evaluate(expr.base, ref)
        return bool(values) and all(
            isinstance(owner, ClassRef) and self._is_bound_by_bodies(owner, expr.name)
            for owner in (getattr(value, "of", getattr(value, "ref", None)) for value in values)
        )

    def _is_bound_by_bodies(self, owner: ClassRef, name: str) -> bool:
        """Return whether only the bodies of a class and its family bind this, to constants."""
        above = [one for one, _ in self._resolver.hierarchy.mro(owner) if isinstance(one, ClassRef)]
        family = [*above, *self._resolver.hierarchy.subclasses(owner)]
        if any(self._project.bound_by_methods(one, name) for one in family):
            return False
        bound = [
            (FunctionRef(one.module, self._project.class_(one).scope), value)
            for one in family
            for value in self._project.bound_in_class(one, name) or ()
            if value not in _NOTHING and value != _NO_LIST
        ]
        return bool(bound) and all(self._are_displays(name, [value], body) for body, value in bound)

    def _gives_display(self, func: Expr, ref: FunctionRef) -> bool:
        """Return whether a function of the project returns nothing but displays of constants."""
        values = self._resolver.evaluate(func, ref)
        return bool(values) and all(
            isinstance(value, ProjectFunction)
            and all(self._returns_displays(one) for one in self._meant_by(value.ref))
            for value in values
        )

    def _meant_by(self, ref: FunctionRef) -> list[FunctionRef]:
        """Return what a method stands for that returns an empty display: those of classes below."""
        facts = self._project.function(ref)
        is_empty = bool(facts.results) and all(one in _NOTHING for one in facts.results)
        if facts.owner < 0 or facts.yields is not None or not is_empty:
            return [ref]
        hierarchy = self._resolver.hierarchy
        below = hierarchy.subclasses(ClassRef(ref.module, facts.owner))
        found = {hierarchy.method(cls, facts.name) for cls in below} - {None, ref}
        return sorted(one for one in found if one is not None) or [ref]

    def _returns_displays(self, ref: FunctionRef) -> bool:
        facts = self._project.function(ref)
        if facts.yields is not None or not facts.results or (ref, _ITS_RESULT) in self._open:
            return False
        with self._looking_at(_ITS_RESULT, ref):
            return all(self._is_display(expr, ref) for expr in facts.results)

    def _are_displays(self, name: str, bound: Sequence[Expr], scope: FunctionRef) -> bool:
        """Return whether all that a name is bound to are displays of constants, or made of it.

        `names = sorted(names)` makes no more of them.
        """
        if (scope, name) in self._open:
            return True
        project, facts = self._project, self._project.function(scope)
        something = list(filter(_is_value, bound))
        with self._looking_at(name, scope):
            return (
                bool(something)
                and all(self._is_display(value, scope) for value in something)
                and all(self._is_constant(one, scope, facts) for one in added(project, name, scope))
            )

    def _is_imported_display(self, name: str, ref: FunctionRef) -> bool:
        """Return whether a name is imported from a module that binds it to constants alone."""
        for scope in dict.fromkeys((ref, FunctionRef(ref.module, 0))):
            for item in self._project.imports(scope, name):
                of = self._project.imported_module(item, ref.module)
                module = self._project.module(of, ref.module) if item.name else None
                if module is not None:
                    there = FunctionRef(module, 0)
                    bound = self._project.bound(there, item.name) or ()
                    return bool(bound) and self._are_displays(item.name, bound, there)
        return False

    def _is_filled_of_few(self, expr: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a dictionary of the function has no keys but constants.

        `for kind in KINDS: found[kind] = …`, and `for kind in found.items()`.
        """
        made = facts.bound_to(expr)
        if not isinstance(expr, Name) or not made or not all(_is_empty(m, facts) for m in made):
            return False
        kept = [
            key
            for binding in facts.bindings
            if isinstance(binding.target, Item) and binding.target.base == expr
            for key in binding.target.args
        ]
        looked_up = [
            key
            for site in facts.sites
            if site.kind == "index" and isinstance(site.func, Attr) and site.func.base == expr
            for key in site.args
        ]
        few = {
            Name(target)
            for region in facts.regions
            if region.kind == "for" and isinstance(region.expr, (Name, Attr, Literal, TupleOf))
            if self._is_constant(region.expr, ref, facts)
            for target in region.targets
        }
        return bool(kept or looked_up) and few.issuperset([*kept, *looked_up])

    def _is_display(self, expr: Expr, ref: FunctionRef) -> bool:
        """Return whether a name is bound to a display of constants that is not empty."""
        if isinstance(expr, Either):
            options = list(filter(_is_value, expr.options))
            return bool(options) and all(self._is_display(option, ref) for option in options)
        facts = self._project.function(ref)
        site = facts.sites[expr.site] if isinstance(expr, Result) else None
        if site is not None and site.func == Name("cast") and len(site.args) == 2:
            return self._is_display(site.args[1], ref)
        if site is not None:
            is_rearranged = last_name(site.func) in (REARRANGING | _TAKING)
            if is_rearranged and self._is_constant(expr, ref, facts):
                return True
            return self._gives_display(site.func, ref)
        is_filled = isinstance(expr, (Name, Attr, Item)) or bool(getattr(expr, "items", ()))
        return is_filled and self._is_constant(expr, ref, facts)


def _is_value(bound: Expr) -> bool:
    """Return whether this may have elements, and does not only say of which type they are."""
    return bound not in _NOTHING and not isinstance(bound, Instance)


def _is_empty(expr: Expr, facts: FunctionFacts) -> bool:
    """Return whether this is a new dictionary with nothing in it."""
    if isinstance(expr, Result):
        site = facts.sites[expr.site]
        return last_name(site.func) in ("dict", "defaultdict") and len(site.args) < 2
    return isinstance(expr, Literal) and expr.kind == "dict" and not expr.items
