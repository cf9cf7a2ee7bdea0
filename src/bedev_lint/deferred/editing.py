"""`bedev_lint.syntax.editing`, imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedev_lint.deferred.importing import deferred

if TYPE_CHECKING:
    from bedev_lint.syntax.editing import (
        importing,
        loggers,
        relocating,
        replacing,
    )
else:
    __getattr__ = deferred("bedev_lint.syntax.editing")

__all__ = [
    "importing",
    "loggers",
    "relocating",
    "replacing",
]
