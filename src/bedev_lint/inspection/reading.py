"""What is known of every file: kept from before, or read now."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Sequence

import msgspec

from bedev_lint.cache.project import Cache, Entry
from bedev_lint.inspection.plan import SourceFile
from bedev_lint.inspection.source_map import decoded, span_of, statement_of
from bedev_lint.inspection.workers import Inspected, Wanted, Workers
from bedev_lint.model import FileReport, Shown, SiteRef, SourceMap, Span
from bedev_lint.source import Statement

__all__ = ["Reading"]


class Reading:
    """The entries of these sources, and their reports (without facts), in the order given.

    So many of them were `analysed`; the others are known from before.
    """

    def __init__(
        self,
        sources: Sequence[SourceFile],
        workers: Workers,
        cache: Cache,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._sources = {source.relative: source for source in sources}
        self._workers, self._cache = workers, cache
        self._places: dict[str, SourceMap] = {}
        entries = {source.relative: self._unchanged_entry(source) for source in sources}
        unread = [
            dataclasses.replace(source, memo=cache.memo(source.relative))
            for source in sources
            if entries[source.relative] is None
        ]
        for source, inspected in workers.inspect(unread, progress):
            entries[source.relative] = self._entry_of(source, inspected)
        self.entries = {name: entry for name, entry in entries.items() if entry is not None}
        decode = msgspec.msgpack.Decoder(FileReport).decode
        self.reports = {
            name: _with_path(decode(entry.report), path) if entry.report else FileReport(path)
            for name, entry in self.entries.items()
            for path in [self._sources[name].path]
        }
        self.analysed = sum(self.reports[source.relative].is_parsed for source in unread)

    def _unchanged_entry(self, source: SourceFile) -> Entry | None:
        entry = self._cache.fresh(source.relative, source.path, source.data)
        if entry is None or not entry.is_read:
            return None
        # Another `__init__.py` makes another module of a file that is the same, and where other
        # files are, other rules may look at it.
        was, wanted = _read_as(entry), (source.module, source.is_package, source.rules)
        return entry if was == wanted else None

    def _entry_of(self, source: SourceFile, inspected: Inspected) -> Entry:
        before = self._cache.fresh(source.relative, source.path, source.data)
        entry = Entry(
            inspected.stamp,
            inspected.content,
            before.contexts if before is not None else None,
            source.module,
            source.is_package,
            True,
            inspected.report,
            inspected.names,
            self._cache.add_blob(inspected.facts),
            len(inspected.facts),
            self._cache.add_blob(inspected.places),
            memo=inspected.memo,
            rules=source.rules,
        )
        # What could not be read may be readable next time, though nothing of it changes.
        if inspected.content:
            self._cache.set_entry(source.relative, entry)
        return entry

    def places(self, name: str) -> SourceMap:
        """Return where all stands in a file. Raises Unusable."""
        key = self.entries[name].places
        return decoded(self._cache.blob(key) if key else b"")

    def span(self, name: str, ref: SiteRef) -> Span:
        """Return where a site stands, or where a function has its name. Raises Unusable."""
        return span_of(self._places_of(name), ref)

    def _places_of(self, name: str) -> SourceMap:
        if name not in self._places:
            self._places[name] = self.places(name)
        return self._places[name]

    def shown(self, wanted: Iterable[tuple[str, SiteRef]]) -> dict[tuple[str, Span], Shown]:
        """Return how the places of sites may be shown; those of files that have changed are not."""
        statements: dict[str, dict[Span, Statement]] = {}
        for name, ref in wanted:
            statement = statement_of(self._places_of(name), ref)
            statements.setdefault(name, {})[self.span(name, ref)] = statement
        shown_by_name = {name: _decoded(self.entries[name]) for name in statements}
        unknown = [
            Wanted(self._sources[name], self.entries[name].content, new)
            for name, spans in statements.items()
            if (
                new := tuple(
                    (s, span) for span, s in spans.items() if span not in shown_by_name[name]
                )
            )
        ]
        for item, shown in self._workers.shown(unknown):
            name = item.source.relative
            shown_by_name[name].update(zip((span for _, span in item.places), shown, strict=False))
            self.entries[name].shown = msgspec.msgpack.encode(list(shown_by_name[name].items()))
            self._cache.set_entry(name, self.entries[name])
        return {
            (name, span): one for name, all_ in shown_by_name.items() for span, one in all_.items()
        }


def _read_as(entry: Entry) -> tuple[str, bool, tuple[str, ...] | None]:
    return entry.module, entry.is_package, entry.rules


def _with_path(report: FileReport, path: str) -> FileReport:
    """Return a report that was kept as one of the file at a path, which may not be UTF-8."""
    path = os.fsencode(path).decode("utf-8", "backslashreplace")
    problems = tuple(msgspec.structs.replace(problem, filename=path) for problem in report.problems)
    return msgspec.structs.replace(report, path=path, problems=problems)


def _decoded(entry: Entry) -> dict[Span, Shown]:
    return dict(_SHOWN.decode(entry.shown)) if entry.shown else {}


_SHOWN = msgspec.msgpack.Decoder(tuple[tuple[Span, Shown], ...])
