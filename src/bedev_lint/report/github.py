"""Workflow commands of GitHub Actions: findings become annotations beside the code of a change.

GitHub shows ten annotations of each level for a step and drops the others, so the most severe are
annotated, the others stand in the log, and a notice says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bedev_lint.escaping import escape
from bedev_lint.model import Diagnostic, Hop, Severity
from bedev_lint.report.text import Page, by_severity, counted, repository_path

__all__ = ["render"]

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST_OF_A_LEVEL = 10
# One is for what is said of the others.
_MOST = {Severity.INFO: _MOST_OF_A_LEVEL - 1}


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return a command for each diagnostic that GitHub shows, and lines about all others."""
    counts: Counter[Severity] = Counter()
    annotated: list[Diagnostic] = []
    others: list[Diagnostic] = []
    for diagnostic in by_severity(diagnostics):
        severity = diagnostic.severity
        counts[severity] += 1
        is_shown = counts[severity] <= _MOST.get(severity, _MOST_OF_A_LEVEL)
        (annotated if is_shown else others).append(diagnostic)
    lines = [_command(diagnostic, page) for diagnostic in annotated]
    if others:
        total = counted(len(diagnostics), "finding")
        text = f"{len(annotated)} of {total} are annotated; the log of this step has the others."
        lines.append(f"::notice title=bedev-lint::{text}")
        lines += [_line(diagnostic, page) for diagnostic in others]
    return "".join(f"{line}\n" for line in lines)


def _command(diagnostic: Diagnostic, page: Page) -> str:
    start, end = diagnostic.span.start, diagnostic.span.end
    path = escape(repository_path(diagnostic.filename, page))
    properties = {"file": path, "line": str(start.row), "col": str(start.column)}
    if end.row == start.row and end.column > start.column:
        properties |= {"endLine": str(end.row), "endColumn": str(end.column)}
    properties["title"] = f"{diagnostic.code} {diagnostic.name}"
    property_list = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join(_text(diagnostic, page))
    return f"::{_LEVELS[diagnostic.severity]} {property_list}::{_data(text)}"


def _text(diagnostic: Diagnostic, page: Page) -> Iterator[str]:
    yield escape(diagnostic.message)
    for hop in diagnostic.path[1:]:
        yield f"  → {_hop(hop, page)}"
    yield from (escape(line.strip()) for line in diagnostic.help.strip().splitlines())


def _hop(hop: Hop, page: Page) -> str:
    path = escape(repository_path(hop.filename, page))
    return f"{escape(hop.function)}  {path}:{hop.location.row}"


def _line(diagnostic: Diagnostic, page: Page) -> str:
    """Return a line that is no command: one begins with `::`, and this with the code of a rule."""
    start = diagnostic.span.start
    where = f"{escape(repository_path(diagnostic.filename, page))}:{start.row}:{start.column}"
    return f"{diagnostic.code} {where}: {escape(diagnostic.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
