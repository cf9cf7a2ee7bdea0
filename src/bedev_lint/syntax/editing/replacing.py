"""Trees that are like another but for what is changed in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import libcst as cst

from bedev_lint.syntax.module import Module

__all__ = ["indented", "replaced", "statement_line", "with_keyword"]


def replaced(module: Module, node: cst.CSTNode, new: cst.CSTNode) -> cst.Module:
    """Return the tree of a module with another node in the place of one."""
    parent = module.parent(node)
    while parent is not None:
        node, new = parent, _with_child(parent, node, new)
        parent = module.parent(node)
    assert isinstance(new, cst.Module)
    return new


def _with_child(parent: cst.CSTNode, child: cst.CSTNode, new: cst.CSTNode) -> cst.CSTNode:
    for field in dataclasses.fields(parent):
        value = getattr(parent, field.name)
        if value is child:
            return parent.with_changes(**{field.name: new})
        if isinstance(value, (list, tuple)) and any(item is child for item in value):
            items = [new if item is child else item for item in value]
            return parent.with_changes(**{field.name: items})
    raise LookupError(type(child).__name__)


def statement_line(code: str, tree: cst.Module) -> cst.SimpleStatementLine:
    """Return a simple statement as a line of a tree."""
    line = cst.parse_statement(code, config=tree.config_for_parsing)
    assert isinstance(line, cst.SimpleStatementLine)
    return line


def indented(suite: cst.BaseSuite) -> cst.IndentedBlock:
    """Return a suite as lines of their own: `pass` of `except: pass`."""
    if isinstance(suite, cst.IndentedBlock):
        return suite
    assert isinstance(suite, cst.SimpleStatementSuite)
    small = [item.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) for item in suite.body]
    comment = suite.trailing_whitespace.comment
    header = suite.trailing_whitespace if comment is not None else cst.TrailingWhitespace()
    return cst.IndentedBlock([cst.SimpleStatementLine([item]) for item in small], header=header)


def with_keyword(call: cst.Call, name: str, value: cst.BaseExpression) -> cst.Call | None:
    """Return a call with a keyword given, behind all others and laid out as they are.

    None if there is no place for one: `f(x for x in y)`.
    """
    for index, arg in enumerate(call.args):
        if arg.keyword is not None and arg.keyword.value == name:
            args = [*call.args[:index], arg.with_changes(value=value), *call.args[index + 1 :]]
            return call.with_changes(args=args)
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    new = cst.Arg(value, cst.Name(name), equal)
    if not call.args:
        return call.with_changes(args=[new], whitespace_before_args=cst.SimpleWhitespace(""))
    *others, last = call.args
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        return None
    between = _between(others, call)
    trailing = last.comma
    if isinstance(trailing, cst.Comma):
        after, between = _split(trailing.whitespace_after, between)
        trailing = trailing.with_changes(whitespace_after=after)
    new = new.with_changes(comma=trailing, whitespace_after_arg=last.whitespace_after_arg)
    last = last.with_changes(
        comma=cst.Comma(whitespace_after=between), whitespace_after_arg=cst.SimpleWhitespace("")
    )
    return call.with_changes(args=[*others, last, new])


def _between(others: Iterable[cst.Arg], call: cst.Call) -> cst.BaseParenthesizableWhitespace:
    """Return the white space between two arguments of a call, as it has it already."""
    before = call.whitespace_before_args
    for arg in others:
        comma = arg.comma
        if isinstance(comma, cst.Comma):
            before = comma.whitespace_after
    if not isinstance(before, cst.ParenthesizedWhitespace):
        return cst.SimpleWhitespace(" ")
    line = before.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return before.with_changes(first_line=line, empty_lines=[])


def _split(
    trailing: cst.BaseParenthesizableWhitespace, between: cst.BaseParenthesizableWhitespace
) -> tuple[cst.BaseParenthesizableWhitespace, cst.BaseParenthesizableWhitespace]:
    """Return the white space behind a new last argument, and that between the last two.

    A comment behind what was last stays there.
    """
    if not isinstance(trailing, cst.ParenthesizedWhitespace):
        return trailing, between
    if isinstance(between, cst.ParenthesizedWhitespace):
        between = between.with_changes(first_line=trailing.first_line)
        bare = trailing.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
        trailing = trailing.with_changes(first_line=bare)
    return trailing, between
