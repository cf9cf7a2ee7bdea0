"""An inverted index: which modules of the whole program have a name in theirs."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from bedev_lint.program.structure.module_index import Index

__all__ = ["Names"]

Postings = dict[str, list[int]]

_TABLES = (
    "calls",
    "methods",
    "classes",
    "bases",
    "defined",
    "properties",
    "attributes",
    "loading",
    "starred",
)


class Names:
    """For each table of an index, and each name in it, the numbers of the modules in order.

    Made of what was `kept` of them (by table, as MessagePack), which is read when it is asked for.
    """

    def __init__(self, kept: Mapping[str, bytes]) -> None:
        self._kept = kept
        self._tables: dict[str, Postings] = {}
        # The tables that are not as they were kept.
        self.changed: set[str] = set()

    @classmethod
    def of(cls, indices: Iterable[tuple[int, Index]]) -> Names:
        """Return the names of modules, given their numbers and indices in order."""
        names = cls({})
        names._tables = {table: {} for table in _TABLES}
        names.changed.update(_TABLES)
        for module, index in indices:
            for table, postings in names._tables.items():
                for name in _names(index, table):
                    postings.setdefault(name, []).append(module)
        return names

    def table(self, table: str) -> Mapping[str, Sequence[int]]:
        """Return the modules that have a name in this table of their index, by name."""
        return self._table(table)

    def modules(self, table: str, name: str) -> Sequence[int]:
        """Return the modules that have a name in this table of their index."""
        return self._table(table).get(name, ())

    def replace(self, module: int, old: Index, new: Index) -> set[tuple[str, str]]:
        """Put the index of a module for another.

        Return the names that no module had in a table and one has now, or the other way round.
        """
        turned = set()
        for table in _TABLES:
            before, after = set(_names(old, table)), set(_names(new, table))
            if before == after:
                continue
            self.changed.add(table)
            postings = self._table(table)
            for name in before - after:
                modules = postings[name]
                del modules[bisect_left(modules, module)]
                if not modules:
                    del postings[name]
                    turned.add((table, name))
            for name in after - before:
                if name not in postings:
                    turned.add((table, name))
                insort(postings.setdefault(name, []), module)
        return turned

    def written(self) -> dict[str, bytes]:
        """Return what is to be kept of the tables that have changed."""
        return {table: msgspec.msgpack.encode(self._tables[table]) for table in self.changed}

    def _table(self, table: str) -> Postings:
        if table not in self._tables:
            self._tables[table] = _POSTINGS(self._kept[table])
        return self._tables[table]


_POSTINGS = msgspec.msgpack.Decoder(Postings).decode


def _names(index: Index, table: str) -> Iterable[str]:
    if table == "bases":
        return {base for _, bases in index.derived for base in bases}
    names: Iterable[str] = getattr(index, table)
    return names
