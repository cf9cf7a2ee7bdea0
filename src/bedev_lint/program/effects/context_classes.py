"""Which classes belong to a context of the catalog, by what they are and hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedev_lint.catalog import Context
from bedev_lint.model import Expr, FunctionFacts, Name, Result, last_name
from bedev_lint.names import any_match
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import ClassRef, FunctionRef, ProjectFunction

__all__ = ["ContextClasses"]


class ContextClasses:
    """Answers whether a class, or the class around a function, is one of those of a context."""

    def __init__(self, project: Project, resolver: Resolver, graph: CallGraph) -> None:
        self._project, self._resolver, self._graph = project, resolver, graph
        self._naming = Naming(project, resolver)

    def matches(self, ref: ClassRef, context: Context) -> bool:
        """Return whether a class is in a context by its name, its bases or its attributes."""
        return (
            any_match(self._project.class_(ref).qualname.split("."), context.classes)
            or self._is_below(ref, context)
            or self._has_attributes(ref, context)
        )

    def around(self, ref: FunctionRef, context: Context) -> bool:
        """Return whether a class around a function makes it one of a context."""
        if not (
            context.classes
            or context.bases
            or context.attributes
            or context.decorators
            or context.making
        ):
            return False
        facts = self._project.function(ref)
        owner = facts.owner
        while owner >= 0:
            cls = ClassRef(ref.module, owner)
            if self._has_method(cls, facts.name, context) or self._has_decorator(cls, ref, context):
                return True
            owner = self._project.class_(cls).owner
        return False

    def _has_method(self, ref: ClassRef, name: str, context: Context) -> bool:
        """Return whether a function of this name in a class is in a context by what that is."""
        named = any_match((self._project.class_(ref).name,), context.classes)
        return (
            (named and (not context.single or self._is_single(ref)))
            or self._has_attributes(ref, context)
            or self._makes(ref, context)
            or (_is_method_of(name, context) and self._has_bases(ref, context))
        )

    def _has_decorator(self, ref: ClassRef, function: FunctionRef, context: Context) -> bool:
        decorators = self._project.class_(ref).decorators
        is_method = _is_method_of(self._project.function(function).name, context)
        return is_method and self.decorated(decorators, function, context)

    def decorated(self, decorators: Iterable[Expr], ref: FunctionRef, context: Context) -> bool:
        """Return whether one of the decorators of a function, or of its class, is of a context."""
        if not context.decorators:
            return False
        around = self._project.around(ref)
        for decorator in decorators:
            values = self._resolver.decorator(decorator, ref)
            names = [name for value in values for name in self._naming.names(value)]
            names = names or [f"?.{last_name(self._project.called_by(decorator, around))}"]
            if any_match(names, context.decorators):
                return True
        return False

    def is_one_of_alike(self, facts: FunctionFacts, ref: FunctionRef, context: Context) -> bool:
        """Return whether the class of a function is one of several behind an abstract method.

        All of them come to an effect of those of the context that is `implementing` there.
        """
        if not context.implementing or facts.owner < 0:
            return False
        line = [one for one, _ in self._resolver.hierarchy.mro(ClassRef(ref.module, facts.owner))]
        names = self._project.class_(ClassRef(ref.module, facts.owner)).methods
        for above in line[1:]:
            if not isinstance(above, ClassRef):
                continue
            methods = self._project.class_(above).methods
            for name in names.keys() & methods.keys():
                method = ProjectFunction(FunctionRef(above.module, methods[name]))
                alike = self._resolver.implementations(method)
                if len(alike) > 1 and all(
                    self._graph.comes_to(one.ref, context.implementing) for one in alike
                ):
                    return True
        return False

    def _has_attributes(self, ref: ClassRef, context: Context) -> bool:
        """Return whether a class itself binds an attribute of each group of a context."""
        if not context.attributes:
            return False
        names = set(self._project.attributes_of(ref))
        for cls in self._family(ref) if context.family else ():
            names |= self._project.attributes_of(cls)
            names |= self._project.class_(cls).methods.keys()
        return all(any_match(names, group) for group in context.attributes)

    def _makes(self, ref: ClassRef, context: Context) -> bool:
        """Return whether a class, or one above it, keeps an object that it makes."""
        return bool(context.making) and any(
            self._is_made(expr, method, context)
            for cls, _ in self._resolver.hierarchy.mro(ref)
            if isinstance(cls, ClassRef)
            for name in self._project.attributes_of(cls)
            for method, expr in self._project.bound_by_methods(cls, name)
        )

    def _is_made(self, expr: Expr, ref: FunctionRef, context: Context, depth: int = 4) -> bool:
        """Return whether a function makes an object of a context, or wraps it in another."""
        if depth == 0:
            return False
        if isinstance(expr, Name):
            bound = self._project.function(ref).bound_to(expr)
            return any(self._is_made(one, ref, context, depth - 1) for one in bound)
        if not isinstance(expr, Result):
            return False
        site = self._project.site(ref, expr.site)
        is_wrapper = last_name(site.func)[:1].isupper()
        # What a class is told by keyword is seen where it is called itself, not behind a factory.
        given = context.making_with
        values = self._resolver.evaluate(site.func if given else expr, ref)
        if any(any_match(self._naming.types(value), context.making) for value in values):
            return not given or any(name in given for name, _ in site.keywords)
        return is_wrapper and any(self._is_made(one, ref, context, depth - 1) for one in site.args)

    def _family(self, ref: ClassRef) -> Iterator[ClassRef]:
        """Return a class, and all of the project above and below it."""
        for above, _ in self._resolver.hierarchy.mro(ref):
            if isinstance(above, ClassRef):
                yield above
        yield from self._resolver.hierarchy.subclasses(ref)

    def _is_single(self, ref: ClassRef) -> bool:
        """Return whether a class has one public method, and so one thing to do."""
        methods = self._project.class_(ref).methods
        return sum(not name.startswith("_") for name in methods) == 1

    def _has_bases(self, ref: ClassRef, context: Context) -> bool:
        """Return whether a class has a base of a context, or one of its family has."""
        return self._is_below(ref, context) or (
            context.family
            and any(
                self._is_below(below, context) for below in self._resolver.hierarchy.subclasses(ref)
            )
        )

    def _is_below(self, ref: ClassRef, context: Context) -> bool:
        return bool(context.bases) and any_match(
            self._resolver.hierarchy.names_above(ref), context.bases
        )


def _is_method_of(name: str, context: Context) -> bool:
    return not context.methods or any_match((name,), context.methods)
