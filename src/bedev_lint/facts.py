"""Module → ModuleFacts: what linking needs, with no vocabulary and no text of any literal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import libcst as cst

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
    Region,
    Result,
    Scope,
    Site,
    TupleOf,
)
from bedev_lint.syntax import Module, children, dotted, target_names

__all__ = ["Extracted", "extract"]

# A dotted name of a class, without digits: nothing that somebody keeps secret.
_CLASS_NAME = re.compile(r"(?:[a-z_]{1,30}\.){0,4}[A-Z][A-Za-z]{1,40}")
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z_]{1,40}")
_NONE = Literal("None")
_UNKNOWN = Literal("")
_SQL = frozenset(
    "select with insert update delete merge replace upsert truncate create alter drop grant "
    "commit begin rollback copy call vacuum".split()
)


@dataclass
class Extracted:
    """Facts, and for each function the nodes of its sites, in the same order."""

    facts: ModuleFacts
    nodes: list[list[cst.CSTNode]]


def extract(module: Module, naming: frozenset[str] = frozenset()) -> Extracted:
    """Read one module's facts from its tree. Raises RecursionError for what is too deep.

    `naming` are the keywords whose string, in a class body, names an attribute.
    """
    extractor = _Extractor(module, naming)
    extractor.run()
    functions = tuple(function.frozen() for function in extractor.functions)
    classes = tuple(found.frozen() for found in extractor.classes)
    facts = ModuleFacts(
        module.name, module.is_package, functions, classes, tuple(extractor.imports)
    )
    return Extracted(facts, [function.nodes for function in extractor.functions])


@dataclass
class _Site:
    kind: str
    func: Expr
    args: tuple[Expr, ...]
    keywords: tuple[tuple[str, Expr], ...]
    region: int
    always: bool
    awaited: bool = False

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
    nodes: list[cst.CSTNode] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    results: list[Expr] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    raises: bool = False
    region: int = -1
    # How many conditions the statement being read hangs on, and whether one of them returned.
    conditions: int = 0
    left: bool = False

    @property
    def always(self) -> bool:
        return self.conditions == 0 and not self.left

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
    """Reads statements and expressions in the order in which Python runs them."""

    def __init__(self, module: Module, naming: frozenset[str]) -> None:
        self._module, self._naming = module, naming
        self.functions: list[_Function] = [_Function("", "", -1, -1)]
        self.classes: list[_Class] = []
        self.imports: list[Import] = []
        self._at = 0  # the function whose body is being read
        self._class = -1  # the class whose body is being read, directly

    @property
    def _here(self) -> _Function:
        return self.functions[self._at]

    def run(self) -> None:
        self._block(self._module.tree.body)

    # ------------------------------------------------------------------ statements

    def _block(self, body: Sequence[cst.CSTNode]) -> None:
        for statement in body:
            self._statement(statement)

    def _suite(self, suite: cst.BaseSuite) -> None:
        left = _left_by(suite)
        if not left or not self._here.regions:
            self._block(suite.body)
        else:
            with self._within("leaves", None, (left,)):
                self._block(suite.body)

    def _statement(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.SimpleStatementLine):
            for small in node.body:
                self._statement(small)
            return
        read = _STATEMENTS.get(type(node))
        if read is not None:
            read(self, node)
        else:
            for child in children(node):
                self._expr(child)

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

    def _expression_statement(self, node: cst.Expr) -> None:
        self._expr(node.value)

    def _assign(self, node: cst.Assign) -> None:
        value = self._expr(node.value)
        for target in node.targets:
            self._bind(target.target, value)

    def _ann_assign(self, node: cst.AnnAssign) -> None:
        self._bind(node.target, Instance(self._annotation(node.annotation.annotation)))
        if node.value is not None:
            self._bind(node.target, self._expr(node.value))

    def _aug_assign(self, node: cst.AugAssign) -> None:
        self._expr(node.value)

    def _bind(self, target: cst.CSTNode, value: Expr) -> None:
        if isinstance(target, cst.Name):
            self._bind_name(target.value, value)
        elif isinstance(target, cst.Attribute):
            self._here.bindings.append(
                Binding(Attr(self._expr(target.value), target.attr.value), value)
            )
        elif isinstance(target, (cst.Tuple, cst.List)):
            for index, element in enumerate(target.elements):
                if isinstance(element, cst.StarredElement):
                    self._bind(element.value, Literal("list", "", (Elem(value),)))
                elif isinstance(value, TupleOf) and index < len(value.items):
                    self._bind(element.value, value.items[index])
                else:
                    self._bind(element.value, Part(value, index))
        elif isinstance(target, cst.Subscript):
            self._expr(target)

    def _bind_name(self, name: str, value: Expr) -> None:
        owner = self.classes[self._class] if self._class >= 0 else self._here
        owner.bindings.append(Binding(Name(name), value))

    def _function(self, node: cst.FunctionDef) -> None:
        decorators = tuple(self._expr(d.decorator) for d in node.decorators)
        params = self._params(node.params)
        returns = self._annotation(node.returns.annotation) if node.returns is not None else None
        index = self._new_function(node.name.value, params)
        made = self.functions[index]
        made.decorators, made.returns = decorators, returns
        made.is_async = node.asynchronous is not None
        if self._class >= 0:
            self._add_method(node.name.value, index, decorators)
        else:
            self._bind_name(node.name.value, Scope(index))
        with self._inside(index):
            self._suite(node.body)

    def _add_method(self, name: str, index: int, decorators: tuple[Expr, ...]) -> None:
        methods = self.classes[self._class].methods
        # @x.setter, @x.deleter: the getter keeps the name.
        accessor = any(isinstance(d, Attr) and d.name in ("setter", "deleter") for d in decorators)
        if not (accessor and name in methods):
            methods[name] = index

    def _new_function(self, name: str, params: tuple[Param, ...]) -> int:
        around = self.classes[self._class].qualname if self._class >= 0 else self._here.qualname
        qualname = f"{around}.{name}" if around else name
        self.functions.append(_Function(name, qualname, self._at, self._class, params))
        return len(self.functions) - 1

    @contextmanager
    def _inside(self, index: int) -> Iterator[None]:
        outer, outer_class = self._at, self._class
        self._at, self._class = index, -1
        yield
        self._at, self._class = outer, outer_class

    def _params(self, params: cst.Parameters) -> tuple[Param, ...]:
        found = [self._param(param, "positional") for param in params.posonly_params]
        found += [self._param(param, "positional") for param in params.params]
        if isinstance(params.star_arg, cst.Param):
            found.append(self._param(params.star_arg, "args"))
        found += [self._param(param, "keyword") for param in params.kwonly_params]
        if params.star_kwarg is not None:
            found.append(self._param(params.star_kwarg, "kwargs"))
        return tuple(found)

    def _param(self, param: cst.Param, kind: str) -> Param:
        annotation = default = None
        if param.annotation is not None:
            annotation = self._annotation(param.annotation.annotation)
        if param.default is not None:
            default = self._expr(param.default)
        return Param(param.name.value, kind, annotation, default)

    def _class_def(self, node: cst.ClassDef) -> None:
        decorators = tuple(self._expr(d.decorator) for d in node.decorators)
        bases = tuple(self._annotation(arg.value) for arg in node.bases if not arg.star)
        keywords = tuple(
            (arg.keyword.value, self._expr(arg.value))
            for arg in node.keywords
            if arg.keyword is not None
        )
        around = self.classes[self._class].qualname if self._class >= 0 else self._here.qualname
        name = node.name.value
        parameters = node.type_parameters.params if node.type_parameters is not None else ()
        type_params = tuple(parameter.param.name.value for parameter in parameters)
        index = len(self.classes)
        self.classes.append(
            _Class(
                name,
                f"{around}.{name}" if around else name,
                self._at,
                self._class,
                bases,
                keywords,
                decorators,
                type_params,
            )
        )
        if self._class >= 0:
            self.classes[self._class].classes[name] = index
        else:
            self._bind_name(name, Scope(index, is_class=True))
        outer, self._class = self._class, index
        self._suite(node.body)
        self._class = outer

    def _if(self, node: cst.If) -> None:
        self._test(node.test)
        kind = _seldom(node, self._loop_targets())
        names: tuple[str, ...] = ()
        if not kind:
            kind, names = self._hangs_on(node)
        with self._maybe():
            if kind:
                with self._within(kind, None, names):
                    self._suite(node.body)
            else:
                self._suite(node.body)
            if isinstance(node.orelse, cst.If):
                self._if(node.orelse)
            elif node.orelse is not None:
                self._suite(node.orelse.body)

    def _hangs_on(self, node: cst.If) -> tuple[str, tuple[str, ...]]:
        """Return whether an `if` asks a parameter, or what was looked up before (`memo`)."""
        test, kind = node.test, "asked"
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            test, kind = test.expression, "unasked"
        if isinstance(test, cst.Comparison) and isinstance(test.comparisons[0].operator, cst.Is):
            test, kind = test.left, "unasked"
        if isinstance(test, cst.NamedExpr):
            test = test.target
        if not isinstance(test, cst.Name):
            return "", ()
        here, name = self._here, Name(test.value)
        bound = [b.value for b in here.bindings if b.target == name]
        if kind == "unasked" and bound and isinstance(bound[-1], Result):
            func = here.sites[bound[-1].site].func
            if isinstance(func, Attr) and func.name == "get":
                known = _dotted_of(func.base)
                if known and any(_stores(statement, known) for statement in node.body.body):
                    return "memo", ()
        is_flag = not bound and any(p.name == test.value for p in here.params)
        is_flag = is_flag and not isinstance(node.test, cst.Comparison)
        return (kind, (test.value,)) if is_flag else ("", ())

    def _given(self, test: cst.CSTNode) -> str:
        """Return the parameter of which a test asks `is not None`, or ""."""
        if not isinstance(test, cst.Comparison) or not isinstance(test.left, cst.Name):
            return ""
        name = test.left.value
        is_asked = isinstance(test.comparisons[0].operator, cst.IsNot)
        return name if is_asked and any(p.name == name for p in self._here.params) else ""

    def _loop_targets(self) -> tuple[str, ...]:
        """Return the names that the innermost loop binds."""
        here, region = self._here, self._here.region
        while region >= 0 and here.regions[region].kind not in ("for", "comprehension", "while"):
            region = here.regions[region].parent
        return here.regions[region].targets if region >= 0 else ()

    def _test(self, node: cst.CSTNode) -> None:
        """Read an expression whose truth is asked for."""
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
            self._test(node.expression)
        elif isinstance(node, cst.BooleanOperation):
            self._test(node.left)
            with self._maybe():
                self._test(node.right)
        else:
            self._use("bool", "__bool__", self._expr(node), node)

    def _use(self, kind: str, method: str, value: Expr, node: cst.CSTNode) -> None:
        """Note that a protocol of a value is used, where the value may be of a known type."""
        if isinstance(value, (Name, Attr, Result, Item, Either, Elem)):
            self._site(kind, Attr(value, method), node)

    def _site(
        self,
        kind: str,
        func: Expr,
        node: cst.CSTNode,
        args: tuple[Expr, ...] = (),
        keywords: tuple[tuple[str, Expr], ...] = (),
    ) -> int:
        here = self._here
        here.sites.append(_Site(kind, func, args, keywords, here.region, here.always))
        here.nodes.append(node)
        return len(here.sites) - 1

    def _while(self, node: cst.While) -> None:
        with self._within("while", None):
            self._test(node.test)
            with self._maybe():
                self._suite(node.body)
        if node.orelse is not None:
            with self._maybe():
                self._suite(node.orelse.body)

    def _for(self, node: cst.For) -> None:
        iterable = self._expr(node.iter)
        method = "__iter__" if node.asynchronous is None else "__aiter__"
        self._use("iter", method, iterable, node.iter)
        with self._within("for", iterable, _names(node.target)), self._maybe():
            self._bind(node.target, Elem(iterable))
            self._suite(node.body)
        if node.orelse is not None:
            with self._maybe():
                self._suite(node.orelse.body)

    def _with(self, node: cst.With) -> None:
        prefix = "__a" if node.asynchronous is not None else "__"
        self._with_items(list(node.items), node.body, prefix)

    def _with_items(self, items: list[cst.WithItem], body: cst.BaseSuite, prefix: str) -> None:
        if not items:
            self._suite(body)
            return
        item = items[0]
        manager = self._expr(item.item)
        self._use("enter", f"{prefix}enter__", manager, item.item)
        self._use("exit", f"{prefix}exit__", manager, item.item)
        with self._within("with", manager):
            if item.asname is not None:
                self._bind(item.asname.name, Entered(manager))
            self._with_items(items[1:], body, prefix)

    def _try(self, node: cst.Try | cst.TryStar) -> None:
        with self._within("try", None):
            self._suite(node.body)
        for handler in node.handlers:
            with self._within("except", None), self._maybe():
                caught = self._expr(handler.type) if handler.type is not None else _UNKNOWN
                if handler.name is not None:
                    self._bind(handler.name.name, Caught(caught))
                self._suite(handler.body)
        if node.orelse is not None:
            with self._maybe():
                self._suite(node.orelse.body)
        if node.finalbody is not None:
            self._suite(node.finalbody.body)

    def _match(self, node: cst.Match) -> None:
        self._expr(node.subject)
        for case in node.cases:
            with self._maybe():
                if case.guard is not None:
                    self._test(case.guard)
                self._suite(case.body)

    def _return(self, node: cst.Return) -> None:
        if node.value is not None:
            with self._within("leaves", None, ("return",)):
                self._here.results.append(self._expr(node.value))
        self._here.left = True

    def _raise(self, node: cst.Raise) -> None:
        if node.exc is not None:
            self._expr(node.exc)
        if node.cause is not None:
            self._expr(node.cause.item)
        here = self._here
        if here.always and not _handled(here):
            here.raises = True

    def _global(self, node: cst.Global | cst.Nonlocal) -> None:
        self._here.globals.extend(item.name.value for item in node.names)

    def _type_alias(self, node: cst.TypeAlias) -> None:
        self._bind_name(node.name.value, self._annotation(node.value))

    def _import(self, node: cst.Import) -> None:
        for alias in node.names:
            name = dotted(alias.name) or ""
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                self._add_import(alias.asname.name.value, name, "", 0)
            else:
                # `import a.b` binds `a`, and makes `a.b` known.
                self._add_import(name.split(".", 1)[0], name.split(".", 1)[0], "", 0)

    def _import_from(self, node: cst.ImportFrom) -> None:
        module = dotted(node.module) or "" if node.module is not None else ""
        level = len(node.relative)
        if isinstance(node.names, cst.ImportStar):
            self._add_import("*", module, "*", level)
            return
        for alias in node.names:
            name = dotted(alias.name) or ""
            bound = alias.asname.name if alias.asname is not None else alias.name
            if isinstance(bound, cst.Name):
                self._add_import(bound.value, module, name, level)

    def _add_import(self, alias: str, module: str, name: str, level: int) -> None:
        self.imports.append(Import(alias, module, name, level, self._at))

    # ------------------------------------------------------------------ expressions

    def _expr(self, node: cst.CSTNode) -> Expr:
        read = _EXPRESSIONS.get(type(node))
        if read is not None:
            return read(self, node)
        for child in children(node):
            self._expr(child)
        return _UNKNOWN

    def _name(self, node: cst.Name) -> Expr:
        return Name(node.value)

    def _attribute(self, node: cst.Attribute) -> Expr:
        read = Attr(self._expr(node.value), node.attr.value)
        if isinstance(read.base, (Name, Attr, Result, Item, Elem)):
            self._site("get", read, node)
        return read

    def _call(self, node: cst.Call) -> Expr:
        func: Expr
        if isinstance(node.func, cst.Attribute):
            func = Attr(self._expr(node.func.value), node.func.attr.value)
        else:
            func = self._expr(node.func)
        args: list[Expr] = []
        keywords: list[tuple[str, Expr]] = []
        for arg in node.args:
            value = self._name_in_string(arg, first=not args) or self._expr(arg.value)
            if arg.keyword is not None:
                keywords.append((arg.keyword.value, value))
            elif arg.star:
                keywords.append((arg.star, value))
            else:
                args.append(value)
        return Result(self._site("call", func, node, tuple(args), tuple(keywords)))

    def _name_in_string(self, arg: cst.Arg, first: bool) -> Expr | None:
        """Read what a class body names in a string, a class or attribute; no other text is kept."""
        if self._class < 0 or not isinstance(arg.value, cst.SimpleString) or arg.star:
            return None
        text = arg.value.raw_value
        if arg.keyword is not None and arg.keyword.value in self._naming:
            return Named(text) if _ATTRIBUTE_NAME.fullmatch(text) else None
        if not (first if arg.keyword is None else arg.keyword.value == "to"):
            return None
        if text == "self":
            return Scope(self._class, is_class=True)
        return Named(text) if _CLASS_NAME.fullmatch(text) else None

    def _await(self, node: cst.Await) -> Expr:
        value = self._expr(node.expression)
        if isinstance(value, Result):
            self._here.sites[value.site].awaited = True
        # A lazy query runs where it is awaited.
        self._use("await", "__await__", value, node.expression)
        return value

    def _subscript(self, node: cst.Subscript) -> Expr:
        base = self._expr(node.value)
        args = []
        for element in node.slice:
            if isinstance(element.slice, cst.Index):
                args.append(self._expr(element.slice.value))
            else:
                self._expr(element.slice)
                args.append(Literal("slice"))
        self._use("index", "__getitem__", base, node)
        return Item(base, tuple(args))

    def _string(self, node: cst.CSTNode) -> Expr:
        if isinstance(node, cst.SimpleString):
            kind = "bytes" if "b" in node.prefix.lower() else "str"
            return Literal(kind, _sql(node.value))
        if isinstance(node, cst.ConcatenatedString):
            left = self._string(node.left)
            self._string(node.right)
            return left
        head = ""
        for index, part in enumerate(getattr(node, "parts", ())):
            if isinstance(part, (cst.FormattedStringText, cst.TemplatedStringText)):
                head = _sql(part.value) if index == 0 else head
            else:
                self._expr(part)
        return Literal("str", head)

    def _number(self, node: cst.CSTNode) -> Expr:
        return Literal("int" if isinstance(node, cst.Integer) else "float")

    def _tuple(self, node: cst.Tuple) -> Expr:
        return TupleOf(tuple(self._expr(element.value) for element in node.elements))

    def _display(self, node: cst.List | cst.Set) -> Expr:
        kind = "list" if isinstance(node, cst.List) else "set"
        items = []
        for element in node.elements:
            value = self._expr(element.value)
            items.append(Elem(value) if isinstance(element, cst.StarredElement) else value)
        return Literal(kind, "", tuple(items))

    def _dict(self, node: cst.Dict) -> Expr:
        values = []
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                self._expr(element.key)
                values.append(self._expr(element.value))
            else:
                self._expr(element.value)
        return Literal("dict", "", tuple(values))

    def _lambda(self, node: cst.Lambda) -> Expr:
        params = self._params(node.params)
        index = self._new_function("<lambda>", params)
        with self._inside(index):
            self._here.results.append(self._expr(node.body))
        return Scope(index)

    def _comprehension(self, node: cst.BaseComp) -> Expr:
        kind = {cst.ListComp: "list", cst.SetComp: "set", cst.DictComp: "dict"}.get(
            type(node), "generator"
        )
        loop: cst.CompFor = getattr(node, "for_in")  # noqa: B009
        items: list[Expr] = []

        def element() -> None:
            if isinstance(node, cst.DictComp):
                self._expr(node.key)
                items.append(self._expr(node.value))
            else:
                items.append(self._expr(node.elt if hasattr(node, "elt") else node.value))  # type: ignore[attr-defined]

        # A name bound here must not be seen outside, but a function's scope is near enough.
        outer_class, self._class = self._class, -1
        with self._maybe():
            self._comp_for(loop, element)
        self._class = outer_class
        # Unlike a display it has as many elements as there are data.
        return Literal(kind, "", (Either(tuple(items)),))

    def _comp_for(self, loop: cst.CompFor, element: Callable[[], None]) -> None:
        iterable = self._expr(loop.iter)
        method = "__iter__" if loop.asynchronous is None else "__aiter__"
        self._use("iter", method, iterable, loop.iter)
        with self._within("comprehension", iterable, _names(loop.target)):
            self._bind(loop.target, Elem(iterable))
            for condition in loop.ifs:
                self._test(condition.test)
            if loop.inner_for_in is not None:
                self._comp_for(loop.inner_for_in, element)
            else:
                element()

    def _if_exp(self, node: cst.IfExp) -> Expr:
        self._test(node.test)
        with self._maybe():
            body = self._expr(node.body)
            given = self._given(node.test)
            if not given:
                return Either((body, self._expr(node.orelse)))
            with self._within("unasked", None, (given,)):
                return Either((body, self._expr(node.orelse)))

    def _boolean(self, node: cst.BooleanOperation) -> Expr:
        left = self._expr(node.left)
        self._use("bool", "__bool__", left, node.left)
        with self._maybe():
            right = self._expr(node.right)
        return right if isinstance(node.operator, cst.And) else Either((left, right))

    def _binary(self, node: cst.BinaryOperation) -> Expr:
        left, right = self._expr(node.left), self._expr(node.right)
        if isinstance(node.operator, cst.BitOr):
            return Either((left, right))
        return left if isinstance(left, Literal) else _UNKNOWN

    def _comparison(self, node: cst.Comparison) -> Expr:
        self._expr(node.left)
        for target in node.comparisons:
            value = self._expr(target.comparator)
            if isinstance(target.operator, (cst.In, cst.NotIn)):
                self._use("iter", "__contains__", value, target.comparator)
        return Literal("bool")

    def _named(self, node: cst.NamedExpr) -> Expr:
        value = self._expr(node.value)
        self._bind(node.target, value)
        return value

    def _yield(self, node: cst.Yield) -> Expr:
        here = self._here
        if here.yields is None:
            here.yields = []
        if isinstance(node.value, cst.From):
            source = self._expr(node.value.item)
            self._use("iter", "__iter__", source, node.value.item)
            here.yields.append(Elem(source))
        elif node.value is not None:
            here.yields.append(self._expr(node.value))
        # Where a context manager yields is where the body of its `with` runs.
        self._site("yield", _UNKNOWN, node)
        return _UNKNOWN

    # ------------------------------------------------------------------ annotations

    def _annotation(self, node: cst.CSTNode) -> Expr:
        """Read a type; unlike an expression it runs nothing, and its strings are types too."""
        if isinstance(node, cst.Name):
            return _NONE if node.value == "None" else Name(node.value)
        if isinstance(node, cst.Attribute):
            return Attr(self._annotation(node.value), node.attr.value)
        if isinstance(node, cst.Subscript):
            return Item(self._annotation(node.value), self._type_arguments(node))
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
            return Either((self._annotation(node.left), self._annotation(node.right)))
        if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
            return self._annotation_in_string(node)
        if isinstance(node, cst.Call):
            # class A(make_base(x)), Annotated[X, Depends(f)]
            return self._expr(node)
        if isinstance(node, (cst.List, cst.Tuple)):
            return TupleOf(tuple(self._annotation(element.value) for element in node.elements))
        return _UNKNOWN

    def _type_arguments(self, node: cst.Subscript) -> tuple[Expr, ...]:
        base = node.value.attr if isinstance(node.value, cst.Attribute) else node.value
        name = base.value if isinstance(base, cst.Name) else ""
        args: list[Expr] = []
        for element in node.slice:
            if not isinstance(element.slice, cst.Index):
                continue
            value = element.slice.value
            # What stands in Literal, or behind the type in Annotated, is text and no type.
            is_text = isinstance(value, (cst.SimpleString, cst.ConcatenatedString))
            if is_text and (name == "Literal" or (name == "Annotated" and args)):
                args.append(_UNKNOWN)
            else:
                args.append(self._annotation(value))
        return tuple(args)

    def _annotation_in_string(self, node: cst.CSTNode) -> Expr:
        text = self._module.string(node)
        if text is None or len(text) > 500 or not text.isprintable():
            return _UNKNOWN
        try:
            read = cst.parse_expression(text.strip())
        except (cst.ParserSyntaxError, ValueError, RecursionError):
            return _UNKNOWN
        # What is called in there is no node of this module.
        calls = any(isinstance(below, cst.Call) for below in _below(read))
        return _UNKNOWN if calls else self._annotation(read)


def _names(target: cst.CSTNode) -> tuple[str, ...]:
    return tuple(name.value for name in target_names(target))


def _left_by(suite: cst.BaseSuite) -> str:
    """Return "break" or "return" if whoever has run this suite leaves the loop around it so."""
    last: cst.CSTNode | None = suite.body[-1] if suite.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1] if last.body else None
    if isinstance(last, cst.Break):
        kind = "break"
    elif isinstance(last, (cst.Return, cst.Raise)):
        kind = "return"
    else:
        return ""
    return "" if _goes_on(suite) else kind


def _goes_on(node: cst.CSTNode) -> bool:
    """Return whether a `continue` of the loop around this stands in it."""
    if isinstance(node, cst.Continue):
        return True
    if isinstance(node, (cst.For, cst.While, cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
        return False
    return any(_goes_on(child) for child in children(node))


def _seldom(node: cst.If, targets: Sequence[str]) -> str:
    """Return why the body of an `if` does not run in each iteration of a loop around it, or "".

    `counted`: every so many (`index % 1000 == 0`, `len(rows) >= size`). `memo`: once for each
    key (`if key not in known: known[key] = ...`), or once at all (`if self.x is None: self.x =`).
    `chosen`: for the one element that is equal to a literal; `targets` is what the loop binds.
    """
    test = node.test
    if isinstance(test, cst.BooleanOperation):
        if _is_count(test.left) or _is_count(test.right):
            return "counted"
        test = test.left if isinstance(test.operator, cst.And) else test
    if _is_count(test):
        return "counted"
    absent: type[cst.BaseCompOp] = cst.NotIn
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        test, absent = test.expression, cst.In
        if isinstance(test, cst.Attribute) and _binds(node.body, dotted(test) or ""):
            return "memo"
    if not isinstance(test, cst.Comparison):
        return ""
    left, first = test.left, test.comparisons[0]
    if isinstance(first.operator, cst.Equal) and isinstance(first.comparator, cst.SimpleString):
        return "chosen" if isinstance(left, cst.Name) and left.value in targets else ""
    if isinstance(first.operator, cst.Is):
        is_kept = isinstance(left, cst.Attribute) or (dotted(left) or "").isupper()
        return "memo" if is_kept and _binds(node.body, dotted(left) or "") else ""
    if isinstance(first.operator, absent):
        known = dotted(first.comparator)
        if known and any(_stores(statement, known) for statement in node.body.body):
            return "memo"
    return ""


def _is_count(test: cst.BaseExpression) -> bool:
    """Return whether a test holds every so many times: `n % 100 == 0`, `len(rows) >= size`."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        test = test.expression
    if isinstance(test, cst.BinaryOperation):
        return isinstance(test.operator, cst.Modulo)
    if not isinstance(test, cst.Comparison):
        return False
    left, first = test.left, test.comparisons[0]
    if isinstance(left, cst.BinaryOperation):
        return isinstance(left.operator, cst.Modulo)
    at_least = isinstance(first.operator, (cst.GreaterThan, cst.GreaterThanEqual, cst.Equal))
    if not at_least or not isinstance(left, cst.Call) or dotted(left.func) != "len":
        return False
    size = first.comparator
    return dotted(size) is not None or (isinstance(size, cst.Integer) and len(size.value) > 1)


def _dotted_of(expr: Expr) -> str:
    if isinstance(expr, Attr):
        base = _dotted_of(expr.base)
        return f"{base}.{expr.name}" if base else ""
    return expr.id if isinstance(expr, Name) else ""


def _binds(suite: cst.CSTNode, name: str) -> bool:
    """Return whether a suite assigns to this dotted name, at any depth."""
    if isinstance(suite, cst.Assign):
        return any(dotted(target.target) == name for target in suite.targets)
    if isinstance(suite, (cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
        return False
    return any(_binds(child, name) for child in children(suite))


def _stores(node: cst.CSTNode, name: str) -> bool:
    """Return whether a statement assigns to an item of this name, or adds to it."""
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        return False
    if isinstance(node, cst.Assign):
        return any(
            isinstance(target.target, cst.Subscript) and dotted(target.target.value) == name
            for target in node.targets
        )
    if isinstance(node, cst.Call):
        return dotted(node.func) == f"{name}.add"
    return any(_stores(child, name) for child in children(node))


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in children(node):
        yield from _below(child)


def _handled(here: _Function) -> bool:
    """Return whether what is raised here may be caught in the same function."""
    region = here.region
    while region >= 0:
        if here.regions[region].kind == "try":
            return True
        region = here.regions[region].parent
    return False


def _sql(text: str) -> str:
    """Return the SQL keyword that a literal starts with, quotes and prefix included, or ""."""
    head = text[:80].lstrip("rRbBfFuU").lstrip("'\"( \t\r\n\\").split(None, 1)
    word = head[0].lower().rstrip("\"';") if head else ""
    return word if word in _SQL else ""


_Reader = Callable[[_Extractor, "cst.CSTNode"], "Expr"]
_E = _Extractor
_STATEMENTS: dict[type[cst.CSTNode], Callable[..., None]] = {
    cst.Expr: _E._expression_statement,
    cst.Assign: _E._assign,
    cst.AnnAssign: _E._ann_assign,
    cst.AugAssign: _E._aug_assign,
    cst.FunctionDef: _E._function,
    cst.ClassDef: _E._class_def,
    cst.If: _E._if,
    cst.While: _E._while,
    cst.For: _E._for,
    cst.With: _E._with,
    cst.Try: _E._try,
    cst.TryStar: _E._try,
    cst.Match: _E._match,
    cst.Return: _E._return,
    cst.Raise: _E._raise,
    cst.Global: _E._global,
    cst.Nonlocal: _E._global,
    cst.TypeAlias: _E._type_alias,
    cst.Import: _E._import,
    cst.ImportFrom: _E._import_from,
}
_EXPRESSIONS: dict[type[cst.CSTNode], Callable[..., Expr]] = {
    cst.Name: _E._name,
    cst.Attribute: _E._attribute,
    cst.Call: _E._call,
    cst.Await: _E._await,
    cst.Subscript: _E._subscript,
    cst.SimpleString: _E._string,
    cst.ConcatenatedString: _E._string,
    cst.FormattedString: _E._string,
    cst.TemplatedString: _E._string,
    cst.Integer: _E._number,
    cst.Float: _E._number,
    cst.Tuple: _E._tuple,
    cst.List: _E._display,
    cst.Set: _E._display,
    cst.Dict: _E._dict,
    cst.Lambda: _E._lambda,
    cst.ListComp: _E._comprehension,
    cst.SetComp: _E._comprehension,
    cst.DictComp: _E._comprehension,
    cst.GeneratorExp: _E._comprehension,
    cst.IfExp: _E._if_exp,
    cst.BooleanOperation: _E._boolean,
    cst.BinaryOperation: _E._binary,
    cst.Comparison: _E._comparison,
    cst.NamedExpr: _E._named,
    cst.Yield: _E._yield,
}
