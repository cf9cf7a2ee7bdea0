"""The modules of a project, and what the names in them stand for."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import accumulate, chain
from typing import TypeVar

from bedev_lint.model import ClassFacts, Expr, FunctionFacts, Import, Result, Site
from bedev_lint.program.structure.dependencies import Dependencies
from bedev_lint.program.structure.module import Unit, first_calls, last_part
from bedev_lint.program.structure.name_index import Names
from bedev_lint.program.structure.values import ClassRef, FunctionRef

__all__ = ["Project"]

T = TypeVar("T")

# The tables of names that what a module does may hang on.
_MENTIONS = ("calls", "attributes")


class Project:
    """All modules of a program. Everything that asks for their facts asks here.

    What is computed for one module is kept until something that it was computed from changes. So
    it asks through a `view` for that module, and the view notes in `reads` what was asked for.
    Not noted is what stands in the module itself (`own`), since a module that changes is computed
    anew anyway; its classes are, because other modules say something of them too. Nor is the path
    or name of a module noted, since a module with another path or name has another number.
    """

    def __init__(self, units: Mapping[int, Unit], names: Names) -> None:
        self._units, self._names = units, names
        self.reads, self.own = Dependencies(), -1
        self._paths = frozenset(unit.path for unit in units.values())
        self._by_name: dict[str, list[Unit]] = {}
        self._by_last: dict[str, list[Unit]] = {}
        for unit in units.values():
            self._by_name.setdefault(unit.name, []).append(unit)
            last = last_part(unit.path_name)
            self._by_last.setdefault(last, []).append(unit)
        self._prefixes = frozenset(chain.from_iterable(unit.prefixes for unit in units.values()))
        self._by_import: dict[tuple[int | None, str], int] = {}

    def view(self, module: int) -> Project:
        """Return the project as one module looks at it, with `reads` that are empty as yet."""
        view = copy(self)
        view.reads, view.own = Dependencies(), module
        return view

    # ------------------------------------------------------------------ facts

    def function(self, ref: FunctionRef) -> FunctionFacts:
        if ref.module != self.own:
            self.reads.functions.add(ref)
        return self._units[ref.module].facts.functions[ref.function]

    def class_(self, ref: ClassRef) -> ClassFacts:
        self.reads.classes.add(ref)
        return self._units[ref.module].facts.classes[ref.cls]

    def site(self, ref: FunctionRef, index: int) -> Site:
        """Return a site of a function (0: the module)."""
        self._note_body(ref, self.reads.sites, index)
        return self._units[ref.module].facts.functions[ref.function].sites[index]

    def _note_body(self, ref: FunctionRef, of_modules: set[tuple[int, T]], key: T) -> None:
        """Note that a function is looked at; of the code of a module no more than this of it."""
        if ref.module != self.own:
            if ref.function == 0:
                of_modules.add((ref.module, key))
            else:
                self.reads.functions.add(ref)

    def around(self, ref: FunctionRef) -> FunctionRef:
        """Return the function (0: the module) in which a function is defined."""
        return FunctionRef(ref.module, max(self.function(ref).parent, 0))

    def outward(self, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return a function, those that it is defined in, and last the code of its module."""
        yield ref
        while ref.function > 0:
            ref = FunctionRef(ref.module, self.function(ref).parent)
            yield ref

    def called_by(self, decorator: Expr, scope: FunctionRef) -> Expr:
        """Return what a decorator calls: `@f(x)` as well as `@f` is known by `f`."""
        return self.site(scope, decorator.site).func if isinstance(decorator, Result) else decorator

    def bound(self, ref: FunctionRef, name: str) -> list[Expr] | None:
        """Return what a function (0: the module) binds to a plain name."""
        self._note_body(ref, self.reads.bound, name)
        return self._units[ref.module].bindings[ref.function].get(name)

    def bound_in_class(self, ref: ClassRef, name: str) -> list[Expr] | None:
        """Return what the body of a class binds to a plain name."""
        self.reads.classes.add(ref)
        return self._units[ref.module].class_bindings[ref.cls].get(name)

    def bound_by_methods(self, ref: ClassRef, name: str) -> Sequence[tuple[FunctionRef, Expr]]:
        """Return what methods bind to an attribute of their object, and which methods do."""
        if ref.module != self.own:
            self.reads.attributes.add(ref)
        bindings = self._units[ref.module].attributes.get(ref.cls, {}).get(name, ())
        return [(FunctionRef(ref.module, function), expr) for function, expr in bindings]

    def attributes_of(self, ref: ClassRef) -> frozenset[str]:
        """Return the names that a class binds in its body, or its methods to their object."""
        if ref.module != self.own:
            self.reads.attributes.add(ref)
        self.reads.classes.add(ref)
        unit = self._units[ref.module]
        return frozenset((*unit.class_bindings[ref.cls], *unit.attributes.get(ref.cls, ())))

    def bound_as_global(self, module: int, name: str) -> Sequence[tuple[FunctionRef, Expr]]:
        """Return what functions bind to a name of the module, and which functions do."""
        if module != self.own:
            self.reads.bound.add((module, name))
        bindings = self._units[module].globals.get(name, ())
        return [(FunctionRef(module, function), expr) for function, expr in bindings]

    def tested(self, ref: FunctionRef, name: str) -> Sequence[Expr]:
        """Return the classes that a function tests a name for."""
        if ref.module != self.own:
            self.reads.functions.add(ref)
        return self._units[ref.module].tested[ref.function].get(name, ())

    def put_into(self, ref: FunctionRef, name: str, *, by_key: bool) -> Sequence[Expr]:
        """Return what a function puts into what a name stands for, under keys or without."""
        if ref.module != self.own:
            self.reads.functions.add(ref)
        return self._units[ref.module].put[ref.function].get((name, by_key), ())

    def called_on(self, ref: FunctionRef, expr: Expr) -> Sequence[int]:
        """Return the sites at which a function calls a method of an expression, with arguments."""
        if ref.module != self.own:
            self.reads.functions.add(ref)
        return self._units[ref.module].called_on[ref.function].get(expr, ())

    def called_in(self, ref: FunctionRef) -> frozenset[str]:
        """Return the plain names that a function calls."""
        if ref.module != self.own:
            self.reads.functions.add(ref)
        return self._units[ref.module].called[ref.function]

    def imports(self, ref: FunctionRef, name: str) -> Sequence[Import]:
        """Return the imports of a function (0: the module) that bind a name, `*` among them."""
        self._note_body(ref, self.reads.bound, name)
        return self._units[ref.module].imports.get(ref.function, {}).get(name, ())

    # ------------------------------------------------------------------ modules

    @property
    def modules(self) -> Iterable[int]:
        """The numbers of all modules, in the order of their paths."""
        return self._units.keys()

    def name(self, module: int) -> str:
        """Return the dotted name of a module."""
        return self._units[module].name

    def path(self, module: int) -> str:
        """Return the path of a module, relative to the project."""
        return self._units[module].path

    def path_name(self, module: int) -> str:
        """Return the path of a module with dots."""
        return self._units[module].path_name

    def function_name(self, ref: FunctionRef) -> str:
        """Return the full dotted name of a function."""
        return self._dotted(ref.module, self.function(ref).qualname or "<module>")

    def class_name(self, ref: ClassRef) -> str:
        """Return the full dotted name of a class."""
        return self._dotted(ref.module, self.class_(ref).qualname)

    def _dotted(self, module: int, qualname: str) -> str:
        name = self.name(module)
        return f"{name}.{qualname}" if name else qualname

    def functions(self, module: int) -> Iterator[tuple[FunctionRef, FunctionFacts]]:
        """Return the functions of a module, its own code first."""
        for index in range(len(self._units[module].facts.functions)):
            ref = FunctionRef(module, index)
            yield ref, self.function(ref)

    def classes(self, module: int) -> Iterator[tuple[ClassRef, ClassFacts]]:
        """Return the classes of a module; of one without any the facts are not even read."""
        for index in range(sum(map(len, self._units[module].names.classes.values()))):
            ref = ClassRef(module, index)
            yield ref, self.class_(ref)

    def module(self, name: str, importer: int | None = None) -> int | None:
        """Return the number of the module that an absolute import in `importer` names."""
        self.reads.modules.add(last_part(name))
        self.reads.modules.add(name.partition(".")[0])
        key = (importer, name)
        if key not in self._by_import:
            path = "" if importer is None else self._units[importer].path
            self._by_import[key] = self._look_up(name, path)
        number = self._by_import[key]
        return number if number >= 0 else None

    def imported_module(self, item: Import, importer: int) -> str:
        """Return the dotted name of the module that an import speaks of."""
        if item.level == 0:
            return item.module
        unit = self._units[importer]
        parts = unit.name.split(".") if unit.name else []
        drop = item.level - 1 if unit.is_package else item.level
        kept = parts[: len(parts) - drop] if drop else parts
        return ".".join([*kept, item.module] if item.module else kept)

    def _look_up(self, name: str, importer: str) -> int:
        """Return the number of the module that a name means to an importer, or -1.

        It is one below a folder that the importer lies in too. Only what is in none of those comes
        from elsewhere: from a folder of sources, or another project that is installed. Where
        several are as near, nobody can tell.
        """
        every = {*self._by_name.get(name, ()), *self._by_suffix(name, importer)}
        importable = [unit for unit in every if not self._is_shadowed(unit)]
        below = [unit for unit in importable if _is_below(importer, _root(unit, name))]
        if importable and not below and self._is_at_home(name, importer):
            return -1
        return _nearest(
            [unit for unit in below if unit.name == name]
            or below
            or [unit for unit in importable if unit.name == name]
            or importable,
            importer,
        )

    def _is_shadowed(self, unit: Unit) -> bool:
        """Return whether a package of its name is imported instead, or the module of a stub."""
        stem, _, suffix = unit.path.rpartition(".")
        if suffix == "pyi" and f"{stem}.py" in self._paths:
            return True
        return not unit.is_package and f"{stem}/__init__.py" in self._paths

    def _is_at_home(self, name: str, importer: str) -> bool:
        """Return whether the package that a name begins with lies around the importer.

        Nothing is imported from a package that the importer itself is a part of, but by its name:
        `from shop import orders` in `tests/shop/test_orders.py` means no `tests/shop`.
        """
        top = name.partition(".")[0]
        folders = ["", *accumulate(self._imported_from(importer).split("/"), "{}/{}".format)]
        around = (f"{folder}/{top}".removeprefix("/") for folder in folders)
        return any(f"{path}/__init__.py" in self._paths for path in around)

    def _by_suffix(self, name: str, importer: str) -> list[Unit]:
        last = last_part(name)
        ending = f".{name}"
        fitting = [
            unit for unit in self._by_last.get(last, ()) if f".{unit.path_name}".endswith(ending)
        ]
        if "." in name:
            return fitting
        # A bare name: only a neighbour of the script, or of the whole package.
        folder = self._imported_from(importer)
        return [
            unit for unit in fitting if unit.path.rpartition("/")[0] in (folder, f"{folder}/{name}")
        ]

    def _imported_from(self, path: str) -> str:
        """Return the folder that holds a file, or the outermost package around it."""
        folder = path.rpartition("/")[0]
        while f"{folder}/__init__.py" in self._paths:
            folder = folder.rpartition("/")[0]
        return folder

    def is_package_prefix(self, name: str) -> bool:
        """Return whether a module of the project lies below this dotted name."""
        self.reads.modules.add(last_part(name))
        return name in self._prefixes

    # ------------------------------------------------------------------ names

    def calls(self, name: str) -> list[tuple[FunctionRef, int]]:
        """Return the first calls of something of this name, by function and site."""
        self.reads.calls.add(name)
        modules = self._names.modules("calls", name)
        return first_calls(name, ((module, self._units[module].names) for module in modules))

    def assigning(self, module: int, calls: Iterable[str]) -> Iterator[FunctionRef]:
        """Return the functions of a module that assign to others, or call one of these names."""
        names = self._units[module].names
        functions = {*names.assigning}
        functions.update(function for name in calls for function, _ in names.calls.get(name, ()))
        return (FunctionRef(module, function) for function in sorted(functions))

    def having(self, method: str) -> list[ClassRef]:
        """Return the classes that define a method of this name."""
        self.reads.methods.add(method)
        return [
            ClassRef(module, index)
            for module in self._names.modules("methods", method)
            for index in self._units[module].names.methods[method]
        ]

    def called(self, name: str) -> list[ClassRef]:
        """Return the classes of this name."""
        self.reads.named.add(name)
        return [
            ClassRef(module, index)
            for module in self._names.modules("classes", name)
            for index in self._units[module].names.classes[name]
        ]

    @property
    def defined(self) -> Container[str]:
        """All names by which something of the project may be called."""
        return self._names.table("defined")

    @property
    def properties(self) -> Container[str]:
        """The names of all properties."""
        return self._names.table("properties")

    def is_loaded(self, relation: str) -> bool:
        """Return whether some query of the project loads a relation of this name."""
        self.reads.loading.add(relation)
        return relation in self._names.table("loading")

    def names_unseen(self, calls: Iterable[str]) -> bool:
        """Return whether a call of one of these names relations that nobody can read there."""
        return any(self.is_loaded(f"{name}()") for name in calls)

    def importing_all(self, module: int) -> Iterator[int]:
        """Return the modules that import all the names of a module: `from base import *`."""
        name = last_part(self.path_name(module))
        self.reads.starred.add(name)
        for other in self._names.modules("starred", name):
            for item in self.imports(FunctionRef(other, 0), "*"):
                if self.module(self.imported_module(item, other), other) == module:
                    yield other
                    break

    def mentioning(self, names: Iterable[str]) -> set[int]:
        """Return the modules that call something of these names, or read such an attribute."""
        every = [self._names.modules(table, name) for name in names for table in _MENTIONS]
        return set(chain.from_iterable(every))


def _root(unit: Unit, name: str) -> str | None:
    """Return the folder, with dots, from which a module is imported by a name."""
    path = f".{unit.path_name}"
    return path.removesuffix(f".{name}") if path.endswith(f".{name}") else None


def _is_below(path: str, root: str | None) -> bool:
    """Return whether a file lies in a folder, given with dots, or below it."""
    return root is not None and f".{path.replace('/', '.')}".startswith(f"{root}.")


def _nearest(units: Sequence[Unit], importer: str) -> int:
    """Return the number of the one that shares most of its path with the importer, or -1."""
    shares = [_shared(unit.path, importer) for unit in units]
    most = max(shares, default=-1)
    return units[shares.index(most)].number if shares.count(most) == 1 else -1


def _shared(left: str, right: str) -> int:
    count = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count
