"""From the facts of all modules: types, the call graph, effects, and what crosses boundaries."""

from __future__ import annotations

from bedev_lint.program.checks.violation import PathStep
from bedev_lint.program.linking.link import Each, link
from bedev_lint.program.linking.state import (
    TOO_LONG,
    Known,
    ModuleState,
    Program,
    StoredStep,
    StoredViolation,
)
from bedev_lint.program.structure.module import Facts, ModuleSource
from bedev_lint.program.structure.module_index import index_of

__all__ = [
    "TOO_LONG",
    "Each",
    "Facts",
    "Known",
    "ModuleSource",
    "ModuleState",
    "PathStep",
    "Program",
    "StoredStep",
    "StoredViolation",
    "index_of",
    "link",
]
