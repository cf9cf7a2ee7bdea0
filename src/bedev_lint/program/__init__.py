"""From the facts of all modules: types, the call graph, effects, and what crosses boundaries."""

from __future__ import annotations

from bedev_lint.program.crossing import Step
from bedev_lint.program.index import index_of
from bedev_lint.program.linking import Each, link
from bedev_lint.program.state import TOO_LONG, Crossed, Known, ModuleState, Program, Spot
from bedev_lint.program.unit import Facts, Source

__all__ = [
    "TOO_LONG",
    "Crossed",
    "Each",
    "Facts",
    "Known",
    "ModuleState",
    "Program",
    "Source",
    "Spot",
    "Step",
    "index_of",
    "link",
]
