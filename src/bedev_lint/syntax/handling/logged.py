"""What the values that a line of a log is given tell, by their names."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.secrets import is_secret_name, secret_names
from bedev_lint.syntax.handling.handlers import called_name
from bedev_lint.syntax.literals import last_name, text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import dotted

__all__ = ["Told", "is_of_id", "told_by"]

Kind = Literal["secret", "request", "personal"]


class Told(NamedTuple):
    """What must not be in a log, what it is called there, and its value or the request's."""

    kind: Kind
    name: str
    value: cst.CSTNode


_COLLECTIONS = (cst.Tuple, cst.List, cst.Set)
_CONSTANTS = (cst.SimpleString, cst.Integer, cst.Float, cst.Comparison, cst.UnaryOperation)
_BUILDING = (cst.Add, cst.Modulo)


def told_by(line: cst.Call, options: Options) -> Iterator[Told]:
    """Return what the arguments of a line of a log tell that it must not."""
    for arg in line.args:
        name = arg.keyword.value if arg.keyword is not None else None
        yield from _named(name, arg.value, options)


def _named(name: str | None, value: cst.BaseExpression, options: Options) -> Iterator[Told]:
    """Return what a value tells, by the name that it is given, and by what is put in there."""
    yield from _of(value, options)
    if name is None or isinstance(value, (*_CONSTANTS, *_COLLECTIONS, cst.Dict)):
        return
    if isinstance(value, cst.Name) and value.value in ("None", "True", "False"):
        return
    if isinstance(value, cst.Call) and _hides(value, options):
        return
    told = _kind_of(name, options)
    own = _name_within(value)
    if told is None or (told == "personal" and _is_thing(value, options)):
        return
    if not _ends_in_constant(value) and not is_of_id(own, options):
        yield Told(told, name, value)


def _name_within(value: cst.BaseExpression) -> str:
    """Return the name of what a value is put in another form from: `token_uid.hex()`."""
    while isinstance(value, cst.Call):
        if isinstance(value.func, cst.Attribute):
            value = value.func.value
        elif value.args:
            value = value.args[0].value
        else:
            break
    return last_name(value) or ""


def is_of_id(name: str, options: Options) -> bool:
    """Return whether a name says that it only tells which one something is."""
    return any(word in texts(options, "identifying") for word in words(name)[-1:])


def _of(value: cst.CSTNode, options: Options) -> Iterator[Told]:
    if isinstance(value, cst.Dict):
        for element in value.elements:
            if isinstance(element, cst.DictElement):
                yield from _named(Module.string(element.key), element.value, options)
    elif isinstance(value, cst.Call):
        yield from _of_call(value, options)
    elif isinstance(value, (cst.Name, cst.Attribute, cst.Subscript)):
        yield from _of_name(value, options)
    else:
        for part in _parts(value):
            yield from _of(part, options)


def _parts(value: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Return what is put into a value: the fields of a text, elements, both ways of a choice."""
    if isinstance(value, cst.FormattedString):
        for part in value.parts:
            if isinstance(part, cst.FormattedStringExpression):
                yield part.expression
    elif isinstance(value, (cst.ConcatenatedString, cst.BooleanOperation, cst.BinaryOperation)):
        is_number = isinstance(value, cst.BinaryOperation) and not isinstance(
            value.operator, _BUILDING
        )
        yield from () if is_number else (value.left, value.right)
    elif isinstance(value, cst.IfExp):
        yield from (value.body, value.orelse)
    elif isinstance(value, _COLLECTIONS):
        yield from (element.value for element in value.elements)
    elif isinstance(value, cst.Await):
        yield value.expression


def _of_call(call: cst.Call, options: Options) -> Iterator[Told]:
    name = called_name(call)
    base = call.func.value if isinstance(call.func, cst.Attribute) else None
    if _hides(call, options):
        return
    if base is not None and _is_request(base, options) and name in _JSON:
        yield Told("request", dotted(call.func) or name, base)
    elif name == "get" and base is not None:
        key = Module.string(call.args[0].value) if call.args else None
        kind = _kind_of(key, options) if key else None
        if key and kind is not None:
            yield Told(kind, key, call)
    elif base is not None and name in texts(options, "keeping"):
        yield from _of(base, options)
        if name == "format":
            for arg in call.args:
                yield from _of(arg.value, options)
            yield from _of_fields(base, call, options)
    elif name in texts(options, "showing"):
        for arg in call.args:
            yield from _of(arg.value, options)


def _of_fields(text: cst.BaseExpression, call: cst.Call, options: Options) -> Iterator[Told]:
    """Return what the fields of a text tell that is given values: `"{order.user.email}"`."""
    written = text_of(text) if isinstance(text, (cst.SimpleString, cst.ConcatenatedString)) else ""
    hidden = {
        arg.keyword.value
        for arg in call.args
        if arg.keyword is not None
        and isinstance(arg.value, cst.Call)
        and _hides(arg.value, options)
    }
    for path in _FIELD.findall(written):
        if path.split(".")[0] in hidden:
            continue
        if any(map(keyword.iskeyword, path.split("."))):
            continue  # an attribute may be called so, though Python cannot read it
        for told in _of_name(cst.parse_expression(path), options):
            yield told._replace(value=call)


_FIELD = re.compile(r"(?<!\{)\{([a-zA-Z_]\w*(?:\.[a-zA-Z_]\w*)+)[!:}]", re.ASCII)
_JSON = frozenset({"json", "get_json", "body", "form"})


def _hides(call: cst.Call, options: Options) -> bool:
    """Return whether a call gives, by its name, nothing of what it is given: `mask(email)`."""
    hiding = texts(options, "hiding")
    return any(word.startswith(start) for word in words(called_name(call)) for start in hiding)


def _of_name(value: cst.BaseExpression, options: Options) -> Iterator[Told]:
    name = last_name(value)
    if name is None:
        return
    if isinstance(value, cst.Attribute) and _is_request(value.value, options):
        if name in texts(options, "request-parts"):
            yield Told("request", dotted(value) or name, value.value)
            return
    if dotted(value) in texts(options, "sent-names"):
        yield Told("request", dotted(value) or name, value)
        return
    kind = _kind_of(name, options)
    if kind is None or (kind == "personal" and _is_thing(value, options)):
        return
    if name in texts(options, "folder-names") and _is_of_files(value, options):
        return
    if not _ends_in_constant(value):
        yield Told(kind, dotted(value) or name, value)


def _is_request(node: cst.CSTNode, options: Options) -> bool:
    return last_name(node) in texts(options, "request-names")


def _kind_of(name: str, options: Options) -> Kind | None:
    parts = words(name)
    told_of = (*texts(options, "hidden"), *texts(options, "flag-words"))
    if not frozenset(told_of).isdisjoint(parts):
        return None
    if is_secret_name(name, secret_names(options)) or _ends(parts, options, "private-names"):
        return "secret"
    if options.get("personal", True) and _ends(parts, options, "personal-names"):
        first = parts[0] if parts else ""
        return None if first in texts(options, "asking-words") else "personal"
    return None


def _ends(parts: tuple[str, ...], options: Options, key: str) -> bool:
    endings = map(words, texts(options, key))
    return any(parts[-len(ending) :] == ending for ending in endings)


def _is_thing(value: cst.BaseExpression, options: Options) -> bool:
    """Return whether it is of something that is no person: `repository.email`.

    What else may have a full name as well is told by the person that it is of.
    """
    said = {*words(dotted(value) or "")}
    is_shared = _ends(words(last_name(value) or ""), options, "shared-names")
    if is_shared and said.isdisjoint(texts(options, "people")):
        return True
    return not said.isdisjoint(texts(options, "things"))


def _is_of_files(value: cst.BaseExpression, options: Options) -> bool:
    """Return whether it is an attribute of what lists files: `sftp.pwd` is where that is."""
    owner = last_name(value.value) if isinstance(value, cst.Attribute) else None
    return any(word in texts(options, "file-systems") for word in words(owner or "")[-1:])


def _ends_in_constant(value: cst.BaseExpression) -> bool:
    """Return whether a value is a member of an enumeration, or a constant of a module."""
    return isinstance(value, cst.Attribute) and value.attr.value.isupper()
