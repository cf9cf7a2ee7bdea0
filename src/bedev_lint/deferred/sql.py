"""`bedev_lint.syntax.sql`, imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedev_lint.deferred.importing import deferred

if TYPE_CHECKING:
    from bedev_lint.syntax.sql import (
        aborted,
        adding,
        building,
        checked,
        locking,
        migrations,
        sql_texts,
        value_sources,
    )
else:
    __getattr__ = deferred("bedev_lint.syntax.sql")

__all__ = [
    "aborted",
    "adding",
    "building",
    "checked",
    "locking",
    "migrations",
    "sql_texts",
    "value_sources",
]
