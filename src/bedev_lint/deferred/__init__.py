"""LibCST, and what knows it, imported when a check is run.

A visitor rule says in the same file which nodes it looks at and what it thinks of them. The first
is asked for every file, and must not cost the import that only the second needs. The modules here
stand for the packages of `syntax` that have the same names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedev_lint.deferred.importing import Deferred, deferred

if TYPE_CHECKING:
    import libcst as cst

    from bedev_lint.syntax import (
        literals,
        module,
        needs,
        raw_bodies,
        receivers,
        route_functions,
        scopes,
    )
else:
    cst = Deferred("libcst")
    __getattr__ = deferred("bedev_lint.syntax")

__all__ = [
    "cst",
    "literals",
    "module",
    "needs",
    "raw_bodies",
    "receivers",
    "route_functions",
    "scopes",
]
