"""Texts that are built from values, taken apart: what is written, and what is put in between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import libcst as cst

from bedev_lint.syntax.literals import HOLE
from bedev_lint.syntax.module import Module, read_text

__all__ = ["Part", "around", "as_text", "only_value", "parts_of"]

# A piece of a text as it is written, or the expression whose value stands there.
Part = str | cst.BaseExpression

_LITERALS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
# Methods of a text, and functions of one, that give the same text in another form.
_SAME = frozenset({"strip", "lstrip", "rstrip", "dedent", "cleandoc"})
_NUMERIC = re.compile(r"[^a-zA-Z]{0,9}[bdeEfFgGnoxX]")
_PERCENT = re.compile(r"%(?:\(([^()]{0,50})\))?[-#0 +]{0,5}\d{0,9}(?:\.\d{0,9})?([a-zA-Z%])")
_BRACES = re.compile(
    r"\{\{|\}\}|\{([^{}:!]{0,50})(?:!([rsa]))?(?::([^{}]{0,50}))?\}",
)
_DEEPEST = 4
# Stands for a number, which is text of no harm.
_NUMBER = "0"


def parts_of(node: cst.CSTNode, module: Module, depth: int = 0) -> list[Part] | None:
    """Return what a text consists of, in its order; None if nothing says that it is a text.

    Names that are bound to nothing but one text are replaced by that. Raises PrunedAccess.
    """
    if isinstance(node, _LITERALS):
        return list(_of_literal(node, module))
    if isinstance(node, cst.Name) and depth < _DEEPEST:
        value = only_value(node, module)
        found = parts_of(value, module, depth + 1) if value is not None else None
        return found if found and all(isinstance(part, str) for part in found) else None
    if isinstance(node, cst.BinaryOperation):
        if isinstance(node.operator, cst.Add):
            return _of_sum(node, module, depth)
        found = parts_of(node.left, module, depth) if _is_filled(node) else None
        return found and list(_filled(found, _PERCENT, _given_to_percent(node.right)))
    if isinstance(node, cst.Call):
        base = _text_of_call(node)
        found = parts_of(base, module, depth) if base is not None else None
        if found is not None and _is_format(node):
            return list(_filled(found, _BRACES, _given_to_format(node)))
        return found
    return None


def around(node: cst.CSTNode, module: Module) -> cst.BaseExpression | None:
    """Return the larger text, if there is one, that a text is a part of."""
    parent = module.parent(node)
    if isinstance(parent, cst.ConcatenatedString):
        return parent
    if isinstance(parent, cst.BinaryOperation):
        is_added = isinstance(parent.operator, cst.Add)
        return parent if is_added or (_is_filled(parent) and parent.left is node) else None
    call = module.parent(parent) if isinstance(parent, (cst.Attribute, cst.Arg)) else None
    return call if isinstance(call, cst.Call) and _text_of_call(call) is node else None


def as_text(parts: list[Part]) -> str:
    """Return a text with a hole for each value."""
    return "".join(part if isinstance(part, str) else HOLE for part in parts)


def only_value(name: cst.Name, module: Module) -> cst.BaseExpression | None:
    """Return what a name is bound to, if that is one thing only. Raises PrunedAccess."""
    binders = module.bindings(name)
    if len(binders) != 1:
        return None
    binder = binders[0]
    if isinstance(binder, cst.Assign) and isinstance(binder.targets[0].target, cst.Name):
        return binder.value
    return binder.value if isinstance(binder, cst.AnnAssign) else None


def _of_sum(node: cst.BaseExpression, module: Module, depth: int) -> list[Part] | None:
    terms: list[cst.BaseExpression] = []
    while isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        terms.append(node.right)
        node = node.left
    terms.append(node)
    found = [(term, parts_of(term, module, depth)) for term in reversed(terms)]
    if all(parts is None for _, parts in found):
        return None
    return [part for term, parts in found for part in ([term] if parts is None else parts)]


def _is_filled(node: cst.BinaryOperation) -> bool:
    return isinstance(node.operator, cst.Modulo)


def _of_literal(node: cst.CSTNode, module: Module) -> Iterator[Part]:
    while isinstance(node, cst.ConcatenatedString):
        yield from _of_literal(node.left, module)
        node = node.right
    if not isinstance(node, cst.FormattedString):
        yield module.string(node) or ""
        return
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            yield read_text(part.value, node.prefix, node.quote)
        elif isinstance(part, cst.FormattedStringExpression):
            yield _NUMBER if _is_number(part) else part.expression


def _is_number(field: cst.FormattedStringExpression) -> bool:
    """Return whether the format of a field is one of numbers: `{price:.2f}`."""
    spec = field.format_spec or ()
    written = "".join(part.value for part in spec if isinstance(part, cst.FormattedStringText))
    return _NUMERIC.fullmatch(written) is not None


def _text_of_call(call: cst.Call) -> cst.BaseExpression | None:
    """Return the text that a call gives in another form: of `x.format(…)` and `dedent(x)` `x`."""
    func = call.func
    if isinstance(func, cst.Attribute) and (
        _is_format(call) or (func.attr.value in _SAME and not call.args)
    ):
        return func.value
    name = func.attr if isinstance(func, cst.Attribute) else func
    is_same = isinstance(name, cst.Name) and name.value in _SAME and len(call.args) == 1
    return call.args[0].value if is_same else None


def _is_format(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "format"


def _given_to_percent(right: cst.BaseExpression) -> Mapping[str, Part]:
    """Return what is put in, by its key or position; what stands nowhere is not known."""
    if isinstance(right, cst.Tuple):
        return {str(place): element.value for place, element in enumerate(right.elements)}
    if isinstance(right, cst.Dict):
        return {
            key: element.value
            for element in right.elements
            if isinstance(element, cst.DictElement)
            and (key := Module.string(element.key)) is not None
        }
    return {"0": right}


def _given_to_format(call: cst.Call) -> Mapping[str, Part]:
    places = (arg for arg in call.args if arg.keyword is None and not arg.star)
    given = {str(place): arg.value for place, arg in enumerate(places)}
    return given | {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}


def _filled(
    parts: list[Part], fields: re.Pattern[str], given: Mapping[str, Part]
) -> Iterator[Part]:
    """Return the parts of a text with its fields replaced by what is given for them."""
    place = 0
    for part in parts:
        if not isinstance(part, str):
            yield part
            continue
        end = 0
        for field in fields.finditer(part):
            yield part[end : field.start()]
            end = field.end()
            kind = field.groups()[-1] or ""
            if field[0] in ("{{", "}}", "%%"):
                yield field[0][0]
                continue
            key = field[1] or str(place)
            place += not field[1]
            is_number = _NUMERIC.fullmatch(kind) is not None
            # Of `{user.name}` it is the user that is given.
            yield _NUMBER if is_number else given.get(key.split(".")[0].split("[")[0], HOLE)
        yield part[end:]
