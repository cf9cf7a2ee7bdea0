"""Keys of TOML as errors name them: where they stand, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import tomli

__all__ = ["Key", "dotted", "row_of"]

# The parts of a dotted key.
Key = tuple[str, ...]

# What the last of several lines of a value holds.
_ENDS = re.compile(r"[\]}]|\"{3}|'{3}")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dotted(key: Key) -> str:
    """Return a key as it is written in TOML: `type."shop.Db".add`."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in key)


def row_of(text: str, key: Key) -> int:
    """Return the row on which a key is set in valid TOML; of one that is not, of what holds it."""
    rows = _rows(text)
    for length in range(len(key), 0, -1):
        if key[:length] in rows:
            return rows[key[:length]]
    return 1


@lru_cache(maxsize=8)
def _rows(text: str) -> Mapping[Key, int]:
    rows: dict[Key, int] = {}
    header: Key = ()
    statement, start = "", 1
    for row, line in enumerate(text.split("\n"), start=1):
        if not statement:
            start = row
        statement += line + "\n"
        if row > start and not _ENDS.search(line):
            continue
        try:
            table = tomli.loads(statement)
        except tomli.TOMLDecodeError:
            continue  # it goes on in the next line
        keys = list(_keys(table))
        if statement.lstrip().startswith("["):
            header = keys[-1]
            keys = [header]
        else:
            keys = [(*header, *key) for key in keys]
        for key in keys:
            rows.setdefault(key, start)
        statement = ""
    return rows


def _keys(table: Mapping[str, Any]) -> Iterator[Key]:
    """Return all keys of a table and of the tables in it, outer ones first."""
    for name, value in table.items():
        yield (name,)
        if isinstance(value, list) and value and isinstance(value[-1], Mapping):
            value = value[-1]
        if isinstance(value, Mapping):
            yield from ((name, *key) for key in _keys(value))
