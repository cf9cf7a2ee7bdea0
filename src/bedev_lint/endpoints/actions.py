"""The actions of a class that answers at a path and below it, with their methods and paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bedev_lint.catalog import Catalog, Mark, Resource
from bedev_lint.endpoints.definitions import Definitions
from bedev_lint.endpoints.paths import ANY, Path, path_of
from bedev_lint.endpoints.routers import Routers, argument
from bedev_lint.model import Attr, Expr, Literal, Name, Result, Site, last_name
from bedev_lint.names import any_match
from bedev_lint.program import Program
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.values import ClassRef, FunctionRef

__all__ = ["Actions", "Answer"]

_OF_ALL, _OF_ONE = "list", "detail"  # what stands behind the name of a path, if it has no other


class Answer(NamedTuple):
    """An action: no `methods` are any; the path and the name are what stands behind those of all.

    `code` are the functions of the project that run for it.
    """

    action: str
    methods: tuple[str, ...]
    path: Path
    name: str
    code: tuple[FunctionRef, ...] = ()


class Actions:
    """Says which actions a class has, as a `Resource` knows them."""

    def __init__(self, program: Program, catalog: Catalog, routers: Routers) -> None:
        self._project, self._resolver = program.project, program.resolver
        self._hierarchy = program.resolver.hierarchy
        self._definitions, self._routers = Definitions(program), routers
        self._naming = Naming(program.project, program.resolver)
        self._resources = catalog.resources
        self._answers: dict[tuple[ClassRef, str], tuple[Answer, ...]] = {}

    def of(self, cls: ClassRef, kind: str) -> tuple[Answer, ...]:
        """Return the actions of a class, in the order of the vocabulary and of the code."""
        if (cls, kind) not in self._answers:
            resource = self._resources[kind]
            answers = [*self._standard(cls, resource), *self._marked(cls, resource)]
            limits = self._limits(cls, resource)
            self._answers[cls, kind] = tuple(
                answer
                for answer in answers
                if limits is None or not limits.isdisjoint(answer.methods or limits)
            )
        return self._answers[cls, kind]

    def is_open(self, cls: ClassRef, kind: str) -> bool:
        """Return whether a class may answer more than that: something unknown stands above it."""
        above = self._hierarchy.external_bases(cls)
        return not all(any_match((one,), self._resources[kind].known) for one in above)

    def chosen(self, site: Site, cls: ClassRef, ref: FunctionRef) -> Iterator[Answer]:
        """Return the actions that a view is made of: `Orders.as_view({"get": "list"})`."""
        func = site.func
        kinds = (k for k, one in self._resources.items() if last_name(func) == one.views)
        kind = next(kinds, "") if isinstance(func, Attr) and site.args else ""
        for scoped in self._definitions.of(site.args[0], ref) if kind else ():
            for item in scoped.expr.items if isinstance(scoped.expr, Literal) else ():
                for name in self._routers.texts_of(item, scoped.ref):
                    known = [one for one in self.of(cls, kind) if one.action == name]
                    yield from known or [Answer(name, (), (), "", self._code(cls, (name,)))]

    # ------------------------------------------------------------------ by names and decorators

    def _standard(self, cls: ClassRef, resource: Resource) -> Iterator[Answer]:
        bases = self._hierarchy.external_bases(cls)
        for name, action in resource.actions.items():
            own = self._code(cls, (name,))
            if own or any_match(bases, action.bases):
                path = (ANY,) if action.detail else ()
                kind = _OF_ONE if action.detail else _OF_ALL
                yield Answer(name, action.methods, path, kind, own + self._code(cls, action.hooks))

    def _marked(self, cls: ClassRef, resource: Resource) -> Iterator[Answer]:
        marked: dict[str, Answer] = {}
        for above, _ in self._hierarchy.mro(cls):
            if isinstance(above, ClassRef):
                for name, index in self._project.class_(above).methods.items():
                    ref = FunctionRef(above.module, index)
                    decorators = () if name in marked else self._project.function(ref).decorators
                    for decorator in decorators:
                        answer = self._by_decorator(name, ref, decorator, resource, marked)
                        if answer is not None:
                            marked[name] = answer._replace(code=self._code(cls, (name,)))
        yield from marked.values()

    def _by_decorator(
        self,
        name: str,
        ref: FunctionRef,
        decorator: Expr,
        resource: Resource,
        marked: dict[str, Answer],
    ) -> Answer | None:
        around = self._project.around(ref)
        if isinstance(decorator, Result):
            site = self._project.site(around, decorator.site)
            mark = self._mark(site, around, resource)
            return self._of_mark(name, ref, site, mark) if mark is not None else None
        # `@cancel.mapping.delete` says what else is answered at the path of `cancel`.
        base = decorator.base if isinstance(decorator, Attr) else None
        if not isinstance(base, Attr) or not isinstance(decorator, Attr):
            return None
        first = marked.get(last_name(base.base))
        if first is None or base.name not in {mark.more for mark in resource.marks.values()}:
            return None
        return first._replace(action=name, methods=(decorator.name.upper(),))

    def _mark(self, site: Site, around: FunctionRef, resource: Resource) -> Mark | None:
        """Return the mark that a call is: its name or what it is told say so."""
        for value in self._resolver.evaluate(site.func, around):
            for name in self._naming.names(value):
                for dotted, mark in resource.marks.items():
                    if name in (dotted, *mark.also):
                        return mark
        marks = (mark for mark in resource.marks.values() if mark.detail)
        return next((mark for mark in marks if argument(site, mark.detail[:1])), None)

    def _of_mark(self, name: str, ref: FunctionRef, site: Site, mark: Mark) -> Answer:
        around = self._project.around(ref)
        is_single = mark.single or argument(site, mark.detail) == Name("True")
        value = argument(site, mark.methods)
        items = getattr(value, "items", ()) or (value,) if value is not None else ()
        texts = [text for item in items for text in self._routers.texts_of(item, around)]
        written = tuple(sorted({text.upper() for text in texts if text.isalpha()}))
        methods = written if value is not None else mark.default
        behind = self._routers.texts(site, mark.path, around, is_regex=True) or [name]
        names = self._routers.route_names(site, mark.name, around) or [name.replace("_", "-")]
        path = ((ANY,) if is_single else ()) + path_of(behind[0])
        return Answer(name, methods, path, names[0])

    # ------------------------------------------------------------------ what a class says itself

    def _limits(self, cls: ClassRef, resource: Resource) -> set[str] | None:
        """Return the methods of HTTP that a class answers at all, None for any."""
        for scoped in self._definitions.in_class(cls, resource.limits):
            if isinstance(scoped.expr, Literal) and scoped.expr.items:
                items = scoped.expr.items
                texts = {t for item in items for t in self._routers.texts_of(item, scoped.ref)}
                return {text.upper() for text in texts} if all(map(str.isalpha, texts)) else None
        return None

    def _code(self, cls: ClassRef, names: tuple[str, ...]) -> tuple[FunctionRef, ...]:
        """Return the methods of the project that a class has by these names."""
        methods = (self._hierarchy.method(cls, name) for name in names)
        return tuple(method for method in methods if method is not None)
