"""SARIF 2.1.0, as GitHub's code scanning and other viewers of findings read it.

Paths are relative to the root of the repository. A place is told by its first row alone, since
that is what viewers underline; a path is a code flow, and its hops are related places too.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from bedev_lint import __version__
from bedev_lint.catalog import Example, Rule
from bedev_lint.model import Confidence, Diagnostic, Fix, Hop, Location, Severity, Span
from bedev_lint.report.json import as_text
from bedev_lint.report.text import Page, by_severity, fenced, repository_path

__all__ = ["render"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# What code scanning takes: it keeps so many results, and shows so many places of each.
_MOST_RESULTS = 5_000
_MOST_PLACES = 100
_MOST_HOPS = 1_000
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_ROOT = "%SRCROOT%"


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return a log with one run. Of too many diagnostics the most severe are told, and that too."""
    reported = list(diagnostics)
    if len(reported) > _MOST_RESULTS:
        reported = by_severity(reported)[:_MOST_RESULTS]
    codes = sorted({diagnostic.code for diagnostic in reported})
    indices = {code: index for index, code in enumerate(codes)}
    run = {
        "tool": {
            "driver": {
                "name": "bedev-lint",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(code, reported, page) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(len(diagnostics) - len(reported), page)],
        "results": [_result(diagnostic, indices, page) for diagnostic in reported],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _invocation(left_out: int, page: Page) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": page.unchecked == 0}
    if left_out:
        text = f"The {_MOST_RESULTS} most severe findings are told; {left_out} more are left out."
        notification = {"level": "warning", "message": {"text": text}}
        invocation["toolExecutionNotifications"] = [notification]
    return invocation


# ------------------------------------------------------------------ rules


def _rule(code: str, diagnostics: Iterable[Diagnostic], page: Page) -> dict[str, Any]:
    rule = page.rules.get(code)
    if rule is None:
        name = next(diagnostic.name for diagnostic in diagnostics if diagnostic.code == code)
        return {"id": code, "name": name}
    return {
        "id": code,
        "name": rule.name,
        **({"helpUri": rule.url} if rule.url else {}),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": _one_line(rule.why) or rule.title},
        "help": {"text": "\n\n".join(_help(rule)), "markdown": "\n\n".join(_markdown(rule))},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": _properties(rule),
    }


def _properties(rule: Rule) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "tags": [rule.family] if not rule.security_severity else [rule.family, "security"],
        "precision": "high" if rule.default else "medium",
        "problem.severity": _PROBLEMS[rule.severity],
    }
    properties["tags"] += [f"external/cwe/cwe-{number:03}" for number in rule.cwe]
    if rule.security_severity:
        properties["security-severity"] = f"{rule.security_severity:.1f}"
    return properties


def _help(rule: Rule) -> list[str]:
    parts = [_one_line(rule.why), _one_line(rule.help)]
    return [part for part in parts if part] or [rule.title]


def _markdown(rule: Rule) -> list[str]:
    parts = [f"## {rule.code} {rule.name}: {rule.title}", *_help(rule)]
    for title, code in (("Reported", _first(rule, "bad")), ("Clean", _first(rule, "good"))):
        if code:
            parts.append(f"{title}:\n\n{fenced(code)}")
    return parts


def _first(rule: Rule, kind: str) -> str:
    examples: Iterable[Example] = rule.examples
    return next((code for code in (getattr(example, kind) for example in examples) if code), "")


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------------ results


def _result(diagnostic: Diagnostic, indices: dict[str, int], page: Page) -> dict[str, Any]:
    end = diagnostic.span.end if diagnostic.span.end.row == diagnostic.span.start.row else None
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": indices[diagnostic.code],
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": _message(diagnostic)},
        "locations": [_location(diagnostic.filename, diagnostic.span.start, page, end)],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{diagnostic.fingerprint}:1",
            "bedevLint/v1": diagnostic.fingerprint,
        },
        "rank": 100.0 if diagnostic.confidence is Confidence.CERTAIN else 50.0,
        "properties": {"confidence": diagnostic.confidence.value},
    }
    if diagnostic.path:
        result["codeFlows"] = [{"threadFlows": [{"locations": _flow(diagnostic, page)}]}]
    if diagnostic.fix is not None and diagnostic.fix.edits:
        result["fixes"] = [_fix(diagnostic.fix, diagnostic.filename, page)]
    related = _related(diagnostic, page)
    if related:
        result["relatedLocations"] = related
    return result


def _fix(fix: Fix, filename: str, page: Page) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": as_text(edit.text)}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": _artifact(filename, page), "replacements": replacements}
    return {"description": {"text": fix.message}, "artifactChanges": [change]}


def _region(span: Span) -> dict[str, int]:
    start, end = span.start, span.end
    return {
        "startLine": start.row,
        "startColumn": start.column,
        "endLine": end.row,
        "endColumn": end.column,
    }


def _message(diagnostic: Diagnostic) -> str:
    """Return the message; what could mean a link or a placeholder in it is escaped."""
    text = as_text(diagnostic.message)
    return re.sub(r"[\[\]\\]", r"\\\g<0>", text).replace("{", "{{").replace("}", "}}")


def _flow(diagnostic: Diagnostic, page: Page) -> list[dict[str, Any]]:
    return [
        {"location": _named(hop, page), "nestingLevel": level}
        for level, hop in enumerate(diagnostic.path[:_MOST_HOPS])
    ]


def _related(diagnostic: Diagnostic, page: Page) -> list[dict[str, Any]]:
    """Return the hops behind the first, further callers, and further places of the function."""
    places = [_named(hop, page) for hop in (*diagnostic.path[1:], *diagnostic.reached_from)]
    for span in diagnostic.also_at:
        places.append(
            _location(diagnostic.filename, span, page) | {"message": {"text": "also here"}}
        )
    return [{"id": number, **place} for number, place in enumerate(places[:_MOST_PLACES], 1)]


def _named(hop: Hop, page: Page) -> dict[str, Any]:
    text = as_text(hop.function)
    return {**_location(hop.filename, hop.location, page), "message": {"text": text}}


def _location(
    filename: str, start: Location, page: Page, end: Location | None = None
) -> dict[str, Any]:
    region = {"startLine": start.row, "startColumn": start.column}
    if end is not None and end.column > start.column:
        region |= {"endLine": end.row, "endColumn": end.column}
    return {"physicalLocation": {"artifactLocation": _artifact(filename, page), "region": region}}


def _artifact(filename: str, page: Page) -> dict[str, str]:
    path = repository_path(filename, page)
    uri = quote(os.fsencode(path))
    if os.path.isabs(path):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": _ROOT}
