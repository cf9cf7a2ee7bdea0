"""LibCST, and what knows it, imported when a check is run.

A visitor rule says in the same file which nodes it looks at and what it thinks of them. The first
is asked for every file, and must not cost the import that only the second needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import libcst as cst

    from bedev_lint.syntax import (
        aftermath,
        answers,
        artefacts,
        building,
        cleaning,
        constants,
        environment,
        excuses,
        fallback,
        handing,
        handlers,
        hosts,
        importing,
        infrastructure,
        interrupts,
        leaks,
        lineage,
        literals,
        log,
        log_lines,
        logged,
        loggers,
        messages,
        misses,
        module,
        needs,
        observing,
        opening,
        purpose,
        reading,
        records,
        relocating,
        replacing,
        scopes,
        silence,
        skipping,
        sql_texts,
        tries,
        value_sources,
        wording,
    )
else:

    class _Deferred:
        """A module that is imported when something of it is used."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, attribute: str) -> Any:
            value = getattr(importlib.import_module(self._name), attribute)
            setattr(self, attribute, value)  # asked for once
            return value

    def __getattr__(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _Deferred("libcst" if name == "cst" else f"bedev_lint.syntax.{name}")


__all__ = [
    "aftermath",
    "answers",
    "artefacts",
    "building",
    "cleaning",
    "constants",
    "cst",
    "environment",
    "excuses",
    "fallback",
    "handing",
    "handlers",
    "hosts",
    "importing",
    "infrastructure",
    "interrupts",
    "leaks",
    "lineage",
    "literals",
    "log",
    "log_lines",
    "logged",
    "loggers",
    "messages",
    "misses",
    "module",
    "needs",
    "observing",
    "opening",
    "purpose",
    "reading",
    "records",
    "relocating",
    "replacing",
    "scopes",
    "silence",
    "skipping",
    "sql_texts",
    "tries",
    "value_sources",
    "wording",
]
