"""Comments that silence rules.

`# bedev: ignore[BD301] -- why`, `# bedev: ignore-file[...]`, `# noqa: BD301`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from bedev_lint.model import Location, Span, Suppression
from bedev_lint.source import Rows, merged

__all__ = ["may_hold", "read", "rows_for"]

_BEDEV = re.compile(
    r"#\s*bedev:\s*ignore(?P<file>-file)?\s*(?:\[(?P<codes>[^\]#]*)\])?(?:\s*--\s*(?P<reason>.*))?"
)
_CODE = r"[A-Z]+[0-9]+(?!\w)"
_NOQA = re.compile(rf"#\s*noqa\s*:\s*(?P<codes>{_CODE}(?:[,\s]+{_CODE})*)", re.IGNORECASE)
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
    at = _NOQA_BEGINS.search(text)
    while at is not None:
        end = text.find("\n", at.end())
        end = len(text) if end < 0 else end
        if code.search(text, at.end(), end):
            return True
        at = _NOQA_BEGINS.search(text, end)
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
        # Only whether there is one matters; its words are kept nowhere.
        reason = "given" if (match["reason"] or "").strip() else ""
        column, of_file = start.column + match.start(), bool(match["file"])
        yield Suppression(start.row, column, codes, "bedev", reason, of_file)
    found = _NOQA.search(comment)
    if found is not None:
        codes = tuple(code for code in _WORDS.split(found["codes"].upper()) if code in words)
        if codes:
            yield Suppression(start.row, start.column + found.start(), codes, "noqa")


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
