"""The words that names are made of."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["words"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name, in lower case, split at case and whatever is no letter.

    `HTTPError_code2` is `http`, `error`, `code`, `2`.
    """
    return tuple(word.lower() for word in _WORD.findall(name))
