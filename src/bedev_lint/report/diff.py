"""Unified diffs of changes that are not written, with secrets hidden."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from bedev_lint.escaping import escape
from bedev_lint.model import Span
from bedev_lint.source import line_starts, lines

__all__ = ["contents", "unified"]

_MASK = "…"
_QUOTES = re.compile(r"^\s*\w*[\"']+|[\"']+\s*$")


def unified(name: str, before: str, after: str, secrets: Iterable[Span]) -> str:
    """Return the diff of a file, `name` as it is shown; `secrets` in it are masked."""
    hidden = sorted(contents(before, secrets), key=len, reverse=True)
    old, new = ([line for line in lines(text) if line] for text in (before, after))
    diff = difflib.unified_diff(old, new, name, name)
    return "".join(_shown(line, hidden) for line in diff)


def _shown(line: str, hidden: Iterable[str]) -> str:
    text = line.rstrip("\r\n")
    for secret in hidden:
        text = text.replace(secret, _MASK)
    end = "" if line.endswith(("\n", "\r")) else "\\ No newline at end of file\n"
    return f"{escape(text)}\n{end}"


def contents(text: str, literals: Iterable[Span]) -> Iterator[str]:
    """Return what stands on each line of literals of a text, without quotes."""
    starts = line_starts(text)
    for span in literals:
        first, last = (starts[p.row - 1] + p.column - 1 for p in (span.start, span.end))
        yield from filter(None, (_QUOTES.sub("", line) for line in lines(text[first:last])))
