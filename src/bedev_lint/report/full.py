"""For people: where, what, the source with the place underlined, the path, what to do instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedev_lint.escaping import escape
from bedev_lint.model import Confidence, Diagnostic, Hop, Snippet
from bedev_lint.report.text import (
    Page,
    by_cause,
    cells,
    counted,
    implementing,
    marked,
    paint,
    painted_rule,
    shown_path,
    statistics,
    tally,
)

__all__ = ["render"]

# Of longer places the beginning and the end are shown.
_MOST_LINES = 7
_MOST_COLUMNS = 140
_MOST_CALLERS = 5


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return a paragraph for each cause and the closing summary (none, if quiet).

    Of findings whose statistics are asked for, return these alone.
    """
    if page.statistics and diagnostics:
        return statistics(diagnostics)
    parts = ["\n".join(_paragraph(group, page)) for group in by_cause(diagnostics)]
    if not page.quiet:
        parts.append(tally(diagnostics, page))
    return "\n\n".join(parts) + "\n" if parts else ""


def _paragraph(group: Sequence[Diagnostic], page: Page) -> Iterator[str]:
    first = group[0]
    yield from _one(first, page) if len(group) == 1 else _several(group, page)
    reached_from = list(
        dict.fromkeys(hop for diagnostic in group for hop in diagnostic.reached_from)
    )
    if reached_from:
        yield "  also reached from:"
        yield from _hops(reached_from[:_MOST_CALLERS], page)
        more = len(reached_from) - _MOST_CALLERS
        if more > 0:
            yield f"    and {counted(more, 'more function')}"
    for number, line in enumerate(first.help.strip().splitlines()):
        lead = paint("help:", "help", page.colour) if number == 0 else "     "
        yield f"  {lead} {escape(line.strip())}"


def _one(diagnostic: Diagnostic, page: Page) -> Iterator[str]:
    where = paint(_where(diagnostic, page), "strong", page.colour)
    notes = ", ".join([diagnostic.severity.value, *_doubt(diagnostic)])
    yield f"{where}: {_what(diagnostic, page)} ({notes}){marked(diagnostic, page)}"
    yield f"  {escape(diagnostic.message)}"
    if diagnostic.snippet is not None:
        yield from _source(diagnostic.snippet, diagnostic, page)
    if diagnostic.also_at:
        places = ", ".join(f"{place.row}:{place.column}" for place in diagnostic.also_at)
        yield f"  also at {places}"
    if len({(hop.filename, hop.location) for hop in diagnostic.path}) > 1:
        yield "  path:"
        yield from _hops(diagnostic.path, page)


def _several(group: Sequence[Diagnostic], page: Page) -> Iterator[str]:
    """Return what diagnostics share once, then the places that lead there."""
    first = group[0]
    places = counted(len(group), "place")
    yield f"{_what(first, page)} ({first.severity.value}): one cause, reached from {places}"
    yield "  shared path:"
    yield from _hops(first.path[1:], page)
    yield "  reached from:"
    for diagnostic in group:
        where = paint(_where(diagnostic, page), "strong", page.colour)
        notes = "".join(f" ({doubt})" for doubt in _doubt(diagnostic))
        yield f"    {where}: {escape(diagnostic.path[0].function)}{notes}{marked(diagnostic, page)}"


def _where(diagnostic: Diagnostic, page: Page) -> str:
    start = diagnostic.span.start
    return f"{shown_path(diagnostic.filename, page.base)}:{start.row}:{start.column}"


def _what(diagnostic: Diagnostic, page: Page) -> str:
    return painted_rule(f"{diagnostic.code} {diagnostic.name}", diagnostic, page)


def _doubt(diagnostic: Diagnostic) -> list[str]:
    return [] if diagnostic.confidence is Confidence.CERTAIN else [diagnostic.confidence.value]


def _hops(hops: Sequence[Hop], page: Page) -> Iterator[str]:
    names = [escape(hop.function) for hop in hops]
    widest = max(map(len, names))
    for name, hop in zip(names, hops, strict=True):
        place = f"{shown_path(hop.filename, page.base)}:{hop.location.row}:{hop.location.column}"
        yield f"    {name:<{widest}}  {paint(place, 'faint', page.colour)}"
        yield from implementing(hop)


def _source(snippet: Snippet, diagnostic: Diagnostic, page: Page) -> Iterator[str]:
    """Return the lines of the place, each over the marks that underline it."""
    last = len(snippet.lines) - 1
    width = len(str(snippet.first_row + last))
    bar = paint("|", "faint", page.colour)
    yield f"  {'':{width}} {bar}"
    for number, line in enumerate(snippet.lines):
        if last >= _MOST_LINES and _MOST_LINES - 2 <= number < last:
            if number == _MOST_LINES - 2:
                yield f"  {'':{width}} {bar} ..."
            continue
        start = snippet.start - 1 if number == 0 else len(line) - len(line.lstrip())
        end = snippet.end - 1 if number == last else len(line.rstrip())
        text, marks = _underlined(line, start, end)
        row = paint(f"{snippet.first_row + number:>{width}}", "faint", page.colour)
        yield f"  {row} {bar} {text}".rstrip()
        if marks:
            indent = " " * (len(marks) - len(marks.lstrip()))
            marks = paint(marks.lstrip(), diagnostic.severity, page.colour)
            yield f"  {'':{width}} {bar} {indent}{marks}"


def _underlined(line: str, start: int, end: int) -> tuple[str, str]:
    """Return a line as it is shown, and the marks below its characters from start to end."""
    shown = cells(line)
    start = min(start, len(shown))
    # Of a line that is too long, what is around the place.
    first = max(0, start - _MOST_COLUMNS // 4) if len(shown) > _MOST_COLUMNS else 0
    window = shown[first : first + _MOST_COLUMNS]
    before = "..." if first else ""
    after = "..." if first + _MOST_COLUMNS < len(shown) else ""
    text = before + "".join(char for char, _ in window) + after
    lead = len(before) + sum(width for _, width in shown[first:start])
    length = sum(width for _, width in shown[start : min(end, first + _MOST_COLUMNS)])
    if not line.strip():
        return text, ""
    return text, " " * lead + "^" * max(1, length)
