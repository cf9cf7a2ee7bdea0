"""A call gets the `timeout` that the rule's options say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.editing import replacing
from bedev_lint.fixer import on_nodes
from bedev_lint.model import Diagnostic, Options
from bedev_lint.options import texts

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def _takes_it(diagnostic: Diagnostic, options: Options) -> bool:
    """Return whether the function that is called has the parameter."""
    return not any(f"`{name}`" in diagnostic.message for name in texts(options, "set-when-made"))


@on_nodes("Call", message="Add `timeout`", offers=_takes_it)
def fix(call: cst.Call, module: Module, options: Options) -> cst.Module | None:
    seconds = cst.parse_expression(f"{options['timeout']:g}")
    new = replacing.with_keyword(call, "timeout", seconds)
    return None if new is None else replacing.replaced(module, call, new)
