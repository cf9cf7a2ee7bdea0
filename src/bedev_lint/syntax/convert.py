"""A LibCST tree as Python's own: for what only another version of Python could parse.

Only what facts are read from is converted; what a pattern of `match` binds is not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import libcst as cst

from bedev_lint.source import TypeAlias, Unparsable, lines
from bedev_lint.syntax.module import read_text
from bedev_lint.syntax.positions import AllSpans
from bedev_lint.syntax.scopes import dotted
from bedev_lint.syntax.walk import children

__all__ = ["converted"]

NodeT = TypeVar("NodeT", bound=ast.AST)

_ANYTHING = ast.Mult()  # an operator that nobody asks for


def converted(tree: cst.Module, text: str) -> ast.Module:
    """Return a LibCST tree as Python's own parser would have read its text."""
    converter = _Converter(AllSpans(tree, text), text)
    return ast.Module(converter.block(tree.body), [])


class _Type:
    """A type parameter, of which only the name matters."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Converter:
    def __init__(self, places: AllSpans, text: str) -> None:
        self._places = places
        self._lines = lines(text)

    # ------------------------------------------------------------------ places

    def _at(self, made: NodeT, node: cst.CSTNode) -> NodeT:
        span = self._places.span(node)
        placed: Any = made
        placed.lineno, placed.end_lineno = span.start.row, span.end.row
        placed.col_offset = self._bytes(span.start.row, span.start.column)
        placed.end_col_offset = self._bytes(span.end.row, span.end.column)
        return made

    def _bytes(self, row: int, column: int) -> int:
        """Return how many bytes of UTF-8 stand before a column."""
        return len(self._lines[row - 1][: column - 1].encode("utf-8", "surrogatepass"))

    # ------------------------------------------------------------------ statements

    def block(self, body: Iterable[cst.CSTNode]) -> list[ast.stmt]:
        converted_statements: list[ast.stmt] = []
        for node in body:
            if isinstance(node, cst.SimpleStatementLine):
                converted_statements += self.block(node.body)
            else:
                converted_statements.append(self._statement(node))
        return converted_statements

    def _suite(self, node: Any) -> list[ast.stmt]:
        """Convert a suite, or the clause that holds it; nothing for None."""
        if node is None:
            return []
        if isinstance(node, cst.If):
            return [self._statement(node)]
        return self.block(node.body.body if hasattr(node.body, "body") else node.body)

    def _statement(self, node: cst.CSTNode) -> ast.stmt:
        make = _STATEMENTS.get(type(node))
        made: ast.stmt
        if make is not None:
            made = make(self, node)
        else:
            made = ast.Assert(self._whatever(node), None)
        return self._at(made, node)

    def function(self, node: cst.FunctionDef) -> ast.stmt:
        make: Callable[..., ast.stmt] = ast.FunctionDef
        if node.asynchronous is not None:
            make = ast.AsyncFunctionDef
        made: Any = make(
            name=node.name.value,
            args=self.arguments(node.params),
            body=self._suite(node),
            decorator_list=[self.expr(d.decorator) for d in node.decorators],
            returns=None if node.returns is None else self.expr(node.returns.annotation),
            type_params=_type_params(node.type_parameters),
        )
        return made  # type: ignore[no-any-return]

    def arguments(self, node: cst.Parameters) -> ast.arguments:
        plain = [*node.posonly_params, *node.params]
        star = node.star_arg if isinstance(node.star_arg, cst.Param) else None
        return ast.arguments(
            posonlyargs=[],
            args=[self._arg(param) for param in plain],
            vararg=None if star is None else self._arg(star),
            kwonlyargs=[self._arg(param) for param in node.kwonly_params],
            kw_defaults=[
                None if param.default is None else self.expr(param.default)
                for param in node.kwonly_params
            ],
            kwarg=None if node.star_kwarg is None else self._arg(node.star_kwarg),
            defaults=[self.expr(param.default) for param in plain if param.default is not None],
        )

    def _arg(self, node: cst.Param) -> ast.arg:
        annotation = None if node.annotation is None else self.expr(node.annotation.annotation)
        return self._at(ast.arg(node.name.value, annotation), node)

    def class_(self, node: cst.ClassDef) -> ast.stmt:
        make: Any = ast.ClassDef
        made: ast.stmt = make(
            name=node.name.value,
            bases=[self._positional(arg) for arg in node.bases],
            keywords=[self._keyword(arg) for arg in node.keywords],
            body=self._suite(node),
            decorator_list=[self.expr(d.decorator) for d in node.decorators],
            type_params=_type_params(node.type_parameters),
        )
        return made

    def if_(self, node: cst.If) -> ast.stmt:
        return ast.If(self.expr(node.test), self._suite(node.body), self._suite(node.orelse))

    def while_(self, node: cst.While) -> ast.stmt:
        return ast.While(self.expr(node.test), self._suite(node.body), self._suite(node.orelse))

    def for_(self, node: cst.For) -> ast.stmt:
        make: Any = ast.For if node.asynchronous is None else ast.AsyncFor
        made: ast.stmt = make(
            self.expr(node.target),
            self.expr(node.iter),
            self._suite(node.body),
            self._suite(node.orelse),
        )
        return made

    def with_(self, node: cst.With) -> ast.stmt:
        make: Any = ast.With if node.asynchronous is None else ast.AsyncWith
        items = [
            ast.withitem(
                self.expr(item.item),
                None if item.asname is None else self.expr(item.asname.name),
            )
            for item in node.items
        ]
        made: ast.stmt = make(items, self._suite(node.body))
        return made

    def try_(self, node: cst.Try | cst.TryStar) -> ast.stmt:
        handlers = [
            self._at(
                ast.ExceptHandler(
                    None if handler.type is None else self.expr(handler.type),
                    None if handler.name is None else dotted(handler.name.name),
                    self._suite(handler.body),
                ),
                handler,
            )
            for handler in node.handlers
        ]
        return ast.Try(
            self._suite(node.body), handlers, self._suite(node.orelse), self._suite(node.finalbody)
        )

    def match(self, node: cst.Match) -> ast.stmt:
        cases = [
            ast.match_case(
                self._pattern(case.pattern),
                None if case.guard is None else self.expr(case.guard),
                self._suite(case.body),
            )
            for case in node.cases
        ]
        return ast.Match(self.expr(node.subject), cases)

    def _pattern(self, node: cst.MatchPattern) -> ast.pattern:
        """Convert a pattern, of which only the values in it matter."""
        values: list[ast.expr] = []
        stack: list[cst.CSTNode] = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, cst.MatchValue):
                values.append(self.expr(part.value))
            else:
                stack += children(part)
        patterns: list[ast.pattern] = [self._at(ast.MatchValue(value), node) for value in values]
        made: Any = ast.MatchSequence(patterns)
        return self._at(made, node)  # type: ignore[no-any-return]

    def assign(self, node: cst.Assign) -> ast.stmt:
        return ast.Assign([self.expr(t.target) for t in node.targets], self.expr(node.value))

    def ann_assign(self, node: cst.AnnAssign) -> ast.stmt:
        target: Any = self.expr(node.target)
        value = None if node.value is None else self.expr(node.value)
        return ast.AnnAssign(target, self.expr(node.annotation.annotation), value, 1)

    def aug_assign(self, node: cst.AugAssign) -> ast.stmt:
        target: Any = self.expr(node.target)
        return ast.AugAssign(target, _ANYTHING, self.expr(node.value))

    def assert_(self, node: cst.Assert) -> ast.stmt:
        return ast.Assert(self.expr(node.test), None if node.msg is None else self.expr(node.msg))

    def return_(self, node: cst.Return) -> ast.stmt:
        return ast.Return(None if node.value is None else self.expr(node.value))

    def raise_(self, node: cst.Raise) -> ast.stmt:
        return ast.Raise(
            None if node.exc is None else self.expr(node.exc),
            None if node.cause is None else self.expr(node.cause.item),
        )

    def expression(self, node: cst.Expr) -> ast.stmt:
        return ast.Expr(self.expr(node.value))

    def global_(self, node: cst.Global | cst.Nonlocal) -> ast.stmt:
        return ast.Global([item.name.value for item in node.names])

    def type_alias(self, node: cst.TypeAlias) -> ast.stmt:
        make: Any = TypeAlias
        made: ast.stmt = make(
            self.expr(node.name), _type_params(node.type_parameters), self.expr(node.value)
        )
        return made

    def import_(self, node: cst.Import) -> ast.stmt:
        return ast.Import(_aliases(node.names))

    def import_from(self, node: cst.ImportFrom) -> ast.stmt:
        star = isinstance(node.names, cst.ImportStar)
        names = [ast.alias("*")] if star else _aliases(node.names)  # type: ignore[arg-type]
        module = None if node.module is None else dotted(node.module)
        return ast.ImportFrom(module, names, len(node.relative))

    # ------------------------------------------------------------------ expressions

    def expr(self, node: cst.CSTNode) -> ast.expr:
        make = _EXPRESSIONS.get(type(node))
        if make is None:
            return self._whatever(node)
        return self._at(make(self, node), node)

    def _whatever(self, node: cst.CSTNode) -> ast.expr:
        """Convert something of which only the expressions in it matter."""
        slices = [self.expr(child) for child in children(node)]
        parts: list[Any] = [ast.Slice(part, None, None) for part in slices]
        return self._at(ast.Set(parts), node)

    def exprs(self, nodes: Iterable[Any]) -> list[ast.expr]:
        return [self.expr(node) for node in nodes]

    def name(self, node: cst.Name) -> ast.expr:
        if node.value in ("None", "True", "False"):
            return ast.Constant({"None": None, "True": True, "False": False}[node.value])
        return ast.Name(node.value, ast.Load())

    def attribute(self, node: cst.Attribute) -> ast.expr:
        return ast.Attribute(self.expr(node.value), node.attr.value, ast.Load())

    def call(self, node: cst.Call) -> ast.expr:
        positional = [a for a in node.args if a.keyword is None and a.star != "**"]
        named = [a for a in node.args if a not in positional]
        return ast.Call(
            self.expr(node.func),
            [self._positional(arg) for arg in positional],
            [self._keyword(arg) for arg in named],
        )

    def _positional(self, arg: cst.Arg) -> ast.expr:
        value = self.expr(arg.value)
        return self._at(ast.Starred(value, ast.Load()), arg) if arg.star else value

    def _keyword(self, arg: cst.Arg) -> ast.keyword:
        name = None if arg.keyword is None else arg.keyword.value
        return self._at(ast.keyword(name, self.expr(arg.value)), arg)

    def await_(self, node: cst.Await) -> ast.expr:
        return ast.Await(self.expr(node.expression))

    def subscript(self, node: cst.Subscript) -> ast.expr:
        parts = [self._element_of_slice(element.slice) for element in node.slice]
        index = parts[0] if len(parts) == 1 else self._at(ast.Tuple(parts, ast.Load()), node)
        return ast.Subscript(self.expr(node.value), index, ast.Load())

    def _element_of_slice(self, node: cst.BaseSlice) -> ast.expr:
        if isinstance(node, cst.Index):
            value = self.expr(node.value)
            return self._at(ast.Starred(value, ast.Load()), node) if node.star else value
        assert isinstance(node, cst.Slice)
        parts = [None if x is None else self.expr(x) for x in (node.lower, node.upper, node.step)]
        return self._at(ast.Slice(*parts), node)

    def text(self, node: cst.SimpleString) -> ast.expr:
        try:
            value: str | bytes = node.evaluated_value
        except (ValueError, SyntaxError, UnicodeError):
            value = node.raw_value
        return ast.Constant(value)

    def texts(self, node: cst.ConcatenatedString) -> ast.expr:
        parts = [self.expr(node.left), self.expr(node.right)]
        if all(isinstance(part, ast.Constant) for part in parts):
            values = [part.value for part in parts]  # type: ignore[attr-defined]
            if type(values[0]) is not type(values[1]):
                raise Unparsable("cannot mix bytes and nonbytes literals", 1, 1)
            return ast.Constant(values[0] + values[1])
        pieces: list[ast.expr] = []
        for part in parts:
            for piece in part.values if isinstance(part, ast.JoinedStr) else [part]:
                last = pieces[-1] if pieces else None
                if isinstance(last, ast.Constant) and isinstance(piece, ast.Constant):
                    last.value = str(last.value) + str(piece.value)  # as Python joins them
                else:
                    pieces.append(piece)
        return ast.JoinedStr(pieces)

    def formatted(self, node: cst.FormattedString | cst.TemplatedString) -> ast.expr:
        return ast.JoinedStr(self._parts(node.parts, node.prefix, node.quote))

    def _parts(self, nodes: Sequence[cst.CSTNode], prefix: str, quote: str) -> list[ast.expr]:
        converted_parts: list[ast.expr] = []
        for node in nodes:
            if isinstance(node, (cst.FormattedStringText, cst.TemplatedStringText)):
                text = ast.Constant(read_text(node.value, prefix, quote))
                converted_parts.append(self._at(text, node))
            else:
                assert isinstance(
                    node, (cst.FormattedStringExpression, cst.TemplatedStringExpression)
                )
                spec = node.format_spec
                form = None
                if spec is not None:
                    form = self._at(ast.JoinedStr(self._parts(spec, prefix, quote)), node)
                value = ast.FormattedValue(self.expr(node.expression), -1, form)
                converted_parts.append(self._at(value, node))
        return converted_parts

    def ellipsis(self, _node: cst.Ellipsis) -> ast.expr:
        return ast.Constant(...)

    def number(self, node: cst.Integer | cst.Float | cst.Imaginary) -> ast.expr:
        kinds = {cst.Integer: 1, cst.Float: 1.0}
        try:
            return ast.Constant(ast.literal_eval(node.value))
        except (SyntaxError, ValueError):  # more digits than Python reads
            return ast.Constant(kinds.get(type(node), 1j))

    def tuple_(self, node: cst.Tuple) -> ast.expr:
        return ast.Tuple(self.exprs(node.elements), ast.Load())

    def list_(self, node: cst.List) -> ast.expr:
        return ast.List(self.exprs(node.elements), ast.Load())

    def set_(self, node: cst.Set) -> ast.expr:
        return ast.Set(self.exprs(node.elements))

    def element(self, node: cst.Element) -> ast.expr:
        return self.expr(node.value)

    def starred(self, node: cst.StarredElement) -> ast.expr:
        return ast.Starred(self.expr(node.value), ast.Load())

    def dict_(self, node: cst.Dict) -> ast.expr:
        return ast.Dict(
            [
                self.expr(element.key) if isinstance(element, cst.DictElement) else None
                for element in node.elements
            ],
            [self.expr(element.value) for element in node.elements],
        )

    def lambda_(self, node: cst.Lambda) -> ast.expr:
        return ast.Lambda(self.arguments(node.params), self.expr(node.body))

    def list_comp(self, node: cst.ListComp) -> ast.expr:
        return ast.ListComp(self.expr(node.elt), self._loops(node.for_in))

    def set_comp(self, node: cst.SetComp) -> ast.expr:
        return ast.SetComp(self.expr(node.elt), self._loops(node.for_in))

    def generator(self, node: cst.GeneratorExp) -> ast.expr:
        return ast.GeneratorExp(self.expr(node.elt), self._loops(node.for_in))

    def dict_comp(self, node: cst.DictComp) -> ast.expr:
        return ast.DictComp(self.expr(node.key), self.expr(node.value), self._loops(node.for_in))

    def _loops(self, loop: cst.CompFor | None) -> list[ast.comprehension]:
        comprehensions = []
        while loop is not None:
            tests = [self.expr(condition.test) for condition in loop.ifs]
            is_async = int(loop.asynchronous is not None)
            comprehensions.append(
                ast.comprehension(self.expr(loop.target), self.expr(loop.iter), tests, is_async)
            )
            loop = loop.inner_for_in
        return comprehensions

    def if_exp(self, node: cst.IfExp) -> ast.expr:
        return ast.IfExp(self.expr(node.test), self.expr(node.body), self.expr(node.orelse))

    def boolean(self, node: cst.BooleanOperation) -> ast.expr:
        operator = ast.And() if isinstance(node.operator, cst.And) else ast.Or()
        left = self.expr(node.left)
        is_same = isinstance(left, ast.BoolOp) and type(left.op) is type(operator)
        values = left.values if is_same and not node.left.lpar else [left]  # type: ignore[attr-defined]
        return ast.BoolOp(operator, [*values, self.expr(node.right)])

    def binary(self, node: cst.BinaryOperation) -> ast.expr:
        kinds: dict[type[cst.BaseBinaryOp], ast.operator] = {
            cst.Add: ast.Add(),
            cst.BitOr: ast.BitOr(),
            cst.Modulo: ast.Mod(),
        }
        operator = kinds.get(type(node.operator), _ANYTHING)
        return ast.BinOp(self.expr(node.left), operator, self.expr(node.right))

    def unary(self, node: cst.UnaryOperation) -> ast.expr:
        operator = ast.Not() if isinstance(node.operator, cst.Not) else ast.USub()
        return ast.UnaryOp(operator, self.expr(node.expression))

    def comparison(self, node: cst.Comparison) -> ast.expr:
        return ast.Compare(
            self.expr(node.left),
            [_COMPARED[type(target.operator)]() for target in node.comparisons],
            [self.expr(target.comparator) for target in node.comparisons],
        )

    def named(self, node: cst.NamedExpr) -> ast.expr:
        target: Any = self.expr(node.target)
        return ast.NamedExpr(target, self.expr(node.value))

    def yield_(self, node: cst.Yield) -> ast.expr:
        if isinstance(node.value, cst.From):
            return ast.YieldFrom(self.expr(node.value.item))
        return ast.Yield(None if node.value is None else self.expr(node.value))


def _type_params(node: cst.TypeParameters | None) -> list[Any]:
    return [] if node is None else [_Type(param.param.name.value) for param in node.params]


def _aliases(nodes: Iterable[cst.ImportAlias]) -> list[ast.alias]:
    return [
        ast.alias(
            dotted(node.name) or "", None if node.asname is None else dotted(node.asname.name)
        )
        for node in nodes
    ]


_COMPARED: dict[type[cst.BaseCompOp], type[ast.cmpop]] = {
    cst.Equal: ast.Eq,
    cst.NotEqual: ast.NotEq,
    cst.LessThan: ast.Lt,
    cst.LessThanEqual: ast.LtE,
    cst.GreaterThan: ast.Gt,
    cst.GreaterThanEqual: ast.GtE,
    cst.Is: ast.Is,
    cst.IsNot: ast.IsNot,
    cst.In: ast.In,
    cst.NotIn: ast.NotIn,
}
_C = _Converter
_STATEMENTS: dict[type[cst.CSTNode], Callable[..., ast.stmt]] = {
    cst.FunctionDef: _C.function,
    cst.ClassDef: _C.class_,
    cst.If: _C.if_,
    cst.While: _C.while_,
    cst.For: _C.for_,
    cst.With: _C.with_,
    cst.Try: _C.try_,
    cst.TryStar: _C.try_,
    cst.Match: _C.match,
    cst.Assign: _C.assign,
    cst.AnnAssign: _C.ann_assign,
    cst.AugAssign: _C.aug_assign,
    cst.Assert: _C.assert_,
    cst.Return: _C.return_,
    cst.Raise: _C.raise_,
    cst.Expr: _C.expression,
    cst.Global: _C.global_,
    cst.Nonlocal: _C.global_,
    cst.TypeAlias: _C.type_alias,
    cst.Import: _C.import_,
    cst.ImportFrom: _C.import_from,
    cst.Pass: lambda _converter, _node: ast.Pass(),
    cst.Break: lambda _converter, _node: ast.Break(),
    cst.Continue: lambda _converter, _node: ast.Continue(),
}
_EXPRESSIONS: dict[type[cst.CSTNode], Callable[..., ast.expr]] = {
    cst.Name: _C.name,
    cst.Attribute: _C.attribute,
    cst.Call: _C.call,
    cst.Await: _C.await_,
    cst.Subscript: _C.subscript,
    cst.SimpleString: _C.text,
    cst.ConcatenatedString: _C.texts,
    cst.FormattedString: _C.formatted,
    cst.TemplatedString: _C.formatted,
    cst.Integer: _C.number,
    cst.Float: _C.number,
    cst.Imaginary: _C.number,
    cst.Ellipsis: _C.ellipsis,
    cst.Tuple: _C.tuple_,
    cst.List: _C.list_,
    cst.Set: _C.set_,
    cst.Element: _C.element,
    cst.StarredElement: _C.starred,
    cst.Dict: _C.dict_,
    cst.Lambda: _C.lambda_,
    cst.ListComp: _C.list_comp,
    cst.SetComp: _C.set_comp,
    cst.DictComp: _C.dict_comp,
    cst.GeneratorExp: _C.generator,
    cst.IfExp: _C.if_exp,
    cst.BooleanOperation: _C.boolean,
    cst.BinaryOperation: _C.binary,
    cst.UnaryOperation: _C.unary,
    cst.Comparison: _C.comparison,
    cst.NamedExpr: _C.named,
    cst.Yield: _C.yield_,
}
