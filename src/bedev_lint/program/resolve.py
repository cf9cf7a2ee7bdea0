"""What expressions stand for: names, attributes, calls and annotations, across modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeVar

from bedev_lint.catalog import Member as MemberWords
from bedev_lint.model import (
    Attr,
    Caught,
    ClassFacts,
    Either,
    Elem,
    Entered,
    Expr,
    FunctionFacts,
    Import,
    Instance,
    Item,
    Literal,
    Name,
    Named,
    Param,
    Part,
    Result,
    Scope,
    Site,
    TupleOf,
)
from bedev_lint.program.generics import (
    classes_of,
    flat,
    is_own,
    is_self,
    reloaded,
    substituted,
    unsure,
)
from bedev_lint.program.hierarchy import FEW, Head, Hierarchy
from bedev_lint.program.index import is_property, last_name
from bedev_lint.program.project import MOST_CALLS, Project
from bedev_lint.program.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    ProjectModule,
    TypeExpr,
    TypeVariable,
    Value,
    Values,
    parse_type,
    union,
)
from bedev_lint.program.vocabulary import Vocabulary

__all__ = ["Resolver"]

_TRANSPARENT = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("Annotated", "Optional", "ClassVar", "Final", "Required", "NotRequired")
)
_UNIONS = frozenset({"typing.Union", "types.UnionType"})
_TUPLES = frozenset({"builtins.tuple", "typing.Tuple"})
_CLASS_OF = frozenset({"builtins.type", "typing.Type"})
_NEVER = frozenset({"typing.NoReturn", "typing.Never", "typing_extensions.Never"})
_TYPE_VARIABLES = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("TypeVar", "ParamSpec")
)
_SUPER = Name("super")
# Callers of any other function, where they pass different things.
_FEWER = 4
# A method's name of this length says whose it is, where only one class has it.
_TELLING = 10

# How the rows of a query come, by how the query came.
_ROWS = {"": "lazy", "own": "own", "unknown": ""}

KeyT = TypeVar("KeyT")


class Resolver:
    """Evaluates expressions to the values that they may have. Asks nothing twice.

    What it remembers depends on what it was asked before, where names lead in circles: whoever
    wants the same answers at any time takes a new one. `relations` are the attributes of
    classes that lead to other rows, `given` those that other classes' relations make.
    """

    def __init__(
        self,
        project: Project,
        vocabulary: Vocabulary,
        hierarchy: Hierarchy | None = None,
        relations: frozenset[tuple[ClassRef, str]] = frozenset(),
        given: Mapping[ClassRef, Mapping[str, Values]] | None = None,
    ) -> None:
        self.project, self.vocabulary = project, vocabulary
        # Before all classes are known, those above one are found as they are asked for.
        self.hierarchy = hierarchy or Hierarchy(project, self.head)
        self._memo: dict[object, Values] = {}
        self._asking: set[object] = set()
        # Of a name that is bound again and again, what it was bound to before.
        self._so_far: dict[object, Values] = {}
        self._makers: dict[ClassRef, MemberWords | None] = {}
        self._relations, self._given = relations, given or {}

    # ------------------------------------------------------------------ expressions

    def evaluate(self, expr: Expr, at: FunctionRef, cls: int = -1) -> Values:
        """Return what an expression may stand for in a function, or in the body of a class."""
        kind = type(expr)
        if kind is Name:
            assert isinstance(expr, Name)
            return self._named(expr.id, at, cls) or self.vocabulary.by_convention(expr.id)
        if kind is Attr:
            assert isinstance(expr, Attr)
            base = self.evaluate(expr.base, at, cls)
            if isinstance(expr.base, Result) and self._site(at, expr.base.site).func == _SUPER:
                return self._inherited(base, expr.name)
            found = self.attribute(base, expr.name)
            found = (
                found
                or self.vocabulary.by_convention(f".{expr.name}")
                or self.vocabulary.by_convention(expr.name)
            )
            return found if found or base else self._only_method(expr.name)
        if kind is Result:
            assert isinstance(expr, Result)
            return self._once(
                ("result", at, expr.site), lambda: self._result(self._site(at, expr.site), at)
            )
        return self._evaluate_other(expr, at, cls)

    def _evaluate_other(self, expr: Expr, at: FunctionRef, cls: int) -> Values:
        if isinstance(expr, Either):
            return union(*(self.evaluate(option, at, cls) for option in expr.options))
        if isinstance(expr, Item):
            return self._item(expr, at, cls)
        if isinstance(expr, Elem):
            return self._elements(self.evaluate(expr.base, at, cls))
        if isinstance(expr, Entered):
            return self._entered(self.evaluate(expr.base, at, cls))
        if isinstance(expr, (Instance, Caught)):
            return self.instances(
                self.evaluate(expr.base if isinstance(expr, Caught) else expr.of, at, cls)
            )
        if isinstance(expr, Part):
            return self._part(self.evaluate(expr.base, at, cls), expr.index)
        if isinstance(expr, TupleOf):
            return (Object("builtins.tuple", tuple(self.evaluate(i, at, cls) for i in expr.items)),)
        if isinstance(expr, Scope):
            if expr.is_class:
                return (Class(ClassRef(at.module, expr.function)),)
            return (ProjectFunction(FunctionRef(at.module, expr.function)),)
        if isinstance(expr, Literal):
            return self._literal(expr, at, cls)
        if isinstance(expr, Named):
            return self._class_named(expr.name, at)
        return ()

    def _site(self, at: FunctionRef, index: int) -> Site:
        return self.project.site(at, index)

    def _once(self, key: KeyT, compute: object) -> Values:
        """Return what was computed for this key before, or so far while it is being computed."""
        known = self._memo.get(key)
        if known is not None:
            return known
        if key in self._asking:
            return self._so_far.get(key, ())
        self._asking.add(key)
        try:
            found: Values = compute()  # type: ignore[operator]
        finally:
            self._asking.discard(key)
        self._memo[key] = found
        return found

    def _literal(self, expr: Literal, at: FunctionRef, cls: int) -> Values:
        if expr.sql:
            return (Object(f"sql:{expr.sql}"),)
        if expr.kind in ("", "None", "slice"):
            return ()
        if expr.items:
            items = union(*(self.evaluate(item, at, cls) for item in expr.items[:8]))
            return (Object(f"builtins.{expr.kind}", (items,)),)
        return (Object(f"builtins.{expr.kind}"),)

    def _class_named(self, name: str, at: FunctionRef) -> Values:
        """Return the class that a string names: of this module, or the project's only one."""
        label, _, last = name.rpartition(".")
        found = [v for v in self._named(last, FunctionRef(at.module, 0), -1) if not label]
        if found:
            return tuple(found)
        known = self.project.called(last)
        app = label.rpartition(".")[2]
        of_app = [r for r in known if app in self.project.name(r.module).split(".")]
        known = of_app or known
        return (Class(known[0]),) if len(known) == 1 else ()

    # ------------------------------------------------------------------ names

    def _named(self, name: str, at: FunctionRef, cls: int) -> Values:
        return self._once(("name", at, cls, name), lambda: self._look_up(name, at, cls))

    def _look_up(self, name: str, at: FunctionRef, cls: int) -> Values:
        if cls >= 0:
            found = self._in_class_body(ClassRef(at.module, cls), name)
            if found is not None:
                return found
        here = at
        while here.function > 0:
            facts = self.project.function(here)
            found = self._in_function(here, facts, name)
            if found is not None:
                return found
            here = FunctionRef(at.module, facts.parent)
        found = self._in_module(here, name)
        if found is not None:
            return found
        for star in self.project.imports(FunctionRef(at.module, 0), "*"):
            imported = self.project.imported_module(star, at.module)
            module = self.project.module(imported, at.module)
            if module is not None and module != at.module:
                found = self._module_attribute(module, name)
                if found:
                    return found
        return (External(f"builtins.{name}"),) if name in _BUILTINS else ()

    def _in_class_body(self, ref: ClassRef, name: str) -> Values | None:
        facts = self.project.class_(ref)
        exprs = self.project.bound_in_class(ref, name)
        if exprs is not None:
            at = FunctionRef(ref.module, facts.scope)
            return union(*(self.evaluate(expr, at, ref.cls) for expr in exprs)) if exprs else ()
        if name in facts.methods:
            return (ProjectFunction(FunctionRef(ref.module, facts.methods[name])),)
        if name in facts.classes:
            return (Class(ClassRef(ref.module, facts.classes[name])),)
        if name in facts.type_params:
            return (TypeVariable(name),)
        return None

    def _in_module(self, at: FunctionRef, name: str) -> Values | None:
        """Return what a name is bound to in the code of a module; None if it is not bound there."""
        groups = self._bound(at, name, ())
        for inner, expr in self.project.bound_as_global(at.module, name):
            groups.append(self.evaluate(expr, inner))
        return _with_variables(_once_eager(union(*groups)), name) if groups else None

    def _in_function(self, at: FunctionRef, facts: FunctionFacts, name: str) -> Values | None:
        """Return what a name is bound to in a function; None if it is not bound there."""
        params = [
            self._parameter(at, facts, position, param)
            for position, param in enumerate(facts.params)
            if param.name == name
        ]
        groups = self._bound(at, name, params, declared=name in facts.globals)
        if not groups:
            if facts.owner >= 0 and name in self._owner(at, facts).type_params:
                return (TypeVariable(name),)
            return None
        values = self._narrowed(_once_eager(union(*groups)), self.project.tested(at, name), at)
        return _with_variables(values, name)

    def _bound(
        self, at: FunctionRef, name: str, params: Sequence[Values], declared: bool = False
    ) -> list[Values]:
        """Return what a function's imports and assignments bind to a name, after parameters.

        Names that are `declared` to be another's are not bound by assignments.
        """
        groups = [*params]
        for item in self.project.imports(at, name):
            groups.append(self._imported(item, at.module))
        if not declared:
            key = ("name", at, -1, name)
            for expr in self.project.bound(at, name) or ():
                self._so_far[key] = union((), *groups)
                groups.append(self.evaluate(expr, at))
            self._so_far.pop(key, None)  # asked for again from within, it is gone
        return groups

    def _owner(self, at: FunctionRef, facts: FunctionFacts) -> ClassFacts:
        """Return the class that a method stands in."""
        return self.project.class_(ClassRef(at.module, facts.owner))

    def _narrowed(self, values: Values, tests: Sequence[Expr], at: FunctionRef) -> Values:
        """Add the one class that a function tests a value for, where it says more than is known."""
        if len(tests) != 1 or not all(
            isinstance(value, Object) and isinstance(value.of, ClassRef) for value in values
        ):
            return values
        known = {value.of for value in values if isinstance(value, Object)}
        tested = (
            value
            for value in self.instances(self.evaluate(tests[0], at))
            if isinstance(value, Object)
            and isinstance(value.of, ClassRef)
            and (not known or any(above in known for above, _ in self.hierarchy.mro(value.of)))
        )
        return union(values, tuple(tested))

    def _parameter(
        self, at: FunctionRef, facts: FunctionFacts, position: int, param: Param
    ) -> Values:
        around = FunctionRef(at.module, max(facts.parent, 0))
        if param.annotation is not None and param.kind not in ("args", "kwargs"):
            declared = self.evaluate(param.annotation, around, facts.owner)
            found = self.instances(declared)
            if found:
                return found
        if facts.owner >= 0 and position == 0 and param.kind == "positional":
            owner = ClassRef(at.module, facts.owner)
            kinds = {last_name(decorator) for decorator in facts.decorators}
            if "staticmethod" not in kinds:
                is_class = "classmethod" in kinds or facts.name in ("__new__", "__init_subclass__")
                return (Class(owner),) if is_class else (Object(owner, rows="own"),)
        if param.default is not None:
            found = self.evaluate(param.default, around, facts.owner)
            if found:
                return found
        return (
            self._from_callers(at, facts, position)
            or self._from_framework(at, facts, position)
            or self.vocabulary.by_convention(param.name)
        )

    def _from_framework(self, at: FunctionRef, facts: FunctionFacts, position: int) -> Values:
        """Return what the framework below which a method's class stands gives that method."""
        if facts.owner < 0 or facts.name not in self.vocabulary.framework_methods:
            return ()
        owner = ClassRef(at.module, facts.owner)
        for name in self.hierarchy.external_bases(owner):
            for words in self.vocabulary.above(name):
                types = words.gives.get(facts.name, ())
                if 0 < position <= len(types):
                    return self._typed(types[position - 1], Object(owner), None, None)
        return ()

    def _from_callers(self, at: FunctionRef, facts: FunctionFacts, position: int) -> Values:
        """Return what the few places that call a function, or build an object, pass to it."""
        made: Value
        if facts.name == "__init__" and facts.owner >= 0:
            made = Class(ClassRef(at.module, facts.owner))
            called_as = self._owner(at, facts).name
        elif not facts.name or facts.name == "<lambda>":
            return ()
        else:
            made, called_as = ProjectFunction(at), facts.name
        calls = self.project.calls(called_as)
        if facts.name != "__init__" and len(calls) == MOST_CALLS:
            return ()
        name, bound = facts.params[position].name, int(facts.owner >= 0)
        groups: dict[Values, None] = {}
        displays = False
        for caller, index in calls[: MOST_CALLS - 1]:
            site = self._site(caller, index)
            given = dict(site.keywords).get(name)
            if given is None and 0 <= position - bound < len(site.args):
                given = site.args[position - bound]
            if given is None or isinstance(given, (Literal, TupleOf)):
                displays = displays or bool(getattr(given, "items", ()))
                continue
            values = self.evaluate(site.func, caller)
            if any(v == made or (isinstance(v, ProjectFunction) and v.ref == at) for v in values):
                groups[self.evaluate(given, caller)] = None
        found = union((), *groups)
        if facts.name == "__init__":
            return found
        groups.pop((), None)
        if len(calls) > _FEWER and len(groups) > 1:
            return ()
        # A callback is the caller's: it is called from where it is handed over.
        values = tuple(value for value in found if isinstance(value, Object))
        # Where one caller passes a list, what another passes is not what all do.
        return unsure(values) if displays else values

    def _imported(self, item: Import, importer: int) -> Values:
        module_name = self.project.imported_module(item, importer)
        module = self.project.module(module_name, importer) if module_name else None
        if not item.name:
            return (ProjectModule(module),) if module is not None else (External(module_name),)
        full = f"{module_name}.{item.name}" if module_name else item.name
        if module is not None:
            found = self._module_attribute(module, item.name)
            if found:
                return found
        submodule = self.project.module(full, importer)
        if submodule is not None:
            return (ProjectModule(submodule),)
        if module is not None:
            return ()
        known = self.vocabulary.member(module_name, item.name)
        if known is not None and known[1].type:
            return self._typed(known[1].type, External(module_name), None, None)
        return (External(full),)

    def _module_attribute(self, module: int, name: str) -> Values:
        at = FunctionRef(module, 0)
        found = self._named(name, at, -1)
        if found and not all(
            isinstance(value, External) and value.name == f"builtins.{name}" for value in found
        ):
            return found
        above = self.project.name(module)
        submodule = self.project.module(f"{above}.{name}" if above else name, module)
        return (ProjectModule(submodule),) if submodule is not None else ()

    def _only_method(self, name: str) -> Values:
        """Return the method that a telling name stands for, if one class of the project has it."""
        if "_" not in name.strip("_") or len(name) < _TELLING:
            return ()
        owners = self.project.having(name)
        if len(owners) != 1 or self.vocabulary.is_name(name):
            return ()
        owner = owners[0]
        method = self.project.class_(owner).methods[name]
        return (ProjectFunction(FunctionRef(owner.module, method), Object(owner, (), sure=False)),)

    # ------------------------------------------------------------------ attributes

    def attribute(self, bases: Values, name: str) -> Values:
        """Return what `base.name` may be for these bases."""
        if len(bases) == 1:
            return self._attribute(bases[0], name)
        return union(*(self._attribute(base, name) for base in bases)) if bases else ()

    def _attribute(self, base: Value, name: str) -> Values:
        if isinstance(base, ProjectModule):
            return self._module_attribute(base.module, name)
        if isinstance(base, External):
            return self._external_attribute(base, name)
        if isinstance(base, (Class, Object)):
            if isinstance(base, Object) and isinstance(base.of, str):
                return self._known_attribute(base.of, name, base)
            return self._once(
                ("attribute", base, name), lambda: self._project_attribute(base, name)
            )
        if isinstance(base, ProjectFunction):
            return self._once(
                ("decorated", base, name), lambda: self._decorated_attribute(base, name)
            )
        return ()

    def _decorated_attribute(self, function: ProjectFunction, name: str) -> Values:
        """Return an attribute of the object that a known decorator makes of a function.

        The function itself is the type argument of that object.
        """
        facts = self.project.function(function.ref)
        around = FunctionRef(function.ref.module, max(facts.parent, 0))
        groups = []
        for decorator in facts.decorators:
            func = self.project.called_by(decorator, around)
            for value in self.evaluate(func, around, facts.owner):
                words = self.vocabulary.words(value)
                for made in parse_type(words[1].returns) if words and words[1].returns else ():
                    if made.args == (TypeExpr("given"),):
                        groups.append(self._attribute(Object(made.name, ((function,),)), name))
        return union(*groups) if groups else ()

    def _external_attribute(self, base: External, name: str) -> Values:
        full = f"{base.name}.{name}"
        if self.project.is_package_prefix(base.name):
            module = self.project.module(full, 0)
            if module is not None:
                return (ProjectModule(module),)
        known = self.vocabulary.member(base.name, name)
        if known is not None and known[1].type:
            return self._typed(known[1].type, base, None, None)
        return (External(full),)

    def _known_attribute(self, type_name: str, name: str, receiver: Object | Class) -> Values:
        known = self.vocabulary.member(type_name, name)
        if known is None:
            return ()
        declared_by, words = known
        if words.type:
            return self._typed(words.type, receiver, None, None)
        return (Member(declared_by, name, receiver),)

    def _project_attribute(self, base: Object | Class, name: str) -> Values:
        ref = base.of if isinstance(base, Object) else base.ref
        assert isinstance(ref, ClassRef)
        found = self._in_classes(base, ref, name)
        if found is None:
            # Nothing here or above: a mixin or a template method means what a subclass gives it.
            groups = []
            for subclass in self.hierarchy.subclasses(ref)[:FEW]:
                below: Object | Class = Class(subclass)
                if isinstance(base, Object):
                    below = Object(subclass, rows=base.rows)
                inherited = self._in_classes(below, subclass, name)
                if inherited:
                    groups.append(inherited)
            found = union(*groups) if groups else ()
        if isinstance(base, Object) and not base.sure:
            return unsure(found)
        return found

    def _in_classes(self, base: Object | Class, ref: ClassRef, name: str) -> Values | None:
        for above, mapping in self.hierarchy.mro(ref, base.args):
            if isinstance(above, str):
                known = self._known_attribute(above, name, base)
                if known:
                    return known
                continue
            found = self._in_class(base, above, name)
            if found is not None:
                return tuple(substituted(value, mapping) for value in flat(found, mapping))
            given = self._given.get(above, {}).get(name)
            if given:
                return self._related(given, base)
        return None

    def _in_class(self, base: Object | Class, ref: ClassRef, name: str) -> Values | None:
        facts = self.project.class_(ref)
        method = facts.methods.get(name)
        if method is not None:
            bound = ProjectFunction(FunctionRef(ref.module, method), base)
            if isinstance(base, Object) and self.is_property(bound.ref):
                return self.returned(bound)
            return (bound,)
        at = FunctionRef(ref.module, facts.scope)
        groups = [
            self._owned(self.evaluate(expr, at, ref.cls), base)
            for expr in self.project.bound_in_class(ref, name) or ()
        ]
        found_any = bool(groups)
        for method_ref, expr in self.project.bound_by_methods(ref, name):
            found_any = True
            groups.append(self.evaluate(expr, method_ref))
        if found_any:
            values = self._held(union(*groups), base)
            if (ref, name) in self._relations:
                values = self._related(values, base)
            return values or None
        if name in facts.classes:
            return (Class(ClassRef(ref.module, facts.classes[name])),)
        return None

    def _held(self, values: Values, base: Object | Class) -> Values:
        """Return what an object gives that holds these: of a descriptor, what it is asked for."""
        if isinstance(base, Class) or not any(
            isinstance(value, Object) and value.of in self.vocabulary.descriptors
            for value in values
        ):
            return values
        groups = (
            self._method_result(value, "__get__")
            if isinstance(value, Object) and value.of in self.vocabulary.descriptors
            else (value,)
            for value in values
        )
        return union((), *groups)

    def _owned(self, values: Values, base: Object | Class) -> Values:
        """Tell descriptors of a class body, such as managers, which class they stand in."""
        if isinstance(base, Object) and base.rows == "loaded":
            values = tuple(
                v._replace(rows="loaded") if isinstance(v, Object) else v for v in values
            )
        if not any(isinstance(v, Object) and not v.args for v in values):
            return values
        owner = Object(base.of if isinstance(base, Object) else base.ref, base.args)
        return tuple(
            v._replace(args=((owner,),))
            if isinstance(v, Object) and not v.args and self.is_of_owner(v)
            else v
            for v in values
        )

    def _related(self, values: Values, base: Object | Class) -> Values:
        """Say of the rows behind a relation what is known of the row that it is of."""
        if isinstance(base, Class):
            return values
        manager = {"loaded": "loaded", "lazy": "", "own": "own"}.get(base.rows, "unknown")
        row = base.rows if base.rows in ("loaded", "lazy", "own") else ""
        return tuple(
            v._replace(rows=manager if self.is_of_owner(v) else row) if isinstance(v, Object) else v
            for v in values
        )

    def is_of_owner(self, value: Object) -> bool:
        """Return whether a value is a query or manager, which belongs to a class of rows."""
        names = (
            (value.of,) if isinstance(value.of, str) else self.hierarchy.external_bases(value.of)
        )
        return any(words.of_owner for name in names for words in self.vocabulary.above(name))

    def is_property(self, ref: FunctionRef) -> bool:
        return is_property(self.project.function(ref).decorators)

    # ------------------------------------------------------------------ classes

    def head(self, ref: ClassRef) -> Head:
        """Return what the first line of a class says, as it is read."""
        facts = self.project.class_(ref)
        at = FunctionRef(ref.module, facts.scope)
        bases = self._once(
            ("bases", ref),
            lambda: union((), *(self.evaluate(base, at, facts.owner) for base in facts.bases)),
        )
        return Head(bases, facts.type_params)

    # ------------------------------------------------------------------ types

    def instances(self, declared: Values) -> Values:
        """Return the values of these classes: what an annotation promises."""
        found: list[Value] = []
        for value in declared:
            if isinstance(value, Class):
                found.append(Object(value.ref, value.args))
            elif isinstance(value, External):
                if value.name in _NEVER:
                    continue
                if value.name in _CLASS_OF:
                    found += classes_of(value.args[0]) if value.args else ()
                elif not value.name.startswith("builtins.object"):
                    found.append(Object(value.name, value.args))
            elif isinstance(value, TypeVariable):
                found.append(value)
            elif isinstance(value, Object):
                # Annotated[X, Depends(f)] leaves no class; a default may stand for its type.
                found.append(value)
        return tuple(dict.fromkeys(found))

    def _item(self, expr: Item, at: FunctionRef, cls: int) -> Values:
        groups: list[Values] = []
        for base in self.evaluate(expr.base, at, cls):
            if isinstance(base, External):
                groups.append(self._subscripted(base, expr.args, at, cls))
            elif isinstance(base, Class):
                groups.append((Class(base.ref, self._type_args(expr.args, at, cls)),))
            elif isinstance(base, Object):
                is_slice = bool(expr.args) and expr.args[0] == Literal("slice")
                groups.append((base,) if is_slice else self._indexed(base))
        return union(*groups) if groups else ()

    def _subscripted(
        self, base: External, args: tuple[Expr, ...], at: FunctionRef, cls: int
    ) -> Values:
        if base.name in _TRANSPARENT:
            return self.evaluate(args[0], at, cls) if args else ()
        if base.name in _UNIONS:
            return union((), *(self.evaluate(arg, at, cls) for arg in args))
        return (External(base.name, self._type_args(args, at, cls)),)

    def _type_args(self, args: tuple[Expr, ...], at: FunctionRef, cls: int) -> tuple[Values, ...]:
        return tuple(self.instances(self.evaluate(arg, at, cls)) for arg in args)

    def _indexed(self, base: Object) -> Values:
        if isinstance(base.of, str):
            known = self.vocabulary.member(base.of, "__getitem__")
            if known is not None:
                return self._typed(known[1].returns, base, None, None)
            if base.of in _TUPLES:
                return union((), *base.args)
            return base.args[-1] if base.args else ()
        return self._method_result(base, "__getitem__")

    def _elements(self, values: Values) -> Values:
        groups: list[Values] = []
        for value in values:
            if not isinstance(value, Object):
                continue
            if not isinstance(value.of, str):
                groups.append(self._once(("elements", value), partial(self._iterated, value)))
                continue
            known = self.vocabulary.member(value.of, "__iter__")
            if known is not None and known[1].returns:
                groups.append(self._typed(known[1].returns, value, None, None))
            elif value.of == "builtins.tuple":
                groups += value.args
            elif value.args:
                groups.append(value.args[0])
        return union(*groups) if groups else ()

    def _iterated(self, value: Object) -> Values:
        """Return what iterating over an object of a project class gives."""
        return (
            self._method_result(value, "__next__")
            or self._method_result(value, "__anext__")
            or self._method_result(value, "__iter__", unpack=True)
            or self._method_result(value, "__aiter__", unpack=True)
        )

    def _part(self, values: Values, index: int) -> Values:
        groups = []
        for value in values:
            if isinstance(value, Object) and value.of in _TUPLES:
                groups.append(value.args[index] if index < len(value.args) else ())
            else:
                groups.append(self._elements((value,)))
        return union(*groups) if groups else ()

    def _entered(self, values: Values) -> Values:
        groups: list[Values] = []
        for value in values:
            if not isinstance(value, Object):
                continue
            if isinstance(value.of, str):
                known = self.vocabulary.member(value.of, "__enter__") or self.vocabulary.member(
                    value.of, "__aenter__"
                )
                if known is not None and known[1].returns:
                    groups.append(self._typed(known[1].returns, value, None, None))
                elif _is_iterator(value.of):
                    groups.append(value.args[0] if value.args else ())
                else:
                    groups.append((value,))
            else:
                found = self._method_result(value, "__enter__") or self._method_result(
                    value, "__aenter__"
                )
                groups.append(found or (value,))
        return union(*groups) if groups else ()

    def _method_result(self, value: Object, name: str, unpack: bool = False) -> Values:
        groups: list[Values] = []
        for method in self._attribute(value, name):
            if isinstance(method, ProjectFunction):
                found = self.returned(method)
                groups.append(self._elements(found) if unpack else found)
            elif isinstance(method, Member):
                # Inherited from a known type, whose `__iter__` says what an element is.
                groups.append(
                    self._typed(self.vocabulary.of_member(method).returns, value, None, None)
                )
        return union(*groups) if groups else ()

    # ------------------------------------------------------------------ calls

    def _result(self, site: Site, at: FunctionRef) -> Values:
        if site.func == _SUPER:
            return self._super(at)
        values = self._fitting(self.evaluate(site.func, at), site)
        return union((), *(self.called(value, site, at) for value in values))

    def _fitting(self, values: Values, site: Site) -> Values:
        """Return of the overloads of a function those that a call fits, if there are any."""
        fitting = []
        for value in values:
            if isinstance(value, ProjectFunction):
                facts = self.project.function(value.ref)
                is_overload = any(last_name(d) == "overload" for d in facts.decorators)
                if is_overload and _fits(facts, site):
                    fitting.append(value)
        return tuple(fitting) or values

    def _super(self, at: FunctionRef) -> Values:
        facts = self.project.function(at)
        while facts.owner < 0 and facts.parent >= 0:
            facts = self.project.function(FunctionRef(at.module, facts.parent))
        if facts.owner < 0:
            return ()
        return self.instances(self.hierarchy.bases(ClassRef(at.module, facts.owner)))

    def _inherited(self, bases: Values, name: str) -> Values:
        """Return what `super().name` may be: nothing that only other subclasses have."""
        groups = (
            self._in_classes(base, base.of, name) or ()
            if isinstance(base, Object) and isinstance(base.of, ClassRef)
            else self._attribute(base, name)
            for base in bases
        )
        return union((), *groups)

    def called(self, value: Value, site: Site, at: FunctionRef) -> Values:
        """Return what calling a value may give."""
        if isinstance(value, ProjectFunction):
            made = self.returned(value)
            if isinstance(value.receiver, Object) and not value.receiver.sure:
                return unsure(made)
            return made
        if isinstance(value, Class):
            maker = self.maker(value)
            if maker is not None:
                return self._typed(maker.returns, value, site, at)
            return (Object(value.ref, value.args),)
        if isinstance(value, External):
            return self._called_external(value, site, at)
        if isinstance(value, Member):
            words = self.vocabulary.of_member(value)
            return self._typed(words.returns, value.receiver, site, at)
        if isinstance(value, Object):
            if isinstance(value.of, str):
                known = self.vocabulary.member(value.of, "__call__")
                return self._typed(known[1].returns, value, site, at) if known else ()
            return self._method_result(value, "__call__")
        return ()

    def maker(self, value: Value) -> MemberWords | None:
        """Return the words of a function, or of a class that stands for what it is given.

        A field of a model is such a class; so is one that the project derives from it.
        """
        if not isinstance(value, Class):
            words = self.vocabulary.words(value)
            return words[1] if words is not None else None
        if value.ref not in self._makers:
            known = (
                self.vocabulary.words(External(name))
                for name in self.hierarchy.external_bases(value.ref)
            )
            found = (words[1] for words in known if words is not None and words[1].returns)
            self._makers[value.ref] = next(found, None)
        return self._makers[value.ref]

    def _called_external(self, value: External, site: Site, at: FunctionRef) -> Values:
        owner, _, name = value.name.rpartition(".")
        known = self.vocabulary.member(value.name, "()") or self.vocabulary.member(owner, name)
        if known is not None and known[1].returns:
            return self._typed(known[1].returns, value, site, at)
        if value.name in self.vocabulary or name[:1].isupper():
            return (Object(value.name, value.args),)
        if value.name == "builtins.type" and site.args:
            return classes_of(self.evaluate(site.args[0], at))
        return ()

    def returned(self, function: ProjectFunction) -> Values:
        """Return what a function of the project returns for this receiver."""
        found = self._once(("returned", function.ref), lambda: self._returned_by(function.ref))
        facts = self.project.function(function.ref)
        receiver = function.receiver
        if facts.owner < 0 or receiver is None or not found:
            return found
        owner = ClassRef(function.ref.module, facts.owner)
        itself = receiver if isinstance(receiver, Object) else Object(receiver.ref, receiver.args)
        ref = itself.of
        if not isinstance(ref, ClassRef):
            return found
        mapping = next(
            (m for above, m in self.hierarchy.mro(ref, itself.args) if above == owner), {}
        )
        found = tuple(self._of_rows(value, itself) for value in found)
        return tuple(
            itself if is_own(value, owner) or is_self(value) else substituted(value, mapping)
            for value in flat(found, mapping)
        )

    def _of_rows(self, value: Value, manager: Object) -> Value:
        """Tell a query that a manager's method returns which rows it is of, if it does not know."""
        if not isinstance(value, Object) or any(value.args) or not manager.args:
            return value
        same = self.is_of_owner(value) and self.is_of_owner(manager)
        return value._replace(args=manager.args) if same else value

    def _returned_by(self, ref: FunctionRef) -> Values:
        facts = self.project.function(ref)
        if facts.returns is not None:
            around = FunctionRef(ref.module, max(facts.parent, 0))
            declared = self.instances(self.evaluate(facts.returns, around, facts.owner))
            if declared:
                return declared
        if facts.yields is not None:
            items = union((), *(self.evaluate(expr, ref) for expr in facts.yields))
            return (Object("typing.Generator", (items,)),)
        return union((), *(self.evaluate(expr, ref) for expr in facts.results))

    # ------------------------------------------------------------------ types of vocabularies

    def typed(self, text: str, receiver: Object | Class | External) -> Values:
        """Return the values of a type of a vocabulary, as seen from this receiver."""
        return self._typed(text, receiver, None, None)

    def _typed(
        self,
        text: str,
        receiver: Object | Class | External | None,
        site: Site | None,
        at: FunctionRef | None,
    ) -> Values:
        """Return the values of a type as a vocabulary writes it."""
        if not text:
            return ()
        groups = [self._typed_one(expr, receiver, site, at) for expr in parse_type(text)]
        return union(*groups)

    def _typed_one(
        self,
        expr: TypeExpr,
        receiver: Object | Class | External | None,
        site: Site | None,
        at: FunctionRef | None,
    ) -> Values:
        name = expr.name
        if name == "self":
            if isinstance(receiver, Class):
                return (Object(receiver.ref, receiver.args),)
            if isinstance(receiver, External):
                return (Object(receiver.name, receiver.args),)
            return (receiver,) if receiver is not None else ()
        if name in ("item", "value"):
            args = receiver.args if receiver is not None else ()
            found = args[0 if name == "item" else -1] if args else ()
            if not found and expr.args:
                return self._typed_one(expr.args[0], receiver, site, at)
            if isinstance(receiver, Object) and self.is_of_owner(receiver):
                rows = _ROWS.get(receiver.rows, "loaded")
                return tuple(v._replace(rows=rows) if isinstance(v, Object) else v for v in found)
            return found
        if name == "owner":
            return (
                self.instances((receiver,))
                if isinstance(receiver, (Class, External))
                else ((receiver,) if receiver is not None else ())
            )
        if name.startswith("self."):
            return self._of_receiver(name.split(".")[1:], receiver)
        if name.startswith("argument."):
            named = dict(site.keywords).get(name.partition(".")[2]) if site is not None else None
            if named is not None and at is not None:
                return self.instances(self.evaluate(named, at))
            return union((), *(self._typed_one(arg, receiver, site, at) for arg in expr.args))
        if name == "below":
            found = union((), *(self._project_class(arg) for arg in expr.args))
            return unsure(found) if isinstance(receiver, Object) and not receiver.sure else found
        if name == "type":
            return classes_of(
                union((), *(self._typed_one(arg, receiver, site, at) for arg in expr.args))
            )
        if name in ("given", "argument", "element", "result"):
            if site is None or at is None or not site.args:
                return ()
            given = self.evaluate(site.args[0], at)
            if name == "given":
                return given
            if name == "element":
                return self._elements(given)
            if name == "argument":
                return tuple(
                    value if isinstance(value, ProjectFunction) else instance
                    for value in given
                    for instance in (self.instances((value,)) or (value,))
                    # A text may name a class, but which one is not known.
                    if instance != Object("builtins.str")
                )
            return self._provided(given, site, at)
        args = tuple(self._typed_one(arg, receiver, site, at) for arg in expr.args)
        if name in ("eager", "fresh"):
            return tuple(reloaded(v, name) for v in union((), *args) if isinstance(v, Object))
        if not isinstance(receiver, Object):
            return (Object(name, args),)
        made = Object(name, args, receiver.sure)
        if receiver.rows and self.is_of_owner(made):
            made = made._replace(rows=receiver.rows)
        return (made,)

    def _project_class(self, expr: TypeExpr) -> Values:
        """Return an instance of the project's own class below a known one, or of that itself."""

        def is_known(name: str) -> bool:
            return any(words.name == expr.name for words in self.vocabulary.above(name))

        return (Object(self.hierarchy.lowest(expr.name, is_known) or expr.name),)

    def _of_receiver(
        self, path: Sequence[str], receiver: Object | Class | External | None
    ) -> Values:
        """Return what the receiver has under this path of attributes and methods."""
        values: Values = (receiver,) if receiver is not None else ()
        for name in path:
            values = self.attribute(values, name)
            groups = [
                self.returned(value)
                if isinstance(value, ProjectFunction)
                else self._typed(
                    self.vocabulary.of_member(value).returns, value.receiver, None, None
                )
                if isinstance(value, Member)
                else (value,)
                for value in values
            ]
            values = union((), *groups)
        args = receiver.args if receiver is not None else ()
        return tuple(
            value._replace(args=args) if isinstance(value, Object) and not value.args else value
            for value in self.instances(values)
        )

    def _provided(self, given: Values, site: Site, at: FunctionRef) -> Values:
        """Return what calling a provider gives: of a generator, what it yields.

        It gets what follows it at the site: `to_thread(f, x)` calls `f(x)`.
        """
        groups = []
        inner = Site(site.kind, site.func, site.args[1:], site.keywords)
        for value in given:
            for made in self.called(value, inner, at):
                if isinstance(made, Object) and isinstance(made.of, str) and _is_iterator(made.of):
                    groups.append(made.args[0] if made.args else ())
                else:
                    groups.append((made,))
        return union(*groups) if groups else ()


# ---------------------------------------------------------------------- helpers

_BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)


def _fits(facts: FunctionFacts, site: Site) -> bool:
    """Return whether a call gives all that a function must have, and nothing else.

    An overload with `flag: Literal[True]` is for that value only.
    """
    keywords = dict(site.keywords)
    unpacks = "*" in keywords or "**" in keywords
    args = list(site.args)
    for param in facts.params:
        given = keywords.pop(param.name, None)
        if given is None and param.kind == "positional" and args:
            given = args.pop(0)
        if given is None and param.default is None and param.kind in ("positional", "keyword"):
            if not unpacks:
                return False
        elif given in (Name("True"), Name("False")) and isinstance(param.annotation, Item):
            if last_name(param.annotation.base) == "Literal" and given not in param.annotation.args:
                return False
    return unpacks or not (keywords or args) or any("args" in p.kind for p in facts.params)


def _once_eager(values: Values) -> Values:
    """Drop what a query was before it was told to load its relations: `rows = rows.with_all()`."""
    told = {v._replace(rows="") for v in values if isinstance(v, Object) and v.rows == "eager"}
    return tuple(v for v in values if v not in told) if told else values


def _is_iterator(name: str) -> bool:
    return name.rsplit(".", 1)[-1] in (
        "Generator",
        "AsyncGenerator",
        "Iterator",
        "AsyncIterator",
        "Iterable",
        "AsyncIterable",
    )


def _with_variables(values: Values, name: str) -> Values:
    """Return values with each type variable under the name that it is bound to."""
    return tuple(
        TypeVariable(name) if isinstance(v, Object) and v.of in _TYPE_VARIABLES else v
        for v in values
    )
