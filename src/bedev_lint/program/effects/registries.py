"""What is filled by registration: as many handlers, kinds or plug-ins as the code has."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import (
    Attr,
    Expr,
    FunctionFacts,
    Instance,
    Item,
    Literal,
    Name,
    Result,
    last_name,
)
from bedev_lint.names import words
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.module_index import MOST_CALLS
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    FunctionRef,
    Object,
    ProjectFunction,
    ProjectModule,
)

__all__ = ["Registries"]

_REGISTERING = frozenset({"register", "registers", "registering"})
# Methods by which a container is given one more.
_ADDING = frozenset({"append", "add", "insert", "setdefault"})
_DISPLAYS = frozenset({"list", "dict", "set"})
_MAKING = frozenset({"list", "dict", "set", "defaultdict", "OrderedDict"})
# What Python calls for each class that is defined.
_OF_NEW_CLASS = "__init_subclass__"


class Registries:
    """Tells containers that only registration fills. Evaluates what has them with a resolver."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver

    def is_one(self, expr: Name | Attr, ref: FunctionRef) -> bool:
        """Return whether a name of a module, or an attribute, is such a container."""
        if isinstance(expr, Name):
            return self._is_of_module(expr.id, ref)
        owners = self._resolver.evaluate(expr.base, ref)
        return bool(owners) and all(
            self._is_of_class(owner.of, expr.name)
            if isinstance(owner, Object) and isinstance(owner.of, ClassRef)
            else self._is_of_class(owner.ref, expr.name)
            if isinstance(owner, Class)
            else self._is_filled_in(owner.module, expr.name)
            if isinstance(owner, ProjectModule)
            else False
            for owner in owners
        )

    def _is_of_module(self, name: str, ref: FunctionRef) -> bool:
        code = FunctionRef(ref.module, 0)
        if ref != code and self._project.bound(ref, name) is not None:
            return False
        if self._project.bound(code, name) is not None:
            return self._is_filled_in(ref.module, name)
        for item in self._project.imports(code, name):
            of = self._project.imported_module(item, ref.module)
            module = self._project.module(of, ref.module) if item.name else None
            if module is not None:
                return self._is_filled_in(module, item.name)
        return False

    def _is_filled_in(self, module: int, name: str) -> bool:
        code = FunctionRef(module, 0)
        bound = self._project.bound(code, name) or ()
        made = [expr for expr in bound if not isinstance(expr, Instance)]
        if not made or not all(self._is_empty(expr, code) for expr in made):
            return False
        functions = (
            (ref, facts)
            for ref, facts in self._project.functions(module)
            if ref.function == 0 or self._project.bound(ref, name) is None
        )
        return self._is_registered(functions, name, None)

    def _is_of_class(self, owner: ClassRef, name: str) -> bool:
        """Return whether methods of a class, or of those above it, fill this by registration."""
        line = [one for one, _ in self._resolver.hierarchy.mro(owner) if isinstance(one, ClassRef)]
        made = [
            (FunctionRef(one.module, self._project.class_(one).scope), expr)
            for one in line
            for expr in self._project.bound_in_class(one, name) or ()
        ]
        made += [bound for one in line for bound in self._project.bound_by_methods(one, name)]
        made = [(scope, expr) for scope, expr in made if not isinstance(expr, Instance)]
        if not made or not all(self._is_empty(expr, scope) for scope, expr in made):
            return False
        refs = [
            FunctionRef(one.module, method)
            for one in line
            for method in self._project.class_(one).methods.values()
        ]
        inner = [
            (ref, facts)
            for module in {one.module for one in line}
            for ref, facts in self._project.functions(module)
            if self._project.around(ref) in refs
        ]
        functions = [(ref, self._project.function(ref)) for ref in refs] + inner
        return self._is_registered(iter(functions), name, line)

    def _is_registered(
        self,
        functions: Iterator[tuple[FunctionRef, FunctionFacts]],
        name: str,
        line: list[ClassRef] | None,
    ) -> bool:
        """Return whether some of these functions fill a container, and all that do register."""
        filling = [(one, list(_stored(one[1], name, line is not None))) for one in functions]
        filling = [(one, stored) for one, stored in filling if stored]
        return bool(filling) and all(
            self._registers(*one)
            or (_notes_and_gives_back(one[1], stored) and self._is_only_called_at_import(one[0]))
            for one, stored in filling
        )

    def _registers(self, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a function says that it registers, and is given what the code has.

        It is called where a module is read, or with a class or a function.
        """
        if facts.name == _OF_NEW_CLASS:
            return True
        if facts.parent > 0:
            around = self._project.around(ref)
            return self._registers(around, self._project.function(around))
        if _REGISTERING.isdisjoint(words(facts.name)):
            return False
        calls = self._project.calls(facts.name)
        return len(calls) < MOST_CALLS and any(
            self._is_of_code(caller, index, ref) for caller, index in calls
        )

    def _is_only_called_at_import(self, ref: FunctionRef) -> bool:
        """Return whether no function is known to call one, or may: modules decorate with it."""
        while self._project.function(ref).parent > 0:
            ref = self._project.around(ref)
        calls = self._project.calls(self._project.function(ref).name)
        return len(calls) < MOST_CALLS and all(
            caller.function == 0 or self._is_of_others(caller, index, ref)
            for caller, index in calls
        )

    def _is_of_others(self, caller: FunctionRef, index: int, ref: FunctionRef) -> bool:
        """Return whether a call is known to be one of something else than a function."""
        called = self._resolver.evaluate(self._project.site(caller, index).func, caller)
        return bool(called) and not any(
            isinstance(value, ProjectFunction) and value.ref == ref for value in called
        )

    def _is_of_code(self, caller: FunctionRef, index: int, ref: FunctionRef) -> bool:
        """Return whether a call of a function runs once, or gives it a class or a function."""
        site = self._project.site(caller, index)
        called = self._resolver.evaluate(site.func, caller)
        if not any(isinstance(value, ProjectFunction) and value.ref == ref for value in called):
            return False
        return caller.function == 0 or any(
            isinstance(value, (Class, ProjectFunction))
            for argument in (*site.args, *(value for _, value in site.keywords))
            for value in self._resolver.evaluate(argument, caller)
        )

    def _is_empty(self, expr: Expr, scope: FunctionRef) -> bool:
        """Return whether this is a new container with nothing in it."""
        if isinstance(expr, Literal):
            return expr.kind in _DISPLAYS and not expr.items
        if not isinstance(expr, Result):
            return False
        site = self._project.site(scope, expr.site)
        is_typed = last_name(site.func) == "defaultdict"
        return last_name(site.func) in _MAKING and len(site.args) <= is_typed


def _stored(facts: FunctionFacts, name: str, is_attribute: bool) -> Iterator[Expr]:
    """Return what a function puts into a container of this name."""
    for binding in facts.bindings:
        target = binding.target
        if isinstance(target, Item) and _is_called(target.base, name, is_attribute):
            yield binding.value
    for site in facts.sites:
        func = site.func
        if site.kind == "call" and isinstance(func, Attr) and func.name in _ADDING and site.args:
            if _is_called(func.base, name, is_attribute):
                yield site.args[-1]


def _is_called(expr: Expr, name: str, is_attribute: bool) -> bool:
    if is_attribute:
        return isinstance(expr, Attr) and expr.name == name
    return expr == Name(name)


def _notes_and_gives_back(facts: FunctionFacts, stored: list[Expr]) -> bool:
    """Return whether a function decorates: `handlers.append(function)`, `return function`."""
    params = [Name(param.name) for param in facts.params]
    return all(value in params and value in facts.results for value in stored)
