"""Which findings have to do with rows that have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bedev_lint.model import Diagnostic
from bedev_lint.source import Rows, is_among, merged

__all__ = ["touching"]


def touching(
    diagnostics: Iterable[Diagnostic], changes: Mapping[str, Sequence[Rows]]
) -> list[Diagnostic]:
    """Return the diagnostics that stand on changed rows, or whose path goes through one.

    `changes` are the ranges of rows that have changed, by the absolute paths of files.
    """
    changed_rows = {path: merged(row_ranges) for path, row_ranges in changes.items()}
    return [
        diagnostic
        for diagnostic in diagnostics
        if any(is_among(rows, changed_rows.get(path, ())) for path, rows in _places(diagnostic))
    ]


def _places(diagnostic: Diagnostic) -> Iterable[tuple[str, Rows]]:
    span = diagnostic.span
    yield diagnostic.filename, (span.start.row, span.end.row)
    for other_span in diagnostic.also_at:
        yield diagnostic.filename, (other_span.row, other_span.row)
    for hop in diagnostic.path:
        yield hop.filename, (hop.location.row, hop.location.row)
