"""How deep a text nests, told without parsing it: for parsers that run in native code.

Where one of them calls itself too often it overflows the stack, which nothing can catch.
"""

from __future__ import annotations

import re

from bedev_lint.source.read import MAX_CHAIN, MAX_NESTING, Limit

__all__ = ["check_nesting"]

_NO_LINK = bytes(set(range(256)) - set(b"([{.:=<>+-*/%@&|^~'\""))
_WORDS = "and or not if elif else lambda await in is for yield".split()
_LINKS = r"|".join(_WORDS)

# Strings that do not end go on to the end of their line, or of the text: no parser reads further.
_STRING = (
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:"""|\Z)'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'''|\Z)"
    r'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?'
    r"|'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?"
)
_TOKEN = re.compile(
    r"(?P<skip>\#[^\r\n]*|\\\r?\n)"
    r"|(?P<fields>\b(?:[fFtT][rR]?|[rR][fFtT])(?:\"\"\"|'''|\"|'))"
    rf"|(?P<string>{_STRING})"
    r"|(?P<open>[\[({])|(?P<close>[\])}])|(?P<end>[,;\r\n])"
    rf"|(?P<word>\b(?:{_LINKS})\b)|(?P<link>[-+*/%@&|^~<>=.:]+)",
    re.DOTALL,
)
_ENDS = {
    quote: rf"(?P<quote>{quote})" + (r"|(?P<end>[\r\n])" if len(quote) == 1 else "")
    for quote in ('"""', "'''", '"', "'")
}
_FIELDS = r"(?P<open>\{)|(?P<close>\})"
_IN_TEXT = {
    quote: re.compile(rf"\{{\{{|\}}\}}|\\[^{{}}]|{_FIELDS}|{end}", re.DOTALL)
    for quote, end in _ENDS.items()
}
_IN_FORMAT = {quote: re.compile(rf"{_FIELDS}|{end}") for quote, end in _ENDS.items()}
_LINE = re.compile(r"([ \t\f]*)(?:(elif\b)|(else\b)|([^\s#]))?")
# Comments, and strings that end on their line and have no fields: they hide what they hold.
_WHOLE = re.compile(r"#[^\r\n]*|(?<![fFtTrR])(?:\"[^\"\\\r\n]*\"|'[^'\\\r\n]*')")
_QUOTED_OR_NOTED = frozenset("\"'#")
_TRIPLE = ('"""', "'''")
# What may go on in the next line.
_OPEN = frozenset("\"'\\\r")


def check_nesting(text: str) -> None:
    """Keep out what overflows the stack of a recursive parser. Raises Limit."""
    if _may_be_deep(text):
        _Measure(text).run()


def _may_be_deep(text: str) -> bool:
    """Return whether there is enough in a text for that, wherever it stands."""
    links = text.encode("utf-8", "replace").translate(None, _NO_LINK)
    brackets = sum(map(links.count, (b"(", b"[", b"{")))
    return brackets > MAX_NESTING or len(links) + sum(map(text.count, _WORDS)) > MAX_CHAIN


class _Level:
    """An open bracket, or the statement: the links since its last `,`, or since it began.

    The parameters of a `lambda`, and the targets of a `for`, have commas that end no link: `heads`
    are those whose `:` or `in` is still to come.
    """

    __slots__ = ("heads", "is_field", "links")

    def __init__(self, is_field: bool = False) -> None:
        self.links, self.is_field = 0, is_field
        self.heads: list[str] = []


class _Measure:
    """Goes through a text once; how deep what stands there nests is the sum of all levels."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._levels = [_Level()]
        self._links = 0
        self._after_string = False
        # The branches of each `if` that the line stands in or goes on, by its indentation.
        self._branches: list[tuple[int, int]] = []
        # The strings with fields that are open: the quote of each, and how many levels were.
        self._strings: list[tuple[str, int]] = []

    def run(self) -> None:
        offset = self._lines(0)
        while token := _TOKEN.search(self._text, offset):
            offset = self._token(token)

    def _token(self, token: re.Match[str]) -> int:
        """Take in one token of code; return where to go on."""
        kind, word, offset = token.lastgroup, token.group(), token.end()
        if kind == "skip" or (word in "\r\n" and len(self._levels) > 1):
            return offset
        was_string, self._after_string = self._after_string, kind in ("string", "fields")
        level = self._levels[-1]
        if kind == "fields":
            self._link(int(was_string))
            quote = word.lstrip("fFtTrR")
            self._strings.append((quote, len(self._levels)))
            return self._string(offset)
        if kind == "string":
            self._link(int(was_string))  # strings that follow one another nest too
        elif kind == "open":
            self._open()
        elif kind == "close":
            return self._close(offset)
        elif kind == "end":
            if not (word == "," and level.heads):
                self._end(level)
            if word in "\r\n":
                return self._lines(offset)
        elif kind == "word":
            self._word(word, level)
        elif ":" in word and level.is_field:
            return self._string(token.start() + word.index(":") + 1)
        else:
            if ":" in word and level.heads[-1:] == ["lambda"]:
                level.heads.pop()
            self._link(1 + sum(map(word[1:].count, "+-~")))
        return offset

    def _word(self, word: str, level: _Level) -> None:
        if word in ("lambda", "for"):
            level.heads.append(word)
        elif word == "in" and level.heads[-1:] == ["for"]:
            level.heads.pop()
        self._link(1)

    def _link(self, count: int) -> None:
        self._levels[-1].links += count
        self._links += count
        if self._links > MAX_CHAIN:
            raise Limit(f"an expression of more than {MAX_CHAIN} parts")

    def _end(self, level: _Level) -> None:
        level.heads.clear()
        self._links -= level.links
        level.links = 0

    def _open(self, is_field: bool = False) -> None:
        self._link(1)
        self._levels.append(_Level(is_field))
        if len(self._levels) - 1 > MAX_NESTING:
            raise Limit(f"brackets nested more than {MAX_NESTING} deep")

    def _close(self, offset: int) -> int:
        """Close a bracket; behind that of a field, its string goes on."""
        if len(self._levels) == 1:
            return offset
        level = self._levels.pop()
        self._links -= level.links
        return self._string(offset) if level.is_field else offset

    def _string(self, offset: int) -> int:
        """Read on in a string with fields, or in a format; return where code begins again."""
        quote, outside = self._strings[-1]
        in_format = len(self._levels) > outside
        form = (_IN_FORMAT if in_format else _IN_TEXT)[quote]
        while token := form.search(self._text, offset):
            kind, offset = token.lastgroup, token.end()
            if kind == "open":
                self._open(is_field=True)
                return offset
            if kind == "close" and in_format:
                return self._close(offset)
            if kind in ("quote", "end"):
                self._strings.pop()
                while len(self._levels) > outside:
                    self._links -= self._levels.pop().links
                self._after_string = True
                return offset
        return len(self._text)

    def _lines(self, offset: int) -> int:
        """Begin a line, and pass all that stand by themselves; return where one may not."""
        while True:
            self._line(offset)
            end = self._text.find("\n", offset) + 1
            if not end or not self._is_plain(self._text[offset:end].removesuffix("\r\n")):
                return offset
            offset = end

    def _is_plain(self, line: str) -> bool:
        """Return whether, with all that stands on a line, nothing is deep, nor open at its end.

        No parser gets past a bracket that closes where none is open.
        """
        if len(line) + self._links > MAX_CHAIN or len(line) > MAX_NESTING:
            return False
        if not _QUOTED_OR_NOTED.isdisjoint(line):
            if any(quote in line for quote in _TRIPLE):
                return False
            line = _WHOLE.sub("", line)
        brackets = sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        return brackets == 0 and _OPEN.isdisjoint(line)

    def _line(self, offset: int) -> None:
        """Count the branches of the `if` that a line goes on, which nest as expressions do."""
        start = _LINE.match(self._text, offset)
        if start is None or not start.lastindex or start.lastindex < 2:
            return  # nothing stands on it
        width = len(start[1].expandtabs(8))
        while self._branches and self._branches[-1][0] > width:
            self._links -= self._branches.pop()[1]
        count = 0
        if self._branches and self._branches[-1][0] == width:
            count = self._branches.pop()[1]
        if start[2] or start[3]:
            self._branches.append((width, count + 1))
            self._links += 1
        else:
            self._links -= count
