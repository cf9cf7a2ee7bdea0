"""An object for each problem, as in `json`, on a line of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bedev_lint.model import Diagnostic
from bedev_lint.report.json import as_object
from bedev_lint.report.text import Page

__all__ = ["render"]


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return a line for each diagnostic, nothing when clean."""
    return "".join(json.dumps(as_object(diagnostic, page)) + "\n" for diagnostic in diagnostics)
