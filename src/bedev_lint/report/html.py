"""All findings as one HTML page that needs nothing else: charts, filters, code and paths.

The page is `findings.html`, beside this file. As in the map of a project, nothing of the linted
project becomes markup, and no other script than the page's own may run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bedev_lint.escaping import escape, visible
from bedev_lint.model import Diagnostic, Hop, Snippet
from bedev_lint.report.page import filled
from bedev_lint.report.text import Page, repository_path, tally

__all__ = ["render"]


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return the page."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    return filled(
        "findings.html",
        {
            "tally": tally(diagnostics, page).splitlines(),
            "rules": {code: _rule(code, diagnostics, page) for code in codes},
            "findings": [_finding(diagnostic, page) for diagnostic in diagnostics],
        },
    )


def _rule(code: str, diagnostics: Sequence[Diagnostic], page: Page) -> dict[str, str]:
    rule = page.rules.get(code)
    if rule is None:
        name = next(diagnostic.name for diagnostic in diagnostics if diagnostic.code == code)
        return {"name": escape(name), "family": "", "title": "", "why": "", "url": ""}
    texts = {
        "name": rule.name,
        "family": rule.family,
        "title": rule.title,
        "why": " ".join(rule.why.split()),
        "url": rule.url,
    }
    return {key: escape(text) for key, text in texts.items()}


def _finding(diagnostic: Diagnostic, page: Page) -> dict[str, Any]:
    start = diagnostic.span.start
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "confidence": diagnostic.confidence.value,
        "message": escape(diagnostic.message),
        "help": [escape(line.strip()) for line in diagnostic.help.strip().splitlines()],
        "file": escape(repository_path(diagnostic.filename, page)),
        "row": start.row,
        "column": start.column,
        "source": _source(diagnostic.snippet) if diagnostic.snippet is not None else None,
        "path": [_hop(hop, page) for hop in diagnostic.path],
        "from": [_hop(hop, page) for hop in diagnostic.reached_from],
        "also": [f"{place.row}:{place.column}" for place in diagnostic.also_at],
    }


def _hop(hop: Hop, page: Page) -> list[str]:
    where = f"{escape(repository_path(hop.filename, page))}:{hop.location.row}"
    return [escape(hop.function), where]


def _source(snippet: Snippet) -> list[Any]:
    """Return the first row, and for each line what stands before, in and behind the place."""
    last = len(snippet.lines) - 1
    lines = []
    for number, line in enumerate(snippet.lines):
        start = snippet.start - 1 if number == 0 else len(line) - len(line.lstrip())
        end = snippet.end - 1 if number == last else len(line.rstrip())
        parts = (line[:start], line[start:end], line[max(start, end) :])
        lines.append([_shown(part) for part in parts])
    return [snippet.first_row, *lines]


def _shown(text: str) -> str:
    return "".join(char if char == "\t" else visible(char) for char in text)
