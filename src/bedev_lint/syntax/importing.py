"""Imports that a fix adds at the top of a module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor

from bedev_lint.syntax.module import Module

__all__ = ["behind_imports", "can_import", "with_import"]

NodeT = TypeVar("NodeT", bound=cst.CSTNode)

_IMPORTS = (cst.Import, cst.ImportFrom)


def can_import(name: str, node: cst.CSTNode, module: Module) -> bool:
    """Return whether a module of this name, imported at the top, has its name at a node."""
    return all(
        isinstance(binder, cst.ImportAlias)
        and isinstance(module.parent(binder), cst.Import)
        and binder.asname is None
        and binder.evaluated_name.split(".")[0] == name
        and module.function_of(binder) is None
        for binder in module.names.bindings(name, node)
    )


def with_import(tree: cst.Module, name: str) -> cst.Module:
    """Return a tree that imports a module among its first imports, if it does not yet."""
    count = behind_imports(tree.body)
    context = CodemodContext()
    AddImportsVisitor.add_needed_import(context, name)
    # All that the visitor is given is made anew, though most of it is as before.
    top = AddImportsVisitor(context).transform_module(tree.with_changes(body=tree.body[:count]))
    rest = tree.body[count:]
    if not count:  # the first import of all stands apart from what follows
        rest = [*map(with_blank_line, rest[:1]), *rest[1:]]
    return top.with_changes(body=[*top.body, *rest])


def behind_imports(body: Sequence[cst.CSTNode]) -> int:
    """Return the index of the first statement behind the imports at the top of a module."""
    count = 0
    for index, node in enumerate(body, start=1):
        is_text = isinstance(node, cst.SimpleStatementLine) and _is_text(node.body[0])
        if _imports(node) or (is_text and index == 1):
            count = index
        elif not is_text:
            break
    return count


def with_blank_line(node: NodeT) -> NodeT:
    """Return a statement with a blank line before it and its comments, if it has none yet."""
    leading: Sequence[cst.EmptyLine] = getattr(node, "leading_lines", ())
    if leading and leading[0].comment is None:
        return node
    return node.with_changes(leading_lines=[cst.EmptyLine(indent=False), *leading])


def _imports(node: cst.CSTNode) -> bool:
    """Return whether a statement is an import, or is there for one: `if TYPE_CHECKING:`."""
    if isinstance(node, (cst.If, cst.Try)) and isinstance(node.body, cst.IndentedBlock):
        node = node.body.body[0]
    return isinstance(node, cst.SimpleStatementLine) and isinstance(node.body[0], _IMPORTS)


def _is_text(small: cst.BaseSmallStatement) -> bool:
    return isinstance(small, cst.Expr) and isinstance(small.value, cst.SimpleString)
