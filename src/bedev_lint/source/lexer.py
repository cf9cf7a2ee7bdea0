"""The literals and comments of a piece of Python, told by its characters alone.

`tokenize` cuts f-strings up from Python 3.12 on, and not before: what is shown of a line, and so
its fingerprint, would hang on the Python that runs us. This is the same for all of them, and reads
what is written for another version too (https://docs.python.org/3/reference/lexical_analysis.html).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

__all__ = ["Literal", "LiteralKind", "Unterminated", "literals_of"]


class LiteralKind(Enum):
    """What a literal is; TEXT is a part of an f-string outside its fields, without quotes."""

    STRING = 0
    TEXT = 1
    NUMBER = 2
    COMMENT = 3


class Literal(NamedTuple):
    """A literal or a comment: its offset, its length and what it is."""

    begin: int
    length: int
    kind: LiteralKind

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.begin + self.length


class Unterminated(Exception):
    """A string or a field of one has no end: this is no whole piece of Python."""


_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\r\n]*)
    | (?P<prefix>[bBrRuUfFtT]{0,2})(?P<quotes>\"{3}|'{3}|["'])
    | (?P<number>0[xX][\da-fA-F_]+ | 0[bBoO][\d_]+
        | (?:\d[\d_]*\.?[\d_]* | \.\d[\d_]*) (?:[eE][+-]?\d[\d_]*)? [jJ]?)
    | (?P<name>\w+)
    | (?P<bracket>[\[\](){}])
    | (?P<colon>:)
    """,
    re.VERBOSE,
)
_ESCAPED_NAME = re.compile(r"\\N\{[^{}]*\}")


def literals_of(text: str) -> list[Literal]:
    """Return the literals and comments of whole statements in their order.

    Raises Unterminated.
    """
    literals: list[Literal] = []
    _code(text, 0, literals, is_field=False)
    return literals


def _code(text: str, begin: int, literals: list[Literal], *, is_field: bool) -> int:
    """Read code; that of a field only up to the `:` or `}` that ends it, whose offset is returned.

    Raises Unterminated.
    """
    depth, offset = 0, begin
    while (token := _TOKEN.search(text, offset)) is not None:
        offset, kind = token.end(), token.lastgroup
        if kind == "quotes":
            offset = _string(text, token, literals)
        elif kind == "comment":
            literals.append(Literal(token.start(), offset - token.start(), LiteralKind.COMMENT))
        elif kind == "number":
            literals.append(Literal(token.start(), offset - token.start(), LiteralKind.NUMBER))
        elif is_field and depth == 0 and token[0] in (":", "}"):
            return token.start()
        elif kind == "bracket":
            depth += 1 if token[0] in "([{" else -1
    if is_field:
        raise Unterminated
    return len(text)


def _string(text: str, token: re.Match[str], literals: list[Literal]) -> int:
    """Note a string whose prefix and quotes have been read, and return the offset behind it."""
    prefix, quotes = token["prefix"].lower(), token["quotes"]
    if "f" in prefix or "t" in prefix:
        return _template(text, token.end(), quotes, "r" in prefix, literals) + len(quotes)
    offset = token.end()
    while not text.startswith(quotes, offset):
        # Also in a raw string a quote behind a backslash ends nothing.
        offset += 2 if text.startswith("\\", offset) else 1
        if offset >= len(text):
            raise Unterminated
    end = offset + len(quotes)
    literals.append(Literal(token.start(), end - token.start(), LiteralKind.STRING))
    return end


def _template(text: str, begin: int, end: str, is_raw: bool, literals: list[Literal]) -> int:
    """Note the texts of an f-string, or of a format in it, up to `end`, whose offset is returned.

    Raises Unterminated.
    """
    is_format = end == "}"
    offset = since = begin
    while not text.startswith(end, offset):
        if offset >= len(text):
            raise Unterminated
        if not is_format and text.startswith(("{{", "}}"), offset):
            offset += 2
        elif text[offset] == "{":
            _note(since, offset, literals)
            offset = since = _field(text, offset + 1, is_raw, literals)
        elif text[offset] == "\\" and not is_raw and (name := _ESCAPED_NAME.match(text, offset)):
            offset = name.end()
        elif text[offset] == "\\" and text[offset + 1 : offset + 2] not in ("{", "}"):
            offset += 2
        else:
            offset += 1
    _note(since, offset, literals)
    return offset


def _field(text: str, begin: int, is_raw: bool, literals: list[Literal]) -> int:
    """Read a field behind its `{`, and return the offset behind its `}`. Raises Unterminated."""
    offset = _code(text, begin, literals, is_field=True)
    if text[offset] == ":":
        offset = _template(text, offset + 1, "}", is_raw, literals)
    return offset + 1


def _note(begin: int, end: int, literals: list[Literal]) -> None:
    if begin < end:
        literals.append(Literal(begin, end - begin, LiteralKind.TEXT))
