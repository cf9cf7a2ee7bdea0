"""What is known of files, and of the program that they are: `.bedev_lint_cache/`.

Nothing in it is needed, and nothing in it is believed: what cannot be read, or was written
by somebody else, by another version, for other rules, or of other content, is as good as not
there. Writing fails silently where nothing may be written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from bedev_lint import __version__
from bedev_lint.cache import folder as folders
from bedev_lint.cache.kept import Row, Unusable
from bedev_lint.cache.memory import MemoryStore
from bedev_lint.cache.place import CacheLocation
from bedev_lint.cache.stamps import Stamp, stamp, trusted
from bedev_lint.cache.trust import content_key, digest, file_name
from bedev_lint.filesystem import read

if TYPE_CHECKING:
    from bedev_lint.cache.store import Store

__all__ = ["Cache", "Entry", "key_of"]


class Entry(Struct, array_like=True):
    """What is known of one file.

    `stamp` is its size, time of change and inode, `content` its digest, `contexts` those of
    the catalog that it belongs to as a whole (None: not asked). `module` and `is_package` are
    what it was read as. `report` and `names` are what was read; `facts` and `places` are the
    digests of more of that, empty if there is none, and `size` is how many bytes the facts have.
    `shown` says how places of it may be shown, as far as this has been asked for, and `memo` what
    of the report stays as it is when something else in the file changes. `rules` are the codes of
    those by which it was looked at, None if by all.
    """

    stamp: Stamp
    content: bytes
    contexts: tuple[str, ...] | None
    module: str = ""
    is_package: bool = False
    is_read: bool = False
    report: bytes = b""
    names: bytes = b""
    facts: bytes = b""
    size: int = 0
    places: bytes = b""
    shown: bytes = b""
    memo: bytes = b""
    rules: tuple[str, ...] | None = None


class Cache:
    """What is known of a project for one set of rules; `of` is a digest of these.

    What it reads is as it was when it began; of what is not to be read, nothing is known.
    """

    def __init__(self, place: CacheLocation, of: bytes) -> None:
        self.folder, self.key = place.folder, place.key
        self._content_key = content_key(place.key)
        self._name = f"{file_name('project', place.key, of)}.sqlite"
        self._store: Store | MemoryStore | None = None
        self.begin()

    def begin(self) -> None:
        """Forget all that was read and found, and begin with what is kept now."""
        if not self.is_in_memory:
            self._store = self._opened()
        try:
            entries = self.rows("file")
        except Unusable:
            entries, self._store = {}, None
            if self.folder is not None and not os.path.lexists(self.folder / self._name):
                self._store = self._opened()  # what was damaged is gone
        self._begin_with({name: _ENTRY.decode(data) for name, data in entries.items()})

    def _opened(self) -> Store | None:
        if self.folder is None:
            return None
        try:
            from bedev_lint.cache.store import Store
        except ImportError:  # some Pythons are built without SQLite
            return None
        return Store(self.folder / self._name, self.key)

    @property
    def is_in_memory(self) -> bool:
        """Whether all is kept in memory, and nothing is written."""
        return isinstance(self._store, MemoryStore)

    def move_to_memory(self) -> None:
        """Keep in memory what is kept, and all that is found from now on, and write no more."""
        store = MemoryStore()
        if self._store is not None:
            with suppress(Unusable):
                store = MemoryStore(*self._store.everything())
        self.close()
        self._store, self.folder = store, None
        self.begin()

    def begin_without(self) -> None:
        """Forget all that was read and found, and do without what is kept."""
        self.close()
        self._store = MemoryStore() if self.is_in_memory else None
        self._begin_with({})

    def _begin_with(self, entries: dict[str, Entry]) -> None:
        self.close()
        self._entries = entries
        self._checked: dict[str, Entry | None] = {}
        self._read: dict[bytes, bytes] | None = None
        # What this run has found: entries, by name; other rows; blobs.
        self._changed: set[str] = set()
        self._changed_rows: dict[tuple[str, str], Row | None] = {}
        self._new: dict[bytes, bytes] = {}

    def recheck(self, names: Iterable[str] | None = None) -> None:
        """Forget whether these files, by default all, are still the same: another run begins."""
        for name in [*self._checked] if names is None else names:
            self._checked.pop(name, None)
        self._read = None
        self._new.clear()

    # ------------------------------------------------------------------ files

    def fresh(self, name: str, path: str, data: bytes | None = None) -> Entry | None:
        """Return what is known of a file, if it is still the same, or holds this data."""
        if self._store is None:
            return None
        if name not in self._checked:
            entry = self._entries.get(name)
            is_same = entry is not None and self._is_same(name, entry, path, data)
            self._checked[name] = entry if is_same else None
        return self._checked[name]

    def _is_same(self, name: str, entry: Entry, path: str, data: bytes | None) -> bool:
        if data is not None:
            return digest(data, self._content_key) == entry.content
        try:
            current = stamp(os.stat(path))
            if current == entry.stamp:
                return True
            if current[0] != entry.stamp[0] or not entry.content:
                return False
            current = trusted(current)
            data, _ = read(path, current[0])
            if digest(data, self._content_key) != entry.content:
                return False
        except OSError:
            return False
        entry.stamp = current
        self._changed.add(name)
        return True

    def memo(self, name: str) -> bytes:
        """Return what is known of what was found in a file, even if it is not the same."""
        entry = self._entries.get(name)
        return entry.memo if entry is not None else b""

    def set_entry(self, name: str, entry: Entry) -> None:
        """Keep what is known of a file."""
        # A name that is not UTF-8 cannot be written; its file cannot be analysed either.
        if name.isascii() or name.encode("utf-8", "replace").decode() == name:
            self._entries[name] = self._checked[name] = entry
            self._changed.add(name)

    def set_contexts(self, name: str, path: str, contexts: frozenset[str]) -> None:
        """Keep the contexts of a file that has not been read, as it is now."""
        if self._store is not None:
            with suppress(OSError):
                current = trusted(stamp(os.stat(path)))
                sorted_contexts = tuple(sorted(contexts))
                self.set_entry(name, Entry(current, b"", sorted_contexts, memo=self.memo(name)))

    # ------------------------------------------------------------------ blobs

    def add_blob(self, data: bytes) -> bytes:
        """Keep a blob for as long as something kept speaks of it; return its digest."""
        if not data:
            return b""
        key = digest(data, self.key)
        self._new[key] = data
        return key

    def blob(self, key: bytes) -> bytes:
        """Return the blob with a digest. Raises Unusable."""
        data = self._new.get(key)
        if data is None and self._read is not None:
            data = self._read.get(key)
        if data is None:
            if self._store is None:
                raise Unusable
            data = self._new[key] = self._store.blob(key)
        return data

    def load(self) -> None:
        """Read all blobs, so that none is read from the disk after this. Raises Unusable."""
        if self._store is not None and self._read is None:
            self._read = self._store.blobs()
            digests = {*self._read, *self._new, b""}
            if not all(
                {e.facts, e.places} <= digests for e in self._checked.values() if e is not None
            ):
                raise Unusable
            self.close()  # two processes must not have it open

    # ------------------------------------------------------------------ rows of other kinds

    def rows(self, kind: str) -> dict[str, bytes]:
        """Return what was kept of a kind before this run, by name. Raises Unusable."""
        return self._store.rows(kind) if self._store is not None else {}

    def set_row(self, row: Row) -> None:
        """Keep a row, in place of any other of this kind and name."""
        self._changed_rows[row.kind, row.name] = row

    def delete_row(self, kind: str, name: str) -> None:
        """Keep a row no longer."""
        self._changed_rows[kind, name] = None

    # ------------------------------------------------------------------ writing

    def save(self, current: Iterable[str]) -> None:
        """Write what has been found, and forget all files but the current ones.

        Nothing is written if another run has done so since this one began.
        """
        if self._store is None:
            return
        left = set(current)
        for name in [name for name in self._entries if name not in left]:
            del self._entries[name]
            self.delete_row("file", name)
        for name in self._changed & left:
            entry = self._entries[name]
            self.set_row(Row("file", name, _ENCODE(entry), entry.facts, entry.places))
        if self._changed_rows:
            changed_rows = [row for row in self._changed_rows.values() if row is not None]
            gone = [name for name, row in self._changed_rows.items() if row is None]
            self._store.write(changed_rows, gone, self._new)
            if self.folder is not None:
                folders.tidy(self.folder, self._name)
            self._changed, self._changed_rows = set(), {}
        self.close()

    def close(self) -> None:
        """Let go of what is kept; it is opened again when something more is asked of it."""
        if self._store is not None:
            self._store.close()


_ENTRY = msgspec.msgpack.Decoder(Entry)
_ENCODE = msgspec.msgpack.Encoder().encode


def key_of(key: bytes, *parts: object) -> bytes:
    """Return a digest of plain data, of this version of Python, and of all that analyses."""
    whole = (__version__, sys.version_info[:3], _own_code(key), *parts)
    return digest(msgspec.msgpack.encode(whole, order="deterministic", enc_hook=str), key)


@cache
def _own_code(key: bytes) -> tuple[tuple[str, bytes], ...]:
    """Return digests of our own code, and of the version of LibCST.

    What is installed elsewhere, or anew, is of another time, and yet the same.
    """
    digests: list[tuple[str, bytes]] = []
    parser = find_spec("libcst")
    if parser is not None and parser.origin is not None:
        version = os.path.join(os.path.dirname(parser.origin), "_version.py")
        digests.append(("libcst", digest(_content(version), key)))
    top = Path(__file__).parent.parent
    for folder, folders_, files in os.walk(top):
        folders_[:] = sorted(name for name in folders_ if name != "__pycache__")
        for name in sorted(files):
            if name.endswith(".py"):
                digests.append((name, digest(_content(os.path.join(folder, name)), key)))
    return tuple(digests)


def _content(path: str) -> bytes:
    with suppress(OSError), open(path, "rb", buffering=0) as file:
        return file.read()
    return b""
