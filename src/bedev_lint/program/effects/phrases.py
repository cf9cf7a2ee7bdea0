"""Names of functions that follow a grammar."""

from __future__ import annotations

from collections.abc import Sequence

from bedev_lint.catalog import Phrase
from bedev_lint.names import words

__all__ = ["matches_phrase"]


def matches_phrase(name: str, phrase: Phrase, *, gives: bool) -> bool:
    """Return whether a function's name follows the grammar of a phrase (see `Phrase`).

    `gives` says whether it returns anything: one of several words that does not begins with a verb,
    known or not.
    """
    parts = list(words(name))
    for index, word in enumerate(parts):
        if index > 0 and word in phrase.drop_after:
            parts = parts[:index]
            break
    if len(parts) > 1 and parts[-1] in phrase.units and _is_noun(parts[:-1], phrase):
        parts.pop()
    if not parts or not _is_noun(parts, phrase):
        return False
    if parts[0] in phrase.verbs:
        return True
    return (gives or len(parts) == 1) and parts[0] not in phrase.other_verbs


def _is_noun(parts: Sequence[str], phrase: Phrase) -> bool:
    return parts[-1] in phrase.nouns or " ".join(parts[-2:]) in phrase.pairs
