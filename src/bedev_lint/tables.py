"""TOML that others have written: read within bounds, and its keys as errors name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import takewhile
from typing import Any

import tomli

__all__ = ["BadTable", "Key", "comments", "decoded", "dotted", "row_of"]

# The parts of a dotted key.
Key = tuple[str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
# What a value may hold that is no bracket, and the brackets; a row ends outside of all of them.
_TOKEN = re.compile(
    r"""\"{3}(?:[^\"\\]|\\.|"{1,2}(?!"))*"{3,5}|'{3}(?:[^']|'{1,2}(?!'))*'{3,5}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|[\[\]{}\n]""",
    re.DOTALL,
)
# More tables in tables than anything that is asked for here.
_DEEPEST = 40
_LARGEST = 2**63


class BadTable(Exception):
    """No TOML, or more than anything that reads it is made for."""


def decoded(data: bytes) -> tuple[str, dict[str, Any]]:
    """Return the text of a file in TOML, and its table. Raises BadTable."""
    try:
        text = data.decode("utf-8-sig")
        table = tomli.loads(text)
    except RecursionError as error:
        raise BadTable("expected TOML: it is nested too deeply") from error
    except ValueError as error:  # no UTF-8, no TOML, a number of too many digits
        raise BadTable(f"expected TOML: {error}") from error
    _check(table)
    return text, table


def _check(table: dict[str, Any]) -> None:
    todo: list[tuple[object, int]] = [(table, 0)]
    while todo:
        value, depth = todo.pop()
        if depth > _DEEPEST:
            raise BadTable(f"tables and arrays are nested more than {_DEEPEST} deep")
        if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            raise BadTable("a number has more than 64 bits")
        if isinstance(value, (dict, list)):
            inner = value.values() if isinstance(value, dict) else value
            todo.extend((one, depth + 1) for one in inner)


def dotted(key: Key) -> str:
    """Return a key as it is written in TOML: `type."shop.Db".add`."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in key)


def row_of(text: str, key: Key) -> int:
    """Return the row on which a key is set in valid TOML; of one that is not, of what holds it."""
    key_rows = _key_rows(text) if key else {}
    for length in range(len(key), 0, -1):
        if key[:length] in key_rows:
            return key_rows[key[:length]]
    return 1


def comments(text: str, table: Key) -> dict[str, str]:
    """Return the comment above each key of a table of valid TOML.

    A comment speaks of all keys below it, up to a blank row.
    """
    rows = text.split("\n")
    found: dict[str, str] = {}
    for key, row in _key_rows(text).items():
        if key[:-1] == table:
            above = list(takewhile(lambda line: line.startswith("#"), reversed(rows[: row - 1])))
            comment = "\n".join(line[1:].strip() for line in reversed(above))
            is_next = bool(found) and bool(rows[row - 2].strip())
            found[key[-1]] = comment or (found[next(reversed(found))] if is_next else "")
    return found


@lru_cache(maxsize=8)
def _key_rows(text: str) -> Mapping[Key, int]:
    key_rows: dict[Key, int] = {}
    header: Key = ()
    for row, statement in _statements(text):
        try:
            keys = list(_keys(tomli.loads(statement)))
        except ValueError:  # what is valid need not be so alone, but for its place that will do
            continue
        if statement.lstrip().startswith("["):
            header = keys[-1]
            keys = [header]
        else:
            keys = [(*header, *key) for key in keys]
        for key in keys:
            key_rows.setdefault(key, row)
    return key_rows


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Return the statements of valid TOML, each with its row."""
    row, start, depth, lines = 1, 0, 0, 0
    for token in _TOKEN.finditer(text + "\n"):
        piece = token[0]
        lines += piece.count("\n")
        depth += (piece in ("[", "{")) - (piece in ("]", "}"))
        if piece == "\n" and depth == 0:
            yield row, text[start : token.end()]
            row, start = row + lines, token.end()
            lines = 0


def _keys(table: Mapping[str, Any]) -> Iterator[Key]:
    """Return all keys of a table and of the tables in it, outer ones first."""
    for name, value in table.items():
        yield (name,)
        if isinstance(value, list) and value and isinstance(value[-1], Mapping):
            value = value[-1]
        if isinstance(value, Mapping):
            yield from ((name, *key) for key in _keys(value))
