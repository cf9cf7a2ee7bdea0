"""What a cache keeps, in one SQLite file: rows by kind and name, and blobs by their digests.

Rows are small and read a kind at a time, blobs are large and read as they are asked for. A change
is written whole or not at all. All that is read is of one version of the file: what another run
has written since is never mixed with it.

Anybody may have made the file. So it must have the tables that we make and nothing else (a view
could run for ever), each row has a seal that names its place, and one seal holds those together
that must be of one version. A blob is its own proof: its digest is made with the key.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any

from bedev_lint.cache.kept import Row, Unusable
from bedev_lint.cache.trust import digest, is_equal, seal

__all__ = ["Store"]

# Whoever opens a file next undoes a change that ended half-way. What a failing machine leaves
# behind is told by checksums, so nothing waits for the disk.
_SETTINGS = ("PRAGMA synchronous = OFF", "PRAGMA trusted_schema = OFF")
_TABLES = {
    "head": "CREATE TABLE head (seal BLOB)",
    # What is looked for stands before what is long.
    "rows": "CREATE TABLE rows (kind TEXT, name TEXT, seal BLOB, facts BLOB, places BLOB,"
    " data BLOB, PRIMARY KEY (kind, name)) WITHOUT ROWID",
    "blobs": "CREATE TABLE blobs (digest BLOB PRIMARY KEY, data BLOB)",
}
# All that may be in a file besides: what SQLite makes by itself, of which it keeps no text.
_INDEX = "sqlite_autoindex_blobs_1"
# What SQLite writes beside a file.
_BESIDE = ("", "-journal", "-wal", "-shm")
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
    """One file of a cache. It is opened when something is asked of it, until it is closed.

    What it keeps is sealed with the key, and with the name of the file.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self._connection: sqlite3.Connection | None = None
        # Of what was read first; 0 where there is nothing, None as long as nothing was read.
        self._version: int | None = None

    def rows(self, kind: str) -> dict[str, bytes]:
        """Return all rows of a kind, by their names. Raises Unusable."""
        query = "SELECT kind, name, data, facts, places, seal FROM rows WHERE kind = ?"
        return {row[1]: self._checked(*row) for row in self._read(query, kind)}

    def blob(self, key: bytes) -> bytes:
        """Return the blob with a digest. Raises Unusable."""
        for (data,) in self._read("SELECT data FROM blobs WHERE digest = ?", key):
            return self._proved(data, key)
        raise self._damaged()

    def blobs(self) -> dict[bytes, bytes]:
        """Return all blobs, by their digests. Raises Unusable."""
        blobs = self._read("SELECT digest, data FROM blobs")
        return {key: self._proved(data, key) for key, data in blobs}

    def everything(self) -> tuple[list[Row], dict[bytes, bytes]]:
        """Return all rows, and all blobs by their digests. Raises Unusable."""
        fetched = self._read("SELECT kind, name, data, facts, places, seal FROM rows")
        rows = [Row(row[0], row[1], self._checked(*row), row[3], row[4]) for row in fetched]
        return rows, self.blobs()

    def write(
        self, rows: Iterable[Row], gone: Iterable[tuple[str, str]], blobs: Mapping[bytes, bytes]
    ) -> None:
        """Write rows, drop those `gone` (by kind and name), and all blobs that none speaks of.

        Nothing is written where nothing can be, or where another has written since.
        """
        try:
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            version = _number(connection, "user_version")
            if version == self._version and self._is_ours(connection, version):
                self._write(connection, version, rows, gone, blobs)
                self._version = version + 1
            connection.execute("COMMIT")
        except (*_ERRORS, Unusable):
            self.close()  # which undoes what is half done
        except BaseException:
            self.close()  # likewise where it was interrupted
            raise

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
                if not self._is_ours(connection, version):
                    raise self._damaged()
            fetched = connection.execute(query, values).fetchall() if version else []
            connection.execute("COMMIT")
        except _ERRORS as error:
            self.close()
            if any(reason in str(error) for reason in _OUT_OF_REACH):
                raise Unusable from error
            raise self._damaged() from error
        if version != self._version:
            raise Unusable
        return fetched

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            # SQLite follows links, and waits for what is no file.
            if not all(_is_plain(f"{self._path}{suffix}") for suffix in _BESIDE):
                raise Unusable
            connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            self._connection = connection
            for setting in _SETTINGS:
                connection.execute(setting)
        return self._connection

    def _write(
        self,
        connection: sqlite3.Connection,
        version: int,
        rows: Iterable[Row],
        gone: Iterable[tuple[str, str]],
        blobs: Mapping[bytes, bytes],
    ) -> None:
        for statement in () if version else _TABLES.values():
            connection.execute(statement)
        connection.executemany("DELETE FROM rows WHERE kind = ? AND name = ?", gone)
        connection.executemany(
            "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?)",
            (
                (row.kind, row.name, self._seal(row), row.facts, row.places, row.data)
                for row in rows
            ),
        )
        connection.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?)", blobs.items())
        connection.execute(_FORGET)
        connection.execute(f"PRAGMA user_version = {version + 1}")
        connection.execute("DELETE FROM head")
        connection.execute("INSERT INTO head VALUES (?)", (self._whole(connection, version + 1),))

    # ------------------------------------------------------------------ what is believed

    def _is_ours(self, connection: sqlite3.Connection, version: int) -> bool:
        """Return whether we have made what is there, and it is all of one version."""
        schema = dict(connection.execute("SELECT name, sql FROM sqlite_master").fetchall())
        if not version:
            return not schema
        if schema != {**_TABLES, _INDEX: None}:
            return False
        heads = connection.execute("SELECT seal FROM head").fetchall()
        return heads == [(self._whole(connection, version),)]

    def _whole(self, connection: sqlite3.Connection, version: int) -> bytes:
        """Return a seal of all rows but those of files, which belong together."""
        seals = connection.execute("SELECT seal FROM rows WHERE kind <> 'file' ORDER BY kind, name")
        together = repr((self._path.name, version, seals.fetchall()))
        return seal(self._key, b"whole", together.encode())

    def _seal(self, row: Row) -> bytes:
        place = (self._path.name.encode(), row.kind.encode(), row.name.encode())
        return seal(self._key, b"row", *place, row.facts, row.places, row.data)

    def _checked(
        self, kind: str, name: str, data: bytes, facts: bytes, places: bytes, sealed: bytes
    ) -> bytes:
        """Return data if it is what was written under this name. Raises Unusable."""
        try:
            if is_equal(self._seal(Row(kind, name, data, facts, places)), sealed):
                return data
        except (TypeError, AttributeError):
            pass  # SQLite keeps values of any type in any column
        raise self._damaged()

    def _proved(self, data: bytes, key: bytes) -> bytes:
        """Return data if this is its digest. Raises Unusable."""
        if isinstance(data, bytes) and digest(data, self._key) == key:
            return data
        raise self._damaged()

    def _damaged(self) -> Unusable:
        """Remove the file, so that another is written; return what to raise."""
        self.close()
        for path in (f"{self._path}-journal", self._path):  # never a journal without its file
            with suppress(OSError):
                os.unlink(path)
        return Unusable()


def _is_plain(path: str) -> bool:
    """Return whether a path is a file that is no link, or nothing at all."""
    try:
        return S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _number(connection: sqlite3.Connection, name: str) -> int:
    """Return a number that stands in the head of the file."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
