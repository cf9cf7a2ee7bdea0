"""What a cache keeps, in memory: for a process that runs again and again over one project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from bedev_lint.cache.kept import Row, Unusable

__all__ = ["MemoryStore"]


class MemoryStore:
    """Rows by kind and name, and blobs by their digests, like `Store`; it begins with these."""

    def __init__(
        self, rows: Iterable[Row] = (), blobs: Mapping[bytes, bytes] | None = None
    ) -> None:
        self._rows: dict[str, dict[str, Row]] = {}
        self._blobs = dict(blobs or {})
        self._add(rows)

    def rows(self, kind: str) -> dict[str, bytes]:
        """Return all rows of a kind, by their names."""
        return {name: row.data for name, row in self._rows.get(kind, {}).items()}

    def blob(self, key: bytes) -> bytes:
        """Return the blob with a digest. Raises Unusable."""
        try:
            return self._blobs[key]
        except KeyError:
            raise Unusable from None

    def blobs(self) -> dict[bytes, bytes]:
        """Return all blobs, by their digests."""
        return self._blobs

    def everything(self) -> tuple[list[Row], dict[bytes, bytes]]:
        """Return all rows, and all blobs by their digests."""
        return [row for rows in self._rows.values() for row in rows.values()], self._blobs

    def write(
        self, rows: Iterable[Row], gone: Iterable[tuple[str, str]], blobs: Mapping[bytes, bytes]
    ) -> None:
        """Keep rows, drop those `gone` (by kind and name), and all blobs that none speaks of."""
        for kind, name in gone:
            self._rows.get(kind, {}).pop(name, None)
        self._add(rows)
        every, _ = self.everything()
        in_use = {key for row in every for key in (row.facts, row.places)}
        self._blobs = {
            key: data for key, data in chain(self._blobs.items(), blobs.items()) if key in in_use
        }

    def close(self) -> None:
        """Let go of nothing: there is no file."""

    def _add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._rows.setdefault(row.kind, {})[row.name] = row
