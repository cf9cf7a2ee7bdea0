"""Bytes in, text and Python's own tree out, or one clear error; never a crash."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections import Counter

__all__ = [
    "MAX_BYTES",
    "MAX_NESTING",
    "Limit",
    "Undecodable",
    "Unparsable",
    "check_size",
    "decode",
    "parse",
    "without_quotes",
]

# Larger than any file that people write by hand; generated tables of data are beyond it.
MAX_BYTES = 4_000_000
_TOO_LARGE = f"larger than {MAX_BYTES // 1_000_000} MB"

# CPython's own tokenizer stops at 200 levels of brackets. Below that LibCST's native parser,
# which would overflow the C stack, is safe.
MAX_NESTING = 200
# Chains of operators, attributes, calls and `elif` nest without any bracket, and LibCST's time
# grows with the square of their length.
MAX_CHAIN = 1_000

# A quotation in a message; one character, such as a bracket, is no secret.
_QUOTED = re.compile(r"(?<!\w)['\"\u2018\u201c].{2,}['\"\u2019\u201d](?!\w)")
_NOT_A_BRACKET = bytes(set(range(256)) - set(b"()[]{}"))
# A chain that long stands on a very long line, or on many that begin or end with an operator.
_LONG_LINE = 2_000
_FIRST_OF_LINK = frozenset("-+*/%&|^.<>=")
_LAST_OF_LINK = frozenset("-+*/%&|.\\")
_FIRST_WORDS = ("and ", "or ")
_LAST_WORDS = (" and", " or", " else")
_MANY_LINES = 150
_ELIF = re.compile(r"^([ \t]*)elif\b", re.MULTILINE)
_TOKEN = re.compile(
    # A string that does not end is one too: it would be looked through again from each quote.
    r"(?P<skip>#[^\n]*|\"\"\"(?:[^\"\\]+|\\.|\"(?!\"\"))*(?:\"\"\")?"
    r"|\'\'\'(?:[^\'\\]+|\\.|\'(?!\'\'))*(?:\'\'\')?"
    r"|\"(?:[^\"\\\n]+|\\.)*\"?|\'(?:[^\'\\\n]+|\\.)*\'?)"
    r"|(?P<open>[\[({])|(?P<close>[\])}])|(?P<end>[,;\n])"
    r"|(?P<link>\b(?:and|or|not|if|else|lambda|await|in|is)\b|[-+*/%@&|^~<>=.:]+)",
    re.DOTALL,
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

    Raises Undecodable, and Limit for what is too large.
    """
    if len(data) > MAX_BYTES:
        raise Limit(_TOO_LARGE)
    try:
        if b"coding" not in _first_two_lines(data):
            return data.decode("utf-8-sig")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise Undecodable(f"line {row} is not encoded in {error.encoding}") from error
    except UnicodeError as error:
        raise Undecodable(without_quotes(str(error))) from error
    except (SyntaxError, ValueError, LookupError) as error:
        # Behind the colon stands what the file says, which may be anything.
        raise Undecodable(without_quotes(str(error)).partition(":")[0]) from error


def _first_two_lines(data: bytes) -> bytes:
    return data[: data.find(b"\n", data.find(b"\n") + 1) + 1 or None]


def parse(text: str) -> ast.Module:
    """Parse one module with the parser of the running Python.

    Raises Unparsable, also for what only another version of Python can read, and Limit for
    what no parser should be given.
    """
    check_size(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the code that is read does
            return ast.parse(text)
    except SyntaxError as error:
        row, column = error.lineno or 1, max(error.offset or 1, 1)
        raise Unparsable(without_quotes(error.msg), row, column) from error
    except ValueError as error:
        raise Unparsable(without_quotes(str(error)), 1, 1) from error
    except (RecursionError, MemoryError) as error:
        raise Limit("nested too deeply to analyse") from error


def without_quotes(message: str) -> str:
    """Return the first line of a message without what it quotes, which may be a secret."""
    line = message.strip().split("\n", 1)[0]
    return _QUOTED.sub("…", line) or "invalid syntax"


def check_size(text: str) -> None:
    """Keep out what overflows the stack of a recursive parser, which nothing can catch."""
    if len(text) > MAX_BYTES:
        raise Limit(_TOO_LARGE)
    if _may_nest_deeply(text) or _may_chain_long(text):
        _measure(text)
    # One chain of branches nests as an expression does; it has one indentation.
    if text.count("elif ") > MAX_CHAIN and max(Counter(_ELIF.findall(text)).values()) > MAX_CHAIN:
        raise Limit(f"more than {MAX_CHAIN} branches")


def _may_nest_deeply(text: str) -> bool:
    """Return whether more brackets are open at once than allowed, as far as a glance tells."""
    brackets = text.encode("utf-8", "replace").translate(None, _NOT_A_BRACKET)
    # Each round takes the innermost pairs away; few programs need ten.
    for depth in range(MAX_NESTING + 1):
        if depth + len(brackets) // 2 <= MAX_NESTING:
            return False
        before = len(brackets)
        brackets = brackets.replace(b"()", b"").replace(b"[]", b"").replace(b"{}", b"")
        if len(brackets) == before:
            return True
    return True


def _may_chain_long(text: str) -> bool:
    """Return whether so much may hang together without brackets, as far as a glance tells."""
    text_lines = text.split("\n")
    if max(map(len, text_lines)) > _LONG_LINE:
        return True
    if len(text_lines) <= _MANY_LINES:
        return False
    links = [
        line
        for line in filter(None, map(str.strip, text_lines))
        if line[0] in _FIRST_OF_LINK
        or line[-1] in _LAST_OF_LINK
        or line.startswith(_FIRST_WORDS)
        or line.endswith(_LAST_WORDS)
    ]
    return len(links) > _MANY_LINES


def _measure(text: str) -> None:
    """Count brackets and links of chains; a file is read like this only on suspicion."""
    chains = [0]
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            chains[-1] += 1
            if chains[-1] > MAX_CHAIN:
                raise Limit(f"an expression of more than {MAX_CHAIN} parts")
            chains.append(0)
            if len(chains) - 1 > MAX_NESTING:
                raise Limit(f"brackets nested more than {MAX_NESTING} deep")
        elif kind == "close":
            if len(chains) > 1:
                chains.pop()
        elif kind == "end":
            if len(chains) == 1 or token.group() != "\n":
                chains[-1] = 0
        elif kind == "link":
            link = token.group()
            chains[-1] += len(link) if link[0] in "+-~" else 1
            if chains[-1] > MAX_CHAIN:
                raise Limit(f"an expression of more than {MAX_CHAIN} parts")
