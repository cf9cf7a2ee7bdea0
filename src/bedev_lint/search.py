"""Which of many texts hold a word: few words are looked for in all texts at once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate

__all__ = ["holding", "naming"]

_WORD = re.compile(r"\w+")


def holding(texts: Sequence[str], words: Iterable[str]) -> set[int]:
    """Return the indices of the texts in which one of these words stands. No word has a newline."""
    if not texts:
        return set()
    joined = "\n".join(texts)
    ends = list(accumulate(len(text) + 1 for text in texts))
    indices: set[int] = set()
    for word in words:
        offset = joined.find(word)
        while offset >= 0:
            index = bisect_right(ends, offset)
            indices.add(index)
            offset = joined.find(word, ends[index])
    return indices


def naming(texts: Sequence[str], words: Collection[str]) -> set[int]:
    """Return the indices of the texts in which one of these, however many, is a whole word."""
    if not words:
        return set()
    wanted = frozenset(words)
    return {index for index, text in enumerate(texts) if not wanted.isdisjoint(_WORD.findall(text))}
