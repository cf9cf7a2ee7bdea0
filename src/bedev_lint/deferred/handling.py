"""`bedev_lint.syntax.handling`, imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedev_lint.deferred.importing import deferred

if TYPE_CHECKING:
    from bedev_lint.syntax.handling import (
        aftermath,
        answers,
        cleaning,
        excuses,
        forms,
        handing,
        handlers,
        infrastructure,
        interrupts,
        leaks,
        lineage,
        log,
        log_lines,
        logged,
        messages,
        misses,
        observing,
        outcomes,
        reading,
        several,
        silence,
        skipping,
        tries,
        wording,
    )
else:
    __getattr__ = deferred("bedev_lint.syntax.handling")

__all__ = [
    "aftermath",
    "answers",
    "cleaning",
    "excuses",
    "forms",
    "handing",
    "handlers",
    "infrastructure",
    "interrupts",
    "leaks",
    "lineage",
    "log",
    "log_lines",
    "logged",
    "messages",
    "misses",
    "observing",
    "outcomes",
    "reading",
    "several",
    "silence",
    "skipping",
    "tries",
    "wording",
]
