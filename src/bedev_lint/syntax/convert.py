"""A LibCST tree as Python's own: for what only another version of Python could parse.

Only what facts are read from is converted; what a pattern of `match` binds is not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst

from bedev_lint.source import TypeAlias
from bedev_lint.syntax.convert_expressions import ANYTHING, Expressions
from bedev_lint.syntax.positions import AllSpans
from bedev_lint.syntax.scopes import dotted
from bedev_lint.syntax.walk import children

__all__ = ["converted"]


def converted(tree: cst.Module, text: str) -> ast.Module:
    """Return a LibCST tree as Python's own parser would have read its text."""
    converter = _Statements(AllSpans(tree, text), text)
    return ast.Module(converter.block(tree.body), [])


class _Type:
    """A type parameter, of which only the name matters."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Statements(Expressions):
    """Converts statements, too."""

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
        visit = getattr(self, f"visit_{type(node).__name__}", None)
        made: ast.stmt = visit(node) if visit else ast.Assert(self.whatever(node), None)
        return self.at(made, node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> ast.stmt:
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

    def visit_ClassDef(self, node: cst.ClassDef) -> ast.stmt:
        make: Any = ast.ClassDef
        made: ast.stmt = make(
            name=node.name.value,
            bases=[self.positional(arg) for arg in node.bases],
            keywords=[self.keyword(arg) for arg in node.keywords],
            body=self._suite(node),
            decorator_list=[self.expr(d.decorator) for d in node.decorators],
            type_params=_type_params(node.type_parameters),
        )
        return made

    def visit_If(self, node: cst.If) -> ast.stmt:
        return ast.If(self.expr(node.test), self._suite(node.body), self._suite(node.orelse))

    def visit_While(self, node: cst.While) -> ast.stmt:
        return ast.While(self.expr(node.test), self._suite(node.body), self._suite(node.orelse))

    def visit_For(self, node: cst.For) -> ast.stmt:
        make: Any = ast.For if node.asynchronous is None else ast.AsyncFor
        made: ast.stmt = make(
            self.expr(node.target),
            self.expr(node.iter),
            self._suite(node.body),
            self._suite(node.orelse),
        )
        return made

    def visit_With(self, node: cst.With) -> ast.stmt:
        make: Any = ast.With if node.asynchronous is None else ast.AsyncWith
        items = [
            ast.withitem(
                self.expr(item.item), None if item.asname is None else self.expr(item.asname.name)
            )
            for item in node.items
        ]
        made: ast.stmt = make(items, self._suite(node.body))
        return made

    def visit_Try(self, node: cst.Try | cst.TryStar) -> ast.stmt:
        handlers = [
            self.at(
                ast.ExceptHandler(
                    self.optional(handler.type),
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

    visit_TryStar = visit_Try

    def visit_Match(self, node: cst.Match) -> ast.stmt:
        cases = [
            ast.match_case(
                self._pattern(case.pattern), self.optional(case.guard), self._suite(case.body)
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
        patterns: list[ast.pattern] = [self.at(ast.MatchValue(value), node) for value in values]
        made: Any = ast.MatchSequence(patterns)
        return self.at(made, node)  # type: ignore[no-any-return]

    def visit_Assign(self, node: cst.Assign) -> ast.stmt:
        return ast.Assign([self.expr(t.target) for t in node.targets], self.expr(node.value))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> ast.stmt:
        target: Any = self.expr(node.target)
        value = self.optional(node.value)
        return ast.AnnAssign(target, self.expr(node.annotation.annotation), value, 1)

    def visit_AugAssign(self, node: cst.AugAssign) -> ast.stmt:
        target: Any = self.expr(node.target)
        return ast.AugAssign(target, ANYTHING, self.expr(node.value))

    def visit_Assert(self, node: cst.Assert) -> ast.stmt:
        return ast.Assert(self.expr(node.test), self.optional(node.msg))

    def visit_Return(self, node: cst.Return) -> ast.stmt:
        return ast.Return(self.optional(node.value))

    def visit_Raise(self, node: cst.Raise) -> ast.stmt:
        return ast.Raise(
            self.optional(node.exc), None if node.cause is None else self.expr(node.cause.item)
        )

    def visit_Expr(self, node: cst.Expr) -> ast.stmt:
        return ast.Expr(self.expr(node.value))

    def visit_Global(self, node: cst.Global | cst.Nonlocal) -> ast.stmt:
        return ast.Global([item.name.value for item in node.names])

    visit_Nonlocal = visit_Global

    def visit_TypeAlias(self, node: cst.TypeAlias) -> ast.stmt:
        make: Any = TypeAlias
        made: ast.stmt = make(
            self.expr(node.name), _type_params(node.type_parameters), self.expr(node.value)
        )
        return made

    def visit_Import(self, node: cst.Import) -> ast.stmt:
        return ast.Import(_aliases(node.names))

    def visit_ImportFrom(self, node: cst.ImportFrom) -> ast.stmt:
        star = isinstance(node.names, cst.ImportStar)
        names = [ast.alias("*")] if star else _aliases(node.names)  # type: ignore[arg-type]
        module = None if node.module is None else dotted(node.module)
        return ast.ImportFrom(module, names, len(node.relative))

    def visit_Pass(self, _node: cst.Pass) -> ast.stmt:
        return ast.Pass()

    def visit_Break(self, _node: cst.Break) -> ast.stmt:
        return ast.Break()

    def visit_Continue(self, _node: cst.Continue) -> ast.stmt:
        return ast.Continue()


def _type_params(node: cst.TypeParameters | None) -> list[Any]:
    return [] if node is None else [_Type(param.param.name.value) for param in node.params]


def _aliases(nodes: Iterable[cst.ImportAlias]) -> list[ast.alias]:
    return [
        ast.alias(
            dotted(node.name) or "", None if node.asname is None else dotted(node.asname.name)
        )
        for node in nodes
    ]
