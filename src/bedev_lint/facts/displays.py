"""Displays: tuples, lists, sets and dicts that are written out, and slices. `read` reads them."""

from __future__ import annotations

import ast

from bedev_lint.facts.annotations import Reader
from bedev_lint.facts.constants import keys_of
from bedev_lint.facts.function import Function
from bedev_lint.facts.recorder import Recorder
from bedev_lint.model import Elem, Expr, Literal, Name, Result, TupleOf

__all__ = ["dict_of", "is_set", "list_or_set", "part_taken", "tuple_of"]

_SET = Name("set")

# What has no more elements than these places is short.
_PLACES = range(10)


def tuple_of(node: ast.Tuple, record: Recorder, read: Reader) -> Expr:
    """Return what a tuple is: all its elements are kept."""
    return TupleOf(tuple([_element(element, record, read) for element in node.elts]))


def _element(node: ast.expr, record: Recorder, read: Reader) -> Expr:
    """Return an element of a display; `*rows` stands for those that iterating over it gives."""
    return Elem(read(node.value, record)) if isinstance(node, ast.Starred) else read(node, record)


def is_set(value: Expr, function: Function) -> bool:
    """Return whether a value is a set that is made here, of whatever: `set(orders)`."""
    made = function.bound.get(value.id) if isinstance(value, Name) else value
    return isinstance(made, Result) and function.sites[made.site].func == _SET


def list_or_set(node: ast.List | ast.Set, record: Recorder, read: Reader) -> Expr:
    """Return what a list or set is, with its elements."""
    kind = "list" if isinstance(node, ast.List) else "set"
    return Literal(kind, "", tuple([_element(element, record, read) for element in node.elts]))


def dict_of(node: ast.Dict, record: Recorder, read: Reader) -> Expr:
    """Return what a dict is, with its values and what is kept of its keys."""
    values = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            read(key, record)
            values.append(read(value, record))
        else:
            read(value, record)
    return Literal("dict", "", tuple(values), keys_of(node, record.literals))


def part_taken(node: ast.expr) -> Literal | None:
    """Return what a subscript takes by place: one of the first elements, or a slice.

    A slice is short if it ends soon, or begins shortly before the end.
    """
    if isinstance(node, ast.Constant) and node.value in _PLACES:
        return Literal("int", form=str(node.value))
    if not isinstance(node, ast.Slice):
        return None
    lower, upper = node.lower, node.upper
    if upper is None and isinstance(lower, ast.UnaryOp) and isinstance(lower.op, ast.USub):
        upper = lower.operand
    size = upper.value if isinstance(upper, ast.Constant) else None
    return Literal("slice", form="short" if size in _PLACES else "")
