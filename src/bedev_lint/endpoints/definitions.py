"""Where what a name stands for was made, through imports, assignments and attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bedev_lint.model import Attr, Expr, Literal, Name
from bedev_lint.program import Program
from bedev_lint.program.structure.values import Class, ClassRef, FunctionRef, Object, ProjectModule

__all__ = ["Definitions", "Scoped"]

_MOST_STEPS = 8
_MOST_BELOW = 50


class Scoped(NamedTuple):
    """An expression, and the function (0: the module's code) that it stands in."""

    ref: FunctionRef
    expr: Expr


class Definitions:
    """Follows names to what they are bound to."""

    def __init__(self, program: Program) -> None:
        self._project, self._resolver = program.project, program.resolver

    def of(self, expr: Expr, ref: FunctionRef) -> Iterator[Scoped]:
        """Return what an expression was made by: it itself, if it is no name."""
        visited, todo = set(), [(Scoped(ref, expr), 0)]
        while todo:
            scoped, steps = todo.pop()
            if scoped in visited or steps > _MOST_STEPS:
                continue
            visited.add(scoped)
            bound = list(self.bound(scoped.expr, scoped.ref))
            if bound:
                todo += ((one, steps + 1) for one in reversed(bound))
            else:
                yield scoped

    def constant(self, expr: Expr, ref: FunctionRef) -> str:
        """Return what a module calls the text that an expression stands for, "" if none does."""
        scoped = Scoped(ref, expr)
        for _ in range(_MOST_STEPS):
            bound = list(self.bound(scoped.expr, scoped.ref))
            if len(bound) != 1:
                return ""
            before, scoped = scoped, bound[0]
            is_text = isinstance(scoped.expr, Literal) and scoped.expr.kind == "str"
            if is_text and isinstance(before.expr, Name) and scoped.ref.function == 0:
                return before.expr.id
        return ""

    def bound(self, expr: Expr, ref: FunctionRef) -> Iterator[Scoped]:
        """Return what a name or an attribute is bound to, one step on."""
        if isinstance(expr, Name):
            yield from self._named(expr.id, ref)
        elif isinstance(expr, Attr):
            yield from self._attribute(expr, ref)

    def _named(self, name: str, ref: FunctionRef) -> Iterator[Scoped]:
        for scope in self._project.outward(ref):
            bound = self._project.bound(scope, name)
            if bound is not None:
                yield from (Scoped(scope, value) for value in bound)
                return
            if any(param.name == name for param in self._project.function(scope).params):
                return
            for item in self._project.imports(scope, name):
                if item.alias == name and item.name:
                    yield from self._imported(item.name, self._module(item, scope), scope)
                    return

    def _module(self, item: object, scope: FunctionRef) -> int | None:
        name = self._project.imported_module(item, scope.module)  # type: ignore[arg-type]
        return self._project.module(name, scope.module)

    def _imported(self, name: str, module: int | None, scope: FunctionRef) -> Iterator[Scoped]:
        if module is None or module == scope.module:
            return
        code = FunctionRef(module, 0)
        if self._project.bound(code, name) is not None or self._project.imports(code, name):
            yield Scoped(code, Name(name))

    def _attribute(self, expr: Attr, ref: FunctionRef) -> Iterator[Scoped]:
        facts = self._project.function(ref)
        own = facts.params[0].name if facts.owner >= 0 and facts.params else ""
        if own and expr.base == Name(own):
            yield from self.in_class(ClassRef(ref.module, facts.owner), expr.name)
            yield from self._below(ClassRef(ref.module, facts.owner), expr.name)
            return
        for value in self._resolver.evaluate(expr.base, ref):
            if isinstance(value, ProjectModule):
                yield from self._imported(expr.name, value.module, ref)
            elif isinstance(value, Class):
                yield from self.in_class(value.ref, expr.name)
            elif isinstance(value, Object) and isinstance(value.of, ClassRef):
                yield from self.in_class(value.of, expr.name)

    def _below(self, cls: ClassRef, name: str) -> Iterator[Scoped]:
        """Return what the classes below one bind a name to, each by itself."""
        for below in self._resolver.hierarchy.subclasses(cls)[:_MOST_BELOW]:
            scope = FunctionRef(below.module, max(self._project.class_(below).scope, 0))
            yield from (Scoped(scope, e) for e in self._project.bound_in_class(below, name) or ())
            yield from (Scoped(r, e) for r, e in self._project.bound_by_methods(below, name))

    def in_class(self, cls: ClassRef, name: str) -> Iterator[Scoped]:
        """Return what a class, or the nearest above it, binds a name to."""
        for above, _ in self._resolver.hierarchy.mro(cls):
            if not isinstance(above, ClassRef):
                continue
            scope = FunctionRef(above.module, max(self._project.class_(above).scope, 0))
            bound = [Scoped(scope, e) for e in self._project.bound_in_class(above, name) or ()]
            bound += (Scoped(r, e) for r, e in self._project.bound_by_methods(above, name))
            if bound:
                yield from bound
                return
