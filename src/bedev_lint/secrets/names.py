"""Which names are those of secrets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bedev_lint.names import words
from bedev_lint.search import holding
from bedev_lint.secrets.vocabulary import SecretNames

__all__ = [
    "is_key_of_api",
    "is_secret_name",
    "may_name_secret",
    "may_name_secrets",
    "own_word",
    "without_numbers",
]


@lru_cache(maxsize=65536)
def may_name_secret(text: str, names: SecretNames) -> bool:
    """Return False for a text that can hold no secret-like name: a glance, much faster."""
    return bool(may_name_secrets([text], names))


def may_name_secrets(texts: Sequence[str], names: SecretNames) -> set[int]:
    """Return the indices of the texts that may hold a secret-like name, and perhaps of others."""
    lower = [text.lower() for text in texts]
    ends = (parts[-1] for name in names.endings if (parts := words(name)))
    matches = holding(lower, (*names.words, "authorization", "pass", *ends))
    with_key = holding(lower, ["key"]) - matches
    return matches.union(
        index for index in with_key if any(owner in lower[index] for owner in names.key_owners)
    )


@lru_cache(maxsize=8192)
def is_secret_name(name: str, names: SecretNames) -> bool:
    """Return whether what has this name should be a secret."""
    parts = without_numbers(words(name))
    if not parts:
        return False
    joined = "_" + "_".join(parts)
    if any(joined.endswith(f"_{ending}") for ending in names.endings):
        return True
    own = words(name.rpartition(".")[2])
    if not names.beginning.isdisjoint((parts[0], *own[:1])) or not names.clearing.isdisjoint(parts):
        return False
    last, before = parts[-1], parts[:-1]
    if last == "key":
        owned = [place for place, one in enumerate(before) if one in names.key_owners]
        return bool(owned) and names.other_keys.isdisjoint(before[owned[-1] :])
    if last == "pass":
        return names.other_passes.isdisjoint(before) and bool(before or name.lower() == "pass")
    if last == "token" and (
        (before[-1:] and before[-1] in names.other_tokens)
        or not names.parsed_tokens.isdisjoint(before)
    ):
        return False
    return last in names.words or any(pattern.fullmatch(last) for pattern in names.glued)


def is_key_of_api(parts: tuple[str, ...]) -> bool:
    """Return whether a name of these words is that of a key of an API."""
    return (parts[-1:] == ("key",) and "api" in parts) or parts[-1:] == ("apikey",)


def own_word(name: str) -> str:
    """Return the last word of a secret-like name, in the singular."""
    parts = without_numbers(words(name))
    return parts[-1].removesuffix("s") if parts else ""


def without_numbers(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a name without the numbers at its end."""
    while parts and parts[-1].isdigit():
        parts = parts[:-1]
    return parts
