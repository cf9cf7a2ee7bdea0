"""`bedev_lint.syntax.strings`, imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedev_lint.deferred.importing import deferred

if TYPE_CHECKING:
    from bedev_lint.syntax.strings import (
        artefacts,
        configured,
        constants,
        developing,
        environment,
        fallback,
        hosts,
        kept,
        nearby,
        opening,
        overlays,
        permalinks,
        purpose,
        records,
        remarks,
        self_tests,
        shown,
        unfiled,
        uses,
    )
else:
    __getattr__ = deferred("bedev_lint.syntax.strings")

__all__ = [
    "artefacts",
    "configured",
    "constants",
    "developing",
    "environment",
    "fallback",
    "hosts",
    "kept",
    "nearby",
    "opening",
    "overlays",
    "permalinks",
    "purpose",
    "records",
    "remarks",
    "self_tests",
    "shown",
    "unfiled",
    "uses",
]
