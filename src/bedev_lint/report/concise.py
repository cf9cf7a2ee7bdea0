"""One line a problem: `path:line:column: CODE message`."""

from __future__ import annotations

from collections.abc import Sequence

from bedev_lint.escaping import escape
from bedev_lint.model import Diagnostic
from bedev_lint.report.text import Page, paint, shown_path, statistics

__all__ = ["render"]


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return a line for each diagnostic and nothing else, save the statistics if asked for."""
    lines = [_line(diagnostic, page) for diagnostic in diagnostics]
    if page.statistics and diagnostics:
        lines.append(statistics(diagnostics))
    return "".join(f"{line}\n" for line in lines)


def _line(diagnostic: Diagnostic, page: Page) -> str:
    start = diagnostic.span.start
    where = f"{shown_path(diagnostic.filename, page.base)}:{start.row}:{start.column}"
    code = paint(diagnostic.code, diagnostic.severity, page.colour)
    return f"{paint(where, 'strong', page.colour)}: {code} {escape(diagnostic.message)}"
