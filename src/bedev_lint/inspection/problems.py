"""What is told of a file that could not be looked at as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from bedev_lint.catalog import Rule
from bedev_lint.model import Confidence, Diagnostic, Location, Span
from bedev_lint.program import TOO_LONG

__all__ = ["problem", "unlinked"]

_TOO_DEEP = frozenset({RecursionError.__name__, MemoryError.__name__})


def problem(path: str, rule: Rule, reason: str, location: Location = Location(1, 1)) -> Diagnostic:
    """Return what one of the linter's own rules says of a file."""
    return Diagnostic(
        rule.code,
        rule.name,
        rule.message.format_map({"reason": reason}),
        rule.severity,
        Confidence.CERTAIN,
        path,
        Span(location, location),
        rule.help,
    )


def unlinked(path: str, failure: str, linter: Mapping[str, Rule]) -> Diagnostic:
    """Return what is told of a file that could not be linked.

    `failure` is the name of the exception, `linter` are the linter's own rules by name.
    """
    if failure == TOO_LONG:
        reason = "linking it with other files takes longer than file-timeout allows"
        return problem(path, linter["analysis-limit"], reason)
    if failure in _TOO_DEEP:
        return problem(path, linter["analysis-limit"], "nested too deeply to link")
    return problem(path, linter["rule-crash"], f"linking with other files: {failure}")
