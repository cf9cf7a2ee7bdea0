"""Tables of GitHub's Markdown, as they stand in the summary of a job or in a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bedev_lint.escaping import escape
from bedev_lint.model import Diagnostic
from bedev_lint.report.text import Page, by_severity, how_often, repository_path, tally

__all__ = ["render"]

# A summary that is longer than 1 MiB is not shown at all.
_MOST = 200
_MOST_CHARACTERS = 200


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return what was found in short, how often each rule was broken, and the most severe."""
    lines = [
        "## bedev-lint",
        "",
        *(_escaped(line) + "  " for line in tally(diagnostics, page).splitlines()),
    ]
    if diagnostics:
        lines += ["", "| findings | rule | |", "|---:|---|---|"]
        for code, name, count in how_often(diagnostics):
            lines.append(f"| {count} | {code} | {_escaped(name)} |")
        lines += ["", "| | rule | place | finding |", "|---|---|---|---|"]
        lines += [_row(diagnostic, page) for diagnostic in by_severity(diagnostics)[:_MOST]]
    if len(diagnostics) > _MOST:
        lines += ["", f"and {len(diagnostics) - _MOST} more"]
    return "\n".join(lines) + "\n"


def _row(diagnostic: Diagnostic, page: Page) -> str:
    return "| " + " | ".join(_cells(diagnostic, page)) + " |"


def _cells(diagnostic: Diagnostic, page: Page) -> Iterator[str]:
    yield diagnostic.severity.value
    yield diagnostic.code
    path = escape(repository_path(diagnostic.filename, page))
    yield _escaped(f"{path}:{diagnostic.span.start.row}")
    yield _escaped(escape(diagnostic.message))


def _escaped(text: str) -> str:
    """Return text that stays what it is in a cell: what could mean anything, as an entity."""
    if len(text) > _MOST_CHARACTERS:
        text = text[: _MOST_CHARACTERS - 3] + "..."
    return re.sub(r"[^\w ./,;→()-]|_", lambda character: f"&#{ord(character[0])};", text)
