"""What is known of files that have not changed since: `.bedev_lint_cache/`.

Nothing in it is needed, and nothing in it is believed: what cannot be read, or was written
by another version, for other rules, or of other content, is as good as not there. Writing
fails silently where nothing may be written.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from bedev_lint import __version__
from bedev_lint.session.answer import FOLDER, seal, unsealed
from bedev_lint.session.stamps import Stamp, digest, stamp, trusted

__all__ = ["FOLDER", "Cache", "Entry", "clean", "is_free", "key_of"]

_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This folder was made by bedev-lint. It may be deleted at any time.
# See https://bford.info/cachedir/
"""
_TAGGED = "CACHEDIR.TAG"
# What the names of all files in a cache begin with.
_OURS = (_TAGGED, ".gitignore", ".new-", "answer-", "files-", "linked-", "program-")
# Whatever is asked of a project in turn (other rules, other options) is kept side by side.
_KEPT = 6
_KEPT_ANSWERS = 32

StructT = TypeVar("StructT", bound=Struct)


class Entry(Struct, array_like=True):
    """What is known of one file.

    `stamp` is its size, time of change and inode, `content` its digest, `contexts` those of
    the catalog that it belongs to as a whole (None: not asked). `module` and `is_package` are
    what it was read as; `report`, `facts`, `meaning` (the digest of the facts) and `places` what
    was read, and `shown` how places of it may be shown, as far as this has been asked for.
    """

    stamp: Stamp
    content: bytes
    contexts: tuple[str, ...] | None
    module: str = ""
    is_package: bool = False
    is_read: bool = False
    report: bytes = b""
    facts: bytes = b""
    meaning: bytes = b""
    places: bytes = b""
    shown: bytes = b""


class _Pack(Struct, array_like=True):
    """All entries of a project, by relative path, for one set of rules."""

    key: bytes
    entries: dict[str, Entry]


class _Answer(Struct, array_like=True):
    """Something computed from the whole program, and the digest of all that went in."""

    key: bytes
    answer: bytes


class Cache:
    """The entries of a project for one set of rules. `folder` None: nothing is kept."""

    def __init__(self, folder: Path | None, key: bytes) -> None:
        # Made before anything is looked at, and not as a change to what was.
        self.folder = folder if folder is not None and _prepared(folder) else None
        self._key = key
        self._name = key.hex()[:16]
        pack = self._load(f"files-{self._name}", _Pack)
        known = pack is not None and pack.key == key
        self.entries: dict[str, Entry] = pack.entries if pack is not None and known else {}
        self.changed = False
        self._asked: dict[str, Entry | None] = {}

    def fresh(self, name: str, path: str) -> Entry | None:
        """Return what is known of a file, if it is still the same."""
        if self.folder is None:
            return None
        if name not in self._asked:
            entry = self.entries.get(name)
            self._asked[name] = entry if entry is not None and self._is_same(entry, path) else None
        return self._asked[name]

    def _is_same(self, entry: Entry, path: str) -> bool:
        try:
            seen = stamp(os.stat(path))
            if seen == entry.stamp:
                return True
            if seen[0] != entry.stamp[0] or not entry.content:
                return False
            seen = trusted(seen)
            with open(path, "rb") as file:
                if digest(file.read()) != entry.content:
                    return False
        except OSError:
            return False
        entry.stamp, self.changed = seen, True
        return True

    def put(self, name: str, entry: Entry) -> None:
        # A name that is not UTF-8 cannot be written; its file cannot be analysed either.
        if name.isascii() or name.encode("utf-8", "replace").decode() == name:
            self.entries[name] = self._asked[name] = entry
            self.changed = True

    def note(self, name: str, path: str, contexts: frozenset[str]) -> None:
        """Keep the contexts of a file that has not been read, as it is now."""
        if self.folder is not None:
            with suppress(OSError):
                seen = trusted(stamp(os.stat(path)))
                self.put(name, Entry(seen, b"", tuple(sorted(contexts))))

    def save(self, current: Iterable[str]) -> None:
        """Write what is known of the files of the program; the others are forgotten."""
        kept = {name: self.entries[name] for name in current if name in self.entries}
        if not self.changed and len(kept) == len(self.entries):
            return
        self._store(f"files-{self._name}", _Pack(self._key, kept))

    def answer(self, kind: str, key: bytes | None = None) -> bytes | None:
        """Return what was kept of the whole program for this key, or for these rules."""
        found = self._load(f"{kind}-{self._name}", _Answer)
        return found.answer if found is not None and found.key == (key or self._key) else None

    def keep_answer(self, kind: str, answer: Struct, key: bytes | None = None) -> None:
        if self.folder is not None:
            data = msgspec.msgpack.encode(answer)
            self._store(f"{kind}-{self._name}", _Answer(key or self._key, data))

    # ------------------------------------------------------------------ files

    def _load(self, name: str, kind: type[StructT]) -> StructT | None:
        if self.folder is None:
            return None
        try:
            data = unsealed((self.folder / name).read_bytes())
            return msgspec.msgpack.decode(data, type=kind)
        except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
            return None

    def _store(self, name: str, value: Struct) -> None:
        self.keep(name, msgspec.msgpack.encode(value))

    def keep(self, name: str, data: bytes) -> None:
        """Write a file of the cache; of each kind (the name up to a dash) only some are kept."""
        if self.folder is not None:
            _write(self.folder / name, data, seal(data))
            _forget(self.folder, name.partition("-")[0])


def _prepared(folder: Path) -> bool:
    """Make the folder, and keep it out of repositories and backups."""
    if (folder / ".gitignore").exists():
        return True
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return _write(folder / _TAGGED, _TAG.encode()) and _write(folder / ".gitignore", b"*\n")


def _write(path: Path, *pieces: bytes) -> bool:
    """Write a file in one step: whoever reads it meanwhile sees the old one or the new one."""
    import tempfile  # as costly to import as ten files are to read

    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
        os.replace(temporary, path)
    except OSError:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
        return False
    return True


def _forget(folder: Path, kind: str) -> None:
    """Remove all but the latest files of a kind."""
    try:
        files = [(entry.stat().st_mtime_ns, entry.path) for entry in _of_kind(folder, kind)]
    except OSError:
        return  # another run has just tidied up
    kept = _KEPT_ANSWERS if kind == "answer" else _KEPT
    for _, path in sorted(files)[:-kept]:
        with suppress(OSError):
            os.unlink(path)


def _of_kind(folder: Path, kind: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if entry.name.startswith(f"{kind}-")]


def is_free(folder: Path) -> bool:
    """Return whether nothing but a cache is in a folder, if there is such a folder.

    In any other the cache's own `.gitignore` would hide what is there.
    """
    try:
        return all(name.startswith(_OURS) for name in os.listdir(folder))
    except OSError:
        return True  # it is still to be made; or it cannot be, which is no mistake


def clean(folder: Path) -> bool:
    """Remove a cache, and nothing else. Return whether one was there. Raises OSError."""
    if not (folder / _TAGGED).is_file():
        return False
    if not is_free(folder):
        raise OSError(errno.ENOTEMPTY, "there are other files in it")
    for entry in list(os.scandir(folder)):
        os.unlink(entry.path)
    folder.rmdir()
    return True


def key_of(*parts: object) -> bytes:
    """Return a digest of plain data, and of these versions of bedev-lint and Python."""
    whole = (__version__, sys.version_info[:3], _own_stamp(), *parts)
    return digest(msgspec.msgpack.encode(whole, order="deterministic", enc_hook=str))


def _own_stamp() -> list[tuple[str, int, int]]:
    """Return what bedev-lint's own code looks like: in a checkout it changes between versions."""
    found = []
    top = Path(__file__).parent.parent
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            if name.endswith(".py"):
                seen = os.stat(os.path.join(folder, name))
                found.append((name, seen.st_size, seen.st_mtime_ns))
    return found
