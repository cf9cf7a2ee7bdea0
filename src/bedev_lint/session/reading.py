"""What is known of every file: kept from before, or read now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from bedev_lint.model import FileReport, SiteRef
from bedev_lint.session.cache import Cache, Entry
from bedev_lint.session.plan import Source
from bedev_lint.session.stamps import digest
from bedev_lint.session.workers import Inspected, Placed, Wanted, Workers

__all__ = ["Reading"]


class Reading:
    """The entries of these sources, and their reports (without facts), in the order given."""

    def __init__(
        self,
        sources: Sequence[Source],
        workers: Workers,
        cache: Cache,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._sources = {source.relative: source for source in sources}
        self._workers, self._cache = workers, cache
        known = {source.relative: self._known(source) for source in sources}
        unread = [source for source in sources if known[source.relative] is None]
        for source, found in workers.inspect(unread, progress):
            known[source.relative] = self._kept(source, found)
        self.entries = {name: entry for name, entry in known.items() if entry is not None}
        decode = msgspec.msgpack.Decoder(FileReport).decode
        self.reports = {
            name: decode(entry.report) if entry.report else FileReport(self._sources[name].path)
            for name, entry in self.entries.items()
        }

    def _known(self, source: Source) -> Entry | None:
        if source.data is not None:
            return None
        entry = self._cache.fresh(source.relative, source.path)
        if entry is None or not entry.is_read:
            return None
        # Another `__init__.py` makes another module of a file that is the same.
        is_same = (entry.module, entry.is_package) == (source.module, source.is_package)
        return entry if is_same else None

    def _kept(self, source: Source, found: Inspected) -> Entry:
        before = self._cache.fresh(source.relative, source.path)
        entry = Entry(
            found.stamp,
            found.content,
            before.contexts if before is not None else None,
            source.module,
            source.is_package,
            True,
            found.report,
            found.facts,
            digest(found.facts),
        )
        # What could not be read may be readable next time, though nothing of it changes.
        if source.data is None and found.content:
            self._cache.put(source.relative, entry)
        return entry

    def places(self, wanted: Mapping[str, Sequence[SiteRef]]) -> dict[tuple[str, SiteRef], Placed]:
        """Return where sites stand; those that no longer do are left out."""
        known = {
            name: {place.ref: place for place in _decoded(self.entries[name])} for name in wanted
        }
        unknown = [
            Wanted(self._sources[name], self.entries[name].content, self.entries[name].facts, new)
            for name, refs in wanted.items()
            if (new := tuple(ref for ref in refs if ref not in known[name]))
        ]
        for source, places in self._workers.places(unknown):
            name = source.relative
            known[name].update((place.ref, place) for place in places)
            self.entries[name].places = msgspec.msgpack.encode(list(known[name].values()))
            self._cache.changed = True
        return {
            (name, ref): known[name][ref]
            for name, refs in wanted.items()
            for ref in refs
            if ref in known[name]
        }


def _decoded(entry: Entry) -> tuple[Placed, ...]:
    return msgspec.msgpack.decode(entry.places, type=tuple[Placed, ...]) if entry.places else ()
