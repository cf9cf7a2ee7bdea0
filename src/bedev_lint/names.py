"""The words that names are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache

__all__ = ["PATH_WORDS", "any_match", "any_of", "any_path", "words"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# Words in the names of what holds paths.
PATH_WORDS = frozenset(
    "url urls uri uris path paths endpoint endpoints route routes link links".split()
)


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name, in lower case, split at case and whatever is no letter.

    `HTTPError_code2` is `http`, `error`, `code`, `2`.
    """
    return tuple(word.lower() for word in _WORD.findall(name))


def any_match(names: Iterable[str], patterns: tuple[str, ...]) -> bool:
    """Return whether one of these names is like one of these patterns, as names of files are."""
    return bool(patterns) and any(map(any_of(patterns).match, names))


@lru_cache(maxsize=1024)
def any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches a name that is like one of these patterns, as names of files are."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


@lru_cache(maxsize=1024)
def any_path(globs: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches the path of a file that is like one of these globs.

    `*` stands for slashes too, but not in the name of a Python file: `*/test_*.py` is no file of
    a package `test_results`.
    """
    return re.compile("|".join(map(_path, globs)) or r"(?!)")


def _path(glob: str) -> str:
    folder, slash, file = glob.rpartition("/")
    if not file.endswith(".py"):
        return translate(glob)
    name = "[^/]*".join(map(_unanchored, file.split("*")))
    return rf"(?s:{_unanchored(folder + slash)}{name})\Z"


def _unanchored(glob: str) -> str:
    return translate(glob).removeprefix("(?s:")[: -len(r")\Z")]
