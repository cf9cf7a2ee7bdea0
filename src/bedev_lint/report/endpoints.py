"""The endpoints of a project, for `bedev-lint endpoints`: as text, and as JSON for other programs.

The JSON is an array with an object for each endpoint, in the order of files and of the code:

    methods       array of strings: the HTTP methods that it answers, empty if that is not known
    path          string, from the root as far as that is known: `{}` is a parameter, `{**}` several
                  segments
    function      the full dotted name of the function or class that answers, or of the method of a
                  class whose methods answer each for themselves
    filename      absolute path
    location      {"row": 1, "column": 1}, where its name stands; both count from 1
    effects       array of strings, such as "db.write": what it does, itself or through calls
    tests         array of strings: the full dotted names of the tests that reach it
    statuses      array of numbers: the statuses that these tests expect of anything

Keys may be added, none is renamed or removed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from bedev_lint.escaping import escape
from bedev_lint.model import Location
from bedev_lint.report.json import as_location, as_text
from bedev_lint.report.text import Page, counted, paint, shown_path

__all__ = ["EndpointSummary", "as_json", "as_page"]


class EndpointSummary(NamedTuple):
    """An endpoint with what it does, and with its tests."""

    methods: tuple[str, ...]
    path: str
    function: str
    filename: str
    location: Location
    effects: tuple[str, ...]
    tests: tuple[str, ...]
    statuses: tuple[int, ...]


def as_json(endpoints: Sequence[EndpointSummary]) -> str:
    """Return the JSON array that the docstring above describes."""
    objects = [
        {
            "methods": [as_text(method) for method in one.methods],
            "path": as_text(one.path),
            "function": as_text(one.function),
            "filename": as_text(one.filename),
            "location": as_location(one.location),
            "effects": list(one.effects),
            "tests": [as_text(test) for test in one.tests],
            "statuses": list(one.statuses),
        }
        for one in endpoints
    ]
    return json.dumps(objects, indent=2) + "\n"


def as_page(endpoints: Sequence[EndpointSummary], page: Page) -> str:
    """Return what a person reads: an endpoint, what it does and how it is tested."""
    lines = [line for one in endpoints for line in (*_lines(one, page), "")]
    untested = sum(not one.tests for one in endpoints)
    summary = counted(len(endpoints), "endpoint")
    if untested:
        summary += f", {untested} without a test"
    return "\n".join([*lines, summary]) + "\n"


def _lines(one: EndpointSummary, page: Page) -> list[str]:
    where = f"{shown_path(one.filename, page.base)}:{one.location.row}:{one.location.column}"
    methods = escape("/".join(one.methods)) or "ANY"
    heading = paint(f"{methods} {escape(one.path)}", "strong", page.colour)
    lines = [f"{heading}  {escape(one.function)}  {paint(where, 'faint', page.colour)}"]
    if one.effects:
        lines.append(f"  effects  {paint(escape(', '.join(one.effects)), 'help', page.colour)}")
    if one.tests:
        statuses = f", which expect {', '.join(map(str, one.statuses))}" if one.statuses else ""
        lines.append(f"  tests    {counted(len(one.tests), 'test')}{statuses}")
    return lines
