"""Fixes applied to a text: the edits of one finding, and those of several together."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain
from typing import NamedTuple

import msgspec

from bedev_lint.catalog import Rule
from bedev_lint.fixer import Source
from bedev_lint.fixes import load
from bedev_lint.model import Diagnostic, Edit, Fix, Location, Span
from bedev_lint.source import Limit, Unparsable, line_starts, lines

__all__ = ["Fixed", "fix_of", "fixed", "offered"]


@dataclass(frozen=True)
class Fixed:
    """A text with findings fixed: so many are, and so many fixes are `dropped` as not parsing."""

    text: str
    count: int
    dropped: int


class _Replacement(NamedTuple):
    """What stands from one offset to another, and what is to stand there."""

    start: int
    end: int
    text: str


def offered(diagnostic: Diagnostic, rule: Rule) -> Fix | None:
    """Return the fix of a diagnostic, without its edits, as far as the diagnostic alone tells."""
    fixer = load(rule.name) if rule.family != "linter" else None
    if fixer is None:
        return diagnostic.fix
    return fixer.fix if fixer.offers(diagnostic, rule.options) else None


def fix_of(diagnostic: Diagnostic, text: str, path: str, rules: Mapping[str, Rule]) -> Fix | None:
    """Return the fix of a diagnostic of this text, with its edits; None if it cannot be fixed.

    `path` is relative to the project; `rules` are all rules by code, as configured. What comes of
    the edits parses, if the text does.
    """
    source = Source(text, path, rules)
    replacements = _replacements(source, diagnostic, rules)
    if diagnostic.fix is None or not replacements or not _parses(_replaced(text, replacements)):
        return None
    starts = line_starts(text)
    edits = tuple(
        Edit(Span(_location(starts, item.start), _location(starts, item.end)), item.text)
        for item in replacements
    )
    return msgspec.structs.replace(diagnostic.fix, edits=edits)


def fixed(
    text: str, path: str, diagnostics: Iterable[Diagnostic], rules: Mapping[str, Rule]
) -> Fixed:
    """Return a text with these diagnostics fixed, as far as it can be done at once.

    Those whose edits overlap those of an earlier one are left for the next time. `path` and `rules`
    are as for `fix_of`.
    """
    source = Source(text, path, rules)
    compatible: list[list[_Replacement]] = []
    for diagnostic in diagnostics:
        replacements = _replacements(source, diagnostic, rules)
        taken = chain.from_iterable(compatible)
        if replacements and not any(_overlap(a, b) for b in taken for a in replacements):
            compatible.append(replacements)
    kept = compatible if _parses(_replaced(text, *compatible)) else []
    if not kept:  # one of them must be the reason
        for replacements in compatible:
            if _parses(_replaced(text, *kept, replacements)):
                kept.append(replacements)
    return Fixed(_replaced(text, *kept), len(kept), len(compatible) - len(kept))


def _replacements(
    source: Source, diagnostic: Diagnostic, rules: Mapping[str, Rule]
) -> list[_Replacement]:
    """Return what fixes a diagnostic, in the order of the text; nothing if it cannot be fixed."""
    rule = rules[diagnostic.code]
    fixer = load(rule.name)
    if fixer is None:
        return []
    try:
        new = fixer.rewrite(source, diagnostic, rule.options)
    except (Unparsable, Limit, SyntaxError, ValueError, RecursionError):
        return []
    return [] if new is None else list(_difference(source.text, new))


def _difference(old: str, new: str) -> Iterator[_Replacement]:
    """Return what to replace in a text to make it another, in its order, as little as possible."""
    # The lines between those that both texts begin and end with.
    before, after = lines(old), lines(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    starts = line_starts(old)[head:]
    for kind, first, last, new_first, new_last in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if kind != "equal":
            start = starts[first] if first < len(starts) else len(old)
            removed, added = "".join(before[first:last]), "".join(after[new_first:new_last])
            yield _narrowed(start, removed, added)


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many items two sequences have in common at their beginning."""
    shorter = min(len(left), len(right))
    return next((n for n in range(shorter) if left[n] != right[n]), shorter)


def _narrowed(start: int, removed: str, added: str) -> _Replacement:
    """Return a replacement without what both its texts begin and end with."""
    head = _common(removed, added)
    removed, added = removed[head:], added[head:]
    tail = _common(removed[::-1], added[::-1])
    removed, added = removed[: len(removed) - tail], added[: len(added) - tail]
    return _Replacement(start + head, start + head + len(removed), added)


def _overlap(one: _Replacement, other: _Replacement) -> bool:
    """Return whether two replacements cannot both be made, as one and the same can."""
    return one != other and one.start <= other.end and other.start <= one.end


def _replaced(text: str, *fixes: Iterable[_Replacement]) -> str:
    """Return a text with the replacements of fixes made, which do not overlap."""
    parts, end = [], 0
    for item in sorted(set(chain.from_iterable(fixes))):
        parts += [text[end : item.start], item.text]
        end = item.end
    return "".join([*parts, text[end:]])


def _location(starts: Sequence[int], offset: int) -> Location:
    row = bisect_right(starts, offset)
    return Location(row, offset - starts[row - 1] + 1)


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
