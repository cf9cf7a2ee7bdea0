"""What is known of every file: kept from before, or read now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from bedev_lint.model import FileReport, Shown, SiteRef, Span
from bedev_lint.session.cache import Cache, Entry
from bedev_lint.session.places import span_of, spans_of
from bedev_lint.session.plan import Source
from bedev_lint.session.stamps import digest
from bedev_lint.session.workers import Inspected, Wanted, Workers

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
        self._spans: dict[str, list[list[int]]] = {}
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
            found.spans,
        )
        # What could not be read may be readable next time, though nothing of it changes.
        if source.data is None and found.content:
            self._cache.put(source.relative, entry)
        return entry

    def span(self, name: str, ref: SiteRef) -> Span:
        """Return where a site stands; of a site before the first, that is its function."""
        if name not in self._spans:
            self._spans[name] = spans_of(self.entries[name].spans)
        return span_of(self._spans[name][ref.function], ref.site)

    def shown(self, wanted: Mapping[str, Collection[Span]]) -> dict[tuple[str, Span], Shown]:
        """Return how places may be shown; those of files that have changed are left out."""
        known = {name: _decoded(self.entries[name]) for name in wanted}
        unknown = [
            Wanted(self._sources[name], self.entries[name].content, new)
            for name, spans in wanted.items()
            if (new := tuple(span for span in spans if span not in known[name]))
        ]
        for item, shown in self._workers.shown(unknown):
            name = item.source.relative
            known[name].update(zip(item.spans, shown, strict=False))
            self.entries[name].shown = msgspec.msgpack.encode(list(known[name].items()))
            self._cache.changed = True
        return {
            (name, span): known[name][span]
            for name, spans in wanted.items()
            for span in spans
            if span in known[name]
        }


def _decoded(entry: Entry) -> dict[Span, Shown]:
    return dict(_SHOWN.decode(entry.shown)) if entry.shown else {}


_SHOWN = msgspec.msgpack.Decoder(tuple[tuple[Span, Shown], ...])
