"""One file per rule that has a fix, called as the rule is: what it writes, and how safe that is."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from bedev_lint.fixer import Fixer

__all__ = ["load"]


@cache
def load(name: str) -> Fixer | None:
    """Return what fixes findings of the rule of this name, if anything does.

    LibCST is not imported by that.
    """
    module = f"{__name__}.{name.replace('-', '_')}"
    if find_spec(module) is None:
        return None
    fixer: Fixer = import_module(module).fix
    return fixer
