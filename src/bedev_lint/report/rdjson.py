"""reviewdog's diagnostic format, for comments on a change in any code host.

It counts columns in bytes of UTF-8 and we count characters: where both may differ, only the rows
are told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bedev_lint.escaping import escape
from bedev_lint.model import Diagnostic, Severity
from bedev_lint.report.json import as_text
from bedev_lint.report.text import Page, repository_path, rule_url

__all__ = ["render"]

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return one object with all diagnostics."""
    result = {
        "source": {"name": "bedev-lint"},
        "diagnostics": [_diagnostic(diagnostic, page) for diagnostic in diagnostics],
    }
    return json.dumps(result, indent=2) + "\n"


def _diagnostic(diagnostic: Diagnostic, page: Page) -> dict[str, Any]:
    path = as_text(repository_path(diagnostic.filename, page))
    return {
        "message": "\n".join([as_text(diagnostic.message), *_path(diagnostic, page)]),
        "location": {"path": path, "range": _range(diagnostic)},
        "severity": _SEVERITIES[diagnostic.severity],
        "code": _code(diagnostic, page),
    }


def _code(diagnostic: Diagnostic, page: Page) -> dict[str, str]:
    url = rule_url(diagnostic, page)
    return {"value": diagnostic.code, **({"url": url} if url else {})}


def _path(diagnostic: Diagnostic, page: Page) -> list[str]:
    return [
        f"→ {escape(hop.function)} {escape(repository_path(hop.filename, page))}:{hop.location.row}"
        for hop in diagnostic.path[1:]
    ]


def _range(diagnostic: Diagnostic) -> dict[str, dict[str, int]]:
    start, end = diagnostic.span.start, diagnostic.span.end
    if not _is_known_in_bytes(diagnostic):
        return {"start": {"line": start.row}, "end": {"line": end.row}}
    return {
        "start": {"line": start.row, "column": start.column},
        "end": {"line": end.row, "column": end.column},
    }


def _is_known_in_bytes(diagnostic: Diagnostic) -> bool:
    """Return whether all before the end of the place is shown as it is, and is ASCII.

    What is masked is not: its mark is no ASCII.
    """
    start, end, snippet = diagnostic.span.start, diagnostic.span.end, diagnostic.snippet
    if snippet is None or start.row != end.row or snippet.first_row != start.row:
        return False
    return snippet.lines[0][: end.column - 1].isascii() and snippet.start == start.column
