"""One line a problem: `path:line:column: CODE message`."""

from __future__ import annotations

from collections.abc import Sequence

from bedev_lint.escaping import escape
from bedev_lint.model import Diagnostic
from bedev_lint.report.text import Page, marked, paint, painted_rule, shown_path, statistics

__all__ = ["render"]


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return a line for each diagnostic, or the statistics alone if they are asked for."""
    if page.statistics:
        return statistics(diagnostics)
    return "".join(f"{_line(diagnostic, page)}\n" for diagnostic in diagnostics)


def _line(diagnostic: Diagnostic, page: Page) -> str:
    start = diagnostic.span.start
    where = f"{shown_path(diagnostic.filename, page.base)}:{start.row}:{start.column}"
    code = painted_rule(diagnostic.code, diagnostic, page)
    mark = marked(diagnostic, page)
    return f"{paint(where, 'strong', page.colour)}: {code}{mark} {escape(diagnostic.message)}"
