"""What is collected while a module is read: functions, classes, regions, sites, statements."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from msgspec.structs import replace

from bedev_lint.facts.constant_tags import Constants
from bedev_lint.facts.use import Use
from bedev_lint.model import (
    Attr,
    Binding,
    ClassFacts,
    Either,
    Elem,
    Expr,
    FunctionFacts,
    Import,
    Item,
    Literal,
    ModuleFacts,
    Name,
    Naming,
    Param,
    Part,
    Region,
    RegionKind,
    Result,
    Site,
    SiteKind,
    SourceMap,
)
from bedev_lint.source import DEFINITIONS, declared_names, header_of

__all__ = ["Class", "Function", "Recorder"]

# How far behind the start of a definition its name stands.
_NAMED_AFTER: dict[type[ast.AST], int] = {
    ast.FunctionDef: len("def "),
    ast.AsyncFunctionDef: len("async def "),
}
_BUILTINS = frozenset(vars(builtins))
_LOOPS = frozenset({"for", "while", "comprehension"})
_ISINSTANCE = Name("isinstance")
_DISPLAYS = frozenset({"list", "dict", "set"})
_MAKING_EMPTY = frozenset({Name("list"), Name("dict"), Name("set")})
# What may be of a known type.
_MAY_BE_KNOWN = frozenset({Name, Attr, Result, Item, Either, Elem})


@dataclass(slots=True)
class Function:
    """What is collected of one function while its body is read, and where reading stands in it."""

    index: int
    name: str
    qualname: str
    parent: int
    owner: int
    params: tuple[Param, ...] = ()
    returns: Expr | None = None
    decorators: tuple[Expr, ...] = ()
    is_async: bool = False
    yields: list[Expr] | None = None
    regions: list[Region] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    spans: list[int] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    results: list[Expr] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    raises: bool = False
    truth_tested: set[int] = field(default_factory=set)
    guards: tuple[Expr, ...] | None = None
    raised: list[Expr] = field(default_factory=list)
    use: Use = field(default_factory=Use)
    # What names were bound to last; of those bound to what is not in something yet, that one's.
    bound: dict[str, Expr] = field(default_factory=dict)
    missing_in: dict[str, str] = field(default_factory=dict)
    # How often names were bound; and the sites that used one which was bound once before them,
    # and in no loop, with what it stood for then.
    times: dict[str, int] = field(default_factory=dict)
    # The regions in which names were bound last.
    bound_in: dict[str, int] = field(default_factory=dict)
    early: list[tuple[int, str, Expr]] = field(default_factory=list)
    region: int = -1
    # How many conditions the statement being read hangs on, and whether one of them returned.
    conditions: int = 0
    left: bool = False
    # How many forks its loops have had so far.
    forks: int = 0
    # What tags of constants are made with.
    key: bytes = b""

    @property
    def must_fail(self) -> bool:
        """Whether what is raised here is raised by every call, and caught by none of them."""
        if self.conditions or self.left:
            return False
        return all(self.regions[index].kind != "try" for index in self._around(self.region))

    def bind(self, name: str, value: Expr) -> None:
        self.bindings.append(Binding(Name(name), value))
        self.bound[name] = value
        self.times[name] = self.times.get(name, 0) + 1
        self.bound_in[name] = self.region

    def uses(self, site: Site) -> None:
        """Note what names the last site uses that were bound once, before it."""
        func, times = site.func, self.times
        for used in (func.base if func.__class__ is Attr else func, *site.args):
            if used.__class__ is Name and times.get(used.id) == 1:
                self.early.append((len(self.sites) - 1, used.id, self.bound[used.id]))

    def _is_straight(self, site: Site) -> bool:
        """Return whether a site stands in no loop."""
        return all(self.regions[index].kind not in _LOOPS for index in self._around(site.region))

    def loops_since(self, name: str) -> int:
        """Return how many of the loops around what is being read began after a name was bound."""
        if name in self.bound_in:
            outer = set(self._around(self.bound_in[name]))
        elif any(param.name == name for param in self.params):
            outer = set()
        else:
            return 0
        within = (self.regions[index] for index in self._around(self.region) if index not in outer)
        return sum(region.kind in _LOOPS for region in within)

    def _around(self, region: int) -> Iterator[int]:
        """Return the index of a region and of those around it, innermost first."""
        while region >= 0:
            yield region
            region = self.regions[region].parent

    def _settle(self) -> None:
        """Let sites use what a name stood for, where it is bound to something else after them."""
        own = {param.name for param in self.params} | set(self.globals)
        for index, name, value in self.early:
            if self.times[name] == 1 or name in own or not _is_plain(value):
                continue
            site, old = self.sites[index], Name(name)
            if self._is_straight(site):
                func = site.func
                if isinstance(func, Attr) and func.base == old:
                    func = Attr(value, func.name)
                args = tuple(value if arg == old else arg for arg in site.args)
                self.sites[index] = replace(site, func=func, args=args)

    def ask(self, value: Expr) -> None:
        """Note that it is asked for the truth of a value, or whether it is None."""
        if isinstance(value, Name):
            value = self.bound.get(value.id, value)
        for option in value.options if isinstance(value, Either) else (value,):
            made = option.base if isinstance(option, Part) else option
            if isinstance(made, Result):
                self.truth_tested.add(made.site)
                site = self.sites[made.site]
                if site.func == _ISINSTANCE and site.args:
                    self.ask(site.args[0])
            elif isinstance(made, Attr) and self.sites and self.sites[-1].func == made:
                self.truth_tested.add(len(self.sites) - 1)

    # ------------------------------------------------------------------ what holds inside

    def nested(self) -> _Nested:
        """Keep to what is read inside the regions opened, and conditions made, there."""
        return _Nested(self)

    def open(self, kind: RegionKind, expr: Expr | None = None, names: tuple[str, ...] = ()) -> None:
        """Say that what is read from now on stands in a region."""
        self.regions.append(Region(kind, expr, self.region, names))
        self.region = len(self.regions) - 1

    def fork(self) -> str:
        """Return the number of a fork that begins here, or "" outside of loops."""
        region = self.region
        while region >= 0 and self.regions[region].kind not in ("for", "while"):
            region = self.regions[region].parent
        self.forks += region >= 0
        return str(self.forks) if region >= 0 else ""

    def take(self, fork: str) -> None:
        """Say that what is read from now on stands on one of the ways on from a fork."""
        if fork:
            self.open("branch", None, (fork,))

    def within(
        self, kind: RegionKind, expr: Expr | None = None, names: tuple[str, ...] = ()
    ) -> _Nested:
        """Say that what is read inside stands in a region."""
        outer = _Nested(self)
        self.open(kind, expr, names)
        return outer

    def asking(self) -> _Nested:
        """Say that what is read inside decides something."""
        outer = _Nested(self)
        self.use.conditions += 1
        return outer

    def maybe(self) -> _Nested:
        """Say that what is read inside may not run."""
        outer = _Nested(self)
        self.conditions += 1
        return outer

    def frozen(self, inner: frozenset[str]) -> FunctionFacts:
        """Return the facts; `inner` are the names that functions within this one read."""
        dropped, picked = self.use.results(
            self.bindings, self.sites, inner, is_module=self.index == 0
        )
        self._settle()
        return FunctionFacts(
            self.name,
            self.qualname,
            self.parent,
            self.owner,
            self.params,
            self.returns,
            self.decorators,
            self.is_async,
            None if self.yields is None else tuple(self.yields),
            tuple(self.regions),
            tuple(self.sites),
            tuple(self.bindings),
            tuple(self.results),
            tuple(self.globals),
            self.raises,
            tuple(sorted(self.truth_tested)),
            self.guards,
            tuple(self.raised),
            dropped,
            picked,
        )


def _is_plain(value: Expr) -> bool:
    """Return whether an expression means the same wherever it stands in its function."""
    while isinstance(value, Attr):
        value = value.base
    return value == Name("self") or isinstance(value, (Result, Literal))


class _Nested:
    """For `with`: afterwards reading goes on in the region, and as conditionally, as before."""

    __slots__ = ("_asking", "_conditions", "_function", "_region")

    def __init__(self, function: Function) -> None:
        self._function = function
        self._region, self._conditions = function.region, function.conditions
        self._asking = function.use.conditions

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._function.region, self._function.conditions = self._region, self._conditions
        self._function.use.conditions = self._asking


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
        self._functions = [Function(0, "", "", -1, -1, spans=[1, 0], key=key)]
        self._classes: list[Class] = []
        self._imports: list[Import] = []
        self._statements: list[int] = []
        self._names: dict[str, int] = {}
        self.function: Function = self._functions[0]
        self.owner: Class | None = None
        # The statement being read, the functions and classes around it; the last with a number.
        self.statement: ast.stmt | ast.ExceptHandler = ast.Pass()
        self._around = ""
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
        made = Function(index, name, qualname, self.function.index, owner, params, key=self.key)
        made.spans += (node.lineno, node.col_offset + _NAMED_AFTER.get(node.__class__, 0))
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
        always = function.conditions == 0 and not function.left
        site = Site(kind, func, args, keywords, function.region, False, always, (), constants)
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
