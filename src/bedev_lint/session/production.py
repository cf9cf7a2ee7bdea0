"""Which files are no production code: the contexts that a file belongs to as a whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from bedev_lint.catalog import Context
from bedev_lint.session.cache import Cache

__all__ = ["contexts_of"]

_HEAD = 600  # the bytes in which a generated file says that it is one


def contexts_of(
    sources: Mapping[str, str], contexts: Mapping[str, Context], cache: Cache
) -> dict[str, frozenset[str]]:
    """Return which of the contexts each file belongs to; `sources` are paths by relative name."""
    folders = {name: _folders(sources, context) for name, context in contexts.items()}
    return {
        name: _by_itself(name, path, contexts, cache)
        | {held for held, prefixes in folders.items() if name.startswith(prefixes)}
        for name, path in sources.items()
    }


def _folders(names: Iterable[str], context: Context) -> tuple[str, ...]:
    """Return the folders that belong to a context for what they hold, with a slash at the end."""
    if not context.folders:
        return ()
    found = set()
    for name in names:
        folder, _, file = name.rpartition("/")
        if folder.rpartition("/")[2] in context.folders and _matches(file, context.holding):
            found.add(folder + "/")
    return tuple(sorted(found))


def _by_itself(
    name: str, path: str, contexts: Mapping[str, Context], cache: Cache
) -> frozenset[str]:
    known = cache.fresh(name, path)
    if known is not None and known.contexts is not None:
        return frozenset(known.contexts)
    held = frozenset(held for held, context in contexts.items() if _is_of(context, name, path))
    cache.note(name, path, held)
    return held


def _is_of(context: Context, name: str, path: str) -> bool:
    if _matches(f"/{name}", context.files):
        return True
    if not context.content or not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD).decode("utf-8", "replace")
    except OSError:
        return False
    comments = [line.lstrip("# \t") for line in head.splitlines() if line.startswith("#")]
    return any(re.search(pattern, line) for line in comments for pattern in context.content)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
