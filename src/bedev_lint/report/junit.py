"""JUnit's XML, which almost every CI shows: a suite for each file, a failure for each finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.etree import ElementTree

from bedev_lint.escaping import escape
from bedev_lint.model import Diagnostic
from bedev_lint.report.text import Page, repository_path

__all__ = ["render"]

_NAME = "bedev-lint"


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return the document; a clean run is one test that has passed."""
    root = ElementTree.Element("testsuites", {"name": _NAME, **_counts(diagnostics, page)})
    for filename, group in groupby(diagnostics, key=lambda diagnostic: diagnostic.filename):
        root.append(_suite(escape(repository_path(filename, page)), list(group), page))
    if not diagnostics:
        suite = ElementTree.SubElement(root, "testsuite", {"name": _NAME, **_counts((), page)})
        ElementTree.SubElement(suite, "testcase", {"name": "no findings", "classname": _NAME})
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _counts(diagnostics: Sequence[Diagnostic], page: Page) -> dict[str, str]:
    errors = sum(_is_error(diagnostic, page) for diagnostic in diagnostics)
    tests = max(1, len(diagnostics))
    counts = {"tests": tests, "failures": len(diagnostics) - errors, "errors": errors}
    return {name: str(count) for name, count in counts.items()}


def _suite(path: str, diagnostics: Sequence[Diagnostic], page: Page) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite", {"name": path, **_counts(diagnostics, page), "file": path}
    )
    for diagnostic in diagnostics:
        start = diagnostic.span.start
        name = f"{diagnostic.code} {diagnostic.name} at {start.row}:{start.column}"
        case = ElementTree.SubElement(suite, "testcase", {"name": name, "classname": path})
        kind = "error" if _is_error(diagnostic, page) else "failure"
        attributes = {"type": diagnostic.severity.value, "message": escape(diagnostic.message)}
        outcome = ElementTree.SubElement(case, kind, attributes)
        outcome.text = "\n".join(_text(diagnostic, page))
    return suite


def _is_error(diagnostic: Diagnostic, page: Page) -> bool:
    """Return whether this is no finding, but something that could not be looked at."""
    rule = page.rules.get(diagnostic.code)
    return rule is not None and rule.always


def _text(diagnostic: Diagnostic, page: Page) -> Iterable[str]:
    start = diagnostic.span.start
    path = escape(repository_path(diagnostic.filename, page))
    yield f"{path}:{start.row}:{start.column}: {diagnostic.code} {escape(diagnostic.message)}"
    for hop in diagnostic.path:
        where = f"{escape(repository_path(hop.filename, page))}:{hop.location.row}"
        yield f"  {escape(hop.function)}  {where}"
    for line in diagnostic.help.strip().splitlines():
        yield escape(line.strip())
