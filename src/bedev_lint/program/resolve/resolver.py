"""Which question an expression is, and who answers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from bedev_lint.catalog import MemberSpec
from bedev_lint.model import (
    Attr,
    Caught,
    ClassFacts,
    Either,
    Elem,
    Entered,
    Expr,
    Instance,
    Item,
    Key,
    Literal,
    Name,
    Named,
    Part,
    Result,
    Scope,
    Site,
    TupleOf,
    last_name,
)
from bedev_lint.program.resolve.attributes import attribute, cooperative, inherited
from bedev_lint.program.resolve.calls import SUPER, called, class_around, result, returned
from bedev_lint.program.resolve.elements import elements, entered, item, part
from bedev_lint.program.resolve.interfaces import Interfaces
from bedev_lint.program.resolve.memory import Memory
from bedev_lint.program.resolve.names import (
    class_named,
    dotted,
    named,
    only_method,
)
from bedev_lint.program.resolve.proofs import proven, told_by_statement, told_by_use
from bedev_lint.program.resolve.properties import getters, is_read
from bedev_lint.program.resolve.typed import Receiver, typed
from bedev_lint.program.resolve.unknown_rows import only_relation
from bedev_lint.program.structure.generics import instances_of
from bedev_lint.program.structure.hierarchy import ClassHeader, Hierarchy
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    Assigned,
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
from bedev_lint.program.structure.vocabulary import Vocabulary

__all__ = ["Resolver"]


class Resolver:
    """Evaluates expressions to the values that they may have. Asks nothing twice.

    What it remembers depends on what it was asked before, where names lead in circles: whoever
    wants the same answers at any time takes a new one. `related` are the attributes of classes
    that lead to other rows, `assigned` what the project gives, by type and name, to objects of
    known types.
    """

    def __init__(
        self,
        project: Project,
        vocabulary: Vocabulary,
        hierarchy: Hierarchy | None = None,
        related: Mapping[ClassRef | str, Mapping[str, Values]] | None = None,
        assigned: Mapping[tuple[str, str], Sequence[Assigned]] | None = None,
    ) -> None:
        self.project, self.vocabulary = project, vocabulary
        # Before all classes are known, those above one are found as they are asked for.
        self.hierarchy = hierarchy or Hierarchy(project, self.head, vocabulary)
        self.related, self.assigned = related or {}, assigned or {}
        self.memory = Memory()
        self._makers: dict[ClassRef, MemberSpec | None] = {}
        self._read: dict[FunctionRef, bool] = {}
        self._mapped: dict[ClassRef, bool] = {}
        self._interfaces = Interfaces(self)

    # ------------------------------------------------------------------ expressions

    def evaluate(self, expr: Expr, ref: FunctionRef, cls: int = -1) -> Values:
        """Return what an expression may stand for in a function, or in the body of a class."""
        if isinstance(expr, Name):
            values = named(self, expr.id, ref, cls)
            return values or self._by_name(expr.id, expr, ref)
        if isinstance(expr, Attr):
            base = self.evaluate(expr.base, ref, cls)
            if isinstance(expr.base, Result):
                if self.project.site(ref, expr.base.site).func == SUPER:
                    return self._above(base, expr.name, ref)
            values = (
                attribute(self, base, expr.name)
                or self.vocabulary.by_convention(f".{expr.name}")
                or self.vocabulary.by_convention(expr.name)
            )
            if values:
                return told_by_use(self, self._proven(values, expr, ref), expr, ref)
            if base:
                return told_by_statement(self, expr, ref)
            return (
                only_relation(self, expr.name)
                or only_method(self, expr.name)
                or told_by_statement(self, expr, ref)
            )
        if isinstance(expr, Result):
            return self.memory.once(
                ("result", ref, expr.site, cls),
                lambda: result(self, self.project.site(ref, expr.site), ref, cls),
            )
        return self._evaluate_other(expr, ref, cls)

    def _above(self, base: Values, name: str, ref: FunctionRef) -> Values:
        """Return what `super().name` may be in a method."""
        values = inherited(self, base, name)
        owner = None if values else class_around(self, ref)
        return values if owner is None else cooperative(self, owner, name)

    def in_header(self, expr: Expr, ref: FunctionRef) -> Values:
        """Return what a default, an annotation or a decorator of a function may stand for."""
        return self.evaluate(expr, self.project.around(ref), self.project.function(ref).owner)

    def decorator(self, expr: Expr, ref: FunctionRef) -> Values:
        """Return what decorates a function: `f` in `@f(x)` as well as in `@f`.

        What gives what it is given stands for that: `@method_decorator(f)`.
        """
        around = self.project.around(ref)
        values = self.in_header(self.project.called_by(expr, around), ref)
        if isinstance(expr, Result) and any(
            spec.returns == "given" for spec in self.vocabulary.specs(values)
        ):
            given = self.project.site(around, expr.site).args[:1]
            each = (getattr(one, "items", ()) or (one,) for one in given)
            return union((), *(self.decorator(one, ref) for one in chain(*each)))
        return values

    def _proven(self, values: Values, expr: Expr, ref: FunctionRef) -> Values:
        """Return the values of an attribute, as sure as what is called of it makes them."""
        if any(isinstance(v, Object) and not v.certain and isinstance(v.of, str) for v in values):
            question = ("proven", ref, expr, values)
            return self.memory.once(question, lambda: proven(self, values, expr, ref))
        return values

    def _by_name(self, name: str, expr: Expr, ref: FunctionRef) -> Values:
        """Return what a name stands for of which nothing but the name and its use is known."""
        conventional = self.vocabulary.by_convention(name)
        return self._proven(conventional, expr, ref) or told_by_statement(self, expr, ref)

    def _evaluate_other(self, expr: Expr, ref: FunctionRef, cls: int) -> Values:
        if isinstance(expr, Literal):
            return self._literal(expr, ref, cls)
        if isinstance(expr, Either):
            return union(*[self.evaluate(option, ref, cls) for option in expr.options])
        if isinstance(expr, Item):
            return item(self, expr, ref, cls)
        if isinstance(expr, Elem):
            return elements(self, self.evaluate(expr.base, ref, cls))
        if isinstance(expr, Entered):
            return entered(self, self.evaluate(expr.base, ref, cls))
        if isinstance(expr, (Instance, Caught)):
            declared = expr.base if isinstance(expr, Caught) else expr.of
            return instances_of(self.evaluate(declared, ref, cls))
        if isinstance(expr, Part):
            return part(self, self.evaluate(expr.base, ref, cls), expr.index)
        if isinstance(expr, TupleOf):
            return (
                Object("builtins.tuple", tuple(self.evaluate(i, ref, cls) for i in expr.items)),
            )
        if isinstance(expr, Scope):
            if expr.is_class:
                return (Class(ClassRef(ref.module, expr.function)),)
            return (ProjectFunction(FunctionRef(ref.module, expr.function)),)
        if isinstance(expr, Named):
            return class_named(self, expr.name, ref)
        if isinstance(expr, Key):
            return dotted(self, expr.name, ref) or (Object("builtins.str"),)
        return ()

    def _literal(self, expr: Literal, ref: FunctionRef, cls: int) -> Values:
        if expr.sql:
            return (Object(f"sql:{expr.sql}"),)
        if expr.kind in ("", "None", "slice"):
            return ()
        if expr.items:
            items = union(*(self.evaluate(item, ref, cls) for item in expr.items[:8]))
            return (Object(f"builtins.{expr.kind}", (items,)),)
        return (Object(f"builtins.{expr.kind}"),)

    # ------------------------------------------------------------------ values

    def attribute(self, bases: Values, name: str) -> Values:
        """Return what `base.name` may be for these bases."""
        return attribute(self, bases, name)

    def elements(self, values: Values) -> Values:
        """Return what iterating over these values gives."""
        return elements(self, values)

    def called(self, value: Value, site: Site, ref: FunctionRef, cls: int = -1) -> Values:
        """Return what calling a value may give, in a function or in the body of a class."""
        return called(self, value, site, ref, cls)

    def returned(self, function: ProjectFunction) -> Values:
        """Return what a function of the project returns for this receiver."""
        return returned(self, function)

    def implementations(
        self, function: ProjectFunction, caller: FunctionRef | None = None
    ) -> list[ProjectFunction]:
        """Return what a method of an interface stands for where a function calls it."""
        return self._interfaces.implementations(function, caller)

    def awaited(self, function: ProjectFunction) -> list[ProjectFunction]:
        """Return what is run where the result of a method is awaited."""
        return self._interfaces.awaited(function)

    def typed(self, text: str, receiver: Receiver) -> Values:
        """Return the values of a type of a vocabulary, as seen from this receiver."""
        return typed(self, text, receiver)

    def is_read(self, method: FunctionRef) -> bool:
        """Return whether a method is read as an attribute: a property of whatever kind."""
        if method not in self._read:
            self._read[method] = False  # what decorates itself is none
            self._read[method] = is_read(self, method)
        return self._read[method]

    def getters(self, value: Object, name: str) -> Iterator[FunctionRef]:
        """Return what runs where an attribute of an object of the project is read."""
        return getters(self, value, name)

    # ------------------------------------------------------------------ classes

    def head(self, ref: ClassRef) -> ClassHeader:
        """Return what the first line of a class says, as it is read."""
        facts = self.project.class_(ref)
        scope = FunctionRef(ref.module, facts.scope)
        bases = self.memory.once(
            ("bases", ref),
            lambda: union((), *(self.evaluate(base, scope, facts.owner) for base in facts.bases)),
        )
        return ClassHeader(bases, facts.type_params, self._proved(ref, facts))

    def _proved(self, ref: ClassRef, facts: ClassFacts) -> str:
        """Return the type that the body or a decorator of a class proves, or ""."""
        if not facts.bases and not facts.decorators:
            return ""
        proved = self.memory.once(("proved", ref), lambda: self._proofs(ref, facts))
        return next((value.name for value in proved if isinstance(value, External)), "")

    def _proofs(self, ref: ClassRef, facts: ClassFacts) -> Values:
        project, scope = self.project, FunctionRef(ref.module, facts.scope)
        calls = [(project.called_by(one, scope), facts.owner) for one in facts.decorators]
        if facts.bases:
            made = [b.value for b in facts.bindings if isinstance(b.value, Result)]
            calls += [(project.site(scope, value.site).func, ref.cls) for value in made]
        for func, cls in calls:
            if last_name(func) not in self.vocabulary.proving:
                continue
            for spec in self.vocabulary.specs(self.evaluate(func, scope, cls)):
                if spec.proves:
                    return (External(spec.proves),)
        return ()

    def maker(self, value: Value) -> MemberSpec | None:
        """Return the spec of a function, or of a class that stands for what it is given.

        A field of a model is such a class; so is one that the project derives from it.
        """
        if not isinstance(value, Class):
            return self.vocabulary.spec(value)
        if value.ref not in self._makers:
            bases = map(External, self.hierarchy.external_bases(value.ref))
            makers = (spec for spec in self.vocabulary.specs(bases) if spec.returns)
            self._makers[value.ref] = next(makers, None)
        return self._makers[value.ref]

    def is_of_owner(self, value: Object) -> bool:
        """Return whether a value is a query or manager, which belongs to a class of rows."""
        names = (
            (value.of,) if isinstance(value.of, str) else self.hierarchy.external_bases(value.of)
        )
        return any(spec.of_owner for name in names for spec in self.vocabulary.above(name))

    def is_mapped(self, cls: ClassRef) -> bool:
        """Return whether the objects of a class are rows: they have what writes them.

        Managers write others.
        """
        if cls not in self._mapped:
            bases = self.hierarchy.external_bases(cls)
            is_row = any(map(self.vocabulary.writes, bases))
            self._mapped[cls] = is_row and not self.is_of_owner(Object(cls))
        return self._mapped[cls]

    def holds_rows(self, value: Value) -> bool:
        """Return whether a value is a query, or holds objects of classes of the project."""
        return isinstance(value, Object) and (
            self.is_of_owner(value)
            or any(
                isinstance(element, Object) and isinstance(element.of, ClassRef)
                for elements in value.args
                for element in elements
            )
        )
