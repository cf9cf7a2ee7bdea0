"""One file of a rules folder: its tables, and what is wrong with it, told with its row."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import Struct

from bedev_lint import filesystem
from bedev_lint.catalog.calls import Argument, Call
from bedev_lint.catalog.contexts import Phrase
from bedev_lint.catalog.rules import Boundary, Example
from bedev_lint.tables import BadTable, Key, decoded, dotted, row_of

__all__ = ["File", "convert", "nearest"]

TableT = TypeVar("TableT")


def nearest(word: str, candidates: Iterator[str] | Sequence[str] | Mapping[str, Any]) -> str:
    """Return ` (did you mean "x"?)` for the nearest known word, or nothing."""
    close = difflib.get_close_matches(word, [str(k) for k in candidates], n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


class File:
    """One file of a rules folder, and what was found wrong with it.

    `is_ours` says that it comes with bedev-lint.
    """

    def __init__(
        self, path: Path, shown: str, problems: list[str], under: Key = (), *, is_ours: bool = False
    ) -> None:
        self.path, self.shown, self.under, self._problems = path, shown, under, problems
        self.is_ours = is_ours
        self.text = ""
        self.table: dict[str, Any] = {}

    def read(self) -> bool:
        try:
            data, _ = filesystem.read(self.path, filesystem.MAX_SETTINGS)
            self.text, self.table = decoded(data)
        except OSError as error:
            self.problem(f"cannot be read: {filesystem.reason(error)}")
        except BadTable as error:
            self.problem(str(error))
        else:
            return True
        return False

    def problem(self, what: str, *key: str) -> None:
        full = (*self.under, *key)
        where = f"{dotted(full)}: " if full else ""
        self._problems.append(f"{self.place(*key)}: {where}{what}")

    def place(self, *key: str) -> str:
        """Return the file and the row of a key."""
        return f"{self.shown}:{row_of(self.text, (*self.under, *key))}"


def convert(file: File, table: Any, kind: type[TableT], *key: str) -> TableT | None:
    """Return a table as this kind of entry; None, and the file told why, if it is none."""
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at ")
        inner = tuple(re.findall(r"[.]([^`.\[]+)", place))
        unknown = re.search(r"unknown field `([^`]+)`", message)
        if unknown is not None:
            inner_kind: Any = _INNER.get(inner[-1:], kind)
            names = [info.encode_name for info in msgspec.structs.fields(inner_kind)]
            hint = nearest(unknown[1], names)
            file.problem(f"unknown key{hint}", *key, *inner, unknown[1])
        else:
            file.problem(_in_words(message) + _choices(message, kind, inner), *key, *inner)
        return None


def _choices(message: str, kind: Any, inner: Key) -> str:
    """Return which values there are, if what is wrong is that one of a few is unknown."""
    unknown = re.search(r"Invalid enum value '(.*)'", message)
    owner = _INNER.get(inner[-2:-1], kind)
    if unknown is None or not inner or not issubclass(owner, Struct):
        return ""
    fields = {info.encode_name: info for info in msgspec.structs.fields(owner)}
    values = _values(fields[inner[-1]].type) if inner[-1] in fields else []
    return f"{nearest(unknown[1], values)}; there are: {', '.join(values)}" if values else ""


def _values(kind: Any) -> list[str]:
    """Return the texts that a type of few values has."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    return [value for inner in get_args(kind) for value in _values(inner)]


def _in_words(message: str) -> str:
    """Return what msgspec says in the words of TOML."""
    missing = re.search(r"missing required field `(.*)`", message)
    if missing is not None:
        return f'the key "{missing[1]}" is missing'
    words = re.sub(r"`([^`]*)`", lambda kinds: re.sub(r"\w+", _word, kinds[1]), message)
    return (
        words.replace("|", "or").replace("Expected", "expected").replace("Invalid enum", "unknown")
    )


def _word(kind: re.Match[str]) -> str:
    return _KINDS.get(kind[0], kind[0])


# The tables that stand in other tables.
_INNER: dict[Key, type[Struct]] = {
    ("boundary",): Boundary,
    ("call",): Call,
    ("argument",): Argument,
    ("unless-argument",): Argument,
    ("phrase",): Phrase,
    ("example",): Example,
}
_KINDS = {
    "object": "a table",
    "array": "an array",
    "str": "a string",
    "int": "an integer",
    "bool": "true or false",
}
