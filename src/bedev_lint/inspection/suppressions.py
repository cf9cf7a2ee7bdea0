"""Comments that silence rules.

`# bedev: ignore[BD301] -- why`, `# bedev: ignore-file[...]`, `# noqa: BD301 -- why`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from bedev_lint.model import Location, Span, Suppression
from bedev_lint.source import Rows, merged

__all__ = ["added", "may_hold", "read", "removed", "rows_for"]

# What begins like a comment is one of another tool; an issue has a number: `-- see #12  # nosec`.
_REASON = r"(?:\s*--(?P<reason>(?:(?!\s#\s*[A-Za-z]).)*))?"
_BEDEV = re.compile(rf"#\s*bedev:\s*ignore(?P<file>-file)?\s*(?:\[(?P<codes>[^\]#]*)\])?{_REASON}")
_CODE = r"[A-Z]+[0-9]+(?!\w)"
_NOQA = re.compile(rf"#\s*noqa\s*:\s*(?P<codes>{_CODE}(?:[,\s]+{_CODE})*){_REASON}", re.IGNORECASE)
_NOQA_BEGINS = re.compile(r"noqa\s*:", re.IGNORECASE)
# The code of a rule, or a name of one, as nobody writes a password.
_MEANT = re.compile(r"[A-Z]{2,6}[0-9]{3,4}|(?=[a-z-]{3,40}\Z)[a-z]+(?:-[a-z]+)*")
_WORDS = re.compile(r"[\s,]+")


def may_hold(text: str, letters: Collection[str]) -> bool:
    """Return whether a file can hold a suppression of ours at all.

    `letters` are what the codes of our rules start with: `noqa` for other linters is not ours.
    """
    if "bedev:" in text:
        return True
    code = _code_of(frozenset(letters))
    noqa = _NOQA_BEGINS.search(text)
    while noqa is not None:
        end = text.find("\n", noqa.end())
        end = len(text) if end < 0 else end
        if code.search(text, noqa.end(), end):
            return True
        noqa = _NOQA_BEGINS.search(text, end)
    return False


@cache
def _code_of(letters: frozenset[str]) -> re.Pattern[str]:
    ours = "|".join(map(re.escape, sorted(letters)))
    return re.compile(rf"\b(?:{ours})[0-9]", re.IGNORECASE)


def read(comment: str, start: Location, words: Collection[str]) -> Iterator[Suppression]:
    """Return what a comment silences.

    `words` are the codes and names of all rules. What else a comment holds may be anything, and
    is kept only if it looks as if a rule was meant.
    """
    for match in _BEDEV.finditer(comment):
        codes = tuple(_meant(w, words) for w in _WORDS.split(match["codes"] or "") if w)
        column, of_file = start.column + match.start(), bool(match["file"])
        yield Suppression(start.row, column, codes, "bedev", _reason_of(match), of_file)
    noqa = _NOQA.search(comment)
    if noqa is not None:
        codes = tuple(code for code in _WORDS.split(noqa["codes"].upper()) if code in words)
        if codes:
            column = start.column + noqa.start()
            yield Suppression(start.row, column, codes, "noqa", _reason_of(noqa))


def _reason_of(match: re.Match[str]) -> str:
    """Return whether a comment gives a reason; its words are kept nowhere."""
    return "given" if (match["reason"] or "").strip() else ""


def _meant(word: str, words: Collection[str]) -> str:
    is_known = word.upper() in words or word.lower() in words
    return word if is_known or _MEANT.fullmatch(word) else "…"


def rows_for(span: Span, header: Span) -> tuple[Rows, ...]:
    """Return the rows on which a comment speaks for a place in a statement with this header.

    They are those of the place itself, a body aside, and those on which its statement begins and
    ends: not every row of a statement that may be as long as a file.
    """
    first, last = span.start.row, min(span.end.row, header.end.row)
    ends = [(row, row) for row in (header.start.row, header.end.row)]
    return tuple(merged([(first, max(first, last)), *ends]))


# ------------------------------------------------------------------ writing


def added(line: str, comment_at: int | None, codes: Collection[str], reason: str) -> str:
    """Return a line with a suppression of codes, added to that of its comment if it has one.

    `comment_at` is the column, from 0, of the comment of the line.
    """
    reason_text = f" -- {reason}" if reason else ""
    comment = None if comment_at is None else _BEDEV.search(line, comment_at)
    if comment is not None and not comment["file"] and comment["codes"]:
        kept = [word for word in _WORDS.split(comment["codes"]) if word]
        words = ", ".join(dict.fromkeys([*kept, *sorted(codes)]))
        behind = (
            f"]{reason_text}"
            if not comment["reason"]
            else line[comment.end("codes") : comment.end()]
        )
        return line[: comment.start("codes")] + words + behind + line[comment.end() :]
    return f"{line.rstrip()}  # bedev: ignore[{', '.join(sorted(codes))}]{reason_text}"


def removed(line: str, column: int, ours: Collection[str]) -> str:
    """Return a line without the suppression at a column, which counts from 0.

    Of a `noqa` the codes that are not `ours` stay. The line is unchanged if none is there.
    """
    comment = _BEDEV.match(line, column) or _NOQA.match(line, column)
    if comment is None:
        return line
    before, after = line[:column], line[comment.end() :].strip()
    if comment.re is _NOQA:
        others = [code for code in _WORDS.split(comment["codes"]) if code.upper() not in ours]
        if others:
            return f"{before}# noqa: {', '.join(others)}{line[comment.end('codes') :]}"
    if after and not after.startswith("#"):
        after = f"# {after}"
    if before.strip():
        before = before.rstrip() + ("  " if after else "")
    return before + after
