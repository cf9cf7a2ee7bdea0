"""From the facts of all modules: types, the call graph, effects, and what crosses boundaries."""

from __future__ import annotations

from bedev_lint.program.checks.violation import PathStep, Violation
from bedev_lint.program.linking.link import link, stored
from bedev_lint.program.linking.progress import Executor
from bedev_lint.program.linking.state import (
    TOO_LONG,
    ModuleState,
    Program,
    StoredProgram,
    StoredStep,
    StoredViolation,
)
from bedev_lint.program.structure.module import Facts, ModuleSource
from bedev_lint.program.structure.module_index import index_of

__all__ = [
    "TOO_LONG",
    "Executor",
    "Facts",
    "ModuleSource",
    "ModuleState",
    "PathStep",
    "Program",
    "StoredProgram",
    "StoredStep",
    "StoredViolation",
    "Violation",
    "index_of",
    "link",
    "stored",
]
