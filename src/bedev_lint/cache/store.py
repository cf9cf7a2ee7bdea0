"""What a cache keeps, in one SQLite file: rows by kind and name, and blobs by their digests.

Rows are small and read a kind at a time, blobs are large and read as they are asked for. A change
is written whole or not at all. All that is read is of one version of the file: what another run
has written since is never mixed with it.
"""

from __future__ import annotations

import os
import sqlite3
from binascii import crc32
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bedev_lint.cache.kept import Row, Unusable

__all__ = ["Store"]

# Whoever opens a file next undoes a change that ended half-way. What a failing machine leaves
# behind is told by checksums, so nothing waits for the disk.
_SETTINGS = ("PRAGMA synchronous = OFF", "PRAGMA trusted_schema = OFF")
_TABLES = (
    "DROP TABLE IF EXISTS rows",
    "DROP TABLE IF EXISTS blobs",
    # What is looked for stands before what is long.
    "CREATE TABLE rows (kind TEXT, name TEXT, seal INTEGER, facts BLOB, places BLOB, data BLOB,"
    " PRIMARY KEY (kind, name)) WITHOUT ROWID",
    "CREATE TABLE blobs (digest BLOB PRIMARY KEY, seal INTEGER, data BLOB)",
)
_FORGET = (
    "DELETE FROM blobs WHERE digest NOT IN"
    " (SELECT facts FROM rows UNION ALL SELECT places FROM rows)"
)
# How long to wait for another run that is writing, in seconds.
_PATIENCE = 2.0
# The words of an error may quote what is damaged, which is then no text.
_ERRORS = (sqlite3.Error, UnicodeDecodeError)
# What SQLite says of a file that need not be damaged.
_OUT_OF_REACH = ("locked", "unable to open", "readonly")


class Store:
    """One file of a cache. It is opened when something is asked of it, until it is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        # Of what was read first; 0 where there is nothing, None as long as nothing was read.
        self._version: int | None = None

    def rows(self, kind: str) -> dict[str, bytes]:
        """Return all rows of a kind, by their names. Raises Unusable."""
        query = "SELECT name, data, seal FROM rows WHERE kind = ?"
        return {
            name: self._checked(data, seal, f"{kind} {name}".encode())
            for name, data, seal in self._read(query, kind)
        }

    def blob(self, key: bytes) -> bytes:
        """Return the blob with a digest. Raises Unusable."""
        for data, seal in self._read("SELECT data, seal FROM blobs WHERE digest = ?", key):
            return self._checked(data, seal, key)
        raise self._damaged()

    def blobs(self) -> dict[bytes, bytes]:
        """Return all blobs, by their digests. Raises Unusable."""
        found = self._read("SELECT digest, data, seal FROM blobs")
        return {key: self._checked(data, seal, key) for key, data, seal in found}

    def write(
        self, rows: Iterable[Row], gone: Iterable[tuple[str, str]], blobs: Mapping[bytes, bytes]
    ) -> None:
        """Write rows, drop those `gone` (by kind and name), and all blobs that none speaks of.

        Nothing is written where nothing can be, or where another has written since.
        """
        with suppress(*_ERRORS):
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            version = _number(connection, "user_version")
            if version == self._version:
                _write(connection, version, rows, gone, blobs)
                self._version = version + 1
            connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file: not to be open when this process is copied."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        if self._version == 0:
            return []
        try:
            connection = self._connected()
            connection.execute("BEGIN")
            version = _number(connection, "user_version")
            if self._version is None:
                self._version = version
                if version and _number(connection, "application_id") != _whole(connection):
                    raise self._damaged()
            found = connection.execute(query, values).fetchall() if version else []
            connection.execute("COMMIT")
        except _ERRORS as error:
            self.close()
            if any(reason in str(error) for reason in _OUT_OF_REACH):
                raise Unusable from error
            raise self._damaged() from error
        if version != self._version:
            raise Unusable
        return found

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            self._connection = connection
            for setting in _SETTINGS:
                connection.execute(setting)
        return self._connection

    def _checked(self, data: object, seal: object, name: object) -> bytes:
        """Return data if it is what was written under this name. Raises Unusable."""
        if not (isinstance(data, bytes) and isinstance(name, bytes) and _seal(data, name) == seal):
            raise self._damaged()
        return data

    def _damaged(self) -> Unusable:
        """Remove the file, so that another is written; return what to raise."""
        self.close()
        for path in (f"{self._path}-journal", self._path):  # never a journal without its file
            with suppress(OSError):
                os.unlink(path)
        return Unusable()


def _number(connection: sqlite3.Connection, name: str) -> int:
    """Return a number that stands in the head of the file."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _whole(connection: sqlite3.Connection) -> int:
    """Return a checksum of all rows but those of files, which belong together."""
    seals = connection.execute("SELECT seal FROM rows WHERE kind <> 'file' ORDER BY kind, name")
    return crc32(repr(seals.fetchall()).encode()) >> 1  # a signed number of 32 bits


def _write(
    connection: sqlite3.Connection,
    version: int,
    rows: Iterable[Row],
    gone: Iterable[tuple[str, str]],
    blobs: Mapping[bytes, bytes],
) -> None:
    for statement in () if version else _TABLES:
        connection.execute(statement)
    connection.executemany("DELETE FROM rows WHERE kind = ? AND name = ?", gone)
    connection.executemany(
        "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?)",
        (
            (kind, name, _seal(data, f"{kind} {name}".encode()), facts, places, data)
            for kind, name, data, facts, places in rows
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)",
        ((key, _seal(data, key), data) for key, data in blobs.items()),
    )
    connection.execute(_FORGET)
    connection.execute(f"PRAGMA user_version = {version + 1}")
    connection.execute(f"PRAGMA application_id = {_whole(connection)}")


def _seal(data: bytes, name: bytes) -> int:
    return crc32(data, crc32(name))
