"""Values as plain data, to be kept, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import msgspec

from bedev_lint.program.values import (
    Class,
    ClassRef,
    External,
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    ProjectModule,
    TypeVariable,
)

__all__ = ["packed", "unpacked"]

_KINDS: tuple[Callable[..., object], ...] = (
    ClassRef,
    FunctionRef,
    ProjectModule,
    External,
    Class,
    Object,
    ProjectFunction,
    Member,
    TypeVariable,
)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}


def packed(what: tuple[tuple[object, ...], ...]) -> bytes:
    """Return tuples of values as MessagePack."""
    return msgspec.msgpack.encode(_plain(what))


def unpacked(data: bytes) -> Iterable[tuple[object, ...]]:
    """Return the tuples that were packed."""
    return cast("Iterable[tuple[object, ...]]", _valued(msgspec.msgpack.decode(data)))


def _plain(what: object) -> object:
    if isinstance(what, tuple):
        fields = [_plain(part) for part in what]
        number = _NUMBERS.get(type(what))
        return fields if number is None else {number: fields}
    return what


def _valued(what: object) -> object:
    if isinstance(what, list):
        return tuple([_valued(part) for part in what])
    if isinstance(what, dict):
        ((number, fields),) = what.items()
        return _KINDS[number](*map(_valued, fields))
    return what
