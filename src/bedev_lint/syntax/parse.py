"""Guarded parsing: bytes in, a LibCST tree or one clear error out, never a crash."""

from __future__ import annotations

import codecs
import io
import re
import tokenize

import libcst as cst
from libcst import ParserSyntaxError

__all__ = ["MAX_BYTES", "MAX_NESTING", "Limit", "Undecodable", "Unparsable", "decode", "parse"]

# Larger than any file that people write by hand; generated tables of data are beyond it.
MAX_BYTES = 4_000_000

# CPython's own tokenizer stops at 200 levels of brackets and 100 of indentation; below that
# LibCST's native parser, which would overflow the C stack, is safe.
MAX_NESTING = 200
# Chains of prefix or right-associative operators nest without any bracket.
MAX_CHAIN = 1_000

_CODE = re.compile(
    rb'#[^\n]*|[rRbBuUfFtT]{0,2}(?:"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\')'
    rb'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|[\[({]|[\])}]',
    re.DOTALL,
)
_CHAIN = re.compile(
    rb"(?:(?:\bnot\b|\blambda\b|\bawait\b|\belse\b|\bif\b|\*\*|[-+~*/%@&|^<>=.,:\w\s(\[])+)"
)


class Unparsable(Exception):
    """The text is not Python. `row` and `column` count from 1."""

    def __init__(self, message: str, row: int, column: int) -> None:
        super().__init__(message)
        self.message, self.row, self.column = message, row, column


class Undecodable(Exception):
    """The bytes are not text in the encoding that the file declares."""


class Limit(Exception):
    """The text is too large or too deep to analyse."""


def decode(data: bytes) -> str:
    """Return the text of a Python file, by its byte-order mark or coding cookie (PEP 263).

    Raises Undecodable.
    """
    try:
        if data.startswith(codecs.BOM_UTF8):
            return data[3:].decode("utf-8")
        first_lines = data[:400]
        if b"coding" not in first_lines:
            return data.decode("utf-8")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise Undecodable(str(error)) from error


def parse(text: str) -> cst.Module:
    """Parse one module.

    Raises Unparsable, and Limit for what no parser should be given.
    """
    _guard(text)
    try:
        return cst.parse_module(text)
    except ParserSyntaxError as error:
        raise Unparsable(_first_line(error.message), error.raw_line, error.raw_column + 1) from error
    except RecursionError as error:
        raise Limit("nested too deeply to analyse") from error
    except (ValueError, UnicodeError) as error:
        raise Unparsable(_first_line(str(error)), 1, 1) from error


def _first_line(message: str) -> str:
    line = message.strip().split("\n", 1)[0]
    return line.replace("parser error: ", "") or "invalid syntax"


def _guard(text: str) -> None:
    """Keep out what overflows the stack of a recursive parser, which nothing can catch."""
    if len(text) > MAX_BYTES:
        raise Limit(f"larger than {MAX_BYTES // 1_000_000} MB")
    # Most files have fewer brackets of one kind in a row of lines than the limit of depth.
    if text.count("(") + text.count("[") + text.count("{") <= MAX_NESTING:
        return
    depth = deepest = 0
    for token in _CODE.finditer(text.encode("utf-8", "surrogatepass")):
        first = token.group()[:1]
        if first in b"([{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b")]}":
            depth -= 1
    if deepest > MAX_NESTING:
        raise Limit(f"brackets nested more than {MAX_NESTING} deep")
