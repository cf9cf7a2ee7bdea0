"""Annotations: the types that they name."""

from __future__ import annotations

import ast
from collections.abc import Callable

from bedev_lint.facts.constants import UNKNOWN, either
from bedev_lint.facts.recorder import Recorder
from bedev_lint.model import Attr, Expr, Item, Literal, Name, TupleOf

__all__ = ["Reader", "read_type"]

Reader = Callable[[ast.AST, Recorder], Expr]

_NONE = Literal("None")
# The longest string that is read as a type.
_MAX_ANNOTATION = 500


def read_type(node: ast.AST, record: Recorder, read: Reader) -> Expr:
    """Return the type that an annotation names, whose strings are types too.

    A call in it runs like any expression, so `read` reads that.
    """
    if isinstance(node, ast.Name):
        return Name(node.id)
    if isinstance(node, ast.Attribute):
        return Attr(read_type(node.value, record, read), node.attr)
    if isinstance(node, ast.Subscript):
        return Item(read_type(node.value, record, read), _type_arguments(node, record, read))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return either(read_type(node.left, record, read), read_type(node.right, record, read))
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return _annotation_in_string(node.value, record, read)
        if isinstance(node.value, bool):
            return Name(repr(node.value))
        return _NONE if node.value is None else UNKNOWN
    if isinstance(node, ast.Call):
        # class A(make_base(x)), Annotated[X, Depends(f)]
        return read(node, record)
    if isinstance(node, (ast.List, ast.Tuple)):
        return TupleOf(tuple([read_type(element, record, read) for element in node.elts]))
    return UNKNOWN


def _type_arguments(node: ast.Subscript, record: Recorder, read: Reader) -> tuple[Expr, ...]:
    name = node.value.attr if isinstance(node.value, ast.Attribute) else ""
    name = node.value.id if isinstance(node.value, ast.Name) else name
    args: list[Expr] = []
    for value in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
        if isinstance(value, ast.Slice):
            continue
        # What stands in Literal, or behind the type in Annotated, is text and no type.
        is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
        if is_text and (name == "Literal" or (name == "Annotated" and args)):
            args.append(UNKNOWN)
        else:
            args.append(read_type(value, record, read))
    return tuple(args)


def _annotation_in_string(text: str, record: Recorder, read: Reader) -> Expr:
    if len(text) > _MAX_ANNOTATION or not text.isprintable():
        return UNKNOWN
    try:
        parsed = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return UNKNOWN
    return read_type(parsed, record, read) if _is_type(parsed, record) else UNKNOWN


def _is_type(parsed: ast.expr, record: Recorder) -> bool:
    """Return whether what a string holds can be a type: any other text is kept nowhere.

    What is called in there is no node of this module, either.
    """
    return not any(
        isinstance(node, ast.Call) or (isinstance(node, ast.Name) and node.id not in record.types)
        for node in ast.walk(parsed)
    )
