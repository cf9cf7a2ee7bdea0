r"""What functions do, for `bedev-lint effects`: as text, and as JSON for other programs.

The JSON is an array with an object for each function, in the order of files and of the code:

    function      its full dotted name; `<module>` stands for the code of a module itself
    filename      absolute path
    location      {"row": 1, "column": 1}, where its name stands; both count from 1
    contexts      array of strings: the contexts that it belongs to
    effects       array, an object for each effect that it has, itself or through calls:
        effect        string, such as "db.write"
        confidence    "certain" if imports and types prove the path, "likely" if a hop of it rests
                      on a naming convention
        thread        true if a hop of the path runs in another thread or process
        path          the shortest path to it (a certain one before a shorter one): array of
                      {"function", "filename", "location", "within", "implementations"}, from this
                      function to what has the effect; `within` are the regions ("loop",
                      "transaction") of the hop's function that the call stands in,
                      `implementations` as in what `check` writes
    unresolved    array of {"call", "location", "reason"}: calls in this function of which it is
                  not known what they call, so that what they do is missing above

Keys may be added, none is renamed or removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from bedev_lint.escaping import escape
from bedev_lint.model import Confidence, Hop, Location
from bedev_lint.report.json import as_location, as_text
from bedev_lint.report.text import Page, counted, implementing, paint, shown_path

__all__ = ["EffectPath", "FunctionSummary", "Unresolved", "as_json", "as_page"]


class EffectPath(NamedTuple):
    """An effect that a function has. `within` holds the regions of each hop of the path."""

    effect: str
    title: str
    confidence: Confidence
    thread: bool
    path: tuple[Hop, ...]
    within: tuple[tuple[str, ...], ...]


class Unresolved(NamedTuple):
    """A call of which it is not known what it calls."""

    call: str
    location: Location
    reason: str


class FunctionSummary(NamedTuple):
    """A function, and what it does."""

    function: str
    filename: str
    location: Location
    contexts: tuple[str, ...]
    deeds: tuple[EffectPath, ...]
    unresolved: tuple[Unresolved, ...]


# ------------------------------------------------------------------ JSON


def as_json(summaries_of: Sequence[FunctionSummary]) -> str:
    """Return the JSON array that the docstring above describes."""
    return json.dumps([_object(doer) for doer in summaries_of], indent=2) + "\n"


def _object(doer: FunctionSummary) -> dict[str, Any]:
    return {
        "function": as_text(doer.function),
        "filename": as_text(doer.filename),
        "location": as_location(doer.location),
        "contexts": list(doer.contexts),
        "effects": [
            {
                "effect": deed.effect,
                "confidence": deed.confidence.value,
                "thread": deed.thread,
                "path": [
                    {
                        "function": as_text(hop.function),
                        "filename": as_text(hop.filename),
                        "location": as_location(hop.location),
                        "within": list(within),
                        "implementations": [as_text(name) for name in hop.implementations],
                    }
                    for hop, within in zip(deed.path, deed.within, strict=True)
                ],
            }
            for deed in doer.deeds
        ],
        "unresolved": [
            {
                "call": as_text(call.call),
                "location": as_location(call.location),
                "reason": call.reason,
            }
            for call in doer.unresolved
        ],
    }


# ------------------------------------------------------------------ text


def as_page(summaries_of: Sequence[FunctionSummary], page: Page, in_full: bool) -> str:
    """Return what a person reads: all about few functions (`in_full`), a line per path of many."""
    if in_full:
        return "\n".join("\n".join(_in_full(doer, page)) + "\n" for doer in summaries_of)
    busy = [doer for doer in summaries_of if doer.deeds]
    lines = [line for doer in busy for line in (*_in_short(doer, page), "")]
    idle = len(summaries_of) - len(busy)
    missing = sum(len(doer.unresolved) for doer in summaries_of)
    summary = f"{counted(len(busy), 'function')} with effects, {idle} without"
    if missing:
        summary += f"; {counted(missing, 'call')} could not be resolved (--output-format json)"
    return "\n".join([*lines, summary]) + "\n"


def _heading(doer: FunctionSummary, page: Page) -> str:
    where = paint(_where(doer.filename, doer.location, page), "faint", page.colour)
    contexts = f"  [{escape(', '.join(doer.contexts))}]" if doer.contexts else ""
    return f"{paint(escape(doer.function), 'strong', page.colour)}  {where}{contexts}"


def _in_short(doer: FunctionSummary, page: Page) -> Iterator[str]:
    yield _heading(doer, page)
    width = max(len(deed.effect) for deed in doer.deeds)
    for deed in doer.deeds:
        path = " → ".join(_short(hop.function) for hop in deed.path[1:])
        yield f"  {_effect(deed.effect.ljust(width), page)}  {path}{_remarks(deed)}"


def _in_full(doer: FunctionSummary, page: Page) -> Iterator[str]:
    yield _heading(doer, page)
    if not doer.deeds:
        yield "  no effects that are known"
    for deed in doer.deeds:
        yield ""
        yield f"  {_effect(deed.effect, page)}  {escape(deed.title)}{_remarks(deed)}"
        yield from _hops(deed, page)
    if doer.unresolved:
        yield ""
        yield "  calls that could not be resolved, and may do more:"
        places = [_position(call.location) for call in doer.unresolved]
        calls = [escape(call.call) for call in doer.unresolved]
        wide, wider = max(map(len, places)), max(map(len, calls))
        for place, called, call in zip(places, calls, doer.unresolved, strict=True):
            shown = paint(place.ljust(wide), "faint", page.colour)
            yield f"    {shown}  {called.ljust(wider)}  {escape(call.reason)}"


def _hops(deed: EffectPath, page: Page) -> Iterator[str]:
    names = [escape(hop.function) for hop in deed.path]
    width = max(map(len, names))
    for name, hop, within in zip(names, deed.path, deed.within, strict=True):
        where = paint(_where(hop.filename, hop.location, page), "faint", page.colour)
        regions = f"  in a {escape(' in a '.join(within))}" if within else ""
        yield f"    {name.ljust(width)}  {where}{regions}"
        yield from implementing(hop)


def _remarks(deed: EffectPath) -> str:
    remarks = []
    if deed.confidence is Confidence.LIKELY:
        remarks.append("likely")
    if deed.thread:
        remarks.append("in another thread")
    return f"  ({', '.join(remarks)})" if remarks else ""


def _effect(text: str, page: Page) -> str:
    return paint(escape(text), "help", page.colour)


def _short(function: str) -> str:
    return escape(".".join(function.split(".")[-2:]))


def _where(filename: str, location: Location, page: Page) -> str:
    return f"{shown_path(filename, page.base)}:{_position(location)}"


def _position(location: Location) -> str:
    return f"{location.row}:{location.column}"
