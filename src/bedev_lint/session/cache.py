"""What is known of files that have not changed since: `.bedev_lint_cache/`.

Nothing in it is needed, and nothing in it is believed: what cannot be read, or was written
by another version, for other rules, or of other content, is as good as not there. Writing
fails silently where nothing may be written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from bedev_lint import __version__
from bedev_lint.session import folder as folders
from bedev_lint.session.stamps import Stamp, digest, stamp, trusted
from bedev_lint.session.store import Damaged, Row, Store

__all__ = ["Cache", "Damaged", "Entry", "Row", "key_of"]


class Entry(Struct, array_like=True):
    """What is known of one file.

    `stamp` is its size, time of change and inode, `content` its digest, `contexts` those of
    the catalog that it belongs to as a whole (None: not asked). `module` and `is_package` are
    what it was read as. `report` and `names` are what was read; `facts` and `places` are the
    digests of more of that, empty if there is none, and `size` is how many bytes the facts have.
    `shown` says how places of it may be shown, as far as this has been asked for, and `memo` what
    of the report stays as it is when something else in the file changes.
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


class Cache:
    """What is known of a project for one set of rules. `folder` None: nothing is kept."""

    def __init__(self, folder: Path | None, key: bytes) -> None:
        # Made before anything is looked at, and not as a change to what was.
        self.folder = folder if folder is not None and folders.prepared(folder) else None
        self._store = Store(self.folder / f"project-{key.hex()}.sqlite") if self.folder else None
        try:
            self._begin({name: _ENTRY.decode(data) for name, data in self.rows("file").items()})
        except Damaged:
            self.discard()

    def _begin(self, entries: dict[str, Entry]) -> None:
        self._entries = entries
        self._asked: dict[str, Entry | None] = {}
        self._read: dict[bytes, bytes] = {}
        # What this run has found: entries, by name; other rows; blobs.
        self._changed: set[str] = set()
        self._rows: dict[tuple[str, str], Row | None] = {}
        self._new: dict[bytes, bytes] = {}

    def discard(self) -> None:
        """Forget all that was kept, and all that this run has found so far."""
        if self._store is not None:
            self._store.remove()
        self._begin({})

    # ------------------------------------------------------------------ files

    def fresh(self, name: str, path: str) -> Entry | None:
        """Return what is known of a file, if it is still the same."""
        if self.folder is None:
            return None
        if name not in self._asked:
            entry = self._entries.get(name)
            is_same = entry is not None and self._is_same(name, entry, path)
            self._asked[name] = entry if is_same else None
        return self._asked[name]

    def _is_same(self, name: str, entry: Entry, path: str) -> bool:
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
        entry.stamp = seen
        self._changed.add(name)
        return True

    def memo(self, name: str) -> bytes:
        """Return what is known of what was found in a file, even if it is not the same."""
        entry = self._entries.get(name)
        return entry.memo if entry is not None else b""

    def put(self, name: str, entry: Entry) -> None:
        """Keep what is known of a file."""
        # A name that is not UTF-8 cannot be written; its file cannot be analysed either.
        if name.isascii() or name.encode("utf-8", "replace").decode() == name:
            self._entries[name] = self._asked[name] = entry
            self._changed.add(name)

    def note(self, name: str, path: str, contexts: frozenset[str]) -> None:
        """Keep the contexts of a file that has not been read, as it is now."""
        if self.folder is not None:
            with suppress(OSError):
                seen = trusted(stamp(os.stat(path)))
                known = tuple(sorted(contexts))
                self.put(name, Entry(seen, b"", known, memo=self.memo(name)))

    # ------------------------------------------------------------------ blobs

    def hold(self, data: bytes) -> bytes:
        """Keep a blob for as long as something kept speaks of it; return its digest."""
        if not data:
            return b""
        key = digest(data)
        self._new[key] = data
        return key

    def blob(self, key: bytes) -> bytes:
        """Return the blob with a digest. Raises Damaged."""
        data = self._new.get(key) or self._read.get(key)
        if data is None:
            if self._store is None:
                raise Damaged
            data = self._read[key] = self._store.blob(key)
        return data

    def load(self) -> None:
        """Read all blobs, so that none is read from the disk after this. Raises Damaged."""
        if self._store is not None:
            self._read = self._store.blobs()
            known = {*self._read, *self._new, b""}
            if not all({e.facts, e.places} <= known for e in self._asked.values() if e is not None):
                raise Damaged

    # ------------------------------------------------------------------ rows of other kinds

    def rows(self, kind: str) -> dict[str, bytes]:
        """Return what was kept of a kind before this run, by name. Raises Damaged."""
        return self._store.rows(kind) if self._store is not None else {}

    def keep(self, row: Row) -> None:
        """Keep a row, instead of any other of this kind and name."""
        self._rows[row.kind, row.name] = row

    def drop(self, kind: str, name: str) -> None:
        """Keep a row no longer."""
        self._rows[kind, name] = None

    # ------------------------------------------------------------------ writing

    def save(self, current: Iterable[str]) -> None:
        """Write what has been found, and forget all files but the current ones."""
        if self._store is None or self.folder is None:
            return
        left = set(current)
        for name in [name for name in self._entries if name not in left]:
            del self._entries[name]
            self.drop("file", name)
        for name in self._changed & left:
            entry = self._entries[name]
            self.keep(Row("file", name, _ENCODE(entry), entry.facts, entry.places))
        if self._rows:
            rows = [row for row in self._rows.values() if row is not None]
            gone = [name for name, row in self._rows.items() if row is None]
            self._store.write(rows, gone, self._new)
            folders.tidy(self.folder, "project")


_ENTRY = msgspec.msgpack.Decoder(Entry)
_ENCODE = msgspec.msgpack.Encoder().encode


def key_of(*parts: object) -> bytes:
    """Return a digest of plain data, and of these versions of bedev-lint and Python."""
    whole = (__version__, sys.version_info[:3], _own_stamp(), *parts)
    return digest(msgspec.msgpack.encode(whole, order="deterministic", enc_hook=str))


def _own_stamp() -> list[tuple[str, int, int]]:
    """Return what bedev-lint's own code looks like: in a checkout it changes between versions."""
    found = []
    top = Path(__file__).parent.parent
    for folder, folders_, files in os.walk(top):
        folders_[:] = sorted(name for name in folders_ if name != "__pycache__")
        for name in sorted(files):
            if name.endswith(".py"):
                seen = os.stat(os.path.join(folder, name))
                found.append((name, seen.st_size, seen.st_mtime_ns))
    return found
