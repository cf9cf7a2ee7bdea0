"""The map of a project: one HTML page that needs nothing else, or Mermaid text.

The page is `graph.html`, beside this file, with the map in it as JSON. Nothing of the linted
project becomes markup: `<`, `>` and `&` of the JSON are escaped, and the page's script puts every
text into the document as text. A policy in the page forbids it to load or send anything, and to
run any other script.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, NamedTuple

from bedev_lint.model import Confidence, Severity
from bedev_lint.report.json import as_text
from bedev_lint.report.page import filled
from bedev_lint.report.text import counted

__all__ = ["Call", "Function", "Layer", "Map", "Touch", "Violation", "as_html", "as_mermaid"]

# Packages of a layer that Mermaid text names.
_MOST_PACKAGES = 6


class Layer(NamedTuple):
    """A layer. `has_context` is False for what belongs to no context."""

    name: str
    has_context: bool


class Function(NamedTuple):
    """A function that comes to an effect: index of its module, name, index of its layer."""

    module: int
    name: str
    layer: int
    row: int


class Call(NamedTuple):
    """A function (by index) calls another one, in this row."""

    caller: int
    callee: int
    row: int
    certain: bool


class Touch(NamedTuple):
    """A function (by index) has an effect (by index) itself; `label` is what it calls."""

    function: int
    effect: int
    row: int
    label: str
    certain: bool


class Violation(NamedTuple):
    """A finding with a path: `function` is where it begins; a hop is name, module and row."""

    code: str
    name: str
    title: str
    severity: Severity
    confidence: Confidence
    function: int
    effect: int
    path: tuple[tuple[str, int, int], ...]


class Map(NamedTuple):
    """What is drawn. Modules are path and name; `members` the module and layer of a function.

    `members` are all functions, `functions` those of them that come to an effect.
    """

    title: str
    layers: list[Layer]
    effects: list[tuple[str, str]]
    modules: list[tuple[str, str]]
    members: list[tuple[int, int]]
    functions: list[Function]
    calls: list[Call]
    touches: list[Touch]
    violations: list[Violation]


# ------------------------------------------------------------------ HTML


def as_html(map_: Map) -> str:
    """Return the page."""
    return filled("graph.html", _plain(map_))


def _plain(map_: Map) -> dict[str, Any]:
    sizes = Counter(map_.members)
    return {
        "title": as_text(map_.title),
        "layers": [[as_text(layer.name), layer.has_context] for layer in map_.layers],
        "effects": [[as_text(name), as_text(title)] for name, title in map_.effects],
        "modules": [[as_text(path), as_text(name)] for path, name in map_.modules],
        "sizes": [[module, layer, size] for (module, layer), size in sorted(sizes.items())],
        "functions": [[f.module, as_text(f.name), f.layer, f.row] for f in map_.functions],
        "calls": [[c.caller, c.callee, c.row, int(c.certain)] for c in map_.calls],
        "touches": [
            [t.function, t.effect, t.row, as_text(t.label), int(t.certain)] for t in map_.touches
        ],
        "violations": [
            {
                "code": violation.code,
                "name": violation.name,
                "title": as_text(violation.title),
                "severity": violation.severity.value,
                "confidence": violation.confidence.value,
                "function": violation.function,
                "effect": violation.effect,
                "path": [[as_text(name), module, row] for name, module, row in violation.path],
            }
            for violation in map_.violations
        ],
    }


# ------------------------------------------------------------------ Mermaid


def as_mermaid(map_: Map) -> str:
    """Return a flow chart: layers with their largest packages, calls and effects with counts."""
    lines = ["flowchart TD"]
    for number, layer in enumerate(map_.layers):
        lines += _subgraph(number, layer, map_)
    touched = sorted({touch.effect for touch in map_.touches})
    for effect in touched:
        lines.append(f'  E{effect}(["{_label(map_.effects[effect][0])}"])')
    reds: list[int] = []
    arrows = _arrows(map_)
    for number, (arrow, is_red) in enumerate(arrows):
        lines.append(f"  {arrow}")
        if is_red:
            reds.append(number)
    lines.append("  classDef effect stroke-width:2px")
    lines += [f"  class E{effect} effect" for effect in touched]
    if reds:
        numbers = ",".join(map(str, reds))
        lines.append(f"  linkStyle {numbers} stroke:#d1242f,color:#d1242f,stroke-width:3px")
    return "\n".join(lines) + "\n"


def _subgraph(number: int, layer: Layer, map_: Map) -> list[str]:
    packages = Counter(
        _package(map_.modules[module][1]) for module, of in map_.members if of == number
    )
    if not packages:
        return []
    lines = [f'  subgraph L{number}["{_label(layer.name)}"]']
    ordered = sorted(packages.items(), key=lambda one: (-one[1], one[0]))
    for index, (name, count) in enumerate(ordered[:_MOST_PACKAGES]):
        lines.append(f'    L{number}P{index}["{_label(name)}<br>{counted(count, "function")}"]')
    rest = ordered[_MOST_PACKAGES:]
    if rest:
        count = sum(size for _, size in rest)
        lines.append(f'    L{number}R["{len(rest)} more<br>{counted(count, "function")}"]')
    return [*lines, "  end"]


def _package(module: str) -> str:
    return module.rpartition(".")[0] or module


def _arrows(map_: Map) -> list[tuple[str, bool]]:
    layer = [function.layer for function in map_.functions]
    calls = Counter(
        (layer[c.caller], layer[c.callee]) for c in map_.calls if layer[c.caller] != layer[c.callee]
    )
    touches = Counter((layer[f], e) for f, e in {(t.function, t.effect) for t in map_.touches})
    crossed = Counter((layer[v.function], v.effect) for v in map_.violations)
    arrows = [
        (f"L{one} -->|{counted(n, 'call')}| L{two}", False)
        for (one, two), n in sorted(calls.items())
    ]
    arrows += [(f"L{one} -.->|{n}| E{two}", False) for (one, two), n in sorted(touches.items())]
    arrows += [
        (f"L{one} ==>|{counted(n, 'violation')}| E{two}", True)
        for (one, two), n in sorted(crossed.items())
    ]
    return arrows


def _label(text: str) -> str:
    """Return text as it may stand in a quoted label: what could mean anything, as an entity."""
    return re.sub(r"[^\w .:/-]", lambda character: f"#{ord(character[0])};", as_text(text))
