"""String literals: their text with the dynamic parts left open, and what they are bound to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import libcst as cst

from bedev_lint.prefilter.index import HOLE
from bedev_lint.syntax.module import Module, read_text
from bedev_lint.syntax.scopes import dotted

__all__ = [
    "HOLE",
    "LITERALS",
    "Bound",
    "bound_to",
    "is_docstring",
    "is_part",
    "last_name",
    "makes_object",
    "may_hold",
    "name_of_constant",
    "names_around",
    "names_of_filled",
    "text_of",
]

# Every node that is a literal text, with fields or without.
LITERALS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString, cst.TemplatedString)
_WITH_FIELDS = (cst.FormattedString, cst.TemplatedString)
_TEXT = (cst.FormattedStringText, cst.TemplatedStringText)

_LISTS = (cst.List, cst.Tuple, cst.Set)
_TRANSPARENT_METHODS = frozenset({"encode", "decode", "strip", "lstrip", "rstrip"})
_EQUALITIES = (cst.Equal, cst.NotEqual, cst.In, cst.NotIn)
# What puts its arguments into a collection.
_FILLING = frozenset({"append", "extend", "insert", "add", "update"})


class Bound(NamedTuple):
    """A name that a literal is bound to.

    `compared`: only compared with what has that name; `listed`: it is one of several in a list.
    """

    name: str
    compared: bool = False
    listed: bool = False


def is_part(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is one piece of an implicit concatenation."""
    return isinstance(module.parent(node), cst.ConcatenatedString)


def is_docstring(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is a statement by itself, as docstrings are."""
    return isinstance(module.parent(node), cst.Expr)


def may_hold(node: cst.CSTNode, text: str) -> bool:
    """Return whether a literal can hold a text: cheap; what is written in escapes is not seen."""
    if isinstance(node, cst.SimpleString):
        return text in node.value
    if isinstance(node, _WITH_FIELDS):
        return any(isinstance(part, _TEXT) and text in part.value for part in node.parts)
    return text in text_of(node)


def text_of(node: cst.CSTNode) -> str:
    """Return the text of a literal, pieces folded, with `HOLE` for each of its fields.

    What is no literal is a hole.
    """
    if isinstance(node, cst.ConcatenatedString):
        return text_of(node.left) + text_of(node.right)
    if isinstance(node, _WITH_FIELDS):
        return "".join(
            read_text(part.value, node.prefix, node.quote) if isinstance(part, _TEXT) else HOLE
            for part in node.parts
        )
    text = Module.string(node)
    return HOLE if text is None else text


def last_name(node: cst.CSTNode) -> str | None:
    """Return the name that an expression ends in: `c` of `a.b.c`, `b` of `a["b"]`; or None."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return node.attr.value
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        if isinstance(index, cst.Index):
            return Module.string(index.value) or name_of_constant(index.value)
    return None


def name_of_constant(node: cst.CSTNode) -> str | None:
    """Return the name of a key that is not a text: `PASSWORD`, `Field.PASSWORD`."""
    return last_name(node) if isinstance(node, (cst.Name, cst.Attribute)) else None


def _key_name(node: cst.CSTNode) -> str | None:
    return Module.string(node) or name_of_constant(node)


def bound_to(
    node: cst.CSTNode,
    module: Module,
    wrappers: frozenset[str] = frozenset(),
    comparers: frozenset[str] = frozenset(),
) -> list[Bound]:
    """Return what a literal's own value is bound to; nothing for a positional argument.

    It is followed through `x or …` (which binds it to `x` too), `… if c else …`, `.encode()`,
    lists, and calls of `wrappers`, which keep the value as it is. `comparers` are functions that
    compare their arguments.
    """
    return list(_bound_to(node, module, wrappers, comparers))


def _bound_to(
    node: cst.CSTNode, module: Module, wrappers: frozenset[str], comparers: frozenset[str]
) -> Iterator[Bound]:
    child = node
    is_listed = False
    for parent in module.ancestors(node):
        if isinstance(parent, cst.BooleanOperation):
            if child is parent.left:
                if isinstance(parent.operator, cst.And):
                    return
            elif isinstance(parent.operator, cst.Or) and (name := last_name(parent.left)):
                yield Bound(name, listed=is_listed)
        elif isinstance(parent, cst.IfExp):
            if child is parent.test:
                return
            other = parent.body if child is parent.orelse else parent.orelse
            if name := last_name(other):
                yield Bound(name, listed=is_listed)
        elif isinstance(parent, cst.Attribute):
            if parent.attr.value not in _TRANSPARENT_METHODS:
                return
        elif isinstance(parent, cst.Call):
            if child is parent.func:
                pass
            elif not isinstance(child, cst.Arg):
                return
            elif child.keyword is not None:
                yield Bound(child.keyword.value, listed=is_listed)
                return
            elif (called := module.qualified(parent.func) or "") not in wrappers:
                if called in comparers:
                    yield from _compared(child, parent)
                return
            elif child is not parent.args[0]:
                return  # how it is kept: an encoding
        elif isinstance(parent, cst.Element):
            if unpacked := [Bound(name) for name in _unpacked(parent, module)]:
                yield from unpacked
                return
        elif isinstance(parent, _LISTS):
            is_listed = True
        elif not isinstance(parent, cst.Arg):
            yield from (one._replace(listed=is_listed) for one in _binder(child, parent, module))
            return
        child = parent


def _compared(argument: cst.Arg, call: cst.Call) -> Iterator[Bound]:
    """Return what an argument of a function that compares its arguments is compared with."""
    for other in call.args:
        name = last_name(other.value) if other is not argument else None
        if name:
            yield Bound(name, True)


def _binder(child: cst.CSTNode, parent: cst.CSTNode, module: Module) -> list[Bound]:
    names: list[str | None] = []
    if isinstance(parent, cst.Assign):
        names = [last_name(target.target) for target in parent.targets]
    elif isinstance(parent, (cst.AnnAssign, cst.AugAssign, cst.NamedExpr)):
        names = [last_name(parent.target)] if child is parent.value else []
    elif isinstance(parent, cst.DictElement):
        names = [_key_name(parent.key)] if child is parent.value else []
    elif isinstance(parent, cst.Param):
        names = [parent.name.value] if child is parent.default else []
    elif isinstance(parent, cst.ComparisonTarget):
        comparison = module.parent(parent)
        if isinstance(comparison, cst.Comparison) and isinstance(parent.operator, _EQUALITIES):
            return [Bound(name, True) for name in [last_name(comparison.left)] if name]
    elif isinstance(parent, cst.Comparison):
        # The left of `in` is a key, or a piece of a text, that is looked for.
        return [
            Bound(name, True)
            for target in parent.comparisons
            if isinstance(target.operator, (cst.Equal, cst.NotEqual))
            and (name := last_name(target.comparator))
        ]
    return [Bound(name) for name in names if name]


def _unpacked(element: cst.Element, module: Module) -> Iterator[str]:
    """Return the names that one element of a tuple is assigned to: `a, b = 1, 2`."""
    values = module.parent(element)
    assign = module.parent(values) if values is not None else None
    if not isinstance(values, (cst.Tuple, cst.List)) or not isinstance(assign, cst.Assign):
        return
    for target in assign.targets:
        one = _counterpart(element, values, target.target, module)
        name = last_name(one.value) if one is not None else None
        if name:
            yield name


def _counterpart(
    element: cst.CSTNode, values: cst.Tuple | cst.List, target: cst.CSTNode, module: Module
) -> cst.BaseElement | None:
    """Return the element of a target that an element of as many values is assigned to."""
    if not isinstance(target, (cst.Tuple, cst.List)):
        return None
    if len(target.elements) != len(values.elements):
        return None
    return target.elements[module.place(element, values, values.elements)]


def names_around(
    node: cst.CSTNode,
    module: Module,
    *,
    calls: bool = True,
    ends: Callable[[cst.Call, cst.Arg], bool] | None = None,
) -> Iterator[str]:
    """Return all names that a literal stands under, innermost first, up to its statement.

    Keywords, keys of dictionaries, targets of assignments (of tuples, where that can be said, its
    own), collections that it is added to, parameters, what it is compared with, called functions
    (if `calls`) and, for what is returned, the function. None of those that stand around a call
    which is given the literal and `ends` them: they name what it answers.
    """
    child = below = node
    for parent in module.ancestors(node):
        name: str | None = None
        if isinstance(parent, cst.Arg):
            name = parent.keyword.value if parent.keyword is not None else None
        elif isinstance(parent, cst.DictElement):
            name = _key_name(parent.key) if child is parent.value else None
        elif isinstance(parent, cst.Call):
            yield from _names_filled(parent)
            name = last_name(parent.func) if calls and child is not parent.func else None
            if ends is not None and isinstance(child, cst.Arg) and ends(parent, child):
                return
        elif isinstance(parent, cst.Param):
            name = parent.name.value
        elif isinstance(parent, (cst.AnnAssign, cst.AugAssign, cst.NamedExpr)):
            name = last_name(parent.target)
        elif isinstance(parent, cst.Assign):
            for target in parent.targets:
                yield from _names_given(below, child, target.target, module)
        elif isinstance(parent, cst.ComparisonTarget):
            comparison = module.parent(parent)
            name = last_name(comparison.left) if isinstance(comparison, cst.Comparison) else None
        elif isinstance(parent, cst.Comparison):
            name = last_name(parent.comparisons[0].comparator)
        elif isinstance(parent, cst.Return):
            function = module.function_of(parent)
            name = function.name.value if isinstance(function, cst.FunctionDef) else None
        if name:
            yield name
        if isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return
        below, child = child, parent


def names_of_filled(node: cst.CSTNode, module: Module) -> Iterator[str]:
    """Return the names of the collection that a value is added to: `sources.append(value)`.

    Also as a part of an object or a dictionary: `sources.append(Source(url=value))`.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Call):
            yield from _names_filled(parent)
            if child is parent.func or not makes_object(parent):
                return
        elif not isinstance(parent, (cst.Arg, cst.Dict, cst.DictElement, cst.Element, *_LISTS)):
            return
        child = parent


def makes_object(call: cst.CSTNode) -> bool:
    """Return whether a call is, by the name of what it calls, of a class."""
    name = (last_name(call.func) or "").lstrip("_") if isinstance(call, cst.Call) else ""
    return name[:1].isupper() and not name.isupper()


def _names_filled(call: cst.Call) -> Iterator[str]:
    func = call.func
    if isinstance(func, cst.Attribute) and func.attr.value in _FILLING:
        yield from _target_names(func.value)


def _names_given(
    element: cst.CSTNode, value: cst.CSTNode, target: cst.CSTNode, module: Module
) -> Iterator[str]:
    """Return the names that a target gives to an element of a value, or to all of it."""
    own = None
    if isinstance(value, (cst.Tuple, cst.List)) and element is not value:
        own = _counterpart(element, value, target, module)
    yield from _target_names(target if own is None else own.value)


def _target_names(target: cst.CSTNode) -> Iterator[str]:
    """Return the names of a target: of `errors["password"]` both."""
    name = last_name(target)
    if name:
        yield name
    if isinstance(target, cst.Subscript):
        base = dotted(target.value)
        if base:
            yield base.rsplit(".", 1)[-1]
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _target_names(element.value)
