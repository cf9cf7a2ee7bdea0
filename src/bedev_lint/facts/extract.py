"""The reader of one module: statements and expressions in the order in which Python runs them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bedev_lint.facts.branches import left_by, memo_of, missing_in, seldom
from bedev_lint.model import (
    Attr,
    Binding,
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
    ModuleFacts,
    Name,
    Named,
    Param,
    Part,
    Places,
    Region,
    Result,
    Scope,
    Site,
    TupleOf,
)
from bedev_lint.secrets import is_secret_name
from bedev_lint.source import (
    DEFINITIONS,
    TypeAlias,
    below,
    bound_names,
    header_of,
    lines,
    target_names,
)

__all__ = ["Extracted", "extract"]

# A dotted name of a class, without digits: nothing that somebody keeps secret.
_CLASS_NAME = re.compile(r"(?:[a-z_]{1,30}\.){0,4}[A-Z][A-Za-z]{1,40}")
# The longest string that is read as a type.
_MAX_ANNOTATION = 500
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z_]{1,40}")
_NONE = Literal("None")
_UNKNOWN = Literal("")
_SQL = frozenset(
    "select with insert update delete merge replace upsert truncate create alter drop grant "
    "commit begin rollback copy call vacuum".split()
)
# How far behind the start of a definition its name stands.
_NAMED_AFTER: dict[type[ast.AST], int] = {
    ast.FunctionDef: len("def "),
    ast.AsyncFunctionDef: len("async def "),
}
_KINDS = {int: "int", float: "float"}
_TEXT = Literal("str")
_SQL_TEXTS = {word: Literal("str", word) for word in _SQL}


@dataclass
class Extracted:
    """Facts, and where all that they speak of stands: columns in bytes of UTF-8, as in `ast`."""

    facts: ModuleFacts
    places: Places


def extract(
    tree: ast.Module,
    text: str,
    name: str,
    *,
    is_package: bool = False,
    naming: frozenset[str] = frozenset(),
) -> Extracted:
    """Read one module's facts from its tree and text; `name` is its dotted name.

    `naming` are the keywords whose string, in a class body, names an attribute. Raises
    RecursionError for what is too deep.
    """
    extractor = _Extractor(lines(text), naming)
    extractor.block(tree.body)
    functions = tuple(function.frozen() for function in extractor.functions)
    classes = tuple(found.frozen() for found in extractor.classes)
    facts = ModuleFacts(name, is_package, functions, classes, tuple(extractor.imports))
    places = Places(
        [function.spans for function in extractor.functions],
        extractor.statements,
        list(extractor.names),
    )
    return Extracted(facts, places)


class _Site:
    """A site before it is known whether its result is awaited."""

    __slots__ = ("always", "args", "awaited", "func", "keywords", "kind", "region")

    def __init__(
        self,
        kind: str,
        func: Expr,
        args: tuple[Expr, ...],
        keywords: tuple[tuple[str, Expr], ...],
        region: int,
        always: bool,
    ) -> None:
        self.kind, self.func, self.args, self.keywords = kind, func, args, keywords
        self.region, self.always, self.awaited = region, always, False

    def frozen(self) -> Site:
        return Site(
            self.kind, self.func, self.args, self.keywords, self.region, self.awaited, self.always
        )


@dataclass
class _Function:
    """What is collected of one function while its body is read."""

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
    sites: list[_Site] = field(default_factory=list)
    spans: list[int] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    results: list[Expr] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    raises: bool = False
    # Of names bound to what is not in something yet: its dotted name.
    missing_in: dict[str, str] = field(default_factory=dict)
    region: int = -1
    # How many conditions the statement being read hangs on, and whether one of them returned.
    conditions: int = 0
    left: bool = False

    @property
    def always(self) -> bool:
        return self.conditions == 0 and not self.left

    @property
    def handled(self) -> bool:
        """Whether what is raised here may be caught in the same function."""
        region = self.region
        while region >= 0:
            if self.regions[region].kind == "try":
                return True
            region = self.regions[region].parent
        return False

    def frozen(self) -> FunctionFacts:
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
            tuple(site.frozen() for site in self.sites),
            tuple(self.bindings),
            tuple(self.results),
            tuple(self.globals),
            self.raises,
        )


@dataclass
class _Class:
    name: str
    qualname: str
    scope: int
    owner: int
    bases: tuple[Expr, ...]
    keywords: tuple[tuple[str, Expr], ...]
    decorators: tuple[Expr, ...]
    type_params: tuple[str, ...]
    methods: dict[str, int] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    classes: dict[str, int] = field(default_factory=dict)

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


class _Extractor:
    def __init__(self, rows: Sequence[str], naming: frozenset[str]) -> None:
        self._rows, self._naming = rows, naming
        self.functions: list[_Function] = [_Function("", "", -1, -1, spans=[1, 0])]
        self.classes: list[_Class] = []
        self.imports: list[Import] = []
        self.statements: list[int] = []
        self.names: dict[str, int] = {}
        # The statement being read, the functions and classes around it, and whether it is noted.
        self._statement: ast.stmt | ast.ExceptHandler | None = None
        self._around = ""
        self._noted: ast.AST | None = None
        self._at = 0  # the function whose body is being read
        self._class = -1  # the class whose body is being read, directly
        self._here = self.functions[0]

    # ------------------------------------------------------------------ statements

    def block(self, body: Sequence[ast.stmt]) -> None:
        for index, statement in enumerate(body):
            self._enter(statement)
            read = _STATEMENTS.get(statement.__class__)
            if read is not None:
                read(self, statement)
            else:
                for child in below(statement):
                    self._expr(child)
            if isinstance(statement, ast.If) and not statement.orelse:
                known = self._known_after(statement, body[index + 1 :])
                if known:
                    with self._where(known):
                        self.block(body[index + 1 :])
                    return

    def _known_after(self, node: ast.If, rest: Sequence[ast.stmt]) -> list[tuple[str, str]]:
        """Return where what follows an `if` stands that leaves: `if flag: return`."""
        last = node.body[-1]
        if not isinstance(last, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
            return []
        is_answer = isinstance(last, ast.Return) and last.value is not None
        if is_answer and self._is_looked_up(node.test, ast.IsNot, rest):
            return [("memo", "")]
        return self._asks(node.test, False)

    def _enter(self, statement: ast.stmt | ast.ExceptHandler) -> None:
        self._statement = statement
        self._around = self.classes[self._class].qualname if self._class >= 0 else ""
        self._around = self._around or self._here.qualname

    def _suite(self, body: Sequence[ast.stmt]) -> None:
        left = left_by(body) if self._here.regions else ""
        if not left:
            self.block(body)
        else:
            with self._within("leaves", None, (left,)):
                self.block(body)

    def _branch(self, body: Sequence[ast.stmt]) -> None:
        """Read a suite that may not run; nothing if it is empty."""
        if body:
            self._here.conditions += 1
            self._suite(body)
            self._here.conditions -= 1

    @contextmanager
    def _maybe(self) -> Iterator[None]:
        """Say that what is read inside may not run."""
        self._here.conditions += 1
        yield
        self._here.conditions -= 1

    @contextmanager
    def _within(self, kind: str, expr: Expr | None, names: tuple[str, ...] = ()) -> Iterator[None]:
        """Say that what is read inside stands in a region."""
        here = self._here
        outer = here.region
        here.regions.append(Region(kind, expr, outer, names))
        here.region = len(here.regions) - 1
        yield
        here.region = outer

    def _expression_statement(self, node: ast.Expr) -> None:
        self._expr(node.value)

    def _assign(self, node: ast.Assign) -> None:
        value = self._expr(node.value)
        known = missing_in(node.value)
        for target in node.targets:
            self._bind(target, value)
            if isinstance(target, ast.Name):
                self._here.missing_in[target.id] = known

    def _ann_assign(self, node: ast.AnnAssign) -> None:
        self._bind(node.target, Instance(self._annotation(node.annotation)))
        if node.value is not None:
            self._bind(node.target, self._expr(node.value))

    def _aug_assign(self, node: ast.AugAssign) -> None:
        self._expr(node.value)
        if isinstance(node.target, ast.Attribute):
            self._bind(node.target, _UNKNOWN)

    def _bind(self, target: ast.AST, value: Expr) -> None:
        if isinstance(target, ast.Name):
            self._bind_name(target.id, value)
        elif isinstance(target, ast.Attribute):
            self._here.bindings.append(Binding(Attr(self._expr(target.value), target.attr), value))
        elif isinstance(target, (ast.Tuple, ast.List)):
            for index, element in enumerate(target.elts):
                if isinstance(element, ast.Starred):
                    self._bind(element.value, Literal("list", "", (Elem(value),)))
                elif isinstance(value, TupleOf) and index < len(value.items):
                    self._bind(element, value.items[index])
                else:
                    self._bind(element, Part(value, index))
        elif isinstance(target, ast.Subscript):
            self._expr(target)

    def _bind_name(self, name: str, value: Expr) -> None:
        owner = self.classes[self._class] if self._class >= 0 else self._here
        owner.bindings.append(Binding(Name(name), value))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = tuple(self._expr(decorator) for decorator in node.decorator_list)
        params = self._params(node.args)
        returns = self._annotation(node.returns) if node.returns is not None else None
        index = self._new_function(node.name, params, node)
        made = self.functions[index]
        made.decorators, made.returns = decorators, returns
        made.is_async = isinstance(node, ast.AsyncFunctionDef)
        if self._class >= 0:
            self._add_method(node.name, index, decorators)
        else:
            self._bind_name(node.name, Scope(index))
        with self._inside(index):
            self._suite(node.body)

    def _add_method(self, name: str, index: int, decorators: tuple[Expr, ...]) -> None:
        methods = self.classes[self._class].methods
        # @x.setter, @x.deleter: the getter keeps the name.
        accessor = any(isinstance(d, Attr) and d.name in ("setter", "deleter") for d in decorators)
        if not (accessor and name in methods):
            methods[name] = index

    def _qualified(self, name: str) -> str:
        around = self.classes[self._class].qualname if self._class >= 0 else self._here.qualname
        return f"{around}.{name}" if around else name

    def _new_function(
        self,
        name: str,
        params: tuple[Param, ...],
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    ) -> int:
        made = _Function(name, self._qualified(name), self._at, self._class, params)
        made.spans += (node.lineno, node.col_offset + _NAMED_AFTER.get(node.__class__, 0))
        self.functions.append(made)
        return len(self.functions) - 1

    @contextmanager
    def _inside(self, index: int) -> Iterator[None]:
        outer, outer_class = self._at, self._class
        self._at, self._class, self._here = index, -1, self.functions[index]
        yield
        self._at, self._class, self._here = outer, outer_class, self.functions[outer]

    def _params(self, args: ast.arguments) -> tuple[Param, ...]:
        plain = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(plain) - len(args.defaults)) + args.defaults
        found = [
            self._param(param, "positional", default)
            for param, default in zip(plain, defaults, strict=True)
        ]
        if args.vararg is not None:
            found.append(self._param(args.vararg, "args", None))
        found += [
            self._param(param, "keyword", default)
            for param, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        ]
        if args.kwarg is not None:
            found.append(self._param(args.kwarg, "kwargs", None))
        return tuple(found)

    def _param(self, param: ast.arg, kind: str, default: ast.expr | None) -> Param:
        return Param(
            param.arg,
            kind,
            None if param.annotation is None else self._annotation(param.annotation),
            None if default is None else self._expr(default),
        )

    def _class_def(self, node: ast.ClassDef) -> None:
        decorators = tuple(self._expr(decorator) for decorator in node.decorator_list)
        bases = tuple(
            self._annotation(base) for base in node.bases if not isinstance(base, ast.Starred)
        )
        keywords = tuple(
            (keyword.arg, self._expr(keyword.value))
            for keyword in node.keywords
            if keyword.arg is not None
        )
        # Of an older Python no such field is known.
        type_params = tuple(parameter.name for parameter in getattr(node, "type_params", ()))
        index = len(self.classes)
        self.classes.append(
            _Class(
                node.name,
                self._qualified(node.name),
                self._at,
                self._class,
                bases,
                keywords,
                decorators,
                type_params,
            )
        )
        if self._class >= 0:
            self.classes[self._class].classes[node.name] = index
        else:
            self._bind_name(node.name, Scope(index, is_class=True))
        outer, self._class = self._class, index
        self._suite(node.body)
        self._class = outer

    def _if(self, node: ast.If) -> None:
        self._enter(node)
        self._test(node.test)
        kind = seldom(node, self._loop_targets())
        if not kind and (
            self._is_looked_up(node.test, ast.Is, node.body) or self._is_missing(node)
        ):
            kind = "memo"
        asks = [] if kind else self._asks(node.test, True)
        otherwise = self._asks(node.test, False)
        with self._maybe():
            with self._where([(kind, "")] if kind else asks):
                self._suite(node.body)
            with self._where(otherwise if node.orelse else []):
                if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                    self._if(node.orelse[0])
                elif node.orelse:
                    self._suite(node.orelse)

    @contextmanager
    def _where(self, asked: Sequence[tuple[str, str]]) -> Iterator[None]:
        """Say that what is read inside runs only where parameters are so: a kind and a name."""
        here = self._here
        outer = here.region
        for kind, name in asked:
            here.regions.append(Region(kind, None, here.region, (name,) if name else ()))
            here.region = len(here.regions) - 1
        yield
        here.region = outer

    def _asks(self, test: ast.expr, holds: bool) -> list[tuple[str, str]]:
        """Return what is known of parameters where a test holds, or does not."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self._asks(test.operand, not holds)
        if isinstance(test, ast.BoolOp):
            # Of `a and b` that does not hold, either may be false.
            is_known = isinstance(test.op, ast.And) == holds
            return [ask for part in test.values for ask in self._asks(part, holds) if is_known]
        if isinstance(test, ast.NamedExpr):
            return []
        if isinstance(test, ast.Compare):
            operator, right = test.ops[0], test.comparators[0]
            is_none = isinstance(right, ast.Constant) and right.value is None
            if not is_none or not isinstance(operator, (ast.Is, ast.IsNot)):
                return []
            test, holds = test.left, isinstance(operator, ast.IsNot) == holds
        if not isinstance(test, ast.Name) or not self._is_flag(test.id):
            return []
        return [("asked" if holds else "unasked", test.id)]

    def _is_flag(self, name: str) -> bool:
        """Return whether a name is a parameter that was bound to nothing else so far."""
        here = self._here
        is_bound = any(binding.target == Name(name) for binding in here.bindings)
        return not is_bound and any(param.name == name for param in here.params)

    def _is_looked_up(
        self, test: ast.expr, operator: type[ast.cmpop], body: Sequence[ast.stmt]
    ) -> bool:
        """Return whether a test asks for what was looked up, and a body notes what was not found.

        `operator` is how the test asks: `is` for what is missing, `is not` for what is there.
        """
        if isinstance(test, ast.Compare):
            if operator is ast.IsNot and isinstance(test.ops[0], ast.In):
                return memo_of(body, test.comparators[0])
            if not isinstance(test.ops[0], operator):
                return False
            test = test.left
        elif operator is ast.Is:
            if not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
                return False
            test = test.operand
        if isinstance(test, ast.NamedExpr):
            test = test.target
        name = Name(test.id) if isinstance(test, ast.Name) else None
        bound = [b.value for b in self._here.bindings if b.target == name]
        if not bound or not isinstance(bound[-1], Result):
            return False
        func = self._here.sites[bound[-1].site].func
        if not isinstance(func, Attr) or func.name != "get":
            return False
        # What is called a cache is filled, if not here, by what is called here.
        return "cache" in _path(func).lower() or memo_of(body, _path(func))

    def _is_missing(self, node: ast.If) -> bool:
        """Return whether an `if` asks for what is not in something, and its body notes that there.

        `missing = [key for key in keys if key not in known]`, `if missing: known.update(...)`.
        """
        if not isinstance(node.test, ast.Name):
            return False
        known = self._here.missing_in.get(node.test.id, "")
        return bool(known) and memo_of(node.body, known)

    def _given(self, test: ast.expr) -> str:
        """Return the parameter of which a test asks `is not None`, or ""."""
        if not isinstance(test, ast.Compare) or not isinstance(test.left, ast.Name):
            return ""
        name = test.left.id
        is_asked = isinstance(test.ops[0], ast.IsNot)
        return name if is_asked and any(p.name == name for p in self._here.params) else ""

    def _loop_targets(self) -> tuple[str, ...]:
        """Return the names that the innermost loop binds."""
        here, region = self._here, self._here.region
        while region >= 0 and here.regions[region].kind not in ("for", "comprehension", "while"):
            region = here.regions[region].parent
        return here.regions[region].targets if region >= 0 else ()

    def _test(self, node: ast.expr) -> None:
        """Read an expression whose truth is asked for."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self._test(node.operand)
        elif isinstance(node, ast.BoolOp):
            self._test(node.values[0])
            with self._maybe():
                for value in node.values[1:]:
                    self._test(value)
        else:
            self._use("bool", "__bool__", self._expr(node), node)

    def _use(
        self,
        kind: str,
        method: str,
        value: Expr,
        node: ast.expr,
        last: ast.expr | None = None,
        args: tuple[Expr, ...] = (),
    ) -> None:
        """Note that a protocol of a value is used, where the value may be of a known type.

        It stands from the start of `node` to the end of `last`, or else of `node`.
        """
        if isinstance(value, (Name, Attr, Result, Item, Either, Elem)):
            self._site(kind, Attr(value, method), node, args, last=last)

    def _site(
        self,
        kind: str,
        func: Expr,
        node: ast.expr,
        args: tuple[Expr, ...] = (),
        keywords: tuple[tuple[str, Expr], ...] = (),
        last: ast.expr | None = None,
    ) -> int:
        here = self._here
        here.sites.append(_Site(kind, func, args, keywords, here.region, here.always))
        end = last or node
        here.spans += (
            node.lineno,
            node.col_offset,
            end.end_lineno or node.lineno,
            end.end_col_offset or node.col_offset,
            self._number_of_statement(),
        )
        return len(here.sites) - 1

    def _number_of_statement(self) -> int:
        """Return the number of the statement being read, which is noted if it is new."""
        statement = self._statement
        if statement is not self._noted and statement is not None:
            self._noted = statement
            name = self._around
            if isinstance(statement, DEFINITIONS):
                name = f"{name}.{statement.name}" if name else statement.name
            self.statements += header_of(statement, self._rows)
            self.statements.append(self.names.setdefault(name, len(self.names)))
        return len(self.statements) // 6 - 1

    def _while(self, node: ast.While) -> None:
        with self._within("while", None):
            self._test(node.test)
            self._branch(node.body)
        self._branch(node.orelse)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        iterable = self._expr(node.iter)
        method = "__iter__" if isinstance(node, ast.For) else "__aiter__"
        self._use("iter", method, iterable, node.iter)
        with self._within("for", iterable, tuple(target_names(node.target))), self._maybe():
            self._bind(node.target, Elem(iterable))
            self._suite(node.body)
        self._branch(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        self._with_items(node.items, node.body, "__" if isinstance(node, ast.With) else "__a")

    def _with_items(
        self, items: Sequence[ast.withitem], body: Sequence[ast.stmt], prefix: str
    ) -> None:
        if not items:
            self._suite(body)
            return
        item = items[0]
        manager = self._expr(item.context_expr)
        self._use("enter", f"{prefix}enter__", manager, item.context_expr)
        self._use("exit", f"{prefix}exit__", manager, item.context_expr)
        with self._within("with", manager):
            if item.optional_vars is not None:
                self._bind(item.optional_vars, Entered(manager))
            self._with_items(items[1:], body, prefix)

    def _try(self, node: ast.Try) -> None:
        with self._within("try", None):
            self._suite(node.body)
        for handler in node.handlers:
            with self._within("except", None), self._maybe():
                self._enter(handler)
                caught = self._expr(handler.type) if handler.type is not None else _UNKNOWN
                if handler.name is not None:
                    self._bind_name(handler.name, Caught(caught))
                self._suite(handler.body)
        self._branch(node.orelse)
        self._suite(node.finalbody)

    def _match(self, node: ast.Match) -> None:
        self._expr(node.subject)
        for case in node.cases:
            self._enter(node)
            with self._maybe():
                if case.guard is not None:
                    self._test(case.guard)
                self._suite(case.body)

    def _return(self, node: ast.Return) -> None:
        if node.value is not None:
            with self._within("leaves", None, ("return",)):
                self._here.results.append(self._expr(node.value))
        self._here.left = True

    def _raise(self, node: ast.Raise) -> None:
        for part in (node.exc, node.cause):
            if part is not None:
                self._expr(part)
        here = self._here
        if here.always and not here.handled:
            here.raises = True

    def _global(self, node: ast.Global | ast.Nonlocal) -> None:
        self._here.globals.extend(node.names)

    def _type_alias(self, node: ast.AST) -> None:
        name, value = getattr(node, "name", None), getattr(node, "value", None)
        if isinstance(name, ast.Name) and isinstance(value, ast.expr):
            self._bind_name(name.id, self._annotation(value))

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            # `import a.b` binds `a`, and makes `a.b` known.
            bound = alias.name if alias.asname else alias.name.split(".", 1)[0]
            self._add_import(alias.asname or bound, bound, "", 0)

    def _import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self._add_import(alias.asname or alias.name, node.module or "", alias.name, node.level)

    def _add_import(self, alias: str, module: str, name: str, level: int) -> None:
        self.imports.append(Import(alias, module, name, level, self._at))

    # ------------------------------------------------------------------ expressions

    def _expr(self, node: ast.AST) -> Expr:
        read = _EXPRESSIONS.get(node.__class__)
        if read is not None:
            return read(self, node)
        for child in below(node):
            self._expr(child)
        return _UNKNOWN

    def _name(self, node: ast.Name) -> Expr:
        return Name(node.id)

    def _attribute(self, node: ast.Attribute) -> Expr:
        read = Attr(self._expr(node.value), node.attr)
        if isinstance(read.base, (Name, Attr, Result, Item, Elem)):
            self._site("get", read, node)
        return read

    def _call(self, node: ast.Call) -> Expr:
        func: Expr
        if isinstance(node.func, ast.Attribute):
            func = Attr(self._expr(node.func.value), node.func.attr)
        else:
            func = self._expr(node.func)
        args: list[Expr] = []
        keywords: list[tuple[str, Expr]] = []
        for arg in node.args:
            if isinstance(arg, ast.Starred):
                keywords.append(("*", self._expr(arg.value)))
            else:
                named = None if args else self._name_in_string(arg, "to")
                args.append(named or self._expr(arg))
        for keyword in node.keywords:
            named = self._name_in_string(keyword.value, keyword.arg or "**")
            keywords.append((keyword.arg or "**", named or self._expr(keyword.value)))
        return Result(self._site("call", func, node, tuple(args), tuple(keywords)))

    def _name_in_string(self, value: ast.expr, keyword: str) -> Expr | None:
        """Read what a class body names in a string, a class or attribute; no other text is kept.

        A first argument counts as `to`.
        """
        if self._class < 0 or not isinstance(value, ast.Constant) or self._binds_secret():
            return None
        text = value.value
        if not isinstance(text, str) or not (keyword == "to" or keyword in self._naming):
            return None
        if text == "self" and keyword == "to":
            return Scope(self._class, is_class=True)
        form = _CLASS_NAME if keyword == "to" else _ATTRIBUTE_NAME
        if not form.fullmatch(text):
            return None
        return Named(text)

    def _binds_secret(self) -> bool:
        """Return whether the statement being read gives a value to a secret-like name."""
        return any(map(is_secret_name, bound_names(self._statement)))

    def _await(self, node: ast.Await) -> Expr:
        value = self._expr(node.value)
        if isinstance(value, Result):
            self._here.sites[value.site].awaited = True
        # A lazy query runs where it is awaited.
        self._use("await", "__await__", value, node.value)
        return value

    def _subscript(self, node: ast.Subscript) -> Expr:
        base = self._expr(node.value)
        index = node.slice
        args = []
        for element in index.elts if isinstance(index, ast.Tuple) else [index]:
            value = self._expr(element)
            args.append(Literal("slice") if isinstance(element, ast.Slice) else value)
        self._use("index", "__getitem__", base, node, args=tuple(args))
        return Item(base, tuple(args))

    def _constant(self, node: ast.Constant) -> Expr:
        value = node.value
        if isinstance(value, str):
            return _SQL_TEXTS.get(_sql(value), _TEXT)
        if isinstance(value, bytes):
            return Literal("bytes", _sql(value[:80].decode("latin-1")))
        if value is None or isinstance(value, bool):
            return Name(repr(value))
        kind = _KINDS.get(value.__class__)
        return Literal(kind) if kind else _UNKNOWN

    def _joined(self, node: ast.JoinedStr) -> Expr:
        head = ""
        for index, part in enumerate(node.values):
            if isinstance(part, ast.Constant):
                head = _sql(str(part.value)) if index == 0 else head
            else:
                self._expr(part)
        return Literal("str", head)

    def _tuple(self, node: ast.Tuple) -> Expr:
        return TupleOf(tuple(self._element(element) for element in node.elts))

    def _element(self, node: ast.expr) -> Expr:
        return self._expr(node.value if isinstance(node, ast.Starred) else node)

    def _display(self, node: ast.List | ast.Set) -> Expr:
        kind = "list" if isinstance(node, ast.List) else "set"
        items = []
        for element in node.elts:
            value = self._element(element)
            items.append(Elem(value) if isinstance(element, ast.Starred) else value)
        return Literal(kind, "", tuple(items))

    def _dict(self, node: ast.Dict) -> Expr:
        values = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self._expr(key)
                values.append(self._expr(value))
            else:
                self._expr(value)
        return Literal("dict", "", tuple(values))

    def _lambda(self, node: ast.Lambda) -> Expr:
        params = self._params(node.args)
        index = self._new_function("<lambda>", params, node)
        with self._inside(index):
            self._here.results.append(self._expr(node.body))
        return Scope(index)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> Expr:
        items: list[Expr] = []

        def element() -> None:
            if isinstance(node, ast.DictComp):
                self._expr(node.key)
                items.append(self._expr(node.value))
            else:
                items.append(self._expr(node.elt))

        # A name bound here must not be seen outside, but a function's scope is near enough.
        outer_class, self._class = self._class, -1
        with self._maybe():
            self._loops(node.generators, element)
        self._class = outer_class
        # Unlike a display it has as many elements as there are data.
        return Literal(_COMPREHENSIONS[node.__class__], "", (Either(tuple(items)),))

    def _loops(self, loops: Sequence[ast.comprehension], element: Callable[[], None]) -> None:
        if not loops:
            element()
            return
        loop = loops[0]
        iterable = self._expr(loop.iter)
        self._use("iter", "__aiter__" if loop.is_async else "__iter__", iterable, loop.iter)
        with self._within("comprehension", iterable, tuple(target_names(loop.target))):
            self._bind(loop.target, Elem(iterable))
            for condition in loop.ifs:
                self._test(condition)
            self._loops(loops[1:], element)

    def _if_exp(self, node: ast.IfExp) -> Expr:
        self._test(node.test)
        with self._maybe():
            body = self._expr(node.body)
            given = self._given(node.test)
            if not given:
                return Either((body, self._expr(node.orelse)))
            with self._within("unasked", None, (given,)):
                return Either((body, self._expr(node.orelse)))

    def _boolean(self, node: ast.BoolOp) -> Expr:
        first = before = node.values[0]
        left = self._expr(first)
        for value in node.values[1:]:
            self._use("bool", "__bool__", left, first, before)
            with self._maybe():
                right = self._expr(value)
            left = right if isinstance(node.op, ast.And) else Either((left, right))
            before = value
        return left

    def _binary(self, node: ast.BinOp) -> Expr:
        left, right = self._expr(node.left), self._expr(node.right)
        if isinstance(node.op, ast.BitOr):
            return Either((left, right))
        return left if isinstance(left, Literal) else _UNKNOWN

    def _comparison(self, node: ast.Compare) -> Expr:
        self._expr(node.left)
        for operator, comparator in zip(node.ops, node.comparators, strict=True):
            value = self._expr(comparator)
            if isinstance(operator, (ast.In, ast.NotIn)):
                self._use("iter", "__contains__", value, comparator)
        return Literal("bool")

    def _named(self, node: ast.NamedExpr) -> Expr:
        value = self._expr(node.value)
        self._bind(node.target, value)
        return value

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Expr:
        here = self._here
        if here.yields is None:
            here.yields = []
        if isinstance(node, ast.YieldFrom):
            source = self._expr(node.value)
            self._use("iter", "__iter__", source, node.value)
            here.yields.append(Elem(source))
        elif node.value is not None:
            here.yields.append(self._expr(node.value))
        # Where a context manager yields is where the body of its `with` runs.
        self._site("yield", _UNKNOWN, node)
        return _UNKNOWN

    # ------------------------------------------------------------------ annotations

    def _annotation(self, node: ast.AST) -> Expr:
        """Read a type; unlike an expression it runs nothing, and its strings are types too."""
        if isinstance(node, ast.Name):
            return Name(node.id)
        if isinstance(node, ast.Attribute):
            return Attr(self._annotation(node.value), node.attr)
        if isinstance(node, ast.Subscript):
            return Item(self._annotation(node.value), self._type_arguments(node))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return Either((self._annotation(node.left), self._annotation(node.right)))
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                return self._annotation_in_string(node.value)
            if isinstance(node.value, bool):
                return Name(repr(node.value))
            return _NONE if node.value is None else _UNKNOWN
        if isinstance(node, ast.Call):
            # class A(make_base(x)), Annotated[X, Depends(f)]
            return self._expr(node)
        if isinstance(node, (ast.List, ast.Tuple)):
            return TupleOf(tuple(self._annotation(element) for element in node.elts))
        return _UNKNOWN

    def _type_arguments(self, node: ast.Subscript) -> tuple[Expr, ...]:
        name = node.value.attr if isinstance(node.value, ast.Attribute) else ""
        name = node.value.id if isinstance(node.value, ast.Name) else name
        args: list[Expr] = []
        for value in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
            if isinstance(value, ast.Slice):
                continue
            # What stands in Literal, or behind the type in Annotated, is text and no type.
            is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
            if is_text and (name == "Literal" or (name == "Annotated" and args)):
                args.append(_UNKNOWN)
            else:
                args.append(self._annotation(value))
        return tuple(args)

    def _annotation_in_string(self, text: str) -> Expr:
        if len(text) > _MAX_ANNOTATION or not text.isprintable():
            return _UNKNOWN
        try:
            read = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _UNKNOWN
        # What is called in there is no node of this module.
        calls = any(isinstance(node, ast.Call) for node in ast.walk(read))
        return _UNKNOWN if calls else self._annotation(read)


def _path(method: Attr) -> str:
    """Return the dotted name of what a method is called on, or ""."""
    parts: list[str] = []
    at = method.base
    while isinstance(at, Attr):
        parts.append(at.name)
        at = at.base
    return ".".join([at.id, *reversed(parts)]) if isinstance(at, Name) else ""


def _sql(text: str) -> str:
    """Return the SQL keyword that a text starts with, or ""."""
    head = text[:80].lstrip("'\"( \t\r\n\\").split(None, 1)
    word = head[0].lower().rstrip("\"';") if head else ""
    return word if word in _SQL else ""


_COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}
_E = _Extractor
_STATEMENTS: dict[type[ast.AST], Callable[..., None]] = {
    ast.Expr: _E._expression_statement,
    ast.Assign: _E._assign,
    ast.AnnAssign: _E._ann_assign,
    ast.AugAssign: _E._aug_assign,
    ast.FunctionDef: _E._function,
    ast.AsyncFunctionDef: _E._function,
    ast.ClassDef: _E._class_def,
    ast.If: _E._if,
    ast.While: _E._while,
    ast.For: _E._for,
    ast.AsyncFor: _E._for,
    ast.With: _E._with,
    ast.AsyncWith: _E._with,
    ast.Try: _E._try,
    ast.Match: _E._match,
    ast.Return: _E._return,
    ast.Raise: _E._raise,
    ast.Global: _E._global,
    ast.Nonlocal: _E._global,
    ast.Import: _E._import,
    ast.ImportFrom: _E._import_from,
    TypeAlias: _E._type_alias,
}
_EXPRESSIONS: dict[type[ast.AST], Callable[..., Expr]] = {
    ast.Name: _E._name,
    ast.Attribute: _E._attribute,
    ast.Call: _E._call,
    ast.Await: _E._await,
    ast.Subscript: _E._subscript,
    ast.Constant: _E._constant,
    ast.JoinedStr: _E._joined,
    ast.Tuple: _E._tuple,
    ast.List: _E._display,
    ast.Set: _E._display,
    ast.Dict: _E._dict,
    ast.Lambda: _E._lambda,
    ast.ListComp: _E._comprehension,
    ast.SetComp: _E._comprehension,
    ast.DictComp: _E._comprehension,
    ast.GeneratorExp: _E._comprehension,
    ast.IfExp: _E._if_exp,
    ast.BoolOp: _E._boolean,
    ast.BinOp: _E._binary,
    ast.Compare: _E._comparison,
    ast.NamedExpr: _E._named,
    ast.Yield: _E._yield,
    ast.YieldFrom: _E._yield,
}
# What only newer versions of Python have.
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = _E._try
if hasattr(ast, "TemplateStr"):
    _EXPRESSIONS[ast.TemplateStr] = _E._joined
