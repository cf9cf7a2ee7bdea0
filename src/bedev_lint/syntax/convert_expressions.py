"""LibCST's expressions as Python's own, see `convert`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import libcst as cst

from bedev_lint.source import Unparsable, lines
from bedev_lint.syntax.module import read_text
from bedev_lint.syntax.positions import AllSpans
from bedev_lint.syntax.walk import children

__all__ = ["ANYTHING", "Expressions"]

NodeT = TypeVar("NodeT", bound=ast.AST)

ANYTHING = ast.Mult()  # an operator that nobody asks for

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


class Expressions:
    """Converts expressions, each by the method named after its class."""

    def __init__(self, spans: AllSpans, text: str) -> None:
        self._spans = spans
        self._lines = lines(text)

    # ------------------------------------------------------------------ places

    def at(self, made: NodeT, node: cst.CSTNode) -> NodeT:
        """Give what was made of a node its place."""
        span = self._spans.span(node)
        placed: Any = made
        placed.lineno, placed.end_lineno = span.start.row, span.end.row
        placed.col_offset = self._bytes(span.start.row, span.start.column)
        placed.end_col_offset = self._bytes(span.end.row, span.end.column)
        return made

    def _bytes(self, row: int, column: int) -> int:
        """Return how many bytes of UTF-8 stand before a column."""
        return len(self._lines[row - 1][: column - 1].encode("utf-8", "surrogatepass"))

    # ------------------------------------------------------------------ expressions

    def expr(self, node: cst.CSTNode) -> ast.expr:
        visit = getattr(self, f"visit_{type(node).__name__}", None)
        return self.at(visit(node), node) if visit is not None else self.whatever(node)

    def whatever(self, node: cst.CSTNode) -> ast.expr:
        """Convert something of which only the expressions in it matter."""
        slices = [self.expr(child) for child in children(node)]
        parts: list[Any] = [ast.Slice(part, None, None) for part in slices]
        return self.at(ast.Set(parts), node)

    def optional(self, node: cst.CSTNode | None) -> ast.expr | None:
        return None if node is None else self.expr(node)

    def exprs(self, nodes: Iterable[Any]) -> list[ast.expr]:
        return [self.expr(node) for node in nodes]

    def visit_Name(self, node: cst.Name) -> ast.expr:
        if node.value in ("None", "True", "False"):
            return ast.Constant({"None": None, "True": True, "False": False}[node.value])
        return ast.Name(node.value, ast.Load())

    def visit_Attribute(self, node: cst.Attribute) -> ast.expr:
        return ast.Attribute(self.expr(node.value), node.attr.value, ast.Load())

    def visit_Call(self, node: cst.Call) -> ast.expr:
        positional = [a for a in node.args if a.keyword is None and a.star != "**"]
        named = [a for a in node.args if a not in positional]
        return ast.Call(
            self.expr(node.func),
            [self.positional(arg) for arg in positional],
            [self.keyword(arg) for arg in named],
        )

    def positional(self, arg: cst.Arg) -> ast.expr:
        value = self.expr(arg.value)
        return self.at(ast.Starred(value, ast.Load()), arg) if arg.star else value

    def keyword(self, arg: cst.Arg) -> ast.keyword:
        name = None if arg.keyword is None else arg.keyword.value
        return self.at(ast.keyword(name, self.expr(arg.value)), arg)

    def visit_Await(self, node: cst.Await) -> ast.expr:
        return ast.Await(self.expr(node.expression))

    def visit_Subscript(self, node: cst.Subscript) -> ast.expr:
        parts = [self._element_of_slice(element.slice) for element in node.slice]
        index = parts[0] if len(parts) == 1 else self.at(ast.Tuple(parts, ast.Load()), node)
        return ast.Subscript(self.expr(node.value), index, ast.Load())

    def _element_of_slice(self, node: cst.BaseSlice) -> ast.expr:
        if isinstance(node, cst.Index):
            value = self.expr(node.value)
            return self.at(ast.Starred(value, ast.Load()), node) if node.star else value
        assert isinstance(node, cst.Slice)
        parts = [self.optional(x) for x in (node.lower, node.upper, node.step)]
        return self.at(ast.Slice(*parts), node)

    def visit_SimpleString(self, node: cst.SimpleString) -> ast.expr:
        try:
            value: str | bytes = node.evaluated_value
        except (ValueError, SyntaxError, UnicodeError):
            value = node.raw_value
        return ast.Constant(value)

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> ast.expr:
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

    def visit_FormattedString(self, node: cst.FormattedString | cst.TemplatedString) -> ast.expr:
        return ast.JoinedStr(self._parts(node.parts, node.prefix, node.quote))

    visit_TemplatedString = visit_FormattedString

    def _parts(self, nodes: Sequence[cst.CSTNode], prefix: str, quote: str) -> list[ast.expr]:
        converted_parts: list[ast.expr] = []
        for node in nodes:
            if isinstance(node, (cst.FormattedStringText, cst.TemplatedStringText)):
                text = ast.Constant(read_text(node.value, prefix, quote))
                converted_parts.append(self.at(text, node))
            else:
                assert isinstance(
                    node, (cst.FormattedStringExpression, cst.TemplatedStringExpression)
                )
                spec = node.format_spec
                form = None
                if spec is not None:
                    form = self.at(ast.JoinedStr(self._parts(spec, prefix, quote)), node)
                value = ast.FormattedValue(self.expr(node.expression), -1, form)
                converted_parts.append(self.at(value, node))
        return converted_parts

    def visit_Ellipsis(self, _node: cst.Ellipsis) -> ast.expr:
        return ast.Constant(...)

    def visit_Integer(self, node: cst.Integer | cst.Float | cst.Imaginary) -> ast.expr:
        kinds = {cst.Integer: 1, cst.Float: 1.0}
        try:
            return ast.Constant(ast.literal_eval(node.value))
        except (SyntaxError, ValueError):  # more digits than Python reads
            return ast.Constant(kinds.get(type(node), 1j))

    visit_Float = visit_Integer

    visit_Imaginary = visit_Integer

    def visit_Tuple(self, node: cst.Tuple) -> ast.expr:
        return ast.Tuple(self.exprs(node.elements), ast.Load())

    def visit_List(self, node: cst.List) -> ast.expr:
        return ast.List(self.exprs(node.elements), ast.Load())

    def visit_Set(self, node: cst.Set) -> ast.expr:
        return ast.Set(self.exprs(node.elements))

    def visit_Element(self, node: cst.Element) -> ast.expr:
        return self.expr(node.value)

    def visit_StarredElement(self, node: cst.StarredElement) -> ast.expr:
        return ast.Starred(self.expr(node.value), ast.Load())

    def visit_Dict(self, node: cst.Dict) -> ast.expr:
        return ast.Dict(
            [
                self.expr(element.key) if isinstance(element, cst.DictElement) else None
                for element in node.elements
            ],
            [self.expr(element.value) for element in node.elements],
        )

    def arguments(self, node: cst.Parameters) -> ast.arguments:
        plain = [*node.posonly_params, *node.params]
        star = node.star_arg if isinstance(node.star_arg, cst.Param) else None
        return ast.arguments(
            posonlyargs=[],
            args=[self._arg(param) for param in plain],
            vararg=None if star is None else self._arg(star),
            kwonlyargs=[self._arg(param) for param in node.kwonly_params],
            kw_defaults=[self.optional(param.default) for param in node.kwonly_params],
            kwarg=None if node.star_kwarg is None else self._arg(node.star_kwarg),
            defaults=[self.expr(param.default) for param in plain if param.default is not None],
        )

    def _arg(self, node: cst.Param) -> ast.arg:
        annotation = None if node.annotation is None else self.expr(node.annotation.annotation)
        return self.at(ast.arg(node.name.value, annotation), node)

    def visit_Lambda(self, node: cst.Lambda) -> ast.expr:
        return ast.Lambda(self.arguments(node.params), self.expr(node.body))

    def visit_ListComp(self, node: cst.ListComp) -> ast.expr:
        return ast.ListComp(self.expr(node.elt), self._loops(node.for_in))

    def visit_SetComp(self, node: cst.SetComp) -> ast.expr:
        return ast.SetComp(self.expr(node.elt), self._loops(node.for_in))

    def visit_GeneratorExp(self, node: cst.GeneratorExp) -> ast.expr:
        return ast.GeneratorExp(self.expr(node.elt), self._loops(node.for_in))

    def visit_DictComp(self, node: cst.DictComp) -> ast.expr:
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

    def visit_IfExp(self, node: cst.IfExp) -> ast.expr:
        return ast.IfExp(self.expr(node.test), self.expr(node.body), self.expr(node.orelse))

    def visit_BooleanOperation(self, node: cst.BooleanOperation) -> ast.expr:
        operator = ast.And() if isinstance(node.operator, cst.And) else ast.Or()
        left = self.expr(node.left)
        is_same = isinstance(left, ast.BoolOp) and type(left.op) is type(operator)
        values = left.values if is_same and not node.left.lpar else [left]  # type: ignore[attr-defined]
        return ast.BoolOp(operator, [*values, self.expr(node.right)])

    def visit_BinaryOperation(self, node: cst.BinaryOperation) -> ast.expr:
        kinds: dict[type[cst.BaseBinaryOp], ast.operator] = {
            cst.Add: ast.Add(),
            cst.BitOr: ast.BitOr(),
            cst.BitAnd: ast.BitAnd(),
            cst.Subtract: ast.Sub(),
            cst.Modulo: ast.Mod(),
        }
        operator = kinds.get(type(node.operator), ANYTHING)
        return ast.BinOp(self.expr(node.left), operator, self.expr(node.right))

    def visit_UnaryOperation(self, node: cst.UnaryOperation) -> ast.expr:
        operator = ast.Not() if isinstance(node.operator, cst.Not) else ast.USub()
        return ast.UnaryOp(operator, self.expr(node.expression))

    def visit_Comparison(self, node: cst.Comparison) -> ast.expr:
        return ast.Compare(
            self.expr(node.left),
            [_COMPARED[type(target.operator)]() for target in node.comparisons],
            [self.expr(target.comparator) for target in node.comparisons],
        )

    def visit_NamedExpr(self, node: cst.NamedExpr) -> ast.expr:
        target: Any = self.expr(node.target)
        return ast.NamedExpr(target, self.expr(node.value))

    def visit_Yield(self, node: cst.Yield) -> ast.expr:
        if isinstance(node.value, cst.From):
            return ast.YieldFrom(self.expr(node.value.item))
        return ast.Yield(self.optional(node.value))
