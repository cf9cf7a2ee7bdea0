r"""The contract that other programs build on: an array with an object for each problem.

Every object has exactly these keys:

    code, name, message    strings
    severity               "info", "warning" or "error"
    confidence             "likely" or "certain"
    filename               absolute path
    location               {"row": 1, "column": 1}; both count from 1, columns in characters
    end_location           the same, of the place just behind the last character
    path                   array of {"function", "filename", "location", "implementations"}, from
                           the reported function to the source of the effect; empty for visitor
                           rules. An abstract method that is called on the way stands in it where
                           it is written, with the names of what implements it (an array, empty
                           for all others); the next hop is in one of these
    reached_from           array of the same: further functions that reach it through this one,
                           the nearest hundred
    also_at                array of {"row", "column"}: further places in the same function, for
                           rules that report a function once
    fingerprint            string, stable while the statement stays in its function
    cause                  string, equal for problems of one rule whose paths are the same from the
                           second hop on; the fingerprint where no path is shared
    fix                    {"applicability": "safe" or "unsafe", "message", "edits"}, what `--fix`
                           does, an unsafe one with `--unsafe-fixes`; null if there is none. Each
                           edit is {"content", "location", "end_location"}: what to write between
                           two places. They do not overlap, and are in the order of the text
    url                    string, the page of the rule; null for rules of a project's own

With `--statistics` there is an object for each rule that was broken, the most frequent first: code,
name, and count, a number.

Keys may be added, none is renamed or removed. The text is ASCII; the bytes of a file name that are
not UTF-8 are written as `\xNN`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from bedev_lint.escaping import escape
from bedev_lint.model import Diagnostic, Fix, Hop, Location
from bedev_lint.report.text import Page, how_often, rule_url

__all__ = ["as_location", "as_object", "as_text", "render"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def render(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return the JSON array, `[]` when clean; the counts of rules if statistics are asked for."""
    if page.statistics:
        objects: list[dict[str, Any]] = [
            {"code": code, "name": name, "count": count}
            for code, name, count in how_often(diagnostics)
        ]
    else:
        objects = [as_object(diagnostic, page) for diagnostic in diagnostics]
    return json.dumps(objects, indent=2) + "\n"


def as_object(diagnostic: Diagnostic, page: Page) -> dict[str, Any]:
    """Return the object that the docstring above describes."""
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "message": as_text(diagnostic.message),
        "severity": diagnostic.severity.value,
        "confidence": diagnostic.confidence.value,
        "filename": as_text(diagnostic.filename),
        "location": as_location(diagnostic.span.start),
        "end_location": as_location(diagnostic.span.end),
        "path": [_hop(hop) for hop in diagnostic.path],
        "reached_from": [_hop(hop) for hop in diagnostic.reached_from],
        "also_at": [as_location(location) for location in diagnostic.also_at],
        "fingerprint": diagnostic.fingerprint,
        "cause": diagnostic.cause,
        "fix": _fix(diagnostic.fix),
        "url": rule_url(diagnostic, page) or None,
    }


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [
        {
            "content": edit.text,
            "location": as_location(edit.span.start),
            "end_location": as_location(edit.span.end),
        }
        for edit in fix.edits
    ]
    return {"applicability": fix.applicability.value, "message": fix.message, "edits": edits}


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "function": as_text(hop.function),
        "filename": as_text(hop.filename),
        "location": as_location(hop.location),
        "implementations": [as_text(function) for function in hop.implementations],
    }


def as_location(location: Location) -> dict[str, int]:
    """Return a location as all JSON of ours has it."""
    return {"row": location.row, "column": location.column}


def as_text(text: str) -> str:
    """Return text without lone surrogates, which strict readers of JSON refuse."""
    return text if text.isascii() else _SURROGATE.sub(lambda surrogate: escape(surrogate[0]), text)
