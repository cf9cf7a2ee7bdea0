"""From the facts of all modules: types, the call graph, effects, and what crosses boundaries."""

from __future__ import annotations

from bedev_lint.program.checks.violation import Step
from bedev_lint.program.linking.link import Each, link
from bedev_lint.program.linking.state import TOO_LONG, Crossed, Known, ModuleState, Program, Spot
from bedev_lint.program.structure.module import Facts, Source
from bedev_lint.program.structure.module_index import index_of

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
