"""Which files are no production code: the contexts that a file belongs to as a whole."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache as cached
from functools import partial
from typing import NamedTuple

from bedev_lint import filesystem
from bedev_lint.cache.project import Cache
from bedev_lint.catalog import Context
from bedev_lint.files.discovery import SUFFIXES
from bedev_lint.linear import Pattern
from bedev_lint.names import any_of, any_path
from bedev_lint.options import compiled

__all__ = ["contexts_of"]

_HEAD = 600  # the bytes in which a generated file says that it is one
_START = 4_000  # the bytes that a file begins its imports in, and tells of a command
_LONGEST = 1_000_000  # the bytes of a file in which imports are looked for
# What a command says of itself.
_HELP = re.compile(rb"""^[ \t]+help[ \t]*=[ \t]*(?:_?\(\s*)?["']+([^"'\n]+)""", re.MULTILINE)
# What begins with how it is to be run, asks whether it is, or runs something.
_STARTED = re.compile(
    rb"\A#!|__main__|^(?:await )?[\w.]*\b(?:run|main|serve|start)\w*\(", re.MULTILINE
)
_QUOTES = re.compile(r"\s*[rRuU]?(\"{3}|'{3})")


def contexts_of(
    sources: Mapping[str, str],
    contexts: Mapping[str, Context],
    cache: Cache,
    in_memory: Mapping[str, bytes],
) -> dict[str, frozenset[str]]:
    """Return which of the contexts each file belongs to; `sources` are paths by relative name.

    What the files of some paths hold stands `in_memory`.
    """
    folders = {
        name: _folders(sources, context) + _needing(sources, context, in_memory)
        for name, context in contexts.items()
    }
    scripts = {
        name: _scripts(sources, context, in_memory) | _shadowed(sources, context, in_memory)
        for name, context in contexts.items()
    }
    signs = {name: _Signs.of(context) for name, context in contexts.items()}
    by_name = {
        name: _by_itself(name, path, signs, cache, in_memory.get(path))
        | {context for context, prefixes in folders.items() if name.startswith(prefixes)}
        | {context for context, names in scripts.items() if name in names}
        for name, path in sources.items()
    }
    unused = _unimported(sources, by_name, contexts, in_memory)
    for folder, context in _imported(sources, by_name, contexts, in_memory):
        for name in sources:
            if name.startswith(folder) and context in by_name[name]:
                head = partial(_bytes, sources[name], _START, in_memory)
                if not _is_of(signs[context], _without(folder, name), head):
                    by_name[name] -= {context}
    return {
        name: own | {context for folder, context in unused if name.startswith(folder)}
        for name, own in by_name.items()
    }


def _folders(names: Iterable[str], context: Context) -> tuple[str, ...]:
    """Return the folders that belong to a context for what they hold, with a slash at the end."""
    if not context.folders:
        return ()
    directly: dict[str, list[str]] = {}
    for name in names:
        folder, _, file = name.rpartition("/")
        directly.setdefault(folder, []).append(file)
        while folder := folder.rpartition("/")[0]:
            directly.setdefault(folder, [])
    named = {one for one in directly if one.rpartition("/")[2] in context.folders}
    holding = _holding(directly, named, context) if context.holding else named
    lacking = any_of(context.lacking)
    return tuple(sorted(f"{one}/" for one in holding if not any(map(lacking.match, directly[one]))))


def _holding(
    directly: Mapping[str, Iterable[str]], named: Collection[str], context: Context
) -> set[str]:
    """Return which of these folders hold what a context asks for, in none of these further down."""
    holding = any_of(context.holding)
    nearest = (
        next((one for one in (folder, *_above(folder)) if one in named), None)
        for folder, files in directly.items()
        if any(map(holding.match, files))
    )
    return {one for one in nearest if one is not None}


def _needing(
    sources: Mapping[str, str], context: Context, in_memory: Mapping[str, bytes]
) -> tuple[str, ...]:
    """Return the folders that belong to a context for their names and what a file in them imports.

    With a slash at the end. Only files in folders of such names are read, and none that belongs to
    the context by its own name: `contest/tests.py` says nothing of the package.
    """
    if not context.packages:
        return ()
    named, imports = any_of(context.packages), _importing(context.needing)
    own = any_path(context.files)
    found: set[str] = set()
    for name, path in sources.items():
        folder = name.rpartition("/")[0]
        if folder not in found and named.match(folder.rpartition("/")[2].lower()):
            if own.match(f"/{name}"):
                continue
            if imports.search(in_memory.get(path) or _head(path, _START)):
                found.add(folder)
    return tuple(sorted(f"{folder}/" for folder in found))


def _importing(modules: Iterable[str]) -> re.Pattern[bytes]:
    """Return what finds an import of one of these modules, at the beginning of a line."""
    either = "|".join(re.escape(one).replace(r"\*", r"[\w.]*") for one in modules)
    return re.compile(rf"^(?:import|from)[ ]+(?:{either})\b".encode(), re.MULTILINE)


def _unimported(
    sources: Mapping[str, str],
    contexts_by_name: Mapping[str, frozenset[str]],
    contexts: Mapping[str, Context],
    in_memory: Mapping[str, bytes],
) -> list[tuple[str, str]]:
    """Return the folders that belong to a context as no production code imports them, and to which.

    A file that belongs to a context, see `contexts_by_name`, is no production code.
    """

    def may_belong(folder: str, context: Context) -> bool:
        is_named = folder.rpartition("/")[2] in context.unimported
        return is_named and _is_apart(folder, sources, context)

    candidates = _folders_that(may_belong, sources, contexts)
    imports = {one: _imports(one) for one, _ in candidates}
    unused = _without_imports(imports, sources, contexts_by_name, in_memory)
    return [one for one in candidates if one[0] in unused]


def _imported(
    sources: Mapping[str, str],
    contexts_by_name: Mapping[str, frozenset[str]],
    contexts: Mapping[str, Context],
    in_memory: Mapping[str, bytes],
) -> list[tuple[str, str]]:
    """Return the packages that belong to no context for their name: production code imports them.

    With each that context. Such a package is imported by its own name, as an application is; the
    examples of a package are imported as part of that, and still are examples.
    """

    def may_be_imported(folder: str, context: Context) -> bool:
        return folder.rpartition("/")[2] in context.imported and _is_package(folder, sources)

    candidates = _folders_that(may_be_imported, sources, contexts)
    imports = {one: _own_imports(one) for one, _ in candidates}
    unused = _without_imports(imports, sources, contexts_by_name, in_memory)
    return [one for one in candidates if one[0] not in unused]


def _without_imports(
    imports: Mapping[str, re.Pattern[bytes]],
    sources: Mapping[str, str],
    contexts_by_name: Mapping[str, frozenset[str]],
    in_memory: Mapping[str, bytes],
) -> Collection[str]:
    """Return which of these folders no production code imports that stands in another one.

    With each stands what finds an import of it. The code is only read where there are any.
    """
    last_parts = {folder: os.fsencode(folder.split("/")[-2]) for folder in imports}
    for name, path in sources.items():
        if imports and not contexts_by_name[name]:
            data = _bytes(path, _LONGEST, in_memory)
            imports = {
                folder: sign
                for folder, sign in imports.items()
                if name.startswith(folder)
                or last_parts[folder] not in data  # much faster, and mostly so
                or not any(_may_mean(m, folder, name) for m in sign.finditer(data))
            }
    return imports.keys()


def _without(folder: str, name: str) -> str:
    """Return the path of a file as if this folder had no name: `/shop/_/models.py`."""
    above = folder.rstrip("/").rpartition("/")[0]
    return f"/{above}/_/{name[len(folder) :]}" if above else f"/_/{name[len(folder) :]}"


def _bytes(path: str, size: int, in_memory: Mapping[str, bytes]) -> bytes:
    return in_memory.get(path) or _head(path, size)


def _folders_that(
    are_so: Callable[[str, Context], bool], names: Iterable[str], contexts: Mapping[str, Context]
) -> list[tuple[str, str]]:
    """Return the folders, with a slash at the end, that are so for a context, each with that."""
    folders = sorted({folder for name in names for folder in _above(name)})
    return [
        (f"{folder}/", name)
        for name, context in contexts.items()
        for folder in folders
        if are_so(folder, context)
    ]


def _above(name: str) -> Iterator[str]:
    while name := name.rpartition("/")[0]:
        yield name


def _is_apart(folder: str, sources: Mapping[str, str], context: Context) -> bool:
    """Return whether a folder is no part of a package, and no package where that is `lacking`."""
    if not _is_package(folder, sources):
        return True
    starts = (f"__init__{end}" for end in SUFFIXES)
    is_part = _is_package(folder.rpartition("/")[0], sources)
    return not is_part and not any(map(any_of(context.lacking).match, starts))


def _is_package(folder: str, sources: Mapping[str, str]) -> bool:
    start = f"{folder}/__init__" if folder else "__init__"
    return any(f"{start}{end}" in sources for end in SUFFIXES)


def _own_imports(folder: str) -> re.Pattern[bytes]:
    """Return what finds an import of a folder by its name alone: `from samples.models import …`."""
    last = re.escape(folder.split("/")[-2])
    return re.compile(os.fsencode(rf"^[ \t]*(?:from|import)[ ]+{last}\b"), re.MULTILINE)


def _imports(folder: str) -> re.Pattern[bytes]:
    """Return what finds an import of a folder, or its name in a text: `"tools.jobs.run"`."""
    *outer, last = (re.escape(part) for part in folder.strip("/").split("/"))
    start = rf"(?:(?:{'|'.join(outer)})\.)*" if outer else ""
    package = rf"(?:(?:{'|'.join(outer)})\.?)*" if outer else ""
    return re.compile(
        rf"""^[ \t]*(?:from|import)[ ]+(?P<up>\.*){start}{last}\b
        |^[ \t]*from[ ]+(?P<from>\.*){package}[ ]+import\b.*\b{last}\b
        |["']\.*{start}{last}\.\w""".encode("utf-8", "surrogateescape"),
        re.MULTILINE | re.VERBOSE,
    )


def _may_mean(found: re.Match[bytes], folder: str, name: str) -> bool:
    """Return whether an import in a file may be one of a folder, which a relative one is above."""
    dots = len(next(filter(None, found.groups()), b""))
    base = "/".join(name.split("/")[:-dots]) if dots else ""
    return not base or folder.startswith(f"{base}/")


def _scripts(
    sources: Mapping[str, str], context: Context, in_memory: Mapping[str, bytes]
) -> frozenset[str]:
    """Return the files that belong to a context for their names, being no part of a package."""
    scripts = set()
    for name, path in sources.items():
        folder, slash, file = name.rpartition("/")
        if file not in context.scripts:
            continue
        is_in_package = slash and any(f"{folder}/__init__{end}" in sources for end in SUFFIXES)
        if not is_in_package or (path not in in_memory and _is_beside(path, context.beside)):
            scripts.add(name)
    return frozenset(scripts)


def _shadowed(
    sources: Mapping[str, str], context: Context, in_memory: Mapping[str, bytes]
) -> frozenset[str]:
    """Return the modules that belong to a context as a package of their name is imported instead.

    What may be started by its path is still run.
    """
    if not context.shadowed:
        return frozenset()
    return frozenset(
        name
        for name, path in sources.items()
        if _is_package(name.rpartition(".")[0], sources)
        and not _STARTED.search(_bytes(path, _LONGEST, in_memory))
    )


def _is_beside(path: str, names: Iterable[str]) -> bool:
    folder = os.path.dirname(path)
    return any(os.path.exists(os.path.join(folder, name)) for name in names)


class _Signs(NamedTuple):
    """By what a file is of a context: its name, what a text in it says, what it imports."""

    name: re.Pattern[str]
    comments: tuple[Pattern, ...]
    helps: bool
    imports: re.Pattern[bytes] | None

    @classmethod
    def of(cls, context: Context) -> _Signs:
        imports = _importing(context.imports) if context.imports else None
        comments = tuple(map(compiled, context.content))
        return cls(any_path(context.files), comments, context.helps, imports)


def _by_itself(
    name: str, path: str, contexts: Mapping[str, _Signs], cache: Cache, data: bytes | None
) -> frozenset[str]:
    entry = cache.fresh(name, path) if data is None else None
    if entry is not None and entry.contexts is not None:
        return frozenset(entry.contexts)
    # Read at most once, whichever contexts ask for it.
    head = cached(partial(_head, path, _START)) if data is None else lambda: data[:_START]
    matching = frozenset(one for one, signs in contexts.items() if _is_of(signs, f"/{name}", head))
    if data is None:
        cache.set_contexts(name, path, matching)
    return matching


def _head(path: str, size: int) -> bytes:
    try:
        return filesystem.head(path, size)[0]
    except OSError:
        return b""


def _is_of(signs: _Signs, name: str, head_of: Callable[[], bytes]) -> bool:
    if signs.name.match(name):
        return True
    if not signs.comments and signs.imports is None:
        return False
    head = head_of()
    if signs.imports is not None and signs.imports.search(head):
        return True
    said = _comments_in_head(head[:_HEAD].decode("utf-8", "replace").splitlines())
    if signs.helps:
        said += (line.decode("utf-8", "replace") for line in _HELP.findall(head))
    return any(sign.search(line) for line in said for sign in signs.comments)


def _comments_in_head(lines: Sequence[str]) -> list[str]:
    """Return the comments above the code of a file, and the lines of the text that it begins with.

    What stands below an import speaks of what follows there.
    """
    comments, rest = _comments_first(lines)
    code = "\n".join(rest)
    quotes = _QUOTES.match(code)
    if quotes is None:
        return comments
    written, _, behind = code[quotes.end() :].partition(quotes[1])
    told = (line.strip() for line in written.splitlines())
    return [*comments, *told, *_comments_first(behind.splitlines())[0]]


def _comments_first(lines: Sequence[str]) -> tuple[list[str], Sequence[str]]:
    """Return the comments that lines begin with, and the lines behind them."""
    code = (i for i, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    first = next(code, len(lines))
    return [line.lstrip("# \t") for line in lines[:first] if line.strip()], lines[first:]
