"""What a cache keeps, in one SQLite file: rows by kind and name, and blobs by their digests.

Rows are small and read all at once, blobs are large and read as they are asked for. A change
is written whole or not at all, and costs what is in it, not what is in the file.
"""

from __future__ import annotations

import os
import sqlite3
from binascii import crc32
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Damaged", "Row", "Store"]

# Whoever opens a file next undoes a change that ended half-way. What a failing machine leaves
# behind is told by checksums, so nothing waits for the disk.
_SETTINGS = ("PRAGMA synchronous = OFF", "PRAGMA trusted_schema = OFF")
_TABLES = (
    "DROP TABLE IF EXISTS rows",
    "DROP TABLE IF EXISTS blobs",
    "CREATE TABLE rows (kind TEXT, name TEXT, data BLOB, seal INTEGER, facts BLOB, places BLOB,"
    " PRIMARY KEY (kind, name)) WITHOUT ROWID",
    "CREATE TABLE blobs (digest BLOB PRIMARY KEY, data BLOB, seal INTEGER)",
)
_FORGET = (
    "DELETE FROM blobs WHERE digest NOT IN"
    " (SELECT facts FROM rows UNION ALL SELECT places FROM rows)"
)


class Damaged(Exception):
    """What was kept is not there any more, or is not what was written."""


class Row(NamedTuple):
    """Something kept, and the digests of the blobs that it speaks of, empty for none."""

    kind: str
    name: str
    data: bytes
    facts: bytes = b""
    places: bytes = b""


class Store:
    """One file of a cache. It is opened when something is asked of it, until it is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        # Of what was read first, 0 if nothing was written yet: a change is made to that alone.
        self._version: int | None = None

    def rows(self, kind: str) -> dict[str, bytes]:
        """Return all rows of a kind, by their names. Raises Damaged."""
        query = "SELECT name, data, seal FROM rows WHERE kind = ?"
        found = {}
        for name, data, seal in self._read(query, kind):
            found[name] = _checked(data, seal, f"{kind} {name}".encode())
        return found

    def blob(self, key: bytes) -> bytes:
        """Return the blob with a digest. Raises Damaged."""
        for data, seal in self._read("SELECT data, seal FROM blobs WHERE digest = ?", key):
            return _checked(data, seal, key)
        raise Damaged

    def blobs(self) -> dict[bytes, bytes]:
        """Return all blobs, by their digests. Raises Damaged."""
        found = self._read("SELECT digest, data, seal FROM blobs")
        return {key: _checked(data, seal, key) for key, data, seal in found}

    def write(
        self, rows: Iterable[Row], gone: Iterable[tuple[str, str]], blobs: Mapping[bytes, bytes]
    ) -> None:
        """Write rows, drop those `gone` (by kind and name), and all blobs that none speaks of.

        Nothing is written where nothing can be, or where another has written since.
        """
        with suppress(sqlite3.Error), self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if _version_of(connection) == self._version:
                _write(connection, self._version, rows, gone, blobs)
                self._version += 1
            connection.execute("COMMIT")
        self.close()

    def close(self) -> None:
        """Let go of the file; what is not written yet is lost."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def remove(self) -> None:
        """Remove the file; another may be written instead."""
        self.close()
        self._version = 0
        for path in (f"{self._path}-journal", self._path):  # never a journal without its file
            with suppress(OSError):
                os.unlink(path)

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._opened() as connection:
                if self._version is None:
                    self._version = _version_of(connection)
                return connection.execute(query, values).fetchall() if self._version else []
        except sqlite3.Error as error:
            raise Damaged from error

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            for setting in _SETTINGS:
                self._connection.execute(setting)
        yield self._connection


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _write(
    connection: sqlite3.Connection,
    version: int,
    rows: Iterable[Row],
    gone: Iterable[tuple[str, str]],
    blobs: Mapping[bytes, bytes],
) -> None:
    if version == 0:
        for statement in _TABLES:
            connection.execute(statement)
    connection.executemany("DELETE FROM rows WHERE kind = ? AND name = ?", gone)
    connection.executemany(
        "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?)",
        (
            (kind, name, data, _seal(data, f"{kind} {name}".encode()), facts, places)
            for kind, name, data, facts, places in rows
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)",
        ((key, data, _seal(data, key)) for key, data in blobs.items()),
    )
    connection.execute(_FORGET)
    connection.execute(f"PRAGMA user_version = {version + 1}")


def _checked(data: object, seal: object, name: object) -> bytes:
    """Return data if it is what was written under this name. Raises Damaged."""
    if not (isinstance(data, bytes) and isinstance(name, bytes) and _seal(data, name) == seal):
        raise Damaged
    return data


def _seal(data: bytes, name: bytes) -> int:
    return crc32(data, crc32(name))
