"""What names stand for: in class bodies, functions and modules, and through imports."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from bedev_lint.model import Expr, Import, Name
from bedev_lint.program.resolve.along import most_told
from bedev_lint.program.resolve.filled import filled
from bedev_lint.program.resolve.parameters import parameter
from bedev_lint.program.resolve.proofs import told_by_use
from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.resolve.typed import typed
from bedev_lint.program.structure.generics import instances_of
from bedev_lint.program.structure.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Object,
    ProjectFunction,
    ProjectModule,
    TypeVariable,
    Values,
    union,
)

__all__ = ["class_named", "dotted", "module_attribute", "named", "only_method"]

_TYPE_VARIABLES = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("TypeVar", "ParamSpec")
)
# `None` stands for nothing: `model = None` leaves it to others to say what the model is.
_BUILTINS = frozenset(dir(builtins)) - {"None"}
# A method's name of this length says whose it is, where only one class has it.
_TELLING = 10


def named(resolver: Resolving, name: str, ref: FunctionRef, cls: int = -1) -> Values:
    """Return what a name stands for in a function, or in the body of a class."""
    question = ("name", ref, cls, name)
    return resolver.memory.once(question, lambda: _told(resolver, name, ref, cls))


def module_attribute(resolver: Resolving, module: int, name: str) -> Values:
    """Return what a module of the project has under a name, or its submodule of that name."""
    values = named(resolver, name, FunctionRef(module, 0))
    if values and not all(
        isinstance(value, External) and value.name == f"builtins.{name}" for value in values
    ):
        return values
    above = resolver.project.name(module)
    submodule = resolver.project.module(f"{above}.{name}" if above else name, module)
    return (ProjectModule(submodule),) if submodule is not None else ()


def class_named(resolver: Resolving, name: str, scope: FunctionRef) -> Values:
    """Return the class that a string names: of this module, or the project's only one."""
    label, _, last = name.rpartition(".")
    values = [v for v in named(resolver, last, FunctionRef(scope.module, 0)) if not label]
    if values:
        return tuple(values)
    project = resolver.project
    classes = project.called(last)
    app = label.rpartition(".")[2] or _application(project.name(scope.module))
    names = {ref: project.name(ref.module) for ref in classes}
    named_so = [ref for ref in classes if app in names[ref].split(".")]
    of_app = [ref for ref in named_so if app == _application(names[ref])]
    classes = of_app or named_so or classes
    return (Class(classes[0]),) if len(classes) == 1 else ()


def _application(module: str) -> str:
    """Return the label that Django gives the application of a module: the package of its models."""
    before, found, _ = f".{module}.".partition(".models.")
    return before.rpartition(".")[2] if found else ""


def dotted(resolver: Resolving, name: str, ref: FunctionRef) -> Values:
    """Return what of the project a dotted path in a string leads to: `shop.rates.make`."""
    above, _, last = name.rpartition(".")
    module = resolver.project.module(above, ref.module) if above else None
    return module_attribute(resolver, module, last) if module is not None else ()


def only_method(resolver: Resolving, name: str) -> Values:
    """Return the method that a telling name stands for, if one class of the project has it."""
    if "_" not in name.strip("_") or len(name) < _TELLING:
        return ()
    owners = resolver.project.having(name)
    if len(owners) != 1 or resolver.vocabulary.is_name(name):
        return ()
    owner = owners[0]
    method = resolver.project.class_(owner).methods[name]
    return (ProjectFunction(FunctionRef(owner.module, method), Object(owner, (), certain=False)),)


# ---------------------------------------------------------------------- from the inside out


def _told(resolver: Resolving, name: str, ref: FunctionRef, cls: int) -> Values:
    values = _look_up(resolver, name, ref, cls)
    return told_by_use(resolver, values, Name(name), ref) if ref.function > 0 else values


def _look_up(resolver: Resolving, name: str, ref: FunctionRef, cls: int) -> Values:
    if cls >= 0:
        values = _in_class_body(resolver, ClassRef(ref.module, cls), name)
        if values is not None:
            return values
    for scope in resolver.project.outward(ref):
        bound_in = _in_function if scope.function > 0 else _in_module
        values = bound_in(resolver, scope, name)
        if values is not None:
            return values
    values = _in_starred(resolver, ref.module, name)
    if values:
        return values
    return (External(f"builtins.{name}"),) if name in _BUILTINS else ()


def _in_class_body(resolver: Resolving, ref: ClassRef, name: str) -> Values | None:
    facts = resolver.project.class_(ref)
    exprs = resolver.project.bound_in_class(ref, name)
    if exprs is not None:
        scope = FunctionRef(ref.module, facts.scope)
        return union(*(resolver.evaluate(expr, scope, ref.cls) for expr in exprs)) if exprs else ()
    if name in facts.methods:
        return (ProjectFunction(FunctionRef(ref.module, facts.methods[name])),)
    if name in facts.classes:
        return (Class(ClassRef(ref.module, facts.classes[name])),)
    if name in facts.type_params:
        return (TypeVariable(name),)
    return None


def _in_function(resolver: Resolving, ref: FunctionRef, name: str) -> Values | None:
    """Return what a name is bound to in a function; None if it is not bound there."""
    facts = resolver.project.function(ref)
    params = [
        parameter(resolver, ref, facts, position, param)
        for position, param in enumerate(facts.params)
        if param.name == name
    ]
    groups = _bound(resolver, ref, name, params, declared=name in facts.globals)
    if not groups:
        if facts.owner >= 0:
            owner = resolver.project.class_(ClassRef(ref.module, facts.owner))
            if name in owner.type_params:
                return (TypeVariable(name),)
        return None
    values = filled(resolver, most_told(union(*groups)), name, ref)
    narrowed = _narrowed(resolver, values, resolver.project.tested(ref, name), ref)
    return _with_variables(narrowed, name)


def _in_module(resolver: Resolving, ref: FunctionRef, name: str) -> Values | None:
    """Return what a name is bound to in the code of a module; None if it is not bound there."""
    groups = _bound(resolver, ref, name, ())
    for inner, expr in resolver.project.bound_as_global(ref.module, name):
        groups.append(resolver.evaluate(expr, inner))
    return _with_variables(most_told(union(*groups)), name) if groups else None


def _in_starred(resolver: Resolving, importer: int, name: str) -> Values:
    """Return what a name stands for in a module that everything was imported from."""
    for star in resolver.project.imports(FunctionRef(importer, 0), "*"):
        imported = resolver.project.imported_module(star, importer)
        module = resolver.project.module(imported, importer)
        if module is not None and module != importer:
            values = module_attribute(resolver, module, name)
            if values:
                return values
    return ()


# ---------------------------------------------------------------------- what binds a name


def _bound(
    resolver: Resolving,
    ref: FunctionRef,
    name: str,
    params: Sequence[Values],
    declared: bool = False,
) -> list[Values]:
    """Return what a function's imports and assignments bind to a name, after parameters.

    Names that are `declared` to be another's are not bound by assignments.
    """
    groups = [*params]
    for item in resolver.project.imports(ref, name):
        groups.append(_imported(resolver, item, ref.module))
    if not declared:
        question, so_far = ("name", ref, -1, name), resolver.memory.so_far
        for expr in resolver.project.bound(ref, name) or ():
            if groups:
                so_far[question] = union((), *groups)
            groups.append(resolver.evaluate(expr, ref))
        so_far.pop(question, None)  # asked for again from within, it is gone
    return groups


def _imported(resolver: Resolving, item: Import, importer: int) -> Values:
    project = resolver.project
    module_name = project.imported_module(item, importer)
    module = project.module(module_name, importer) if module_name else None
    # What a module beside the package is called, a library may be, and the library be meant.
    may_be_other = item.level == 0 and resolver.vocabulary.is_of_library(module_name)
    if not item.name:
        others = (External(module_name),) if module is None or may_be_other else ()
        return (ProjectModule(module), *others) if module is not None else others
    full = f"{module_name}.{item.name}" if module_name else item.name
    if module is not None:
        values = module_attribute(resolver, module, item.name)
        if values:
            return values
    submodule = project.module(full, importer)
    if submodule is not None:
        return (ProjectModule(submodule),)
    if module is not None and not may_be_other:
        return ()
    member = resolver.vocabulary.member(module_name, item.name)
    if member is not None and member[1].type:
        return typed(resolver, member[1].type, External(module_name))
    return (External(full),)


# ---------------------------------------------------------------------- what is known besides


def _narrowed(
    resolver: Resolving, values: Values, tests: Sequence[Expr], ref: FunctionRef
) -> Values:
    """Add the one class that a function tests a value for, where it says more than is known."""
    if len(tests) != 1 or not all(
        isinstance(value, Object) and isinstance(value.of, ClassRef) for value in values
    ):
        return values
    classes = {value.of for value in values if isinstance(value, Object)}
    tested = (
        value
        for value in instances_of(resolver.evaluate(tests[0], ref))
        if isinstance(value, Object)
        and isinstance(value.of, ClassRef)
        and (not classes or any(above in classes for above, _ in resolver.hierarchy.mro(value.of)))
    )
    return union(values, tuple(tested))


def _with_variables(values: Values, name: str) -> Values:
    """Return values with each type variable under the name that it is bound to."""
    return tuple(
        TypeVariable(name) if isinstance(v, Object) and v.of in _TYPE_VARIABLES else v
        for v in values
    )
