"""The lines of a text whose comments are changed, and nothing else."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings

from bedev_lint.source.lines import lines

__all__ = ["CommentEditor", "NotEditable"]

_NOTHING = ""


class NotEditable(Exception):
    """The running Python cannot read the text, or would read another program."""


class CommentEditor:
    """Changes the comments of a text, line by line. Raises NotEditable.

    Rows count from 1, columns from 0.
    """

    def __init__(self, text: str) -> None:
        self._tree = _read(text)
        self._lines = list(lines(text))
        # Where the comment of a row begins, and the rows that no comment can end.
        self._comments: dict[int, int] = {}
        self._closed: set[int] = set()
        try:
            self._look_at(text)
        except (tokenize.TokenError, SyntaxError) as error:
            raise NotEditable from error

    def _look_at(self, text: str) -> None:
        opened: list[int] = []
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            name, first, last = tokenize.tok_name[token.type], token.start[0], token.end[0]
            if token.type == tokenize.COMMENT:
                self._comments[first] = token.start[1]
            elif name.endswith("STRING_START"):
                opened.append(first)
            elif name.endswith("STRING_END"):
                self._closed.update(range(opened.pop(), last))
            elif token.type == tokenize.STRING:
                self._closed.update(range(first, last))

    def line(self, row: int) -> str:
        """Return a line without its end."""
        return self._lines[row - 1].rstrip("\r\n")

    def comment_at(self, row: int) -> int | None:
        """Return where the comment of a row begins, None if it has none."""
        return self._comments.get(row)

    def takes_comment(self, row: int) -> bool:
        """Return whether a comment may end a row: it is in no string, and no line goes on."""
        return row in self._comments or not (row in self._closed or self.line(row).endswith("\\"))

    def replace(self, row: int, line: str) -> None:
        """Let a row be another line, or no line at all if nothing is left of it."""
        old = self._lines[row - 1]
        end = old[len(old.rstrip("\r\n")) :]
        self._lines[row - 1] = line + end if line.strip() else _NOTHING

    def text(self) -> str:
        """Return the text as it is now, which is the same program. Raises NotEditable."""
        text = "".join(self._lines)
        if _read(text) != self._tree:
            raise NotEditable
        return text


def _read(text: str) -> str:
    """Return what is known of a program but where it stands. Raises NotEditable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotEditable from error
