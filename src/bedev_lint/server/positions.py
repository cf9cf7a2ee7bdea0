"""Places of ours as those of the protocol: from 0, and in the units that the client counts in."""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol import types
from pygls.workspace import PositionCodec

from bedev_lint import filesystem
from bedev_lint.model import Location, Span
from bedev_lint.source import MAX_BYTES, Limit, Undecodable, decode
from bedev_lint.source.lines import lines

__all__ = ["Places"]


class Places:
    """Converts places of documents, given by path with their texts, and of other files.

    Lines end where the protocol says, which is where Python's end.
    """

    def __init__(self, codec: PositionCodec, texts: Mapping[str, str]) -> None:
        self._codec = codec
        self._lines = {path: lines(text) for path, text in texts.items()}

    def whole(self, path: str, span: Span) -> types.Range:
        """Return the range of a span."""
        return types.Range(self._position(path, span.start), self._position(path, span.end))

    def first_row(self, path: str, span: Span) -> types.Range:
        """Return the range of a span, of one that goes over several rows that on the first."""
        whole = self.whole(path, span)
        if whole.end.line == whole.start.line:
            return whole
        row = self._row(path, whole.start.line).rstrip("\r\n")
        units = self._codec.client_num_units(row)
        return types.Range(whole.start, types.Position(whole.start.line, units))

    def point(self, path: str, location: Location) -> types.Range:
        """Return the empty range at a place."""
        position = self._position(path, location)
        return types.Range(position, position)

    def _position(self, path: str, location: Location) -> types.Position:
        line = max(location.row - 1, 0)
        before = self._row(path, line)[: location.column - 1]
        return types.Position(line, self._codec.client_num_units(before))

    def _row(self, path: str, line: int) -> str:
        if path not in self._lines:
            self._lines[path] = lines(_text(path))
        rows = self._lines[path]
        return rows[line] if line < len(rows) else ""


def _text(path: str) -> str:
    """Return the text of a file, "" for none that can be read."""
    try:
        return decode(filesystem.read(path, MAX_BYTES)[0])
    except (OSError, Undecodable, Limit):
        return ""
