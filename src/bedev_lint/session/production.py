"""Which files are no production code: the contexts that a file belongs to as a whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from typing import NamedTuple

from bedev_lint.cache.project import Cache
from bedev_lint.catalog import Context

__all__ = ["contexts_of"]

_HEAD = 600  # the bytes in which a generated file says that it is one
_NOTHING = r"(?!)"


def contexts_of(
    sources: Mapping[str, str], contexts: Mapping[str, Context], cache: Cache
) -> dict[str, frozenset[str]]:
    """Return which of the contexts each file belongs to; `sources` are paths by relative name."""
    folders = {name: _folders(sources, context) for name, context in contexts.items()}
    signs = {name: _Signs.of(context) for name, context in contexts.items()}
    return {
        name: _by_itself(name, path, signs, cache)
        | {held for held, prefixes in folders.items() if name.startswith(prefixes)}
        for name, path in sources.items()
    }


def _folders(names: Iterable[str], context: Context) -> tuple[str, ...]:
    """Return the folders that belong to a context for what they hold, with a slash at the end."""
    if not context.folders:
        return ()
    found = set()
    holding = _globs(context.holding)
    for name in names:
        folder, _, file = name.rpartition("/")
        if folder.rpartition("/")[2] in context.folders and holding.match(file):
            found.add(folder + "/")
    return tuple(sorted(found))


class _Signs(NamedTuple):
    """By what a file is of a context: its name, or a comment in its head."""

    name: re.Pattern[str]
    comments: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, context: Context) -> _Signs:
        return cls(_globs(context.files), tuple(map(re.compile, context.content)))


def _globs(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return one pattern that matches what any of these matches."""
    return re.compile("|".join(map(translate, patterns)) or _NOTHING)


def _by_itself(
    name: str, path: str, contexts: Mapping[str, _Signs], cache: Cache
) -> frozenset[str]:
    known = cache.fresh(name, path)
    if known is not None and known.contexts is not None:
        return frozenset(known.contexts)
    held = frozenset(held for held, signs in contexts.items() if _is_of(signs, f"/{name}", path))
    cache.note(name, path, held)
    return held


def _is_of(signs: _Signs, name: str, path: str) -> bool:
    if signs.name.match(name):
        return True
    if not signs.comments or not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    if b"#" not in head:
        return False
    lines = head.decode("utf-8", "replace").splitlines()
    comments = [line.lstrip("# \t") for line in lines if line.startswith("#")]
    return any(sign.search(comment) for comment in comments for sign in signs.comments)
