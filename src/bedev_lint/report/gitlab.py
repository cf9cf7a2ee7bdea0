"""GitLab's report of code quality: an array that its merge requests show beside the code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bedev_lint.model import Diagnostic, Severity
from bedev_lint.report.json import as_text
from bedev_lint.report.text import Page, repository_path

__all__ = ["render"]

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return the array, `[]` when clean."""
    return json.dumps([_issue(diagnostic, page) for diagnostic in diagnostics], indent=2) + "\n"


def _issue(diagnostic: Diagnostic, page: Page) -> dict[str, Any]:
    span, rule = diagnostic.span, page.rules.get(diagnostic.code)
    is_of_security = rule is not None and rule.security_severity > 0
    severity = _SEVERITIES[diagnostic.severity]
    return {
        "description": f"{diagnostic.code}: {as_text(diagnostic.message)}",
        "check_name": diagnostic.name,
        "fingerprint": diagnostic.fingerprint,
        "severity": "critical" if is_of_security and severity == "major" else severity,
        "location": {
            "path": as_text(repository_path(diagnostic.filename, page)),
            "lines": {"begin": span.start.row, "end": span.end.row},
        },
    }
