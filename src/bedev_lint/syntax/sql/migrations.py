"""Steps of migrations, and functions that go forwards and back: whether they can be undone."""

from __future__ import annotations

from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import any_match
from bedev_lint.options import patterns, table, texts
from bedev_lint.syntax.handling.handlers import called_name, is_parameter, statements
from bedev_lint.syntax.literals import text_of
from bedev_lint.syntax.module import Module

__all__ = ["changes_schema", "does_nothing", "function_of", "lacks_reverse"]

_NOTHING = (cst.Pass, cst.Return)
_TEXTS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
# How many statements of SQL of one step are looked at.
_MOST = 50


def lacks_reverse(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a call is a step of a migration that has a reverse, and is given none.

    A step that need not be undone is none, nor is one of which a comment says something.
    """
    name = module.qualified(call.func) or ""
    keyword = next((word for step, word in table(options, "steps") if fnmatchcase(name, step)), "")
    reverses = [
        arg
        for index, arg in enumerate(call.args)
        if (arg.keyword.value == keyword if arg.keyword else arg.star or index == 1)
    ]
    if not keyword or not all(_is_none(arg.value) for arg in reverses):
        return False
    first = call.args[0].value if call.args else None
    is_noop = isinstance(first, cst.Attribute) and first.attr.value in texts(options, "noops")
    return (
        not is_noop
        and not _is_needless(first, options)
        and not _is_explained(call, module, options)
    )


def _is_none(value: cst.CSTNode) -> bool:
    return isinstance(value, cst.Name) and value.value == "None"


def _is_needless(value: cst.CSTNode | None, options: Options) -> bool:
    """Return whether all SQL of a text cannot be undone, or need not be."""
    if not isinstance(value, _TEXTS):
        return False
    done = [one.strip() for one in text_of(value).split(";")[:_MOST]]
    needless = patterns(options, "needless")
    return all(any(one.search(sql) for one in needless) for sql in done if sql)


def _is_explained(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a comment stands in a step, before it or all of them, or behind it."""
    if module.comments(call) or _has_comment_above(module.statement_of(call), module, options):
        return True
    element = module.parent(call)
    steps = module.parent(element) if isinstance(element, cst.Element) else None
    if not isinstance(steps, cst.List) or not isinstance(element, cst.Element):
        return False
    place = module.place(element, steps, steps.elements)
    before = steps.elements[place - 1].comma if place else steps.lbracket
    lines = getattr(before, "whitespace_after", None)
    is_last = place == len(steps.elements) - 1
    behind = (
        steps.rbracket.whitespace_before
        if is_last
        else getattr(element.comma, "whitespace_after", None)
    )
    return any(line.comment is not None for line in getattr(lines, "empty_lines", ())) or (
        isinstance(behind, cst.ParenthesizedWhitespace) and behind.first_line.comment is not None
    )


def _has_comment_above(statement: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a comment stands above a statement, such as `operations = […]`."""
    line, ours = module.parent(statement), texts(options, "generated-comments")
    comments = line.leading_lines if isinstance(line, cst.SimpleStatementLine) else ()
    return any(
        empty.comment is not None and not any_match((empty.comment.value,), ours)
        for empty in comments
    )


def function_of(module: Module, options: Options, key: str) -> cst.FunctionDef | None:
    """Return the function of a module, itself no part of another, that an option names."""
    names = texts(options, key)
    found = (one for one in statements(module.tree) if isinstance(one, cst.FunctionDef))
    return next((one for one in found if one.name.value in names), None)


def does_nothing(function: cst.FunctionDef, module: Module, options: Options) -> bool:
    """Return whether a function has no statement, and no words but those that are generated."""
    generated = texts(options, "generated-comments")
    docstrings = (getattr(one, "value", None) for one in statements(function.body)[:1])
    said = [text_of(one).strip() for one in docstrings if isinstance(one, _TEXTS)]
    said += module.comments(function.body)
    if any(not any(fnmatchcase(one, pattern) for pattern in generated) for one in said):
        return False
    return all(
        (isinstance(one, _NOTHING) and getattr(one, "value", None) is None)
        or (isinstance(one, cst.Expr) and isinstance(one.value, (*_TEXTS, cst.Ellipsis)))
        for one in statements(function.body)
    )


def changes_schema(function: cst.FunctionDef, module: Module, options: Options) -> bool:
    """Return whether a function has a step that changes the schema, itself or by SQL."""
    if not any(_is_of_tool(call, module, options) for call in module.below(function, cst.Call)):
        return False
    for call in module.below(function, cst.Call):
        name = called_name(call)
        if name in texts(options, "schema-steps"):
            return True
        if name == "execute" and call.args and _changes(call.args[0].value, options):
            return True
    return False


def _is_of_tool(call: cst.Call, module: Module, options: Options) -> bool:
    name, tools = module.qualified(call.func) or "", texts(options, "tools")
    base = call.func.value if isinstance(call.func, cst.Attribute) else call.func
    if is_parameter(base, module):  # `def upgrade(op):`, as a template of one's own has it
        name = module.dotted(call.func) or ""
        tools = tuple(pattern.partition(".")[2] for pattern in tools)
    return any(fnmatchcase(name, pattern) for pattern in tools)


def _changes(value: cst.CSTNode, options: Options) -> bool:
    if isinstance(value, cst.Call) and value.args:  # text("ALTER TABLE …")
        value = value.args[0].value
    if not isinstance(value, _TEXTS) or _is_needless(value, options):
        return False
    return any(one.search(text_of(value)) for one in patterns(options, "schema-sql"))
