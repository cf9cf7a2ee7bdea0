"""The texts and numbers that rules about endpoints ask for: paths, names of routes, statuses.

Nothing is kept of them unless such a rule is on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from msgspec.structs import replace

from bedev_lint.facts.recorder import Recorder
from bedev_lint.model import Attr, Either, Expr, Item, Literal, Name, TupleOf
from bedev_lint.names import PATH_WORDS, words
from bedev_lint.secrets import is_secret_name, secret_names
from bedev_lint.source import bound_names, target_names

__all__ = ["built_text", "is_about_routes", "kept_parts", "note_compared", "with_text"]

# What may be a path, or a regular expression for one, or a name; of a text with a space nothing is,
# nor of one with a lone surrogate, which is in no encoding.
_PATH = re.compile(r"[^\s\"'\ud800-\udfff]{0,300}")
_PARAMETER = re.compile(r"<[^<>]*>")  # `<any(paid, sent):state>` may have spaces
_ROUTE_NAME = re.compile(r"[\w.:-]{1,120}")
# One with a namespace, without a digit or a capital: nothing that somebody keeps secret.
_NAMESPACED = re.compile(r"[a-z_]{1,40}(?:[.:][a-z_-]{1,60}){1,3}")
_ROUTE_WORDS = PATH_WORDS | {"view", "views"}
_NAMES = re.compile(r"[\w.:, -]{1,120}")
_PLACEHOLDER = re.compile(r"%(?:\(\w*\))?[sdri]")
_STATUSES = range(100, 600)


def is_about_routes(name: str, record: Recorder) -> bool:
    """Return whether a call of this name may be told a path or the name of a route."""
    tests = record.naming.tests
    if tests is None:
        return False
    return name in tests.routing or not tests.requesting.isdisjoint(words(name))


def with_text(value: Expr, constant: object, record: Recorder) -> Expr:
    """Return a constant with what is kept of it, see `Literal`."""
    if not isinstance(value, Literal):
        return value
    if isinstance(constant, str):
        return replace(value, text=(constant,)) if _is_kept(constant, record) else value
    is_status = isinstance(constant, int) and constant in _STATUSES
    return replace(value, form=repr(constant)) if is_status else value


def _is_kept(text: str, record: Recorder) -> bool:
    if record.routing:
        return bool(_PATH.fullmatch(_PARAMETER.sub("<>", text)) or _NAMES.fullmatch(text))
    is_path = "/" in text and bool(_PATH.fullmatch(text))
    return (is_path or _is_route_name(text, record)) and not _is_secret(record)


def _is_route_name(text: str, record: Recorder) -> bool:
    """Return whether a text is the name of a route: `LIST_URL = "ORDERS:list"`, `"orders.show"`.

    What frameworks read under a name of their own counts too: `http_method_names = ["get"]`.
    """
    if _NAMESPACED.fullmatch(text):
        return True
    tests = record.naming.tests
    if tests is not None and not tests.routing.isdisjoint(_bound(record)):
        return True
    if not _ROUTE_NAME.fullmatch(text):
        return False
    is_within = ":" in text  # a namespace
    return any(is_within or not _ROUTE_WORDS.isdisjoint(words(name)) for name in _bound(record))


def _is_secret(record: Recorder) -> bool:
    """Return whether the statement being read binds the name of a secret."""
    words = secret_names(record.naming.secrets)
    return any(is_secret_name(name, words) for name in _bound(record))


def _bound(record: Recorder) -> tuple[str, ...]:
    """Return the names that the statement being read binds, attributes too, or runs over."""
    statement = record.statement
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return tuple(target_names(statement.target))
    targets = statement.targets if isinstance(statement, ast.Assign) else ()
    attributes = [target.attr for target in targets if isinstance(target, ast.Attribute)]
    return (*bound_names(statement), *attributes)


def kept_parts(parts: Sequence[str | Expr], record: Recorder) -> tuple[str | Expr, ...]:
    """Return what is kept of a text that is built from these parts."""
    if record.naming.tests is None:
        return ()
    texts = [part for part in parts if isinstance(part, str)]
    is_path = record.routing or any("/" in text or text.startswith("?") for text in texts)
    if not is_path or not all(_PATH.fullmatch(text) for text in texts) or _is_secret(record):
        return ()
    return tuple(parts)


def built_text(left: Expr, right: Expr, operator: ast.operator) -> tuple[str | Expr, ...]:
    """Return what is kept of `left + right` or `left % right`, if one of them is kept."""
    first = left.text if isinstance(left, Literal) else ()
    second = right.text if isinstance(right, Literal) else ()
    if isinstance(operator, ast.Add) and (first or second):
        return (*(first or (left,)), *(second or (right,)))
    if isinstance(operator, ast.Mod) and len(first) == 1 and isinstance(first[0], str):
        pieces = _PLACEHOLDER.split(first[0])
        values = right.items if isinstance(right, TupleOf) else (right,)
        if len(values) != len(pieces) - 1:
            values = (Literal(""),) * (len(pieces) - 1)
        mixed: list[str | Expr] = [pieces[0]]
        for value, piece in zip(values, pieces[1:], strict=True):
            mixed += (value, piece)
        return tuple(mixed)
    return ()


def note_compared(value: Expr, record: Recorder) -> None:
    """Note a constant, or a part of one, that is compared, if it may be a status of a response."""
    if record.naming.tests is None:
        return
    items = value.items if isinstance(value, (Literal, TupleOf)) else ()
    options = value.options if isinstance(value, Either) else ()
    for one in items or options or (value,):
        is_number = isinstance(one, Literal) and one.kind == "int" and one.form
        is_member = isinstance(one, Item) or (isinstance(one, Attr) and one.name.isidentifier())
        is_named = isinstance(one, Name) and one.id.isupper()
        if is_number or is_member or is_named:
            record.function.compared.append(one)
