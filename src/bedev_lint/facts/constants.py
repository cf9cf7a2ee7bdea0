"""What facts keep of constants, and of what operators make of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TypeGuard

from msgspec.structs import replace

from bedev_lint.facts.routing import built_text
from bedev_lint.model import Either, Elem, Expr, Literal, Name, last_name
from bedev_lint.names import words

__all__ = [
    "UNKNOWN",
    "combined",
    "constant",
    "either",
    "joined",
    "keys_of",
    "negated",
    "sql_keyword",
]

UNKNOWN = Literal("")
_FORMATTED = "formatted"
_KINDS = {int: "int", float: "float"}
_SQL = frozenset(
    "select with insert update delete merge replace upsert truncate create alter drop grant "
    "commit begin rollback copy call vacuum".split()
)
# What asks for no row: it tells whether there is a database.
_PROBE = re.compile(r"\s{0,20}select\s{1,20}1\s{0,20};?\s{0,20}", re.IGNORECASE)
# A sentence begins with such a word, too; a statement that is written like one goes on so.
_CLAUSE = re.compile(r"\b(?:from|into|set|table|as|values|view|index)\b", re.IGNORECASE)
_LONG = 2_000
# What stands before the name of a table, or of its schema, and between the two; and what looks
# like that, but is of a column.
_BEFORE_TABLE = re.compile(
    r"""\b(?:from|join|into|update|table)\s{1,20}["`\[]?(?:\w{1,80}["`\]]?\.["`\[]?)?\w{0,80}\Z""",
    re.IGNORECASE,
)
_WITHIN_NAME = re.compile(r"""["`\]]?\.["`\[]?""")
_OF_COLUMN = re.compile(
    r"\bdistinct\s{1,20}from\s{1,20}\Z|\bfor\s{1,20}update\b[^()]{0,80}\Z"
    r"|\b(?:extract|substring|trim|overlay|position)\s{0,20}\([^()]{0,80}\Z",
    re.IGNORECASE,
)
_NEAR = 200
_TEXT = Literal("str")
_NEGATIVE = Literal("int", "", (), "negative")
# A URL as far as its host.
_SERVER = re.compile(r"[a-z]{1,10}://(?:\[[0-9a-f:.]{1,45}\]|[\w.-]{1,253})")
_SQL_TEXTS = {word: Literal("str", word) for word in _SQL}


def constant(node: ast.Constant, literals: Collection[object]) -> Expr:
    """Return what a constant is, of a text no more than a rule asks for."""
    value = node.value
    if isinstance(value, str):
        sql = "" if _PROBE.fullmatch(value[:80]) else sql_keyword(value)
        kept = _form(value, literals), (), _head(value, literals), _tail(value, literals)
        if any(kept):
            return Literal("str", sql, (), *kept)
        return _SQL_TEXTS.get(sql, _TEXT)
    if isinstance(value, bytes):
        return Literal("bytes", sql_keyword(value[:80].decode("latin-1")))
    if value is None or isinstance(value, bool):
        return Name(repr(value))
    kind = _KINDS.get(value.__class__)
    if not kind:
        return UNKNOWN
    return Literal(kind, "", (), repr(value) if value in literals else "")


def _form(text: str, literals: Collection[object]) -> str:
    """Return what is kept of a whole text, see `Literal`."""
    if not text:
        return "empty"
    return repr(text) if text in literals else ""


def _head(text: str, literals: Collection[object]) -> str:
    """Return what is kept of how a text begins: its first words, or the server of a URL."""
    if not literals:
        return ""
    first, *following = text[:80].split(None, 2)[:2] or [""]
    server = _SERVER.match(first) if "://" in first else None
    heads = (" ".join((first, *following)), first, server.group() if server is not None else "")
    return next((words for words in heads if words and words in literals), "")


def _tail(text: str, literals: Collection[object]) -> str:
    """Return what is kept of how a text ends: its last words."""
    words = text[-80:].split()[-2:] if literals else []
    return next((end for end in (" ".join(words), *words[-1:]) if end in literals), "")


def joined(
    parts: Sequence[str | Expr], literals: Collection[object], addresses: frozenset[str]
) -> Literal:
    """Return what an f-string of these parts is."""
    first, last = (parts[0], parts[-1]) if parts else ("", "")
    sql = sql_keyword(first) if isinstance(first, str) else ""
    if all(isinstance(part, str) for part in parts):
        return Literal("str", sql)
    begin = _head(first, literals) if isinstance(first, str) else ""
    end = _tail(last, literals) if isinstance(last, str) else ""
    is_flat = not any(
        "/" in part if isinstance(part, str) else not addresses.isdisjoint(words(last_name(part)))
        for part in parts
    )
    tables = _tables(parts) if sql else ()
    return Literal("str", sql, (), _FORMATTED, (), begin, end, is_flat, tables)


def _tables(parts: Sequence[str | Expr]) -> tuple[Expr, ...]:
    """Return what stands in a statement where it names a table, or its schema."""
    tables: list[Expr] = []
    is_table = False
    for before, part in pairwise(parts):
        if isinstance(before, str) and not isinstance(part, str):
            near = before[-_NEAR:]
            is_next = is_table and _WITHIN_NAME.fullmatch(before) is not None
            is_named = _BEFORE_TABLE.search(near) is not None and not _OF_COLUMN.search(near)
            is_table = is_next or is_named
            tables += [part] if is_table else []
    return tuple(tables)


def sql_keyword(text: str) -> str:
    """Return the SQL keyword that a text starts with, or ""."""
    head = text[:80].lstrip("'\"( \t\r\n\\").split(None, 1)
    first = head[0].rstrip("\"';") if head else ""
    word = first.lower()
    if word not in _SQL or (first.istitle() and not _CLAUSE.search(text[:_LONG])):
        return ""
    return word


def keys_of(node: ast.Dict, literals: Collection[object]) -> str:
    """Return what is kept of the keys of a dict, see `Literal`."""
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    if not literals or None in keys:
        return ""
    return " ".join(["keys", *(repr(key) for key in keys if key in literals)])


def negated(value: Expr, operator: ast.unaryop) -> Expr:
    """Return what an operator makes of a value: of a number, one below zero."""
    is_number = isinstance(value, Literal) and value.kind in ("int", "float")
    return _NEGATIVE if is_number and isinstance(operator, ast.USub) else UNKNOWN


def combined(left: Expr, right: Expr, operator: ast.operator) -> Expr:
    """Return what an operator makes of two values."""
    if isinstance(operator, ast.BitOr):
        return either(left, right)
    value = _computed(left, right, operator)
    if not isinstance(value, Literal):
        return value
    text = built_text(left, right, operator)
    return replace(value, text=text) if text != value.text else value


def _computed(left: Expr, right: Expr, operator: ast.operator) -> Expr:
    if isinstance(operator, (ast.Mod, ast.Add)) and _is_built(left, right, operator):
        kind, sql = (left.kind, left.sql) if isinstance(left, Literal) else ("", "")
        last = left if isinstance(operator, ast.Mod) else right
        begin = left.head if isinstance(left, Literal) else ""
        end = last.tail if isinstance(last, Literal) else ""
        return Literal(kind, sql, (), _FORMATTED, (), begin, end)
    if isinstance(operator, ast.Add) and _is_list(left):
        others = right.items if _is_list(right) else (Elem(right),)
        return Literal("list", "", (*left.items, *others))
    if not isinstance(left, Literal):
        # A list that ends with others; or a text that says what its beginning does.
        return either(left, right) if isinstance(operator, ast.Add) else UNKNOWN
    return replace(left, form="", head="", tail="")


def _is_list(value: Expr) -> TypeGuard[Literal]:
    return isinstance(value, Literal) and value.kind == "list"


def _is_built(left: Expr, right: Expr, operator: ast.operator) -> bool:
    """Return whether an operator builds a text from values: `"…" % x`, `"…" + x`, `x + "…"`."""
    texts = [isinstance(side, Literal) and side.kind == "str" for side in (left, right)]
    forms = [isinstance(side, Literal) and side.form == _FORMATTED for side in (left, right)]
    if isinstance(operator, ast.Mod):
        return texts[0]
    return any(forms) or (any(texts) and not all(texts))


def either(left: Expr, right: Expr) -> Expr:
    """Return what is one or the other: of a chain of them a flat list."""
    before = left.options if isinstance(left, Either) else (left,)
    return Either((*before, right))
