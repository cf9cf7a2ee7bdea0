"""A URL, or its scheme and host, are read from the environment or the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.editing import relocating
from bedev_lint.fixer import on_nodes
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.visiting import LITERALS

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


@on_nodes(*LITERALS, message="Read it from the environment")
def fix(literal: cst.CSTNode, module: Module, options: Options) -> cst.Module | None:
    return relocating.relocated_origin(literal, module, texts(options, "settings"))
