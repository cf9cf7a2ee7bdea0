"""Fixes applied to a text: the edits of one finding, and those of several together."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain
from typing import NamedTuple

import msgspec

from bedev_lint.catalog import Rule
from bedev_lint.fixer import Source
from bedev_lint.fixes import load
from bedev_lint.inspection.workers import without_collector
from bedev_lint.model import Diagnostic, Edit, Fix, Location, Span
from bedev_lint.source import Limit, Unparsable, line_starts, lines

__all__ = ["Fixed", "edited", "fix_of", "fixed", "offered"]


@dataclass(frozen=True)
class Fixed:
    """A text with findings fixed: so many are.

    So many fixes overlap those that are made, and are left for the next time; and so many are
    `dropped`, since the text would not parse with them.
    """

    text: str
    count: int
    overlapping: int
    dropped: int


class _Replacement(NamedTuple):
    """What stands from one offset to another, and what is to stand there."""

    start: int
    end: int
    text: str

    @property
    def is_import(self) -> bool:
        """Whether nothing but imports is to stand there, which no other import minds."""
        kept = (line for line in lines(self.text) if line.strip())
        return all(line.startswith(("import ", "from ")) for line in kept)


def offered(diagnostic: Diagnostic, rule: Rule) -> Fix | None:
    """Return the fix of a diagnostic, without its edits, as far as the diagnostic alone tells."""
    fixer = load(rule.name) if rule.family != "linter" else None
    if fixer is None:
        return diagnostic.fix
    return fixer.fix if fixer.offers(diagnostic, rule.options) else None


def fix_of(diagnostic: Diagnostic, text: str, path: str, rules: Mapping[str, Rule]) -> Fix | None:
    """Return the fix of a diagnostic of this text, with its edits; None if it cannot be fixed.

    `path` is relative to the project; `rules` are all rules by code, as configured. What comes of
    the edits parses.
    """
    return edited([diagnostic], text, path, rules)[0].fix


def edited(
    diagnostics: Iterable[Diagnostic], text: str, path: str, rules: Mapping[str, Rule]
) -> list[Diagnostic]:
    """Return diagnostics of a text, each with the fix that `fix_of` returns for it."""
    source = Source(text, path, rules)
    with without_collector():
        return [
            msgspec.structs.replace(diagnostic, fix=_edited(diagnostic, source, rules))
            if diagnostic.fix is not None
            else diagnostic
            for diagnostic in diagnostics
        ]


def _edited(diagnostic: Diagnostic, source: Source, rules: Mapping[str, Rule]) -> Fix | None:
    replacements = _replacements(source, diagnostic, rules)
    if not replacements or not _still_parses(source, replacements):
        return None
    assert diagnostic.fix is not None
    starts = line_starts(source.text)
    narrow = [_narrowed(source.text, item) for item in replacements]
    edits = (
        Edit(Span(_location(starts, item.start), _location(starts, item.end)), item.text)
        for item in narrow
    )
    return msgspec.structs.replace(diagnostic.fix, edits=tuple(edits))


def fixed(
    text: str, path: str, diagnostics: Iterable[Diagnostic], rules: Mapping[str, Rule]
) -> Fixed:
    """Return a text with these diagnostics fixed, as far as it can be done at once.

    `path` and `rules` are as for `fix_of`.
    """
    source = Source(text, path, rules)
    compatible: list[list[_Replacement]] = []
    overlapping = 0
    for diagnostic in diagnostics:
        replacements = _replacements(source, diagnostic, rules)
        others = chain.from_iterable(compatible)
        if any(_overlap(one, other) for other in others for one in replacements):
            overlapping += 1
        elif replacements:
            compatible.append(replacements)
    kept = compatible if _parses(_replaced(text, *compatible)) else []
    if not kept:  # one of them must be the reason
        for replacements in compatible:
            if _parses(_replaced(text, *kept, replacements)):
                kept.append(replacements)
    return Fixed(_replaced(text, *kept), len(kept), overlapping, len(compatible) - len(kept))


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
    """Return which lines of a text to replace to make it another, in its order.

    Lines that may be added at several places are added at the first: of two fixes that need the
    same, it is the same place then.
    """
    # The lines between those that both texts begin and end with.
    before, after = lines(old), lines(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    starts = [*line_starts(old), len(old)][head:]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    done = 0
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        if kind == "equal":
            continue
        added = after[new_first:new_last]
        while kind == "insert" and first > done and before[first - 1] == added[-1]:
            added = [added[-1], *added[:-1]]
            first = last = first - 1
        yield _Replacement(starts[first], starts[last], "".join(added))
        done = last


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many items two sequences have in common at their beginning."""
    shorter = min(len(left), len(right))
    return next((n for n in range(shorter) if left[n] != right[n]), shorter)


def _narrowed(text: str, item: _Replacement) -> _Replacement:
    """Return a replacement of only what differs within its lines.

    Not for several together: what another puts into the part that they share may belong elsewhere.
    """
    removed, added = text[item.start : item.end], item.text
    head = _common(removed, added)
    tail = _common(removed[head:][::-1], added[head:][::-1])
    return _Replacement(item.start + head, item.end - tail, added[head : len(added) - tail])


def _still_parses(source: Source, replacements: Iterable[_Replacement]) -> bool:
    """Return whether a text parses with replacements made, which are in its order.

    Only the statements at the top of the text that they change are parsed: the others have been.
    Where those cannot be told apart by their rows, all of it is.
    """
    try:
        cuts = source.cuts
    except (Unparsable, Limit):
        return False
    parts: list[tuple[int, int, list[_Replacement]]] = []
    for item in replacements:
        start, end = cuts[bisect_right(cuts, item.start) - 1], cuts[bisect_left(cuts, item.end)]
        together = [item]
        if parts and start < parts[-1][1]:
            start, before, others = parts.pop()
            end, together = max(before, end), [*others, item]
        parts.append((start, end, together))
    text = source.text
    if all(_parses(_replaced(text[:end], together)[start:]) for start, end, together in parts):
        return True
    return _parses(_replaced(text, *(together for _, _, together in parts)))


def _overlap(one: _Replacement, other: _Replacement) -> bool:
    """Return whether two replacements cannot both be made, as one and the same can."""
    if one == other:
        return False
    if one.start == one.end == other.start == other.end:
        return not (one.is_import or other.is_import)
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _replaced(text: str, *fixes: Iterable[_Replacement]) -> str:
    """Return a text with the replacements of fixes made, which do not overlap."""
    parts, end = [], 0
    replacements = set(chain.from_iterable(fixes))
    for item in sorted(replacements, key=lambda item: (item[:2], not item.is_import, item.text)):
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
