"""What is collected while a module is read: its functions, classes, imports and statements."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from msgspec.structs import replace

from bedev_lint.facts.checks import checks_of
from bedev_lint.facts.constant_tags import Constants
from bedev_lint.facts.function import Function
from bedev_lint.model import (
    Attr,
    Binding,
    ClassFacts,
    Either,
    Elem,
    Expr,
    Import,
    Item,
    Literal,
    ModuleFacts,
    Name,
    Naming,
    Param,
    Result,
    Site,
    SiteKind,
    SourceMap,
)
from bedev_lint.source import DEFINITIONS, declared_names, header_of

__all__ = ["Class", "Recorder"]

# How far behind the start of a definition its name stands.
_NAMED_AFTER: dict[type[ast.AST], int] = {
    ast.FunctionDef: len("def "),
    ast.AsyncFunctionDef: len("async def "),
}
_BUILTINS = frozenset(vars(builtins))
_DISPLAYS = frozenset({"list", "dict", "set"})
_MAKING_EMPTY = frozenset({Name("list"), Name("dict"), Name("set")})
# What may be of a known type.
_MAY_BE_KNOWN = frozenset({Name, Attr, Result, Item, Either, Elem})


@dataclass(slots=True)
class Class:
    """What is collected of one class."""

    index: int
    name: str
    qualname: str
    scope: int
    owner: int
    bases: tuple[Expr, ...]
    keywords: tuple[tuple[str, Expr], ...]
    decorators: tuple[Expr, ...]
    type_params: tuple[str, ...] = ()
    methods: dict[str, int] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    classes: dict[str, int] = field(default_factory=dict)

    def bind(self, name: str, value: Expr) -> None:
        self.bindings.append(Binding(Name(name), value))

    def add_method(self, made: Function) -> None:
        # @x.setter, @x.deleter: the getter keeps the name.
        is_accessor = any(
            isinstance(one, Attr) and one.name in ("setter", "deleter") for one in made.decorators
        )
        if not (is_accessor and made.name in self.methods):
            self.methods[made.name] = made.index

    def frozen(self) -> ClassFacts:
        return ClassFacts(
            self.name,
            self.qualname,
            self.scope,
            self.owner,
            self.bases,
            self.keywords,
            self.decorators,
            self.methods,
            tuple(self.bindings),
            self.classes,
            self.type_params,
        )


class Recorder:
    """All that is known of a module so far, and where reading stands in it.

    `naming` says whose strings are names, `literals` are the texts and numbers that are kept,
    and `key` is what tags of others are made with. `here` is the function whose body is being read,
    `owner` the class whose body is being read directly.
    """

    def __init__(
        self,
        tree: ast.Module,
        text_lines: Sequence[str],
        naming: Naming,
        literals: frozenset[str | int | float],
        key: bytes,
    ) -> None:
        """Start with the tree and the lines of the module."""
        self.naming, self.literals, self.key = naming, literals, key
        self._tree, self._lines = tree, text_lines
        self._functions = [Function(0, "", "", -1, -1, spans=[1, 0], key=key, naming=naming)]
        self._classes: list[Class] = []
        self._imports: list[Import] = []
        self._statements: list[int] = []
        self._names: dict[str, int] = {}
        self.function: Function = self._functions[0]
        self.owner: Class | None = None
        # Whether something may put errors among results.
        self.keeps_errors = False
        # The statement being read, the functions and classes around it; the last with a number.
        self.statement: ast.stmt | ast.ExceptHandler = ast.Pass()
        self._around = ""
        # How many calls about routes the expression being read stands in.
        self.routing = 0
        self._noted: ast.AST | None = None
        self._number = -1

    @cached_property
    def types(self) -> frozenset[str]:
        """The names that may stand for types in this module."""
        return _BUILTINS | declared_names(self._tree)

    def facts(self, name: str, is_package: bool) -> ModuleFacts:
        """Return the facts of the module; `name` is its dotted name."""
        inner = self._read_inside()
        functions = tuple(
            function.frozen(frozenset(names))
            for function, names in zip(self._functions, inner, strict=True)
        )
        classes = tuple(cls.frozen() for cls in self._classes)
        return ModuleFacts(name, is_package, functions, classes, tuple(self._imports))

    def _read_inside(self) -> list[set[str]]:
        """Return for each function the names that functions within it read."""
        names_inside: list[set[str]] = [set() for _ in self._functions]
        for function in reversed(self._functions):  # what is within comes after what is around it
            if function.parent > 0:
                names_inside[function.parent] |= names_inside[function.index] | function.use.names
        return names_inside

    def places(self) -> SourceMap:
        """Return where all stands, with columns in bytes of UTF-8, as in `ast`."""
        spans = [function.spans for function in self._functions]
        return SourceMap(spans, self._statements, list(self._names))

    # ------------------------------------------------------------------ functions, classes, names

    def inside(self, function: Function, owner: Class | None = None) -> _Inside:
        """Say that what is read inside is the body of a function, or of a class in it."""
        outer = _Inside(self)
        self.function, self.owner = function, owner
        return outer

    def add_function(
        self,
        name: str,
        params: tuple[Param, ...],
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    ) -> Function:
        owner = -1 if self.owner is None else self.owner.index
        index, qualname = len(self._functions), self._qualified(name)
        around = self.function
        made = Function(index, name, qualname, around.index, owner, params)
        made.key, made.naming = around.key, around.naming
        made.spans += (node.lineno, node.col_offset + _NAMED_AFTER.get(node.__class__, 0))
        if self.naming.tests is not None:
            made.checks = checks_of(node, self._lines, self.naming.tests)
        self._functions.append(made)
        return made

    def add_class(
        self,
        name: str,
        bases: tuple[Expr, ...],
        keywords: tuple[tuple[str, Expr], ...],
        decorators: tuple[Expr, ...],
    ) -> Class:
        owner = -1 if self.owner is None else self.owner.index
        index, qualname = len(self._classes), self._qualified(name)
        made = Class(index, name, qualname, self.function.index, owner, bases, keywords, decorators)
        self._classes.append(made)
        return made

    def add_import(self, alias: str, module: str, name: str, level: int) -> None:
        self._imports.append(Import(alias, module, name, level, self.function.index))

    def bind(self, name: str, value: Expr) -> None:
        """Note what a name is bound to in the body that is being read."""
        (self.owner or self.function).bind(name, value)

    def is_left_empty(self, name: str) -> bool:
        """Return whether the module binds a name to nothing yet: None, or an empty display."""
        value = self._functions[0].bound.get(name)
        if isinstance(value, Result):
            site = self._functions[0].sites[value.site]
            return site.func in _MAKING_EMPTY and not site.args and not site.keywords
        is_empty = isinstance(value, Literal) and value.kind in _DISPLAYS and not value.items
        return is_empty or value == Literal("None") or value == Name("None")

    def _qualified(self, name: str) -> str:
        around = (self.owner or self.function).qualname
        return f"{around}.{name}" if around else name

    # ------------------------------------------------------------------ statements and sites

    def enter(self, statement: ast.stmt | ast.ExceptHandler) -> None:
        """Say that this statement is read from now on."""
        self.statement = statement
        self._around = (self.owner or self.function).qualname

    def use(
        self,
        kind: SiteKind,
        method: str,
        value: Expr,
        node: ast.expr,
        last: ast.expr | None = None,
        args: tuple[Expr, ...] = (),
    ) -> None:
        """Note that a protocol of a value is used, where the value may be of a known type.

        It stands from the start of `node` to the end of `last`, or else of `node`.
        """
        if value.__class__ in _MAY_BE_KNOWN:
            self.site(kind, Attr(value, method), node, args, last=last)

    def site(
        self,
        kind: SiteKind,
        func: Expr,
        node: ast.expr,
        args: tuple[Expr, ...] = (),
        keywords: tuple[tuple[str, Expr], ...] = (),
        last: ast.expr | None = None,
        constants: Constants = (),
    ) -> int:
        """Note a site of the function that is being read, and return its index."""
        if self.statement is not self._noted:
            self._note(self.statement)
        function, end = self.function, last or node
        depth = -1 if function.left else function.conditions
        function.depths.append(depth)
        site = Site(kind, func, args, keywords, function.region, False, depth == 0, (), constants)
        function.sites.append(site)
        function.uses(site)
        function.spans += (
            node.lineno,
            node.col_offset,
            end.end_lineno or node.lineno,
            end.end_col_offset or node.col_offset,
            self._number,
        )
        return len(function.sites) - 1

    def awaited(self, value: Result) -> None:
        """Note that the result of a site is awaited."""
        sites = self.function.sites
        sites[value.site] = replace(sites[value.site], awaited=True)

    def _note(self, statement: ast.stmt | ast.ExceptHandler) -> None:
        """Give the statement that is being read a number."""
        self._noted = statement
        self._number += 1
        name = self._around
        if isinstance(statement, DEFINITIONS):
            name = f"{name}.{statement.name}" if name else statement.name
        self._statements += header_of(statement, self._lines)
        self._statements.append(self._names.setdefault(name, len(self._names)))


class _Inside:
    """For `with`: afterwards reading goes on in the function and class in which it stood."""

    __slots__ = ("_function", "_owner", "_recorder")

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._function, self._owner = recorder.function, recorder.owner

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._recorder.function, self._recorder.owner = self._function, self._owner
